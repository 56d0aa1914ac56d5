"""Initial weights: scale, shape, and repetition under a seed."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from keras import backend as K
from keras import initializations

SHAPE = (100, 200)
DRAWN = ["uniform", "normal", "lecun_uniform", "glorot_normal", "glorot_uniform", "he_normal", "he_uniform"]


# Recorded from Keras 1.2.2; (30, 36) leaves out the third size of the kernel.
@pytest.mark.parametrize(
    "shape, ordering, expected",
    [
        ((3, 4), "th", (3, 4)),
        ((3, 4), "tf", (3, 4)),
        ((3, 4, 5, 6), "th", (120, 90)),
        ((3, 4, 5, 6), "tf", (60, 72)),
        ((2, 3, 4, 5, 6), "th", (360, 240)),
        ((2, 3, 4, 5, 6), "tf", (30, 36)),
        ((2, 3, 4), "th", (24**0.5, 24**0.5)),
        ((7,), "tf", (7**0.5, 7**0.5)),
    ],
)
def test_fans_are_those_of_1_2_2(shape, ordering, expected):
    assert_allclose(initializations.get_fans(shape, ordering), expected)


def test_fans_refuse_an_unknown_ordering():
    with pytest.raises(ValueError, match="'xx'"):
        initializations.get_fans((3, 4, 5, 6), "xx")


# Standard deviations by the papers' formulas; an even distribution has bound / sqrt(3).
@pytest.mark.parametrize(
    "name, std",
    [
        ("uniform", 0.05 / 3**0.5),
        ("normal", 0.05),
        ("lecun_uniform", (1 / 100) ** 0.5),
        ("glorot_normal", (2 / 300) ** 0.5),
        ("glorot_uniform", (2 / 300) ** 0.5),
        ("he_normal", (2 / 100) ** 0.5),
        ("he_uniform", (2 / 100) ** 0.5),
    ],
)
def test_spread_is_that_of_the_formula(name, std):
    values = K.get_value(initializations.get(name)(SHAPE))
    # 20,000 numbers: the estimates are good to about 1 percent of the spread.
    assert_allclose(values.std(), std, rtol=0.03)
    assert abs(values.mean()) < 0.04 * std


@pytest.mark.parametrize("name", ["lecun_uniform", "glorot_uniform", "he_uniform"])
def test_dim_ordering_changes_the_spread(name):
    draw = initializations.get(name)
    th = K.get_value(draw((64, 8, 3, 3), dim_ordering="th"))
    tf = K.get_value(draw((3, 3, 8, 64), dim_ordering="tf"))
    assert_allclose(th.std(), tf.std(), rtol=0.03)


@pytest.mark.parametrize("name", [*DRAWN, "orthogonal"])
def test_numpy_seed_repeats_the_values(name):
    drawn = []
    for _ in range(2):
        np.random.seed(7)
        drawn.append(K.get_value(initializations.get(name)((3, 4))))
    assert (drawn[0] == drawn[1]).all()


@pytest.mark.parametrize("shape", [(6, 6), (4, 9), (9, 4), (5, 2, 2)])
def test_orthogonal_columns_are_orthogonal(shape):
    matrix = K.get_value(initializations.orthogonal(shape)).reshape(shape[0], -1)
    small = matrix @ matrix.T if matrix.shape[0] <= matrix.shape[1] else matrix.T @ matrix
    assert_allclose(small, 1.1**2 * np.eye(len(small)), atol=1e-5)


def test_identity_is_scaled():
    assert_allclose(K.get_value(initializations.identity((3, 3), scale=2)), 2 * np.eye(3))


def test_identity_refuses_other_shapes():
    with pytest.raises(ValueError, match=r"\(3, 4\)"):
        initializations.identity((3, 4))


def test_zero_and_one_are_constant():
    assert not K.get_value(initializations.zero((2, 3))).any()
    assert K.get_value(initializations.one((2, 3))).all()


@pytest.mark.parametrize("name", [*DRAWN, "orthogonal", "identity", "zero", "one"])
def test_result_is_a_variable_of_the_default_type(name):
    weight = initializations.get(name)((3, 3), name="W", dim_ordering="tf")
    assert (weight.name, K.dtype(weight), K.int_shape(weight)) == ("W", "float32", (3, 3))


def test_unknown_name_is_refused():
    with pytest.raises(ValueError, match="Did you mean 'glorot_uniform'"):
        initializations.get("glorot_unifrom", dim_ordering="th")
