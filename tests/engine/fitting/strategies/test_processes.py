"""Several processes train one model as one process does. Run as a program, this file is one of them."""

import json
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from markdown_code import read_blocks

import keras
from keras import backend as K
from keras.callbacks import EarlyStopping
from keras.distributed._group import Group
from keras.distributed._messages import receive, send
from keras.distributed._watch import Watch
from keras.layers import LSTM, Convolution2D, Dense, Dropout, Flatten, Input
from keras.models import Model, Sequential
from keras.optimizers import SGD, Adam

COUNT, SAMPLES, BATCH = 2, 48, 16
TOLERANCE = {"rtol": 2e-4, "atol": 2e-5}  # sums in another order
MIXED_TOLERANCE = {"rtol": 2e-2, "atol": 2e-3}  # float16 has 11 bits


def dense():
    model = Sequential([Dense(8, activation="tanh", input_dim=4, W_regularizer="l2"), Dense(1)])
    model.compile(Adam(lr=0.01, clipnorm=0.5, decay=0.1), "mse", metrics=["mae"])
    return model


def pictures():
    x = Input((1, 2, 2))
    model = Model(x, Dense(1)(Flatten()(Convolution2D(3, 2, 2, border_mode="same", dim_ordering="th")(x))))
    model.compile(SGD(lr=0.1, momentum=0.9), "mse")
    return model


def mixed():
    model = Sequential([Dense(8, input_dim=4, policy="mixed_float16"), Dense(1, policy="mixed_float16")])
    model.compile(SGD(lr=0.1), "mse")
    return model


class OwnGradients(SGD):
    """An optimizer that asks K for its gradients, not `self.get_gradients`."""

    def get_updates(self, params, constraints, loss):
        gradients = K.gradients(loss, params)
        return [(p, p - 0.1 * g) for p, g in zip(params, gradients, strict=True)]


def own_gradients():
    model = Sequential([Dense(8, activation="tanh", input_dim=4), Dense(1)])
    model.compile(OwnGradients(), "mse")
    return model


MODELS = {model.__name__: model for model in (dense, pictures, mixed, own_gradients)}


def data(name):
    x = np.random.RandomState(1).uniform(-1, 1, (SAMPLES, 4)).astype("float32")
    return (x.reshape(-1, 1, 2, 2) if name == "pictures" else x), x[:, :1] * x[:, 1:2]


