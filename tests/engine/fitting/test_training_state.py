"""Malformed training states: each is refused by the name of its file, and nothing is changed."""

import base64
import json

import h5py
import hypothesis
import hypothesis.strategies as st
import numpy as np
import pytest

from keras import backend as K
from keras._files import hdf5_format
from keras.callbacks import CallbackList, CSVLogger, EarlyStopping, History, TrainingCheckpoint
from keras.engine.fitting.feeds import Feed
from keras.engine.fitting.feeds.arrays import ArrayFeed
from keras.engine.fitting.feeds.base import Data
from keras.engine.fitting.feeds.generators import GeneratorFeed
from keras.engine.fitting.resume import TrainingRun
from keras.layers import Dense, Dropout
from keras.models import Sequential
from keras.preprocessing.image import ImageDataGenerator, NumpyArrayIterator

X, Y = np.random.RandomState(0).rand(24, 8), np.random.RandomState(1).rand(24, 1)


class Training:
    """A finished training of two epochs, and the last state that it saved: after the 6 batches of epoch 1."""

    def __init__(self, folder):
        self.folder, self.path = folder, folder / "state.h5"
        checkpoint = TrainingCheckpoint(folder / "good.h5", period=0, batches=2)
        K.clear_session()
        self.model = Sequential([Dense(4, input_dim=8), Dropout(0.3), Dense(1)])
        self.model.compile("adam", "mse")
        self.model.fit(X, Y, 4, 2, verbose=0, callbacks=[checkpoint, *self.callbacks()])
        self.good = checkpoint.filepath
        with h5py.File(self.good) as file:
            group = file["training_state"]
            self.arrays = {name: group[name][()] for name in group.attrs["weight_names"].astype(str)}
            self.layers = hdf5_format.read_layers(file["model_weights"])
            self.layers = [(name, [(n, a.read()) for n, a in arrays]) for name, arrays in self.layers]
        self.state = json.loads(self.arrays.pop("json").tobytes())
        self.run = self.new_run()

    def callbacks(self):
        return [EarlyStopping("loss"), CSVLogger(str(self.folder / "log.csv"))]

    def new_run(self, feed=None):
        history = self.model.history = History()
        params = {"verbose": 0, "resumed": True, "metrics": ["loss"], "nb_epoch": 2}
        hooks = CallbackList.for_training(self.callbacks(), history, params)
        hooks.set_model(self.model)
        hooks.set_params(params)
        hooks.on_train_begin()
        self.model.stop_training = False
        feed = feed or ArrayFeed([X, Y, np.ones(24)], 4, True)
        return TrainingRun(self.model, hooks, self.state["settings"], {"training": feed})

    def write(self, state, arrays=None, layers=None, text=None):
        """Writes a state file."""
        text = json.dumps(state).encode() if text is None else text
        arrays = self.arrays if arrays is None else arrays
        with hdf5_format.open_for_writing(self.path) as file:
            hdf5_format.write_layers(
                file.create_group("model_weights"), self.layers if layers is None else layers
            )
            everything = [*arrays.items(), ("json", np.frombuffer(text, "uint8"))]
            hdf5_format.write_arrays(file.create_group("training_state"), everything)

    def facts(self, run):
        """Everything that resuming may change, as text."""
        program = self.model.train_function
        values = K.batch_get_value([*program.updated, *program.read])
        generator = np.random.get_state()
        return repr(
            (
                [value.tobytes() for value in values],
                (program.step, program.seeds, run.epoch, run.batch, run.seen, run.order_generator),
                (generator[1].tolist(), generator[2:], self.model.stop_training),
                (self.folder / "log.csv").read_bytes(),
                vars(self.model.history),
            )
        )

    def is_refused(self, said="", run=None):
        run = run or self.run
        before = self.facts(run)
        with pytest.raises(ValueError, match=rf"(?s)resume_from: .*state\.h5: .*{said}"):
            run.resume(self.path)
        assert self.facts(run) == before


@pytest.fixture(scope="module")
def training(tmp_path_factory):
    return Training(tmp_path_factory.mktemp("states"))


def changed(state, path, value):
    """Returns plain data with another value at a path such as "numpy_generator.2"; "-" removes it."""
    state = json.loads(json.dumps(state))
    *parents, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    item = state
    for part in parents:
        item = item[part]
    if value == "-":
        del item[last]
    else:
        item[last] = value
    return state


def array(value, **changes):
    value = np.asarray(value)
    text = base64.b64encode(value.tobytes()).decode()
    return {"$array": text, "dtype": value.dtype.str, "shape": list(value.shape), **changes}


