"""Unknown sizes that must agree: values equal NumPy's for several sizes, and known sizes are right."""

import itertools

import jax.numpy as jnp
import numpy as np
import pytest

from keras import backend as K
from keras.layers import Dense, Dropout, Input, Lambda, Merge
from keras.models import Model

W42, W23 = np.arange(8, dtype="float32").reshape(4, 2), np.arange(6, dtype="float32").reshape(2, 3)
_random = np.random.RandomState(0)


def numbers(*shape):
    return _random.uniform(-1, 1, shape).astype("float32")


def check(tensor, inputs, expected, *shapes):
    """Compares a tensor with NumPy for inputs of each of these lists of shapes, and with its own shape."""
    run = K.function(list(inputs), [tensor])
    for sizes in shapes:
        arrays = [numbers(*shape) for shape in sizes]
        (value,) = run(arrays)
        np.testing.assert_allclose(value, expected(*arrays), rtol=1e-4, atol=1e-5)
        assert len(value.shape) == K.ndim(tensor)
        pairs = zip(K.int_shape(tensor), value.shape, strict=True)
        assert all(said in (None, size) for said, size in pairs), (K.int_shape(tensor), value.shape)


def test_rows_of_a_sum_with_an_array():
    x = K.placeholder(ndim=2)
    y = x + K.variable(W42)
    assert K.int_shape(y) == (4, 2)  # as in the original
    check(y, [x], lambda x: x + W42, [(4, 2)], [(1, 2)], [(4, 1)])


def test_product_of_a_placeholder_with_a_matrix():
    x = K.placeholder(ndim=2)
    y = K.dot(x, K.variable(W42))
    assert K.int_shape(y) == (None, 2)
    check(y, [x], lambda x: x @ W42, [(3, 4)], [(7, 4)])


def test_an_equation_holds_for_what_is_computed_from_its_tensor_only():
    x = K.placeholder(ndim=2)
    y = K.dot(x, K.variable(W42))
    assert K.int_shape(K.concatenate([y, x])) == (None, 6)
    assert K.int_shape(x * 2) == (None, None)
    check(K.concatenate([y, x]), [x], lambda x: np.hstack([x @ W42, x]), [(3, 4)], [(5, 4)])


def test_a_layer_times_a_placeholder():
    i, p = Input((4,)), K.placeholder(ndim=2)
    dense = Dense(3)
    y = dense(i) * p
    assert K.int_shape(y) == (None, 3)
    W, b = dense.get_weights()
    check(y, [i, p], lambda i, p: (i @ W + b) * p, [(5, 4), (5, 3)], [(2, 4), (1, 3)], [(6, 4), (6, 1)])


def test_two_placeholders_of_unknown_sizes():
    x, y = K.placeholder(ndim=3), K.placeholder(ndim=3)
    same, broadcast = [(2, 3, 4)] * 2, [(2, 1, 4), (1, 3, 4)]
    assert K.int_shape(x + y) == (None, None, None)
    check(x + y, [x, y], np.add, same, broadcast)
    check(K.concatenate([x, y], axis=1), [x, y], lambda x, y: np.concatenate([x, y], 1), same)
    check(K.batch_dot(x, y), [x, y], np.matmul, [(2, 3, 4), (2, 4, 5)], [(1, 2, 2), (1, 2, 2)])
    check(K.dot(x[0], y[0]), [x, y], lambda x, y: x[0] @ y[0], [(2, 3, 4), (2, 4, 5)])
    check(K.switch(K.greater(x, 0), x, y), [x, y], lambda x, y: np.where(x > 0, x, y), same)


def test_dropout_with_a_fixed_noise_shape():
    i = Input((7, 5))
    y = Dropout(0.5, noise_shape=(32, 1, 5))(i)
    assert K.int_shape(y) == (None, 7, 5)  # as in the original
    value = K.function([i, K.learning_phase()], [y])([np.ones((32, 7, 5)), 1])[0]
    assert set(np.unique(value)) == {0, 2} and (value == value[:, :1]).all()
    model = Model(i, y)
    x = numbers(10, 7, 5)
    np.testing.assert_array_equal(model.predict(x), x)


def test_a_lambda_that_reshapes_all_samples():
    i = Input((3,))
    y = Lambda(lambda z: K.reshape(z, (2, 3, 1)), output_shape=(3, 1))(i)
    assert K.int_shape(y) == (2, 3, 1)  # as in the original
    check(y, [i], lambda x: x.reshape(2, 3, 1), [(2, 3)])
    unknown = K.placeholder(ndim=2)
    y = K.reshape(unknown, (2, 3, 1))
    assert K.int_shape(y) == (2, 3, 1)
    check(y, [unknown], lambda x: x.reshape(2, 3, 1), [(2, 3)], [(3, 2)], [(6, 1)])


def test_a_lambda_in_plain_jax():
    y = Lambda(lambda z: jnp.reshape(z, (2, 3, 1)), output_shape=(3, 1))(Input((3,)))
    assert K.int_shape(y) == (2, 3, 1)


