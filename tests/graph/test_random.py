"""Random ops: repeatable, with new numbers for each call and each op."""

import numpy as np

from keras import backend as K


def draws(seeds, calls=2):
    f = K.function([], [K.random_uniform((50,), seed=seed) for seed in seeds])
    return [f([]) for _ in range(calls)]


def test_same_seed_draws_the_same_numbers():
    np.testing.assert_array_equal(draws([3]), draws([3]))


def test_each_call_draws_new_numbers():
    (first,), (second,) = draws([3])
    assert not np.isin(first, second).any()


def test_each_op_draws_its_own_numbers():
    ((first, second),) = draws([3, 4], calls=1)
    assert not np.isin(first, second).any()


def test_numpy_seeds_ops_without_a_seed():
    results = []
    for _ in range(2):
        np.random.seed(5)
        results.append(draws([None, None], calls=1))
    np.testing.assert_array_equal(*results)
    ((first, second),) = results[0]
    assert not np.isin(first, second).any()


def test_random_op_has_one_value_per_call():
    x = K.random_normal((5,))
    a, b = K.function([], [x * 1, x * 1])([])
    np.testing.assert_array_equal(a, b)


def test_forward_and_gradient_see_the_same_draw():
    w = K.variable(np.ones(50))
    y = K.dropout(w, 0.5, seed=1)
    value, gradient = K.function([], [y, *K.gradients(y, w)])([])
    np.testing.assert_array_equal(value, gradient)
    assert 0 < (value == 0).sum() < 50
