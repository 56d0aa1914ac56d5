"""Ops record a node for tensors and compute at once for arrays."""

import jax.numpy as jnp
import numpy as np
import pytest

from keras import _graph as graph
from keras import backend as K
from keras._graph import OpFacts


@graph.op
def split(x, parts, named=None):
    pieces = jnp.split(x, parts)
    return {"pieces": pieces, "sum": sum(pieces) + (0 if named is None else named["add"])}


def test_ops_on_arrays_compute_immediately():
    result = split(np.arange(4.0), 2, named={"add": 1})
    np.testing.assert_array_equal(result["sum"], [3, 5])


def test_recorded_result_keeps_its_structure():
    x, y = graph.placeholder((4, 3), "float32"), graph.placeholder((), "float32")
    result = split(x, 2, named={"add": y})
    assert [piece.shape for piece in result["pieces"]] == [(2, 3), (2, 3)]
    node = result["sum"].node
    assert node.inputs == (x, y) and node.count == 3 and node is result["pieces"][0].node
    sums, piece = graph.values_of([result["sum"], result["pieces"][1]], {x: np.ones((4, 3)), y: 5})
    np.testing.assert_array_equal(sums, np.full((2, 3), 7))
    np.testing.assert_array_equal(piece, np.ones((2, 3)))


def test_lists_of_tensors_and_arrays_may_be_mixed():
    x = graph.placeholder((None, 2), "float32")
    joined = K.concatenate([x, np.ones((3, 2), "float32"), x], axis=0)
    assert joined.node.inputs == (x, x) and joined.shape == (None, 2)
    (value,) = graph.values_of([joined], {x: np.zeros((1, 2))})
    np.testing.assert_array_equal(value[:, 0], [0, 1, 1, 1, 0])


def test_error_names_the_op_and_its_inputs():
    x, y = graph.placeholder((None, 2), "float32", "left"), graph.placeholder((None, 3), "float32", "right")
    with pytest.raises(TypeError, match=r"add\(left \(None, 2\) float32, right \(None, 3\) float32\)"):
        x + y


def test_apply_turns_jax_functions_into_ops():
    x = graph.placeholder((None, 2), "float32")
    y = graph.apply(jnp.cumsum, x, axis=1)
    assert y.shape == (None, 2) and y.node.name == "cumsum"
    np.testing.assert_array_equal(graph.values_of([y], {x: np.ones((1, 2))})[0], [[1, 2]])


def test_apply_raises_the_first_of_two_errors():
    def wrong(x):
        return x + "text"

    with pytest.raises(TypeError):
        graph.apply(wrong, graph.placeholder((2,), "float32"))


def test_replay_records_the_op_on_other_inputs():
    x, other = graph.placeholder((None, 2), "float32"), graph.placeholder((5, 2), "float32")
    result = split(x, 1)
    again = graph.replay(result["sum"].node, [other])
    assert again["sum"].shape == (5, 2) and again["sum"].node.inputs == (other,)


def test_record_accepts_an_anonymous_rule():
    x = graph.placeholder((3,), "float32")
    y = graph.record(lambda a, b: a * b, x, 2.0, name="twice")
    assert y.node.name == "twice"
    np.testing.assert_array_equal(graph.values_of([y], {x: np.ones(3)})[0], [2, 2, 2])


# --- facts ------------------------------------------------------------------------------------------


def test_an_op_is_named_after_its_function_and_has_no_other_facts():
    assert split.facts == OpFacts(saved_as="split")


def test_nodes_have_the_facts_that_their_op_declares():
    @graph.op(saved_as="doubled", slow_in_loops=True)
    def _twice(x):
        return 2 * x

    x = graph.placeholder((3,), "float32")
    node = _twice(x).node
    assert node.facts is _twice.facts == OpFacts(saved_as="doubled", slow_in_loops=True)
    assert node.name == "doubled"
    assert x.node.facts == graph.record(lambda a: a, x).node.facts == OpFacts()


@pytest.mark.parametrize(
    "decorator, fact",
    [
        (graph.product_op, {"precision": "product"}),
        (graph.wide_op, {"precision": "wide"}),
        (graph.shape_op, {"of_shapes": True}),
        (graph.random_op, {}),
    ],
)
def test_decorators_with_a_fact_take_others(decorator, fact):
    def rule(x):
        return x

    assert decorator(rule).facts == OpFacts(saved_as="rule", **fact)
    assert decorator(formerly="_rule")(rule).facts == OpFacts("rule", "_rule", **fact)


def test_an_op_in_another_float_type_has_the_same_facts():
    x = graph.placeholder((2, 2), "float32")
    with graph.computing_in("bfloat16"):
        node = K.dot(x, x).node
    assert node.op is not K.dot and node.facts is K.dot.facts


def test_an_unknown_fact_is_an_error():
    with pytest.raises(TypeError, match="heavy"):
        graph.op(heavy=True)(lambda x: x)
