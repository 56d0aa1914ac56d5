"""What the kernels ask of the machine, in one place."""

import functools

import jax
from jax.experimental.xla_metadata import set_xla_metadata

_CPU_OPTIONS = {
    # XLA's CPU back end has two libraries of kernels. For convolutions without padding it takes YNNPACK, up
    # to five times slower there than Eigen; this leaves it the matrix products only. See docs/decisions/0008.
    "xla_cpu_experimental_ynn_fusion_type": "LIBRARY_FUSION_TYPE_DOT",
    # LLVM's levels above cost up to a quarter of the time to compile, and gain nothing in the steps of
    # benchmarks/.
    "xla_backend_optimization_level": 1,
}


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


#: What marks a call that XLA must not dissolve.
APART = {"inlineable": "false"}


def apart(function, static=()):
    """`function` as a part of its own of a program: what it reads is made once, before.

    XLA's CPU back end makes an operand anew in each operation that reads it, if it is the result of
    operations on single elements. That is right for an addition, and wrong for a few dozen operations that
    ten others read. Parts that are the same are also compiled once.

    Args:
        function: function of arrays.
        static: names of arguments that are not arrays; they are passed by name.
    """

    def body(*arrays, **options):
        with set_xla_metadata(inlineable="true"):  # the calls inside, those of loops too
            return function(*arrays, **options)

    compiled = jax.jit(body, static_argnames=static)

    @functools.wraps(function)
    def call(*arrays, **options):
        with set_xla_metadata(**APART):
            return compiled(*arrays, **options)

    return call
