"""Gradients as graph values."""

import itertools

import jax
import jax.numpy as jnp

from .tensor import Node, Tensor
from .walk import ancestors, depends_on, evaluate


def gradients(loss, wrt):
    """Symbolic derivatives of the sum of `loss` with respect to tensors.

    Args:
        loss: float Tensor of any shape.
        wrt: list of float Tensors: variables, placeholders, or any tensor inside the graph (then the
            derivative is the total one, through everything computed from it).
    Returns:
        List of Tensors with the shapes of `wrt`; None where the loss does not depend on the tensor.
    Raises:
        TypeError: if a tensor is not of a float type.
    """
    for tensor in [loss, *wrt]:
        if not isinstance(tensor, Tensor) or not jnp.issubdtype(tensor.dtype, jnp.floating):
            raise TypeError(f"gradients need symbolic tensors of a float type; got {tensor!r}.")
        if tensor.sparse:
            raise TypeError(f"There are no gradients of, or with respect to, a sparse tensor: {tensor!r}.")
    connected = list(itertools.compress(wrt, depends_on(loss, wrt)))
    node = Node(differentiate, [loss, *connected], name="gradients")
    node.level = 1 + max((inner.level for inner in ancestors([loss])), default=0)
    node.count = len(connected)
    made = {
        tensor.key: Tensor(tensor.shape, tensor.dtype, node, index) for index, tensor in enumerate(connected)
    }
    return [made.get(tensor.key) for tensor in wrt]


def differentiate(nodes, pending, targets, environment, run, offsets):
    """Computes the gradient nodes of one level with a single forward pass.

    All that the losses need is computed inside the differentiated function; whatever of it the rest of
    the graph needs too (outputs, metrics, updates) is carried out as auxiliary values.
    """
    losses = _unique(node.inputs[0] for node in nodes)
    wrt = _unique(t for node in nodes for t in node.inputs[1:])
    inside = set(ancestors(losses, environment.given))
    outside = [node for node in pending if node not in inside and node not in nodes]
    reads = [t for node in outside for t in node.inputs] + list(targets)
    shared = _unique(t for t in reads if t.node in inside and t.node.rule is not None)

    # A leaf is replaced by the variable of differentiation. An inner tensor gets an offset of zero, so
    # that its own inputs still count when two of the tensors lie one behind the other.
    inner = [t for t in wrt if t.key not in environment.given]
    shapes = jax.eval_shape(lambda: evaluate(inner, environment.restart(), run, offsets)) if inner else []
    zeros = {t.key: jnp.zeros(s.shape, s.dtype) for t, s in zip(inner, shapes, strict=True)}
    points = [zeros[t.key] if t.key in zeros else jnp.asarray(environment[t.key]) for t in wrt]

    def forward(points):
        local, moved = environment.restart(), dict(offsets or {})
        for tensor, point in zip(wrt, points, strict=True):
            if tensor.key in zeros:
                moved[tensor.key] = point + moved[tensor.key] if tensor.key in moved else point
            else:
                local[tensor.key] = point
        values = evaluate([*losses, *shared], local, run, moved)
        return values[: len(losses)], values[len(losses) :]

    values, pullback, aux = jax.vjp(forward, points, has_aux=True)
    environment.update(zip((t.key for t in losses), values, strict=True))
    environment.update(zip((t.key for t in shared), aux, strict=True))
    place = {t.key: i for i, t in enumerate(wrt)}
    for number, loss in enumerate(losses):
        seeds = [jnp.ones_like(v) if i == number else jnp.zeros_like(v) for i, v in enumerate(values)]
        (derivatives,) = pullback(seeds)
        for node in nodes:
            if node.inputs[0].key == loss.key:
                for index, tensor in enumerate(node.inputs[1:]):
                    environment[node, index] = derivatives[place[tensor.key]]


def _unique(tensors):
    return list({t.key: t for t in tensors}.values())
