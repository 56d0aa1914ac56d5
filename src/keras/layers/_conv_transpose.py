"""Keras 2's Conv2DTranspose: a Deconvolution2D that infers the size of its output."""

from typing import Any

from .. import backend as K
from .._base.types import Shape
from .._graph import Tensor
from ._conv import Convolution2D, finish
from ._options import Option, UnlessDefault


class Conv2DTranspose(Convolution2D):
    """A transposed convolution, from small images to large ones; see `Deconvolution2D`.

    Several output sizes are possible. This layer takes n * step for "same" and n * step + max(size of a
    filter - step, 0) for "valid", where n is the size of the input.

    The arguments are those of `Convolution2D`. Input shape: (samples, channels, rows, cols), or channels
    last for "tf"; rows and columns known. The output has the same order.

    Another size is chosen with `output_padding`, a pair of int less than the steps: the smallest size of the
    output plus this.
    """

    output_padding: UnlessDefault[Option[Any]]

    def __init__(
        self, nb_filter: int, nb_row: int, nb_col: int, output_padding: Any = None, **kwargs: Any
    ) -> None:
        if isinstance(output_padding, int):
            output_padding = (output_padding, output_padding)
        self._store_options(locals())
        super().__init__(nb_filter, nb_row, nb_col, **kwargs)

    def call(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        shape = self.get_output_shape_for(K.int_shape(x))
        if None in shape[1:]:
            raise ValueError(
                f"Conv2DTranspose {self.name!r}: the rows and columns of the input must be known; its shape "
                f"is {K.int_shape(x)}."
            )
        options = (self.subsample, self.border_mode, self.dim_ordering)
        return finish(K.deconv2d(x, self.W, shape, *options), self.b, self.activation, self.dim_ordering)

    def get_output_shape_for(self, input_shape: Shape) -> Shape:
        rows, cols = input_shape[2:] if self.dim_ordering == "th" else input_shape[1:3]
        row_step, col_step = self.subsample
        more = self.output_padding or (None, None)
        lengths = (
            self._length(rows, self.nb_row, row_step, more[0]),
            self._length(cols, self.nb_col, col_step, more[1]),
        )
        if self.dim_ordering == "th":
            return (input_shape[0], self.nb_filter, *lengths)
        return (input_shape[0], *lengths, self.nb_filter)

    def _length(self, length: int | None, size: int, step: int, more: int | None) -> int | None:
        if length is None:
            return None
        if more is not None:
            pad = size // 2 if self.border_mode == "same" else 0
            return (length - 1) * step + size - 2 * pad + more
        return length * step + (max(size - step, 0) if self.border_mode == "valid" else 0)
