"""Layers that pad sequences, images and volumes with zeros, or enlarge them."""

from collections.abc import Iterable, Sequence
from typing import Annotated, Any, TypeAlias

from .. import backend as K
from .._base.types import Shape
from .._graph import Tensor
from ..engine import Layer
from ._options import (
    DimOrdering,
    Kind,
    LayerWithOptions,
    Option,
    PositiveInt,
    PositivePair,
    PositiveTriple,
    UnlessDefault,
    inputs_of,
    one_of,
)

#: Widths by side: "left_pad", "top_pad" and so on.
Sides: TypeAlias = dict[str, int]


class ZeroPadding1D(LayerWithOptions):
    """Adds zeros before and after the steps.

    Args:
        padding: int >= 0 (both sides), pair of int (before, after), or dict with "left_pad" and
            "right_pad".

    Input shape: (samples, steps, features). Output shape: (samples, more steps, features).
    """

    padding: Option[int | Sequence[int] | Sides]
    input_spec = inputs_of(ndim=3)

    def __init__(self, padding: int | Sequence[int] | Sides = 1, **kwargs: Any) -> None:
        self._store_options(locals())
        super().__init__(**kwargs)
        if isinstance(padding, dict):
            self._widths = _widths_by_side(self, padding, ("left_pad", "right_pad"))
        else:
            self._widths = (padding, padding) if isinstance(padding, int) else tuple(padding)
        if len(self._widths) != 2:
            raise ValueError(f"ZeroPadding1D: padding must be an int or a pair; got {padding!r}.")
        self.left_pad, self.right_pad = self._widths

    def call(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        return K.asymmetric_temporal_padding(x, *self._widths)

    def get_output_shape_for(self, input_shape: Shape) -> Shape:
        return _grow(input_shape, [sum(self._widths)], "tf")


class ZeroPadding2D(LayerWithOptions):
    """Adds zeros around images.

    Args:
        padding: (rows, cols), the same on both sides; (top, bottom, left, right); or a dict with "top_pad",
            "bottom_pad", "left_pad", "right_pad".
        dim_ordering: "th" (channels first), "tf" (channels last) or "default" (the setting of K).

    Input shape: (samples, channels, rows, cols), or channels last for "tf". The output has the same order.
    """

    padding: Option[Sequence[int] | Sides]
    dim_ordering: DimOrdering
    input_spec = inputs_of(ndim=4)

    def __init__(
        self, padding: Sequence[int] | Sides = (1, 1), dim_ordering: str = "default", **kwargs: Any
    ) -> None:
        self._store_options(locals())
        super().__init__(**kwargs)
        if isinstance(padding, dict):
            sides = ("top_pad", "bottom_pad", "left_pad", "right_pad")
            self._widths = _widths_by_side(self, padding, sides)
        elif len(padding) == 2:
            self._widths = (padding[0], padding[0], padding[1], padding[1])
        elif len(padding) == 4:
            self._widths = tuple(padding)
        else:
            raise ValueError(f"ZeroPadding2D: padding must have 2 or 4 ints; got {padding!r}.")
        self.top_pad, self.bottom_pad, self.left_pad, self.right_pad = self._widths

    def call(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        return K.asymmetric_spatial_2d_padding(x, *self._widths, dim_ordering=self.dim_ordering)

    def get_output_shape_for(self, input_shape: Shape) -> Shape:
        top, bottom, left, right = self._widths
        return _grow(input_shape, (top + bottom, left + right), self.dim_ordering)


class ZeroPadding3D(LayerWithOptions):
    """Adds zeros around volumes.

    Args:
        padding: three int, the width on both sides of each axis.
        dim_ordering: "th" (channels first), "tf" (channels last) or "default" (the setting of K).

    Input shape: (samples, channels, dim1, dim2, dim3), or channels last for "tf". The output has the same
    order.
    """

    padding: Annotated[tuple[int, int, int], Kind(lambda layer, name, value: tuple(value))]
    dim_ordering: DimOrdering
    input_spec = inputs_of(ndim=5)

    def __init__(
        self, padding: Sequence[int] = (1, 1, 1), dim_ordering: str = "default", **kwargs: Any
    ) -> None:
        self._store_options(locals())
        super().__init__(**kwargs)

    def call(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        return K.spatial_3d_padding(x, self.padding, self.dim_ordering)

    def get_output_shape_for(self, input_shape: Shape) -> Shape:
        return _grow(input_shape, [2 * size for size in self.padding], self.dim_ordering)


class UpSampling1D(LayerWithOptions):
    """Repeats each step `length` times.

    Args:
        length: int > 0.

    Input shape: (samples, steps, features). Output shape: (samples, length * steps, features).
    """

    length: PositiveInt
    input_spec = inputs_of(ndim=3)

    def __init__(self, length: int = 2, **kwargs: Any) -> None:
        self._store_options(locals())
        super().__init__(**kwargs)

    def call(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        return K.repeat_elements(x, self.length, axis=1)

    def get_output_shape_for(self, input_shape: Shape) -> Shape:
        return _scale(input_shape, (self.length,), "tf")


class UpSampling2D(LayerWithOptions):
    """Repeats each row and column.

    Args:
        size: pair of int > 0, how often rows and columns are repeated.
        dim_ordering: "th" (channels first), "tf" (channels last) or "default" (the setting of K).
        interpolation: "nearest", or "bilinear" for straight lines between the pixels.

    Input shape: (samples, channels, rows, cols), or channels last for "tf". The output has the same order.
    """

    size: PositivePair
    dim_ordering: DimOrdering
    interpolation: UnlessDefault[Annotated[str, one_of("nearest", "bilinear")]]
    input_spec = inputs_of(ndim=4)

    def __init__(
        self,
        size: tuple[int, int] = (2, 2),
        dim_ordering: str = "default",
        interpolation: str = "nearest",
        **kwargs: Any,
    ) -> None:
        self._store_options(locals())
        super().__init__(**kwargs)

    def call(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        rows, cols = self.size
        if self.interpolation == "bilinear":
            return K.enlarge_linearly(x, self.size, self.dim_ordering)
        return K.resize_images(x, rows, cols, self.dim_ordering)

    def get_output_shape_for(self, input_shape: Shape) -> Shape:
        return _scale(input_shape, self.size, self.dim_ordering)


class UpSampling3D(LayerWithOptions):
    """Repeats each plane, row and column.

    Args:
        size: three int > 0, how often they are repeated.
        dim_ordering: "th" (channels first), "tf" (channels last) or "default" (the setting of K).

    Input shape: (samples, channels, dim1, dim2, dim3), or channels last for "tf". The output has the same
    order.
    """

    size: PositiveTriple
    dim_ordering: DimOrdering
    input_spec = inputs_of(ndim=5)

    def __init__(self, size: Sequence[int] = (2, 2, 2), dim_ordering: str = "default", **kwargs: Any) -> None:
        self._store_options(locals())
        super().__init__(**kwargs)

    def call(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        planes, rows, cols = self.size
        return K.resize_volumes(x, planes, rows, cols, self.dim_ordering)

    def get_output_shape_for(self, input_shape: Shape) -> Shape:
        return _scale(input_shape, self.size, self.dim_ordering)


def _scale(shape: Shape, factors: Iterable[int], ordering: str) -> Shape:
    """Returns the shape with the spatial sizes multiplied."""
    sizes = list(shape)
    for axis, factor in enumerate(factors, 2 if ordering == "th" else 1):
        size = sizes[axis]
        sizes[axis] = None if size is None else size * factor
    return tuple(sizes)


def _grow(shape: Shape, amounts: Iterable[int], ordering: str) -> Shape:
    """Returns the shape with the spatial sizes increased."""
    sizes = list(shape)
    for axis, amount in enumerate(amounts, 2 if ordering == "th" else 1):
        size = sizes[axis]
        sizes[axis] = None if size is None else size + amount
    return tuple(sizes)


def _widths_by_side(layer: Layer, padding: Sides, sides: Sequence[str]) -> tuple[int, ...]:
    unknown = [key for key in padding if key not in sides]
    if unknown:
        raise ValueError(f"{type(layer).__name__}: unknown side {unknown[0]!r}; known: {', '.join(sides)}.")
    return tuple(padding.get(side, 0) for side in sides)
