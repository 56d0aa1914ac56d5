"""A training with the same numbers on any number of devices and processes, and how to start them."""

import contextlib
import os
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

import keras
from keras.layers import BatchNormalization, Dense, Dropout, Input
from keras.models import Model

#: Sums in another order; the numbers are float64.
TOLERANCE = {"rtol": 1e-9, "atol": 1e-10}
SAMPLES, BATCH = 38, 8  # 32 to train on, with a short last batch, and 6 to validate with


def network():
    x = Input((6,), name="x")
    y = Dense(512, activation="tanh", W_regularizer="l2", name="wide", bias=False)(x)
    y = Dropout(0.3, name="drop")(BatchNormalization(name="norm")(y))
    model = Model(x, Dense(2, activation="softmax", name="last")(y))
    model.compile("adam", "categorical_crossentropy", metrics=["accuracy"])
    return model


def data():
    random = np.random.RandomState(1)
    x = random.uniform(-1, 1, (SAMPLES, 6))
    return x, np.eye(2)[(x.sum(axis=1) > 0).astype(int)], random.uniform(0.5, 2, SAMPLES)


def batches():
    x, y, w = data()
    while True:
        yield x[:BATCH], y[:BATCH], w[:BATCH]


def trained(whole, **options):
    """Trains a model, and runs its other methods if `whole`; returns name -> numbers, and the model."""
    np.random.seed(3)
    x, y, w = data()
    model = network()
    history = model.fit(
        x, y, BATCH, 2, verbose=0, sample_weight=w, validation_data=(x[-6:], y[-6:]), **options
    )
    found = {"history": list(history.history.values())}
    found["weights"] = np.concatenate([weight.ravel() for weight in model.get_weights()])
    found["predict"] = model.predict(x[:6], BATCH)
    if whole:
        found["on_batch"] = np.ravel(model.train_on_batch(x[:BATCH], y[:BATCH], w[:BATCH]))
        found["generator"] = list(model.fit_generator(batches(), 2 * BATCH, 1, verbose=0).history.values())
        found["evaluate"] = model.evaluate(x[-6:], y[-6:], BATCH, verbose=0)
    return {name: np.asarray(values).tolist() for name, values in found.items()}, model


@contextlib.contextmanager
def processes(count, arguments, devices=1, **environment):
    """Starts processes that find each other, and kills those that are left at the end.

    Args:
        count: how many.
        arguments: function number of the process -> list of the arguments of Python.
        devices: how many each has.
        environment: more environment variables.

    Yields:
        list of `subprocess.Popen`.
    """
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"127.0.0.1:{server.getsockname()[1]}"
    source, tests = Path(keras.__file__).parents[1], Path(__file__).parent
    running = []
    try:
        for number in range(count):
            environment |= {
                "PYTHONPATH": f"{source}{os.pathsep}{tests}",
                "XLA_FLAGS": f"--xla_force_host_platform_device_count={devices}",
                "KERAS_COORDINATOR_ADDRESS": address,
                "KERAS_NUM_PROCESSES": str(count),
                "KERAS_PROCESS_ID": str(number),
            }
            running.append(
                subprocess.Popen(
                    [sys.executable, *arguments(number)],
                    env={**os.environ, **environment},
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    text=True,
                )
            )
        yield running
    finally:
        for process in running:
            process.kill()
            process.communicate()


def printed_by(count, arguments, devices=1, **environment):
    """Returns the last line that each of the processes printed; all must succeed."""
    # All are read at once: none ends before the others have, and a full pipe would keep one of them.
    started = processes(count, arguments, devices, **environment)
    with started as running, ThreadPoolExecutor(count) as readers:
        outputs = list(readers.map(lambda process: process.communicate(timeout=300), running))
    assert [process.returncode for process in running] == [0] * count, outputs
    return [printed.splitlines()[-1] for printed, _ in outputs]