WORDS = np.arange(624, dtype="uint32")
BAD = [
    ("epoch", -5, "epoch is -5"),
    ("epoch", 0.5, "epoch is 0.5; wanted int"),
    ("epoch", True, "epoch is True"),
    ("epoch", "1", "epoch is '1'"),
    ("epoch", None, "epoch is None"),
    ("epoch", "-", "no 'epoch'"),
    ("epoch", 7, r"epoch is 7, and its history has the epochs \[0\]"),
    ("epoch", 0, r"epoch is 0, and its history"),
    ("epoch", 10**30, "epoch is 1000"),
    ("batch", 99, "99 batches with 24 samples are done; an epoch has 6 batches and 24"),
    ("batch", -2, "batch is -2"),
    ("batch", 2.5, "batch is 2.5"),
    ("batch", 4, "4 batches with 24 samples"),
    ("seen", 23, "6 batches with 23 samples"),
    ("seen", -1, "seen is -1"),
    ("stopped", 1, "stopped is 1; wanted bool"),
    ("stopped", "-", "no 'stopped'"),
    ("order_generator", None, "no order_generator"),
    ("order_generator", 5, "wanted a state of numpy.random"),
    ("order_generator.0", "PCG64", "wanted a state of numpy.random"),
    ("numpy_generator.2", 2**31 - 1, "the position 2147483647; wanted an int from 0 to 624"),
    ("numpy_generator.2", -1, "the position -1"),
    ("numpy_generator.2", 625, "the position 625"),
    ("order_generator.2", 2**31 - 1, "the position 2147483647"),
    ("numpy_generator.1", array(WORDS[:600]), r"\(600,\) words of type uint32"),
    ("numpy_generator.1", array(WORDS.astype("int64")), "words of type int64"),
    ("numpy_generator.1", [1] * 624, "words"),
    ("numpy_generator.3", 2, "2 and .* in place of 0 or 1"),
    ("numpy_generator.4", "x", "'x' in place of 0 or 1 and a number"),
    ("numpy_generator", "-", "numpy_generator is None"),
    ("numpy_generator.1", array(WORDS, shape=[10**9]), "2496 bytes for an array"),
    ("numpy_generator.1", array(WORDS, shape=[-624]), "in place of an array"),
    ("numpy_generator.1", array(WORDS, dtype="V2000000000"), "in place of an array"),
    ("numpy_generator.1", array(WORDS, dtype="O"), "in place of an array"),
    ("numpy_generator.1", array(WORDS, **{"$array": "?"}), "."),
    ("numpy_generator.4", {"$float": "9" * 50}, "in place of a float"),
    ("programs.train.step", -1, "the step of the train program is -1"),
    ("programs.train.step", 2**32, "the step of the train program is"),
    ("programs.train.step", 1.5, "step is 1.5; wanted int"),
    ("programs.train.seeds", [], "the seeds of the train program are"),
    ("programs.train.seeds", [None], "the seeds of the train program are"),
    ("programs.train.seeds", [10**40], "the seeds of the train program are"),
    ("programs.train.seeds", 3, "the seeds of the train program are"),
    ("programs.train", "-", "no 'train'"),
    ("programs.other", {"step": 1, "seeds": []}, "programs has 'other'"),
    ("programs", [], "programs is"),
    ("callbacks", [], "callbacks is"),
    ("callbacks.History:0", "-", "no state of History"),
    ("callbacks.BaseLogger:0", "-", "no state of BaseLogger"),
    ("callbacks.History:0", 3, "the state of History: it is 3"),
    ("callbacks.History:0.epoch", [0.5], "the state of History: epoch is"),
    ("callbacks.History:0.history", [], "the state of History: history is"),
    ("callbacks.BaseLogger:0.seen", -4, "the state of BaseLogger: seen is -4"),
    ("callbacks.BaseLogger:0.totals", {"loss": "x"}, "the state of BaseLogger: totals is"),
    ("callbacks.BaseLogger:0.totals", "-", "the state of BaseLogger: it has no 'totals'"),
    ("callbacks.EarlyStopping:0.wait", "x", "the state of EarlyStopping: wait is 'x'; wanted an int"),
    ("callbacks.EarlyStopping:0.best", None, "the state of EarlyStopping: best is None"),
    ("callbacks.CSVLogger:0.bytes", -1, "the state of CSVLogger: bytes is -1"),
    ("callbacks.CSVLogger:0.keys", [1], "the state of CSVLogger: keys is"),
    ("batches", None, "batches is None"),
    ("batches.validation", {"number": 0}, "batches has 'validation'"),
    ("structure", "-", "structure is None"),
    ("structure.program", [[]] * 20, "program is"),
    ("settings", 5, "settings is 5"),
    ("settings.samples", 10**40, "samples is 24, the file has 1000"),
    ("format", 2, "format 2"),
]


@pytest.mark.parametrize("path, value, said", BAD, ids=[f"{i} {path}" for i, (path, _, _) in enumerate(BAD)])
def test_a_malformed_state_is_refused_and_changes_nothing(training, path, value, said):
    training.write(changed(training.state, path, value))
    training.is_refused(said)


def test_the_unchanged_state_is_accepted(training):
    training.write(training.state)
    run = training.new_run()
    run.resume(training.path)
    assert (run.epoch, run.batch, run.seen) == (1, 6, 24)


def without(arrays, name):
    return {key: value for key, value in arrays.items() if key != name}


