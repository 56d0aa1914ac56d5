"""Stand-in for `theano.tensor.nnet`, over K."""

from typing import Any

from .. import backend as K
from . import _arrays
from ._missing import missing
from ._values import of_values, refuse

sigmoid, softplus, elu = map(of_values, (K.sigmoid, K.softplus, K.elu))
ultra_fast_sigmoid = sigmoid


def hard_sigmoid(x: Any) -> Any:
    """0.2 * x + 0.5, limited to [0, 1]."""
    return K.hard_sigmoid(x)


def relu(x: Any, alpha: Any = 0) -> Any:
    """x where x > 0, alpha * x elsewhere."""
    return K.relu(x, alpha)


def softmax(x: Any) -> Any:
    """Softmax of the rows of a matrix; a vector becomes a matrix of one row."""
    return K.softmax(K.expand_dims(x, 0) if K.ndim(x) == 1 else x)


def logsoftmax(x: Any) -> Any:
    """Logarithm of the softmax of the rows."""
    return _arrays.log_softmax(x, -1)


def categorical_crossentropy(coding_dist: Any, true_dist: Any) -> Any:
    """-sum(true * log(coding)) for each row; `true_dist` may be a vector of classes."""
    if K.ndim(true_dist) == K.ndim(coding_dist) - 1:
        true_dist = K.one_hot(true_dist, int(K.int_shape(coding_dist)[-1] or 0))
    return -K.sum(true_dist * K.log(coding_dist), axis=-1)


def binary_crossentropy(output: Any, target: Any) -> Any:
    """-(target * log(output) + (1 - target) * log(1 - output)), element by element."""
    return -(target * K.log(output) + (1.0 - target) * K.log(1.0 - output))


def conv2d(
    input: Any,
    filters: Any,
    input_shape: Any = None,
    filter_shape: Any = None,
    border_mode: Any = "valid",
    subsample: Any = (1, 1),
    filter_flip: bool = True,
    **hints: Any,
) -> Any:
    """Convolution of images, channels first; the filters are mirrored unless `filter_flip` is False."""
    kernel = K.reverse(filters, [2, 3]) if filter_flip else filters
    if border_mode == "valid":
        return K.conv2d(input, kernel, subsample, "valid", "th")
    rows, columns = (int(size or 0) for size in K.int_shape(filters)[2:])
    borders = {"half": (rows // 2, columns // 2), "full": (rows - 1, columns - 1)}
    border = borders.get(border_mode, border_mode) if isinstance(border_mode, str) else border_mode
    if isinstance(border, str):
        refuse("theano.tensor.nnet.conv2d", f"border_mode {border!r} is not 'valid', 'half' or 'full'.")
    border = (border, border) if isinstance(border, int) else tuple(border)
    return K.conv2d(K.spatial_2d_padding(input, border, "th"), kernel, subsample, "valid", "th")


def __getattr__(name: str) -> Any:
    raise missing("theano.tensor.nnet", name, globals(), {"batch_normalization": "K.batch_normalization"})
