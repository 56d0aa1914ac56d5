"""Times one model of the wide set for one peer, in a process of its own, and prints one line of JSON.

    python benchmarks/wide/measure.py PEER MODEL FOLDER SECONDS

FOLDER has the files that `models.py` writes. The Python that runs this must have the peer installed.
"""

import json
import os
import resource
import statistics
import sys
import time
from pathlib import Path

import numpy as np

started = float(os.environ.get("BENCHMARK_STARTED", time.time()))


def ours(path, data):
    """keras-classic: (fit one epoch, predict the first rows)."""
    import models

    model, batch, x, y = models.built(path.name)
    return (
        lambda: model.fit(x, y, batch_size=batch, nb_epoch=1, verbose=0),
        lambda rows: model.predict([array[:rows] for array in x], batch_size=rows),
    )


def keras_3(path, data):
    """Keras 3 on the backend that KERAS_BACKEND names, with the model that `keras.convert` wrote."""
    import keras

    x, y = arrays_of(data)
    model = keras.models.load_model(f"{path}.keras", compile=False)
    model.compile(optimizer="rmsprop", loss=str(data["loss"]))
    batch = int(data["batch"])
    return (
        lambda: model.fit(alone(x), alone(y), batch_size=batch, epochs=1, verbose=0),
        lambda rows: model.predict(alone([array[:rows] for array in x]), batch_size=rows, verbose=0),
    )


def pytorch(path, data, compiled=False):
    """PyTorch, from the graph; what it leaves out is in `torch_model`."""
    import torch_model

    return torch_model.trainer(json.loads(Path(f"{path}.json").read_text()), *arrays_of(data), data, compiled)


def pytorch_compiled(path, data):
    return pytorch(path, data, compiled=True)


MAKERS = {
    "ours": ours,
    "keras3-jax": keras_3,
    "keras3-tensorflow": keras_3,
    "keras3-torch": keras_3,
    "torch": pytorch,
    "torch-compiled": pytorch_compiled,
}


def arrays_of(data):
    """(inputs, targets)."""
    return [
        [data[name] for name in sorted(data) if name[0] == letter and name[1:].isdigit()] for letter in "xy"
    ]


def alone(arrays):
    return arrays if len(arrays) > 1 else arrays[0]


def measure(peer, name, folder, seconds):
    """Seconds: the first epoch, from the start of the process; a step; predictions of 1 and 16 rows."""
    data = np.load(folder / f"{name}.npz")
    samples = len(data["y0"])
    steps = samples // int(data["batch"])
    fit, predict = MAKERS[peer](folder / name, data)
    fit()
    figures = {"peer": peer, "model": name, "first_epoch": time.time() - started}
    fit()
    figures["step"] = median_time(fit, seconds) / steps
    for rows in (1, 16):
        if rows <= samples:
            predict(rows)
            figures[f"predict_{rows}"] = median_time(lambda rows=rows: predict(rows), seconds / 4)
    figures["peak_bytes"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return figures


def median_time(function, seconds):
    times, stop = [], time.perf_counter() + seconds
    while time.perf_counter() < stop or len(times) < 3:
        before = time.perf_counter()
        function()
        times.append(time.perf_counter() - before)
    return statistics.median(times)


if __name__ == "__main__":
    peer, name, folder, seconds = sys.argv[1:]
    result = measure(peer, name, Path(folder), float(seconds))
    sys.stdout.write("\n" + json.dumps(result) + "\n")
