"""The learning phase, choices, and loops over the elements of a tensor."""

import jax
import jax.numpy as jnp
from jax import lax

from .. import _graph
from .._graph import Subgraph, Tensor, op

_phase = {"value": None}


def learning_phase():
    """0 in a test program, 1 in a training program: a scalar int tensor that programs are compiled for.

    An int, where `set_learning_phase` has fixed it.
    """
    return _graph.phase if _phase["value"] is None else _phase["value"]


def set_learning_phase(value):
    """Fixes the learning phase for graphs built from now on.

    Args:
        value: 0 (test) or 1 (train).
    Raises:
        ValueError: for anything else.
    """
    if value not in (0, 1):
        raise ValueError(f"set_learning_phase: got {value!r}; wanted 0 (test) or 1 (train).")
    _phase["value"] = int(value)


def reset_learning_phase():
    """Lets each program have its own learning phase again."""
    _phase["value"] = None


def in_train_phase(x, alt):
    """`x` in a training program, `alt` in a test program; each a tensor, or a function giving one."""
    return _by_phase(x, alt, train=True)


def in_test_phase(x, alt):
    """`x` in a test program, `alt` in a training program; each a tensor, or a function giving one."""
    return _by_phase(alt, x, train=False)


def _by_phase(in_training, in_testing, train):
    phase = learning_phase()
    if not isinstance(phase, Tensor):
        return _value(in_training if phase else in_testing)
    return _select_phase(phase, _value(in_training), _value(in_testing))


def _value(x):
    return x() if callable(x) and not isinstance(x, Tensor) else x


@op
def _select_phase(phase, in_training, in_testing):
    # The phase is a number when a program is compiled; what is not returned is never computed.
    return in_training if phase else in_testing


def switch(condition, then_expression, else_expression):
    """`then_expression` where the condition holds, else `else_expression`.

    Args:
        condition: scalar tensor, true if not 0; or a tensor that broadcasts to the expressions.
        then_expression, else_expression: tensors of one shape, or functions giving them.
    """
    return _switch(condition, _value(then_expression), _value(else_expression))


@op
def _switch(condition, then_value, else_value):
    return jnp.where(jnp.asarray(condition) != 0, then_value, else_value)


def map_fn(fn, elems, name=None):
    """Applies a function to each element along the first axis and stacks the results.

    Args:
        fn: function of one tensor, giving one tensor.
        elems: tensor (n, ...).
    """
    elems = _as_tensor(elems)
    body = Subgraph(fn, [(elems.shape[1:], elems.dtype)])

    def mapped(run, elems, captured):
        def step(index, element):
            (result,) = body.call([element], captured, run.at(index))
            return index + 1, result

        return lax.scan(step, jnp.uint32(0), elems)[1]

    return _graph.record(mapped, elems, body.captured, name=name or "map_fn", needs_run=True, body=body)


def foldl(fn, elems, initializer=None, name=None):
    """fn(fn(fn(initializer, elems[0]), elems[1]), ...), from the first element to the last.

    Args:
        fn: function (accumulator, element) -> accumulator.
        elems: tensor (n, ...).
        initializer: tensor; the first element if None.
    """
    return _fold(fn, elems, initializer, name or "foldl", backwards=False)


def foldr(fn, elems, initializer=None, name=None):
    """As `foldl`, from the last element to the first."""
    return _fold(fn, elems, initializer, name or "foldr", backwards=True)


def _fold(fn, elems, initializer, name, backwards):
    elems = _as_tensor(elems)
    if initializer is None:
        initializer = elems[-1] if backwards else elems[0]
        elems = elems[:-1] if backwards else elems[1:]
    initializer = _as_tensor(initializer)
    specs = [(initializer.shape, initializer.dtype), (elems.shape[1:], elems.dtype)]
    body = Subgraph(fn, specs)

    def folded(run, elems, initial, captured):
        def step(carry, element):
            index, accumulator = carry
            (result,) = body.call([accumulator, element], captured, run.at(index))
            return (index + 1, result.astype(accumulator.dtype)), None

        carry, _ = lax.scan(step, (jnp.uint32(0), initial), elems, reverse=backwards)
        return carry[1]

    return _graph.record(folded, elems, initializer, body.captured, name=name, needs_run=True, body=body)


def _as_tensor(value):
    if isinstance(value, Tensor):
        return value
    value = jax.tree.map(jnp.asarray, value)
    return _graph.Variable(value if isinstance(value, jax.Array) else jnp.stack(list(value)))
