"""The table: Keras 2's names for the arguments and names of Keras 1.

A row lists the arguments under their Keras 2 names, in Keras 2's order, each in one of these forms:

    name           same name in both
    new=old        another name
    new=a,b        one size for each of a and b: a tuple, or one int for all
    new=old*2      a tuple of two, or one int for both (*1: an int, or a tuple of one)
    new=old**2     two pairs; an int or two ints if both sides are equal
    new:value      no counterpart in Keras 1; only this value (or one of a|b) is accepted, and has no effect
    new-           accepted and ignored

All layers also accept `dtype=input_dtype`. Arguments that have the same name in both and are not in the row
(`name`, `input_shape`, `weights`, ...) are passed on.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Row:
    """Keras 2's spelling of one class, method or function of Keras 1.

    Attributes:
        keywords: the arguments, in the forms above.
        recognized_by: which positional arguments mark a call as Keras 2 when it has no keyword arguments:
            "kernel" (the second is a tuple, or the last size is missing), "activation" (the second is the
            name of an activation), "always" (Keras 1 has no such class), or None.
        defaults: Keras 2's defaults by Keras 1 name, where results depend on them.
        becomes: name of the Keras 1 class that replaces this one, or None.
        only_if: name of a Keras 1 argument: the class changes only if it is given and is not 1.
        fixed: the Keras 1 arguments that this class of Keras 2 implies.
    """

    keywords: str
    recognized_by: str | None = None
    defaults: Mapping[str, Any] = field(default_factory=dict)
    becomes: str | None = None
    only_if: str | None = None
    fixed: Mapping[str, Any] = field(default_factory=dict)


_BIAS = "use_bias=bias"
_CONV_TAIL = (
    "kernel_initializer=init bias_initializer:zeros kernel_regularizer=W_regularizer "
    "bias_regularizer=b_regularizer activity_regularizer kernel_constraint=W_constraint "
    "bias_constraint=b_constraint"
)
_RECURRENT_PENALTIES = (
    "kernel_regularizer=W_regularizer recurrent_regularizer=U_regularizer bias_regularizer=b_regularizer "
    "activity_regularizer:None kernel_constraint:None recurrent_constraint:None bias_constraint:None"
)
_RECURRENT_INIT = (
    "use_bias:True kernel_initializer=init recurrent_initializer=inner_init bias_initializer:zeros"
)
_RECURRENT_RUN = "return_sequences return_state:False go_backwards stateful unroll"
_GATED = "units=output_dim activation recurrent_activation=inner_activation " + _RECURRENT_INIT
_DROPOUTS = "dropout=dropout_W recurrent_dropout=dropout_U"
# Keras 1's "orthogonal" is 1.1 times an orthogonal matrix, Keras 2's is one.
_ORTHOGONAL = {"inner_init": {"name": "Orthogonal", "gain": 1.0}}


def _conv(
    sizes: str,
    rank: int,
    subsample: str = "subsample",
    rates: str = "dilation_rate:1",
    ordering: str = "data_format=dim_ordering",
) -> str:
    return (
        f"filters=nb_filter kernel_size={sizes} strides={subsample}*{rank} padding=border_mode {ordering} "
        f"{rates} activation {_BIAS} {_CONV_TAIL}"
    )


def _local(sizes: str, rank: int, subsample: str, ordering: str) -> str:
    return _conv(sizes, rank, subsample, "", ordering)


_STEPS_ONLY = "data_format:channels_last|None"
_POOL_1D = f"pool_size=pool_length*1 strides=stride*1 padding=border_mode {_STEPS_ONLY}"


def _pool(rank: int) -> str:
    return f"pool_size*{rank} strides*{rank} padding=border_mode data_format=dim_ordering"


#: Layers, by their name in Keras 1.
LAYERS: dict[str, Row] = {
    "Dense": Row(f"units=output_dim activation {_BIAS} {_CONV_TAIL}", "activation"),
    "Activation": Row("activation"),
    "Dropout": Row("rate=p noise_shape seed"),
    "SpatialDropout1D": Row("rate=p"),
    "SpatialDropout2D": Row("rate=p data_format=dim_ordering"),
    "SpatialDropout3D": Row("rate=p data_format=dim_ordering"),
    "Flatten": Row(_STEPS_ONLY),
    "Reshape": Row("target_shape"),
    "Permute": Row("dims"),
    "RepeatVector": Row("n"),
    "Lambda": Row("function output_shape mask:None arguments"),
    "ActivityRegularization": Row("l1 l2"),
    "Masking": Row("mask_value"),
    "Convolution1D": Row(
        _conv("filter_length*1", 1, "subsample_length", "dilation_rate=atrous_rate*1", _STEPS_ONLY),
        "kernel",
        becomes="AtrousConvolution1D",
        only_if="atrous_rate",
    ),
    "Convolution2D": Row(
        _conv("nb_row,nb_col", 2, rates="dilation_rate=atrous_rate*2"),
        "kernel",
        becomes="AtrousConvolution2D",
        only_if="atrous_rate",
    ),
    "Convolution3D": Row(_conv("kernel_dim1,kernel_dim2,kernel_dim3", 3), "kernel"),
    "SeparableConvolution2D": Row(
        "filters=nb_filter kernel_size=nb_row,nb_col strides=subsample*2 padding=border_mode "
        "data_format=dim_ordering dilation_rate:1 depth_multiplier activation use_bias=bias "
        "depthwise_initializer=init pointwise_initializer=init bias_initializer:zeros "
        "depthwise_regularizer pointwise_regularizer bias_regularizer=b_regularizer activity_regularizer "
        "depthwise_constraint pointwise_constraint bias_constraint=b_constraint",
        "kernel",
    ),
    "Conv2DTranspose": Row(
        "filters=nb_filter kernel_size=nb_row,nb_col strides=subsample*2 padding=border_mode "
        "output_padding:None data_format=dim_ordering dilation_rate:1 activation use_bias=bias " + _CONV_TAIL,
        "always",
    ),
    "LocallyConnected1D": Row(_local("filter_length*1", 1, "subsample_length", _STEPS_ONLY), "kernel"),
    "LocallyConnected2D": Row(_local("nb_row,nb_col", 2, "subsample", "data_format=dim_ordering"), "kernel"),
    "ConvLSTM2D": Row(
        "filters=nb_filter kernel_size=nb_row,nb_col strides=subsample*2 padding=border_mode "
        "data_format=dim_ordering dilation_rate:1 activation recurrent_activation=inner_activation "
        f"{_RECURRENT_INIT} unit_forget_bias=forget_bias_init {_RECURRENT_PENALTIES} return_sequences "
        f"return_state:False go_backwards stateful unroll:False {_DROPOUTS}",
        "kernel",
        defaults=_ORTHOGONAL,
    ),
    "MaxPooling1D": Row(_POOL_1D),
    "AveragePooling1D": Row(_POOL_1D),
    **{f"{kind}Pooling{rank}D": Row(_pool(rank)) for kind in ("Max", "Average") for rank in (2, 3)},
    **{f"Global{kind}Pooling1D": Row(_STEPS_ONLY) for kind in ("Max", "Average")},
    **{
        f"Global{kind}Pooling{rank}D": Row("data_format=dim_ordering")
        for kind in ("Max", "Average")
        for rank in (2, 3)
    },
    "UpSampling1D": Row("size=length"),
    "UpSampling2D": Row("size*2 data_format=dim_ordering interpolation:nearest"),
    "UpSampling3D": Row("size*3 data_format=dim_ordering"),
    "ZeroPadding1D": Row("padding"),
    "ZeroPadding2D": Row("padding*2 data_format=dim_ordering"),
    "ZeroPadding3D": Row("padding*3 data_format=dim_ordering"),
    "Cropping1D": Row("cropping*2"),
    "Cropping2D": Row("cropping**2 data_format=dim_ordering"),
    "Cropping3D": Row("cropping**3 data_format=dim_ordering"),
    "Embedding": Row(
        "input_dim output_dim embeddings_initializer=init embeddings_regularizer=W_regularizer "
        "activity_regularizer embeddings_constraint=W_constraint mask_zero input_length"
    ),
    "BatchNormalization": Row(
        "axis momentum epsilon center:True scale:True beta_initializer=beta_init "
        "gamma_initializer=gamma_init moving_mean_initializer:zeros moving_variance_initializer:ones "
        "beta_regularizer gamma_regularizer beta_constraint:None gamma_constraint:None"
    ),
    "SimpleRNN": Row(
        f"units=output_dim activation {_RECURRENT_INIT} {_RECURRENT_PENALTIES} {_DROPOUTS} {_RECURRENT_RUN}",
        "activation",
        defaults=_ORTHOGONAL,
    ),
    "GRU": Row(
        f"{_GATED} {_RECURRENT_PENALTIES} {_DROPOUTS} implementation=consume_less {_RECURRENT_RUN} "
        "reset_after:False",
        "activation",
        defaults=_ORTHOGONAL,
    ),
    "LSTM": Row(
        f"{_GATED} unit_forget_bias=forget_bias_init {_RECURRENT_PENALTIES} {_DROPOUTS} "
        f"implementation=consume_less {_RECURRENT_RUN}",
        "activation",
        defaults=_ORTHOGONAL,
    ),
    "TimeDistributed": Row("layer"),
    "Bidirectional": Row("layer merge_mode weights"),
    "GaussianNoise": Row("stddev=sigma"),
    "GaussianDropout": Row("rate=p"),
    "LeakyReLU": Row("alpha"),
    "ELU": Row("alpha"),
    "ThresholdedReLU": Row("theta"),
    "PReLU": Row("alpha_initializer=init alpha_regularizer:None alpha_constraint:None shared_axes"),
    "InputLayer": Row("input_shape batch_size:None batch_input_shape dtype=input_dtype input_tensor sparse"),
    # Keras 2 classes that are Keras 1 classes with some arguments fixed.
    "Softmax": Row("axis:-1", becomes="Activation", fixed={"activation": "softmax"}),
    "ReLU": Row(
        "max_value:None negative_slope:0 threshold:0", becomes="Activation", fixed={"activation": "relu"}
    ),
    "Add": Row("trainable- dtype-", becomes="Merge", fixed={"mode": "sum"}),
    "Multiply": Row("trainable- dtype-", becomes="Merge", fixed={"mode": "mul"}),
    "Average": Row("trainable- dtype-", becomes="Merge", fixed={"mode": "ave"}),
    "Maximum": Row("trainable- dtype-", becomes="Merge", fixed={"mode": "max"}),
    "Concatenate": Row("axis=concat_axis trainable- dtype-", becomes="Merge", fixed={"mode": "concat"}),
    "Dot": Row("axes=dot_axes normalize:False trainable- dtype-", becomes="Merge", fixed={"mode": "dot"}),
    "Subtract": Row("trainable- dtype-"),
    "Minimum": Row("trainable- dtype-"),
}

#: Keras 2 names of Keras 1 classes; most are short names in Keras 1 as well.
CLASSES: dict[str, str] = {
    "Conv1D": "Convolution1D",
    "Conv2D": "Convolution2D",
    "Conv3D": "Convolution3D",
    "SeparableConv2D": "SeparableConvolution2D",
    "Convolution2DTranspose": "Conv2DTranspose",
    "MaxPool1D": "MaxPooling1D",
    "MaxPool2D": "MaxPooling2D",
    "MaxPool3D": "MaxPooling3D",
    "AvgPool1D": "AveragePooling1D",
    "AvgPool2D": "AveragePooling2D",
    "AvgPool3D": "AveragePooling3D",
    "GlobalMaxPool1D": "GlobalMaxPooling1D",
    "GlobalMaxPool2D": "GlobalMaxPooling2D",
    "GlobalMaxPool3D": "GlobalMaxPooling3D",
    "GlobalAvgPool1D": "GlobalAveragePooling1D",
    "GlobalAvgPool2D": "GlobalAveragePooling2D",
    "GlobalAvgPool3D": "GlobalAveragePooling3D",
}

#: Keras 2 classes without a counterpart here, and why; the error for a file that names one quotes this.
REFUSED: dict[str, str] = {
    "CuDNNLSTM": "its recurrent gates use the logistic function and two biases; no layer of Keras 1 has them",
    "CuDNNGRU": "it resets the state after the product (reset_after=True); no layer of Keras 1 does that",
    "DepthwiseConv2D": "Keras 1 has depthwise convolution only as part of SeparableConvolution2D",
    "SeparableConv1D": "Keras 1 has separable convolution for images only",
    "AlphaDropout": "Keras 1 has no such layer",
    "RNN": "Keras 1 has no cells; use SimpleRNN, GRU or LSTM",
    "StackedRNNCells": "Keras 1 has no cells; stack recurrent layers with return_sequences=True",
    "GRUCell": "Keras 1 has no cells; use GRU",
    "LSTMCell": "Keras 1 has no cells; use LSTM",
    "SimpleRNNCell": "Keras 1 has no cells; use SimpleRNN",
}

_FIT = (
    "x y batch_size epochs=nb_epoch verbose callbacks validation_split validation_data shuffle class_weight "
    "sample_weight initial_epoch steps_per_epoch:None validation_steps:None"
)
_WORKERS = "max_queue_size=max_q_size workers=nb_worker use_multiprocessing=pickle_safe"
_FIT_GENERATOR = (
    "generator steps_per_epoch=samples_per_epoch epochs=nb_epoch verbose callbacks validation_data "
    f"validation_steps=nb_val_samples class_weight {_WORKERS} shuffle- initial_epoch"
)
_GENERATOR = f"generator steps=val_samples {_WORKERS} verbose:0"
_COMPILE = "optimizer loss metrics loss_weights sample_weight_mode weighted_metrics:None target_tensors:None"

#: Methods and functions, by their path inside `keras`.
CALLS: dict[str, Row] = {
    "engine.container.Container.__init__": Row("inputs=input outputs=output name"),
    "models.Model.compile": Row(_COMPILE),
    "models.Model.fit": Row(_FIT),
    "models.Model.evaluate": Row("x y batch_size verbose sample_weight steps:None"),
    "models.Model.predict": Row("x batch_size verbose steps:None"),
    "models.Model.fit_generator": Row(_FIT_GENERATOR, defaults={"nb_epoch": 1}),
    "models.Model.evaluate_generator": Row(_GENERATOR),
    "models.Model.predict_generator": Row(_GENERATOR),
    "models.Sequential.compile": Row(_COMPILE),
    "models.Sequential.fit": Row(_FIT),
    "models.Sequential.evaluate": Row("x y batch_size verbose sample_weight steps:None"),
    "models.Sequential.predict": Row("x batch_size verbose steps:None"),
    "models.Sequential.fit_generator": Row(_FIT_GENERATOR, defaults={"nb_epoch": 1}),
    "models.Sequential.evaluate_generator": Row(_GENERATOR),
    # Only Keras 2.3 has `learning_rate`, so a call that uses it gets that version's epsilon.
    "optimizers.SGD.__init__": Row("learning_rate=lr momentum decay nesterov"),
    "optimizers.RMSprop.__init__": Row("learning_rate=lr rho epsilon decay", defaults={"epsilon": 1e-7}),
    "optimizers.Adagrad.__init__": Row("learning_rate=lr epsilon decay", defaults={"epsilon": 1e-7}),
    "optimizers.Adadelta.__init__": Row("learning_rate=lr rho epsilon decay", defaults={"epsilon": 1e-7}),
    "optimizers.Adam.__init__": Row(
        "learning_rate=lr beta_1 beta_2 epsilon decay amsgrad:False", defaults={"epsilon": 1e-7}
    ),
    "optimizers.Adamax.__init__": Row(
        "learning_rate=lr beta_1 beta_2 epsilon decay", defaults={"epsilon": 1e-7}
    ),
    "optimizers.Nadam.__init__": Row(
        "learning_rate=lr beta_1 beta_2 epsilon schedule_decay", defaults={"epsilon": 1e-7}
    ),
    "constraints.MaxNorm.__init__": Row("max_value=m axis"),
    "constraints.MinMaxNorm.__init__": Row("min_value=low max_value=high rate axis"),
    "utils.np_utils.to_categorical": Row("y num_classes=nb_classes"),
    "utils.visualize_util.plot": Row("model to_file show_shapes show_layer_names rankdir:TB"),
    "preprocessing.text.Tokenizer.__init__": Row("num_words=nb_words filters lower split char_level"),
    "preprocessing.image.ImageDataGenerator.__init__": Row("data_format=dim_ordering"),
    "preprocessing.image.img_to_array": Row("img data_format=dim_ordering"),
    "preprocessing.image.array_to_img": Row("x data_format=dim_ordering scale"),
    "datasets.imdb.load_data": Row(
        "path num_words=nb_words skip_top maxlen seed start_char oov_char index_from"
    ),
    "datasets.reuters.load_data": Row(
        "path num_words=nb_words skip_top maxlen test_split seed start_char oov_char index_from"
    ),
}

#: Keras 2 names, and the Keras 1 names they refer to; both are paths inside `keras`.
NAMES: dict[str, str] = {
    "losses": "objectives",
    "layers.merge": "layers._merging",
    "utils.vis_utils": "utils.visualize_util",
    "utils.to_categorical": "utils.np_utils.to_categorical",
    "utils.normalize": "utils.np_utils.normalize",
    "utils.plot_model": "utils.visualize_util.plot",
    "utils.visualize_util.plot_model": "utils.visualize_util.plot",
    "utils.get_file": "utils.data_utils.get_file",
    "utils.HDF5Matrix": "utils.io_utils.HDF5Matrix",
    "utils.Progbar": "utils.generic_utils.Progbar",
    "utils.CustomObjectScope": "utils.generic_utils.CustomObjectScope",
    "utils.custom_object_scope": "utils.generic_utils.custom_object_scope",
    "utils.get_custom_objects": "utils.generic_utils.get_custom_objects",
    "regularizers.L1L2": "regularizers.L1L2Regularizer",
    "regularizers.l1_l2": "regularizers.l1l2",
    "constraints.max_norm": "constraints.MaxNorm",
    "constraints.non_neg": "constraints.NonNeg",
    "constraints.unit_norm": "constraints.UnitNorm",
    "constraints.min_max_norm": "constraints.MinMaxNorm",
}
