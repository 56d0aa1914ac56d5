"""Layers that pad sequences, images and volumes with zeros, or enlarge them."""

from .. import backend as K
from ..backend.common import check_dim_ordering
from ..engine import InputSpec, Layer
from ._options import config_of, positive_int, positive_ints


class ZeroPadding1D(Layer):
    """Zeros before and after the steps.

    Args:
        padding: int (both sides), pair of int (before, after), or dict with "left_pad", "right_pad".

    Input shape: (samples, steps, features).
    """

    def __init__(self, padding=1, **kwargs):
        super().__init__(**kwargs)
        self.padding = padding
        if isinstance(padding, dict):
            _check_sides(self, padding, ("left_pad", "right_pad"))
            self._widths = padding.get("left_pad", 0), padding.get("right_pad", 0)
        else:
            self._widths = (padding, padding) if isinstance(padding, int) else tuple(padding)
        if len(self._widths) != 2:
            raise ValueError(f"ZeroPadding1D: padding must be an int or a pair; got {padding!r}.")
        self.input_spec = [InputSpec(ndim=3)]

    def call(self, x, mask=None):
        return K.asymmetric_temporal_padding(x, *self._widths)

    def get_output_shape_for(self, input_shape):
        steps = None if input_shape[1] is None else input_shape[1] + sum(self._widths)
        return input_shape[0], steps, input_shape[2]

    def get_config(self):
        return {**super().get_config(), "padding": self.padding}


class ZeroPadding2D(Layer):
    """Zeros around images.

    Args:
        padding: (rows, cols) on both sides; (top, bottom, left, right); or a dict with "top_pad",
            "bottom_pad", "left_pad", "right_pad".
        dim_ordering: "th", "tf" or "default".
    """

    def __init__(self, padding=(1, 1), dim_ordering="default", **kwargs):
        super().__init__(**kwargs)
        self.dim_ordering = check_dim_ordering(dim_ordering)
        self.padding = padding
        if isinstance(padding, dict):
            sides = ("top_pad", "bottom_pad", "left_pad", "right_pad")
            _check_sides(self, padding, sides)
            self._widths = tuple(padding.get(side, 0) for side in sides)
        elif len(padding) == 2:
            self._widths = (padding[0], padding[0], padding[1], padding[1])
        elif len(padding) == 4:
            self._widths = tuple(padding)
        else:
            raise ValueError(f"ZeroPadding2D: padding must have 2 or 4 ints; got {padding!r}.")
        self.input_spec = [InputSpec(ndim=4)]

    def call(self, x, mask=None):
        return K.asymmetric_spatial_2d_padding(x, *self._widths, dim_ordering=self.dim_ordering)

    def get_output_shape_for(self, input_shape):
        top, bottom, left, right = self._widths
        return _grow(input_shape, (top + bottom, left + right), self.dim_ordering)

    def get_config(self):
        return {**super().get_config(), **config_of(self, "padding", "dim_ordering")}


class ZeroPadding3D(Layer):
    """Zeros around volumes.

    Args:
        padding: three ints, for both sides of each axis.
        dim_ordering: "th", "tf" or "default".
    """

    def __init__(self, padding=(1, 1, 1), dim_ordering="default", **kwargs):
        super().__init__(**kwargs)
        self.padding = tuple(padding)
        self.dim_ordering = check_dim_ordering(dim_ordering)
        self.input_spec = [InputSpec(ndim=5)]

    def call(self, x, mask=None):
        return K.spatial_3d_padding(x, self.padding, self.dim_ordering)

    def get_output_shape_for(self, input_shape):
        return _grow(input_shape, [2 * size for size in self.padding], self.dim_ordering)

    def get_config(self):
        return {**super().get_config(), **config_of(self, "padding", "dim_ordering")}


class UpSampling1D(Layer):
    """Repeats each step `length` times.

    Args:
        length: int > 0.

    Input shape: (samples, steps, features).
    """

    def __init__(self, length=2, **kwargs):
        self.length = positive_int(self, "length", length)
        super().__init__(**kwargs)
        self.input_spec = [InputSpec(ndim=3)]

    def call(self, x, mask=None):
        return K.repeat_elements(x, self.length, axis=1)

    def get_output_shape_for(self, input_shape):
        return _scale(input_shape, (self.length,), "tf")

    def get_config(self):
        return {**super().get_config(), "length": self.length}


class UpSampling2D(Layer):
    """Repeats each row and column.

    Args:
        size: pair of int > 0, how often rows and columns are repeated.
        dim_ordering: "th", "tf" or "default".
    """

    def __init__(self, size=(2, 2), dim_ordering="default", **kwargs):
        self.size = positive_ints(self, "size", size, 2)
        self.dim_ordering = check_dim_ordering(dim_ordering)
        super().__init__(**kwargs)
        self.input_spec = [InputSpec(ndim=4)]

    def call(self, x, mask=None):
        rows, cols = self.size
        return K.resize_images(x, rows, cols, self.dim_ordering)

    def get_output_shape_for(self, input_shape):
        return _scale(input_shape, self.size, self.dim_ordering)

    def get_config(self):
        return {**super().get_config(), **config_of(self, "size", "dim_ordering")}


class UpSampling3D(Layer):
    """Repeats each plane, row and column.

    Args:
        size: three ints > 0, how often they are repeated.
        dim_ordering: "th", "tf" or "default".
    """

    def __init__(self, size=(2, 2, 2), dim_ordering="default", **kwargs):
        self.size = positive_ints(self, "size", size, 3)
        self.dim_ordering = check_dim_ordering(dim_ordering)
        super().__init__(**kwargs)
        self.input_spec = [InputSpec(ndim=5)]

    def call(self, x, mask=None):
        planes, rows, cols = self.size
        return K.resize_volumes(x, planes, rows, cols, self.dim_ordering)

    def get_output_shape_for(self, input_shape):
        return _scale(input_shape, self.size, self.dim_ordering)

    def get_config(self):
        return {**super().get_config(), **config_of(self, "size", "dim_ordering")}


def _scale(shape, factors, ordering):
    """The shape with the sizes of space multiplied."""
    first = 2 if ordering == "th" else 1
    sizes = list(shape)
    for axis, factor in enumerate(factors, first):
        sizes[axis] = None if sizes[axis] is None else sizes[axis] * factor
    return tuple(sizes)


def _grow(shape, amounts, ordering):
    """The shape with the sizes of space made larger."""
    first = 2 if ordering == "th" else 1
    sizes = list(shape)
    for axis, amount in enumerate(amounts, first):
        sizes[axis] = None if sizes[axis] is None else sizes[axis] + amount
    return tuple(sizes)


def _check_sides(layer, padding, sides):
    unknown = [key for key in padding if key not in sides]
    if unknown:
        raise ValueError(f"{type(layer).__name__}: unknown side {unknown[0]!r}; known: {', '.join(sides)}.")
