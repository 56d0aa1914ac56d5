"""The order of a layer's weights that does not depend on what is frozen.

Keras 1 lists the weights of a model inside another as those that are trained, then the others. Freezing a
layer therefore moves its weights, in `weights` and in files. `unfrozen_order` is the list that nothing moves:
the one of the same model with nothing frozen.
"""

from collections.abc import Iterable
from typing import Any

from .._graph import Variable


def unfrozen_order(layer: Any) -> list[Variable]:
    """Returns the variables of `layer.weights`, in the order they have if nothing in the layer is frozen.

    Args:
        layer: a layer or model.
    """
    if not layer._holders():
        return layer.weights
    trained, fixed = _as_if_unfrozen(layer)
    return list(dict.fromkeys([*trained, *fixed]))


def leaves(layer: Any) -> list[Any]:
    """Returns the layers inside a model or wrapper that hold weights themselves, each once."""
    inside = layer._holders()
    found = [leaf for inner in inside for leaf in leaves(inner)] if inside else [layer]
    return list(dict.fromkeys(found))


def training_order(weights: Iterable[Variable]) -> list[Variable]:
    """Returns weights in the order in which an optimizer takes them: by name, as in Keras 1.2.2.

    The optimizer's state in files depends on it.
    """
    return sorted(weights, key=lambda weight: f"{weight.name}:0")


def _as_if_unfrozen(layer: Any) -> tuple[list[Variable], list[Variable]]:
    """Returns the (trainable, other) variables of a layer in which nothing is frozen."""
    holders = layer._holders()
    if holders:
        parts = [_as_if_unfrozen(holder) for holder in holders]
        trained, fixed = ([weight for part in parts for weight in part[kind]] for kind in (0, 1))
    else:
        trained, fixed = layer._trainable_weights, layer._non_trainable_weights
    if {weight.key for weight in [*trained, *fixed]} == {weight.key for weight in layer.weights}:
        return trained, fixed
    # A class of the user's whose properties list other variables.
    return layer.trainable_weights, layer.non_trainable_weights
