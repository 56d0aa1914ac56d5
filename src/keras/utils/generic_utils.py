"""Keras 1's path of custom objects, stored functions and the progress bar."""

import inspect
from typing import Any

from .._base.byte_code import func_dump as func_dump
from .._base.byte_code import func_load as func_load
from .._base.custom_objects import _GLOBAL_CUSTOM_OBJECTS as _GLOBAL_CUSTOM_OBJECTS
from .._base.custom_objects import CustomObjectScope as CustomObjectScope
from .._base.custom_objects import custom_object_scope as custom_object_scope
from .._base.custom_objects import get_custom_objects as get_custom_objects
from .._base.names import get_from_module as get_from_module
from .._base.names import make_tuple as make_tuple
from .._base.progress import Progbar as Progbar
from ..engine.node import object_list_uid as object_list_uid
from ..engine.node import to_list as to_list


def has_arg(fn: Any, name: str, accept_all: bool = False) -> bool:
    """Whether a function can be called with a keyword argument.

    Args:
        fn: callable.
        name: str.
        accept_all: whether `**kwargs` counts.
    """
    parameters = inspect.signature(fn).parameters
    if accept_all and any(p.kind is p.VAR_KEYWORD for p in parameters.values()):
        return True
    found = parameters.get(name)
    return found is not None and found.kind in (found.POSITIONAL_OR_KEYWORD, found.KEYWORD_ONLY)


def unpack_singleton(x: Any) -> Any:
    """Returns the item of a list or tuple of one; anything else unchanged."""
    return x[0] if isinstance(x, list | tuple) and len(x) == 1 else x


def is_all_none(iterable_or_element: Any) -> bool:
    """Whether an object is None, or a list or tuple of None."""
    items = iterable_or_element if isinstance(iterable_or_element, list | tuple) else [iterable_or_element]
    return all(item is None for item in items)
