"""Every function of `keras.backend`: on NumPy arrays, on variables, and on placeholders of unknown sizes.

The three ways return the same value and, where sizes are known, the same shape.
`recorded_answers/test_backend.py` compares the values with those of the original.
"""

import json

import jax
import numpy as np
import pytest
from compilations import compilations
from recorded import GOLDEN

from keras import backend as K

_random = np.random.RandomState(0)


def numbers(*shape):
    return _random.uniform(0.1, 0.9, shape).astype("float32")


def chances(*shape):
    values = numbers(*shape)
    return values / values.sum(axis=-1, keepdims=True)


def ids(*rows):
    return np.array(rows, "int32")


A, B, SEQUENCE = numbers(3, 4), numbers(3, 4), numbers(2, 5, 3)
IMAGE, VOLUME = numbers(2, 3, 6, 7), numbers(2, 2, 4, 5, 6)
IDS = np.array([1, 0, 2], "int32")
BOOLS = A > 0.5
VECTOR = numbers(3)


def step(x, states):
    output = x + states[0]
    return output, [output]


def row(function, *arrays):
    return function, arrays


#: Name -> (function of tensors, arrays for them). Sizes that a function must know are in its arrays' place.
ROWS = {
    **{
        name: row(getattr(K, name), A)
        for name in "abs cos elu exp flatten hard_sigmoid log relu round".split()
    },
    **{name: row(getattr(K, name), A) for name in "sigmoid sign sin softmax softplus softsign sqrt".split()},
    **{name: row(getattr(K, name), A) for name in "square tanh transpose ones_like zeros_like shape".split()},
    **{name: row(getattr(K, name), A) for name in "argmax argmin expand_dims stop_gradient to_dense".split()},
    **{
        name: row(lambda x, n=name: getattr(K, n)(x, 1), A)
        for name in "max mean min prod std sum var".split()
    },
    **{name: row(lambda x, n=name: getattr(K, n)(x, 0), BOOLS) for name in "all any".split()},
    **{
        name: row(getattr(K, name), A, B)
        for name in "equal greater greater_equal lesser lesser_equal".split()
    },
    **{name: row(getattr(K, name), A, B) for name in "maximum minimum not_equal".split()},
    "arange": row(lambda x: K.arange(K.shape(x)[0]), A),
    "asymmetric_spatial_2d_padding": row(lambda x: K.asymmetric_spatial_2d_padding(x, 1, 2, 0, 1), IMAGE),
    "asymmetric_temporal_padding": row(lambda x: K.asymmetric_temporal_padding(x, 2, 1), SEQUENCE),
    "atrous_conv2d": row(lambda x, w: K.atrous_conv2d(x, w, 2), IMAGE, numbers(4, 3, 2, 2)),
    "batch_dot": row(lambda x, y: K.batch_dot(x, y, (2, 2)), SEQUENCE, SEQUENCE),
    "batch_flatten": row(K.batch_flatten, SEQUENCE),
    "batch_normalization": row(K.batch_normalization, SEQUENCE, VECTOR, VECTOR, VECTOR, VECTOR),
    "binary_crossentropy": row(K.binary_crossentropy, A, B),
    "cast": row(lambda x: K.cast(x, "int32"), 5 * A),
    "categorical_crossentropy": row(K.categorical_crossentropy, chances(3, 4), chances(3, 4)),
    "clip": row(lambda x: K.clip(x, 0.3, 0.6), A),
    "concatenate": row(lambda x, y: K.concatenate([x, y], 1), A, B),
    "conv1d": row(lambda x, w: K.conv1d(x, w, 2, "same"), SEQUENCE, numbers(2, 3, 4)),
    "conv2d": row(lambda x, w: K.conv2d(x, w, (2, 1), "same"), IMAGE, numbers(4, 3, 2, 3)),
    "conv3d": row(K.conv3d, VOLUME, numbers(3, 2, 2, 2, 2)),
    "ctc_batch_cost": row(
        K.ctc_batch_cost, ids([0, 1], [1, 0]), chances(2, 6, 3), ids([6], [5]), ids([2], [1])
    ),
    "ctc_decode": row(lambda y, n: K.ctc_decode(y, n[:, 0], False, 4)[0], chances(2, 6, 3), ids([6], [5])),
    "deconv2d": row(lambda x, w: K.deconv2d(x, w, (2, 4, 7, 8)), IMAGE, numbers(4, 3, 2, 2)),
    "dot": row(K.dot, SEQUENCE, numbers(3, 2)),
    "foldl": row(lambda x: K.foldl(lambda total, v: 2 * total + v, x), A),
    "foldr": row(lambda x: K.foldr(lambda total, v: 2 * total + v, x, x[0]), A),
    "gather": row(K.gather, A, IDS),
    "in_test_phase": row(lambda x, y: K.in_test_phase(lambda: x + y, y), A, B),
    "in_top_k": row(lambda p, t: K.in_top_k(p, t, 2), A, IDS),
    "in_train_phase": row(K.in_train_phase, A, B),
    "l2_normalize": row(lambda x: K.l2_normalize(x, -1), A),
    "map_fn": row(lambda x: K.map_fn(lambda v: v * K.sum(v), x), A),
    "normalize_batch_in_training": row(
        lambda x, g, b: K.normalize_batch_in_training(x, g, b, [0, 1]), SEQUENCE, VECTOR, VECTOR
    ),
    "one_hot": row(lambda x: K.one_hot(x, 4), IDS),
    "permute_dimensions": row(lambda x: K.permute_dimensions(x, (2, 0, 1)), SEQUENCE),
    "pool2d": row(lambda x: K.pool2d(x, (2, 3), (2, 1), "same", pool_mode="avg"), IMAGE),
    "pool3d": row(lambda x: K.pool3d(x, (2, 2, 2)), VOLUME),
    "pow": row(lambda x: K.pow(x, 3), A),
    "print_tensor": row(lambda x: K.print_tensor(x, "x: "), A),
    "repeat": row(lambda x: K.repeat(x, 2), A),
    "repeat_elements": row(lambda x: K.repeat_elements(x, 2, 1), SEQUENCE),
    "reshape": row(lambda x: K.reshape(x, (-1, 2)), A),
    "resize_images": row(lambda x: K.resize_images(x, 2, 3, "th"), IMAGE),
    "resize_volumes": row(lambda x: K.resize_volumes(x, 1, 2, 2, "tf"), VOLUME),
    "reverse": row(lambda x: K.reverse(x, 1), SEQUENCE),
    "rnn": row(lambda x, s: K.rnn(step, x, [s])[:2], SEQUENCE, numbers(2, 3)),
    "separable_conv2d": row(K.separable_conv2d, IMAGE, numbers(2, 3, 2, 2), numbers(4, 6, 1, 1)),
    "sparse_categorical_crossentropy": row(K.sparse_categorical_crossentropy, chances(3, 4), IDS),
    "spatial_2d_padding": row(lambda x: K.spatial_2d_padding(x, (1, 2)), IMAGE),
    "spatial_3d_padding": row(lambda x: K.spatial_3d_padding(x, (1, 0, 2)), VOLUME),
    "squeeze": row(lambda x: K.squeeze(x, 1), numbers(3, 1, 2)),
    "stack": row(lambda x, y: K.stack([x, y]), A, B),
    "switch": row(lambda c, x, y: K.switch(c, lambda: x, y), BOOLS, A, B),
    "temporal_padding": row(lambda x: K.temporal_padding(x, 2), SEQUENCE),
    "tile": row(lambda x: K.tile(x, (2, 1)), A),
}

