"""Computes the values of a graph: nodes by their rules, gradients by `jax.vjp`."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from .infer import compute_static, is_static
from .run import Run
from .sizes import is_symbolic, size_values
from .sparse import flatten
from .tensor import Body, Key, Node, Tensor, phase
from .walk import ancestors, random_nodes

#: The errors that a rule raises if the sizes of its inputs do not fit.
_KINDS = (TypeError, ValueError, IndexError, ZeroDivisionError)


class Environment(dict[Key, Any]):
    """Values by (node, index): the given ones, and those computed from them.

    A derivative starts again from the given values: to JAX, a value computed before is a constant.
    """

    def __init__(self, given: Mapping[Key, Any]) -> None:
        super().__init__(given)
        self.given = frozenset(given)

    def restart(self) -> "Environment":
        """A new environment with the given values only."""
        return Environment({key: self[key] for key in self.given})

    def reads(self, node: Node) -> Sequence[Tensor]:
        """The inputs that a node needs: one that chooses by the learning phase needs only its choice."""
        value = self.get(phase.key)
        if value is None or not node.uses_phase:
            return node.inputs
        if node.body is not None:
            return self._read_by_loop(node, node.body)
        if not node.facts.by_phase or node.inputs[0].key != phase.key:
            return node.inputs
        dropped = 2 if value and not _tests_only(node) else 1
        places = zip(node.inputs, node.positions, strict=True)
        return [tensor for tensor, place in places if place != dropped]

    def _read_by_loop(self, node: Node, body: Body) -> Sequence[Tensor]:
        """The inputs of a loop, of which the captured ones, the last, may be those of the other phase."""
        captured = {tensor.key for tensor in body.captured}
        inside = ancestors(body.outputs, captured, self.reads)
        read = {tensor.key for inner in inside for tensor in self.reads(inner)}
        read.update(tensor.key for tensor in body.outputs)
        count = len(node.inputs) - len(body.captured)
        return [*node.inputs[:count], *(t for t in body.captured if t.key in read)]


def _tests_only(node: Node) -> bool:
    return node.tests_only is not None and node.tests_only()


def needs_keys(tensors: Sequence[Tensor], train: int) -> bool:
    """Whether random numbers are drawn for the tensors in a learning phase, 0 or 1."""
    environment = Environment({phase.key: np.int32(train)})
    nodes = ancestors(tensors, environment, environment.reads)
    bodies = [node.body for node in nodes if node.body is not None]
    inside = (random_nodes(body.outputs, {tensor.key for tensor in body.captured}) for body in bodies)
    return any(node.seed is not None for node in nodes) or any(inside)


def evaluate(
    targets: Sequence[Tensor],
    environment: Environment,
    run: Run,
    offsets: Mapping[Key, Any] | None = None,
) -> list[Any]:
    """Computes the targets; the environment gets the value of every node on the way.

    If the targets need gradient nodes, the outermost ones are computed first. Everything that their losses
    need is computed once, inside the function that is differentiated.

    Args:
        targets: list of Tensors.
        environment: `Environment` with the value of every leaf needed, and of any other tensor whose
            value is given.
        run: the `Run`.
        offsets: dict (node, index) -> array to add to that value as soon as it is computed; this is
            how a derivative with respect to an inner tensor is taken.
    Returns:
        List of arrays.
    """
    while True:
        pending = [node for node in ancestors(targets, environment, environment.reads) if not node.is_leaf]
        level = max((node.level for node in pending), default=0)
        if level == 0:
            break
        outermost = [node for node in pending if node.level == level]
        _differentiate(outermost, pending, targets, environment, run, offsets)
    for node in pending:
        _compute(node, environment, run, offsets)
    return [environment[t.key] for t in targets]


def _compute(node: Node, environment: Environment, run: Run, offsets: Mapping[Key, Any] | None) -> None:
    """Computes one node from its inputs' values and puts its outputs into the environment."""
    assert node.rule is not None, f"{node!r} is a leaf"
    values = [environment.get(t.key) for t in node.inputs]
    if _tests_only(node):
        values[0] = np.int32(0)
    args, kwargs = node.fill(values)
    if node.seed is None and not node.needs_run and any(map(is_symbolic, values)):
        result = _of_symbolic_sizes(node, values)
    elif is_static(node, map(_is_numpy, values)):
        result = compute_static(node.rule, args, kwargs)
    else:
        if node.seed is not None:
            args = (run.key(node.seed), *args)
        elif node.needs_run:
            args = (run, *args)
        try:
            with jax.named_scope(node.scope):
                result = node.rule(*args, **kwargs)
        except _KINDS as error:
            if node.owner is None or isinstance(error.__cause__, _KINDS):
                raise  # or an error of an inner node, which has the name already
            kind = next(kind for kind in _KINDS if isinstance(error, kind))
            raise kind(_explain(node, values, error)) from error
    for index, value in enumerate(flatten(result)[0]):
        key = (node, index)
        if offsets and key in offsets:
            value = value + offsets[key]
        environment[key] = value


