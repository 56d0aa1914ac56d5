"""`naming`: errors that say in which file and where in it."""

import functools
from collections.abc import Callable
from typing import Concatenate, ParamSpec, Protocol, TypeVar

from .errors import Damage, Unsupported


class _Named(Protocol):
    @property
    def filename(self) -> str: ...

    @property
    def path(self) -> str: ...


_Parameters = ParamSpec("_Parameters")
_Result = TypeVar("_Result")
_Item = TypeVar("_Item", bound=_Named)


def naming(
    method: Callable[Concatenate[_Item, _Parameters], _Result],
) -> Callable[Concatenate[_Item, _Parameters], _Result]:
    """Decorates a method of a group or an array: its `Damage` and `Unsupported` will name file and path."""

    @functools.wraps(method)
    def named(self: _Item, *args: _Parameters.args, **kwargs: _Parameters.kwargs) -> _Result:
        try:
            return method(self, *args, **kwargs)
        except Damage as error:
            raise OSError(f"The file is damaged: {self.filename}, at {self.path} ({error}).") from error
        except Unsupported as error:
            raise ValueError(f"{self.filename}: {self.path} {error}.") from error

    return named
