"""Functions in the configs of `Lambda` and `Merge`. Only this module turns code from files into functions."""

import builtins
import types
from typing import Any

from ... import backend
from ..._base.byte_code import func_dump, func_load
from ..._base.names import get_custom_objects
from .registry import code_is_allowed


def function_to_config(value: Any) -> tuple[Any, str]:
    """Converts a function or plain value to (data, kind) for a config.

    Returns:
        (value, "raw") for a plain value; (dump, "lambda") for a lambda; (name, "function") for a named
        function, which must be passed through `custom_objects` when the config is read.
    """
    if not callable(value):
        return value, "raw"
    if isinstance(value, types.LambdaType) and value.__name__ == "<lambda>":
        return list(func_dump(value)), "lambda"
    return value.__name__, "function"


def function_from_config(data: Any, kind: Any, where: str) -> Any:
    """Returns the function or plain value in a config.

    Args:
        data, kind: the result of `function_to_config`.
        where: str for messages, such as "Lambda 'lambda_1': function".

    Raises:
        ValueError: it is byte code that the caller of the load has not allowed, or a function whose name is
            not in `custom_objects`.
    """
    if kind == "raw" or data is None:
        return data
    if kind == "lambda":
        try:
            return func_load(data, allow_code=code_is_allowed(), globs=_names_for_lambdas())
        except ValueError as error:
            raise ValueError(
                f"{where} is Python byte code, stored in the file. {error} For load_model and "
                "model_from_json or _yaml that is allow_code=True."
            ) from None
    if kind == "function" and isinstance(data, str):
        if data in get_custom_objects():
            return get_custom_objects()[data]
        raise ValueError(
            f"{where} is the function {data!r}, of which the file has only the name. Pass it: "
            f"custom_objects={{{data!r}: {data}}}."
        )
    raise ValueError(f"{where}: unknown kind of function {kind!r} in the config.")


def _names_for_lambdas() -> dict[str, Any]:
    """Returns the global names of a stored lambda: built-ins, K and custom objects."""
    return {"__builtins__": builtins, "K": backend, **get_custom_objects()}