def test_a_reshape_to_sizes_of_another_tensor():
    x, y = K.placeholder((None, 6)), K.placeholder((None, 3))
    z = K.reshape(x, (K.shape(y)[0], 3)) + y
    assert K.int_shape(z) == (None, 3)
    check(z, [x, y], lambda x, y: x.reshape(-1, 3) + y, [(2, 6), (4, 3)], [(3, 6), (6, 3)])


def test_a_reshape_of_samples_to_rows_that_do_not_divide():
    x = K.placeholder((None, 5))
    check(K.reshape(x, (-1, 11)), [x], lambda x: x.reshape(-1, 11), [(11, 5)], [(22, 5)])


@pytest.mark.parametrize("steps", [None, 6])
def test_joining_along_an_unknown_axis(steps):
    x, y = K.placeholder((None, None, 2)), K.placeholder((None, steps, 2))
    z = K.concatenate([x, y, x], axis=1)
    assert K.int_shape(z) == (None, None, 2)
    check(
        z, [x, y], lambda x, y: np.concatenate([x, y, x], 1), [(3, 4, 2), (3, 6, 2)], [(1, 5, 2), (1, 6, 2)]
    )


def test_repeating():
    x = K.placeholder(ndim=2)
    check(K.repeat_elements(x, 3, 1), [x], lambda x: x.repeat(3, 1), [(2, 3)], [(4, 1)])
    check(K.tile(x, (2, 3)), [x], lambda x: np.tile(x, (2, 3)), [(2, 3)], [(4, 1)])
    check(K.tile(x, [1, K.shape(x)[0]]), [x], lambda x: np.tile(x, (1, len(x))), [(2, 3)], [(4, 1)])
    assert K.int_shape(K.repeat_elements(K.placeholder((None, 2)), 3, 1)) == (None, 6)


def test_sizes_as_operands():
    x, y = K.placeholder(ndim=2), K.placeholder(ndim=2)
    longer = K.concatenate([y, K.zeros((K.shape(x)[0] - K.shape(y)[0], K.shape(y)[1]))], axis=0)

    def padded(x, y):
        return x + np.pad(y, ((0, len(x) - len(y)), (0, 0)))

    check(x + longer, [x, y], padded, [(5, 2), (3, 2)], [(4, 3), (4, 3)])
    check(x[K.shape(y)[0] :], [x, y], lambda x, y: x[len(y) :], [(5, 2), (3, 2)], [(4, 3), (4, 3)])