@pytest.mark.parametrize(
    "change, said",
    [
        (lambda arrays: without(arrays, "variable_0"), "array .'variable_1'"),
        (lambda arrays: {**arrays, "variable_99": np.zeros(1)}, "'variable_99'.*the model has None"),
        (lambda arrays: {**arrays, "variable_1": np.zeros((3, 3), "f4")}, r"\(3, 3\)"),
        (lambda arrays: {**arrays, "variable_1": arrays["variable_1"].astype("f8")}, "float64"),
        (lambda arrays: dict(reversed(arrays.items())), "array"),
    ],
    ids=["missing", "one more", "shape", "dtype", "order"],
)
def test_malformed_arrays_are_refused(training, change, said):
    training.write(training.state, arrays=change(training.arrays))
    training.is_refused(said)


def test_weights_of_another_shape_are_refused(training):
    layers = [(name, [(n, a[:1]) for n, a in arrays]) for name, arrays in training.layers]
    training.write(training.state, layers=layers)
    training.is_refused("does not fit the model")


@pytest.mark.parametrize(
    "text, said",
    [
        (b"", "not valid JSON"),
        (b"[]", "a list; wanted an object"),
        (b"{}", "the format None"),
        (b'{"format": 1}', "structure is None"),
        (b'{"format": ' + b"[" * 100 + b"]" * 100 + b"}", "nested more than 64"),
        (b'{"format": 1, "format": 1}', "key 'format' twice"),
    ],
)
def test_malformed_text_is_refused(training, text, said):
    training.write(None, text=text)
    training.is_refused(said)


def test_text_that_unpacks_to_far_more_than_the_file_is_refused(training):
    """A compressed array of 60 MB of brackets took 1.8 GB."""
    with h5py.File(training.path, "w") as file:
        hdf5_format.write_layers(file.create_group("model_weights"), training.layers)
        group = file.create_group("training_state")
        text = np.frombuffer(b"[" + b"[]," * (20 * 2**20) + b"0]", "uint8")
        group.create_dataset("json", data=text, compression="gzip", chunks=(2**20,))
        group.attrs["weight_names"] = np.array([b"json"])
    training.is_refused("would take")


places = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=8,
)


@hypothesis.settings(max_examples=40, deadline=None)
@hypothesis.given(st.data())
def test_any_value_in_the_place_of_another_is_refused_or_accepted_as_a_whole(training, data):
    state, path = training.state, []
    while isinstance(state, dict | list) and state:
        keys = sorted(state) if isinstance(state, dict) else range(len(state))
        path.append(data.draw(st.sampled_from(keys)))
        state = state[path[-1]]
        if data.draw(st.booleans()):
            break
    hypothesis.assume(path[0] not in ("structure",))
    state = json.loads(json.dumps(training.state))
    item = state
    for part in path[:-1]:
        item = item[part]
    item[path[-1]] = data.draw(places)
    training.write(None, text=json.dumps(state).encode())
    run = training.new_run()
    before = training.facts(run)
    try:
        run.resume(training.path)
    except ValueError as error:
        assert "state.h5" in str(error)
        assert training.facts(run) == before


# Generators


def batches():
    while True:
        yield X[:4], Y[:4]


def generator_feed(training, generator):
    return GeneratorFeed(training.model, Data(x=generator, samples=24), "train")


def state_of_generator(training, place):
    return changed(changed(training.state, "batches", {"training": place}), "order_generator", None)


@pytest.mark.parametrize(
    "place, said",
    [
        (None, "position of the generator is None"),
        ({"number": 10**12, "state": None}, "number of the generator's position is 1000000000000"),
        ({"number": -1, "state": None}, "is -1; wanted an int from 0 to"),
        ({"number": 1.5, "state": None}, "is 1.5"),
        ({"number": 3}, "pass the same pickle_safe"),
        ({"number": 3, "seed": 1, "workers": 1}, "pass the same pickle_safe"),
    ],
)
def test_positions_of_generators_are_checked(training, place, said):
    run = training.new_run(generator_feed(training, batches()))
    training.write(state_of_generator(training, place))
    training.is_refused(said, run)


def test_a_state_without_the_position_of_the_generator_is_refused(training):
    run = training.new_run(generator_feed(training, batches()))
    training.write(changed(training.state, "order_generator", None))
    training.is_refused("no position of the training data", run)


@pytest.mark.parametrize(
    "change",
    [
        {"order": array(np.zeros(24, "int64"))},
        {"order": array(np.arange(23))},
        {"order": 5},
        {"batch_index": -1},
        {"batch_index": 99},
        {"batches": 0.5},
        {"batches": None},
    ],
    ids=range(7),
)
def test_positions_of_iterators_are_checked(training, change):
    images = NumpyArrayIterator(np.zeros((24, 1, 2, 2)), None, ImageDataGenerator(), batch_size=4)
    good = {"batch_index": 2, "batches": 8, "order": array(np.arange(24))}
    run = training.new_run(generator_feed(training, images))
    training.write(state_of_generator(training, {"number": 8, "state": {**good, **change}}))
    training.is_refused("NumpyArrayIterator", run)
    assert images.total_batches_seen == 0


def test_a_feed_without_positions_needs_none():
    assert ArrayFeed.position is Feed.position
