"""Channels stay last inside of a program, whatever order a model speaks of.

The kernels of convolution and pooling have channels last. A model with `dim_ordering="th"` has them first,
so each layer's tensor is the transposed result of its kernel, and XLA's CPU back end would carry out most of
these transpositions, one element after the other. Here they are put off: a transposed tensor is kept as the
array that it is made of and the order of its axes, steps that treat all axes alike work on that array, and
the next kernel, which asks for channels last, finds them there.

This is a pass over the finished program, its gradients and updates included; it changes no number, but for
the order in which sums over space are added up (`_kernels.sums`).
"""

import jax
import numpy as np
from jax import lax
from jax.experimental.xla_metadata import set_xla_metadata
from jax.extend import core

from .._host.platform import APART
from .._kernels.sums import reduce_sum

#: Primitives that make each element from the elements at the same place.
_ELEMENTWISE = set(
    """abs add add_any and atan2 cbrt ceil clamp convert_element_type copy cos cosh div eq erf erf_inv erfc
    exp exp2 expm1 floor ge gt integer_pow is_finite le log log1p logistic lt max min mul ne neg nextafter not
    or pow rem round rsqrt select_n sign sin sinh sqrt square sub tan tanh xor""".split()
)
_REDUCTIONS = set("reduce_and reduce_max reduce_min reduce_or reduce_prod reduce_sum".split())
#: Calls, which dissolve: nothing is differentiated any more. Those that are marked as `APART` stay.
_CALLS = set("jit pjit closed_call core_call custom_jvp_call custom_vjp_call".split())


def channels_stay_last(function):
    """A function that computes the same with fewer transpositions.

    Args:
        function: function of trees of arrays, which JAX can trace.
    """

    def program(*arguments):
        jaxpr, shapes = jax.make_jaxpr(function, return_shape=True)(*arguments)
        outputs = _evaluate(jaxpr, jax.tree.leaves(arguments), {})
        return jax.tree.unflatten(jax.tree.structure(shapes), map(_plain, outputs))

    return program


class _Transposed:
    """`transpose(array, order)`, put off: its axis i is axis order[i] of the array."""

    def __init__(self, array, order):
        self.array, self.order = array, order
        self.shape = tuple(array.shape[axis] for axis in order)
        self._plain = None

    def plain(self):
        if self._plain is None:
            self._plain = lax.transpose(self.array, self.order)
        return self._plain

    def laid_out(self, order):
        return self.array if order == self.order else _move(self.plain(), order)


class _Broadcast:
    """`broadcast_in_dim(array, shape, axes)`, put off: it is as cheap in any order of the axes."""

    def __init__(self, array, shape, axes):
        self.array, self.shape, self.axes = array, shape, tuple(axes)

    def plain(self):
        return lax.broadcast_in_dim(self.array, self.shape, self.axes)

    def laid_out(self, order):
        axes = [order[axis] for axis in self.axes]
        array = lax.transpose(self.array, np.argsort(axes))
        return lax.broadcast_in_dim(array, [self.shape[a] for a in np.argsort(order)], sorted(axes))


def _plain(value):
    return value.plain() if isinstance(value, _Transposed | _Broadcast) else value


def _laid_out(value, order):
    """A value of any kind with the axes of the array behind a tensor that is transposed by `order`."""
    if isinstance(value, _Transposed | _Broadcast):
        return value.laid_out(order)
    return _move(value, order) if np.ndim(value) else value


def _move(array, order):
    return lax.transpose(array, np.argsort(order))


def _transposed(array, order):
    """The tensor as what is put off, or the array itself where nothing is left to do."""
    return array if order == tuple(range(len(order))) else _Transposed(array, order)


def _evaluate(closed, arguments, joined):
    """The outputs of a jaxpr, as arrays or what is put off.

    Args:
        joined: dict, filled here: id of what `concatenate` made -> (it, its parts, axis).
    """
    jaxpr, values = closed.jaxpr, {}
    values.update(zip(jaxpr.constvars, closed.consts, strict=True))
    values.update(zip(jaxpr.invars, arguments, strict=True))

    def read(atom):
        return atom.val if isinstance(atom, core.Literal) else values[atom]

    for equation in jaxpr.eqns:
        inputs = [read(atom) for atom in equation.invars]
        values.update(zip(equation.outvars, _apply(equation, inputs, joined), strict=True))
    return [read(atom) for atom in jaxpr.outvars]


