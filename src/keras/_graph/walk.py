"""From graph to values. The only code that walks a graph; every walk is a loop, never a recursion."""

import jax
import numpy as np

from .infer import compute_static, is_static
from .sparse import flatten


def ancestors(tensors, known=()):
    """The nodes that the tensors need, in the order in which they were made.

    Args:
        tensors: iterable of Tensors.
        known: container of keys (node, index) whose values are known: the walk stops there.
    """
    found = set()
    stack = [t.node for t in tensors if t.key not in known]
    while stack:
        node = stack.pop()
        if node in found:
            continue
        found.add(node)
        stack.extend(t.node for t in node.inputs if t.node not in found and t.key not in known)
    return sorted(found, key=lambda node: node.serial)


def leaves(tensors, known=()):
    """The leaf tensors (variables, placeholders, the learning phase) that the tensors need."""
    nodes = ancestors(tensors, known)
    reached = [t for t in tensors if t.key not in known]
    reached += [t for node in nodes for t in node.inputs if t.key not in known]
    unique = {t.key: t for t in reached if t.node.rule is None}
    return sorted(unique.values(), key=lambda t: t.node.serial)


def random_nodes(tensors):
    """The nodes with a seed that the tensors need, those in the bodies of loops included, in order."""
    found = []
    for node in ancestors(tensors):
        if node.seed is not None:
            found.append(node)
        if node.body is not None:
            found += random_nodes(node.body.outputs)
    return found


def depends_on(tensor, sources):
    """For each of the source tensors, whether the tensor is it or is computed from it; a list of bool."""
    behind = {tensor.key}
    behind.update(t.key for node in ancestors([tensor]) for t in node.inputs)
    return [source.key in behind for source in sources]


class Environment(dict):
    """Values by (node, index): those that were given, and those computed from them.

    A derivative must start from the given ones: a computed value is a constant to JAX.
    """

    def __init__(self, given):
        super().__init__(given)
        self.given = frozenset(given)

    def restart(self):
        """A new environment with the given values only."""
        return Environment({key: self[key] for key in self.given})


def evaluate(targets, environment, run, offsets=None):
    """Computes the targets; the environment gets the value of every node on the way.

    Where gradient nodes are wanted, the outermost ones are taken first, with everything their losses
    need computed once, inside the function that is differentiated (see `gradient.differentiate`).

    Args:
        targets: list of Tensors.
        environment: `Environment` with the value of every leaf needed, and of any other tensor whose
            value is to be taken as given.
        run: the `Run`.
        offsets: dict (node, index) -> array to add to that value as soon as it is computed; this is
            how a derivative with respect to an inner tensor is taken.
    Returns:
        List of arrays.
    """
    while True:
        pending = [node for node in ancestors(targets, environment) if node.rule is not None]
        level = max((node.level for node in pending), default=0)
        if level == 0:
            break
        outermost = [node for node in pending if node.level == level]
        outermost[0].rule(outermost, pending, targets, environment, run, offsets)
    for node in pending:
        compute(node, environment, run, offsets)
    return [environment[t.key] for t in targets]


def compute(node, environment, run, offsets=None):
    """Computes one node from its inputs' values and puts its outputs into the environment."""
    values = [environment[t.key] for t in node.inputs]
    args, kwargs = node.fill(values)
    if is_static(node, map(_is_numpy, values)):
        result = compute_static(node.rule, args, kwargs)
    else:
        if node.seed is not None:
            args = (run.key(node.seed), *args)
        elif node.needs_run:
            args = (run, *args)
        with jax.named_scope(node.name):
            result = node.rule(*args, **kwargs)
    for index, value in enumerate(flatten(result)[0]):
        key = (node, index)
        if offsets and key in offsets:
            value = value + offsets[key]
        environment[key] = value


def _is_numpy(value):
    # Inside a program values are tracers or jax arrays; only shapes and the phase are numpy's.
    return isinstance(value, np.ndarray | np.generic)
