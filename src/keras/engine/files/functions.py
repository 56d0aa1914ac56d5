"""Functions inside configs: what `Lambda` and `Merge` may hold. The one door for code in files."""

import builtins
import types

from ... import backend
from ..._base.byte_code import func_dump, func_load
from ..._base.names import get_custom_objects
from .registry import code_is_allowed


def function_to_config(value):
    """A function (or plain value) as (data, kind).

    Returns:
        (value, "raw") for what is no function; (dump, "lambda") for a lambda; (name, "function") for a
        named function, which the reader must be given through `custom_objects`.
    """
    if not callable(value):
        return value, "raw"
    if isinstance(value, types.LambdaType) and value.__name__ == "<lambda>":
        return list(func_dump(value)), "lambda"
    return value.__name__, "function"


def function_from_config(data, kind, where):
    """The function that a config holds.

    Args:
        data, kind: as `function_to_config` gave them.
        where: str for messages, such as "Lambda 'lambda_1': function".
    Raises:
        ValueError: if it is byte code and the caller of the load has not allowed that, or a function
            whose name is not in `custom_objects`.
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
            f"{where} is the function {data!r}, which the file only names. Pass it: "
            f"custom_objects={{{data!r}: {data}}}."
        )
    raise ValueError(f"{where}: unknown kind of function {kind!r} in the config.")


def _names_for_lambdas():
    """What the body of a stored lambda may call: K, and what the caller passed."""
    return {"__builtins__": builtins, "K": backend, **get_custom_objects()}
