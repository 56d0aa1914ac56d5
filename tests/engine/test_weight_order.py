"""What is frozen changes the order of weights in files, and never which weight an array belongs to."""

import importlib.util

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from recorded import GOLDEN, OUTPUT

from keras.callbacks import ModelCheckpoint, TrainingCheckpoint
from keras.layers import LSTM, BatchNormalization, Bidirectional, Dense, Input, Layer, TimeDistributed
from keras.models import Model, Sequential, load_model

X = np.random.RandomState(0).uniform(-1, 1, (8, 4)).astype("float32")
Y = np.random.RandomState(1).uniform(-1, 1, (8, 2)).astype("float32")


def nested(frozen=(), names=("p", "n", "q")):
    """Both Dense have weights of the same shapes, so nothing but names tells them apart."""
    dense, norm, last = names
    inner = Sequential(
        [
            Dense(4, input_dim=4, activation="tanh", name=dense),
            BatchNormalization(name=norm),
            Dense(4, name=last),
        ],
        name="inner",
    )
    for place in frozen:
        inner.layers[place].trainable = False
    x = Input((4,))
    model = Model(x, Dense(2, name="top")(inner(x)))
    model.set_weights([np.random.uniform(0.2, 1, w.shape) for w in model.get_weights()])
    return model


STATES = [(), (0,), (0, 1, 2)]


@pytest.mark.parametrize("by_name", [False, True], ids=["in order", "by name"])
@pytest.mark.parametrize("loaded", STATES, ids=str)
def test_weights_load_whatever_is_frozen(loaded, by_name, tmp_path):
    """Files of each state, of the same names and of others, load into a model of any state."""
    for saved in STATES:
        for names in [("p", "n", "q"), (None, None, None), ("a", "b", "c")]:
            model = nested(saved)
            model.save_weights(tmp_path / "w.h5")
            other = nested(loaded, names)
            other.load_weights(tmp_path / "w.h5", by_name=by_name)
            assert_array_equal(other.predict(X), model.predict(X))


def test_lists_of_weights_do_not_depend_on_what_is_frozen():
    models = {state: nested(state) for state in STATES}
    values = models[()].get_weights()
    for model in models.values():
        model.set_weights(values)
        for got, value in zip(model.get_weights(), values, strict=True):
            assert_array_equal(got, value)
        assert_array_equal(model.predict(X), models[()].predict(X))


def test_weights_of_wrapped_models_do_not_depend_on_what_is_frozen(tmp_path):
    def model(frozen):
        inner = nested(frozen).layers[1]
        x = Input((5, 4))
        return Model(x, [TimeDistributed(inner, name="td")(x), Bidirectional(LSTM(2), name="bi")(x)]), inner

    steps = np.ones((2, 5, 4))
    (saved, inner), (other, _) = model((0,)), model(())
    before = saved.predict(steps)
    saved.save_weights(tmp_path / "w.h5")
    other.load_weights(tmp_path / "w.h5")
    for got, wanted in zip(other.predict(steps), before, strict=True):
        assert_allclose(got, wanted, rtol=1e-6)
    values = saved.layers[1].get_weights()
    inner.layers[0].trainable = True
    saved.layers[1].set_weights(values)
    assert_array_equal(saved.predict(steps)[0], before[0])


@pytest.mark.parametrize("change", ["none", "frozen later", "unfrozen later", "whole", "whole, later"])
def test_a_loaded_model_trains_as_the_saved_one(change, tmp_path):
    """The weights to train and the optimizer's state are those that the saved model was compiled with."""
    model = nested((0,) if "unfrozen" in change else ())
    inner = model.layers[1]
    inner.trainable = change != "whole"
    model.compile("adam", "mse")
    if change == "whole, later":
        inner.trainable = False
    if "frozen later" in change:
        inner.layers[0].trainable = "unfrozen" in change
        inner.layers[2].trainable = "unfrozen" not in change
    model.train_on_batch(X, Y)
    model.save(tmp_path / "m.h5")
    loaded = load_model(tmp_path / "m.h5")
    for _ in range(2):
        assert_allclose(loaded.predict(X), model.predict(X), rtol=1e-5)
        model.train_on_batch(X, Y)
        loaded.train_on_batch(X, Y)
    flags = [[layer.trainable for layer in [m.layers[1], *m.layers[1].layers]] for m in (model, loaded)]
    assert flags[0] == flags[1]


