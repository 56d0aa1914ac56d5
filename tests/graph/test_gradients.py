"""Gradients are tensors: of any tensor, with respect to any tensor, of any order."""

import numpy as np
import pytest

from keras import _graph as graph
from keras import backend as K


def values(tensors, **feeds):
    return graph.values_of(tensors, dict(feeds.values())) if feeds else graph.values_of(tensors)


def test_gradient_equals_finite_differences():
    point = np.array([0.3, -0.7, 1.1], "float32")
    x = K.placeholder((3,))
    loss = K.sum(K.tanh(x) * K.exp(x[0]) + K.square(x))
    f = K.function([x], [loss, *K.gradients(loss, x)])
    gradient = f([point])[1]
    for i, step in enumerate(np.eye(3, dtype="float32") * 1e-2):
        quotient = (f([point + step])[0] - f([point - step])[0]) / 2e-2
        assert gradient[i] == pytest.approx(quotient, rel=1e-3)  # float32, second order


def test_gradients_of_gradients():
    x = K.variable(2.0)
    first = K.gradients(x**4, x)[0]
    second = K.gradients(first, x)[0]
    third = K.gradients(second + first, x)[0]
    assert values([first, second, third]) == [32.0, 48.0, 48.0 + 48.0]


def test_gradient_penalty_is_differentiable():
    w, x = K.variable(3.0), K.placeholder((2,))
    slope = K.gradients(K.sum(w * x**2), x)[0]  # 2 w x
    penalty = K.sum(K.square(slope))  # 4 w^2 x.x
    f = K.function([x], K.gradients(penalty, w))
    assert f([[1.0, 2.0]])[0] == pytest.approx(8 * 3 * 5)


def test_several_losses_share_variables():
    x, y = K.variable(2.0), K.variable(5.0)
    a, b = x * y, x + y**2
    gradients = [*K.gradients(a, [x, y]), *K.gradients(b, [x, y])]
    assert values([a, *gradients, b]) == [10.0, 5.0, 2.0, 1.0, 10.0, 27.0]


def test_by_inner_tensors_computed_from_each_other():
    x = K.variable(3.0)
    y = x * 2
    z = y * y
    loss = z + y
    assert values(K.gradients(loss, [x, y, z])) == [26.0, 13.0, 1.0]


def test_by_a_tensor_the_loss_does_not_depend_on_is_none():
    x, other = K.variable(1.0), K.variable(1.0)
    found = K.gradients(x * 2, [other, x])
    assert found[0] is None and values([found[1]]) == [2.0]


def test_loss_may_have_any_shape():
    x = K.variable(np.ones((2, 3)))
    np.testing.assert_array_equal(values(K.gradients(x * 3, x))[0], np.full((2, 3), 3.0))


def test_same_tensor_may_be_listed_twice():
    x = K.variable(2.0)
    assert values(K.gradients(x**2, [x, x])) == [4.0, 4.0]


def test_stop_gradient_blocks_the_gradient():
    x = K.variable(3.0)
    assert values(K.gradients(x * K.stop_gradient(x), x)) == [3.0]


def test_forward_pass_is_shared_with_the_gradient():
    count = []

    def watched(x):
        count.append(1)
        return x * 2

    x = K.variable(1.0)
    y = graph.record(watched, x)
    f = K.function([], [y, *K.gradients(y, x), y + 1])
    count.clear()
    f([])
    assert len(count) == 1


def test_gradient_of_an_int_tensor_is_refused():
    with pytest.raises(TypeError, match="float"):
        K.gradients(K.placeholder((2,), dtype="int32"), [K.variable(1.0)])


def test_a_gradient_is_not_a_leaf_and_its_rule_raises():
    x = K.variable(np.ones(3))
    (gradient,) = K.gradients(K.sum(K.square(x)), [x])
    node = gradient.node
    assert node.level == 1 and not node.is_leaf and x.node.is_leaf
    with pytest.raises(AssertionError, match="computed from its graph"):
        node.rule(np.ones(3))
