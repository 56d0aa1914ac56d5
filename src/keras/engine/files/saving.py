"""Writes models to text and files; `loading` reads them, and `weights` reads and writes weights alone.

Models are of a higher level than this module, so they are `Any` here.
"""

from typing import Any

from ... import backend as K
from ..._base.types import Config, FilePath
from ..._files import config_text, hdf5_format
from .loading import load_model as load_model
from .loading import model_from_config as model_from_config
from .loading import model_from_json as model_from_json
from .loading import model_from_yaml as model_from_yaml
from .weights import load_weights as load_weights
from .weights import may_write, named_values, named_weights
from .weights import read_weights as read_weights
from .weights import read_weights_by_name as read_weights_by_name
from .weights import save_weights as save_weights
from .weights import write_weights as write_weights


def to_json(model: Any, **kwargs: Any) -> str:
    """Returns the graph of a model as JSON text."""
    return config_text.dump_json(_model_config(model), **kwargs)


def to_yaml(model: Any, **kwargs: Any) -> str:
    """Returns the graph of a model as YAML text."""
    return config_text.dump_yaml(_model_config(model), **kwargs)


def _model_config(model: Any) -> Config:
    return {
        "class_name": type(model).__name__,
        "config": model.get_config(),
        "keras_version": hdf5_format.FORMAT_VERSION,
    }


def save_model(model: Any, filepath: FilePath, overwrite: bool = True) -> None:
    """Saves a model to one HDF5 file: graph, weights, the arguments of `compile`, and the optimizer's state.

    Args:
        model: a `Model` or `Sequential`.
        filepath: path of the file; an existing file is replaced when the new one is complete.
        overwrite: bool, whether to replace an existing file without asking the user at the terminal.

    Raises:
        OSError: the file cannot be written; the message names it.
        FileExistsError: the file exists, `overwrite` is False, and there is no terminal.
        TypeError: the config of a layer has something that is not plain data.
    """
    if not may_write(filepath, overwrite):
        return
    config = {"class_name": type(model).__name__, "config": model.get_config()}
    training = _training_config(model) if hasattr(model, "optimizer") else None
    with hdf5_format.open_for_writing(filepath) as file:
        hdf5_format.write_model_parts(
            file,
            config,
            named_weights(model),
            training,
            _named_optimizer_weights(model) if training else (),
        )


def _training_config(model: Any) -> Config:
    return {
        "optimizer_config": {
            "class_name": type(model.optimizer).__name__,
            "config": model.optimizer.get_config(),
        },
        "loss": _names_of_functions(model.loss),
        "metrics": _names_of_functions(model.metrics),
        "sample_weight_mode": model.sample_weight_mode,
        "loss_weights": _current_values(model.loss_weights),
    }


def _names_of_functions(value: Any) -> Any:
    """Replaces the functions in a (nested) argument of `compile` by their names."""
    if isinstance(value, dict):
        return {key: _names_of_functions(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_names_of_functions(item) for item in value]
    return value.__name__ if callable(value) else value


def _current_values(value: Any) -> Any:
    """Replaces the variables in a (nested) argument of `compile` by their values."""
    if isinstance(value, dict):
        return {key: _current_values(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_current_values(item) for item in value]
    return float(K.get_value(value)) if hasattr(value, "get_value") else value


def _named_optimizer_weights(model: Any) -> Any:
    model.make_train_function()
    return named_values(model.optimizer.weights)
