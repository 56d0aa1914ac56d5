"""The table: Keras 2's names for the arguments and names of Keras 1.

A row lists the arguments under their Keras 2 names, in Keras 2's order, each in one of these forms:

    name           same name in both
    new=old        another name
    new=a,b        one size for each of a and b: a tuple, or one int for all
    new=old*2      a tuple of two, or one int for both (*1: an int, or a tuple of one)
    new=old**2     two pairs; an int or two ints if both sides are equal
    new:value      no counterpart in Keras 1; only this value (or one of a|b) is accepted, and has no effect
    new-           accepted and ignored
    new!           Keras 1.2.2 has no such argument; here it has this name

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
        own: arguments with the defaults for which the class changes; with others it stays as it is.
        also: names of Keras 1 that Keras 2 accepts as well.
        optional: arguments that Keras 1 requires and Keras 2 does not, with the values that they have then.
        in_version_2: Keras 2.3's defaults by Keras 1 name, where they count only after `set_version(2)`.
    """

    keywords: str
    recognized_by: str | None = None
    defaults: Mapping[str, Any] = field(default_factory=dict)
    becomes: str | None = None
    only_if: str | None = None
    fixed: Mapping[str, Any] = field(default_factory=dict)
    own: Mapping[str, Any] = field(default_factory=dict)
    in_version_2: Mapping[str, Any] = field(default_factory=dict)
    also: tuple[str, ...] = ()
    optional: Mapping[str, Any] = field(default_factory=dict)


