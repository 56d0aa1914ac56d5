"""Reads models from text and files."""

import math
import os
import warnings
from typing import Any

from ... import backend as K
from ... import optimizers
from ..._base.budget import Budget, spending
from ..._base.callers import levels_to_caller
from ..._base.custom_objects import given_to_call
from ..._base.types import Config, CustomObjects, FilePath
from ..._files import config_text, hdf5_format
from ..._files.hdf5_format import ModelParts, NamedArrays, StoredLayers
from ..weight_order import unfrozen_order
from .building import building_from
from .keras_2_weights import keras_2_backend
from .places import errors_at
from .registry import allowing_code, layer_from_config
from .weights import assign_in_order, same_kind


def model_from_config(
    config: Config, custom_objects: CustomObjects | None = None, allow_code: bool = False
) -> Any:
    """Creates a model with new weights from {"class_name": ..., "config": ...}.

    Args:
        config: dict.
        custom_objects: dict name -> class or function, for the names in the config that are not Keras 1's.
        allow_code: bool, whether byte code in the config may run. Only for configs whose author you trust.

    Returns:
        A `Model` or `Sequential`, not compiled.

    Raises:
        TypeError: `config` is a list, or a layer was given an argument of the wrong type.
        ValueError: the config is malformed, or names an unknown class.
        MemoryError: the weights would take more than half of the memory of the machine.
    """
    if isinstance(config, list):
        raise TypeError(
            "model_from_config: got a list; wanted {'class_name': ..., 'config': ...}. For the config of a "
            "Sequential use Sequential.from_config(config)."
        )
    with allowing_code(allow_code):
        return layer_from_config(config, custom_objects)


def model_from_json(
    json_string: str | bytes, custom_objects: CustomObjects | None = None, allow_code: bool = False
) -> Any:
    """Creates a model from the text of `model.to_json()`, here or in Keras 1; see `model_from_config`."""
    budget = _text_budget(json_string)
    config = config_text.load_json(json_string, budget)
    with spending(budget):
        return model_from_config(config, custom_objects, allow_code)


def model_from_yaml(
    yaml_string: str | bytes, custom_objects: CustomObjects | None = None, allow_code: bool = False
) -> Any:
    """Creates a model from the text of `model.to_yaml()`, here or in Keras 1; see `model_from_config`."""
    budget = _text_budget(yaml_string)
    config = config_text.load_yaml(yaml_string, budget)
    with spending(budget):
        return model_from_config(config, custom_objects, allow_code)


def _text_budget(text: Any) -> Budget:
    return Budget("The config", len(text) if isinstance(text, str | bytes) else 0)


def load_model(
    filepath: FilePath,
    custom_objects: CustomObjects | None = None,
    allow_code: bool = False,
    compile: bool = True,
) -> Any:
    """Loads a model that `save_model` wrote, here or in Keras 1 or 2. It is compiled if it was when saved.

    No code in the file is run, and nothing that it names is imported or opened. The model can have no more
    weights than the file.

    Args:
        filepath: path of the file.
        custom_objects: dict name -> class or function, for the names in the file that are not Keras 1's.
        allow_code: bool, whether byte code in the file (Lambda) may run. Only for files whose author you
            trust.
        compile: bool, whether to compile a model that was compiled when it was saved.

    Returns:
        A `Model` or `Sequential`.

    Raises:
        OSError: there is no such file, or it is damaged.
        ValueError: it holds no model, or its parts do not fit together.
    """
    with (
        given_to_call(custom_objects),
        hdf5_format.open_for_reading(filepath) as file,
        errors_at(os.fsdecode(filepath)),
        spending(file.budget),
    ):
        parts = hdf5_format.read_model_parts(file)
        model = _build(parts, custom_objects, allow_code)
        group = hdf5_format.weights_group(file)
        by_keras_2 = keras_2_backend(hdf5_format.writer_of(group))
        assign_in_order(model, parts.layers, group)
        if parts.training_config is not None and compile:
            _compile(model, parts.training_config)
            if by_keras_2 and parts.optimizer_weights:
                warnings.warn(
                    f"{os.fsdecode(filepath)} was written by Keras 2, whose optimizer state has "
                    "another layout and is ignored. Training continues with a new state.",
                    stacklevel=levels_to_caller(),
                )
            else:
                _assign_optimizer_weights(model, parts.optimizer_weights)
    return model


def _build(parts: ModelParts, custom_objects: CustomObjects | None, allow_code: bool) -> Any:
    """Returns the model that a file describes, with no more weights than the file has."""
    with errors_at("model_config"):
        with building_from(parts.model_config, _count(parts.layers)):
            model = model_from_config(parts.model_config, custom_objects, allow_code)
        if not hasattr(model, "compile") or not hasattr(model, "layers"):
            raise ValueError(f"its class {parts.model_config['class_name']} is no model but a layer")
        return model


def _count(layers: StoredLayers) -> int:
    """Returns the number of elements of all stored arrays."""
    return sum(math.prod(array.shape) for _, arrays in layers for _, array in arrays)


def _compile(model: Any, training: Config) -> None:
    with errors_at("training_config"):
        model.compile(
            optimizer=optimizers.optimizer_from_config(training["optimizer_config"]),
            loss=training["loss"],
            metrics=training.get("metrics"),
            loss_weights=training.get("loss_weights"),
            sample_weight_mode=training.get("sample_weight_mode"),
        )
        if training.get("trained_weights") is not None:
            # Those of the saved model: layers may have been frozen or unfrozen after it was compiled.
            model._collected_trainable_weights = _trained_weights(model, training["trained_weights"])


def _trained_weights(model: Any, places: Any) -> list[Any]:
    weights = unfrozen_order(model)
    known = range(len(weights))
    if not isinstance(places, list) or any(isinstance(i, bool) or i not in known for i in places):
        raise ValueError(f"its trained_weights are {places!r:.80}; wanted numbers of weights.")
    if len(set(places)) < len(places):
        raise ValueError(f"its trained_weights name a weight twice: {places!r:.80}.")
    return [weights[i] for i in places]


def _assign_optimizer_weights(model: Any, stored: NamedArrays) -> None:
    if not stored:
        return
    model._make_train_function()
    weights = model.optimizer.weights
    found, wanted = [array.shape for _, array in stored], [weight.shape for weight in weights]
    if found != wanted:
        raise ValueError(
            f"The optimizer's state in the file does not fit the model: the file has shapes {found}, the "
            f"{type(model.optimizer).__name__} of the model has {wanted}. Perhaps layers were frozen or "
            "unfrozen after the saved model was compiled; load_weights on a new model reads the rest."
        )
    kinds = [
        (w.dtype, array.dtype)
        for w, (_, array) in zip(weights, stored, strict=True)
        if not same_kind(w, array)
    ]
    if kinds:
        raise ValueError(
            f"The optimizer's state in the file does not fit the model: it has an array of {kinds[0][1]}, "
            f"the {type(model.optimizer).__name__} of the model one of {kinds[0][0]}."
        )
    K.batch_set_value(zip(weights, (array.read() for _, array in stored), strict=True))
