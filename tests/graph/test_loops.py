"""map_fn, foldl, foldr and rnn: values, captured tensors, random ops and gradients inside."""

import numpy as np
import pytest

from keras import backend as K
from keras._graph.walk import ancestors

X = np.arange(6, dtype="float32").reshape(3, 2)


def run(function, *arrays):
    tensors = [K.placeholder((None, *array.shape[1:])) for array in arrays]
    return K.function(tensors, [function(*tensors)])(list(arrays))[0]


def test_map_fn_applies_the_function_to_each_row():
    w = K.variable(3.0)
    np.testing.assert_array_equal(run(lambda x: K.map_fn(lambda row: K.sum(row) * w, x), X), X.sum(1) * 3)


@pytest.mark.parametrize("fold, order", [(K.foldl, 1), (K.foldr, -1)])
def test_folds_accumulate_in_their_direction(fold, order):
    expected = 0.0
    for row in X[::order]:
        expected = expected * 2 + row.sum()
    result = run(lambda x: fold(lambda a, row: a * 2 + K.sum(row), x, initializer=K.variable(0.0)), X)
    assert result == expected


@pytest.mark.parametrize("fold, order", [(K.foldl, 1), (K.foldr, -1)])
def test_fold_without_initializer_starts_with_the_first_element(fold, order):
    rows = X[::order]
    result = run(lambda x: fold(lambda a, row: a * 2 + row, x), X)
    np.testing.assert_array_equal(result, (rows[0] * 2 + rows[1]) * 2 + rows[2])


SEQUENCES = np.random.RandomState(0).standard_normal((2, 4, 3)).astype("float32")


@pytest.mark.parametrize("unroll", [False, True])
@pytest.mark.parametrize("go_backwards", [False, True])
def test_rnn_captures_variables(go_backwards, unroll):
    W = np.random.RandomState(1).standard_normal((3, 3)).astype("float32")
    weight = K.variable(W)
    x, start = K.placeholder((None, 4, 3)), K.placeholder((None, 3))

    def step(x_t, states):
        h = K.tanh(x_t + K.dot(states[0], weight))
        return h * 2, [h]

    last, outputs, states = K.rnn(step, x, [start], go_backwards=go_backwards, unroll=unroll)
    assert K.int_shape(last) == (None, 3) and K.int_shape(outputs) == (None, 4, 3)
    result = K.function([x, start], [last, outputs, *states])([SEQUENCES, np.ones((2, 3))])

    h, expected = np.ones((2, 3)), []
    for t in range(4)[:: -1 if go_backwards else 1]:
        h = np.tanh(SEQUENCES[:, t] + h @ W)
        expected.append(h * 2)
    np.testing.assert_allclose(result[1], np.stack(expected, 1), rtol=1e-5)
    np.testing.assert_allclose(result[0], expected[-1], rtol=1e-5)
    np.testing.assert_allclose(result[2], h, rtol=1e-5)


def test_masked_steps_keep_the_state():
    x, mask = K.placeholder((None, 4, 3)), K.placeholder((None, 4))
    last, _, (state,) = K.rnn(lambda x, s: (s[0] + x, [s[0] + x]), x, [K.zeros_like(x[:, 0])], mask=mask)
    keep = np.array([[1, 0, 1, 0], [0, 1, 1, 1]], "float32")
    results = K.function([x, mask], [last, state])([SEQUENCES, keep])
    for result in results:
        np.testing.assert_allclose(result, (SEQUENCES * keep[:, :, None]).sum(1), rtol=1e-5)


def test_an_output_may_have_unknown_sizes_beside_the_samples():
    x = K.placeholder((None, None, None))
    last, outputs, _ = K.rnn(lambda x, s: (x * 2, []), x, [])
    assert K.int_shape(outputs) == (None, None, None)
    np.testing.assert_array_equal(K.function([x], [last])([SEQUENCES])[0], SEQUENCES[:, -1] * 2)


def test_each_iteration_draws_its_own_numbers():
    f = K.function([], [K.map_fn(lambda row: row + K.random_uniform((2,), seed=1), K.zeros((3, 2)))])
    first, second = f([])[0], f([])[0]
    assert len(np.unique([first, second])) == 12


def test_gradients_go_through_loops():
    w, x = K.variable(2.0), K.placeholder((3,))
    power = K.foldl(lambda a, x_t: a * w + x_t, x, initializer=K.variable(0.0))  # x0 w^2 + x1 w + x2
    assert K.function([x], K.gradients(power, w))([[1.0, 3.0, 5.0]]) == [2 * 2.0 + 3.0]


def test_nested_loop_captures_from_both_levels():
    w = K.variable(3.0)

    def row_sum(row):
        return K.foldl(lambda a, item: a + item * w + row[0], row, initializer=K.variable(0.0))

    np.testing.assert_array_equal(run(lambda x: K.map_fn(row_sum, x), X), X.sum(1) * 3 + 2 * X[:, 0])


def test_a_random_tensor_made_outside_of_a_loop_is_drawn_once():
    noise = K.random_uniform((3,))
    drawn = K.function([], [K.map_fn(lambda x: x + noise, K.zeros((4, 3)))])([])[0]
    np.testing.assert_array_equal(drawn, drawn[:1].repeat(4, axis=0))


def test_a_random_tensor_made_inside_of_a_loop_is_drawn_in_each_iteration():
    drawn = K.function([], [K.map_fn(lambda x: x + K.random_uniform((3,)), K.zeros((4, 3)))])([])[0]
    assert len(np.unique(drawn)) == 12


def test_a_loop_does_not_hold_the_random_loops_before_it():
    """Otherwise the work of a stack of them doubles with each."""
    tensor, sizes = K.zeros((2, 3)), []
    for _ in range(3):
        noise = K.dropout(K.ones_like(tensor[0]), 0.5)
        tensor = K.map_fn(lambda x, noise=noise: x * noise, tensor)
        sizes.append(len(ancestors(tensor.node.body.outputs, {t.key for t in tensor.node.body.captured})))
    assert sizes == [2, 2, 2]
