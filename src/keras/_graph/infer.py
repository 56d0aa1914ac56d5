"""Shapes and dtypes of a node's outputs, by running its rule abstractly at two sizes.

Every unknown size (None) is probed with two different numbers; a size of the result that comes out
different is unknown, one that comes out equal is known. Plain Python in a rule (`if x.shape[0] > 2`,
`math.prod(x.shape)`, a reshape with computed sizes) works, which it does not with symbolic sizes;
see docs/decisions. The probes are highly composite so that a reshape of an unknown size divides.
"""

import jax
import numpy as np

PROBES = (840, 1680)

_caches = []


def clear_inferred():
    """Forgets the shapes inferred so far: needed when a default dtype changes."""
    for cache in _caches:
        cache.clear()


def infer(node):
    """Infers what a node gives.

    Returns:
        specs: list of (shape with None, dtype), one for each output.
        structure: the tree structure of the rule's result.
        statics: list with None or the pair of numpy values under the two probes, for each output.
    """
    cache, key = _cache_key(node)
    if cache is not None and key in cache:
        return cache[key]
    if getattr(node.rule, "of_shapes", False) or (
        node.inputs and all(tensor.static is not None for tensor in node.inputs)
    ):
        result = _infer_static(node)
    else:
        result = _infer_abstract(node)
    if cache is not None:
        cache[key] = result
    return result


def probed(shape, probe):
    """The shape with every None replaced by the probe size."""
    return tuple(probe if size is None else size for size in shape)


def _infer_abstract(node):
    unknown = any(None in t.shape or t.static is not None for t in node.inputs)
    first = _run_abstract(node, 0)
    second = _run_abstract(node, 1) if unknown else first
    leaves, structure = jax.tree.flatten(first)
    pairs = zip(leaves, jax.tree.leaves(second), strict=True)
    specs = [
        (
            tuple(a if a == b else None for a, b in zip(one.shape, other.shape, strict=True)),
            np.dtype(one.dtype) if not jax.dtypes.issubdtype(one.dtype, jax.dtypes.extended) else one.dtype,
        )
        for one, other in pairs
    ]
    return specs, structure, [None] * len(specs)


def _run_abstract(node, which):
    """The rule's result as ShapeDtypeStructs; inputs known from shapes go in as numpy values."""
    traced = [t for t in node.inputs if t.static is None]

    def body(*arrays, **extra):
        arrays = iter(arrays)
        values = [next(arrays) if t.static is None else t.static[which] for t in node.inputs]
        args, kwargs = node.fill(values)
        if node.seed is not None:
            args = (jax.random.key(0), *args)
        elif node.needs_run:
            args = (Run(np.uint32(0)), *args)
        return node.rule(*args, **kwargs)

    return jax.eval_shape(
        body, *(jax.ShapeDtypeStruct(probed(t.shape, PROBES[which]), t.dtype) for t in traced)
    )


def _infer_static(node):
    results = []
    for which, probe in enumerate(PROBES):
        values = [
            np.broadcast_to(np.zeros((), t.dtype), probed(t.shape, probe))
            if t.static is None
            else t.static[which]
            for t in node.inputs
        ]
        args, kwargs = node.fill(values)
        results.append(compute_static(node.rule, args, kwargs))
    first, structure = jax.tree.flatten(results[0])
    statics = list(zip(first, jax.tree.leaves(results[1]), strict=True))
    specs = [
        (tuple(a if a == b else None for a, b in zip(x.shape, y.shape, strict=True)), x.dtype)
        for x, y in statics
    ]
    return specs, structure, statics


def compute_static(rule, args, kwargs):
    """Runs a rule on numpy values while compiling; numpy in, numpy out."""
    with jax.ensure_compile_time_eval():
        return jax.tree.map(np.asarray, rule(*args, **kwargs))


class Run:
    """What one run of a program adds to the graph: random keys folded from (seed, step).

    Attributes:
        step: uint32 scalar, how often the program ran before.
    """

    def __init__(self, step):
        self.step = step

    def key(self, seed):
        """The random key of the op with this seed."""
        return jax.random.fold_in(jax.random.key(seed), self.step)

    def at(self, iteration):
        """The run inside a loop: each iteration draws numbers of its own."""
        return _LoopRun(self, iteration)


class _LoopRun(Run):
    def __init__(self, outer, iteration):
        self.outer = outer
        self.iteration = iteration

    def key(self, seed):
        return jax.random.fold_in(self.outer.key(seed), self.iteration)


def _cache_key(node):
    """(cache, key) of the node's op, or (None, None) where the settings cannot be compared."""
    owner, constants, positions, structure = node.settings
    if owner is None or any(tensor.static is not None for tensor in node.inputs):
        return None, None
    key = (
        structure,
        tuple(positions),
        tuple((type(value), value) for value in constants),
        tuple((tensor.shape, tensor.dtype) for tensor in node.inputs),
    )
    try:
        hash(key)
    except TypeError:
        return None, None
    if not owner.inferred:
        _caches.append(owner.inferred)
    return owner.inferred, key
