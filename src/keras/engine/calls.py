"""Calls of layers: their arguments, and the layers whose `call` is running, with those built inside them."""

import functools
import inspect
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from .. import backend as K
from .._base.callers import levels_to_caller
from .._graph import Tensor, owned_by

_built_inside: list[list[Any]] = []


@contextmanager
def running(layer: Any) -> Iterator[None]:
    """Context manager around the `call` of a layer.

    It warns of layers that were built inside the call and whose weights are not among those of the layer:
    they would be neither trained nor saved, and drawn again at each call.
    """
    built: list[Any] = []
    _built_inside.append(built)
    try:
        with owned_by(f"Layer {getattr(layer, 'name', type(layer).__name__)!r}"):
            yield
    finally:
        _built_inside.pop()
    if built:
        _warn_of_lost_weights(layer, built)


def note_built(layer: Any) -> None:
    """Notes that a layer was built, for the call that is running, if any."""
    if _built_inside:
        _built_inside[-1].append(layer)


def _warn_of_lost_weights(layer: Any, built: list[Any]) -> None:
    own = set(map(id, layer.weights))
    lost = [inner for inner in built if any(id(weight) not in own for weight in inner.weights)]
    if lost:
        names = ", ".join(repr(inner.name) for inner in lost)
        warnings.warn(
            f"Layer {layer.name!r} ({type(layer).__name__}) makes {names} inside its call: the weights are "
            "not those of any model, so they are neither trained nor saved, and each call draws new ones. "
            "Call such layers on tensors outside, or, in a layer of your own, make them in build and add "
            "their weights to self.trainable_weights.",
            stacklevel=levels_to_caller(),
        )


# --- arguments ------------------------------------------------------------------------------------


@functools.lru_cache(maxsize=512)
def _parameters(function: Any) -> tuple[frozenset[str], bool]:
    """Returns the names of a function's parameters, and whether it takes any others as well."""
    parameters = inspect.signature(function).parameters.values()
    takes_any = any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters)
    return frozenset(parameter.name for parameter in parameters), takes_any


def takes(layer: Any, name: str) -> bool:
    """Whether the `call` of a layer has an argument of this name."""
    names, takes_any = _parameters(_function(layer))
    return name in names or takes_any


def arguments_for(layer: Any, mask: Any, arguments: Mapping[str, Any] | None) -> dict[str, Any]:
    """Returns the keyword arguments for `layer.call`.

    A `call` that has no `mask` gets none, and one that has no `training` none either: K functions know the
    phase. Any other argument must be one of `call`.
    """
    passed = dict(arguments or {})
    if "training" in passed and not takes(layer, "training"):
        del passed["training"]
    if takes(layer, "mask"):
        passed["mask"] = mask
    return passed


def checked_arguments(layer: Any, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the keyword arguments of a call of a layer, without those that say nothing.

    Raises:
        TypeError: `call` has no such argument, or the value is a tensor, which belongs among the inputs.
    """
    phase = K.learning_phase()
    kept = {name: value for name, value in arguments.items() if value is not None and value is not phase}
    for name, value in kept.items():
        if name != "training" and not takes(layer, name):
            raise TypeError(
                f"Layer {layer.name!r} ({type(layer).__name__}) was called with {name}=, which its call() "
                f"does "
                f"not take; it takes {', '.join(sorted(_parameters(_function(layer))[0] - {'self'}))}."
            )
        items = value if isinstance(value, list | tuple) else [value]
        if name != "training" and any(isinstance(item, Tensor) for item in items):
            raise TypeError(
                f"Layer {layer.name!r} was called with the tensor {name}=. A model follows only the "
                f"tensors of "
                f"the first argument: call the layer on a list, layer([x, {name}])."
            )
    return kept


def _function(layer: Any) -> Any:
    return getattr(layer.call, "__func__", layer.call)