def _apply(equation, inputs, joined):
    """The outputs of one equation, a list."""
    name, parameters = equation.primitive.name, equation.params
    if _stays_apart(equation):
        with set_xla_metadata(**APART):
            return equation.primitive.bind(*map(_plain, inputs), **parameters)
    if name in _CALLS:
        closed = next(p for p in parameters.values() if isinstance(p, core.ClosedJaxpr))
        return _evaluate(closed, inputs, joined)
    put_off = [value for value in inputs if isinstance(value, _Transposed)]
    if name == "transpose":
        order = tuple(parameters["permutation"])
        if put_off:
            array, order = put_off[0].array, tuple(put_off[0].order[axis] for axis in order)
        else:
            array = _plain(inputs[0])
        if order in _orders(len(order)):
            return [_transposed(array, order)]
    elif name == "broadcast_in_dim" and not put_off and len(inputs) == 1:
        if len(parameters["shape"]) > 2:
            return [_Broadcast(_plain(inputs[0]), parameters["shape"], parameters["broadcast_dimensions"])]
    elif put_off and (rule := _rule(name)) and _alike(equation, name, put_off[0]):
        order = put_off[0].order
        changed, new_order = rule(parameters, order)
        arrays = [_laid_out(value, order) for value in inputs]
        (result,) = _bind(equation.primitive, arrays, {**parameters, **changed}, joined)
        return [_transposed(result, new_order)]
    return _bind(equation.primitive, list(map(_plain, inputs)), parameters, joined)


def _stays_apart(equation):
    """Whether it is a call of `platform.apart`."""
    return (equation.ctx.xla_metadata or {}).items() >= APART.items()


def _bind(primitive, arrays, parameters, joined):
    if primitive.name == "reduce_sum":
        return [_sum(arrays[0], parameters["axes"], joined)]
    results = primitive.bind(*arrays, **parameters)
    if primitive.name == "concatenate":
        joined[id(results)] = results, arrays, parameters["dimension"]
    return results if primitive.multiple_results else [results]


def _sum(array, axes, joined):
    """The sum; where parts were joined along an axis that stays, their sums joined: the whole is not made."""
    _, parts, dimension = joined.get(id(array), (array, [array], None))
    if len(parts) == 1 or dimension in axes:
        return reduce_sum(array, axes)
    place = dimension - sum(axis < dimension for axis in axes)
    return lax.concatenate([reduce_sum(part, axes) for part in parts], place)


def _alike(equation, name, first):
    """Whether all inputs have the shape of the first that is transposed, or none."""
    if name == "concatenate":
        return True
    shapes = [atom.aval.shape for atom in equation.invars]
    return all(not shape or all(map(_fits, shape, first.shape)) for shape in shapes)


def _fits(size, other):
    return size in (1, other)


def _orders(rank):
    """The orders of axes that are put off: all in place, the channels first, and the channels last."""
    axes = tuple(range(rank))
    return (axes, (0, rank - 1, *axes[1:-1]), (0, *axes[2:], 1)) if rank > 2 else ()


def _rule(name):
    """(parameters, order) -> (those that change, order of the result's axes); None for most primitives."""
    if name in _ELEMENTWISE:
        return lambda parameters, order: ({}, order)
    if name in _REDUCTIONS:
        return _reduction
    return _RULES.get(name)


def _reduction(parameters, order):
    axes = [order[axis] for axis in parameters["axes"]]
    left = [axis for axis in range(len(order)) if axis not in axes]
    new_order = tuple(left.index(axis) for axis in order if axis not in axes)
    return {"axes": tuple(sorted(axes))}, new_order


def _concatenate(parameters, order):
    return {"dimension": order[parameters["dimension"]]}, order


def _pad(parameters, order):
    config = parameters["padding_config"]
    return {"padding_config": tuple(config[axis] for axis in np.argsort(order))}, order


def _slice(parameters, order):
    names = [name for name in ("start_indices", "limit_indices", "strides") if parameters[name] is not None]
    return {name: tuple(parameters[name][axis] for axis in np.argsort(order)) for name in names}, order


_RULES = {"concatenate": _concatenate, "pad": _pad, "slice": _slice}
