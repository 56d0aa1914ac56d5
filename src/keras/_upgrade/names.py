"""Names of Keras 1 in Keras 3: this package itself says what a name of the program means."""

import functools
import importlib
import inspect
from types import ModuleType
from typing import Any

from .._spelling import table
from ..convert.keras_2_config import DILATED, SHORT_NAMES
from ..engine.layer import Layer

_PACKAGE = __name__.partition(".")[0]
#: Modules of Keras 1 whose names are elsewhere in Keras 3, beside those of the table of spellings.
_MODULES = {"objectives": "losses", "initializations": "initializers"}
#: Modules that Keras 3 has under the same path.
_KEPT = ("datasets", "applications", "preprocessing")
#: Renamed between Keras 2 and 3.
_LATER = {
    "Input": "layers.Input",
    "Model": "models.Model",
    "Sequential": "models.Sequential",
    "layers.Deconvolution2D": "layers.Conv2DTranspose",
    "utils.Sequence": "utils.PyDataset",
    "losses.kullback_leibler_divergence": "losses.kl_divergence",
    "metrics.kullback_leibler_divergence": "metrics.kl_divergence",
    "regularizers.activity_l1": "regularizers.l1",
    "regularizers.activity_l2": "regularizers.l2",
    "regularizers.activity_l1l2": "regularizers.l1_l2",
    "preprocessing.sequence.pad_sequences": "utils.pad_sequences",
    "preprocessing.image.img_to_array": "utils.img_to_array",
    "preprocessing.image.array_to_img": "utils.array_to_img",
    "preprocessing.image.load_img": "utils.load_img",
    "utils.visualize_util.plot_model": "utils.plot_model",
    "engine.Sequential": "models.Sequential",
    "initializers.normal": "initializers.random_normal",
    "initializers.uniform": "initializers.random_uniform",
    "initializers.one": "initializers.ones",
    "initializers.zero": "initializers.zeros",
    "backend.set_image_dim_ordering": "config.set_image_data_format",
    "backend.image_dim_ordering": "config.image_data_format",
}
#: Short names of losses and metrics, which Keras 3 has as strings only.
_SHORT = {
    "mse": "mean_squared_error",
    "mae": "mean_absolute_error",
    "mape": "mean_absolute_percentage_error",
    "msle": "mean_squared_logarithmic_error",
    "kld": "kl_divergence",
}
#: Functions of K with the same meaning in `keras.ops`; those without an equals sign also have the same name.
_OPS = (
    "abs all any arange argmax argmin cast clip concatenate cos dot dtype elu equal exp expand_dims greater "
    "greater_equal log max maximum mean min minimum ndim not_equal one_hot ones_like prod relu reshape round "
    "shape sigmoid sign sin softmax softplus softsign sqrt square squeeze stack std stop_gradient sum "
    "tanh tile transpose var zeros_like logsumexp cumsum cumprod permute_dimensions=transpose pow=power "
    "lesser=less lesser_equal=less_equal int_shape=shape"
)
OPS = {old: new or old for old, _, new in (each.partition("=") for each in _OPS.split())}
#: What K and `keras.backend` of Keras 3 share.
BACKEND = frozenset("epsilon set_epsilon floatx set_floatx clear_session backend image_data_format".split())
#: What Keras 3 has no counterpart of, by its path, and what to do.
_HINTS = {
    "layers.Merge": "use keras.layers.add, concatenate, ... and a functional Model",
    "layers.TimeDistributedDense": "use TimeDistributed(Dense(...)), or Dense alone",
    "layers.Highway": "write it as a layer: t * h(x) + (1 - t) * x",
    "layers.MaxoutDense": "write it as Dense, Reshape and a maximum",
    "layers.LocallyConnected1D": "it was removed; write it as a layer",
    "layers.LocallyConnected2D": "it was removed; write it as a layer",
    "layers.ThresholdedReLU": "use ReLU(threshold=...), which differs above 0",
    "models.model_from_yaml": "use JSON",
    "preprocessing.image.ImageDataGenerator": "use keras.layers.RandomFlip and its siblings",
    "preprocessing.text.Tokenizer": "use keras.layers.TextVectorization",
    "wrappers.KerasClassifier": "use keras.wrappers.SKLearnClassifier, which takes a model",
    "wrappers.KerasRegressor": "use keras.wrappers.SKLearnRegressor, which takes a model",
    "utils.HDF5Matrix": "use h5py and a PyDataset",
}
_GONE = """
applications.audio_conv_utils applications.music_tagger_crnn applications.inception_v3.conv2d_bn
applications.resnet50.conv_block applications.resnet50.identity_block callbacks.BaseLogger datasets.cifar
datasets.cifar10.load_batch datasets.cifar100.load_batch initializers.get_fans layers.Container
layers.ConvRecurrent2D layers.GeneratorEnqueuer layers.Node layers.ParametricSoftplus layers.Recurrent
layers.SReLU layers.ask_to_proceed_with_overwrite layers.batch_shuffle layers.check_array_lengths
layers.check_loss_and_target_compatibility layers.collect_metrics layers.conv_input_length
layers.conv_output_length layers.func_dump layers.func_load layers.get_from_module layers.make_batches
layers.object_list_uid layers.slice_X layers.standardize_class_weights layers.standardize_input_data
layers.standardize_sample_or_class_weights layers.standardize_sample_weights layers.standardize_weights
layers.time_distributed_dense layers.to_list layers.weighted_objective losses.cosine_proximity losses.cosine
metrics.cosine metrics.cosine_proximity metrics.f1score metrics.fbeta_score metrics.fmeasure metrics.fscore
metrics.get_from_module metrics.matthews_correlation metrics.precision metrics.recall models.Node
models.ask_to_proceed_with_overwrite models.model_from_config models.optimizer_from_config
optimizers.TFOptimizer optimizers.clip_norm optimizers.optimizer_from_config
preprocessing.image.DirectoryIterator preprocessing.image.Iterator preprocessing.image.NumpyArrayIterator
preprocessing.image.apply_transform preprocessing.image.flip_axis preprocessing.image.list_pictures
preprocessing.image.random_channel_shift preprocessing.image.random_rotation
preprocessing.image.random_shear preprocessing.image.random_shift preprocessing.image.random_zoom
preprocessing.image.transform_matrix_offset_center preprocessing.sequence.make_sampling_table
preprocessing.sequence.skipgrams preprocessing.text.one_hot preprocessing.text.text_to_word_sequence
regularizers.EigenvalueRegularizer utils.accuracy utils.ask_to_proceed_with_overwrite utils.binary_logloss
utils.categorical_probas_to_classes utils.conv_input_length utils.conv_output_length
utils.convert_all_kernels_in_model utils.convert_kernel utils.count_total_params utils.func_dump
utils.func_load utils.get_from_module utils.get_test_data utils.keras_test utils.layer_from_config
utils.layer_test utils.load_array utils.make_tuple utils.multiclass_logloss utils.print_summary
utils.probas_to_classes utils.save_array utils.validate_file wrappers.BaseWrapper
"""


