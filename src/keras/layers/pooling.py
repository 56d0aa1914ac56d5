"""Pooling layers."""

from .. import backend as K
from .._base.lengths import conv_output_length as conv_output_length
from ..backend.common import check_dim_ordering
from ..engine import InputSpec, Layer
from ._conv import check_border_mode, conv_shape
from ._options import config_of, positive_int


class _Pooling1D(Layer):
    """The largest element (or mean) of each window of steps.

    Args:
        pool_length: int > 0, steps of a window.
        stride: int > 0, step of the window; pool_length if None.
        border_mode: "valid" or "same".

    Input shape: (samples, steps, features).
    """

    mode = "max"

    def __init__(self, pool_length=2, stride=None, border_mode="valid", **kwargs):
        super().__init__(**kwargs)
        self.pool_length = positive_int(self, "pool_length", pool_length)
        self.stride = self.pool_length if stride is None else positive_int(self, "stride", stride)
        self.st = self.stride
        self.border_mode = check_border_mode(self, border_mode)
        self.pool_size = (self.pool_length, 1)
        self.strides = (self.stride, 1)
        self.input_spec = [InputSpec(ndim=3)]

    def call(self, x, mask=None):
        x = K.expand_dims(x, 2)
        x = K.pool2d(x, self.pool_size, self.strides, self.border_mode, "tf", self.mode)
        return K.squeeze(x, 2)

    def get_output_shape_for(self, input_shape):
        return conv_shape(self, input_shape, (self.pool_length,), (self.stride,), "tf", input_shape[2])

    def get_config(self):
        return {**super().get_config(), **config_of(self, "stride", "pool_length", "border_mode")}


class MaxPooling1D(_Pooling1D):
    __doc__ = _Pooling1D.__doc__


class AveragePooling1D(_Pooling1D):
    __doc__ = _Pooling1D.__doc__
    mode = "avg"


class _PoolingSpace(Layer):
    """The largest element (or mean) of each window of an image or volume.

    Args:
        pool_size: tuple of int > 0, the size of a window.
        strides: tuple of int > 0, the step of the window; pool_size if None.
        border_mode: "valid" or "same"; elements outside of the image do not count in a mean.
        dim_ordering: "th", "tf" or "default".
    """

    mode = "max"
    rank = 2

    def __init__(self, pool_size=None, strides=None, border_mode="valid", dim_ordering="default", **kwargs):
        super().__init__(**kwargs)
        pool_size = (2,) * self.rank if pool_size is None else pool_size
        self.pool_size = tuple(positive_int(self, "pool_size", size) for size in pool_size)
        strides = self.pool_size if strides is None else strides
        self.strides = tuple(positive_int(self, "strides", step) for step in strides)
        for name, sizes in (("pool_size", self.pool_size), ("strides", self.strides)):
            if len(sizes) != self.rank:
                raise ValueError(f"{type(self).__name__}: {name} must have {self.rank} ints; got {sizes}.")
        self.border_mode = check_border_mode(self, border_mode)
        self.dim_ordering = check_dim_ordering(dim_ordering)
        self.input_spec = [InputSpec(ndim=self.rank + 2)]

    def call(self, x, mask=None):
        pool = K.pool2d if self.rank == 2 else K.pool3d
        return pool(x, self.pool_size, self.strides, self.border_mode, self.dim_ordering, self.mode)

    def get_output_shape_for(self, input_shape):
        channels = input_shape[1 if self.dim_ordering == "th" else -1]
        return conv_shape(self, input_shape, self.pool_size, self.strides, self.dim_ordering, channels)

    def get_config(self):
        names = ("pool_size", "border_mode", "strides", "dim_ordering")
        return {**super().get_config(), **config_of(self, *names)}


class _Pooling2D(_PoolingSpace):
    __doc__ = _PoolingSpace.__doc__

    def __init__(self, pool_size=(2, 2), strides=None, border_mode="valid", dim_ordering="default", **kwargs):
        super().__init__(pool_size, strides, border_mode, dim_ordering, **kwargs)


class MaxPooling2D(_Pooling2D):
    __doc__ = _PoolingSpace.__doc__


class AveragePooling2D(_Pooling2D):
    __doc__ = _PoolingSpace.__doc__
    mode = "avg"


class _Pooling3D(_PoolingSpace):
    __doc__ = _PoolingSpace.__doc__
    rank = 3

    def __init__(
        self, pool_size=(2, 2, 2), strides=None, border_mode="valid", dim_ordering="default", **kwargs
    ):
        super().__init__(pool_size, strides, border_mode, dim_ordering, **kwargs)


class MaxPooling3D(_Pooling3D):
    __doc__ = _PoolingSpace.__doc__


class AveragePooling3D(_Pooling3D):
    __doc__ = _PoolingSpace.__doc__
    mode = "avg"


class _GlobalPooling1D(Layer):
    """The largest element (or mean) over all steps: (samples, steps, features) to (samples, features)."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.input_spec = [InputSpec(ndim=3)]

    def get_output_shape_for(self, input_shape):
        return input_shape[0], input_shape[2]


class GlobalMaxPooling1D(_GlobalPooling1D):
    __doc__ = _GlobalPooling1D.__doc__

    def call(self, x, mask=None):
        return K.max(x, axis=1)


class GlobalAveragePooling1D(_GlobalPooling1D):
    __doc__ = _GlobalPooling1D.__doc__

    def call(self, x, mask=None):
        return K.mean(x, axis=1)


class _GlobalPoolingSpace(Layer):
    """The largest element (or mean) over all of an image or volume: to (samples, channels).

    Args:
        dim_ordering: "th", "tf" or "default".
    """

    rank = 2

    def __init__(self, dim_ordering="default", **kwargs):
        super().__init__(**kwargs)
        self.dim_ordering = check_dim_ordering(dim_ordering)
        self.input_spec = [InputSpec(ndim=self.rank + 2)]

    def _axes(self):
        first = 2 if self.dim_ordering == "th" else 1
        return list(range(first, first + self.rank))

    def get_output_shape_for(self, input_shape):
        return input_shape[0], input_shape[1 if self.dim_ordering == "th" else -1]

    def get_config(self):
        return {**super().get_config(), "dim_ordering": self.dim_ordering}


class _GlobalPooling2D(_GlobalPoolingSpace):
    __doc__ = _GlobalPoolingSpace.__doc__


class GlobalMaxPooling2D(_GlobalPooling2D):
    __doc__ = _GlobalPoolingSpace.__doc__

    def call(self, x, mask=None):
        return K.max(x, axis=self._axes())


class GlobalAveragePooling2D(_GlobalPooling2D):
    __doc__ = _GlobalPoolingSpace.__doc__

    def call(self, x, mask=None):
        return K.mean(x, axis=self._axes())


class _GlobalPooling3D(_GlobalPoolingSpace):
    __doc__ = _GlobalPoolingSpace.__doc__
    rank = 3


class GlobalMaxPooling3D(_GlobalPooling3D):
    __doc__ = _GlobalPoolingSpace.__doc__

    def call(self, x, mask=None):
        return K.max(x, axis=self._axes())


class GlobalAveragePooling3D(_GlobalPooling3D):
    __doc__ = _GlobalPoolingSpace.__doc__

    def call(self, x, mask=None):
        return K.mean(x, axis=self._axes())
