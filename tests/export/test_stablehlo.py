"""`model.export` to StableHLO, compared with `predict`."""

import re
import subprocess
import sys

import jax
import numpy as np
import pytest
from catalog import LAYERS
from export.catalog_model import catalog_model
from numpy.testing import assert_allclose

from keras import backend as K
from keras._files.formats import what_it_is
from keras.export.program import predict_program
from keras.export.stablehlo import exported
from keras.layers import LSTM, Dense, Dropout, Input, Lambda, MaxPooling2D, merge
from keras.models import Model, Sequential

LOADER = """
import sys
import jax
import numpy as np

program = jax.export.deserialize(open(sys.argv[1], "rb").read())
x = np.load(sys.argv[2])
np.save(sys.argv[3], np.asarray(program.call(x)))
assert "keras" not in sys.modules
"""


#: What the generator of random numbers consists of.
DRAWS = "rng|threefry|random|shift_left|erf_inv"


def operations(model):
    """Returns the text of the program, without the lines that name places in source files."""
    lines = exported(predict_program(model)).mlir_module().splitlines()
    return "\n".join(line.partition(" loc(")[0] for line in lines if not line.startswith("#loc"))


def loaded(model, path):
    model.export(path)
    return jax.export.deserialize(path.read_bytes())


def test_file_names_layers_and_no_files_of_this_machine(tmp_path):
    model = Sequential([Dense(2, input_dim=3, name="classes")])
    model.export(tmp_path / "m.stablehlo")
    written = (tmp_path / "m.stablehlo").read_bytes()
    assert b"Layer 'classes'" in written
    assert b".py" not in written
    assert "a StableHLO program of JAX" in what_it_is(written[:512])


def test_every_layer_predicts_the_same(tmp_path):
    model, data = catalog_model(loose=False)
    program = loaded(model, tmp_path / "all.stablehlo")
    assert program.platforms == ("cpu", "cuda", "tpu")
    assert str(program.in_avals[0].shape[0]) == "samples"
    expected = model.predict(data)
    results = program.call(*data)
    for row, result, wanted in zip(LAYERS, results, expected, strict=True):
        assert_allclose(result, wanted, atol=1e-5, err_msg=str(row))


def test_ten_lines_without_this_library_run_the_file(tmp_path):
    model = Sequential([Dense(4, input_dim=3, activation="relu"), Dropout(0.5), Dense(2)])
    x = np.random.standard_normal((5, 3)).astype("float32")
    model.export(tmp_path / "model.stablehlo")
    np.save(tmp_path / "x.npy", x)
    files = [str(tmp_path / name) for name in ("model.stablehlo", "x.npy", "y.npy")]
    subprocess.run([sys.executable, "-c", LOADER, *files], check=True)
    assert_allclose(np.load(tmp_path / "y.npy"), model.predict(x), rtol=1e-6)


def test_program_holds_neither_random_ops_nor_forms_for_the_cpu():
    x = Input(shape=(3, 8, 8))
    model = Model(x, MaxPooling2D()(Dropout(0.5)(x)))
    text = operations(model)
    assert "reduce_window" in text
    assert not re.search(DRAWS + r"|custom_call @(?!shape)", text)


def test_random_numbers_that_only_training_reads_are_not_drawn_for_a_loop():
    x = Input(shape=(4, 3))
    noise = K.random_normal((2,), seed=1)

    def step(x_t, states):
        h = states[0] + x_t[:, :2]
        h = K.in_train_phase(h + noise, h)
        return h, [h]

    y = Lambda(lambda t: K.rnn(step, t, [K.zeros_like(t[:, 0, :2])])[0])(x)
    assert not re.search(DRAWS, operations(Model(x, y)))


def test_unknown_sizes_of_tensors_that_are_added_are_equal(tmp_path):
    a, b = Input(shape=(None, 2)), Input(shape=(None, 2))
    model = Model([a, b], merge([a, b], mode="sum"))
    program = loaded(model, tmp_path / "sum.stablehlo")
    for steps in (2, 5):
        ones = np.ones((3, steps, 2), "float32")
        assert_allclose(program.call(ones, ones), 2 * ones)


def test_shapes_in_the_graph_work_for_any_number_of_samples(tmp_path):
    x = Input(shape=(None, 4))

    def function(t):
        sizes = K.shape(t)
        rows = K.reshape(t, (sizes[0] * sizes[1], 4))
        return K.reshape(rows, (sizes[0], -1, 4)) / K.cast(sizes[1], "float32")

    model = Model(x, Lambda(function)(x))
    program = loaded(model, tmp_path / "shapes.stablehlo")
    data = np.random.standard_normal((3, 5, 4)).astype("float32")
    assert_allclose(program.call(data), data / 5, rtol=1e-6)


def test_model_that_keeps_a_state_is_refused(tmp_path):
    model = Sequential([LSTM(2, batch_input_shape=(1, 3, 2), stateful=True)])
    with pytest.raises(ValueError, match="keeps a state.*stateful=False"):
        model.export(tmp_path / "model.stablehlo")
    assert not list(tmp_path.iterdir())


def test_model_that_draws_random_numbers_is_refused(tmp_path):
    x = Input(shape=(3,))
    model = Model(x, Lambda(lambda t: t + K.random_normal((3,)), name="sample")(x))
    with pytest.raises(ValueError, match=r"draws random numbers in prediction: normal \(Layer 'sample'\)"):
        model.export(tmp_path / "model.stablehlo")


def test_model_without_input_shape_is_refused(tmp_path):
    with pytest.raises(ValueError, match="no layers with a known input shape"):
        Sequential().export(tmp_path / "model.stablehlo")


@pytest.mark.parametrize("name, format", [("model", None), ("model.h5", None), ("model.onnx", "tflite")])
def test_unknown_format_is_refused(tmp_path, name, format):
    model = Sequential([Dense(2, input_dim=3)])
    with pytest.raises(ValueError, match="onnx"):
        model.export(tmp_path / name, format=format)


def test_format_may_be_given_apart_from_the_suffix(tmp_path):
    model = Sequential([Dense(2, input_dim=3)])
    model.export(tmp_path / "model.bin", format="stablehlo")
    jax.export.deserialize((tmp_path / "model.bin").read_bytes())
