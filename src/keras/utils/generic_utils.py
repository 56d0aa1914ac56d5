"""Tools that every level uses: names to objects, functions to text, the progress bar.

This module imports nothing of keras, so that any other may import it.
"""

import base64
import binascii
import difflib
import importlib.util
import marshal
import numbers
import os
import sys
import time
import types

# --- names to objects ---------------------------------------------------------------------------

_CUSTOM_OBJECTS = {}
_PACKAGE = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "")

# Values that no configuration may mean by mistake for a function or an object.
_PLAIN_VALUES = (numbers.Number, bytes, list, tuple, set)


def get_custom_objects():
    """Gives the process-wide dictionary of custom objects, name -> class or function.

    Changing the dictionary changes what names mean everywhere; `CustomObjectScope` does the same
    for the length of a `with` block.

    Returns:
        The dictionary itself, not a copy.

    Example:
        >>> def swish(x):
        ...     return x
        >>> get_custom_objects()['swish'] = swish
        >>> get_from_module('swish', {}, 'activation function') is swish
        True
        >>> get_custom_objects().clear()
    """
    return _CUSTOM_OBJECTS


class CustomObjectScope:
    """A `with` block in which custom names are known; at its end the former ones are back.

    Args:
        *args: dictionaries, name -> class or function. A later one wins over an earlier one.

    Example:
        >>> with CustomObjectScope({'twice': max}):
        ...     'twice' in get_custom_objects()
        True
        >>> 'twice' in get_custom_objects()
        False
    """

    def __init__(self, *args):
        self.custom_objects = args
        self.backup = {}

    def __enter__(self):
        self.backup = dict(_CUSTOM_OBJECTS)
        for objects in self.custom_objects:
            _CUSTOM_OBJECTS.update(objects)
        return self

    def __exit__(self, *exc_info):
        _CUSTOM_OBJECTS.clear()
        _CUSTOM_OBJECTS.update(self.backup)


def custom_object_scope(*args):
    """Makes a `CustomObjectScope`; see there.

    Args:
        *args: dictionaries, name -> class or function.

    Returns:
        A context manager.
    """
    return CustomObjectScope(*args)


def get_from_module(identifier, module_params, module_name, instantiate=False, kwargs=None):
    """Finds the object that a user named: by a string, by a dictionary, or by the object itself.

    Custom objects win over `module_params`.

    Args:
        identifier: a name; or a dictionary with 'name' and the arguments to build it with; or the
            object itself (any callable or instance) or None, which come back unchanged.
        module_params: dict name -> object, the names that are known.
        module_name: str, what is being looked for, such as 'activation function'; used in errors.
        instantiate: bool, whether a name means "call it" (optimizers, regularizers).
        kwargs: dict of arguments for that call, or None. A dictionary identifier brings its own.

    Returns:
        The object found, called if `instantiate` or if a dictionary came.

    Raises:
        ValueError: nothing of that name is known, or a dictionary has no 'name'.
        TypeError: a number, bytes or a list came, which names nothing.

    Example:
        >>> get_from_module('max', {'max': max}, 'function') is max
        True
    """
    if isinstance(identifier, str):
        found = _look_up(identifier, module_params, module_name)
        return found(**(kwargs or {})) if instantiate else found
    if isinstance(identifier, dict):
        if "name" not in identifier:
            raise ValueError(
                f"Invalid {module_name}: the dictionary {identifier!r} has no 'name'. "
                f"{_known_names(module_params)}"
            )
        arguments = {key: value for key, value in identifier.items() if key != "name"}
        return _look_up(identifier["name"], module_params, module_name)(**arguments)
    if isinstance(identifier, _PLAIN_VALUES):
        raise TypeError(
            f"Invalid {module_name}: got {identifier!r} ({type(identifier).__name__}), wanted a "
            f"name or an object. {_known_names(module_params)}"
        )
    return identifier


