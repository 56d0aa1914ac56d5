"""Layers that only move elements: Reshape, Permute, Flatten, RepeatVector."""

from collections.abc import Sequence
from typing import Annotated, Any

import numpy as np

from .. import backend as K
from .._base.types import Shape
from .._graph import Tensor
from ._options import Kind, LayerWithOptions, PositiveInt, UnlessDefault, inputs_of


class Reshape(LayerWithOptions):
    """Gives each sample another shape.

    Args:
        target_shape: tuple of int, the shape of one sample; one size may be -1, to be inferred.

    Input shape: any. Output shape: (samples, *target_shape).
    """

    target_shape: Annotated[tuple[int, ...], Kind(lambda layer, name, value: tuple(value))]
    input_spec = inputs_of()
    _only_moves = True

    def __init__(self, target_shape: Sequence[int], **kwargs: Any) -> None:
        self._store_options(locals())
        super().__init__(**kwargs)

    def _sizes(self, input_shape: Shape) -> tuple[int, ...]:
        """Returns the target shape, with -1 replaced if the size of the input is known."""
        known = [size for size in input_shape[1:] if size is not None]
        if len(known) < len(input_shape) - 1:
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

    def build(self, input_shape: Shape) -> None:
        self._sizes(input_shape)  # raises if the numbers of elements differ
        self.built = True

    def call(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        sizes = self._sizes(K.int_shape(x))
        if -1 not in sizes:
            return K.reshape(x, (-1, *sizes))
        return K.reshape(x, (K.shape(x)[0], *sizes))

    def get_output_shape_for(self, input_shape: Shape) -> Shape:
        sizes = self._sizes(input_shape)
        return (input_shape[0], *(None if size == -1 else size for size in sizes))


def _permutation(layer: LayerWithOptions, name: str, dims: Any) -> tuple[int, ...]:
    dims = tuple(dims)
    if sorted(dims) != list(range(1, len(dims) + 1)):
        raise ValueError(
            f"{type(layer).__name__}: {name} must hold each axis 1..{len(dims)} once; got {dims}."
        )
    return dims


class Permute(LayerWithOptions):
    """Puts the axes of each sample in another order.

    Args:
        dims: tuple of int, the axes in their new order, counted from 1 (0 is the axis of the samples).

    Input shape: (samples, ...). Output shape: the same sizes in the new order.
    """

    dims: Annotated[tuple[int, ...], Kind(_permutation)]
    _only_moves = True

    def __init__(self, dims: Sequence[int], **kwargs: Any) -> None:
        self._store_options(locals())
        super().__init__(**kwargs)
        self.input_spec = inputs_of(ndim=len(self.dims) + 1)

    def call(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        return K.permute_dimensions(x, (0, *self.dims))

    def get_output_shape_for(self, input_shape: Shape) -> Shape:
        return (input_shape[0], *(input_shape[axis] for axis in self.dims))


def _ordering(layer: LayerWithOptions, name: str, value: Any) -> str | None:
    if value not in (None, "th", "tf", "default"):
        raise ValueError(f'{type(layer).__name__}: {name} must be "th", "tf" or None; got {value!r}.')
    value = K.image_dim_ordering() if value == "default" else value
    return value if value == "th" else None


class Flatten(LayerWithOptions):
    """Puts all elements of a sample in one axis: (samples, a, b, ...) to (samples, a * b * ...).

    Args:
        image_ordering: "th" moves the channels of (samples, channels, ...) to the end first, as Keras 2.2 and
            later do with data_format="channels_first": the result is then that of a model with channels
            last. "tf" and None keep the order in memory, as Keras 1 does.
    """

    image_ordering: UnlessDefault[Annotated[str | None, Kind(_ordering)]]
    input_spec = inputs_of(ndim="3+")
    _only_moves = True

    def __init__(self, image_ordering: str | None = None, **kwargs: Any) -> None:
        self._store_options(locals())
        super().__init__(**kwargs)

    def build(self, input_shape: Shape) -> None:
        if None in input_shape[1:]:
            raise ValueError(
                f'The shape of the input to "Flatten" is not fully defined (got {input_shape[1:]}). Pass '
                "a complete input_shape to the first layer of the model."
            )
        self.built = True

    def call(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        if self.image_ordering == "th":
            x = K.permute_dimensions(x, (0, *range(2, K.ndim(x)), 1))
        return K.batch_flatten(x)

    def get_output_shape_for(self, input_shape: Shape) -> Shape:
        known = [size for size in input_shape[1:] if size is not None]
        return input_shape[0], int(np.prod(known)) if len(known) == len(input_shape) - 1 else None


class RepeatVector(LayerWithOptions):
    """Repeats each sample `n` times: (samples, features) to (samples, n, features).

    Args:
        n: int > 0.
    """

    n: PositiveInt
    input_spec = inputs_of(ndim=2)
    _only_moves = True

    def __init__(self, n: int, **kwargs: Any) -> None:
        self._store_options(locals())
        super().__init__(**kwargs)

    def call(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        return K.repeat(x, self.n)

    def get_output_shape_for(self, input_shape: Shape) -> Shape:
        return input_shape[0], self.n, input_shape[1]
