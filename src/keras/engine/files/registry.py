"""Layer classes by the names that files use for them, in a table that only this package fills.

A user's class is found only if it is passed through `custom_objects`: a user's `Dense` must not shadow
the `Dense` of this package, and nothing is imported because a file names it.
"""

import contextlib
import contextvars
import difflib
from collections.abc import Iterator
from typing import Any

from ..._base.names import custom_object_scope, get_custom_objects
from ..._base.types import Config, CustomObjects
from ..._spelling import config_as_1x
from .budget import building_from

_LAYERS: dict[str, Any] = {}  # name -> subclass of Layer
_allow_code: contextvars.ContextVar[bool] = contextvars.ContextVar("allow_code", default=False)


def register(*classes: Any, **named: Any) -> None:
    """Adds layer classes to the table, under their own names, or under other names by keyword."""
    _LAYERS.update({cls.__name__: cls for cls in classes}, **named)


def layer_class(name: Any) -> Any:
    """Returns the layer class with this name.

    Raises:
        ValueError: there is none; the message shows how to pass one.
    """
    for table in (get_custom_objects(), _LAYERS):
        if isinstance(name, str) and name in table:
            return table[name]
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
    with building_from(config), custom_object_scope(custom_objects or {}):
        class_name, config = config["class_name"], config["config"]
        if class_name not in get_custom_objects():
            class_name, config = config_as_1x(class_name, config)
        return layer_class(class_name).from_config(config)


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
