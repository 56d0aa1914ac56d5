"""The cases that `record_keras_2.py` runs under Keras 2.3.1, and the tests here, in Keras 2's names.

Both versions of Python read this file. In an expression, `L` is keras.layers, `O` keras.optimizers, `S`
keras.losses and `M` keras.metrics.
"""

#: Name -> (expression of a layer, shapes of the samples of its inputs).
LAYERS = {
    "dense": ("L.Dense(3, activation='tanh', bias_initializer='ones')", [(4,)]),
    "dense_no_bias": ("L.Dense(3, use_bias=False)", [(2, 4)]),
    "conv1d": ("L.Conv1D(3, 2, padding='same', activation='relu')", [(5, 4)]),
    "conv1d_causal_free": ("L.Conv1D(3, 2, strides=2)", [(7, 4)]),
    "conv1d_dilated": ("L.Conv1D(3, 2, dilation_rate=2)", [(7, 4)]),
    "conv2d": ("L.Conv2D(3, 3, strides=2)", [(7, 6, 2)]),
    "conv2d_dilated": ("L.Conv2D(3, (2, 3), dilation_rate=2, padding='same')", [(7, 6, 2)]),
    "conv3d": ("L.Conv3D(2, 2)", [(4, 3, 4, 2)]),
    "conv2d_transpose": ("L.Conv2DTranspose(3, 3, strides=2, padding='same')", [(4, 3, 2)]),
    "conv2d_transpose_padded": ("L.Conv2DTranspose(3, 3, strides=2, output_padding=1)", [(4, 3, 2)]),
    "conv3d_transpose": ("L.Conv3DTranspose(2, 3, strides=2, padding='same')", [(2, 3, 2, 2)]),
    "separable2d": ("L.SeparableConv2D(3, 3, depth_multiplier=2)", [(6, 5, 2)]),
    "separable2d_dilated": ("L.SeparableConv2D(3, 2, dilation_rate=2)", [(6, 5, 2)]),
    "separable1d": ("L.SeparableConv1D(3, 3, depth_multiplier=2, padding='same')", [(6, 2)]),
    "depthwise2d": ("L.DepthwiseConv2D(3, strides=2, depth_multiplier=2, padding='same')", [(6, 6, 2)]),
    "local1d": ("L.LocallyConnected1D(3, 2)", [(5, 4)]),
    "local2d": ("L.LocallyConnected2D(3, (2, 2))", [(4, 5, 2)]),
    "max_pool": ("L.MaxPooling2D(2)", [(4, 6, 2)]),
    "average_pool_same": ("L.AveragePooling2D(3, strides=2, padding='same')", [(5, 6, 2)]),
    "max_pool_1d": ("L.MaxPooling1D(2)", [(6, 3)]),
    "global_average": ("L.GlobalAveragePooling2D()", [(4, 3, 2)]),
    "upsampling": ("L.UpSampling2D((2, 3))", [(2, 3, 2)]),
    "upsampling_bilinear": ("L.UpSampling2D(2, interpolation='bilinear')", [(3, 4, 2)]),
    "zero_padding": ("L.ZeroPadding2D(((1, 0), (2, 1)))", [(3, 2, 2)]),
    "cropping": ("L.Cropping2D(1)", [(4, 5, 2)]),
    "batch_normalization": ("L.BatchNormalization(momentum=0.8)", [(3, 4)]),
    "batch_normalization_plain": ("L.BatchNormalization(center=False, scale=False, axis=1)", [(3, 4)]),
    "simple_rnn": ("L.SimpleRNN(3, return_sequences=True)", [(5, 4)]),
    "gru": ("L.GRU(3)", [(5, 4)]),
    "gru_reset_after": ("L.GRU(3, reset_after=True, return_sequences=True)", [(5, 4)]),
    "lstm": ("L.LSTM(3)", [(5, 4)]),
    "lstm_no_bias": ("L.LSTM(3, use_bias=False, go_backwards=True, return_sequences=True)", [(5, 4)]),
    "lstm_hard": ("L.LSTM(3, recurrent_activation='hard_sigmoid', implementation=1)", [(5, 4)]),
    "bidirectional": ("L.Bidirectional(L.GRU(3, return_sequences=True))", [(5, 4)]),
    "rnn_cells": ("L.RNN([L.LSTMCell(3), L.GRUCell(2)], return_sequences=True)", [(5, 4)]),
    "rnn_simple_cell": ("L.RNN(L.SimpleRNNCell(3))", [(5, 4)]),
    "rnn_gru_cell_reset_after": ("L.RNN(L.GRUCell(3, reset_after=True))", [(5, 4)]),
    "conv_lstm": ("L.ConvLSTM2D(2, 3, padding='same', return_sequences=True)", [(3, 4, 5, 2)]),
    "conv_lstm_options": (
        "L.ConvLSTM2D(2, 2, dilation_rate=2, use_bias=False, recurrent_activation='sigmoid')",
        [(3, 5, 5, 2)],
    ),
    "time_distributed": ("L.TimeDistributed(L.Dense(3))", [(5, 4)]),
    "prelu": ("L.PReLU(shared_axes=[1])", [(3, 4)]),
    "leaky_relu": ("L.LeakyReLU(0.1)", [(4,)]),
    "elu": ("L.ELU(0.5)", [(4,)]),
    "relu6": ("L.ReLU(0.6, negative_slope=0.1, threshold=0.1)", [(4,)]),
    "softmax_axis": ("L.Softmax(axis=1)", [(3, 4)]),
    "selu": ("L.Activation('selu')", [(4,)]),
    "exponential": ("L.Activation('exponential')", [(4,)]),
    "flatten": ("L.Flatten()", [(2, 3, 2)]),
    "reshape": ("L.Reshape((3, 4))", [(2, 6)]),
    "permute": ("L.Permute((2, 1))", [(2, 3)]),
    "repeat": ("L.RepeatVector(3)", [(4,)]),
    "add": ("L.Add()", [(4,), (4,), (4,)]),
    "subtract": ("L.Subtract()", [(4,), (4,)]),
    "multiply": ("L.Multiply()", [(4,), (4,)]),
    "average": ("L.Average()", [(4,), (4,)]),
    "maximum": ("L.Maximum()", [(4,), (4,)]),
    "minimum": ("L.Minimum()", [(4,), (4,)]),
    "concatenate": ("L.Concatenate(axis=1)", [(2, 3), (4, 3)]),
    "dot": ("L.Dot(axes=1)", [(3, 2), (3, 4)]),
    "dot_normalized": ("L.Dot(axes=1, normalize=True)", [(4,), (4,)]),
}

