"""One row for each layer (and each of its modes), optimizer, objective, activation and callback.

`test_every_layer.py`, `test_every_part.py`, `test_every_callback.py` and `layers/test_options.py` test
properties over these rows. Keyword arguments of `row` that it does not name are arguments of the layer.
"""

from functools import partial
from typing import NamedTuple

import numpy as np

from keras import backend as K
from keras import callbacks, optimizers
from keras import layers as L

SAMPLES = 4


class Row(NamedTuple):
    """A layer and its expected properties.

    Attributes:
        cls: class.
        shapes: list of the shapes of one sample, one for each input.
        loose: the same with None for each size that may be unknown, or None if all must be known.
        ids: int, if the inputs are ints below it; None if they are floats.
        mask: what happens to a mask: it "passes", is "used" (and not passed on), or "refused"; or the layer
            has "made" one.
        phase: whether training and testing differ.
        several: whether the layer is called on a list.
        outside: dict of the functions that its config refers to by name (`custom_objects`).
        kwargs: dict of arguments; a `functools.partial` in it is called for a new layer.
    """

    cls: type
    shapes: list
    loose: list | None
    ids: int | None
    mask: str
    phase: bool
    several: bool
    outside: dict
    kwargs: dict

    def layer(self):
        """Returns a new layer."""
        return self.cls(**{k: v() if isinstance(v, partial) else v for k, v in self.kwargs.items()})

    def data(self, seed=0):
        """Returns a list of arrays, one for each input."""
        random = np.random.RandomState(seed)
        shapes = [(SAMPLES, *shape) for shape in self.shapes]
        if self.ids:
            return [random.randint(0, self.ids, shape).astype("int32") for shape in shapes]
        return [random.standard_normal(shape).astype("float32") for shape in shapes]

    def __str__(self):
        values = {k: v.func if isinstance(v, partial) else v for k, v in self.kwargs.items()}
        said = [f"{k}={getattr(v, '__name__', v)}" for k, v in values.items()]
        return ",".join([self.cls.__name__, *said]).replace(" ", "")


def row(cls, shape, loose=None, ids=None, mask="refused", phase=False, outside=None, **kwargs):
    """Returns a row; `shape` and `loose` are lists if the layer takes several inputs."""
    several = isinstance(shape, list)
    shapes = shape if several else [shape]
    loose = loose if several or loose is None else [loose]
    return Row(cls, shapes, loose, ids, mask, phase, several, outside or {}, kwargs)


STEPS, ANY_STEPS = (5, 3), (None, 3)
IMAGE, ANY_IMAGE = (3, 6, 7), (3, None, None)
IMAGE_TF, ANY_IMAGE_TF = (6, 7, 3), (None, None, 3)
VOLUME, ANY_VOLUME = (2, 4, 5, 6), (2, None, None, None)
PAIR, ANY_PAIR = [STEPS, STEPS], [ANY_STEPS, ANY_STEPS]


def two_cells():
    return [L.LSTMCell(3), L.SimpleRNNCell(2)]


