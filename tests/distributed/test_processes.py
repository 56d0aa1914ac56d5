"""Several processes give the numbers of one. Run as a program, this file is one of the processes."""

import json
import sys
from pathlib import Path

import jax
import numpy as np
import pytest
from markdown_code import read_blocks
from spread import BATCH, TOLERANCE, data, network, printed_by, trained

import keras
from keras import backend as K
from keras.callbacks import Callback, ModelCheckpoint, TrainingCheckpoint
from keras.distributed import Layout
from keras.layers import LSTM, Dense
from keras.models import Sequential, load_model
from keras.optimizers import SGD

LAYOUT = Layout(model=2, weights={"wide_.*": (None, "model")}, shard_state=True)


class OwnGradients(SGD):
    """An optimizer that asks K for its gradients, not `self.get_gradients`."""

    def get_updates(self, params, constraints, loss):
        gradients = K.gradients(loss, params)
        return [(p, p - 0.1 * g) for p, g in zip(params, gradients, strict=True)]


class SeesBatches(Callback):
    """A callback that needs each step alone."""

    def on_batch_end(self, batch, logs=None):
        pass


def stateful():
    np.random.seed(4)
    model = Sequential([LSTM(3, stateful=True, batch_input_shape=(4, 2, 3)), Dense(1)])
    model.compile(OwnGradients(), "mse")
    x = np.random.RandomState(2).uniform(-1, 1, (8, 2, 3))
    callbacks = [] if keras.distributed.process_id() else [SeesBatches()]
    history = model.fit(x, x[:, 0, :1], 4, 2, verbose=0, shuffle=False, callbacks=callbacks)
    return [history.history["loss"], model.predict(x, batch_size=4).ravel().tolist()]


def said_by(function):
    try:
        function()
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return "nothing"


def refused():
    number = keras.distributed.process_id()
    x, y = np.ones((4, 3)), np.ones((4, 1))

    def fit(nb_epoch=1, x=x, layer=None, seed=None):
        model = Sequential([layer or Dense(1, input_dim=3)])
        model.compile("sgd", "mse")
        state = np.random.get_state()
        if seed is not None:
            np.random.seed(seed)
        model.fit(x, y, nb_epoch=nb_epoch, verbose=0)
        np.random.set_state(state)

    weights = [np.full((3, 1), number), np.zeros(1)]
    return [
        said_by(lambda: fit(1 + number)),
        said_by(lambda: fit(x=x + number)),
        said_by(lambda: fit(layer=Dense(1, input_dim=3, weights=weights))),
        said_by(lambda: fit(seed=number)),
        said_by(lambda: keras.distributed.use(Layout(shard_state=number == 1))),
        said_by(lambda: keras.distributed.use(Layout(data=1))),
        said_by(keras.distributed.initialize),
    ]


REFUSALS = [
    "fit: nb_epoch must be the same in all processes: process 1 has 2, process 0 has 1.",
    "fit: array 0 of the training data must be the same in all processes: process 1 has ",
    "_W', must be the same in all processes: process 1 has float64 (3, 1) ",
    "fit: the state of NumPy's generator must be the same in all processes: process 1 has ",
    "use: the layout must be the same in all processes: process 1 has ",
    "Layout: data=1 x model=1 does not fit 4 devices. data * model must be 4, and ",
    "RuntimeError: keras.distributed.initialize: this process is in a group already.",
]


