"""Layers as entries of a config: {"class_name": ..., "config": ...}, and what neither of the two can say.

An entry has two more keys where they are needed. Keras 1.2.2 ignores both.

    "shared": str        the entries with this value, wherever they are in the config, are one layer
    "trainable": false   the layer is frozen; for layers whose own config does not say so, such as models

One description and one load each have a context: the outermost `describing` finds the layers that occur in
several places, the outermost `restoring` keeps those that it has made.
"""

import collections
import contextlib
import contextvars
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..._base.constructed import check_arguments
from ..._base.types import Config
from ..weight_order import leaves

_SHARED, _TRAINABLE = "shared", "trainable"


# --- from layers to entries ----------------------------------------------------------------------

_keys: contextvars.ContextVar[dict[int, str] | None] = contextvars.ContextVar("shared layers", default=None)


def entry_of(layer: Any) -> Config:
    """Returns the entry of a layer.

    Raises:
        ValueError: the config lacks an argument that the layer was made with.
    """
    config = layer.get_config()
    check_arguments(layer, config, f"Layer {layer.name!r}")
    entry = {"class_name": type(layer).__name__, "config": config}
    key = (_keys.get() or {}).get(id(layer))
    if key is not None:
        entry[_SHARED] = key
    says_so = isinstance(config, dict) and _TRAINABLE in config
    if not getattr(layer, "trainable", True) and not says_so and layer.weights:
        entry[_TRAINABLE] = False
    return entry


@contextlib.contextmanager
def describing(model: Any) -> Iterator[None]:
    """Makes `entry_of` mark the layers that occur in several places of a model.

    Inside another such block it does nothing.

    Raises:
        ValueError: two layers have a weight in common, or two of their classes a name, which a config
            cannot say.
    """
    if _keys.get() is not None:
        yield
        return
    _check_owners(model)
    _check_classes(model)
    token = _keys.set(_shared_keys(model))
    try:
        yield
    finally:
        _keys.reset(token)


def _shared_keys(model: Any) -> dict[int, str]:
    """Returns id of layer -> key, for the layers that must be one layer again when they are loaded."""
    places: collections.Counter[int] = collections.Counter()
    found, stack, keep = {id(model): model}, [model], set()
    while stack:
        holder = stack.pop()
        inside = holder._described_layers()
        places.update(map(id, inside))
        # A layer without weights needs to be one layer only where its name would occur twice.
        keep |= {key for key, count in collections.Counter(map(id, inside)).items() if count > 1}
        keep |= holder._inputs_in_common()
        for layer in inside:
            if id(layer) not in found:
                found[id(layer)] = layer
                stack.append(layer)
    keys: dict[int, str] = {}
    for key, layer in found.items():
        if key in keep or (places[key] > 1 and (layer.weights or getattr(layer, "stateful", False))):
            # Not the name: that of a Sequential is not in its config.
            keys[key] = f"layer {len(keys) + 1}"
    return keys


def _check_owners(model: Any) -> None:
    """Refuses a weight that two different layers hold."""
    owners: dict[Any, Any] = {}
    for layer in leaves(model):
        for weight in layer.weights:
            other = owners.setdefault(weight.key, layer)
            if other is not layer:
                raise ValueError(
                    f"Model {model.name!r} cannot be saved: layers {other.name!r} and {layer.name!r} have "
                    f"the weight {weight.name!r} in common, and each would have its own when it is loaded. "
                    "Use one layer in both places, or save the weights alone with save_weights."
                )


def _check_classes(model: Any) -> None:
    """Refuses two classes of one name: a file has only the name."""
    first: dict[str, Any] = {}
    for layer in leaves(model):
        other = first.setdefault(type(layer).__name__, layer)
        if type(other) is not type(layer):
            raise ValueError(
                f"Model {model.name!r} cannot be saved: layers {other.name!r} and {layer.name!r} are of two "
                f"different classes named {type(layer).__name__!r}, and a file has only the name. Rename one."
            )


# --- from entries to layers ----------------------------------------------------------------------


@dataclass
class _Load:
    """The layers of the running load.

    Attributes:
        layers: key -> (entry, layer), or (entry, None) while the layer is being made.
        starts: id of a layer -> index of its node that is the beginning of the `Sequential`s with it.
    """

    layers: dict[str, tuple[Config, Any]] = field(default_factory=dict)
    starts: dict[int, int] = field(default_factory=dict)


_load: contextvars.ContextVar[_Load | None] = contextvars.ContextVar("load", default=None)


@contextlib.contextmanager
def restoring() -> Iterator[_Load]:
    """Makes entries with the same key one layer. Inside another such block it continues that one."""
    load = _load.get()
    if load is not None:
        yield load
        return
    load = _Load()
    token = _load.set(load)
    try:
        yield load
    finally:
        _load.reset(token)


def restored(entry: Config, make: Callable[[], Any]) -> Any:
    """Returns the layer of an entry.

    Args:
        entry: dict.
        make: function that makes the layer, if this is the first entry with its key.

    Raises:
        ValueError: the key is not valid, another layer has it, or the layer is inside itself.
    """
    key = entry.get(_SHARED)
    if key is None:
        return _frozen_as(entry, make())
    if not isinstance(key, str):
        raise ValueError(f"The config has a layer with {_SHARED} = {key!r:.80}; wanted a str.")
    with restoring() as load:
        if key not in load.layers:
            load.layers[key] = entry, None
            layer = _frozen_as(entry, make())
            load.layers[key] = entry, layer
            return layer
        first, layer = load.layers[key]
        if layer is None:
            raise ValueError(f"The config has the shared layer {key!r:.80} inside itself.")
        if not all(_equal(first.get(part), entry.get(part)) for part in ("class_name", "config", _TRAINABLE)):
            raise ValueError(
                f"The config has two different layers with {_SHARED} = {key!r:.80}: "
                f"{first['class_name']!r:.80} and {entry['class_name']!r:.80}. Equal keys mean one layer."
            )
        return layer


def _frozen_as(entry: Config, layer: Any) -> Any:
    if _TRAINABLE in entry:
        if entry[_TRAINABLE] is not False:
            raise ValueError(
                f"The config has layer {layer.name!r} with {_TRAINABLE} = {entry[_TRAINABLE]!r:.80} beside "
                "its config; wanted false, or nothing."
            )
        layer.trainable = False
    return layer


def _equal(a: Any, b: Any) -> bool:
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(_equal(a[key], b[key]) for key in a)
    if isinstance(a, list | tuple) and isinstance(b, list | tuple):
        return len(a) == len(b) and all(map(_equal, a, b))
    if isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
        return np.array_equal(np.asarray(a), np.asarray(b))
    return a is b or a == b