def _of_symbolic_sizes(node: Node, values: list[Any]) -> Any:
    """The result of a node in a program for any size: arguments that are sizes are symbols, others arrays."""
    assert node.rule is not None, f"{node!r} is a leaf"
    args, kwargs = node.fill(values)
    try:
        if is_static(node, map(_is_numpy, values)):
            return compute_static(node.rule, args, kwargs)
        return node.rule(*args, **kwargs)
    except TypeError:
        args, kwargs = node.fill([size_values(v) if is_symbolic(v) else v for v in values])
        return node.rule(*args, **kwargs)


def _explain(node: Node, values: list[Any], error: Exception) -> str:
    shapes = ", ".join(str(tuple(np.shape(value))) for value in values if not isinstance(value, list | tuple))
    return f"{node.owner}: {node.name} failed on an input of shape {shapes}: {error}"


def _is_numpy(value: Any) -> bool:
    # Inside a program values are tracers or JAX arrays; only shapes and the phase are NumPy values.
    return isinstance(value, np.ndarray | np.generic)


def _differentiate(
    nodes: Sequence[Node],
    pending: Sequence[Node],
    targets: Sequence[Tensor],
    environment: Environment,
    run: Run,
    offsets: Mapping[Key, Any] | None,
) -> None:
    """Computes the gradient nodes of one level with a single forward pass.

    All that the losses need is computed inside the differentiated function; values in it that the rest of
    the graph needs too (outputs, metrics, updates) are carried out as auxiliary values.

    Args:
        nodes: the gradient nodes; each has the loss as its first input and the tensors behind it.
        pending: all nodes that the targets still need.
        targets, environment, run, offsets: as in `evaluate`.
    """
    losses = _unique(node.inputs[0] for node in nodes)
    wrt = _unique(t for node in nodes for t in node.inputs[1:])
    shared = _shared(losses, nodes, pending, targets, environment)

    # A leaf is replaced by the variable of differentiation. An inner tensor gets an offset of zero instead,
    # so that it still depends on its inputs, which may include another tensor of `wrt`.
    inner = [t for t in wrt if t.key not in environment.given]
    shapes = jax.eval_shape(lambda: evaluate(inner, environment.restart(), run, offsets)) if inner else []
    zeros = {t.key: jnp.zeros(s.shape, s.dtype) for t, s in zip(inner, shapes, strict=True)}
    points = [zeros[t.key] if t.key in zeros else jnp.asarray(environment[t.key]) for t in wrt]

    def forward(points: Sequence[Any]) -> tuple[list[Any], list[Any]]:
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


def _shared(
    losses: Sequence[Tensor],
    nodes: Sequence[Node],
    pending: Sequence[Node],
    targets: Sequence[Tensor],
    environment: Environment,
) -> list[Tensor]:
    """The tensors that the losses are computed from and that the targets or other nodes read, too."""
    inside = set(ancestors(losses, environment.given, environment.reads))
    outside = [node for node in pending if node not in inside and node not in nodes]
    reads = [t for node in outside for t in environment.reads(node)] + list(targets)
    return _unique(t for t in reads if t.node in inside and not t.node.is_leaf)


def _unique(tensors: Iterable[Tensor]) -> list[Tensor]:
    return list({t.key: t for t in tensors}.values())
