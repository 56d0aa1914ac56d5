"""Layers that cut off the borders of sequences, images and volumes."""

from ..backend.common import check_dim_ordering
from ..engine import InputSpec, Layer
from ._options import config_of


class Cropping1D(Layer):
    """Cuts steps off at the start and the end.

    Args:
        cropping: pair of int >= 0, steps to cut off (at the start, at the end).

    Input shape: (samples, steps, features). Output shape: (samples, fewer steps, features).
    """

    def __init__(self, cropping=(1, 1), **kwargs):
        super().__init__(**kwargs)
        (self.cropping,) = _pairs(self, (cropping,), 1)
        self.input_spec = [InputSpec(ndim=3)]

    def build(self, input_shape):
        _cropped_shape(self, input_shape, (self.cropping,), "tf")
        self.built = True

    def call(self, x, mask=None):
        return _crop(x, (self.cropping,), "tf")

    def get_output_shape_for(self, input_shape):
        return _cropped_shape(self, input_shape, (self.cropping,), "tf")

    def get_config(self):
        return {**super().get_config(), "cropping": self.cropping}


class _CroppingSpace(Layer):
    """Cuts off the borders of images or volumes.

    Args:
        cropping: tuple with a pair of int >= 0 for each axis of space: what to cut off at its start and at
            its end.
        dim_ordering: "th", "tf" or "default".

    Input shape: (samples, channels, *space), or channels last for "tf". Output alike.
    """

    rank = 2

    def __init__(self, cropping, dim_ordering="default", **kwargs):
        super().__init__(**kwargs)
        self.cropping = _pairs(self, cropping, self.rank)
        self.dim_ordering = check_dim_ordering(dim_ordering)
        self.input_spec = [InputSpec(ndim=self.rank + 2)]

    def build(self, input_shape):
        _cropped_shape(self, input_shape, self.cropping, self.dim_ordering)
        self.built = True

    def call(self, x, mask=None):
        return _crop(x, self.cropping, self.dim_ordering)

    def get_output_shape_for(self, input_shape):
        return _cropped_shape(self, input_shape, self.cropping, self.dim_ordering)

    def get_config(self):
        return {**super().get_config(), **config_of(self, "cropping", "dim_ordering")}


class Cropping2D(_CroppingSpace):
    __doc__ = _CroppingSpace.__doc__

    def __init__(self, cropping=((0, 0), (0, 0)), dim_ordering="default", **kwargs):
        super().__init__(cropping, dim_ordering, **kwargs)


class Cropping3D(_CroppingSpace):
    __doc__ = _CroppingSpace.__doc__
    rank = 3

    def __init__(self, cropping=((1, 1), (1, 1), (1, 1)), dim_ordering="default", **kwargs):
        super().__init__(cropping, dim_ordering, **kwargs)


def _pairs(layer, cropping, count):
    """The cropping as a tuple of `count` pairs.

    Raises:
        ValueError: if it is anything else, or a number is no int >= 0.
    """

    def is_size(value):
        return hasattr(value, "__index__") and not isinstance(value, bool) and value >= 0

    def is_pair(value):
        return isinstance(value, tuple | list) and len(value) == 2 and all(map(is_size, value))

    if not isinstance(cropping, tuple | list) or len(cropping) != count or not all(map(is_pair, cropping)):
        wanted = "a pair" if count == 1 else f"{count} pairs"
        given = cropping[0] if count == 1 else cropping
        raise ValueError(
            f"{type(layer).__name__}: cropping must be {wanted} of int >= 0, (start, end); got {given!r}."
        )
    return tuple((int(start), int(end)) for start, end in cropping)


def _crop(x, pairs, ordering):
    first = 2 if ordering == "th" else 1
    # A plain -0 as the end would cut off everything.
    return x[(slice(None),) * first + tuple(slice(start, -end or None) for start, end in pairs)]


def _cropped_shape(layer, shape, pairs, ordering):
    """The shape without the borders.

    Raises:
        ValueError: if nothing is left.
    """
    sizes = list(shape)
    for axis, (start, end) in enumerate(pairs, 2 if ordering == "th" else 1):
        if sizes[axis] is None:
            continue
        sizes[axis] -= start + end
        if sizes[axis] < 1:
            raise ValueError(
                f"{type(layer).__name__} {layer.name!r}: nothing is left: the input shape is {tuple(shape)}, "
                f"and {start} + {end} are cut off along axis {axis}."
            )
    return tuple(sizes)