def test_a_model_frozen_as_a_whole_is_frozen_when_loaded(tmp_path):
    model = nested()
    model.trainable = False
    model.save(tmp_path / "m.h5")
    assert load_model(tmp_path / "m.h5").trainable is False


def test_checkpoints_load_whatever_is_frozen(tmp_path):
    model = nested((0,))
    model.compile("adam", "mse")
    paths = [tmp_path / name for name in ("weights.h5", "model.h5", "training.h5")]
    callbacks = [ModelCheckpoint(str(paths[0]), save_weights_only=True), ModelCheckpoint(str(paths[1]))]
    model.fit(X, Y, nb_epoch=1, verbose=0, callbacks=[*callbacks, TrainingCheckpoint(str(paths[2]))])
    for path in paths:
        other = nested()
        other.load_weights(path)
        assert_array_equal(other.predict(X), model.predict(X))
    other.compile("adam", "mse")
    with pytest.raises(ValueError, match="does not fit"):
        other.fit(X, Y, nb_epoch=2, verbose=0, resume_from=paths[2])


def recorded_frozen():
    spec = importlib.util.spec_from_file_location("record_frozen", GOLDEN / "record_frozen.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["first", "last", "two"])
def test_files_of_the_original_load_whatever_is_frozen(name):
    path, record = GOLDEN / "frozen" / f"{name}.h5", recorded_frozen()
    recorded = np.load(path.with_suffix(".npz"))
    for frozen in ([], record.FROZEN[name]):
        for by_name in (False, True):
            model = record.frozen_model(frozen)
            model.load_weights(path, by_name=by_name)
            assert_allclose(model.predict(recorded["x"]), recorded["before"], **OUTPUT)
    model = load_model(path)
    assert_allclose(model.predict(recorded["x"]), recorded["before"], **OUTPUT)
    model.train_on_batch(recorded["x"], recorded["y"])
    assert_allclose(model.predict(recorded["x"]), recorded["after"], **OUTPUT)


class Scale(Layer):
    """Its weight has the same name in each layer, and its config lacks name and trainable."""

    def build(self, input_shape):
        self.w = self.add_weight((input_shape[-1],), "one", name="scale")
        self.built = True

    def call(self, x, mask=None):
        return x * self.w

    def get_config(self):
        return {k: v for k, v in super().get_config().items() if k not in ("name", "trainable")}


def scales(frozen):
    inner = Sequential([Scale(input_shape=(4,)), Scale(), Scale()], name="inner")
    for place in frozen:
        inner.layers[place].trainable = False
    x = Input((4,))
    model = Model(x, Dense(2, name="top")(inner(x)))
    model.set_weights([np.random.uniform(0.2, 1, w.shape) for w in model.get_weights()])
    return model


def test_weights_of_one_name_keep_their_layers(tmp_path):
    for saved in [(), (0,), (0, 2)]:
        model = scales(saved)
        model.compile("adam", "mse")
        model.train_on_batch(X, Y)
        model.save(tmp_path / "m.h5")
        other = scales((1,))
        other.load_weights(tmp_path / "m.h5")
        assert_array_equal(other.predict(X), model.predict(X))
        loaded = load_model(tmp_path / "m.h5", {"Scale": Scale})
        flags = [[layer.trainable for layer in m.layers[1].layers] for m in (model, loaded)]
        assert flags[0] == flags[1]
        for each in (model, loaded):
            each.train_on_batch(X, Y)
        assert_allclose(loaded.predict(X), model.predict(X), rtol=1e-5)
