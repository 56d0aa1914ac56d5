"""Pooling layers."""

from collections.abc import Iterable, Sequence
from typing import Annotated, Any

from .. import backend as K
from .._base.lengths import conv_output_length as conv_output_length
from .._base.types import Shape
from .._graph import Tensor
from ..engine import InputSpec as InputSpec
from ..engine import Layer as Layer
from ._conv import conv_shape
from ._options import BorderMode, DimOrdering, Kind, LayerWithOptions, PositiveInt, inputs_of, positive_int
from ._steps import finite_under


def _stride(layer: Any, name: str, stride: Any) -> int:
    return layer.pool_length if stride is None else positive_int(layer, name, stride)


class _Pooling1D(LayerWithOptions):
    """The maximum (or mean) of each window of steps.

    Args:
        pool_length: int > 0, the number of steps in a window.
        stride: int > 0, the step of the window; pool_length if None.
        border_mode: "valid" (windows stay inside the sequence) or "same" (they may cross its ends; steps
            outside do not count).

    Input shape: (samples, steps, features). Output shape: (samples, new steps, features).
    """

    mode = "max"
    pool_length: PositiveInt
    stride: Annotated[int, Kind(_stride)]  # after pool_length, its default
    border_mode: BorderMode
    _config_order = ("stride", "pool_length", "border_mode")
    input_spec = inputs_of(ndim=3)

    def __init__(
        self, pool_length: int = 2, stride: int | None = None, border_mode: str = "valid", **kwargs: Any
    ) -> None:
        self._store_options(locals())
        super().__init__(**kwargs)
        self.st = self.stride
        self.pool_size = (self.pool_length, 1)
        self.strides = (self.stride, 1)

    def call(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        x = K.expand_dims(x, 2)
        x = K.pool2d(x, self.pool_size, self.strides, self.border_mode, "tf", self.mode)
        return K.squeeze(x, 2)

    def get_output_shape_for(self, input_shape: Shape) -> Shape:
        return conv_shape(self, input_shape, (self.pool_length,), (self.stride,), "tf", input_shape[2])


class MaxPooling1D(_Pooling1D):
    __doc__ = _Pooling1D.__doc__


class AveragePooling1D(_Pooling1D):
    __doc__ = _Pooling1D.__doc__
    mode = "avg"


def _sizes(layer: Any, name: str, sizes: Iterable[Any]) -> tuple[int, ...]:
    sizes = tuple(positive_int(layer, name, size) for size in sizes)
    if len(sizes) != layer.rank:
        raise ValueError(f"{type(layer).__name__}: {name} must have {layer.rank} ints; got {sizes}.")
    return sizes


def _strides(layer: Any, name: str, strides: Any) -> tuple[int, ...]:
    return layer.pool_size if strides is None else _sizes(layer, name, strides)


class _PoolingSpace(LayerWithOptions):
    """The maximum (or mean) of each window of an image or volume.

    Args:
        pool_size: tuple of int > 0, the size of a window.
        strides: tuple of int > 0, the step of the window; pool_size if None.
        border_mode: "valid" (windows stay inside the image) or "same" (they may cross its borders;
            elements outside do not count).
        dim_ordering: "th" (channels first), "tf" (channels last) or "default" (the setting of K).

    Input shape: (samples, channels, *space), or channels last for "tf". The output has the same order.
    """

    mode = "max"
    rank = 2
    pool_size: Annotated[tuple[int, ...], Kind(_sizes)]
    strides: Annotated[tuple[int, ...], Kind(_strides)]  # after pool_size, its default
    border_mode: BorderMode
    dim_ordering: DimOrdering
    _config_order = ("pool_size", "border_mode", "strides", "dim_ordering")

    def call(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        pool = K.pool2d if self.rank == 2 else K.pool3d
        return pool(x, self.pool_size, self.strides, self.border_mode, self.dim_ordering, self.mode)

    def get_output_shape_for(self, input_shape: Shape) -> Shape:
        channels = input_shape[1 if self.dim_ordering == "th" else -1]
        return conv_shape(self, input_shape, self.pool_size, self.strides, self.dim_ordering, channels)


class _Pooling2D(_PoolingSpace):
    __doc__ = _PoolingSpace.__doc__
    input_spec = inputs_of(ndim=4)

    def __init__(
        self,
        pool_size: Sequence[int] = (2, 2),
        strides: Sequence[int] | None = None,
        border_mode: str = "valid",
        dim_ordering: str = "default",
        **kwargs: Any,
    ) -> None:
        self._store_options(locals())
        super().__init__(**kwargs)


class MaxPooling2D(_Pooling2D):
    __doc__ = _PoolingSpace.__doc__


class AveragePooling2D(_Pooling2D):
    __doc__ = _PoolingSpace.__doc__
    mode = "avg"


class _Pooling3D(_PoolingSpace):
    __doc__ = _PoolingSpace.__doc__
    rank = 3
    input_spec = inputs_of(ndim=5)

    def __init__(
        self,
        pool_size: Sequence[int] = (2, 2, 2),
        strides: Sequence[int] | None = None,
        border_mode: str = "valid",
        dim_ordering: str = "default",
        **kwargs: Any,
    ) -> None:
        self._store_options(locals())
        super().__init__(**kwargs)


class MaxPooling3D(_Pooling3D):
    __doc__ = _PoolingSpace.__doc__


class AveragePooling3D(_Pooling3D):
    __doc__ = _PoolingSpace.__doc__
    mode = "avg"


class _GlobalPooling1D(LayerWithOptions):
    """The maximum (or mean) over all steps: (samples, steps, features) to (samples, features)."""

    input_spec = inputs_of(ndim=3)

    def get_output_shape_for(self, input_shape: Shape) -> Shape:
        return input_shape[0], input_shape[2]


class GlobalMaxPooling1D(_GlobalPooling1D):
    __doc__ = _GlobalPooling1D.__doc__

    def call(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        return K.max(x, axis=1)


class GlobalAveragePooling1D(_GlobalPooling1D):
    """The mean over all steps: (samples, steps, features) to (samples, features).

    Masked steps do not count, as in Keras 2.3. Where all are masked, the result is 0.
    """

    supports_masking = True

    def call(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        if mask is None:
            return K.mean(x, axis=1)
        counted = K.cast(mask if K.ndim(mask) == 2 else mask[:, :, 0], K.dtype(x))
        count = K.maximum(K.sum(counted, axis=1, keepdims=True), 1)
        return K.sum(finite_under(mask, x), axis=1) / count

    def compute_mask(self, input: Tensor, input_mask: Any = None) -> None:
        return None


class _GlobalPoolingSpace(LayerWithOptions):
    """The maximum (or mean) over all of an image or volume.

    Args:
        dim_ordering: "th" (channels first), "tf" (channels last) or "default" (the setting of K).

    Input shape: (samples, channels, *space), or channels last for "tf". Output shape: (samples, channels).
    """

    rank = 2
    dim_ordering: DimOrdering

    def __init__(self, dim_ordering: str = "default", **kwargs: Any) -> None:
        self._store_options(locals())
        super().__init__(**kwargs)

    def _axes(self) -> list[int]:
        first = 2 if self.dim_ordering == "th" else 1
        return list(range(first, first + self.rank))

    def get_output_shape_for(self, input_shape: Shape) -> Shape:
        return input_shape[0], input_shape[1 if self.dim_ordering == "th" else -1]


class _GlobalPooling2D(_GlobalPoolingSpace):
    __doc__ = _GlobalPoolingSpace.__doc__
    input_spec = inputs_of(ndim=4)


class GlobalMaxPooling2D(_GlobalPooling2D):
    __doc__ = _GlobalPoolingSpace.__doc__

    def call(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        return K.max(x, axis=self._axes())


class GlobalAveragePooling2D(_GlobalPooling2D):
    __doc__ = _GlobalPoolingSpace.__doc__

    def call(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        return K.mean(x, axis=self._axes())


class _GlobalPooling3D(_GlobalPoolingSpace):
    __doc__ = _GlobalPoolingSpace.__doc__
    rank = 3
    input_spec = inputs_of(ndim=5)


class GlobalMaxPooling3D(_GlobalPooling3D):
    __doc__ = _GlobalPoolingSpace.__doc__

    def call(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        return K.max(x, axis=self._axes())


class GlobalAveragePooling3D(_GlobalPooling3D):
    __doc__ = _GlobalPoolingSpace.__doc__

    def call(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        return K.mean(x, axis=self._axes())
