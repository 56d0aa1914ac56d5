"""Keeps the channels axis last inside a program, whatever the order of the axes in the model.

The kernels of convolution and pooling have channels last. A model with `dim_ordering="th"` has them first,
so each layer's tensor is the transposed result of its kernel, and XLA's CPU back end would carry out most of
these transpositions, element by element. Here they are deferred: a transposed tensor is kept as the array
before the transposition and the order of its axes. Operations that treat all axes alike work on that array,
and the next kernel, which needs channels last, takes it as it is.

This is a pass over the finished program, gradients and updates included. It changes no numbers, except by the
order of summation over space (`_kernels.sums`).
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import jax
import numpy as np
from jax import lax
from jax.experimental.xla_metadata import set_xla_metadata
from jax.extend import core

from .._kernels.apart import APART
from .._kernels.sums import reduce_sum

#: The axes of a tensor, in the order of the axes of another.
Order: TypeAlias = tuple[int, ...]
#: (parameters of a primitive, order) -> (parameters that change, order of the result's axes).
_Rule: TypeAlias = Callable[[Mapping[str, Any], Order], tuple[dict[str, Any], Order]]
#: id of the result of a `concatenate` -> (the result, its parts, axis).
_Joined: TypeAlias = dict[int, tuple[Any, list[Any], int]]

#: Primitives that compute each element from the elements at the same position.
_ELEMENTWISE = set(
    """abs add add_any and atan2 cbrt ceil clamp convert_element_type copy cos cosh div eq erf erf_inv erfc
    exp exp2 expm1 floor ge gt integer_pow is_finite le log log1p logistic lt max min mul ne neg nextafter not
    or pow rem round rsqrt select_n sign sin sinh sqrt square sub tan tanh xor""".split()
)
_REDUCTIONS = set("reduce_and reduce_max reduce_min reduce_or reduce_prod reduce_sum".split())
#: Calls, which are inlined, as derivatives have been taken by now. Calls marked as `APART` stay.
_CALLS = set("jit pjit closed_call core_call custom_jvp_call custom_vjp_call".split())


def channels_stay_last(function: Callable[..., Any]) -> Callable[..., Any]:
    """Returns a function that computes the same with fewer transpositions.

    Args:
        function: function of trees of arrays, which JAX can trace.
    """

    def program(*arguments: Any) -> Any:
        jaxpr, shapes = jax.make_jaxpr(function, return_shape=True)(*arguments)
        outputs = _evaluate(jaxpr, jax.tree.leaves(arguments), {})
        return jax.tree.unflatten(jax.tree.structure(shapes), map(_plain, outputs))

    return program


class _Deferred:
    """A tensor of `shape` whose array is computed when an operation needs it."""

    shape: tuple[int, ...]

    def plain(self) -> jax.Array:
        """The array."""
        raise NotImplementedError

    def laid_out(self, order: Order) -> jax.Array:
        """The array a for which transpose(a, order) is the tensor."""
        raise NotImplementedError


class _Transposed(_Deferred):
    """`transpose(array, order)`, deferred: axis i is axis order[i] of the array."""

    def __init__(self, array: jax.Array, order: Order) -> None:
        self.array, self.order = array, order
        self.shape = tuple(array.shape[axis] for axis in order)
        self._plain: jax.Array | None = None

    def plain(self) -> jax.Array:
        if self._plain is None:
            self._plain = lax.transpose(self.array, self.order)
        return self._plain

    def laid_out(self, order: Order) -> jax.Array:
        return self.array if order == self.order else _move(self.plain(), order)


class _Broadcast(_Deferred):
    """`broadcast_in_dim(array, shape, axes)`, deferred: it is equally cheap in any order of the axes."""

    def __init__(self, array: jax.Array, shape: Sequence[int], axes: Sequence[int]) -> None:
        self.array, self.shape, self.axes = array, tuple(shape), tuple(axes)

    def plain(self) -> jax.Array:
        return lax.broadcast_in_dim(self.array, self.shape, self.axes)

    def laid_out(self, order: Order) -> jax.Array:
        axes = [order[axis] for axis in self.axes]
        array = lax.transpose(self.array, np.argsort(axes))
        return lax.broadcast_in_dim(array, [self.shape[a] for a in np.argsort(order)], sorted(axes))


def _plain(value: Any) -> Any:
    return value.plain() if isinstance(value, _Deferred) else value


def _laid_out(value: Any, order: Order) -> Any:
    """`_Deferred.laid_out` for a value of any kind."""
    if isinstance(value, _Deferred):
        return value.laid_out(order)
    return _move(value, order) if np.ndim(value) else value


def _move(array: jax.Array, order: Order) -> jax.Array:
    return lax.transpose(array, np.argsort(order))


def _transposed(array: jax.Array, order: Order) -> jax.Array | _Transposed:
    """The transposition, deferred; the array itself if the order is 0, 1, 2, ..."""
    return array if order == tuple(range(len(order))) else _Transposed(array, order)


def _evaluate(closed: core.ClosedJaxpr, arguments: Sequence[Any], joined: _Joined) -> list[Any]:
    """The outputs of a jaxpr, as arrays or `_Deferred`.

    Args:
        joined: filled here.
    """
    jaxpr, values = closed.jaxpr, {}
    values.update(zip(jaxpr.constvars, closed.consts, strict=True))
    values.update(zip(jaxpr.invars, arguments, strict=True))

    def read(atom: Any) -> Any:
        return atom.val if isinstance(atom, core.Literal) else values[atom]

    for equation in jaxpr.eqns:
        inputs = [read(atom) for atom in equation.invars]
        values.update(zip(equation.outvars, _apply(equation, inputs, joined), strict=True))
    return [read(atom) for atom in jaxpr.outvars]


def _apply(equation: Any, inputs: list[Any], joined: _Joined) -> list[Any]:
    """The outputs of one equation."""
    name, parameters = equation.primitive.name, equation.params
    if _stays_apart(equation):
        with set_xla_metadata(**APART):
            return equation.primitive.bind(*map(_plain, inputs), **parameters)
    if name in _CALLS:
        closed = next(p for p in parameters.values() if isinstance(p, core.ClosedJaxpr))
        return _evaluate(closed, inputs, joined)
    deferred = _deferred(equation, inputs)
    if deferred is not None:
        return [deferred]
    first = next((value for value in inputs if isinstance(value, _Transposed)), None)
    rule = _rule(name)
    if first is not None and rule is not None and _alike(equation, name, first):
        changed, new_order = rule(parameters, first.order)
        arrays = [_laid_out(value, first.order) for value in inputs]
        (result,) = _bind(equation.primitive, arrays, {**parameters, **changed}, joined)
        return [_transposed(result, new_order)]
    return _bind(equation.primitive, list(map(_plain, inputs)), parameters, joined)


def _deferred(equation: Any, inputs: list[Any]) -> Any:
    """The result of a transposition or a broadcast that can be deferred; None for everything else."""
    name, parameters = equation.primitive.name, equation.params
    if name == "transpose":
        (value,), order = inputs, tuple(parameters["permutation"])
        if isinstance(value, _Transposed):
            array, order = value.array, tuple(value.order[axis] for axis in order)
        else:
            array = _plain(value)
        return _transposed(array, order) if order in _orders(len(order)) else None
    if name == "broadcast_in_dim" and len(inputs) == 1 and not isinstance(inputs[0], _Transposed):
        shape = parameters["shape"]
        if len(shape) > 2:
            return _Broadcast(_plain(inputs[0]), shape, parameters["broadcast_dimensions"])
    return None


def _stays_apart(equation: Any) -> bool:
    """Whether an equation is a call of `_kernels.apart`."""
    return (equation.ctx.xla_metadata or {}).items() >= APART.items()


def _bind(primitive: Any, arrays: list[Any], parameters: Mapping[str, Any], joined: _Joined) -> list[Any]:
    if primitive.name == "reduce_sum":
        return [_sum(arrays[0], parameters["axes"], joined)]
    results = primitive.bind(*arrays, **parameters)
    if primitive.name == "concatenate":
        joined[id(results)] = results, arrays, parameters["dimension"]
    return results if primitive.multiple_results else [results]


def _sum(array: Any, axes: Sequence[int], joined: _Joined) -> Any:
    """The sum over axes.

    If the array is a concatenation along another axis, the sums of its parts are concatenated instead, and
    the whole array need not be computed.
    """
    _, parts, dimension = joined.get(id(array), (array, [array], 0))
    if len(parts) == 1 or dimension in axes:
        return reduce_sum(array, axes)
    place = dimension - sum(axis < dimension for axis in axes)
    return lax.concatenate([reduce_sum(part, axes) for part in parts], place)


def _alike(equation: Any, name: str, first: _Transposed) -> bool:
    """Whether each input has the shape of the first transposed one, or is a scalar."""
    if name == "concatenate":
        return True
    shapes = [atom.aval.shape for atom in equation.invars]
    return all(not shape or all(map(_fits, shape, first.shape)) for shape in shapes)


def _fits(size: int, other: int) -> bool:
    return size in (1, other)


def _orders(rank: int) -> tuple[Order, ...]:
    """The orders of axes that are deferred: all in place, the channels first, and the channels last."""
    axes = tuple(range(rank))
    return (axes, (0, rank - 1, *axes[1:-1]), (0, *axes[2:], 1)) if rank > 2 else ()


def _rule(name: str) -> _Rule | None:
    """The rule of a primitive that also works on the array before a transposition; None for most."""
    if name in _ELEMENTWISE:
        return lambda parameters, order: ({}, order)
    if name in _REDUCTIONS:
        return _reduction
    return _RULES.get(name)


def _reduction(parameters: Mapping[str, Any], order: Order) -> tuple[dict[str, Any], Order]:
    axes = [order[axis] for axis in parameters["axes"]]
    left = [axis for axis in range(len(order)) if axis not in axes]
    new_order = tuple(left.index(axis) for axis in order if axis not in axes)
    return {"axes": tuple(sorted(axes))}, new_order


def _concatenate(parameters: Mapping[str, Any], order: Order) -> tuple[dict[str, Any], Order]:
    return {"dimension": order[parameters["dimension"]]}, order


def _pad(parameters: Mapping[str, Any], order: Order) -> tuple[dict[str, Any], Order]:
    config = parameters["padding_config"]
    return {"padding_config": tuple(config[axis] for axis in np.argsort(order))}, order


def _slice(parameters: Mapping[str, Any], order: Order) -> tuple[dict[str, Any], Order]:
    names = [name for name in ("start_indices", "limit_indices", "strides") if parameters[name] is not None]
    return {name: tuple(parameters[name][axis] for axis in np.argsort(order)) for name in names}, order


_RULES: dict[str, _Rule] = {"concatenate": _concatenate, "pad": _pad, "slice": _slice}