LAYERS = [
    # core
    row(L.Layer, (4,)),
    row(L.Dense, (4,), mask="passes", output_dim=3, activation="tanh"),
    row(
        L.Dense,
        STEPS,
        ANY_STEPS,
        mask="passes",
        output_dim=2,
        bias=False,
        W_regularizer="l2",
        W_constraint="nonneg",
    ),
    row(L.Dense, (4,), mask="passes", output_dim=3, activity_regularizer="activity_l1"),
    row(L.Activation, (4,), (None,), mask="passes", activation="softplus"),
    row(L.Dropout, (40,), (None,), mask="passes", phase=True, p=0.4),
    row(L.Flatten, IMAGE),
    row(L.Reshape, (6,), target_shape=(2, 3)),
    row(L.Reshape, (6, 2), (None, 2), target_shape=(-1, 4)),
    row(L.Permute, STEPS, (None, None), dims=(2, 1)),
    row(L.RepeatVector, (4,), (None,), n=3),
    row(L.Masking, STEPS, ANY_STEPS, mask="made", mask_value=0.5),
    row(L.Lambda, STEPS, ANY_STEPS, outside={"tanh": K.tanh}, function=K.tanh),
    row(L.Embedding, (5,), (None,), ids=7, mask="used", input_dim=7, output_dim=3),
    row(L.Embedding, (5,), ids=7, mask="made", input_dim=7, output_dim=3, mask_zero=True, input_length=5),
    row(L.Embedding, (5,), (None,), ids=30, mask="used", phase=True, input_dim=30, output_dim=3, dropout=0.5),
    row(L.BatchNormalization, (4,), mask="passes", phase=True),
    row(L.BatchNormalization, IMAGE, ANY_IMAGE, mask="passes", phase=True, axis=1),
    row(L.BatchNormalization, STEPS, ANY_STEPS, mask="passes", mode=1),
    row(L.BatchNormalization, (4,), mask="passes", mode=2),
    # several inputs
    row(L.Merge, PAIR, ANY_PAIR, mask="passes", mode="sum"),
    row(L.Merge, [(4,), (4,), (4,)], mask="passes", mode="ave"),
    row(L.Merge, PAIR, ANY_PAIR, mask="passes", mode="mul"),
    row(L.Merge, PAIR, ANY_PAIR, mask="passes", mode="max"),
    row(L.Merge, [(4,), (3,)], mask="passes", mode="concat"),
    row(L.Merge, [STEPS, (2, 3)], ANY_PAIR, mask="passes", mode="concat", concat_axis=1),
    row(L.Merge, [(4,), (4,)], mask="used", mode="dot"),
    row(L.Merge, [STEPS, (5, 2)], mask="used", mode="dot", dot_axes=1),
    row(L.Merge, [(4,), (4,)], mask="used", mode="cos"),
    row(L.Subtract, PAIR, ANY_PAIR, mask="passes"),
    row(L.Minimum, PAIR, ANY_PAIR, mask="passes"),
    # convolutional
    row(L.Convolution2D, IMAGE, ANY_IMAGE, nb_filter=2, nb_row=3, nb_col=2, activation="relu"),
    row(L.Convolution2D, IMAGE, ANY_IMAGE, nb_filter=2, nb_row=3, nb_col=3, border_mode="same"),
    row(L.Convolution2D, IMAGE, ANY_IMAGE, nb_filter=2, nb_row=3, nb_col=3, subsample=(2, 3)),
    row(L.Convolution2D, IMAGE_TF, ANY_IMAGE_TF, nb_filter=2, nb_row=3, nb_col=2, dim_ordering="tf"),
    row(L.ZeroPadding1D, STEPS, ANY_STEPS, padding=(1, 2)),
    row(L.ZeroPadding2D, IMAGE, ANY_IMAGE, padding=(1, 2, 0, 3)),
    row(L.ZeroPadding3D, VOLUME, ANY_VOLUME, padding=(1, 2, 3)),
    # pooling
    row(L.MaxPooling1D, STEPS, ANY_STEPS, pool_length=2),
    row(L.AveragePooling1D, STEPS, ANY_STEPS, pool_length=2, stride=1, border_mode="same"),
    row(L.MaxPooling2D, IMAGE, ANY_IMAGE, pool_size=(2, 3)),
    row(L.MaxPooling2D, IMAGE, ANY_IMAGE, pool_size=(3, 3), strides=(1, 1), border_mode="same"),
    row(L.MaxPooling2D, IMAGE_TF, ANY_IMAGE_TF, dim_ordering="tf"),
    row(L.AveragePooling2D, IMAGE, ANY_IMAGE, pool_size=(3, 3), strides=(2, 2), border_mode="same"),
    row(L.MaxPooling3D, VOLUME, ANY_VOLUME),
    row(L.AveragePooling3D, VOLUME, ANY_VOLUME, pool_size=(2, 2, 3)),
    row(L.GlobalMaxPooling1D, STEPS, ANY_STEPS),
    row(L.GlobalAveragePooling1D, STEPS, ANY_STEPS, mask="used"),
    row(L.GlobalMaxPooling2D, IMAGE, ANY_IMAGE),
    row(L.GlobalAveragePooling2D, IMAGE_TF, ANY_IMAGE_TF, dim_ordering="tf"),
    row(L.GlobalMaxPooling3D, VOLUME, ANY_VOLUME),
    row(L.GlobalAveragePooling3D, VOLUME, ANY_VOLUME),
    # recurrent
    row(L.SimpleRNN, STEPS, ANY_STEPS, mask="used", output_dim=2),
    row(L.GRU, STEPS, ANY_STEPS, mask="passes", output_dim=2, return_sequences=True),
    row(L.LSTM, STEPS, ANY_STEPS, mask="used", output_dim=2, go_backwards=True),
    row(L.LSTM, STEPS, ANY_STEPS, mask="passes", output_dim=2, return_sequences=True, consume_less="gpu"),
    row(L.GRU, STEPS, ANY_STEPS, mask="used", output_dim=2, consume_less="gpu"),
    row(L.LSTM, STEPS, mask="used", output_dim=2, unroll=True),
    row(L.LSTM, STEPS, ANY_STEPS, mask="used", phase=True, output_dim=9, dropout_W=0.5, dropout_U=0.5),
    # relatives of Dense
    row(L.MaxoutDense, (4,), output_dim=3, nb_feature=2),
    row(L.Highway, (4,), activation="tanh"),
    row(L.TimeDistributedDense, STEPS, ANY_STEPS, mask="passes", output_dim=2),
    row(L.ActivityRegularization, (4,), mask="passes", l1=0.1, l2=0.2),
    # dropout of whole features, noise
    row(L.SpatialDropout1D, STEPS, ANY_STEPS, mask="passes", phase=True, p=0.5),
    row(L.SpatialDropout2D, IMAGE, ANY_IMAGE, mask="passes", phase=True, p=0.5),
    row(L.SpatialDropout3D, VOLUME, mask="passes", phase=True, p=0.5),
    row(L.GaussianNoise, (9,), mask="passes", phase=True, sigma=0.5),
    row(L.GaussianDropout, (9,), mask="passes", phase=True, p=0.5),
    # activations with parameters
    row(L.LeakyReLU, (4,), mask="passes", alpha=0.2),
    row(L.PReLU, (4,), mask="passes", init="one"),
    row(L.PReLU, IMAGE, mask="passes", shared_axes=[2, 3]),
    row(L.ELU, (4,), mask="passes", alpha=0.7),
    row(L.ParametricSoftplus, (4,), mask="passes"),
    row(L.ThresholdedReLU, (4,), mask="passes", theta=0.3),
    row(L.SReLU, (4,), mask="passes", a_right_init="zero"),  # at slope 1 the threshold has no gradient
    # the other convolutions
    row(L.Convolution1D, STEPS, ANY_STEPS, nb_filter=2, filter_length=2, activation="tanh"),
    row(L.AtrousConvolution1D, STEPS, ANY_STEPS, nb_filter=2, filter_length=2, atrous_rate=2),
    row(L.AtrousConvolution2D, IMAGE, ANY_IMAGE, nb_filter=2, nb_row=2, nb_col=2, atrous_rate=(2, 1)),
    row(L.Convolution3D, VOLUME, nb_filter=2, kernel_dim1=2, kernel_dim2=2, kernel_dim3=1),
    row(L.Conv2DTranspose, (2, 3, 4), nb_filter=3, nb_row=2, nb_col=3, subsample=(2, 1)),
    row(L.Deconvolution2D, (2, 3, 4), nb_filter=3, nb_row=2, nb_col=2, output_shape=(None, 3, 4, 5)),
    row(L.SeparableConvolution2D, IMAGE_TF, nb_filter=3, nb_row=2, nb_col=2, dim_ordering="tf"),
    row(L.SeparableConvolution2D, IMAGE, nb_filter=3, nb_row=2, nb_col=2, depth_multiplier=2),
    row(L.LocallyConnected1D, STEPS, nb_filter=2, filter_length=2),
    row(L.LocallyConnected2D, IMAGE, nb_filter=2, nb_row=2, nb_col=2, subsample=(1, 2)),
    row(L.LocallyConnected2D, IMAGE_TF, nb_filter=2, nb_row=2, nb_col=2, dim_ordering="tf"),
    # cropping and enlarging
    row(L.Cropping1D, STEPS, ANY_STEPS, cropping=(1, 1)),
    row(L.Cropping2D, IMAGE, ANY_IMAGE, cropping=((1, 0), (0, 2))),
    row(L.Cropping3D, VOLUME, cropping=((1, 0), (0, 1), (0, 0))),
    row(L.UpSampling1D, STEPS, ANY_STEPS, length=3),
    row(L.UpSampling2D, IMAGE, ANY_IMAGE, size=(2, 3)),
    row(L.UpSampling3D, VOLUME, size=(1, 2, 2)),
    # recurrent over images
    row(L.ConvLSTM2D, (3, *IMAGE), mask="used", nb_filter=2, nb_row=2, nb_col=2),
    row(
        L.ConvLSTM2D,
        (3, *IMAGE_TF),
        mask="passes",
        phase=True,
        nb_filter=2,
        nb_row=2,
        nb_col=2,
        dim_ordering="tf",
        border_mode="same",
        return_sequences=True,
        dropout_W=0.5,
        dropout_U=0.5,
    ),
    # wrappers
    row(L.TimeDistributed, STEPS, ANY_STEPS, mask="passes", layer=partial(L.Dense, 2, activation="tanh")),
    row(
        L.TimeDistributed, (2, *IMAGE), (None, *IMAGE), mask="passes", layer=partial(L.Convolution2D, 2, 3, 3)
    ),
    row(
        L.TimeDistributed,
        [(5, 2), (5, 2, 3)],
        [(None, 2), (None, 2, 3)],
        mask="passes",
        layer=partial(L.Dot, 1),
    ),
    row(L.Bidirectional, STEPS, ANY_STEPS, mask="used", layer=partial(L.LSTM, 2)),
    row(
        L.Bidirectional,
        STEPS,
        ANY_STEPS,
        mask="passes",
        layer=partial(L.GRU, 2, return_sequences=True),
        merge_mode="sum",
    ),
    # of later versions
    row(L.LayerNormalization, STEPS, ANY_STEPS, mask="passes", beta_initializer="one"),
    row(L.LayerNormalization, IMAGE, (3, None, None), mask="passes", axis=1, center=False),
    row(L.RMSNormalization, STEPS, ANY_STEPS, mask="passes"),
    row(L.MultiHeadAttention, PAIR, ANY_PAIR, mask="passes", num_heads=2, key_dim=2),
    row(
        L.MultiHeadAttention,
        [STEPS, (4, 2), (4, 3)],
        [ANY_STEPS, (None, 2), ANY_STEPS],
        mask="passes",
        phase=True,
        num_heads=3,
        key_dim=2,
        value_dim=1,
        output_shape=4,
        use_bias=False,
        dropout=0.5,
    ),
    row(L.AlphaDropout, (40,), (None,), mask="passes", phase=True, rate=0.4),
    row(L.DepthwiseConv2D, IMAGE, ANY_IMAGE, kernel_size=(3, 2), depth_multiplier=2, activation="tanh"),
    row(
        L.DepthwiseConv2D, IMAGE_TF, ANY_IMAGE_TF, kernel_size=2, padding="same", data_format="channels_last"
    ),
    row(L.SeparableConv1D, STEPS, ANY_STEPS, filters=2, kernel_size=2, depth_multiplier=2),
    row(L.Conv1DTranspose, STEPS, filters=2, kernel_size=3, strides=2),
    row(L.Conv3DTranspose, (2, 2, 3, 2), filters=2, kernel_size=2, strides=(1, 2, 1), padding="same"),
    row(L.RNN, STEPS, ANY_STEPS, mask="used", cell=partial(L.GRUCell, 2, reset_after=True)),
    row(L.RNN, STEPS, ANY_STEPS, mask="passes", cell=partial(two_cells), return_sequences=True),
    row(L.RNN, STEPS, ANY_STEPS, mask="used", phase=True, cell=partial(L.LSTMCell, 9, dropout=0.5)),
    row(L.ReLU, (4,), (None,), mask="passes", max_value=1.0, negative_slope=0.1),
    row(L.Softmax, STEPS, ANY_STEPS, mask="passes", axis=1),
    row(L.Dot, PAIR, ANY_PAIR, mask="used", axes=2, normalize=True),
    row(L.SimpleRNN, STEPS, ANY_STEPS, mask="used", units=2, use_bias=False),
    row(L.LSTM, STEPS, ANY_STEPS, mask="used", units=2, recurrent_activation="sigmoid"),
]

