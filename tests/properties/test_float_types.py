"""`K.set_floatx` in building, training, saving and loading, for a model of each family of layers."""

import subprocess
import sys
import warnings
from pathlib import Path

import jax.numpy as jnp
import numpy as np
import pytest

from keras import backend as K
from keras.layers import (
    GRU,
    LSTM,
    BatchNormalization,
    Convolution2D,
    Dense,
    Dropout,
    Embedding,
    Flatten,
    Input,
    MaxPooling2D,
    TimeDistributed,
    merge,
)
from keras.models import Model, load_model

h5py = pytest.importorskip("h5py")

SAMPLES = 24
#: Two roundings of a value near 1, relative: the type's resolution with room for a few steps.
TOLERANCE = {"float16": 5e-3, "bfloat16": 4e-2, "float64": 1e-12}


def dense_model():
    a, b = Input((4,)), Input((4,))
    x = merge([Dense(5, activation="tanh")(a), Dense(5, activation="relu")(b)], mode="concat")
    return Model([a, b], Dense(2, activation="softmax")(Dropout(0.2)(BatchNormalization()(x))))


def image_model():
    x = Input((3, 6, 6))
    y = BatchNormalization(axis=1)(MaxPooling2D()(Convolution2D(4, 3, 3, activation="relu")(x)))
    return Model(x, Dense(2, activation="softmax")(Flatten()(y)))


def sequence_model():
    x = Input((4,), dtype="int32")
    y = LSTM(3, return_sequences=True)(Embedding(7, 3, mask_zero=True)(x))
    return Model(x, Dense(2, activation="softmax")(GRU(3)(TimeDistributed(Dense(3))(y))))


MODELS = (dense_model, image_model, sequence_model)


def data_for(model):
    random = np.random.RandomState(0)
    xs = []
    for tensor in model.inputs:
        shape = (SAMPLES, *tensor.shape[1:])
        is_int = tensor.dtype.kind == "i"
        xs.append(random.randint(1, 7, shape) if is_int else random.standard_normal(shape))
    return xs, np.eye(2)[random.randint(0, 2, SAMPLES)]


def check(make, floatx, path):
    """Trains, saves and loads a model whose weights have the given float type."""
    K.set_floatx(floatx)
    wanted = jnp.dtype(floatx)
    np.random.seed(1)
    model = make()
    model.compile("adam", "categorical_crossentropy", metrics=["accuracy"])
    xs, y = data_for(model)
    assert {weight.dtype for weight in model.weights} == {wanted}
    before = model.get_weights()
    history = model.fit(xs, y, batch_size=8, nb_epoch=2, verbose=0).history
    assert np.all(np.isfinite(history["loss"])) and 0 < history["loss"][-1] < 5
    assert all(0 <= value <= 1 for value in history["acc"])
    after = model.get_weights()
    assert {weight.dtype for weight in model.weights} == {wanted}
    assert any(not np.array_equal(old, new) for old, new in zip(before, after, strict=True))
    predicted = model.predict(xs)
    assert predicted.dtype == wanted
    np.testing.assert_allclose(predicted.astype("float64").sum(axis=1), 1, rtol=TOLERANCE[floatx])
    loss = model.evaluate(xs, y, verbose=0)[0]
    numbers = -np.log(predicted.astype("float64")[y == 1]).mean()
    assert np.isclose(loss, numbers, rtol=10 * TOLERANCE[floatx])

    model.save(path)
    with h5py.File(path) as file:
        found = []
        file.visititems(lambda _, item: found.append(item.dtype) if hasattr(item, "dtype") else None)
    stored = "float32" if floatx == "bfloat16" else floatx  # HDF5 has no bfloat16
    assert np.dtype(stored) in found and all(dtype.kind in "iuf" for dtype in found)
    again = load_model(path)
    for one, other in zip(again.get_weights(), after, strict=True):
        assert one.dtype == wanted
        np.testing.assert_array_equal(one, other)
    np.testing.assert_array_equal(again.predict(xs), predicted)


@pytest.fixture
def default_floatx():
    yield
    K.set_floatx("float32")


@pytest.mark.parametrize("floatx", ["float16", "bfloat16"])
@pytest.mark.parametrize("make", MODELS, ids=lambda make: make.__name__)
def test_half_precision_models_train_and_survive_files(make, floatx, tmp_path, default_floatx):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check(make, floatx, str(tmp_path / "model.h5"))


def test_weights_of_another_float_type_load(tmp_path, default_floatx):
    K.set_floatx("bfloat16")
    half = dense_model()
    half.save_weights(str(tmp_path / "weights.h5"))
    K.set_floatx("float32")
    full = dense_model()
    full.load_weights(str(tmp_path / "weights.h5"))
    for one, other in zip(full.get_weights(), half.get_weights(), strict=True):
        assert one.dtype == np.float32
        np.testing.assert_array_equal(one, other.astype("float32"))


def test_double_precision_models_train_and_survive_files(tmp_path):
    # In a separate process, since set_floatx("float64") permanently switches all of JAX to 64 bits.
    program = (
        "import sys, test_float_types as tests\n"
        "for make in tests.MODELS: tests.check(make, 'float64', sys.argv[1] + make.__name__)\n"
        "model = tests.dense_model(); xs, y = tests.data_for(model)\n"
        "model.compile('sgd', 'mse')\n"
        "loss = model.fit(xs, y, batch_size=24, nb_epoch=1, verbose=0).history['loss'][0]\n"
        "assert loss != float(tests.np.float32(loss)), 'the logs have 32 bits'\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "model")],
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
        timeout=500,
    )
    assert result.returncode == 0, result.stderr[-3000:]
