"""Names to objects: the tables of custom objects, and the lookup behind every `get`."""

import difflib
import numbers

_CUSTOM_OBJECTS = {}

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


def make_tuple(*args):
    """Gives its arguments as a tuple.

    Example:
        >>> make_tuple(1, 'a')
        (1, 'a')
    """
    return args
