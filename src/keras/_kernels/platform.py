"""What the kernels ask of the machine, in one place."""

import functools

import jax

#: XLA's CPU back end has two libraries of kernels. For convolutions without padding it takes YNNPACK, up to
#: five times slower there than Eigen; this leaves it the matrix products only. See docs/decisions/0008.
_CPU_OPTIONS = {"xla_cpu_experimental_ynn_fusion_type": "LIBRARY_FUSION_TYPE_DOT"}


def on_cpu():
    """Whether programs run on the CPU; everywhere else the forms are XLA's own."""
    return jax.default_backend() == "cpu"


@functools.cache
def compiler_options():
    """The options to compile programs with, a dict for `jax.jit`; None where this XLA does not know them."""
    if not on_cpu():
        return None
    try:
        jax.jit(lambda: 0, compiler_options=_CPU_OPTIONS).lower().compile()
    except Exception:  # an option may go with any version of XLA, and with it goes its error's type
        return None
    return _CPU_OPTIONS