def _look_up(name, known, kind):
    for table in (_CUSTOM_OBJECTS, known):
        if name in table:
            return table[name]
    close = difflib.get_close_matches(str(name), [*_CUSTOM_OBJECTS, *known], n=1)
    hint = f" Did you mean {close[0]!r}?" if close else ""
    raise ValueError(
        f"Invalid {kind}: {name!r}.{hint} {_known_names(known)} "
        f"If it is your own, pass the object itself or custom_objects={{{name!r}: ...}}."
    )


def _known_names(known):
    return f"Known names: {', '.join(sorted({*_CUSTOM_OBJECTS, *known}))}."


def levels_to_caller():
    """The `stacklevel` with which `warnings.warn` names the line that called into keras.

    How many calls lie between depends on the way in: subclasses, and spellings that are translated.
    """
    level, frame = 1, sys._getframe(1)
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_PACKAGE):
        level, frame = level + 1, frame.f_back
    return level


def make_tuple(*args):
    """Gives its arguments as a tuple.

    Example:
        >>> make_tuple(1, 'a')
        (1, 'a')
    """
    return args


# --- functions to text --------------------------------------------------------------------------

_CODE_MARK = "python-bytecode"
_MAGIC = importlib.util.MAGIC_NUMBER.hex()


def func_dump(func):
    """Writes a Python function as text, so that a configuration can hold it.

    The text is the function's byte code, which only the Python version that wrote it can read; it
    says which one that was. Values that the function takes from its module are not stored.

    Args:
        func: a function or lambda written in Python.

    Returns:
        Tuple `(code, defaults, closure)`: `code` a str, `defaults` the tuple of default values or
        None, `closure` the tuple of values (not cells) the function closes over or None.

    Raises:
        TypeError: `func` has no Python code (a built-in, a class, a callable object).

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


def func_load(code, defaults=None, closure=None, globs=None, *, allow_code=False):
    """Makes a function of what `func_dump` wrote. Refuses unless `allow_code=True` is passed.

    Byte code can do anything the process may do, so text from a file is never turned into a
    function unless the caller says that its writer is trusted.

    Args:
        code: str from `func_dump`; or its whole result, a tuple or list of three.
        defaults: tuple or list of default values, or None.
        closure: tuple or list of the values the function closes over, or None.
        globs: dict in which the function finds its global names; None means built-ins only.
        allow_code: bool, keyword only. True says: I trust whoever wrote this code to run it.

    Returns:
        The function.

    Raises:
        ValueError: `allow_code` is not True, or the code was written by another Python version, or
            does not come from `func_dump`.
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


def _read_code(text):
    running = f"{sys.version_info.major}.{sys.version_info.minor}"
    mend = "Write the function again in your program and give it through custom_objects."
    parts = text.split(":") if isinstance(text, str) else []
    if len(parts) != 4 or parts[0] != _CODE_MARK:
        raise ValueError(
            f"func_load: Python {running} cannot read the stored function, which does not say what "
            f"Python wrote it (the original Keras, on Python 2.7 to 3.6, never did). {mend}"
        )
    _, version, magic, body = parts
    if magic != _MAGIC:
        raise ValueError(
            f"func_load: the stored function is byte code of Python {version} (magic {magic}); "
            f"this is Python {running} (magic {_MAGIC}), which cannot run it. {mend}"
        )
    try:
        code_object = marshal.loads(base64.b64decode(body, validate=True))
        if not isinstance(code_object, types.CodeType):
            raise TypeError(f"it holds a {type(code_object).__name__}")
        return code_object
    except (binascii.Error, EOFError, TypeError, ValueError) as error:
        raise ValueError(f"func_load: the stored function is damaged ({error}). {mend}") from error


# --- progress bar -------------------------------------------------------------------------------

# Shortest time between two redraws, seconds. A notebook sends each redraw over a socket.
_REDRAW_SECONDS = {"terminal": 0.1, "notebook": 0.2, "log": float("inf")}