_BIAS = "use_bias=bias"
_CONV_TAIL = (
    "kernel_initializer=init bias_initializer=bias_init kernel_regularizer=W_regularizer "
    "bias_regularizer=b_regularizer activity_regularizer kernel_constraint=W_constraint "
    "bias_constraint=b_constraint"
)
_RECURRENT_PENALTIES = (
    "kernel_regularizer=W_regularizer recurrent_regularizer=U_regularizer bias_regularizer=b_regularizer "
    "activity_regularizer! kernel_constraint=W_constraint recurrent_constraint=U_constraint "
    "bias_constraint=b_constraint"
)
_RECURRENT_INIT = (
    "use_bias! kernel_initializer=init recurrent_initializer=inner_init bias_initializer=bias_init"
)
_CUDNN_INIT = "kernel_initializer=init recurrent_initializer=inner_init bias_initializer=bias_init"
_RECURRENT_RUN = "return_sequences return_state! go_backwards stateful unroll"
_GATED = "units=output_dim activation recurrent_activation=inner_activation " + _RECURRENT_INIT
_DROPOUTS = "dropout=dropout_W recurrent_dropout=dropout_U"
# Keras 1's "orthogonal" is 1.1 times an orthogonal matrix, Keras 2's is one.
_ORTHOGONAL = {"inner_init": {"name": "Orthogonal", "gain": 1.0}}
# The weights of all gates are one kernel, one recurrent kernel and one bias, as in Keras 2.
_SIDE_BY_SIDE = {**_ORTHOGONAL, "consume_less": "gpu"}
# Keras 2.3 changed it; 2.0 to 2.2 have that of Keras 1.
_LOGISTIC = {"inner_activation": "sigmoid"}


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
    return _conv(sizes, rank, subsample, "implementation-", ordering)


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
    "Flatten": Row("data_format=image_ordering", in_version_2={"image_ordering": "default"}),
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
    "Convolution3D": Row(
        _conv("kernel_dim1,kernel_dim2,kernel_dim3", 3, rates="dilation_rate=atrous_rate*3"), "kernel"
    ),
    "SeparableConvolution2D": Row(
        "filters=nb_filter kernel_size=nb_row,nb_col strides=subsample*2 padding=border_mode "
        "data_format=dim_ordering dilation_rate=atrous_rate*2 depth_multiplier activation use_bias=bias "
        "depthwise_initializer=init pointwise_initializer=init bias_initializer=bias_init "
        "depthwise_regularizer pointwise_regularizer bias_regularizer=b_regularizer activity_regularizer "
        "depthwise_constraint pointwise_constraint bias_constraint=b_constraint",
        "kernel",
    ),
    "Conv2DTranspose": Row(
        "filters=nb_filter kernel_size=nb_row,nb_col strides=subsample*2 padding=border_mode "
        "output_padding! data_format=dim_ordering dilation_rate:1 activation use_bias=bias " + _CONV_TAIL,
        "always",
    ),
    "LocallyConnected1D": Row(_local("filter_length*1", 1, "subsample_length", _STEPS_ONLY), "kernel"),
    "LocallyConnected2D": Row(_local("nb_row,nb_col", 2, "subsample", "data_format=dim_ordering"), "kernel"),
    "ConvLSTM2D": Row(
        "filters=nb_filter kernel_size=nb_row,nb_col strides=subsample*2 padding=border_mode "
        "data_format=dim_ordering dilation_rate=atrous_rate*2 activation "
        "recurrent_activation=inner_activation "
        f"{_RECURRENT_INIT} unit_forget_bias=forget_bias_init {_RECURRENT_PENALTIES} return_sequences "
        f"return_state! go_backwards stateful unroll:False {_DROPOUTS}",
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
    "UpSampling2D": Row("size*2 data_format=dim_ordering interpolation!"),
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
        "axis momentum epsilon center! scale! beta_initializer=beta_init "
        "gamma_initializer=gamma_init moving_mean_initializer=running_mean_init "
        "moving_variance_initializer=running_std_init beta_regularizer gamma_regularizer beta_constraint! "
        "gamma_constraint!"
    ),
    "SimpleRNN": Row(
        f"units=output_dim activation {_RECURRENT_INIT} {_RECURRENT_PENALTIES} {_DROPOUTS} {_RECURRENT_RUN}",
        "activation",
        defaults=_ORTHOGONAL,
    ),
    "GRU": Row(
        f"{_GATED} {_RECURRENT_PENALTIES} {_DROPOUTS} implementation:0|1|2 {_RECURRENT_RUN} reset_after!",
        "activation",
        defaults=_SIDE_BY_SIDE,
        in_version_2=_LOGISTIC,
    ),
    "LSTM": Row(
        f"{_GATED} unit_forget_bias=forget_bias_init {_RECURRENT_PENALTIES} {_DROPOUTS} "
        f"implementation:0|1|2 {_RECURRENT_RUN}",
        "activation",
        defaults=_SIDE_BY_SIDE,
        in_version_2=_LOGISTIC,
    ),
    "CuDNNLSTM": Row(
        f"units=output_dim {_CUDNN_INIT} unit_forget_bias=forget_bias_init {_RECURRENT_PENALTIES} "
        "return_sequences return_state! go_backwards:False stateful",
        "always",
        defaults=_SIDE_BY_SIDE,
        becomes="LSTM",
        fixed={"inner_activation": "sigmoid"},
    ),
    "CuDNNGRU": Row(
        f"units=output_dim {_CUDNN_INIT} {_RECURRENT_PENALTIES} return_sequences return_state! "
        "go_backwards:False stateful",
        "always",
        defaults=_SIDE_BY_SIDE,
        becomes="GRU",
        fixed={"inner_activation": "sigmoid", "reset_after": True},
    ),
    "TimeDistributed": Row("layer"),
    "Bidirectional": Row("layer merge_mode weights"),
    "GaussianNoise": Row("stddev=sigma"),
    "GaussianDropout": Row("rate=p"),
    "LeakyReLU": Row("alpha"),
    "ELU": Row("alpha"),
    "ThresholdedReLU": Row("theta"),
    "PReLU": Row("alpha_initializer=init alpha_regularizer! alpha_constraint! shared_axes"),
    "InputLayer": Row("input_shape batch_size:None batch_input_shape dtype=input_dtype input_tensor sparse"),
    # Keras 2 classes that are Keras 1 classes with some arguments fixed.
    "Softmax": Row("axis", becomes="Activation", fixed={"activation": "softmax"}, own={"axis": -1}),
    "ReLU": Row(
        "max_value negative_slope threshold",
        becomes="Activation",
        fixed={"activation": "relu"},
        own={"max_value": None, "negative_slope": 0, "threshold": 0},
    ),
    "Add": Row("trainable- dtype-", becomes="Merge", fixed={"mode": "sum"}),
    "Multiply": Row("trainable- dtype-", becomes="Merge", fixed={"mode": "mul"}),
    "Average": Row("trainable- dtype-", becomes="Merge", fixed={"mode": "ave"}),
    "Maximum": Row("trainable- dtype-", becomes="Merge", fixed={"mode": "max"}),
    "Concatenate": Row("axis=concat_axis trainable- dtype-", becomes="Merge", fixed={"mode": "concat"}),
    "Dot": Row(
        "axes=dot_axes normalize trainable- dtype-",
        becomes="Merge",
        fixed={"mode": "dot"},
        own={"normalize": False},
    ),
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

_FIT = (
    "x y batch_size epochs=nb_epoch verbose callbacks validation_split validation_data shuffle class_weight "
    "sample_weight initial_epoch steps_per_epoch validation_steps validation_freq:1 "
    "max_queue_size:10 workers:1 use_multiprocessing:False"
)
_WORKERS = "max_queue_size=max_q_size workers=nb_worker use_multiprocessing=pickle_safe"
_FIT_GENERATOR = (
    "generator steps_per_epoch=samples_per_epoch epochs=nb_epoch verbose callbacks validation_data "
    f"validation_steps=nb_val_samples validation_freq:1 class_weight {_WORKERS} shuffle initial_epoch"
)
_GENERATOR = f"generator steps=val_samples {_WORKERS} verbose:0"
_COMPILE = "optimizer loss metrics loss_weights sample_weight_mode weighted_metrics target_tensors:None"