#: Name -> expression of an optimizer; a model of 5-4-2 is trained with it for 6 epochs of 3 batches.
OPTIMIZERS = {
    "sgd": "O.SGD(0.05)",
    "sgd_nesterov": "O.SGD(lr=0.05, momentum=0.9, nesterov=True, decay=0.01)",
    "rmsprop": "O.RMSprop()",
    "rmsprop_decay": "O.RMSprop(lr=0.01, decay=0.1)",
    "adagrad": "O.Adagrad()",
    "adadelta": "O.Adadelta()",
    "adam": "O.Adam(0.01)",
    "adam_amsgrad": "O.Adam(lr=0.01, amsgrad=True)",
    "adam_clipvalue": "O.Adam(learning_rate=0.01, clipvalue=0.05)",
    "adamax": "O.Adamax()",
    "nadam": "O.Nadam()",
}

#: Name -> expression of a function (y_true, y_pred) -> losses, or of a loss object. (The functions `hinge`
#: and
#: `squared_hinge` are those of Keras 1; Keras 2.3 takes labels 0 and 1 for -1 and 1, as the objects do here.)
LOSSES = {
    name: "S." + name
    for name in (
        "mean_squared_error mean_absolute_error mean_absolute_percentage_error "
        "mean_squared_logarithmic_error "
        "categorical_hinge logcosh categorical_crossentropy binary_crossentropy "
        "kullback_leibler_divergence poisson cosine_similarity"
    ).split()
}
LOSS_OBJECTS = {
    "mse": "S.MeanSquaredError()",
    "mae_sum": "S.MeanAbsoluteError(reduction='sum')",
    "mape": "S.MeanAbsolutePercentageError()",
    "msle": "S.MeanSquaredLogarithmicError()",
    "bce": "S.BinaryCrossentropy()",
    "bce_smooth": "S.BinaryCrossentropy(label_smoothing=0.2)",
    "bce_logits": "S.BinaryCrossentropy(from_logits=True)",
    "cce": "S.CategoricalCrossentropy()",
    "cce_smooth": "S.CategoricalCrossentropy(label_smoothing=0.2)",
    "cce_logits": "S.CategoricalCrossentropy(from_logits=True)",
    "hinge": "S.Hinge()",
    "squared_hinge": "S.SquaredHinge()",
    "categorical_hinge": "S.CategoricalHinge()",
    "poisson": "S.Poisson()",
    "logcosh": "S.LogCosh()",
    "kld": "S.KLDivergence()",
    "huber": "S.Huber(0.3)",
}

