"""Keras 2's Conv2DTranspose: a Deconvolution2D that finds the size of its output by itself."""

from .. import backend as K
from ._conv import Convolution2D, finish


class Conv2DTranspose(Convolution2D):
    """A transposed convolution, from small images to large ones; see `Deconvolution2D`.

    Of the sizes that the convolution takes to that of the input, the output has n * step for "same" and
    n * step + max(size of a filter - step, 0) for "valid".

    The arguments are those of `Convolution2D`. Input shape: (samples, channels, rows, cols), or channels
    last for "tf"; rows and columns known. Output alike.
    """

    def call(self, x, mask=None):
        shape = self.get_output_shape_for(K.int_shape(x))
        if None in shape[1:]:
            raise ValueError(
                f"Conv2DTranspose {self.name!r}: the rows and columns of the input must be known; its shape "
                f"is {K.int_shape(x)}."
            )
        options = (self.subsample, self.border_mode, self.dim_ordering)
        return finish(self, K.deconv2d(x, self.W, shape, *options))

    def get_output_shape_for(self, input_shape):
        space = input_shape[2:] if self.dim_ordering == "th" else input_shape[1:3]
        sizes = (self.nb_row, self.nb_col)
        lengths = [self._length(*each) for each in zip(space, sizes, self.subsample, strict=True)]
        if self.dim_ordering == "th":
            return (input_shape[0], self.nb_filter, *lengths)
        return (input_shape[0], *lengths, self.nb_filter)

    def _length(self, length, size, step):
        if length is None:
            return None
        return length * step + (max(size - step, 0) if self.border_mode == "valid" else 0)
