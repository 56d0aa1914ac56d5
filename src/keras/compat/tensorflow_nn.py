"""Stand-in for `tensorflow.nn`: its functions on tensors, over K."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from .. import backend as K
from ..backend.conv import _depthwise
from . import _arrays, _images
from ._missing import missing
from ._values import accepts, of_values, refuse, value

relu, elu, sigmoid, tanh, softplus, softsign = map(
    of_values, (K.relu, K.elu, K.sigmoid, K.tanh, K.softplus, K.softsign)
)


@accepts()
def relu6(features: Any) -> Any:
    """min(max(x, 0), 6)."""
    return K.relu(value(features), max_value=6.0)


@accepts()
def leaky_relu(features: Any, alpha: float = 0.2) -> Any:
    """x where x > 0, alpha * x elsewhere."""
    return K.relu(value(features), alpha)


@accepts()
def crelu(features: Any) -> Any:
    """relu(x) and relu(-x), joined along the last axis."""
    return K.relu(K.concatenate([value(features), -value(features)]))


@accepts(axis="dim")
def softmax(logits: Any, dim: int = -1) -> Any:
    """Softmax along an axis."""
    return K.softmax(value(logits)) if dim == -1 else _arrays.softmax(value(logits), dim)


@accepts(axis="dim")
def log_softmax(logits: Any, dim: int = -1) -> Any:
    """Logarithm of the softmax along an axis."""
    return _arrays.log_softmax(value(logits), dim)


@accepts(axis="dim")
def l2_normalize(x: Any, dim: Any, epsilon: float = 1e-12) -> Any:
    """Divides by the Euclidean norm along axes."""
    return _arrays.normalized(value(x), tuple(dim) if isinstance(dim, list) else dim, epsilon)


@accepts()
def l2_loss(t: Any) -> Any:
    """Half of the sum of squares."""
    return K.sum(K.square(value(t))) / 2


@accepts()
def dropout(x: Any, keep_prob: float, noise_shape: Any = None, seed: int | None = None) -> Any:
    """Drops elements in training and testing alike; keeps each with probability `keep_prob`."""
    return x if keep_prob == 1 else K.dropout(value(x), 1 - keep_prob, noise_shape, seed)


@accepts("shift")
def moments(x: Any, axes: Sequence[int], shift: Any = None, keep_dims: bool = False) -> tuple[Any, Any]:
    """Mean and variance over axes."""
    x = value(x)
    return K.mean(x, list(axes), keep_dims), K.var(x, list(axes), keep_dims)


@accepts()
def batch_normalization(
    x: Any, mean: Any, variance: Any, offset: Any, scale: Any, variance_epsilon: float
) -> Any:
    """Normalizes by given statistics; `offset` and `scale` may be None."""
    offset, scale = 0.0 if offset is None else offset, 1.0 if scale is None else scale
    x, mean, variance, offset, scale = map(value, (x, mean, variance, offset, scale))
    return K.batch_normalization(x, mean, variance, offset, scale, variance_epsilon)


@accepts()
def bias_add(x: Any, bias: Any, data_format: str | None = None) -> Any:
    """Adds one number to each channel."""
    bias = value(bias)
    return value(x) + (K.reshape(bias, (1, -1, 1, 1)) if data_format == "NCHW" else bias)


@accepts()
def xw_plus_b(x: Any, weights: Any, biases: Any) -> Any:
    """x W + b."""
    return K.dot(value(x), value(weights)) + value(biases)


@accepts("validate_indices", "partition_strategy")
def embedding_lookup(params: Any, ids: Any) -> Any:
    """Rows of a matrix."""
    return K.gather(params, value(ids))


class TopK(NamedTuple):
    """The result of `top_k`."""

    values: Any
    indices: Any


@accepts("sorted")
def top_k(input: Any, k: Any = 1) -> TopK:
    """The k largest elements along the last axis, and their indices."""
    if not hasattr(k, "__index__"):
        refuse(
            "tf.nn.top_k",
            f"k is {k!r}, which is known only when the program runs, and sizes must be known before. Take "
            "a k that is large enough, such as the size of the axis, and multiply what follows by "
            "tf.to_float(tf.range(largest_k) < k).",
        )
    return TopK(*_arrays.top_k(value(input), int(k)))


in_top_k = of_values(K.in_top_k)

# --- losses --------------------------------------------------------------------------------------


# TensorFlow 0.12 takes (logits, labels) by position; 1.0 takes names only.
@accepts("_sentinel", targets="labels")
def softmax_cross_entropy_with_logits(logits: Any = None, labels: Any = None, dim: int = -1) -> Any:
    """-sum(labels * log softmax(logits)) over the classes."""
    return -K.sum(value(labels) * _arrays.log_softmax(value(logits), dim), axis=dim)


@accepts("_sentinel")
def sparse_softmax_cross_entropy_with_logits(logits: Any = None, labels: Any = None) -> Any:
    """The same for classes as ints."""
    return -K.sum(one_hot_like(labels, logits) * _arrays.log_softmax(value(logits), -1), axis=-1)


@accepts("_sentinel", targets="labels")
def sigmoid_cross_entropy_with_logits(logits: Any = None, labels: Any = None) -> Any:
    """Binary crossentropy of logits, element by element."""
    return K.binary_crossentropy(value(logits), value(labels), from_logits=True)


@accepts()
def weighted_cross_entropy_with_logits(targets: Any, logits: Any, pos_weight: Any) -> Any:
    """Binary crossentropy of logits, with the positive part multiplied by a weight."""
    targets, logits = value(targets), value(logits)
    return (1 - targets) * logits + (1 + (pos_weight - 1) * targets) * K.softplus(-logits)


def one_hot_like(labels: Any, logits: Any) -> Any:
    """Labels as rows with the classes of logits."""
    return K.one_hot(value(labels), int(K.int_shape(logits)[-1] or 0))


# --- images --------------------------------------------------------------------------------------


def _first(x: Any) -> Any:
    return K.permute_dimensions(x, (0, 3, 1, 2))


def _last(x: Any) -> Any:
    return K.permute_dimensions(x, (0, 2, 3, 1))


def _of_images(function: Any, x: Any, data_format: str | None, strides: Sequence[int], *more: Any) -> Any:
    """Calls function(images channels last, (row, column) of each list) on images of either format."""
    first = data_format == "NCHW"
    pairs = [tuple(four[2:4] if first else four[1:3]) for four in (strides, *more)]
    for four in (strides, *more):
        if four[0] != 1 or four[1 if first else 3] != 1:
            raise ValueError(f"wanted 1 for the samples and the channels; got {list(four)}.")
    return _first(function(_last(x), *pairs)) if first else function(x, *pairs)


@accepts("use_cudnn_on_gpu")
def conv2d(input: Any, filter: Any, strides: Sequence[int], padding: str, data_format: str = "NHWC") -> Any:
    """Convolution of images by a filter (rows, cols, channels, filters)."""

    def convolved(x: Any, steps: Any) -> Any:
        return K.conv2d(x, filter, steps, padding.lower(), "tf")

    return _of_images(convolved, input, data_format, strides)


@accepts()
def atrous_conv2d(value: Any, filters: Any, rate: int, padding: str) -> Any:
    """Convolution with a dilated filter."""
    return K.conv2d(value, filters, (1, 1), padding.lower(), "tf", filter_dilation=(rate, rate))


@accepts()
def conv2d_transpose(
    value: Any,
    filter: Any,
    output_shape: Any,
    strides: Sequence[int],
    padding: str = "SAME",
    data_format: str = "NHWC",
) -> Any:
    """Transposed convolution by a filter (rows, cols, channels of the result, channels of the input)."""
    filter = K.permute_dimensions(filter, (0, 1, 3, 2))
    shape = [output_shape[i] for i in range(4)]
    if data_format == "NCHW":
        shape = [shape[0], *shape[2:], shape[1]]

    def transposed(x: Any, steps: Any) -> Any:
        return K.deconv2d(x, filter, shape, steps, padding.lower(), "tf")

    return _of_images(transposed, value, data_format, strides)


@accepts()
def depthwise_conv2d(input: Any, filter: Any, strides: Sequence[int], padding: str) -> Any:
    """Convolution of each channel by itself, by a filter (rows, cols, channels, multiplier)."""
    return _of_images(lambda x, steps: _depthwise(x, filter, steps, padding, "tf"), input, None, strides)


depthwise_conv2d_native = depthwise_conv2d


@accepts()
def separable_conv2d(
    input: Any, depthwise_filter: Any, pointwise_filter: Any, strides: Sequence[int], padding: str
) -> Any:
    """Convolution of each channel, then across the channels."""
    return conv2d(
        depthwise_conv2d(input, depthwise_filter, strides, padding), pointwise_filter, [1] * 4, "VALID"
    )


def _pool(mode: str) -> Any:
    @accepts()
    def pool(
        value: Any, ksize: Sequence[int], strides: Sequence[int], padding: str, data_format: str = "NHWC"
    ) -> Any:
        """Maximum or mean of each window."""

        def pooled(x: Any, steps: Any, sizes: Any) -> Any:
            return K.pool2d(x, sizes, steps, padding.lower(), "tf", mode)

        return _of_images(pooled, value, data_format, strides, ksize)

    return pool


max_pool, avg_pool = _pool("max"), _pool("avg")


@accepts()
def lrn(input: Any, depth_radius: int = 5, bias: float = 1.0, alpha: float = 1.0, beta: float = 0.5) -> Any:
    """Local response normalization over neighbouring channels."""
    return _images.local_response(value(input), depth_radius, bias, alpha, beta)


local_response_normalization = lrn


@accepts()
def zero_fraction(x: Any) -> Any:
    """The fraction of zeros."""
    return K.mean(K.equal(value(x), 0))


def __getattr__(name: str) -> Any:
    raise missing("tensorflow.nn", name, globals(), _HINTS)


_HINTS = {
    "ctc_loss": "K.ctc_batch_cost",
    "ctc_greedy_decoder": "K.ctc_decode",
    "ctc_beam_search_decoder": "K.ctc_decode",
    "dynamic_rnn": "keras.layers.LSTM, or K.rnn",
    "rnn_cell": "keras.layers.LSTM, GRU or SimpleRNN",
    "conv1d": "K.conv1d",
    "conv3d": "K.conv3d",
    "max_pool3d": "K.pool3d",
}
