"""Class names in files to classes, through one written table that nothing but our own code fills.

A class of the user's is found only under a name that the caller passed (`custom_objects`): a user's own
`Dense` must not shadow ours, and nothing is imported because a file says so.
"""

import contextlib
import contextvars
import difflib

from ..._base.names import custom_object_scope, get_custom_objects
from ..._spelling import config_as_1x
from .budget import building_from

_LAYERS = {}
_allow_code = contextvars.ContextVar("allow_code", default=False)


def register(*classes, **named):
    """Adds layer classes under their own names (and under others, by keyword) to the table."""
    _LAYERS.update({cls.__name__: cls for cls in classes}, **named)


def layer_class(name):
    """The class with this name.

    Raises:
        ValueError: naming the class that is missing and how to pass it.
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


def layer_from_config(config, custom_objects=None):
    """Makes a layer from {"class_name": ..., "config": ...}.

    Args:
        config: dict as `get_config` of a model holds it for each layer.
        custom_objects: dict name -> class or function, or None.
    Raises:
        ValueError: if the dict is not of that form, the class is not known, or it asks for too much.
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


def code_is_allowed():
    """Whether the caller of the running load has agreed to run code from the file. Unset means no."""
    return _allow_code.get()


@contextlib.contextmanager
def allowing_code(allowed):
    """For the length of a `with` block, code in a config may run, if `allowed` is exactly True."""
    token = _allow_code.set(allowed is True)
    try:
        yield
    finally:
        _allow_code.reset(token)
