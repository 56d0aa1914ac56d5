"""The learning phase, conditionals, and loops over the elements of a tensor."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

import jax
import jax.numpy as jnp
from jax import lax

from .. import _graph
from .._base.types import TensorLike
from .._graph import Run, Subgraph, Tensor, op
from .._graph.operators import as_arrays

#: A tensor, or a function that returns one.
Choice: TypeAlias = TensorLike | Callable[[], TensorLike]

_phase: dict[str, int | None] = {"value": None, "of_call": None}


def learning_phase() -> Tensor | int:
    """The learning phase: 0 in a test program, 1 in a training program.

    Returns:
        Scalar int tensor, whose value is known when a program is compiled; an int after `set_learning_phase`.
    """
    fixed = _phase["value"]
    return _graph.phase if fixed is None else fixed


def set_learning_phase(value: int) -> None:
    """Fixes the learning phase for graphs built from now on.

    Args:
        value: 0 (test) or 1 (train).
    Raises:
        ValueError: for anything else.
    """
    if value not in (0, 1):
        raise ValueError(f"set_learning_phase: got {value!r}; wanted 0 (test) or 1 (train).")
    _phase["value"] = int(value)


def reset_learning_phase() -> None:
    """Undoes `set_learning_phase`: each program has its own learning phase again."""
    _phase["value"] = None


@contextlib.contextmanager
def phase_of_call(training: Any) -> Iterator[None]:
    """Fixes the learning phase while a layer is called with `training=`; None changes nothing.

    Args:
        training: bool, or 0 or 1; None or a tensor leaves the phase as it is.
    """
    if training is None or isinstance(training, Tensor):
        yield
        return
    before = dict(_phase)
    _phase.update(value=int(training), of_call=int(training))
    try:
        yield
    finally:
        _phase.update(before)


def is_called_for_testing() -> bool:
    """Whether a layer, or a model around it, is called with `training=False`."""
    return _phase["of_call"] == 0


def in_train_phase(x: Choice, alt: Choice, training: Any = None) -> Tensor:
    """`x` in a training program, `alt` in a test program; each a tensor, or a function that returns one.

    Args:
        x, alt: tensors, or functions that return them.
        training: bool, or 0 or 1, fixes the choice; None takes the learning phase.
    """
    return _by_phase(x, alt, training)


def in_test_phase(x: Choice, alt: Choice, training: Any = None) -> Tensor:
    """`x` in a test program, `alt` in a training program; the arguments are those of `in_train_phase`."""
    return _by_phase(alt, x, training)


def _by_phase(in_training: Choice, in_testing: Choice, training: Any) -> Any:
    phase = learning_phase() if training is None else training
    if not isinstance(phase, Tensor):
        return _value(in_training if phase else in_testing)
    return _select_phase(phase, _value(in_training), _value(in_testing))


def _value(x: Any) -> Any:
    return x() if callable(x) and not isinstance(x, Tensor) else x


@op(saved_as="select_phase", formerly="_select_phase", by_phase=True)
def _select_phase(phase: Any, in_training: TensorLike, in_testing: TensorLike) -> jax.Array:
    # The phase is a number when a program is compiled.
    return in_training if phase else in_testing


def switch(condition: TensorLike, then_expression: Choice, else_expression: Choice) -> Tensor:
    """`then_expression` where the condition holds, `else_expression` elsewhere. Both are computed.

    Args:
        condition: scalar tensor, true if not 0; or a tensor that broadcasts to the expressions.
        then_expression, else_expression: tensors of the same shape, or functions that return them.
    """
    return _switch(condition, _value(then_expression), _value(else_expression))


@op(saved_as="switch", formerly="_switch")
def _switch(condition: Any, then_value: TensorLike, else_value: TensorLike) -> jax.Array:
    return jnp.where(jnp.asarray(condition) != 0, *as_arrays(then_value, else_value))


def map_fn(fn: Callable[[Tensor], Tensor], elems: TensorLike, name: str | None = None) -> Tensor:
    """Applies a function to each element along the first axis and stacks the results.

    Args:
        fn: function of a tensor (...) that returns a tensor.
        elems: tensor (n, ...).
        name: str, of the node.
    """
    elems = as_tensor(elems)
    body = Subgraph(fn, [(elems.sizes[1:], elems.dtype)])

    def mapped(run: Run, elems: jax.Array, captured: list[Any]) -> jax.Array:
        def step(index: jax.Array, element: jax.Array) -> tuple[jax.Array, jax.Array]:
            (result,) = body.call([element], captured, run.at(index))
            return index + 1, result

        return lax.scan(step, jnp.uint32(0), elems)[1]

    return _graph.record(mapped, elems, body.captured, name=name or "map_fn", needs_run=True, body=body)


def foldl(
    fn: Callable[[Tensor, Tensor], Tensor],
    elems: TensorLike,
    initializer: TensorLike | None = None,
    name: str | None = None,
) -> Tensor:
    """Combines the elements along the first axis, from the first to the last.

    For three elements the result is fn(fn(fn(initializer, elems[0]), elems[1]), elems[2]).

    Args:
        fn: function (accumulator, element) -> accumulator.
        elems: tensor (n, ...).
        initializer: tensor; the first element if None.
        name: str, of the node.
    """
    return _fold(fn, elems, initializer, name or "foldl", backwards=False)


def foldr(
    fn: Callable[[Tensor, Tensor], Tensor],
    elems: TensorLike,
    initializer: TensorLike | None = None,
    name: str | None = None,
) -> Tensor:
    """Combines the elements like `foldl`, from the last to the first."""
    return _fold(fn, elems, initializer, name or "foldr", backwards=True)


def _fold(
    fn: Callable[[Tensor, Tensor], Tensor],
    elems: TensorLike,
    initializer: TensorLike | None,
    name: str,
    backwards: bool,
) -> Tensor:
    elems = as_tensor(elems)
    if initializer is None:
        initializer = elems[-1] if backwards else elems[0]
        elems = elems[:-1] if backwards else elems[1:]
    initializer = as_tensor(initializer)
    specs = [(initializer.sizes, initializer.dtype), (elems.sizes[1:], elems.dtype)]
    body = Subgraph(fn, specs)

    def folded(run: Run, elems: jax.Array, initial: jax.Array, captured: list[Any]) -> jax.Array:
        def step(carry: Any, element: jax.Array) -> tuple[Any, None]:
            index, accumulator = carry
            (result,) = body.call([accumulator, element], captured, run.at(index))
            return (index + 1, result.astype(accumulator.dtype)), None

        carry, _ = lax.scan(step, (jnp.uint32(0), initial), elems, reverse=backwards)
        return carry[1]

    return _graph.record(folded, elems, initializer, body.captured, name=name, needs_run=True, body=body)


def as_tensor(value: TensorLike) -> Tensor:
    """The tensor; arrays and nested lists of numbers as a variable."""
    if isinstance(value, Tensor):
        return value
    value = jax.tree.map(jnp.asarray, value)
    return _graph.Variable(value if isinstance(value, jax.Array) else jnp.stack(list(value)))
