"""Several processes train one model as a single process would. Run as a program, this file is one of them."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from markdown_code import read_blocks

import keras
from keras import backend as K
from keras.callbacks import EarlyStopping
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
    """Trains three epochs on this process's share of each batch; returns weights and history."""
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
    """Returns the output of each process."""
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
def test_weights_and_history_equal_those_of_one_process(results, name):
    weights, history = trained(name)
    tolerance = MIXED_TOLERANCE if name == "mixed" else TOLERANCE
    for ours, one in zip(results[0][name][0], weights, strict=True):
        np.testing.assert_allclose(ours, one, **tolerance)
    assert results[0][name][1].keys() == history.keys()
    for key, values in history.items():
        np.testing.assert_allclose(results[0][name][1][key], values, **tolerance)


@pytest.mark.parametrize("name", MODELS)
def test_all_processes_agree_bit_for_bit(results, name):
    assert results[0][name] == results[1][name]


def test_processes_share_numpy_seeds_but_not_dropout(results):
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
def test_unsupported_uses_are_refused_with_a_reason(results, number, said):
    assert all(said in result["refused"][number] for result in results)


def test_documentation_example_runs_in_one_process(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, value in (("COORDINATOR_ADDRESS", "localhost:1"), ("NUM_PROCESSES", "1"), ("PROCESS_ID", "0")):
        monkeypatch.setenv(f"KERAS_{name}", value)
    (block,) = read_blocks(Path(__file__).parents[4] / "docs" / "distributed.md")
    names = {"load_rows": lambda: (np.ones((33, 20)), np.ones((33, 1)))}
    exec(block.code, names)
    assert len(names["model"].history.history["loss"]) == 10 and (tmp_path / "training.h5").exists()


if __name__ == "__main__":
    keras.distributed.initialize()
    who = keras.distributed.process_id()
    found = {name: trained(name, who, COUNT) for name in MODELS}
    found["seeds_and_state"] = seeds_and_state()
    found["refused"] = refused()
    print(json.dumps(found))