#: Classes without a row, and why.
WITHOUT_ROW = {
    L.InputLayer: "every model of these tests begins with one",
    L.Recurrent: "base class",
    L.CuDNNGRU: "becomes a GRU when it is made",
    L.CuDNNLSTM: "becomes an LSTM when it is made",
    L.ConvRecurrent2D: "base class",
    L.Wrapper: "base class",
    **dict.fromkeys(
        (L.LSTMCell, L.GRUCell, L.SimpleRNNCell, L.StackedRNNCells), "a cell runs inside RNN, which has rows"
    ),
    **dict.fromkeys(
        (L.Add, L.Multiply, L.Average, L.Maximum, L.Concatenate, L.Dot, L.ReLU, L.Softmax),
        "Keras 2's name: becomes a Merge or an Activation on construction, unless a row says otherwise",
    ),
}

#: (class, arguments)
OPTIMIZERS = [
    (optimizers.SGD, {}),
    (optimizers.SGD, {"lr": 0.1, "momentum": 0.9, "nesterov": True, "decay": 0.01}),
    (optimizers.RMSprop, {}),
    (optimizers.Adagrad, {"decay": 0.1}),
    (optimizers.Adadelta, {}),
    (optimizers.Adam, {"clipnorm": 0.5}),
    (optimizers.Adamax, {"clipvalue": 0.1}),
    (optimizers.Nadam, {}),
    (optimizers.AdamW, {"weight_decay": 0.1}),
    (optimizers.Lion, {"decay": 0.1, "lr_multipliers": {}}),
    (optimizers.Adam, {"use_ema": True, "gradient_accumulation_steps": 2}),
]

