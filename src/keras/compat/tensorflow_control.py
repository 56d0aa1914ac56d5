"""Functions of `tensorflow` about gradients, loops, updates and random numbers; over K."""

from collections.abc import Callable, Sequence
from typing import Any

import jax
import numpy as np

from .. import backend as K
from .._graph import Tensor
from . import _loops
from ._values import accepts, value
from .tensorflow_session import Update


@accepts("colocate_gradients_with_ops", "gate_gradients", "aggregation_method")
def gradients(ys: Any, xs: Any, grad_ys: Any = None) -> list[Any]:
    """Gradients of the sum of ys, each weighted by its `grad_ys`."""
    ys = [ys] if isinstance(ys, Tensor) else list(ys)
    weights = [None] * len(ys) if grad_ys is None else _listed(grad_ys)
    parts = [y if w is None else y * K.stop_gradient(value(w)) for y, w in zip(ys, weights, strict=True)]
    total = K.sum(parts[0])
    for part in parts[1:]:
        total = total + K.sum(part)
    return K.gradients(total, xs if isinstance(xs, Tensor) else list(xs))


def _listed(values: Any) -> list[Any]:
    return list(values) if isinstance(values, list | tuple) else [values]


@accepts()
def stop_gradient(input: Any) -> Any:
    """The same value, a constant to gradients."""
    return K.stop_gradient(value(input))


@accepts("strict", fn1="true_fn", fn2="false_fn")
def cond(pred: Any, true_fn: Callable[[], Any], false_fn: Callable[[], Any]) -> Any:
    """The result of one of two functions, by a scalar. Both are computed."""
    return jax.tree.map(lambda yes, no: K.switch(pred, yes, no), true_fn(), false_fn())


@accepts("parallel_iterations", "back_prop", "swap_memory", "infer_shape")
def scan(fn: Callable[..., Any], elems: Any, initializer: Any = None) -> Any:
    """Calls fn(accumulator, element) along the first axis, and stacks the accumulators.

    Args:
        fn: function; accumulator and element have the structure of `initializer` and `elems`.
        elems: tensor, or a list or tuple of tensors.
        initializer: the first accumulator; the first element if None.
    """
    elems = jax.tree.map(value, elems)
    first = None
    if initializer is None:
        initializer = first = jax.tree.map(lambda x: x[0], elems)
        elems = jax.tree.map(lambda x: x[1:], elems)
    states, structure = jax.tree.flatten(initializer)
    sequences, of_elements = jax.tree.flatten(elems)

    def step(*tensors: Any) -> list[Any]:
        accumulator = jax.tree.unflatten(structure, tensors[: len(states)])
        return jax.tree.leaves(fn(accumulator, jax.tree.unflatten(of_elements, tensors[len(states) :])))

    results = _loops.scan(step, states, sequences)
    if first is not None:
        results = [
            K.concatenate([K.expand_dims(x, 0), rest], 0) for x, rest in zip(states, results, strict=True)
        ]
    return jax.tree.unflatten(structure, results)


@accepts("dtype", "parallel_iterations", "back_prop", "swap_memory", "infer_shape")
def map_fn(fn: Callable[..., Any], elems: Any) -> Any:
    """Applies a function to the elements along the first axis, and stacks its results."""
    sequences, of_elements = jax.tree.flatten(jax.tree.map(value, elems))
    structures = []

    def step(*elements: Any) -> list[Any]:
        leaves, structure = jax.tree.flatten(fn(jax.tree.unflatten(of_elements, elements)))
        structures.append(structure)
        return leaves

    results = _loops.scan(step, [], sequences)
    return jax.tree.unflatten(structures[0], results)


foldl, foldr = map(
    accepts("parallel_iterations", "back_prop", "swap_memory"),
    (
        lambda fn, elems, initializer=None: K.foldl(fn, value(elems), initializer),
        lambda fn, elems, initializer=None: K.foldr(fn, value(elems), initializer),
    ),
)


@accepts("first_n", "summarize")
def Print(input_: Any, data: Sequence[Any], message: str = "") -> Any:
    """The tensor; prints `data` each time a program computes it."""
    for item in data:
        # The product with 0 makes the printed value a part of the result.
        input_ = input_ + K.cast(0 * K.sum(K.print_tensor(value(item), message or "")), K.dtype(input_))
    return input_


@accepts("validate_shape", "use_locking", value="new_value")
def assign(ref: Any, new_value: Any) -> Any:
    """The update that replaces the value of a variable, for `K.function` and `Session.run`."""
    return Update(ref, value(new_value))


@accepts("use_locking", value="change")
def assign_add(ref: Any, change: Any) -> Any:
    """The update that adds to a variable."""
    return Update(ref, ref + value(change))


@accepts("use_locking", value="change")
def assign_sub(ref: Any, change: Any) -> Any:
    """The update that subtracts from a variable."""
    return Update(ref, ref - value(change))


@accepts()
def random_shuffle(value: Any, seed: int | None = None) -> Any:
    """The rows in random order, drawn at each run."""
    keys = K.random_uniform((K.shape(value)[0],), seed=seed)
    return K.gather(value, _order(keys))


@K.op
def _order(keys: Any) -> Any:
    return jax.numpy.argsort(keys)


@accepts()
def truncated_normal(
    shape: Any, mean: float = 0.0, stddev: float = 1.0, dtype: Any = "float32", seed: int | None = None
) -> Any:
    """Numbers from a normal distribution, none further than two standard deviations from the mean."""
    below, above = 0.02275013194817921, 0.9772498680518208  # the distribution function at -2 and 2
    return mean + stddev * _quantile(K.random_uniform(tuple(shape), below, above, np.dtype(dtype), seed))


@K.op
def _quantile(x: Any) -> Any:
    return jax.scipy.special.ndtri(x)