#: What has no value of tensors, and where it is tested.
WITHOUT_ROW = {
    "settings": "backend cast_to_floatx clear_session epsilon floatx get_uid image_dim_ordering "
    "learning_phase legacy_weight_ordering set_epsilon set_floatx set_image_dim_ordering set_learning_phase "
    "set_legacy_weight_ordering",
    "variables, below": "batch_get_value batch_set_value eye get_value moving_average_update ones "
    "random_normal_variable random_uniform_variable set_value update update_add update_sub variable zeros",
    "what is known of a tensor, below": "count_params dtype get_variable_shape int_shape is_keras_tensor "
    "is_sparse ndim placeholder",
    "graphs": "eval function gradients",
    "random, below": "dropout random_binomial random_normal random_uniform",
}

#: Name -> shapes of the placeholders, where some sizes must be known: kernels and their channels, the axis
#: that is taken out.
SHAPES = {
    "atrous_conv2d": [(None, 3, None, None), (4, 3, 2, 2)],
    "conv1d": [(None, None, 3), (2, 3, 4)],
    "conv2d": [(None, 3, None, None), (4, 3, 2, 3)],
    "conv3d": [(None, 2, None, None, None), (3, 2, 2, 2, 2)],
    "deconv2d": [(2, 3, 6, 7), (4, 3, 2, 2)],
    "separable_conv2d": [(None, 3, None, None), (2, 3, 2, 2), (4, 6, 1, 1)],
    "squeeze": [(None, 1, None)],
}


