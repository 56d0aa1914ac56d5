"""Layers that only move elements about: Reshape, Permute, Flatten, RepeatVector."""

import numpy as np

from .. import backend as K
from ..engine import InputSpec, Layer
from ._options import positive_int


class Reshape(Layer):
    """Gives each sample another shape.

    Args:
        target_shape: tuple of int, the shape of one sample; one size may be -1 (what is left).
    """

    input_spec = [InputSpec()]  # one input, of any shape
    _only_moves = True

    def __init__(self, target_shape, **kwargs):
        super().__init__(**kwargs)
        self.target_shape = tuple(target_shape)

    def _sizes(self, input_shape):
        """The target shape with -1 replaced, where the input's size is known."""
        known = [size for size in input_shape[1:]]
        if None in known:
            return self.target_shape
        total = int(np.prod(known)) if known else 1
        fixed = int(np.prod([size for size in self.target_shape if size != -1]))
        free = self.target_shape.count(-1)
        if free > 1 or (free and total % max(fixed, 1)) or (not free and fixed != total):
            raise ValueError(
                f"Reshape {self.name!r} cannot turn {total} elements into {fixed}: the input shape is "
                f"{tuple(input_shape)}, target_shape is {self.target_shape} (both without the number of "
                "samples must have the same product; one size may be -1)."
            )
        return tuple(total // fixed if size == -1 else size for size in self.target_shape)

    def build(self, input_shape):
        self._sizes(input_shape)
        self.built = True

    def call(self, x, mask=None):
        shape = K.int_shape(x)
        sizes = self._sizes(shape)
        if -1 not in sizes:
            return K.reshape(x, (-1, *sizes))
        return K.reshape(x, (K.shape(x)[0], *sizes))

    def get_output_shape_for(self, input_shape):
        sizes = self._sizes(input_shape)
        return (input_shape[0], *(None if size == -1 else size for size in sizes))

    def get_config(self):
        return {**super().get_config(), "target_shape": self.target_shape}


class Permute(Layer):
    """Puts the axes of each sample in another order.

    Args:
        dims: tuple of int, the axes in their new order, counted from 1; 0 would be the samples.
    """

    _only_moves = True

    def __init__(self, dims, **kwargs):
        self.dims = tuple(dims)
        if sorted(self.dims) != list(range(1, len(self.dims) + 1)):
            raise ValueError(f"Permute: dims must hold each axis 1..{len(self.dims)} once; got {self.dims}.")
        super().__init__(**kwargs)
        self.input_spec = [InputSpec(ndim=len(self.dims) + 1)]

    def call(self, x, mask=None):
        return K.permute_dimensions(x, (0, *self.dims))

    def get_output_shape_for(self, input_shape):
        return (input_shape[0], *(input_shape[axis] for axis in self.dims))

    def get_config(self):
        return {**super().get_config(), "dims": self.dims}


class Flatten(Layer):
    """Puts all elements of a sample in one axis: (samples, a, b, ...) to (samples, a * b * ...)."""

    _only_moves = True

    def __init__(self, **kwargs):
        self.input_spec = [InputSpec(ndim="3+")]
        super().__init__(**kwargs)

    def build(self, input_shape):
        if None in input_shape[1:]:
            raise ValueError(
                f'The shape of the input to "Flatten" is not fully defined (got {input_shape[1:]}). Pass '
                "a complete input_shape to the first layer of the model."
            )
        self.built = True

    def call(self, x, mask=None):
        return K.batch_flatten(x)

    def get_output_shape_for(self, input_shape):
        return input_shape[0], int(np.prod(input_shape[1:]))


class RepeatVector(Layer):
    """(samples, features) to (samples, n, features).

    Args:
        n: int > 0.
    """

    _only_moves = True

    def __init__(self, n, **kwargs):
        self.n = positive_int(self, "n", n)
        self.input_spec = [InputSpec(ndim=2)]
        super().__init__(**kwargs)

    def call(self, x, mask=None):
        return K.repeat(x, self.n)

    def get_output_shape_for(self, input_shape):
        return input_shape[0], self.n, input_shape[1]

    def get_config(self):
        return {**super().get_config(), "n": self.n}
