"""Python functions as text, for configs. Reading one back requires the caller's consent."""

import base64
import binascii
import importlib.util
import marshal
import sys
import types
from collections.abc import Callable, Sequence
from typing import Any

_CODE_MARK = "python-bytecode"
_MAGIC = importlib.util.MAGIC_NUMBER.hex()


def func_dump(func: Callable[..., Any]) -> tuple[str, tuple[Any, ...] | None, tuple[Any, ...] | None]:
    """Serializes a Python function to text that a config can hold.

    The text is the function's byte code, which only the Python version that wrote it can read; the text
    records that version. Global variables that the function uses are not stored.

    Args:
        func: a function or lambda written in Python.

    Returns:
        Tuple `(code, defaults, closure)`: `code` a str, `defaults` the tuple of default values or
        None, `closure` the tuple of values (not cells) that the function closes over, or None.

    Raises:
        TypeError: `func` has no Python code: it is a built-in, a class or a callable object.

    Example:
        >>> code, defaults, closure = func_dump(lambda x, n=2: x ** n)
        >>> defaults
        (2,)
        >>> func_load(code, defaults, closure, allow_code=True)(3)
        9
    """
    if not isinstance(func, types.FunctionType):
        raise TypeError(
            f"func_dump: got {func!r}, wanted a function or lambda written in Python. "
            "Wrap it: `lambda x: f(x)`."
        )
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    body = base64.b64encode(marshal.dumps(func.__code__)).decode("ascii")
    closure = tuple(cell.cell_contents for cell in func.__closure__) if func.__closure__ else None
    return f"{_CODE_MARK}:{version}:{_MAGIC}:{body}", func.__defaults__, closure


def func_load(
    code: str | Sequence[Any],
    defaults: Sequence[Any] | None = None,
    closure: Sequence[Any] | None = None,
    globs: dict[str, Any] | None = None,
    *,
    allow_code: bool = False,
) -> Callable[..., Any]:
    """Restores a function that `func_dump` serialized. Requires `allow_code=True`.

    Byte code can do anything that the process may do, so text from a file becomes a function only if the
    caller states that its author is trusted.

    Args:
        code: str from `func_dump`, or its whole result as a tuple or list of three.
        defaults: tuple or list of default values, or None.
        closure: tuple or list of the values the function closes over, or None.
        globs: dict with the global variables of the function; None means built-ins only.
        allow_code: bool, keyword only. True means that the author of the code is trusted.

    Returns:
        The function.

    Raises:
        ValueError: `allow_code` is not True, the code was written by another Python version, or it does
            not come from `func_dump`.
    """
    if allow_code is not True:
        raise ValueError(
            "func_load: refused to make a function from stored Python byte code, because that "
            "would run code that came with the file. If you trust its writer, pass "
            "allow_code=True. Safer: name the function and give it through custom_objects."
        )
    if isinstance(code, (tuple, list)):
        code, defaults, closure = code
    code_object = _read_code(code)
    cells = tuple(types.CellType(value) for value in closure) if closure else None
    return types.FunctionType(
        code_object,
        {} if globs is None else globs,
        name=code_object.co_name,
        argdefs=None if defaults is None else tuple(defaults),
        closure=cells,
    )


def _read_code(text: Any) -> types.CodeType:
    running = f"{sys.version_info.major}.{sys.version_info.minor}"
    remedy = "Define the function in your program and pass it through custom_objects."
    parts = text.split(":") if isinstance(text, str) else []
    if len(parts) != 4 or parts[0] != _CODE_MARK:
        raise ValueError(
            f"func_load: Python {running} cannot read the stored function, which does not record the "
            f"Python version that wrote it (the original Keras, on Python 2.7 to 3.6, never did). {remedy}"
        )
    _, version, magic, body = parts
    if magic != _MAGIC:
        raise ValueError(
            f"func_load: the stored function is byte code of Python {version} (magic {magic}); "
            f"this is Python {running} (magic {_MAGIC}), which cannot run it. {remedy}"
        )
    try:
        code_object = marshal.loads(base64.b64decode(body, validate=True))
        if not isinstance(code_object, types.CodeType):
            raise TypeError(f"it holds a {type(code_object).__name__}")
        return code_object
    except (binascii.Error, EOFError, TypeError, ValueError) as error:
        raise ValueError(f"func_load: the stored function is damaged ({error}). {remedy}") from error
