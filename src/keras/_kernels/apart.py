"""Parts of a program that XLA must not fuse with the rest."""

import functools
from collections.abc import Callable
from typing import Any

import jax
from jax.experimental.xla_metadata import set_xla_metadata

#: Marks a call that XLA must not inline.
APART = {"inlineable": "false"}


def apart(function: Callable[..., Any], static: tuple[str, ...] = ()) -> Callable[..., Any]:
    """`function` as a separate part of a program, whose inputs are computed once, before it.

    XLA's CPU back end computes element-wise operations again in each operation that reads their result. That
    is cheap for one addition, but not for dozens of operations with ten readers. Besides, equal parts are
    compiled only once.

    Args:
        function: function of arrays.
        static: names of arguments that are not arrays; they are passed by name.
    """

    def body(*arrays: Any, **options: Any) -> Any:
        with set_xla_metadata(inlineable="true"):  # for the calls inside, those of loops included
            return function(*arrays, **options)

    compiled = jax.jit(body, static_argnames=static)

    @functools.wraps(function)
    def call(*arrays: Any, **options: Any) -> Any:
        with set_xla_metadata(**APART):
            return compiled(*arrays, **options)

    return call
