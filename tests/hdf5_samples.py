"""Weights files for the tests of `keras._files.hdf5_format`."""

import os
import subprocess
import sys

import h5py
import numpy as np
from recorded import GOLDEN

from keras._files.hdf5_format import (
    open_for_reading,
    open_for_writing,
    read_layers,
    weights_group,
    write_layers,
)

FILES = GOLDEN / "files"  # from Keras 1.2.2, see the README there
NAMES = ["sequential", "two_outputs", "nested_shared", "video", "lambda_model"]
W = np.arange(12, dtype=np.float32).reshape(3, 4)
LAYERS = [("input_1", []), ("dense_1", [("dense_1_W:0", W), ("dense_1_b:0", W[0])])]


def values(layers):
    return [(name, [(weight, array.read()) for weight, array in weights]) for name, weights in layers]


def same(one, other):
    """Whether two lists of (name, list of (name, array)) are equal, types of arrays included."""
    one, other = list(one), list(other)
    return [(n, [w for w, _ in ws]) for n, ws in one] == [(n, [w for w, _ in ws]) for n, ws in other] and all(
        a.dtype == b.dtype and np.array_equal(a, b)
        for (_, ws), (_, vs) in zip(one, other)
        for (_, a), (_, b) in zip(ws, vs)
    )


def weights_file(path, layers=LAYERS):
    with open_for_writing(path) as file:
        write_layers(file, layers)
    return path


def file_without_digest(path):
    """A weights file as other versions of Keras write it; one with a digest cannot be changed."""
    with h5py.File(path, "w") as file:
        write_layers(file, LAYERS)
    return path


def read(path):
    with open_for_reading(path) as file:
        return values(read_layers(weights_group(file)))


def run(code, *arguments):
    """What a new process prints that runs `code`."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", code, *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout
