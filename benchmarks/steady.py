"""Whether the cost stays what it is: 10,000 steps, 200 models one after the other, a chain of 1,000 layers.

    python benchmarks/steady.py

Run by the Python that has keras-classic. The first model pays for what is compiled once.
"""

import gc
import statistics
import time

import numpy as np

from keras.layers import Dense, Input
from keras.models import Model

PARTS = 10


def chain(layers, width=32):
    inputs = x = Input(shape=(width,))
    for _ in range(layers):
        x = Dense(width, activation="relu")(x)
    return Model(input=inputs, output=x)


def seconds(work):
    before = time.perf_counter()
    work()
    return time.perf_counter() - before


def parts(times):
    """The median of each of ten equal parts."""
    size = len(times) // PARTS
    return [statistics.median(times[start : start + size]) for start in range(0, size * PARTS, size)]


def main():
    x = np.random.RandomState(0).rand(32, 32).astype("float32")
    model = chain(2)
    model.compile("rmsprop", "mse")
    model.train_on_batch(x, x)
    steps = parts([seconds(lambda: model.train_on_batch(x, x)) for _ in range(10_000)])
    print("train_on_batch, 10,000 times, ms in each tenth:", *(f"{1e3 * step:.3f}" for step in steps))

    def use():
        model = chain(2)
        model.compile("rmsprop", "mse")
        model.fit(x, x, nb_epoch=1, verbose=0)
        del model
        gc.collect()

    models = parts([seconds(use) for _ in range(200)])
    print("build, fit and drop, 200 models, s in each tenth:", *(f"{model:.3f}" for model in models))
    print(f"a chain of 1,000 layers is built in {seconds(lambda: chain(1000)):.1f} s")


if __name__ == "__main__":
    main()