def own_rows():
    """Trains on every second row of each batch; what it returns has the rows in the order of one process."""
    number, count = keras.distributed.process_id(), keras.distributed.process_count()
    keras.distributed.use(rows="own")
    x, y, w = (array[:32] for array in data())
    part = np.arange(32).reshape(-1, count, BATCH // count)[:, number].ravel()
    np.random.seed(3)
    model = network()
    own = x[part], y[part], w[part]
    history = model.fit(*own[:2], BATCH, 2, 0, sample_weight=own[2], shuffle=False, validation_data=own)

    def batches():
        while True:
            yield tuple(array[: BATCH // count] for array in own)

    generated = model.fit_generator(batches(), 16 // count, 1, verbose=0)
    found = {
        "history": list(history.history.values()),
        "generated": list(generated.history.values()),
        "on_batch": model.train_on_batch(*(array[: BATCH // count] for array in own)),
        "evaluate": model.evaluate(*own[:2], BATCH, 0),
    }
    predicted = model.predict(own[0], BATCH)
    wrong = said_by(lambda: model.fit(*own[:2], BATCH + 1, 1, 0))
    return {name: np.asarray(value).tolist() for name, value in found.items()}, predicted.tolist(), wrong


def main(folder, checkpoint=None):
    jax.config.update("jax_enable_x64", True)
    K.set_floatx("float64")
    keras.distributed.initialize(heartbeat=300)  # a busy machine may stop for a while
    found = {"drawn": np.random.rand(), "stateful": stateful(), "default": trained(True)[0]}
    found["own"] = own_rows()
    keras.distributed.use()
    if keras.distributed.process_count() > 1:
        found["refused"] = refused()
        keras.distributed.use(LAYOUT)
    files = [ModelCheckpoint(str(folder / "model.h5")), TrainingCheckpoint(str(folder / "training.h5"), 0, 3)]
    found["divided"], model = trained(False, callbacks=files)
    found["W"] = model.get_layer("wide").W.value.addressable_shards[0].data.size
    model.save_weights(str(folder / "weights.h5"))
    if checkpoint:
        found["resumed"] = trained(False, callbacks=files, resume_from=checkpoint)[0]
    print(json.dumps(found))


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """Returns name -> what process 0 of two, process 1, and the only process found; and the folder of two."""
    two, one = tmp_path_factory.mktemp("two"), tmp_path_factory.mktemp("one")
    several = [json.loads(line) for line in printed_by(2, lambda _: [__file__, str(two)], devices=2)]
    arguments = [__file__, str(one), str(two / "training.h5")]
    (alone,) = [json.loads(line) for line in printed_by(1, lambda _: arguments)]
    return [*several, alone, two]


def compare(some, others):
    for what, numbers in others.items():
        for one, other in zip(some[what], numbers, strict=True):
            np.testing.assert_allclose(one, other, **TOLERANCE)


@pytest.mark.parametrize("name", ["default", "divided"])
def test_numbers_are_those_of_one_process(found, name):
    first, second, alone, _ = found
    assert first[name] == second[name]
    compare(first[name], alone[name])


def test_rows_that_each_process_passes_itself(found):
    (numbers, one, said), (others, two, _), (wanted, predicted, _) = (process["own"] for process in found[:3])
    assert numbers == others and "batch_size is that of all 2 processes together" in said
    compare(numbers, wanted)
    batches = [part for pair in zip(np.split(np.array(one), 4), np.split(np.array(two), 4)) for part in pair]
    np.testing.assert_allclose(np.concatenate(batches), predicted, **TOLERANCE)


def test_one_process_continues_what_two_began(found):
    _, _, alone, _ = found
    compare(alone["resumed"], alone["divided"])


def test_states_and_foreign_optimizers_and_steps_that_one_process_watches(found):
    first, second, alone, _ = found
    assert first["stateful"] == second["stateful"]
    for ours, one in zip(first["stateful"], alone["stateful"], strict=True):
        np.testing.assert_allclose(ours, one, **TOLERANCE)


def test_processes_draw_the_same_numbers(found):
    first, second, alone, _ = found
    assert first["drawn"] == second["drawn"] != alone["drawn"]


def test_weights_are_divided_over_processes(found):
    assert [process["W"] for process in found[:3]] == [6 * 512 // 4, 6 * 512 // 4, 6 * 512]


def test_files_of_divided_weights_load_into_one_process(found):
    first, _, _, folder = found
    model = network()
    model.load_weights(str(folder / "weights.h5"))
    weights = np.concatenate([weight.ravel() for weight in model.get_weights()])
    np.testing.assert_allclose(weights, first["divided"]["weights"], rtol=1e-6)
    model = load_model(str(folder / "model.h5"))
    np.testing.assert_allclose(model.predict(data()[0][:6], BATCH), first["divided"]["predict"], rtol=1e-5)
    assert sorted(path.name for path in folder.iterdir()) == ["model.h5", "training.h5", "weights.h5"]


@pytest.mark.parametrize("number, said", list(enumerate(REFUSALS)))
def test_what_differs_between_processes_is_named(found, number, said):
    assert all(said in process["refused"][number] for process in found[:2])


def test_documentation_example_runs_in_one_process(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, value in (("COORDINATOR_ADDRESS", "localhost:1"), ("NUM_PROCESSES", "1"), ("PROCESS_ID", "0")):
        monkeypatch.setenv(f"KERAS_{name}", value)
    (block,) = read_blocks(Path(__file__).parents[2] / "docs" / "distributed.md")
    names = {"load_rows": lambda: (np.ones((33, 20)), np.ones((33, 1)))}
    exec(block.code, names)
    assert len(names["model"].history.history["loss"]) == 10 and (tmp_path / "training.h5").exists()


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
