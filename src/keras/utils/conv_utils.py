"""Keras 2's path of sizes and kernels of convolutions."""

from typing import Any

from .._base.lengths import conv_input_length as conv_input_length
from .._base.lengths import conv_output_length as conv_output_length
from .._tools.conversion import convert_kernel as convert_kernel
from ..backend import normalize_data_format as normalize_data_format


def normalize_tuple(value: Any, n: int, name: str) -> tuple[int, ...]:
    """Returns an int as a tuple of `n` ints, and a tuple or list of `n` ints as a tuple.

    Args:
        value: int, tuple or list.
        n: int.
        name: str, the argument, for messages.
    """
    if isinstance(value, int):
        return (value,) * n
    if not isinstance(value, tuple | list) or len(value) != n or not all(isinstance(v, int) for v in value):
        raise ValueError(f"The `{name}` argument must be a tuple of {n} integers. Received: {value}")
    return tuple(value)


def normalize_padding(value: str) -> str:
    """Returns "valid", "same" or "causal", in lower case."""
    padding = value.lower()
    if padding not in ("valid", "same", "causal"):
        wanted = '"valid", "same" (or "causal" for Conv1D)'
        raise ValueError(f"The `padding` argument must be one of {wanted}. Received: {value}")
    return padding


def deconv_length(
    dim_size: int | None,
    stride_size: int,
    kernel_size: int,
    padding: str,
    output_padding: int | None,
    dilation: int = 1,
) -> int | None:
    """Returns the size of the output of a transposed convolution.

    Args:
        dim_size: int, the size of the input, or None.
        stride_size, kernel_size, dilation: ints.
        padding: "same" or "valid".
        output_padding: int, or None.
    """
    if dim_size is None:
        return None
    kernel_size = kernel_size + (kernel_size - 1) * (dilation - 1)
    if output_padding is None:
        return dim_size * stride_size + (max(kernel_size - stride_size, 0) if padding == "valid" else 0)
    pad = kernel_size // 2 if padding == "same" else 0
    return (dim_size - 1) * stride_size + kernel_size - 2 * pad + output_padding
