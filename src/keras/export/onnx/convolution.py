"""Rules of convolution, pooling and locally connected layers.

ONNX has channels first. The rules move the channels there and back; the transpositions cancel.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from jax import lax

from .graph import CannotExport, Graph, Value


def _first(g: Graph, x: Value, ordering: str) -> Value:
    """The value with channels first."""
    return x if ordering == "th" else g.transpose(x, [0, x.rank - 1, *range(1, x.rank - 1)])


def _ordered(g: Graph, x: Value, ordering: str) -> Value:
    """The value with channels where `ordering` has them."""
    return x if ordering == "th" else g.transpose(x, [0, *range(2, x.rank), 1])


def _padding(x: Value, spans: Sequence[int], strides: Sequence[int], padding: str) -> dict[str, Any]:
    """The attributes of ONNX for "VALID" or "SAME", for x with channels first."""
    if padding == "VALID":
        return {}
    space = [x.size(axis) for axis in range(2, x.rank)]
    if any(n is None and step > 1 for n, step in zip(space, strides, strict=True)):
        return {"auto_pad": "SAME_UPPER"}
    # With a step of 1 the zeros do not depend on the size.
    known = [span if n is None else n for n, span in zip(space, spans, strict=True)]
    margins = lax.padtype_to_pads(known, spans, strides, padding)
    return {"pads": [int(low) for low, _ in margins] + [int(high) for _, high in margins]}


def _kernel(g: Graph, kernel: Value, ordering: str) -> Value:
    """(filters, channels, *size), whatever the ordering."""
    return (
        kernel
        if ordering == "th"
        else g.transpose(kernel, [kernel.rank - 1, kernel.rank - 2, *range(kernel.rank - 2)])
    )


def conv(
    g: Graph,
    x: Value,
    kernel: Any,
    strides: Sequence[int],
    padding: str,
    ordering: str,
    dilation: Sequence[int],
) -> Value:
    x, kernel = _first(g, x, ordering), _kernel(g, g.as_value(kernel), ordering)
    return _ordered(g, _convolved(g, x, kernel, strides, padding, dilation), ordering)


def _convolved(
    g: Graph,
    x: Value,
    kernel: Value,
    strides: Sequence[int],
    padding: str,
    dilation: Sequence[int],
    groups: int = 1,
) -> Value:
    """The convolution of x with (filters, channels of a group, *size), all with channels first."""
    size = _known_size(kernel)
    spans = [(k - 1) * d + 1 for k, d in zip(size, dilation, strict=True)]
    return g.node(
        "Conv",
        x,
        kernel,
        kernel_shape=size,
        strides=list(strides),
        dilations=list(dilation),
        group=groups if groups > 1 else None,
        **_padding(x, spans, strides, padding),
    )


def _known_size(kernel: Value) -> list[int]:
    size = None if kernel.shape is None else [n for n in kernel.shape[2:] if n is not None]
    if size is None or len(size) < kernel.rank - 2:
        raise CannotExport("the size of its kernel is not known")
    return size


def deconv(
    g: Graph, x: Value, kernel: Any, sizes: Sequence[Any], strides: Sequence[int], padding: str, ordering: str
) -> Value:
    x, kernel = _first(g, x, ordering), g.as_value(kernel)
    kernel = g.transpose(kernel, (1, 0, 2, 3) if ordering == "th" else (2, 3, 0, 1))
    size, wanted = _known_size(kernel), [_number(n) for n in sizes]
    space = [x.size(axis) for axis in range(2, x.rank)]
    attributes: dict[str, Any] = {"kernel_shape": size, "strides": list(strides)}
    known = [n for n in wanted if n is not None], [n for n in space if n is not None]
    if min(map(len, known)) == len(size):
        wanted, space = known
        margins = lax.padtype_to_pads(wanted, size, strides, padding)
        attributes["pads"] = [int(low) for low, _ in margins] + [int(high) for _, high in margins]
        axes = zip(wanted, space, size, strides, margins, strict=True)
        more = [int(out - (step * (n - 1) + k - low - high)) for out, n, k, step, (low, high) in axes]
        attributes["output_padding"] = more if any(more) else None
    elif padding == "SAME":
        attributes["auto_pad"] = "SAME_UPPER"
    elif any(k < step for k, step in zip(size, strides, strict=True)):
        raise CannotExport("the size of its image is unknown, and its step is longer than its kernel")
    return _ordered(g, g.node("ConvTranspose", x, kernel, **attributes), ordering)


def _number(size: Any) -> int | None:
    if isinstance(size, Value):
        return None if size.array is None else int(size.array)
    return int(size)


def depthwise(g: Graph, x: Value, kernel: Any, strides: Sequence[int], padding: str, ordering: str) -> Value:
    return spread_depthwise(g, x, kernel, strides, padding, ordering, [1] * (x.rank - 2))


def spread_depthwise(
    g: Graph,
    x: Value,
    kernel: Any,
    strides: Sequence[int],
    padding: str,
    ordering: str,
    dilation: Sequence[int],
    kernel_last: bool = False,
) -> Value:
    x, kernel = _first(g, x, ordering), g.as_value(kernel)
    if kernel.array is None:
        raise CannotExport("its kernel is computed from the inputs of the model")
    is_first = ordering == "th" and not kernel_last
    space = range(2, x.rank) if is_first else range(x.rank - 2)
    array = kernel.array.transpose((1, 0, *space) if is_first else (x.rank - 2, x.rank - 1, *space))
    channels, multiplier, *size = array.shape
    filters = g.known(array.reshape(channels * multiplier, 1, *size), kernel.label)
    return _ordered(g, _convolved(g, x, filters, strides, padding, dilation, channels), ordering)


def conv_transpose(
    g: Graph,
    x: Value,
    kernel: Any,
    sizes: Sequence[int],
    strides: Sequence[int],
    padding: str,
    ordering: str,
    dilation: Sequence[int],
) -> Value:
    """As `deconv`, of any rank, with a kernel (sizes..., filters, channels) in either ordering."""
    x, kernel = _first(g, x, ordering), g.as_value(kernel)
    space = [n for n in map(x.size, range(2, x.rank)) if n is not None]
    kernel = g.transpose(kernel, (kernel.rank - 1, kernel.rank - 2, *range(kernel.rank - 2)))
    size = _known_size(kernel)
    spans = [(k - 1) * d + 1 for k, d in zip(size, dilation, strict=True)]
    margins = lax.padtype_to_pads(list(sizes), spans, strides, padding)
    axes = zip(sizes, space, spans, strides, margins, strict=True)
    more = [int(out - (step * (n - 1) + k - low - high)) for out, n, k, step, (low, high) in axes]
    result = g.node(
        "ConvTranspose",
        x,
        kernel,
        kernel_shape=size,
        strides=list(strides),
        dilations=list(dilation),
        pads=[int(low) for low, _ in margins] + [int(high) for _, high in margins],
        output_padding=more if any(more) else None,
    )
    return _ordered(g, result, ordering)


def pool(op_type: str) -> Callable[..., Value]:
    """The rule of a maximum or mean of windows; elements outside do not count in a mean."""

    def rule(
        g: Graph, x: Value, size: Sequence[int], strides: Sequence[int], padding: str, ordering: str
    ) -> Value:
        x = _first(g, x, ordering)
        result = g.node(
            op_type, x, kernel_shape=list(size), strides=list(strides), **_padding(x, size, strides, padding)
        )
        return _ordered(g, result, ordering)

    return rule


def connect(g: Graph, x: Value, W: Any, sizes: Sequence[int], strides: Sequence[int], ordering: str) -> Value:
    """A locally connected layer: windows by Gather, and a product for each position."""
    x, W = g.as_value(x), g.as_value(W)
    x = x if ordering != "th" else g.transpose(x, [0, *range(2, x.rank), 1])
    space = [n for n in map(x.size, range(1, x.rank - 1)) if n is not None]
    channels = x.size(-1)
    if W.array is None or channels is None or len(space) < len(sizes):
        raise CannotExport("a size, or its weights, are not known")
    windows = _windows(space, sizes, strides)
    count, taps = windows.shape
    flat = g.node("Reshape", x, g.vector([-1, int(np.prod(space)), channels]), rank=3)
    seen = g.node("Gather", flat, g.known(windows), rank=4, axis=1)  # (samples, positions, taps, channels)
    rows = g.node("Reshape", g.transpose(seen, (1, 0, 2, 3)), g.vector([count, -1, taps * channels]), rank=3)
    kernel = W.array
    if ordering == "th":  # its windows have the channels first
        kernel = kernel.reshape(count, channels, taps, -1).swapaxes(1, 2).reshape(kernel.shape)
    product = g.transpose(g.node("MatMul", rows, g.known(kernel, W.label)), (1, 0, 2))
    places = [(n - k) // step + 1 for n, k, step in zip(space, sizes, strides, strict=True)]
    result = g.node("Reshape", product, g.vector([-1, *places, kernel.shape[-1]]), rank=x.rank)
    return result if ordering != "th" else g.transpose(result, [0, x.rank - 1, *range(1, x.rank - 1)])


def _windows(space: Sequence[int], sizes: Sequence[int], strides: Sequence[int]) -> np.ndarray:
    """For each position, the places of the elements of its window, (positions, elements)."""
    axes = zip(space, sizes, strides, strict=True)
    along = [np.arange(0, n - k + 1, step)[:, None] + np.arange(k) for n, k, step in axes]
    places = np.zeros((1, 1), int)
    for n, axis in zip(space, along, strict=True):
        places = places[:, None, :, None] * n + axis[None, :, None, :]
        places = places.reshape(places.shape[0] * places.shape[1], -1)
    return places


CONVOLUTION: dict[str, Callable[..., Any]] = {
    "backend.conv.conv": conv,
    "backend.conv.deconv": deconv,
    "backend.conv.depthwise": depthwise,
    "backend.conv.spread_depthwise": spread_depthwise,
    "backend.more._conv_transpose": conv_transpose,
    "backend.pool.max_pool": pool("MaxPool"),
    "backend.pool.mean_pool": pool("AveragePool"),
    "layers.local._connect": connect,
}
