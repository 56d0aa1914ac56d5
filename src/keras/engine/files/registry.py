"""Layer classes by the names that files use for them, in a table that only this package fills.

A user's class is found only if it is passed through `custom_objects`: a user's `Dense` must not shadow
the `Dense` of this package, and nothing is imported because a file names it.
"""

import contextlib
import contextvars
import difflib
import inspect
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from ..._base.custom_objects import get_custom_objects, given_to_call
from ..._base.types import Config, CustomObjects
from ..._spelling import config_as_1x
from .building import building_from
from .entries import restored, restoring
from .places import entry, errors_at

_LAYERS: dict[str, Any] = {}  # name -> subclass of Layer
_find_later: list[Callable[[str], Any]] = []
_allow_code: contextvars.ContextVar[bool] = contextvars.ContextVar("allow_code", default=False)


def register(*classes: Any, **named: Any) -> None:
    """Adds layer classes to the table, under their own names, or under other names by keyword."""
    _LAYERS.update({cls.__name__: cls for cls in classes}, **named)


def register_later(find: Callable[[str], Any]) -> None:
    """Adds a function from a name to a class that is imported only when asked for, or to None."""
    _find_later.append(find)


def layer_class(name: Any) -> Any:
    """Returns the layer class with this name.

    Raises:
        ValueError: there is none; the message shows how to pass one.
    """
    for table in (get_custom_objects(), _LAYERS):
        if isinstance(name, str) and name in table:
            return table[name]
    for find in _find_later:
        if isinstance(name, str) and (found := find(name)) is not None:
            return found
    close = difflib.get_close_matches(str(name), _LAYERS, n=1)
    hint = f" Did you mean {close[0]!r}?" if close else ""
    raise ValueError(
        f"Unknown layer: {name!r}.{hint} If it is a class of yours, pass it: "
        f"custom_objects={{{str(name)!r}: {name}}}."
    )


def layer_from_config(config: Config, custom_objects: CustomObjects | None = None) -> Any:
    """Creates a layer or model from {"class_name": ..., "config": ...}.

    Args:
        config: dict, in the form that the config of a model has for each layer.
        custom_objects: dict name -> class or function, or None.

    Returns:
        The layer or model.

    Raises:
        ValueError: the dict does not have that form, the class is unknown, or the model would be too large.
    """
    if not isinstance(config, dict) or "class_name" not in config or "config" not in config:
        raise ValueError(
            f"A layer's config must be a dict with 'class_name' and 'config'; got {str(config)[:80]}."
        )
    entry(config, "class_name", str, "the config of a layer")
    with given_to_call(custom_objects), building_from(config), restoring(), errors_at(_place(config)):
        return restored(config, lambda: _made_from(config, custom_objects))


def _made_from(config: Config, custom_objects: CustomObjects | None) -> Any:
    class_name, arguments = config["class_name"], config["config"]
    if isinstance(arguments, dict):
        _check_own(arguments)
    if class_name not in get_custom_objects():
        class_name, arguments = config_as_1x(class_name, arguments)
    cls = layer_class(class_name)
    # A class of the user's may ask for them, as those of Keras 1 do.
    takes_objects = "custom_objects" in inspect.signature(cls.from_config).parameters
    return cls.from_config(arguments, **({"custom_objects": custom_objects} if takes_objects else {}))


def _check_own(arguments: Config) -> None:
    """Checks what every layer has; the rest is checked by its class."""
    name, trainable = arguments.get("name"), arguments.get("trainable", True)
    if name is not None and (not isinstance(name, str) or not name):
        raise ValueError(f"the name of a layer must be text; got {name!r:.100}.")
    if not isinstance(trainable, bool | int | np.bool_):  # "false" would count as true
        raise ValueError(f"'trainable' of a layer must be true or false; got {trainable!r:.100}.")


def _place(config: Config) -> str:
    arguments = config["config"]
    name = arguments.get("name") if isinstance(arguments, dict) else None
    name = config.get("name") if name is None else name
    return config["class_name"] if name is None else f"{config['class_name']} {name!r:.80}"


def code_is_allowed() -> bool:
    """Whether the caller of the running load allows code from the file. False by default."""
    return _allow_code.get()


@contextlib.contextmanager
def allowing_code(allowed: bool) -> Iterator[None]:
    """Allows the code in configs for the duration of a `with` block, if `allowed` is exactly True."""
    token = _allow_code.set(allowed is True)
    try:
        yield
    finally:
        _allow_code.reset(token)