def test_every_function_has_a_row():
    surface = json.loads((GOLDEN / "surface.json").read_text())["keras.backend"]
    functions = {name for name, record in surface.items() if record["kind"] == "function"}
    others = {name for names in WITHOUT_ROW.values() for name in names.split()}
    assert not others & set(ROWS)
    assert functions == others | set(ROWS)


@pytest.mark.parametrize("name", sorted(ROWS))
def test_arrays_variables_and_placeholders_agree(name, capfd):
    function, arrays = ROWS[name]
    of_arrays = [K.eval(v) for v in jax.tree.leaves(function(*arrays))]
    variables = [K.variable(array, dtype=str(array.dtype)) for array in arrays]
    of_variables = [K.eval(v) for v in jax.tree.leaves(function(*variables))]
    shapes = SHAPES.get(name, [(None,) * array.ndim for array in arrays])
    placeholders = [
        K.placeholder(shape, dtype=str(array.dtype)) for array, shape in zip(arrays, shapes, strict=True)
    ]
    outputs = jax.tree.leaves(function(*placeholders))
    of_placeholders = K.function(placeholders, outputs)(list(arrays))
    assert len(of_arrays) == len(of_variables) == len(of_placeholders)
    for one, two, three, tensor in zip(of_arrays, of_variables, of_placeholders, outputs, strict=True):
        np.testing.assert_allclose(two, one, rtol=1e-5, atol=1e-6)
        np.testing.assert_allclose(three, one, rtol=1e-5, atol=1e-6)
        assert one.dtype == two.dtype == three.dtype == np.dtype(K.dtype(tensor))
        assert K.ndim(tensor) == three.ndim
        assert all(own in (None, size) for own, size in zip(K.int_shape(tensor), three.shape, strict=True))


# --- variables ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "make, expected",
    [
        (lambda: K.eye(3), np.eye(3)),
        (lambda: K.ones((2, 3)), np.ones((2, 3))),
        (lambda: K.zeros((2, 3)), np.zeros((2, 3))),
        (lambda: K.variable([[1, 2]]), [[1, 2]]),
        (lambda: K.variable(K.ones(2) * 3), [3, 3]),
    ],
)
def test_variables_are_set_and_read(make, expected):
    v = make()
    np.testing.assert_array_equal(K.get_value(v), expected)
    assert K.dtype(v) == "float32" and K.get_variable_shape(v) == K.int_shape(v) == np.shape(expected)
    assert (K.count_params(v), K.ndim(v)) == (np.size(expected), np.ndim(expected))


def test_batch_set_value_equals_single_sets():
    a, b = K.zeros(2), K.zeros(3)
    K.set_value(a, [1, 2])
    K.batch_set_value([(b, [3, 4, 5])])
    assert [value.tolist() for value in K.batch_get_value([a, b])] == [[1, 2], [3, 4, 5]]


def test_a_variable_is_independent_of_the_array_it_was_made_of():
    # JAX takes an array at a multiple of 64 without a copy: one of these has such an address.
    for start in range(16):
        array = np.zeros(32, "float32")[start : start + 16]
        first, second = K.variable(array), K.zeros(16)
        K.set_value(second, array)
        array[:] = 1
        assert not K.get_value(first).any() and not K.get_value(second).any()


