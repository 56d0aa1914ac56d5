"""Rules of ops that rearrange elements, and of sizes."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .graph import CannotExport, Graph, Value


def shape(g: Graph, x: Value) -> Value:
    return g.cast(g.node("Shape", x, dtype="int64", rank=1), "int32")


def arange(g: Graph, start: Any, stop: Any, step: Any, dtype: Any) -> Value:
    limits = [g.as_value(limit, dtype=dtype) for limit in (start, stop, step)]
    return g.node("Range", *limits, rank=1)


def reshape(g: Graph, x: Any, shape: Any) -> Value:
    x = g.as_value(x)
    if isinstance(shape, Value):
        return g.node("Reshape", x, g.cast(shape, "int64"), rank=shape.size(0))
    sizes = [int(s.array) if isinstance(s, Value) and s.array is not None else s for s in shape]
    unknown = [place for place, size in enumerate(sizes) if isinstance(size, Value)]
    if -1 not in sizes and unknown:
        sizes[unknown[0]] = -1
    return g.node("Reshape", x, g.vector(sizes), rank=len(sizes))


def permute_dimensions(g: Graph, x: Value, pattern: Sequence[int]) -> Value:
    return g.transpose(x, [axis % x.rank for axis in pattern])


def transpose(g: Graph, x: Value) -> Value:
    return g.transpose(x, range(x.rank)[::-1])


def flatten(g: Graph, x: Value) -> Value:
    return g.node("Reshape", x, g.vector([-1]), rank=1)


def batch_flatten(g: Graph, x: Value) -> Value:
    return g.node("Flatten", x, rank=2, axis=1)


def expand_dims(g: Graph, x: Value, dim: int = -1) -> Value:
    dim = int(dim) % (x.rank + 1)
    if x.base is None:
        return g.node("Unsqueeze", x, g.vector([dim]), rank=x.rank + 1)
    order = [*x.order[:dim], x.rank, *x.order[dim:]]
    return g.transpose(g.node("Unsqueeze", x.base, g.vector([x.rank]), rank=x.rank + 1), order)


def squeeze(g: Graph, x: Value, axis: int) -> Value:
    axis = int(axis) % x.rank
    if x.base is None:
        return g.node("Squeeze", x, g.vector([axis]), rank=x.rank - 1)
    place = x.order[axis]
    order = [i - (i > place) for i in x.order if i != place]
    return g.transpose(g.node("Squeeze", x.base, g.vector([place]), rank=x.rank - 1), order)


def concatenate(g: Graph, tensors: Sequence[Any], axis: int = -1) -> Value:
    values = [g.as_value(tensor) for tensor in tensors]
    dtype = np.result_type(*(value.dtype for value in values))
    values = [g.cast(value, dtype) for value in values]
    axis = axis % values[0].rank
    orders = {value.order for value in values}
    if len(orders) > 1 or values[0].base is None:
        return g.node("Concat", *values, axis=axis) if len(values) > 1 else values[0]
    order = values[0].order
    bases = [value.base for value in values]
    return g.transpose(g.node("Concat", *bases, axis=order[axis]), order)


def stack(g: Graph, x: Sequence[Any]) -> Value:
    return concatenate(g, [expand_dims(g, g.as_value(part), 0) for part in x], 0)


def repeat(g: Graph, x: Value, n: int) -> Value:
    long = expand_dims(g, x, 1)
    return g.node("Tile", long, g.vector([1, n, 1]))


def repeat_elements(g: Graph, x: Value, rep: int, axis: int) -> Value:
    """Enlarging images: a Resize to the nearest, of all axes at once."""
    axis, rep = axis % x.rank, int(rep)
    if x.dtype.kind != "f":
        return _repeated(g, x, rep, axis)
    base, place = (x, axis) if x.base is None else (x.base, x.order[axis])
    scales = np.ones(x.rank, "float32")
    scales[place] = rep
    made = base.made_by("Resize") if x.uses < 2 else None
    if made is not None and made[1].array is not None:
        base, scales = made[0], scales * made[1].array
    result = g.nodes(
        "Resize",
        base,
        None,
        g.known(scales),
        count=1,
        dtype=x.dtype,
        rank=x.rank,
        mode="nearest",
        coordinate_transformation_mode="asymmetric",
        nearest_mode="floor",
    )[0]
    return result if x.base is None else g.transpose(result, x.order)


def _repeated(g: Graph, x: Value, rep: int, axis: int) -> Value:
    """Elements of a type that Resize does not take, by indices into the flat axis."""
    size = x.size(axis)
    if size is None:
        raise CannotExport(
            f"elements of type {x.dtype} are repeated along axis {axis}, whose size is unknown"
        )
    return g.node("Gather", x, g.known(np.repeat(np.arange(size), rep)), rank=x.rank, axis=axis)


def tile(g: Graph, x: Any, n: Any) -> Value:
    x = g.as_value(x)
    n = n if isinstance(n, list | tuple | Value) else np.atleast_1d(n).tolist()
    if isinstance(n, Value):
        if n.rank and n.size(0) != x.rank:
            raise CannotExport("the numbers of repetitions are a tensor of another length than the rank")
        return g.node("Tile", x, g.cast(n, "int64")) if n.rank else tile(g, x, [n])
    times = [1] * (x.rank - len(n)) + list(n)
    if x.rank < len(times):
        sizes = [1] * (len(times) - x.rank) + [0 if s is None else s for s in x.shape or ()]
        x = g.node("Reshape", x, g.vector(sizes), rank=len(times))
    return g.node("Tile", x, g.vector(times))


def reverse(g: Graph, x: Value, axes: Any) -> Value:
    axes = [axis % x.rank for axis in np.atleast_1d(axes).tolist()]
    return _sliced(g, x, dict.fromkeys(axes, (None, None, -1)))


def _sliced(g: Graph, x: Value, parts: dict[int, tuple[Any, Any, Any]]) -> Value:
    """x[start:stop:step] along some axes."""
    if not parts:
        return x
    if x.base is not None:
        return g.transpose(_sliced(g, x.base, {x.order[axis]: part for axis, part in parts.items()}), x.order)
    starts, stops, steps = [], [], []
    for start, stop, step in parts.values():
        step = 1 if step is None else int(step)
        starts.append((0 if step > 0 else 2**31 - 1) if start is None else start)
        stops.append((2**31 - 1 if step > 0 else -(2**31)) if stop is None else stop)
        steps.append(step)
    return g.node("Slice", x, g.vector(starts), g.vector(stops), g.vector(list(parts)), g.vector(steps))


def getitem(g: Graph, x: Any, index: tuple[Any, ...]) -> Value:
    """x[index], of slices, ints, new axes, and at most one array or tensor of ints."""
    x = g.as_value(x)
    rest = x.rank - sum(
        part not in ("ellipsis", "newaxis") if isinstance(part, str) else True for part in index
    )
    slices: dict[int, tuple[Any, Any, Any]] = {}
    picks: list[tuple[int, Any]] = []
    new: list[int] = []
    axis = place = 0
    for part in index:
        if isinstance(part, tuple) and part and part[0] == "slice":
            if any(bound is not None for bound in part[1:]):
                slices[axis] = (part[1], part[2], part[3])
            axis, place = axis + 1, place + 1
        elif part == "ellipsis" if isinstance(part, str) else False:
            axis, place = axis + rest, place + rest
        elif isinstance(part, str):
            new.append(place)
            place += 1
        else:
            value = g.as_value(part if isinstance(part, Value) else np.asarray(part))
            if value.dtype == bool or (value.rank and picks) or any(v.rank for _, v in picks):
                raise CannotExport("an index of bools, or of several arrays")
            picks.append((axis, g.cast(value, "int64")))
            axis, place = axis + 1, place + value.rank
    result = _sliced(g, x, slices)
    for at, value in reversed(picks):
        result = g.node("Gather", result, value, rank=result.rank - 1 + value.rank, axis=at)
    return g.node("Unsqueeze", result, g.vector(new), rank=result.rank + len(new)) if new else result


def gather(g: Graph, reference: Any, indices: Any) -> Value:
    reference, indices = g.as_value(reference), g.as_value(indices)
    places = indices if indices.dtype.name in ("int32", "int64") else g.cast(indices, "int32")
    return g.node("Gather", reference, places, rank=reference.rank - 1 + places.rank, axis=0)


def one_hot(g: Graph, indices: Any, nb_classes: Any, dtype: Any) -> Value:
    places, values = g.cast(g.as_value(indices), "int64"), g.known(np.array([0, 1], dtype))
    # ONNX counts negative indices from the end; here they are those of no class.
    outside = g.elementwise("Less", places, g.as_value(0, places), dtype=bool)
    places = g.elementwise("Where", outside, g.vector([2**31]), places, dtype="int64")
    return g.node(
        "OneHot", places, g.vector([nb_classes]), values, dtype=dtype, rank=places.rank + 1, axis=-1
    )


def pad(g: Graph, x: Value, widths: Sequence[tuple[int, int]]) -> Value:
    if x.base is not None:
        return g.transpose(pad(g, x.base, [widths[axis] for axis in np.argsort(x.order)]), x.order)
    return g.node("Pad", x, g.vector([low for low, _ in widths] + [high for _, high in widths]))


SHAPES: dict[str, Callable[..., Any]] = {
    "backend.variables.shape": shape,
    "backend.math.arange": arange,
    "backend.shapes.reshape": reshape,
    "backend.shapes.permute_dimensions": permute_dimensions,
    "backend.linalg.transpose": transpose,
    "backend.shapes.flatten": flatten,
    "backend.shapes.batch_flatten": batch_flatten,
    "backend.shapes.expand_dims": expand_dims,
    "backend.shapes.squeeze": squeeze,
    "backend.shapes.concatenate": concatenate,
    "backend.shapes.stack": stack,
    "backend.shapes.repeat": repeat,
    "backend.shapes.repeat_elements": repeat_elements,
    "backend.shapes.tile": tile,
    "backend.shapes.reverse": reverse,
    "backend.shapes.gather": gather,
    "backend.shapes.one_hot": one_hot,
    "backend.shapes.pad": pad,
    "_graph.operators.getitem": getitem,
}