#: Name -> the kind of its targets: "any" numbers, "positive" ones, "signs", "parts" (0 to 1), "classes"
#: (one-hot), or "ids" of classes. The predictions are positive and sum to 1.
OBJECTIVES = {
    "mean_squared_error": "any",
    "mean_absolute_error": "any",
    "mean_absolute_percentage_error": "positive",
    "mean_squared_logarithmic_error": "positive",
    "squared_hinge": "signs",
    "hinge": "signs",
    "categorical_crossentropy": "classes",
    "sparse_categorical_crossentropy": "ids",
    "binary_crossentropy": "parts",
    "kullback_leibler_divergence": "classes",
    "poisson": "positive",
    "cosine_proximity": "any",
    "cosine_similarity": "any",
    "categorical_hinge": "classes",
    "logcosh": "any",
}

ACTIVATIONS = (
    *("softmax", "elu", "softplus", "softsign", "relu", "tanh", "sigmoid", "hard_sigmoid", "linear"),
    *("selu", "exponential", "gelu", "silu", "mish"),
)

#: (class, arguments); in strings, "FOLDER" is replaced by a temporary folder and "SERVER" by a test server.
CALLBACKS = [
    (callbacks.Callback, {}),
    (callbacks.BaseLogger, {}),
    (callbacks.ProgbarLogger, {}),
    (callbacks.History, {}),
    (callbacks.ModelCheckpoint, {"filepath": "FOLDER/{epoch}.h5"}),
    (callbacks.ModelCheckpoint, {"filepath": "FOLDER/w.h5", "monitor": "loss", "save_best_only": True}),
    (callbacks.ModelCheckpoint, {"filepath": "FOLDER/w.h5", "save_weights_only": True}),
    (callbacks.TrainingCheckpoint, {"filepath": "FOLDER/state.h5", "batches": 1}),
    (callbacks.EarlyStopping, {"monitor": "loss", "patience": 9}),
    (callbacks.EarlyStopping, {"monitor": "loss", "patience": 9, "restore_best_weights": True}),
    (callbacks.TerminateOnNaN, {}),
    (callbacks.BackupAndRestore, {"backup_dir": "FOLDER/backup"}),
    (callbacks.EpochMetrics, {"metrics": np.allclose, "data": (np.zeros((4, 3)), np.zeros((4, 2)))}),
    (callbacks.Profile, {"log_dir": "FOLDER"}),
    (callbacks.Tracker, {"run": lambda logs, step: None}),
    (callbacks.RemoteMonitor, {"root": "SERVER"}),
    (callbacks.LearningRateScheduler, {"schedule": lambda epoch: 0.1 / (1 + epoch)}),
    (callbacks.TensorBoard, {"log_dir": "FOLDER", "histogram_freq": 1, "write_images": True}),
    (callbacks.ReduceLROnPlateau, {"monitor": "loss", "patience": 0, "epsilon": 10.0}),
    (callbacks.CSVLogger, {"filename": "FOLDER/log.csv", "append": True}),
    (callbacks.LambdaCallback, {"on_epoch_end": lambda epoch, logs: None}),
]