class Progbar:
    """A progress bar with the running averages of some values.

    On a terminal and in a notebook the bar is one line drawn over and over, at most ten (five)
    times a second. Anywhere else - a log file, a pipe - it is one line, written when the work is
    done, without control characters.

    Args:
        target: int, how many units (samples, steps) the work has.
        width: int, width of the bar in characters.
        verbose: 1 draws the bar, 2 writes a line of numbers at the end, 0 writes nothing.
        interval: float, seconds between two redraws at least.

    Example:
        >>> progbar = Progbar(20, verbose=2)
        >>> progbar.update(10, [('loss', 2.0)])
        >>> progbar.update(20, [('loss', 4.0)])
        0s - loss: 3.0000
    """

    def __init__(self, target, width=30, verbose=1, interval=0.05):
        self.target = target
        self.width = width
        self.verbose = verbose
        self.interval = interval
        self.seen_so_far = 0
        self.sum_values = {}  # name -> [sum of value * units, units], in order of appearance
        self.start = time.monotonic()
        self.last_update = 0.0
        self.total_width = 0
        self._place = _output_place()
        self._pause = max(interval, _REDRAW_SECONDS[self._place])

    def update(self, current, values=None, force=False):
        """Says how far the work is, and what its newest values are.

        Args:
            current: int, how many units are done now, of `target`.
            values: list of `(name, value)`. A value counts as the mean over the units done since
                the last call; what is shown is the mean over all units.
            force: bool, redraw now even when a redraw is not due.
        """
        units = current - self.seen_so_far
        was_done = self.seen_so_far >= self.target
        self.seen_so_far = current
        for name, value in values or ():
            total = self.sum_values.setdefault(name, [0, 0])
            total[0] += value * units
            total[1] += units

        if not self.verbose:
            return
        now = time.monotonic()
        done = current >= self.target
        finishes = done and not was_done
        if self.verbose == 1 and (finishes or force or now - self.last_update >= self._pause):
            self.last_update = now
            self._draw(current, now - self.start)
        elif self.verbose == 2 and done:
            print(f"{int(now - self.start)}s{self._averages()}")

    def add(self, n, values=None):
        """Says that `n` more units are done; `values` as in `update`."""
        self.update(self.seen_so_far + n, values)

    def _draw(self, current, elapsed):
        line = self._bar(current) + self._clock(current, elapsed) + self._averages()
        if self._place == "log":
            print(line, flush=True)
            return
        # Spaces wipe what is left of a longer line before.
        end = "\n" if current >= self.target else ""
        print("\r" + line.ljust(self.total_width), end=end, flush=True)
        self.total_width = len(line)

    def _bar(self, current):
        digits = len(str(int(self.target)))
        filled = int(self.width * current / self.target) if self.target else self.width
        tip = "" if filled <= 0 else ">" if current < self.target else "="
        bar = ("=" * (filled - 1) + tip).ljust(self.width, ".")
        return f"{int(current):{digits}d}/{int(self.target)} [{bar}]"

    def _clock(self, current, elapsed):
        if current >= self.target:
            return f" - {int(elapsed)}s"
        left = elapsed / current * (self.target - current) if current else 0
        return f" - ETA: {int(left)}s"

    def _averages(self):
        text = ""
        for name, (total, units) in self.sum_values.items():
            mean = total / max(1, units)
            # Keras 1.2.2 looks at the size only with verbose=1; verbose=2 writes all negative
            # values with an exponent. Logs are parsed by scripts, so both stay.
            size = abs(mean) if self.verbose == 1 else mean
            text += f" - {name}: {mean:.4f}" if size > 1e-3 else f" - {name}: {mean:.4e}"
        return text


def _output_place():
    """'terminal', 'notebook' or 'log': what standard output is."""
    if type(sys.stdout).__module__.partition(".")[0] == "ipykernel":
        return "notebook"
    is_terminal = getattr(sys.stdout, "isatty", lambda: False)
    return "terminal" if is_terminal() else "log"