def test_setting_values_compiles_nothing():
    v = K.zeros((7, 3))
    before = compilations()
    K.set_value(v, np.ones((7, 3)))
    for value in (0.5, 7, [[1, 2.5]], np.arange(11)):
        K.set_value(K.variable(value), value)
    assert compilations() == before


@pytest.mark.parametrize(
    "update, expected",
    [
        (lambda v, x: K.update(v, x), 3),
        (lambda v, x: K.update_add(v, x), 5),
        (lambda v, x: K.update_sub(v, x), -1),
        (lambda v, x: K.moving_average_update(v, x, 0.75), 2 * 0.75 + 3 * 0.25),
    ],
)
def test_updates_are_applied_by_functions(update, expected):
    v, x = K.variable(2.0), K.placeholder(())
    K.function([x], [x], updates=[update(v, x)])([3.0])
    assert K.get_value(v) == expected


# --- random ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "draw, mean, deviation",
    [
        (lambda shape: K.random_uniform(shape, 1.0, 3.0, seed=1), 2, 1 / np.sqrt(3)),
        (lambda shape: K.random_normal(shape, 1.0, 2.0, seed=1), 1, 2),
        (lambda shape: K.random_binomial(shape, 0.3, seed=1), 0.3, np.sqrt(0.3 * 0.7)),
        (lambda shape: K.random_uniform_variable(shape, 1.0, 3.0, seed=1), 2, 1 / np.sqrt(3)),
        (lambda shape: K.random_normal_variable(shape, 1.0, 2.0, seed=1), 1, 2),
    ],
    ids="uniform normal binomial uniform_variable normal_variable".split(),
)
def test_random_functions_have_shape_and_moments(draw, mean, deviation):
    # 40,000 draws: the means of another generator would stay within 5 standard errors, too.
    values = K.eval(draw((200, 200)))
    assert abs(values.mean() - mean) < 5 * deviation / 200
    assert abs(values.std() - deviation) < 0.02 * deviation


@pytest.mark.parametrize("name", ["random_uniform", "random_normal", "random_binomial"])
def test_random_shape_may_come_from_a_placeholder(name):
    x = K.placeholder((None, None))
    drawn = getattr(K, name)(K.shape(x))
    first, second = K.function([x], [drawn])([A])[0], K.function([x], [drawn])([numbers(5, 2)])[0]
    assert first.shape == (3, 4) and second.shape == (5, 2)


def test_dropout_accepts_arrays_and_placeholders():
    x = K.placeholder((None, None))
    ones = np.ones((100, 50), "float32")
    for dropped in (
        K.eval(K.dropout(ones, 0.2, seed=1)),
        K.function([x], [K.dropout(x, 0.2, seed=1)])([ones])[0],
    ):
        assert set(np.unique(dropped)) <= {np.float32(0), np.float32(1.25)}
        assert abs((dropped == 0).mean() - 0.2) < 0.03


# --- branches -------------------------------------------------------------------------------------


def test_in_train_phase_accepts_values_and_functions():
    x = K.placeholder((None, None))
    y = K.in_train_phase(lambda: x * 2, x)
    z = K.in_test_phase(x * 3, lambda: x)
    function = K.function([x, K.learning_phase()], [y, z])
    for phase, factors in ((1, (2, 1)), (0, (1, 3))):
        for result, factor in zip(function([A, phase]), factors, strict=True):
            np.testing.assert_allclose(result, factor * A)


@pytest.mark.parametrize("condition", [True, False, 0, 1.0, np.array(True)])
def test_switch_on_a_scalar_condition(condition):
    expected = A if condition else B
    np.testing.assert_array_equal(K.eval(K.switch(condition, A, B)), expected)
    c, x = K.placeholder(()), K.placeholder((None, 4))
    function = K.function([c, x], [K.switch(c, x, lambda: 2 * x)])
    np.testing.assert_array_equal(function([float(condition), A])[0], A if condition else 2 * A)
