"""The device that programs run on, and the options to compile for it."""

import contextlib
import contextvars
import functools
from collections.abc import Iterator

import jax

_CPU_OPTIONS: dict[str, str | bool | int | float] = {
    # XLA's CPU back end has two libraries of kernels. For convolutions without padding it chooses YNNPACK,
    # which is up to five times slower there than Eigen; this leaves YNNPACK only matrix products. See
    # docs/decisions/0008.
    "xla_cpu_experimental_ynn_fusion_type": "LIBRARY_FUSION_TYPE_DOT",
    # Higher levels of LLVM take up to a quarter longer to compile, and do not speed up the steps of
    # benchmarks/.
    "xla_backend_optimization_level": 1,
}


_portable = contextvars.ContextVar("portable", default=False)


@contextlib.contextmanager
def for_any_device() -> Iterator[None]:
    """Context manager: programs traced in the block have XLA's own forms, which every device runs."""
    token = _portable.set(True)
    try:
        yield
    finally:
        _portable.reset(token)


def on_cpu() -> bool:
    """Whether programs run on the CPU. For other devices the kernels have XLA's own forms."""
    return not _portable.get() and jax.default_backend() == "cpu"


@functools.cache
def compiler_options() -> dict[str, str | bool | int | float] | None:
    """The options to compile programs with, for `jax.jit`; None where this XLA does not know them."""
    if jax.default_backend() != "cpu":  # not `on_cpu`: the answer is kept
        return None
    try:
        jax.jit(lambda: 0, compiler_options=_CPU_OPTIONS).lower().compile()
    except Exception:  # any version of XLA may drop an option, and the type of its error is not documented
        return None
    return _CPU_OPTIONS