def test_a_remainder_of_a_size_is_not_known():
    x = K.placeholder((None, 2))
    rest = K.shape(x)[0] % 4
    assert K.int_shape(x[:rest]) == (None, 2)
    check(x[:rest], [x], lambda x: x[: len(x) % 4], [(7, 2)], [(8, 2)])
    odd = K.shape(x)[0] - 2 * (K.shape(x)[0] // 2)
    check(x[:odd], [x], lambda x: x[: len(x) % 2], [(7, 2)], [(8, 2)])


def test_a_shape_is_unpacked_into_scalars():
    x = K.placeholder((None, None))
    rows, columns = K.shape(x)
    assert K.ndim(rows) == 0
    check(K.reshape(x, (columns, rows)), [x], lambda x: x.reshape(x.shape[::-1]), [(2, 3)], [(5, 1)])


def test_ranges_and_ones_of_unknown_size():
    x = K.placeholder(ndim=2)
    check(x * K.ones(K.shape(x)), [x], lambda x: x, [(2, 3)])
    check(x + K.zeros((K.shape(x)[0], 1)), [x], lambda x: x, [(2, 3)])
    places = K.cast(K.arange(K.shape(x)[1]), "float32")
    assert K.int_shape(places) == (None,)
    check(x * places, [x], lambda x: x * np.arange(x.shape[1]), [(2, 3)], [(2, 1)])


def test_gradients_of_placeholders_of_unknown_sizes():
    x, y = K.placeholder(ndim=2), K.placeholder(ndim=2)
    loss = K.sum(K.square(K.dot(x, y)))
    for gradient, expected in zip(
        K.gradients(loss, [x, y]),
        (lambda x, y: 2 * (x @ y) @ y.T, lambda x, y: 2 * x.T @ (x @ y)),
        strict=True,
    ):
        assert K.int_shape(gradient) == (None, None)
        check(gradient, [x, y], expected, [(2, 3), (3, 4)], [(1, 2), (2, 2)])


def test_loops_over_unknown_numbers_of_steps():
    x = K.placeholder(ndim=3)
    state = K.zeros_like(x[:, 0])
    last, outputs, _ = K.rnn(lambda x_t, s: (x_t + s[0], [x_t + s[0]]), x, [state])
    assert K.int_shape(outputs) == (None, None, None)
    check(outputs, [x], lambda x: x.cumsum(1), [(2, 3, 4)], [(1, 5, 2)])
    check(last, [x], lambda x: x.sum(1), [(2, 3, 4)], [(1, 5, 2)])
    check(K.foldl(lambda a, b: a + b, x), [x], lambda x: x.sum(0), [(2, 3, 4)], [(4, 1, 1)])
    check(K.map_fn(lambda row: row * 2, x), [x], lambda x: 2 * x, [(2, 3, 4)], [(4, 1, 1)])


def test_an_initial_state_of_another_placeholder():
    x, state = K.placeholder(ndim=3), K.placeholder(ndim=2)
    last, _, _ = K.rnn(lambda x_t, s: (x_t + s[0], [x_t + s[0]]), x, [state])
    check(last, [x, state], lambda x, s: x.sum(1) + s, [(2, 3, 4), (2, 4)], [(1, 5, 2), (1, 2)])


def test_one_hot_of_unknown_sizes():
    ids = K.placeholder(ndim=2, dtype="int32")
    y = K.one_hot(ids, 4)
    assert K.int_shape(y) == (None, None, 4)
    np.testing.assert_array_equal(K.function([ids], [y])([[[0, 3]]])[0], np.eye(4)[[[0, 3]]])


def test_sizes_that_can_never_agree_are_refused_with_the_first_error():
    x = K.placeholder((None, 3))
    for fails in (lambda: x * K.ones((5, 4)), lambda: K.dot(x, K.ones((4, 2))), lambda: K.reshape(x, (4, 5))):
        with pytest.raises((TypeError, ValueError), match="1680|3"):
            fails()


def test_contradicting_equations_fail_when_the_program_runs():
    x = K.placeholder(ndim=2)
    y = K.sum(K.dot(x, K.variable(W42)), axis=1) + K.sum(K.dot(x, K.variable(W23)), axis=1)
    with pytest.raises((TypeError, ValueError), match="dot"):
        K.function([x], [y])([np.ones((3, 4))])


@pytest.mark.parametrize("value", [[1.0, 2.0, 3.0], (1, 2, 3), np.arange(3.0), np.float64(2), np.int64(3)])
@pytest.mark.parametrize("name", ["add", "sub", "mul", "truediv", "pow"])
def test_lists_tuples_and_arrays_are_operands(name, value):
    x = K.placeholder((None, 3))
    for method in (f"__{name}__", f"__r{name}__"):
        y = getattr(x, method)(value)
        assert K.int_shape(y) == (None, 3) and K.dtype(y) == "float32"
    array = np.asarray(value, "float32")
    check(x * value, [x], lambda x: x * array, [(2, 3)])
    check(value * x, [x], lambda x: x * array, [(2, 3)])
    check(value - x, [x], lambda x: array - x, [(2, 3)])
    check(K.maximum(x, value), [x], lambda x: np.maximum(x, array), [(2, 3)])


def test_a_list_may_hold_tensors():
    x = K.placeholder((None, 3))
    check(x * [K.sum(x), 1, 2], [x], lambda x: x * [x.sum(), 1, 2], [(2, 3)])


def test_lists_keep_the_type_of_sizes():
    sizes = K.shape(K.placeholder((None, 3))) * [1, 2]
    assert K.dtype(sizes) == "int32"


def test_a_list_of_indices_is_a_tuple_of_them():
    x = K.placeholder((None, 3))
    check(x[[slice(None), 0]], [x], lambda x: x[:, 0], [(2, 3)])
    assert K.int_shape(K.placeholder((4, 5, 6))[[0, 1]]) == (6,)  # as in the original


def test_a_tensor_has_no_length_for_programs_that_ask():
    assert not hasattr(K.placeholder((2, 3)), "__len__")


def test_a_nested_model_keeps_the_samples_of_a_given_shape():
    a, b = Input((32,)), Input((32,))
    for output in (Merge(mode="sum")([a, b]), a + b, K.concatenate([a, b]), K.sum(a * b, axis=1)):
        model = Model([a, b], output)
        shape = model.get_output_shape_for([(10, 32)] * 2)
        assert shape == (10, *K.int_shape(output)[1:])


@pytest.mark.parametrize("sizes", list(itertools.product([16, 24], [16, 40])))
def test_pooled_and_enlarged_pictures_of_unknown_size_can_be_joined(sizes):
    x = K.placeholder((None, 3, None, None))
    kernel = K.variable(np.ones((4, 3, 3, 3)))
    skip = K.conv2d(x, kernel, border_mode="same", dim_ordering="th")
    deep = skip
    for _ in range(3):
        deep = K.pool2d(deep, (2, 2), (2, 2), dim_ordering="th")
    for _ in range(3):
        deep = K.resize_images(deep, 2, 2, "th")
    joined = K.concatenate([deep, skip], axis=1)
    assert K.int_shape(joined) == (None, 8, None, None)
    value = K.function([x], [joined])([np.ones((2, 3, *sizes))])[0]
    assert value.shape == (2, 8, *sizes)
