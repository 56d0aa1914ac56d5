"""Properties of every layer; the layers are the rows of `catalog.LAYERS`."""

import jax
import numpy as np
import pytest
from catalog import LAYERS, SAMPLES, WITHOUT_ROW
from compilations import compilations

from keras import backend as K
from keras import layers
from keras._spelling.later import LATER
from keras.layers import RNN, Bidirectional, Input, Layer, Recurrent
from keras.models import Model, load_model, model_from_json
from keras.utils.generic_utils import custom_object_scope


class Mark(Layer):
    """Masks the last element along the axis after that of the samples, on any tensor."""

    supports_masking = True

    def compute_mask(self, x, mask=None):
        return K.concatenate([K.ones_like(x[:, :-1]), K.zeros_like(x[:, -1:])], axis=1)[
            (slice(None), slice(None), *[0] * (K.ndim(x) - 2))
        ]


class Built:
    """The layer of a row, in a model."""

    def __init__(self, row, shapes=None, masked=False):
        self.row = row
        self.layer = row.layer()
        dtype = "int32" if row.ids else None
        self.inputs = [Input(shape, dtype=dtype) for shape in shapes or row.shapes]
        tensors = [Mark()(x) for x in self.inputs] if masked else self.inputs
        self.output = self.layer(tensors if row.several else tensors[0])
        self.model = Model(self.inputs, self.output)

    def declared(self, samples=None):
        shapes = [(samples, *shape) for shape in self.row.shapes]
        return tuple(self.layer.get_output_shape_for(shapes if self.row.several else shapes[0]))

    def run(self, train, data=None):
        function = K.function([*self.inputs, K.learning_phase()], [self.output])
        return function([*(data or self.row.data()), train])[0]


@pytest.fixture(scope="module", params=LAYERS, ids=str)
def built(request):
    """One layer and model for all tests that do not change them; pytest runs those together."""
    np.random.seed(0)
    return Built(request.param)


each_row = pytest.mark.parametrize("row", LAYERS, ids=str)


def test_every_layer_class_has_a_row():
    listed = {row.cls for row in LAYERS} | set(WITHOUT_ROW)
    later = {name: getattr(layers, name) for name in LATER["layers"]}
    classes = {**layers.LAYERS, **{name: cls for name, cls in later.items() if isinstance(cls, type)}}
    missing = sorted(name for name, cls in classes.items() if cls not in listed)
    assert not missing, f"add rows to tests/catalog.py for {missing}"


def test_declared_shape_is_that_of_the_result(built):
    if built.row.kwargs.get("mode") == "cos":
        pytest.skip("Keras 1.2.2 declares (samples, 1) and computes (samples, 1, 1)")
    result = built.model.predict(built.row.data())
    assert K.int_shape(built.output) == built.declared() == (None, *result.shape[1:])
    assert built.declared(SAMPLES) == result.shape


def test_outputs_and_weights_are_float32(built):
    assert K.dtype(built.output) == "float32"
    assert built.model.predict(built.row.data()).dtype == "float32"
    assert {weight.dtype for weight in built.layer.get_weights()} <= {np.dtype("float32")}


def test_training_differs_from_testing_where_the_row_says_so(built):
    """Testing is deterministic; training differs from it if the row says so."""
    test = built.run(0)
    np.testing.assert_array_equal(test, built.run(0))
    assert np.isfinite(test).all()
    assert built.output._uses_learning_phase == built.row.phase
    assert np.allclose(test, built.run(1), atol=1e-5) != built.row.phase


def test_second_call_compiles_nothing(built):
    built.model.predict(built.row.data())
    before = compilations()
    built.model.predict(built.row.data(seed=1))
    assert compilations() == before


