"""Layers that cut off the borders of sequences, images and volumes."""

from collections.abc import Sequence
from typing import Annotated, Any, TypeAlias

from .._base.types import Shape
from .._graph import Tensor
from ..engine import image_order
from ._options import DimOrdering, Kind, LayerWithOptions, inputs_of

#: What to cut off at the start and at the end of an axis.
Pair: TypeAlias = tuple[int, int]


def _pairs(layer: Any, name: str, cropping: Any) -> tuple[Pair, ...]:
    """Returns the cropping as a tuple of pairs, one for each spatial axis of the layer.

    Raises:
        ValueError: if it is anything else, or a number is not an int >= 0.
    """

    def is_size(value):
        return hasattr(value, "__index__") and not isinstance(value, bool) and value >= 0

    def is_pair(value):
        return isinstance(value, tuple | list) and len(value) == 2 and all(map(is_size, value))

    pairs = (cropping,) if layer.rank == 1 else cropping
    if not isinstance(pairs, tuple | list) or len(pairs) != layer.rank or not all(map(is_pair, pairs)):
        wanted = "a pair" if layer.rank == 1 else f"{layer.rank} pairs"
        raise ValueError(
            f"{type(layer).__name__}: {name} must be {wanted} of int >= 0, (start, end); got {cropping!r}."
        )
    return tuple((int(start), int(end)) for start, end in pairs)


class Cropping1D(LayerWithOptions):
    """Cuts steps off at the start and the end.

    Args:
        cropping: pair of int >= 0, the number of steps to cut off (at the start, at the end).

    Input shape: (samples, steps, features). Output shape: (samples, fewer steps, features).
    """

    rank = 1
    cropping: Annotated[Pair, Kind(lambda layer, name, value: _pairs(layer, name, value)[0])]
    input_spec = inputs_of(ndim=3)

    def __init__(self, cropping: Sequence[int] = (1, 1), **kwargs: Any) -> None:
        self._store_options(locals())
        super().__init__(**kwargs)

    def build(self, input_shape: Shape) -> None:
        self.get_output_shape_for(input_shape)  # raises if more is cut off than there is
        self.built = True

    def call(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        return _crop(x, (self.cropping,), "tf")

    def get_output_shape_for(self, input_shape: Shape) -> Shape:
        return _cropped_shape(self, input_shape, (self.cropping,), "tf")


class _CroppingSpace(LayerWithOptions):
    """Cuts off the borders of images or volumes.

    Args:
        cropping: tuple with a pair of int >= 0 for each spatial axis: how much to cut off at its start and
            at its end.
        dim_ordering: "th" (channels first), "tf" (channels last) or "default" (the setting of K).

    Input shape: (samples, channels, *space), or channels last for "tf". The output has the same order.
    """

    rank = 2
    cropping: Annotated[tuple[Pair, ...], Kind(_pairs)]
    dim_ordering: DimOrdering

    def build(self, input_shape: Shape) -> None:
        self.get_output_shape_for(input_shape)  # raises if more is cut off than there is
        self.built = True

    def call(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        return _crop(x, self.cropping, self.dim_ordering)

    def get_output_shape_for(self, input_shape: Shape) -> Shape:
        return _cropped_shape(self, input_shape, self.cropping, self.dim_ordering)


class Cropping2D(_CroppingSpace):
    __doc__ = _CroppingSpace.__doc__
    input_spec = inputs_of(ndim=4)

    def __init__(
        self,
        cropping: Sequence[Sequence[int]] = ((0, 0), (0, 0)),
        dim_ordering: str = "default",
        **kwargs: Any,
    ) -> None:
        self._store_options(locals())
        super().__init__(**kwargs)


class Cropping3D(_CroppingSpace):
    __doc__ = _CroppingSpace.__doc__
    rank = 3
    input_spec = inputs_of(ndim=5)

    def __init__(
        self,
        cropping: Sequence[Sequence[int]] = ((1, 1), (1, 1), (1, 1)),
        dim_ordering: str = "default",
        **kwargs: Any,
    ) -> None:
        self._store_options(locals())
        super().__init__(**kwargs)


def _crop(x: Tensor, pairs: tuple[Pair, ...], ordering: str) -> Tensor:
    first = 2 if ordering == "th" else 1
    # A plain -0 as the end would cut off everything.
    return x[(slice(None),) * first + tuple(slice(start, -end or None) for start, end in pairs)]


def _cropped_shape(layer: LayerWithOptions, shape: Shape, pairs: tuple[Pair, ...], ordering: str) -> Shape:
    """Returns the shape without the borders.

    Raises:
        ValueError: if more is cut off than there is.
    """
    sizes = list(shape)
    for axis, (start, end) in enumerate(pairs, 2 if ordering == "th" else 1):
        size = sizes[axis]
        if size is None:
            continue
        if size < start + end:  # an empty output is one, as in Keras 1.2.2
            raise ValueError(
                f"{type(layer).__name__} {layer.name!r}: less than nothing is left: the input shape is "
                f"{tuple(shape)}, and {start} + {end} are cut off along axis {axis}."
                f"{image_order.reading(layer, shape[1:])}"
            )
        sizes[axis] = size - start - end
    return tuple(sizes)
