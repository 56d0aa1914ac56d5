"""The same program gives the same numbers on any number of devices. Run as a program, this file has eight."""

import contextlib
import io
import json

import jax
import numpy as np
import pytest
from spread import BATCH, TOLERANCE, data, printed_by, trained

import keras
from keras import backend as K
from keras.distributed import Layout
from keras.layers import Convolution2D, Dense, Flatten
from keras.models import Sequential

LAYOUTS = {
    "one device": Layout(data=1),
    "2 devices": Layout(data=2),
    "4 devices, state sharded": Layout(data=4, shard_state=True),
    "4 x 2 devices, weights by pattern": Layout(model=2, weights={"wide_.*": (None, "model")}),
}


def pictures():
    """Convolution, in the order of axes that programs transpose."""
    np.random.seed(3)
    model = Sequential(
        [Convolution2D(2, 3, 3, input_shape=(1, 4, 4), dim_ordering="th"), Flatten(), Dense(1)]
    )
    model.compile("sgd", "mse")
    x = np.random.RandomState(1).uniform(size=(BATCH, 1, 4, 4))
    model.train_on_batch(x, x[:, 0, 0, :1])
    return np.concatenate([weight.ravel() for weight in model.get_weights()]).tolist()


def placed(variable):
    """Returns (number of devices, number of elements on each)."""
    shards = variable.value.addressable_shards
    return len(shards), shards[0].data.size


def summary_of(model):
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        model.summary(placement=True)
    return [" ".join(line.split()) for line in printed.getvalue().splitlines()]


def main():
    jax.config.update("jax_enable_x64", True)
    K.set_floatx("float64")
    found = {}
    for name, layout in LAYOUTS.items():
        keras.distributed.use(layout)
        found[name], model = trained(name in ("one device", "2 devices"))
        if name == "4 x 2 devices, weights by pattern":
            found["summary"] = summary_of(model)
        program = model.train_function
        slots = [v for v in program.updated if v.shape == (6, 512) and v not in model.weights]
        found[name]["W"] = placed(model.get_layer("wide").W)
        found[name]["slots"] = [placed(variable) for variable in slots]
        if name == "2 devices":
            found["pictures of 2"] = pictures()
    keras.distributed.use(Layout(data=1))  # the model moves back
    found["moved"] = [model.predict(data()[0][:6], BATCH).tolist(), placed(model.get_layer("wide").W)]
    found["pictures"] = pictures()
    print(json.dumps(found))


@pytest.fixture(scope="module")
def found():
    return json.loads(printed_by(1, lambda _: [__file__], devices=8)[0])


@pytest.mark.parametrize("layout", list(LAYOUTS)[1:])
def test_training_and_prediction_give_the_numbers_of_one_device(found, layout):
    compare(found, layout, "history weights predict")


def test_other_methods_give_the_numbers_of_one_device(found):
    compare(found, "2 devices", "on_batch generator evaluate")


def compare(found, layout, whats):
    for what in whats.split():
        for ours, one in zip(found[layout][what], found["one device"][what], strict=True):
            np.testing.assert_allclose(ours, one, **TOLERANCE)


def test_convolutions_over_devices_give_the_same_numbers(found):
    np.testing.assert_allclose(found["pictures of 2"], found["pictures"], **TOLERANCE)


@pytest.mark.parametrize(
    "layout, devices, elements",
    [
        ("one device", 1, 6 * 512),
        ("2 devices", 2, 6 * 512),
        ("4 devices, state sharded", 4, 6 * 512 // 4),
        ("4 x 2 devices, weights by pattern", 8, 6 * 512 // 2),
    ],
)
def test_weights_and_state_lie_as_the_layout_says(found, layout, devices, elements):
    assert found[layout]["W"] == [devices, elements]
    assert found[layout]["slots"] == [[devices, elements]] * 2  # Adam has two


def test_summary_shows_what_lies_where(found):
    lines = found["summary"]
    # float64: (6, 512) in two parts of 6 * 256 * 8 bytes
    assert "wide_W (6, 512) (None, 'model') 12,288" in lines and "last_b (2,) - 16" in lines
    assert "On 8 devices, data 4 x model 2" in lines
    # wide_W and four arrays of norm; last_W and last_b are whole
    assert f"Weights: {12_288 + 4 * 512 * 8 + 1024 * 8 + 16:,} bytes per device" in lines


def test_model_moves_when_the_layout_changes(found):
    prediction, place = found["moved"]
    np.testing.assert_allclose(prediction, found["one device"]["predict"], **TOLERANCE)
    assert place == [1, 6 * 512]


if __name__ == "__main__":
    main()
