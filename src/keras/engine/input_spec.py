"""`InputSpec`: the rank, shape and dtype that a layer requires of an input."""

from typing import Any

from .. import backend as K
from .._base.types import Shape


class InputSpec:
    """The rank, shape and dtype that a layer requires of an input.

    Args:
        dtype: str, or None for any.
        shape: tuple of int or None (any size), or None for any shape.
        ndim: int, the rank; or a str such as "3+" for at least 3; or None for any.
    """

    def __init__(
        self, dtype: str | None = None, shape: Shape | None = None, ndim: int | str | None = None
    ) -> None:
        self.ndim = str(ndim) if isinstance(ndim, str) else len(shape) if shape is not None else ndim
        if isinstance(ndim, str) and "+" not in ndim:
            raise ValueError(f'InputSpec: ndim as a string must end in "+", such as "3+"; got {ndim!r}.')
        self.dtype = dtype
        self.shape = shape


def mismatch(tensor: Any, spec: InputSpec, built: bool) -> str | None:
    """Returns what is wrong with a tensor, as text; None if it meets the spec."""
    shape = K.int_shape(tensor)
    if isinstance(spec.ndim, str):
        least = int(spec.ndim.rstrip("+"))
        if len(shape) < least:
            return f"expected ndim >= {least}, found ndim={len(shape)}, shape {shape}."
    elif spec.ndim is not None and len(shape) != spec.ndim:
        return f"expected ndim={spec.ndim}, found ndim={len(shape)}, shape {shape}."
    if spec.dtype is not None and K.dtype(tensor) != spec.dtype:
        return f"expected dtype={spec.dtype}, found dtype={K.dtype(tensor)}."
    if spec.shape is None:
        return None
    # A spec may have only the last axes of the input, as that of Dense on sequences does.
    for wanted, found in zip(reversed(spec.shape), reversed(shape), strict=False):
        if wanted is not None and found is not None and wanted != found:
            why = f"the layer was built for shape {spec.shape}; " if built else ""
            return f"{why}expected shape={spec.shape}, found shape={shape}."
    return None
