"""Writes models to text and files; `loading` reads them, and `weights` reads and writes weights alone.

Models are of a higher level than this module, so they are `Any` here.
"""

from typing import Any

from ..._base.constructed import check_arguments, is_foreign
from ..._base.names import name_in_files
from ..._base.types import Config, FilePath
from ..._files import config_text, hdf5_format
from ..._files.formats import refuse_other_suffix
from ..copying import current_values
from ..weight_order import leaves, training_order, unfrozen_order
from .entries import entry_of
from .functions import check_functions, is_foreign_function, named_function
from .loading import load_model as load_model
from .loading import model_from_config as model_from_config
from .loading import model_from_json as model_from_json
from .loading import model_from_yaml as model_from_yaml
from .weights import load_weights as load_weights
from .weights import may_write, named_values, named_weights, new_file, write_order
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
    return {**_checked_entry(model), "keras_version": hdf5_format.FORMAT_VERSION}


def _checked_entry(model: Any) -> Config:
    entry = entry_of(model)
    check_functions(entry)
    return entry


def save_model(model: Any, filepath: FilePath, overwrite: bool = True) -> None:
    """Saves a model to one HDF5 file: graph, weights, the arguments of `compile`, and the optimizer's state.

    Args:
        model: a `Model` or `Sequential`.
        filepath: path of the file; an existing file is replaced when the new one is complete.
        overwrite: bool, whether to replace an existing file without asking the user at the terminal.

    Raises:
        OSError: the file cannot be written; the message names it.
        ValueError: the suffix of the file means another format, such as '.keras' or '.onnx'.
        FileExistsError: the file exists, `overwrite` is False, and there is no terminal.
        TypeError: the config of a layer has something that is not plain data.
    """
    refuse_other_suffix(filepath, "save")
    if not may_write(filepath, overwrite):
        return
    config = _checked_entry(model)
    training = training_config(model) if hasattr(model, "optimizer") else None
    if training:
        check_functions([config, training["loss"]])
    with new_file(filepath) as file:
        hdf5_format.write_model_parts(
            file,
            config,
            named_weights(model),
            training,
            _named_optimizer_weights(model) if training else (),
        )
        write_order(model, file["model_weights"])


def training_config(model: Any) -> Config:
    """Returns the arguments of `compile` of a compiled model as plain data, as files have them."""
    check_arguments(model.optimizer, model.optimizer.get_config(), "The optimizer")
    config = {
        "optimizer_config": {
            "class_name": type(model.optimizer).__name__,
            "config": model.optimizer.get_config(),
        },
        "loss": _names_of_functions(model.loss),
        "metrics": _names_of_functions(model.metrics),
        "sample_weight_mode": model.sample_weight_mode,
        "loss_weights": current_values(model.loss_weights),
    }
    trained = _trained_weights(model)
    return config if trained is None else {**config, "trained_weights": trained}


def _trained_weights(model: Any) -> list[int] | None:
    """Returns the places of the trained weights among all, in the order of the optimizer's state.

    Returns:
        None if `compile` finds the same weights in the loaded model. It does not if a layer was frozen or
        unfrozen after `compile`, and may not if a class of the user's chooses the names of its weights.
    """
    trained = model._collected_trainable_weights
    weights = unfrozen_order(model)
    own_names = any(is_foreign(type(layer)) for layer in leaves(model))
    if not own_names and trained == training_order(model.trainable_weights):
        return None
    place = {weight.key: i for i, weight in enumerate(weights)}
    return [place[weight.key] for weight in trained]


def _names_of_functions(value: Any) -> Any:
    """Replaces the functions in a (nested) argument of `compile` by their names."""
    if isinstance(value, dict):
        return {key: _names_of_functions(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_names_of_functions(item) for item in value]
    if hasattr(value, "of_samples") or hasattr(value, "of_batch"):  # a loss or metric that is an object
        config = value.get_config()
        name = config.pop("class_name", type(value).__name__)
        return {"class_name": name, "config": config}
    if is_foreign_function(value):
        return named_function(value)
    return name_in_files(value) if callable(value) else value


def _named_optimizer_weights(model: Any) -> Any:
    model._make_train_function()
    return named_values(model.optimizer.weights)