def hint(path: str) -> str | None:
    """Returns what to do where Keras 3 has nothing under a new path; None if it has it."""
    top, _, last = path.partition(".")
    if top == "backend":
        return None if last in BACKEND else "Keras 3 has no such function"
    gone = set(_GONE.split())
    if path in gone or path.rpartition(".")[0] in gone:
        return _HINTS.get(path, "Keras 3 has no such name")
    return _HINTS.get(path)


def find(path: str) -> Any:
    """Returns what a path inside keras names, or None; `path` comes from a program and is only looked up."""
    found: Any = importlib.import_module(_PACKAGE)
    here = _PACKAGE
    for part in filter(None, path.split(".")):
        if part.startswith("_"):
            return None
        here = f"{here}.{part}"
        value = getattr(found, part, None)
        if value is None:
            try:
                value = importlib.import_module(here)
            except ImportError:
                return None
        found = value
    return found


@functools.cache
def _renamed() -> dict[int, str]:
    """Returns {id of an object of Keras 1: its path in Keras 2}, from the table of spellings."""
    found = {new: find(old) for new, old in table.NAMES.items()}
    return {id(each): new for new, each in found.items() if not isinstance(each, ModuleType | None)}


def new_path(path: str) -> str:
    """Returns the path in Keras 3 of a name of Keras 1.

    Example:
        >>> new_path("layers.convolutional.Convolution2D"), new_path("utils.np_utils.to_categorical")
        ('layers.Conv2D', 'utils.to_categorical')
    """
    found = find(path)
    top, last = path.split(".")[0], path.split(".")[-1]
    if isinstance(found, ModuleType):
        return path if top in _KEPT else _MODULES.get(top, top)
    if top == "backend" and last in OPS:
        return f"ops.{OPS[last]}"
    if inspect.isclass(found) and issubclass(found, Layer) and found.__name__ not in ("Model", "Sequential"):
        name = DILATED.get(found.__name__, found.__name__)
        made = f"layers.{SHORT_NAMES.get(name, name)}"
    elif id(found) in _renamed():
        made = _renamed()[id(found)]
    elif top in _KEPT:
        made = path
    else:
        top = {"engine": "layers"}.get(top, _MODULES.get(top, top))
        if top in ("losses", "metrics"):
            last = _SHORT.get(last.lower(), last)
        elif top == "optimizers" and inspect.isclass(found):
            last = found.__name__  # Keras 1 has them in small letters, too
        made = f"{top}.{last}"
    return _LATER.get(made, made)