def trained(name, process=0, count=1):
    """The weights and the history of three epochs; of each batch, every process has its part."""
    model = MODELS[name]()
    model.set_weights([(process + 1) * np.full(w.shape, 0.1) for w in model.get_weights()])
    own = np.arange(SAMPLES).reshape(-1, count, BATCH // count)[:, process].ravel()
    x, y = (array[own] for array in data(name))
    history = model.fit(
        x, y, BATCH // count, 3, verbose=0, shuffle=False, validation_data=(x, y), callbacks=[EarlyStopping()]
    )
    return [w.tolist() for w in model.get_weights()], history.history


def said_by(function):
    try:
        function()
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return "nothing"


def seeds_and_state():
    np.random.seed(keras.distributed.process_id())
    model = Sequential([Dropout(0.5, input_shape=(3,)), Dense(1)])
    model.compile("sgd", "mse")
    model.fit(np.ones((4, 3)), np.ones((4, 1)), nb_epoch=1, verbose=0)
    return model.train_function.seeds, np.random.rand()


def refused():
    x, y = np.ones((4, 3)), np.ones((4, 1))
    model = Sequential([Dense(1, input_dim=3)])
    model.compile("sgd", "mse")
    stateful = Sequential([LSTM(1, stateful=True, batch_input_shape=(4, 2, 3))])
    stateful.compile("sgd", "mse")
    steps = 1 + keras.distributed.process_id()
    return [
        said_by(lambda: model.train_on_batch(x, y)),
        said_by(lambda: model.fit_generator(iter([(x, y)]), 4, 1)),
        said_by(lambda: stateful.fit(np.ones((4, 2, 3)), y, batch_size=4, nb_epoch=1, verbose=0)),
        said_by(lambda: model.fit(x, y, nb_epoch=steps, verbose=0)),
        said_by(keras.distributed.initialize),
    ]


@pytest.fixture(scope="module")
def results():
    """What each process printed."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    environment = {
        **os.environ,
        "PYTHONPATH": f"{Path(keras.__file__).parents[1]}{os.pathsep}{Path(__file__).parents[3]}",
        "KERAS_COORDINATOR_ADDRESS": f"127.0.0.1:{port}",
        "KERAS_NUM_PROCESSES": str(COUNT),
    }
    running = [
        subprocess.Popen(
            [sys.executable, __file__],
            env={**environment, "KERAS_PROCESS_ID": str(number)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for number in range(COUNT)
    ]
    try:
        outputs = [process.communicate(timeout=300) for process in running]
    finally:
        for process in running:
            process.kill()
    assert [process.returncode for process in running] == [0] * COUNT, outputs
    return [json.loads(printed) for printed, _ in outputs]


@pytest.mark.parametrize("name", MODELS)
def test_weights_and_history_are_those_of_one_process(results, name):
    weights, history = trained(name)
    tolerance = MIXED_TOLERANCE if name == "mixed" else TOLERANCE
    for ours, one in zip(results[0][name][0], weights, strict=True):
        np.testing.assert_allclose(ours, one, **tolerance)
    assert results[0][name][1].keys() == history.keys()
    for key, values in history.items():
        np.testing.assert_allclose(results[0][name][1][key], values, **tolerance)


@pytest.mark.parametrize("name", MODELS)
def test_all_processes_have_the_same_bits(results, name):
    assert results[0][name] == results[1][name]


def test_dropout_differs_and_what_numpy_draws_does_not(results):
    (seeds, drawn), (other_seeds, other_drawn) = (result["seeds_and_state"] for result in results)
    assert seeds != other_seeds and drawn == other_drawn


@pytest.mark.parametrize(
    "number, said",
    list(
        enumerate(
            [
                "train_on_batch works in one process only; in several, use fit.",
                "fit_generator works in one process only; in several, use fit.",
                "is stateful; its states belong to one process's rows",
                "fit: nb_epoch must be the same in all processes: process 1 has 2, process 0 has 1.",
                "RuntimeError: keras.distributed.initialize: this process is in a group already.",
            ]
        )
    ),
)
def test_what_is_refused_says_why(results, number, said):
    assert all(said in result["refused"][number] for result in results)


def test_the_page_about_it_runs_in_one_process(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, value in (("COORDINATOR_ADDRESS", "localhost:1"), ("NUM_PROCESSES", "1"), ("PROCESS_ID", "0")):
        monkeypatch.setenv(f"KERAS_{name}", value)
    (block,) = read_blocks(Path(__file__).parents[4] / "docs" / "distributed.md")
    names = {"load_rows": lambda: (np.ones((33, 20)), np.ones((33, 1)))}
    exec(block.code, names)
    assert len(names["model"].history.history["loss"]) == 10 and (tmp_path / "training.h5").exists()


def test_one_process_is_alone():
    assert (keras.distributed.process_id(), keras.distributed.process_count()) == (0, 1)
    keras.distributed.initialize("localhost:1", num_processes=1, process_id=0)
    assert keras.distributed.process_count() == 1


@pytest.mark.parametrize(
    "arguments, said",
    [
        ((None, 2, 0), "initialize needs coordinator_address: pass it, or set .* KERAS_COORDINATOR_ADDRESS"),
        (("nowhere", 2, 0), "coordinator_address must be 'host:port'; got 'nowhere'"),
        (("localhost:1", 0, 0), "num_processes must be an int of 1 or more; got 0"),
        (("localhost:1", 2, "one"), "process_id must be an int of 0 or more; got 'one'"),
        (("localhost:1", 2, 2), r"process_id must be in 0 \.\. 1 for 2 processes; got 2"),
        (("localhost:1", 2, 0, 0), "heartbeat must be a number of seconds above 0; got 0"),
    ],
)
def test_arguments_that_make_no_sense(arguments, said):
    with pytest.raises(ValueError, match=said):
        keras.distributed.initialize(*arguments)


def free_address():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return f"127.0.0.1:{server.getsockname()[1]}"


def test_processes_that_do_not_come():
    with pytest.raises(TimeoutError, match=r"of the 3 processes, these did not come in time: \[1, 2\]"):
        keras.distributed.initialize(free_address(), 3, 0, initialization_timeout=0.1)
    with pytest.raises(TimeoutError, match="process 0 does not answer at 127.0.0.1:"):
        keras.distributed.initialize(free_address(), 2, 1, initialization_timeout=0.1)


def test_a_process_that_counts_otherwise_is_refused():
    address = free_address()
    first = threading.Thread(
        target=lambda: said_by(lambda: keras.distributed.initialize(address, 3, 0, initialization_timeout=2))
    )
    first.start()
    with pytest.raises(ValueError, match="process 0 has num_processes=3, process 1 has 2"):
        keras.distributed.initialize(address, 2, 1, initialization_timeout=10)
    first.join()


@pytest.fixture
def pair():
    """Two groups of a process each, in this one, that nobody watches."""
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
def test_means_of_every_float_type(pair, dtype):
    dtype = np.asarray(K.variable(0, dtype=dtype).value).dtype if dtype != "float64" else np.dtype(dtype)

    def call(group, number):
        return group.mean(
            "here", [np.full((2, 3), number + 1).astype(dtype), np.int32(number), np.zeros((0, 2))]
        )

    for number, (mean, count, empty) in enumerate(both(pair, call)):
        assert mean.dtype == dtype and mean.shape == (2, 3) and (mean == 1.5).all()
        assert count == number and empty.shape == (0, 2)


def test_broadcast_gives_the_arrays_of_process_0(pair):
    def call(group, number):
        return group.broadcast("here", [np.arange(3) + number, np.float32(number), np.full((2, 1), number)])

    for integers, number, column in both(pair, call):
        assert integers.tolist() == [0, 1, 2] and number == 0 and column.tolist() == [[0], [0]]


def test_messages_of_any_size():
    one, other = socket.socketpair()
    with one, other:
        big = bytes(10**6)
        thread = threading.Thread(target=send, args=[one, "é", big])
        thread.start()
        assert receive(other) == ("é", bytearray(big))
        thread.join()
        one.sendall(b"GET / HTTP/1.1\r\n")
        with pytest.raises(ValueError, match="no message"):
            receive(other)
        one.close()
        with pytest.raises(OSError):
            receive(other)
            receive(other)


if __name__ == "__main__":
    keras.distributed.initialize()
    who = keras.distributed.process_id()
    found = {name: trained(name, who, COUNT) for name in MODELS}
    found["seeds_and_state"] = seeds_and_state()
    found["refused"] = refused()
    print(json.dumps(found))