_EPSILON = {"epsilon": 1e-7}
#: Methods and functions, by their path inside `keras`.
CALLS: dict[str, Row] = {
    "engine.container.Container.__init__": Row(
        "inputs=input outputs=output name", optional={"input": None, "output": None}
    ),
    "models.Model.compile": Row(_COMPILE, optional={"loss": None}),
    "models.Model.fit": Row(_FIT, optional={"y": None}, in_version_2={"nb_epoch": 1}),
    "models.Model.evaluate": Row("x y batch_size verbose sample_weight steps", optional={"y": None}),
    "models.Model.predict": Row("x batch_size verbose steps"),
    "models.Model.fit_generator": Row(
        _FIT_GENERATOR, defaults={"nb_epoch": 1}, optional={"samples_per_epoch": None}
    ),
    "models.Model.evaluate_generator": Row(_GENERATOR, optional={"val_samples": None}),
    "models.Model.predict_generator": Row(_GENERATOR, optional={"val_samples": None}),
    "models.Sequential.compile": Row(_COMPILE, optional={"loss": None}),
    "models.Sequential.fit": Row(_FIT, optional={"y": None}, in_version_2={"nb_epoch": 1}),
    "models.Sequential.evaluate": Row("x y batch_size verbose sample_weight steps", optional={"y": None}),
    "models.Sequential.predict": Row("x batch_size verbose steps"),
    "models.Sequential.fit_generator": Row(
        _FIT_GENERATOR, defaults={"nb_epoch": 1}, optional={"samples_per_epoch": None}
    ),
    "models.Sequential.evaluate_generator": Row(_GENERATOR, optional={"val_samples": None}),
    "models.Sequential.predict_generator": Row(_GENERATOR, optional={"val_samples": None}),
    # Only Keras 2.3 has `learning_rate`, so a call that uses it gets that version's epsilon.
    "optimizers.SGD.__init__": Row("learning_rate=lr momentum decay nesterov", also=("lr",)),
    "optimizers.RMSprop.__init__": Row("learning_rate=lr rho epsilon decay", defaults=_EPSILON, also=("lr",)),
    "optimizers.Adagrad.__init__": Row("learning_rate=lr epsilon decay", defaults=_EPSILON, also=("lr",)),
    "optimizers.Adadelta.__init__": Row(
        "learning_rate=lr rho epsilon decay", defaults=_EPSILON, also=("lr",)
    ),
    "optimizers.Adam.__init__": Row(
        "learning_rate=lr beta_1 beta_2 epsilon decay amsgrad", defaults=_EPSILON, also=("lr",)
    ),
    "optimizers.Adamax.__init__": Row(
        "learning_rate=lr beta_1 beta_2 epsilon decay", defaults=_EPSILON, also=("lr",)
    ),
    "optimizers.Nadam.__init__": Row(
        "learning_rate=lr beta_1 beta_2 epsilon schedule_decay", defaults=_EPSILON, also=("lr",)
    ),
    "callbacks.ReduceLROnPlateau.__init__": Row(
        "monitor factor patience verbose mode min_delta=epsilon cooldown min_lr", in_version_2={"patience": 9}
    ),
    "callbacks.EarlyStopping.__init__": Row(
        "monitor min_delta patience verbose mode baseline restore_best_weights"
    ),
    "optimizers.AdamW.__init__": Row("learning_rate=lr beta_1 beta_2 epsilon weight_decay decay"),
    "optimizers.Lion.__init__": Row("learning_rate=lr beta_1 beta_2 weight_decay decay"),
    "constraints.MaxNorm.__init__": Row("max_value=m axis"),
    "constraints.MinMaxNorm.__init__": Row("min_value=low max_value=high rate axis"),
    "utils.np_utils.to_categorical": Row("y num_classes=nb_classes", defaults={"keep_axes": True}),
    "utils.visualize_util.plot": Row("model to_file show_shapes show_layer_names rankdir:TB"),
    "preprocessing.text.Tokenizer.__init__": Row(
        "num_words=nb_words filters lower split char_level oov_token document_count-"
    ),
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
    "Model": "models.Model",
    "Sequential": "models.Sequential",
    "Input": "layers.Input",
    "engine.base_layer": "engine.topology",
    "engine.network": "engine.topology",
    "engine.sequential": "models",
    "engine.saving": "models",
    "engine.topology.Network": "engine.container.Container",
    "engine.Network": "engine.container.Container",
    "engine.Sequential": "models.Sequential",
    "layers.cudnn_recurrent": "layers",
    "losses": "objectives",
    "layers.merge": "layers._merging",
    "utils.vis_utils": "utils.visualize_util",
    "utils.print_summary": "utils.layer_utils.print_summary",
    "utils.model_to_dot": "utils.visualize_util.model_to_dot",
    "utils.get_source_inputs": "engine.get_source_inputs",
    "utils.convert_all_kernels_in_model": "utils.layer_utils.convert_all_kernels_in_model",
    "utils.to_categorical": "utils.np_utils.to_categorical",
    "utils.normalize": "utils.np_utils.normalize",
    "utils.plot_model": "utils.visualize_util.plot",
    "utils.visualize_util.plot_model": "utils.visualize_util.plot",
    "utils.get_file": "utils.data_utils.get_file",
    "utils.Sequence": "utils.data_utils.Sequence",
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
