"""Times of the kernels beside XLA's own forms, on this machine.

    python benchmarks/kernels.py [SECONDS]    a line per shape, pass and form; SECONDS per comparison (2)

"xla" is what lax says, compiled with XLA's default options; "ours" is keras._kernels with its options. The
forms of a comparison take turns, and the least of each one's times counts: other work on the machine only
adds. CPU time is that of all threads.
"""

import sys
import time

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from keras._host import platform
from keras._kernels import convolution, pooling

# (samples, side of the image, channels, filters, side of the kernel, padding)
CONVOLUTIONS = [
    (1, 128, 64, 64, 3, "SAME"),
    (1, 128, 64, 64, 3, "VALID"),
    (1, 64, 64, 64, 5, "SAME"),
    (16, 25, 64, 64, 3, "VALID"),
    (2, 28, 256, 256, 3, "SAME"),
    (2, 112, 3, 64, 3, "SAME"),
    (1, 128, 3, 64, 1, "SAME"),
]
# (shape, side of the window, stride, padding)
POOLINGS = [
    ((2, 112, 112, 64), 2, 2, "VALID"),
    ((2, 112, 112, 64), 3, 2, "VALID"),
    ((4, 128, 128, 3), 3, 1, "SAME"),
]


def main(seconds):
    """Prints the table."""
    print(f"{'shape':34s}{'pass':18s}{'form':6s}{'wall ms':>9s}{'cpu ms':>9s}{'GFLOP/s':>9s}")
    numbers = np.random.RandomState(0)
    for samples, side, channels, filters, k, padding in CONVOLUTIONS:
        x = jnp.asarray(numbers.randn(samples, side, side, channels), "float32")
        kernel = jnp.asarray(numbers.randn(k, k, channels, filters), "float32")

        def ours(x, kernel, padding=padding):
            return convolution.convolve(x, kernel, (1, 1), padding, (1, 1))

        def xla(x, kernel, padding=padding):
            layout = ("NHWC", "HWIO", "NHWC")
            return lax.conv_general_dilated(x, kernel, (1, 1), padding, dimension_numbers=layout)

        u = xla(x, kernel)
        flops = 2 * u.size * kernel.size / filters
        shape = f"{samples}x{side}x{side}x{channels} {k}x{k} {filters} {padding}"
        passes = {"forward": None, "input gradient": 0, "filter gradient": 1}
        for name, argument in passes.items():
            forms = {"xla": (xla, None), "ours": (ours, platform.compiler_options())}
            programs = {n: compiled(f, options, argument) for n, (f, options) in forms.items()}
            report(shape, name, programs, (x, kernel, u), flops, seconds)
        loops = {n: in_a_loop(f, options) for n, (f, options) in forms.items()}
        report(shape, "filter, in a loop", loops, (x, kernel, u), flops, seconds)
    for shape, k, stride, padding in POOLINGS:
        x = jnp.asarray(numbers.randn(*shape), "float32")

        def ours_pool(x, kernel, k=k, stride=stride, padding=padding):
            return pooling.max_pool(x, (k, k), (stride, stride), padding)

        def xla_pool(x, kernel, k=k, stride=stride, padding=padding):
            window = ((1, k, k, 1), (1, stride, stride, 1), padding)
            return lax.reduce_window(x, -jnp.inf, lax.max, *window)

        forms = {"xla": (xla_pool, None), "ours": (ours_pool, platform.compiler_options())}
        programs = {n: compiled(f, options, 0) for n, (f, options) in forms.items()}
        values = (x, jnp.zeros(()), xla_pool(x, None))
        report(f"{shape} {k}x{k} by {stride} {padding}", "maximum, both", programs, values, 0, seconds)


def compiled(function, options, argument):
    """The function, or its gradient with respect to one of its arguments, as a program of (x, kernel, u)."""

    def gradient(x, kernel, u):
        return jax.vjp(function, x, kernel)[1](u)[argument]

    chosen = gradient if argument is not None else lambda x, kernel, u: function(x, kernel)
    return jax.jit(chosen, compiler_options=options)


def in_a_loop(function, options):
    """One step of a loop whose length is a value, as in the epoch program."""

    def program(x, kernel, u, steps):
        def body(_, kernel):
            return kernel + 1e-9 * jax.vjp(function, x, kernel)[1](u)[1]

        return lax.fori_loop(0, steps, body, kernel)

    jitted = jax.jit(program, compiler_options=options)
    return lambda *values: jitted(*values, 1)


def report(shape, name, programs, values, flops, seconds):
    """Runs the programs in turns and prints the least times of each."""
    times = {form: [] for form in programs}
    for program in programs.values():
        jax.block_until_ready(program(*values))
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or not all(times.values()):
        for form, program in programs.items():
            wall, cpu = time.perf_counter(), time.process_time()
            jax.block_until_ready(program(*values))
            times[form].append((time.perf_counter() - wall, time.process_time() - cpu))
    for form, measured in times.items():
        wall, cpu = (1e3 * min(column) for column in zip(*measured, strict=True))
        rate = f"{flops / wall / 1e6:9.1f}" if flops else ""
        print(f"{shape:34s}{name:18s}{form:6s}{wall:9.2f}{cpu:9.2f}{rate}", flush=True)


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 2.0)
