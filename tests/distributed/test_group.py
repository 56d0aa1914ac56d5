"""Means and broadcasts of arrays over a group of two processes, both played by this one."""

import socket
import threading

import numpy as np
import pytest

from keras import backend as K
from keras.distributed._group import Group
from keras.distributed._watch import Watch


@pytest.fixture
def pair():
    """Two members of a group, both in this process, without a watch thread."""
    one, other = socket.socketpair()
    with one, other:
        yield [
            Group(0, 2, {1: one}, Watch(0, 2, {}, 1.0)),
            Group(1, 2, {0: other}, Watch(1, 2, {}, 1.0)),
        ]


def both(pair, call):
    results = [None, None]

    def run(number):
        results[number] = call(pair[number], number)

    thread = threading.Thread(target=run, args=[1])
    thread.start()
    run(0)
    thread.join()
    return results


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
def test_mean_keeps_every_float_type(pair, dtype):
    dtype = np.asarray(K.variable(0, dtype=dtype).value).dtype if dtype != "float64" else np.dtype(dtype)

    def call(group, number):
        return group.mean(
            "here", [np.full((2, 3), number + 1).astype(dtype), np.int32(number), np.zeros((0, 2))]
        )

    for number, (mean, count, empty) in enumerate(both(pair, call)):
        assert mean.dtype == dtype and mean.shape == (2, 3) and (mean == 1.5).all()
        assert count == number and empty.shape == (0, 2)


def test_broadcast_returns_the_arrays_of_process_0(pair):
    def call(group, number):
        return group.broadcast("here", [np.arange(3) + number, np.float32(number), np.full((2, 1), number)])

    for integers, number, column in both(pair, call):
        assert integers.tolist() == [0, 1, 2] and number == 0 and column.tolist() == [[0], [0]]
