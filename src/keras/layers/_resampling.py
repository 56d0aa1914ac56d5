"""Layers that pad, crop and enlarge sequences, images and volumes."""

from .. import backend as K
from ..backend.common import check_dim_ordering
from ..engine import InputSpec, Layer
from ._options import positive_int


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
        return _grow(self, input_shape, (top + bottom, left + right), self.dim_ordering)

    def get_config(self):
        return {**super().get_config(), "padding": self.padding, "dim_ordering": self.dim_ordering}


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
        return _grow(self, input_shape, [2 * size for size in self.padding], self.dim_ordering)

    def get_config(self):
        return {**super().get_config(), "padding": self.padding, "dim_ordering": self.dim_ordering}


class Cropping1D(Layer):
    """Cuts steps off.

    Args:
        cropping: pair of int, how many at the beginning and at the end.

    Input shape: (samples, steps, features).
    """

    def __init__(self, cropping=(1, 1), **kwargs):
        super().__init__(**kwargs)
        self.cropping = tuple(cropping)
        if len(self.cropping) != 2:
            raise ValueError(f"Cropping1D: cropping must be a pair of ints; got {cropping!r}.")
        self.input_spec = [InputSpec(ndim=3)]

    def call(self, x, mask=None):
        return _crop(x, [self.cropping], first=1)

    def get_output_shape_for(self, input_shape):
        return _grow(self, input_shape, [-sum(self.cropping)], "tf")

    def get_config(self):
        return {**super().get_config(), "cropping": self.cropping}


class _CroppingSpace(Layer):
    """Cuts rows and columns (and planes) off.

    Args:
        cropping: a pair of ints for each axis of space, how many at its beginning and at its end.
        dim_ordering: "th", "tf" or "default".
    """

    rank = 2

    def __init__(self, cropping=None, dim_ordering="default", **kwargs):
        super().__init__(**kwargs)
        self.cropping = tuple(tuple(pair) for pair in cropping or ())
        if len(self.cropping) != self.rank or any(len(pair) != 2 for pair in self.cropping):
            raise ValueError(
                f"{type(self).__name__}: cropping must be {self.rank} pairs of ints; got {cropping!r}."
            )
        self.dim_ordering = check_dim_ordering(dim_ordering)
        self.input_spec = [InputSpec(ndim=self.rank + 2)]

    def call(self, x, mask=None):
        return _crop(x, self.cropping, first=2 if self.dim_ordering == "th" else 1)

    def get_output_shape_for(self, input_shape):
        return _grow(self, input_shape, [-sum(pair) for pair in self.cropping], self.dim_ordering)

    def get_config(self):
        return {**super().get_config(), "cropping": self.cropping, "dim_ordering": self.dim_ordering}


class Cropping2D(_CroppingSpace):
    __doc__ = _CroppingSpace.__doc__

    def __init__(self, cropping=((0, 0), (0, 0)), dim_ordering="default", **kwargs):
        super().__init__(cropping, dim_ordering, **kwargs)


class Cropping3D(_CroppingSpace):
    __doc__ = _CroppingSpace.__doc__
    rank = 3

    def __init__(self, cropping=((1, 1), (1, 1), (1, 1)), dim_ordering="default", **kwargs):
        super().__init__(cropping, dim_ordering, **kwargs)


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
        self.size = tuple(positive_int(self, "size", factor) for factor in size)
        self.dim_ordering = check_dim_ordering(dim_ordering)
        super().__init__(**kwargs)
        self.input_spec = [InputSpec(ndim=4)]

    def call(self, x, mask=None):
        rows, cols = self.size
        return K.resize_images(x, rows, cols, self.dim_ordering)

    def get_output_shape_for(self, input_shape):
        return _scale(input_shape, self.size, self.dim_ordering)

    def get_config(self):
        return {**super().get_config(), "size": self.size, "dim_ordering": self.dim_ordering}


class UpSampling3D(Layer):
    """Repeats each plane, row and column.

    Args:
        size: three ints > 0, how often they are repeated.
        dim_ordering: "th", "tf" or "default".
    """

    def __init__(self, size=(2, 2, 2), dim_ordering="default", **kwargs):
        self.size = tuple(positive_int(self, "size", factor) for factor in size)
        self.dim_ordering = check_dim_ordering(dim_ordering)
        super().__init__(**kwargs)
        self.input_spec = [InputSpec(ndim=5)]

    def call(self, x, mask=None):
        planes, rows, cols = self.size
        return K.resize_volumes(x, planes, rows, cols, self.dim_ordering)

    def get_output_shape_for(self, input_shape):
        return _scale(input_shape, self.size, self.dim_ordering)

    def get_config(self):
        return {**super().get_config(), "size": self.size, "dim_ordering": self.dim_ordering}


def _crop(x, cropping, first):
    """x without the elements at both ends of its axes of space, the first of which is `first`."""
    index = [slice(None)] * K.ndim(x)
    for axis, (before, after) in enumerate(cropping, first):
        index[axis] = slice(before, -after if after else None)
    return x[tuple(index)]


def _scale(shape, factors, ordering):
    """The shape with the sizes of space multiplied."""
    first = 2 if ordering == "th" else 1
    sizes = list(shape)
    for axis, factor in enumerate(factors, first):
        sizes[axis] = None if sizes[axis] is None else sizes[axis] * factor
    return tuple(sizes)


def _grow(layer, shape, amounts, ordering):
    """The shape with the sizes of space made larger (or smaller, by negative amounts).

    Raises:
        ValueError: naming the layer, if nothing would be left.
    """
    first = 2 if ordering == "th" else 1
    sizes = list(shape)
    for axis, amount in enumerate(amounts, first):
        sizes[axis] = None if sizes[axis] is None else sizes[axis] + amount
        if sizes[axis] is not None and sizes[axis] < 1:
            raise ValueError(
                f"{type(layer).__name__} {layer.name!r}: the output would be empty: {-amount} are cut off of "
                f"axis {axis} of the input shape {tuple(shape)}."
            )
    return tuple(sizes)


def _check_sides(layer, padding, sides):
    unknown = [key for key in padding if key not in sides]
    if unknown:
        raise ValueError(f"{type(layer).__name__}: unknown side {unknown[0]!r}; known: {', '.join(sides)}.")