#: Name -> expression of a metric; its value after three batches of `evaluate`.
METRICS = {
    "binary_accuracy": "M.BinaryAccuracy(threshold=0.4)",
    "categorical_accuracy": "M.CategoricalAccuracy()",
    "top_k": "M.TopKCategoricalAccuracy(k=2)",
    "mse": "M.MeanSquaredError()",
    "rmse": "M.RootMeanSquaredError()",
    "cosine": "M.CosineSimilarity()",
    "logcosh": "M.LogCoshError()",
    "auc": "M.AUC()",
    "auc_pr": "M.AUC(curve='PR', num_thresholds=50)",
    "auc_minoring": "M.AUC(summation_method='minoring')",
    "precision": "M.Precision()",
    "precision_class": "M.Precision(class_id=1)",
    "recall": "M.Recall(thresholds=0.3)",
    "recall_top_k": "M.Recall(top_k=2)",
    "true_positives": "M.TruePositives(thresholds=0.4)",
    "true_negatives": "M.TrueNegatives()",
    "false_positives": "M.FalsePositives()",
    "false_negatives": "M.FalseNegatives()",
    "sensitivity": "M.SensitivityAtSpecificity(0.6)",
    "specificity": "M.SpecificityAtSensitivity(0.6)",
    "kld": "M.KLDivergence()",
    "cce": "M.CategoricalCrossentropy()",
}

#: Name -> expression of a layer that is called on a masked sequence (5, 4).
MASKS = {
    "dense": "L.Dense(3)",
    "activation": "L.Activation('softmax')",
    "softmax": "L.Softmax(axis=1)",
    "leaky_relu": "L.LeakyReLU()",
    "dropout": "L.Dropout(0.5)",
    "batch_normalization": "L.BatchNormalization()",
    "global_average": "L.GlobalAveragePooling1D()",
    "global_max": "L.GlobalMaxPooling1D()",
    "max_pool": "L.MaxPooling1D()",
    "average_pool": "L.AveragePooling1D()",
    "conv": "L.Conv1D(2, 2)",
    "separable": "L.SeparableConv1D(2, 2)",
    "flatten": "L.Flatten()",
    "reshape": "L.Reshape((4, 5))",
    "permute": "L.Permute((2, 1))",
    "upsampling": "L.UpSampling1D(2)",
    "cropping": "L.Cropping1D(1)",
    "padding": "L.ZeroPadding1D(1)",
    "local": "L.LocallyConnected1D(2, 2)",
    "lstm": "L.LSTM(3)",
    "lstm_backwards": "L.LSTM(3, go_backwards=True, return_sequences=True)",
    "gru_sequences": "L.GRU(3, return_sequences=True)",
    "simple_unrolled": "L.SimpleRNN(3, unroll=True, return_sequences=True)",
    "bidirectional": "L.Bidirectional(L.LSTM(3, return_sequences=True))",
    "bidirectional_last": "L.Bidirectional(L.GRU(3), merge_mode='sum')",
    "rnn_cell": "L.RNN(L.GRUCell(3), return_sequences=True)",
    "rnn_cells": "L.RNN([L.LSTMCell(3), L.GRUCell(2)], return_sequences=True)",
    "rnn_cells_alike": "L.RNN([L.LSTMCell(3), L.LSTMCell(3)], return_sequences=True)",
    "rnn_cells_alike_last": "L.RNN([L.GRUCell(3), L.GRUCell(3)])",
    "time_distributed": "L.TimeDistributed(L.Dense(3))",
    "time_distributed_nested": "L.TimeDistributed(L.Lambda(lambda x: x * 2))",
}
