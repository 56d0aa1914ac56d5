"""`clone_model`: a model of the same layers with new weights."""

from typing import Any

from ..engine.node import single, to_list
from ..models import Model, Sequential


def clone_model(model: Any, input_tensors: Any = None) -> Any:
    """Returns a model with the same layers and new weights.

    Args:
        model: a `Model` or `Sequential`.
        input_tensors: tensor or list of tensors on which the new model is built; None for new inputs.

    Example:
        >>> from keras.layers import Dense
        >>> from keras.models import Sequential, clone_model
        >>> clone_model(Sequential([Dense(2, input_shape=(3,))])).output_shape
        (None, 2)
    """
    if not isinstance(model, Model):
        raise ValueError(f"clone_model: model must be a Model or Sequential; got {model!r}.")
    made = type(model).from_config(model.get_config())
    if input_tensors is None:
        return made
    inputs = to_list(list(input_tensors) if isinstance(input_tensors, tuple) else input_tensors)
    if isinstance(model, Sequential):
        output = single(inputs)
        for layer in made.layers:
            output = layer(output)
        return Model(input=inputs, output=output, name=model.name)
    return Model(input=inputs, output=made(single(inputs)), name=model.name)