def test_configs_and_files_restore_the_layer(built, tmp_path):
    """A layer from its config, the JSON of its model or a file is the same, and its weights bit for bit."""
    config = built.layer.get_config()
    with custom_object_scope(built.row.outside):
        assert _essential(built.row.cls.from_config(config).get_config()) == _essential(config)
        again = model_from_json(built.model.to_json())
        built.model.save(tmp_path / "model.h5")
        loaded = load_model(tmp_path / "model.h5")
    assert again.to_json() == built.model.to_json() == loaded.to_json()
    for ours, theirs in zip(built.model.get_weights(), loaded.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    again.set_weights(built.model.get_weights())
    expected = built.model.predict(built.row.data())
    for model in (again, loaded):
        np.testing.assert_array_equal(model.predict(built.row.data()), expected)


@pytest.mark.parametrize("row", [row for row in LAYERS if row.loose], ids=str)
def test_unknown_sizes_give_the_same_results(row):
    exact, loose = Built(row), Built(row, row.loose)
    loose.model.set_weights(exact.model.get_weights())
    expected, result = exact.model.predict(row.data()), loose.model.predict(row.data())
    np.testing.assert_allclose(result, expected, rtol=1e-5, atol=1e-6)
    shapes = [(None, *shape) for shape in row.loose]
    declared = loose.layer.get_output_shape_for(shapes if row.several else shapes[0])
    for shape in (K.int_shape(loose.output), declared):
        assert [a for a, b in zip(shape, expected.shape, strict=True) if a not in (None, b)] == []


@each_row
def test_masks_are_handled_as_the_row_says(row):
    if row.mask == "refused":
        with pytest.raises(TypeError, match="does not support masking"):
            Built(row, masked=True)
        return
    made = Built(row, masked=True)
    mask = made.layer.get_output_mask_at(0)
    assert (mask is None) == (row.mask == "used")
    if mask is not None:
        assert K.ndim(mask) <= K.ndim(made.output)


@pytest.mark.parametrize(
    "row", [row for row in LAYERS if issubclass(row.cls, Recurrent | Bidirectional | RNN)], ids=str
)
def test_masked_steps_have_no_effect(row):
    made = Built(row, masked=True)
    (data,) = row.data()
    result = made.run(0, [data])
    data[:, -1] = 100.0
    seen = slice(None, -1) if result.ndim == 3 else slice(None)
    np.testing.assert_array_equal(made.run(0, [data])[:, seen], result[:, seen])


@pytest.fixture
def double():
    """Switches to float64, in which finite differences are close to the derivative."""
    K.set_floatx("float64")
    yield
    K.set_floatx("float32")
    jax.config.update("jax_enable_x64", False)


@each_row
def test_gradient_equals_finite_differences(row, double):
    """The derivative in a random direction equals a difference quotient."""
    made = Built(row)
    sources = [*made.layer.trainable_weights, *([] if row.ids else made.inputs)]
    if not sources:
        pytest.skip("nothing to differentiate with respect to")
    random = np.random.RandomState(1)
    data = [array if row.ids else array.astype("float64") for array in row.data()]
    scale = random.standard_normal(made.run(0, data).shape)
    factors = K.placeholder(K.int_shape(made.output))
    loss = K.sum(made.output * factors)
    function = K.function([*made.inputs, factors], [loss, *K.gradients(loss, sources)])
    derivatives = function([*data, scale])[1:]
    directions = [random.standard_normal(array.shape) for array in derivatives]
    slope = sum((a * b).sum() for a, b in zip(derivatives, directions, strict=True))

    weights = made.layer.trainable_weights
    values = [K.get_value(weight) for weight in weights]

    def at(step):
        for weight, value, direction in zip(weights, values, directions, strict=False):
            K.set_value(weight, value + step * direction)
        moved = zip(data, directions[len(weights) :], strict=False)
        return function([*(data if row.ids else [array + step * d for array, d in moved]), scale])[0]

    assert slope == pytest.approx((at(1e-6) - at(-1e-6)) / 2e-6, rel=1e-6, abs=1e-7)


@each_row
def test_training_step_changes_every_weight(row):
    made = Built(row)
    made.model.compile("sgd", "mse")
    before = [K.get_value(weight) for weight in made.layer.trainable_weights]
    target = np.random.standard_normal(K.int_shape(made.output)[1:])
    loss = made.model.train_on_batch(row.data(), np.stack([target] * SAMPLES))
    assert np.isfinite(loss)
    for old, weight in zip(before, made.layer.trainable_weights, strict=True):
        new = K.get_value(weight)
        assert (old != new).any() and np.isfinite(new).all(), weight


def _essential(config):
    """Returns a config without the input shape, which may be given by `input_dim` instead."""
    return {key: value for key, value in config.items() if key not in ("batch_input_shape", "input_dtype")}
