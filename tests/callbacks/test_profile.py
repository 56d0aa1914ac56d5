"""The trace of an epoch: a file of events in which kernels have the names of layers."""

import gzip
import json

import numpy as np

from keras.callbacks import Profile
from keras.layers import Dense, Input
from keras.models import Model


def test_kernels_have_the_names_of_layers(tmp_path):
    x = Input(shape=(16,))
    model = Model(input=x, output=Dense(8, name="last")(Dense(32, activation="tanh", name="first")(x)))
    model.compile(optimizer="sgd", loss="mse")
    profile = Profile(tmp_path)
    model.fit(np.ones((64, 16)), np.ones((64, 8)), nb_epoch=2, verbose=0, callbacks=[profile])
    assert profile.path == str(tmp_path / "trace.json.gz")
    with gzip.open(profile.path, "rt") as file:
        names = {event.get("name", "") for event in json.load(file)["traceEvents"]}
    assert any(name.startswith("first: ") for name in names)
    assert any(name.startswith("last: ") for name in names)
