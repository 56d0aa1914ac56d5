"""What the machine could do at best: FLOPs over its matrix-product rate, bytes over its copy rate.

python benchmarks/floor.py         prints both rates and each workload's floor as JSON
"""

import json
import time

import jax
import jax.numpy as jnp
import numpy as np
import workloads
from peers import keras1

from keras.layers import LSTM, Convolution2D, Dense, TimeDistributed
from keras.models import Model


def matrix_product_rate(size=2048, tries=7):
    """FLOP/s of the best of some float32 matrix products of (size, size) by (size, size)."""
    a = jnp.ones((size, size), "float32")
    product = jax.jit(jnp.dot)
    product(a, a).block_until_ready()
    return 2 * size**3 / min(seconds(lambda: product(a, a).block_until_ready()) for _ in range(tries))


def copy_rate(megabytes=512, tries=5):
    """Bytes read and written per second by the best of some copies of a large array."""
    source = np.ones(megabytes * 2**18, "float32")
    target = np.empty_like(source)
    np.copyto(target, source)
    return 2 * source.nbytes / min(seconds(lambda: np.copyto(target, source)) for _ in range(tries))


def seconds(work):
    before = time.perf_counter()
    work()
    return time.perf_counter() - before


def training_flops(model, batch):
    """FLOPs of the matrix products in a training step; an LSTM's gates and the like are left out.

    Forward, gradient of the weights and gradient of the input cost the same; a layer that reads the
    model's inputs needs no gradient of its input.
    """
    return sum(flops * (2 if reads_data else 3) for flops, reads_data in forward_products(model, batch, True))


def forward_products(model, batch, on_data):
    """Yields (FLOPs of a layer call, whether its input is data) for all calls in a model."""
    inputs = {tensor.key for tensor in model.inputs} if on_data else set()
    for layer in model.layers:
        for node in layer.inbound_nodes:
            if not node.inbound_layers or not node.input_tensors:
                continue
            reads_data = all(tensor.key in inputs for tensor in node.input_tensors)
            shape, out = node.input_shapes[0], node.output_shapes[0]
            inner, count = (
                (layer.layer, batch * shape[1]) if isinstance(layer, TimeDistributed) else (layer, batch)
            )
            if isinstance(inner, Model):
                yield from forward_products(inner, count, reads_data)
            else:
                yield 2 * count * multiply_adds(inner, shape, out), reads_data


def multiply_adds(layer, shape, out):
    """Multiply-adds of one sample's matrix products."""
    if isinstance(layer, Dense):
        return shape[-1] * layer.output_dim
    if isinstance(layer, Convolution2D):
        size = layer.nb_row * layer.nb_col * shape[1 if layer.dim_ordering == "th" else 3]
        return size * int(np.prod(out[1:]))
    if isinstance(layer, LSTM):
        return shape[1] * 4 * layer.output_dim * (shape[2] + layer.output_dim)
    return 0


def floors():
    """{"rate": ..., "copy": ..., "workloads": {name: {"flops", "bytes", "seconds"}}}."""
    rate, copy = matrix_product_rate(), copy_rate()
    found = {}
    for name, sizes in workloads.WORKLOADS.items():
        model, _ = getattr(keras1, name)(sizes)
        flops = training_flops(model, sizes["batch"])
        # RMSprop reads weight, gradient and mean square, writes weight and mean square; the gradient was
        # written before.
        size = 6 * 4 * model.count_params()
        found[name] = {"flops": flops, "bytes": size, "seconds": max(flops / rate, size / copy)}
    return {"rate": rate, "copy": copy, "workloads": found}


if __name__ == "__main__":
    print(json.dumps(floors()))
