"""Files of a `TrainingCheckpoint`: a good one, and states that are malformed or cost much."""

import functools
import json
import os
import tempfile

import h5py
import numpy as np

from attacks.corpus import Case
from keras import backend as K
from keras._files import hdf5_format
from keras.callbacks import CallbackList, EarlyStopping, History
from keras.engine.fitting.feeds.arrays import ArrayFeed
from keras.engine.fitting.resume import TrainingRun
from keras.layers import Dense
from keras.models import Sequential


def new_run():
    """Returns a training of a small model, at the beginning of its first epoch."""
    K.clear_session()
    model = Sequential([Dense(2, input_dim=3)])
    model.compile("adam", "mse")
    model._make_train_function()
    model.stop_training = False
    hooks = CallbackList.for_training([EarlyStopping("loss")], History(), {"verbose": 0})
    hooks.set_params({"verbose": 0, "metrics": ["loss"], "nb_epoch": 2})
    hooks.on_train_begin()
    hooks.on_epoch_begin(0)
    feed = ArrayFeed([np.zeros((8, 3)), np.zeros((8, 2)), np.ones(8)], 4, True)
    return TrainingRun(model, hooks, feed.settings(), {"training": feed})


_run = functools.cache(new_run)


def resume(path):
    _run().resume(path)


def write_good(path):
    new_run().save(path)


@functools.cache
def parts():
    """Returns a good state: dict of its text, dict of its other arrays, and the weights by layer."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "state.h5")
        write_good(path)
        with h5py.File(path) as file:
            group = file["training_state"]
            arrays = {name: group[name][()] for name in group.attrs["weight_names"].astype(str)}
            layers = hdf5_format.read_layers(file["model_weights"])
            layers = [(name, [(n, a.read()) for n, a in parts]) for name, parts in layers]
    return json.loads(arrays.pop("json").tobytes()), arrays, layers


def write_state(path, text, compression=None):
    """Writes a state with another text: bytes, or what is encoded as JSON."""
    _, arrays, layers = parts()
    text_array = np.frombuffer(text if isinstance(text, bytes) else json.dumps(text).encode(), "uint8")
    with hdf5_format.open_for_writing(path) as file:
        hdf5_format.write_layers(file.create_group("model_weights"), layers)
        group = file.create_group("training_state")
        if compression is None:
            hdf5_format.write_arrays(group, [*arrays.items(), ("json", text_array)])
        else:
            group.create_dataset("json", data=text_array, compression=compression, chunks=(2**20,))
            group.attrs["weight_names"] = np.array([b"json"])


def cases():
    state = parts()[0]

    def writes(text, compression=None):
        return functools.partial(write_state, text=text, compression=compression)

    def generator(place):
        return [*state["numpy_generator"][:2], place, *state["numpy_generator"][3:]]

    changes = {
        "position_of_the_generator": {"numpy_generator": generator(2**31 - 1)},
        "negative_position": {"numpy_generator": generator(-1)},
        "order_generator": {"order_generator": generator(10**6)},
        "negative_epoch": {"epoch": -5},
        "half_an_epoch": {"epoch": 0.5},
        "batch_99": {"batch": 99},
        "epoch_of_a_text": {"epoch": "1"},
        "number_of_a_generator": {"batches": {"training": {"number": 10**12, "state": None}}, "epoch": "x"},
        "callbacks_of_a_list": {"callbacks": []},
        "no_programs": {"programs": {}},
        "stopped_text": {"stopped": "yes"},
        "type_of_an_array": {"seen": {"$array": "", "dtype": "V2000000000", "shape": [0]}},
        "shape_of_an_array": {"seen": {"$array": "", "dtype": "f8", "shape": [10**12]}},
        "float_of_a_text": {"seen": {"$float": "9" * 10**6}},
    }
    for name, change in changes.items():
        yield Case(name, "states", "state", writes({**state, **change}))
    packed = b'{"a": [' + b"[]," * (20 * 2**20) + b"0]}"
    yield Case("packed_text", "states", "state", writes(packed, "gzip"))
    many = {**state, "callbacks": {f"A:{i}": {} for i in range(60_000)}}
    yield Case("many_callbacks", "states", "state", writes({**many, "epoch": -1}))
    empty = [{"$array": "", "dtype": "f4", "shape": [0]}] * 60_000
    yield Case("many_arrays", "states", "state", writes({**state, "seen": empty}))


def good():
    yield Case("state", "ours", "state", write_good)
