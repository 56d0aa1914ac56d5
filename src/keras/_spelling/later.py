"""Names that later versions of Keras added, imported when a program first asks for them.

A module of `keras` that lists names here finds them through its `__getattr__`; `import keras` does not import
what defines them. `from keras.layers import *` brings them all.
"""

import functools
import importlib
from collections.abc import Mapping
from types import ModuleType
from typing import Any


def _all_in(module: str, names: str) -> dict[str, str]:
    return {name: f"{module}:{name}" for name in names.split()}


_LOSSES = (
    "Loss Reduction MeanSquaredError MeanAbsoluteError MeanAbsolutePercentageError "
    "MeanSquaredLogarithmicError "
    "BinaryCrossentropy CategoricalCrossentropy SparseCategoricalCrossentropy Hinge SquaredHinge "
    "CategoricalHinge Poisson LogCosh KLDivergence Huber CosineSimilarity huber_loss serialize deserialize "
    "BinaryFocalCrossentropy CategoricalFocalCrossentropy LossFunctionWrapper"
)
_METRICS = (
    "Metric Mean Sum MeanMetricWrapper Accuracy BinaryAccuracy CategoricalAccuracy SparseCategoricalAccuracy "
    "TopKCategoricalAccuracy SparseTopKCategoricalAccuracy MeanSquaredError RootMeanSquaredError "
    "MeanAbsoluteError MeanAbsolutePercentageError MeanSquaredLogarithmicError Hinge SquaredHinge "
    "CategoricalHinge LogCoshError Poisson KLDivergence CosineSimilarity BinaryCrossentropy "
    "CategoricalCrossentropy SparseCategoricalCrossentropy TruePositives TrueNegatives FalsePositives "
    "FalseNegatives Precision Recall AUC SensitivityAtSpecificity SpecificityAtSensitivity MeanIoU F1Score "
    "serialize deserialize"
)
_CELLS = {
    **_all_in("_later.cells", "LSTMCell GRUCell SimpleRNNCell"),
    **_all_in("_later.rnn", "RNN StackedRNNCells"),
}
_CONVOLUTIONS = "DepthwiseConv2D SeparableConv1D Conv3DTranspose Conv1DTranspose"
_CONVOLUTION_NAMES = {
    "SeparableConvolution1D": "SeparableConv1D",
    "Deconvolution3D": "Conv3DTranspose",
    "Deconv3D": "Conv3DTranspose",
    "Convolution3DTranspose": "Conv3DTranspose",
}

#: Module of keras ("" is keras itself) -> name -> "module:name", or a module, where it is defined.
LATER: dict[str, dict[str, str]] = {
    "": {name: name for name in "applications wrappers legacy training export convert plots compat".split()},
    "datasets": {name: f"datasets.{name}" for name in "cifar cifar10 cifar100 imdb mnist reuters".split()},
    "preprocessing": {name: f"preprocessing.{name}" for name in "image sequence text".split()},
    "wrappers": {"scikit_learn": "wrappers.scikit_learn"},
    "layers": {
        **_CELLS,
        **_all_in("_later.convolutions", _CONVOLUTIONS),
        **{name: f"_later.convolutions:{target}" for name, target in _CONVOLUTION_NAMES.items()},
        **_all_in("_later.noise", "AlphaDropout"),
        **_all_in("_later.normalization", "LayerNormalization RMSNormalization"),
        **_all_in("_later.attention", "MultiHeadAttention"),
        **_all_in("_later.layers", "serialize deserialize"),
    },
    "layers.convolutional": {
        **_all_in("_later.convolutions", _CONVOLUTIONS),
        **{name: f"_later.convolutions:{target}" for name, target in _CONVOLUTION_NAMES.items()},
    },
    "layers.convolutional_recurrent": _all_in("_later.rnn", "RNN"),
    "layers.recurrent": _CELLS,
    "layers.noise": _all_in("_later.noise", "AlphaDropout"),
    "objectives": _all_in("_later.losses", _LOSSES),
    "metrics": _all_in("_later.metrics", _METRICS),
    "initializers": _all_in("_later.named", "serialize deserialize"),
    "activations": _all_in("_later.named", "serialize deserialize"),
    "regularizers": _all_in("_later.named", "serialize deserialize"),
    "constraints": _all_in("_later.named", "serialize deserialize"),
    "optimizers": _all_in("_later.optimizers", "serialize deserialize"),
    "models": _all_in("_later.cloning", "clone_model"),
    "utils": {
        **{"conv_utils": "utils.conv_utils"},
        **_all_in("_later.multi_gpu", "multi_gpu_model"),
        **_all_in("_later.named", "serialize_keras_object deserialize_keras_object"),
    },
}


def offer(package: ModuleType) -> None:
    """Lets the modules of the package find the names above.

    Args:
        package: the imported module `keras`.
    """
    for path in LATER:
        module = package
        for part in filter(None, path.split(".")):
            module = getattr(module, part, None)
            if module is None:  # not imported with keras; its own file calls `offered`
                break
        else:
            vars(module)["__getattr__"] = offered(path)
    package.engine.files.registry.register_later(functools.partial(_later_layer, package.layers))


def _later_layer(layers: ModuleType, name: str) -> Any:
    """Returns a class of layers by its name, or None."""
    found = getattr(layers, name) if name in LATER["layers"] else None
    return found if isinstance(found, type) else None


def offered(path: str) -> Any:
    """Returns the `__getattr__` of a module.

    Args:
        path: the module's path inside `keras`; "" for keras itself.
    """
    package = __name__.partition(".")[0]
    full = f"{package}.{path}" if path else package

    def __getattr__(name: str) -> Any:
        if name == "__all__":
            return _public(full, LATER[path])
        where = LATER[path].get(name)
        if where is None:
            raise AttributeError(f"module {full!r} has no attribute {name!r}")
        target, _, attribute = where.partition(":")
        found = importlib.import_module(f"{package}.{target}")
        value = getattr(found, attribute) if attribute else found
        setattr(importlib.import_module(full), name, value)
        return value

    return __getattr__


def by_config(module: ModuleType, identifier: Any) -> Any:
    """Returns the loss or metric that is an object, for its class name or {"class_name": ..., "config": ...}.

    Args:
        module: `keras.objectives` or `keras.metrics`.
        identifier: anything; None is returned unless it names one of the module's classes of later versions.
    """
    is_stored = isinstance(identifier, dict) and isinstance(identifier.get("class_name"), str)
    name = identifier["class_name"] if is_stored else identifier
    path = module.__name__.partition(".")[2]
    if not isinstance(name, str) or name not in LATER.get(path, {}) or name[0].islower():
        return None
    return getattr(module, name)(**(identifier.get("config", {}) if is_stored else {}))


def _public(full: str, later: Mapping[str, str]) -> list[str]:
    own = [name for name in vars(importlib.import_module(full)) if not name.startswith("_")]
    return list(dict.fromkeys([*own, *later]))
