"""Activations, losses and normalization of neural networks."""

import jax
import jax.numpy as jnp

from .._graph import op, wide_op
from .._kernels.normalization import normalize
from .common import epsilon
from .math import larger, smaller


@op
def relu(x, alpha=0.0, max_value=None):
    """Rectifier: x where x > 0, alpha * x elsewhere, at most `max_value`.

    Args:
        x: float tensor, any shape.
        alpha: float or tensor, slope of the negative part.
        max_value: float, or None for no bound.
    """
    result = _relu(x)
    if max_value is not None:
        result = smaller(result, max_value)
    if not isinstance(alpha, int | float) or alpha != 0:
        result = result - alpha * _relu(-x)
    return result


@jax.custom_jvp
def _relu(x):
    """max(x, 0), whose derivative asks for the result: x need not be kept."""
    return jnp.maximum(x, 0)


@_relu.defjvp
def _relu_tangent(primals, tangents):
    y, (tangent,) = _relu(*primals), tangents
    return y, jnp.where(y > 0, tangent, 0)


@op
def elu(x, alpha=1.0):
    """Exponential linear unit: x where x > 0, alpha * (exp(x) - 1) elsewhere.

    Args:
        x: float tensor, any shape.
        alpha: float, scale of the negative part.
    Reference:
        Clevert, Unterthiner and Hochreiter 2015, arXiv:1511.07289.
    """
    # `where` differentiates both branches: without this, exp(1000) = inf gives a nan gradient.
    negative = jnp.where(x > 0, 0, x)
    return jnp.where(x > 0, x, alpha * jnp.expm1(negative))


@wide_op
def softmax(x):
    """exp(x) / sum(exp(x)) over the last axis."""
    return jax.nn.softmax(x, axis=-1)


@wide_op
def softplus(x):
    """log(1 + exp(x))."""
    return jax.nn.softplus(x)


@op
def softsign(x):
    """x / (1 + |x|)."""
    return x / (1 + jnp.abs(x))


@wide_op
def sigmoid(x):
    """1 / (1 + exp(-x))."""
    return jax.nn.sigmoid(x)


@op
def hard_sigmoid(x):
    """0.2 * x + 0.5, cut off below 0 and above 1."""
    return larger(smaller(0.2 * x + 0.5, 1.0), 0.0)


@op
def tanh(x):
    """Hyperbolic tangent."""
    return jnp.tanh(x)


@wide_op
def l2_normalize(x, axis):
    """x divided by its Euclidean norm along an axis."""
    squares = jnp.sum(jnp.square(x), axis=axis, keepdims=True)
    # The bound on the squared norm is TensorFlow's, on which the original runs.
    return x * jax.lax.rsqrt(jnp.maximum(squares, 1e-12))


@op
def in_top_k(predictions, targets, k):
    """Whether the target is among the k largest predictions.

    Args:
        predictions: (samples, classes).
        targets: (samples,) ints.
        k: int.
    Returns:
        bool tensor (samples,); a tie with the k-th largest counts as in.
    """
    picked = jnp.take_along_axis(predictions, targets.astype("int32")[:, None], axis=-1)
    return jnp.sum(predictions > picked, axis=-1) < k


def binary_crossentropy(output, target, from_logits=False):
    """-(target * log(output) + (1 - target) * log(1 - output)), element by element.

    Args:
        output: probabilities in [0, 1], or logits, any shape.
        target: values in [0, 1], same shape.
        from_logits: whether `output` has not been through a sigmoid.
    """
    return _binary_crossentropy(output, target, from_logits, epsilon())


@wide_op
def _binary_crossentropy(output, target, from_logits, eps):
    if not from_logits:
        output = larger(smaller(output, 1 - eps), eps)
        output = jnp.log(output / (1 - output))
    # softplus is smooth at 0; a maximum and an absolute value would give a wrong gradient where an
    # output is exactly one half, as that of a layer of zeros is.
    return jax.nn.softplus(output) - output * target


def categorical_crossentropy(output, target, from_logits=False):
    """-sum(target * log(output)) over the last axis.

    Args:
        output: (..., classes), probabilities (scaled to a sum of 1 first) or logits.
        target: (..., classes).
        from_logits: whether `output` has not been through a softmax.
    Returns:
        Tensor (...).
    """
    return _categorical_crossentropy(output, target, from_logits, epsilon())


@wide_op
def _categorical_crossentropy(output, target, from_logits, eps):
    if from_logits:
        return -jnp.sum(target * jax.nn.log_softmax(output, axis=-1), axis=-1)
    output = output / jnp.sum(output, axis=-1, keepdims=True)
    return -jnp.sum(target * jnp.log(larger(smaller(output, 1 - eps), eps)), axis=-1)


def sparse_categorical_crossentropy(output, target, from_logits=False):
    """`categorical_crossentropy` for classes given as ints.

    Args:
        output: (samples, classes) or (samples, steps, classes).
        target: ints of as many elements as `output` has without its last axis.
    Returns:
        Tensor (samples,) or (samples, steps).
    """
    return _sparse_categorical_crossentropy(output, target, from_logits, epsilon())


@wide_op
def _sparse_categorical_crossentropy(output, target, from_logits, eps):
    logits = output if from_logits else jnp.log(larger(smaller(output, 1 - eps), eps))
    log_probabilities = jax.nn.log_softmax(logits, axis=-1)
    classes = jnp.reshape(target, output.shape[:-1]).astype("int32")
    return -jnp.take_along_axis(log_probabilities, classes[..., None], axis=-1)[..., 0]


@wide_op
def batch_normalization(x, mean, var, beta, gamma, epsilon=0.001):
    """(x - mean) / sqrt(var + epsilon) * gamma + beta; the statistics broadcast to `x`.

    Reference:
        Ioffe and Szegedy 2015, arXiv:1502.03167.
    """
    scale = jax.lax.rsqrt(var + epsilon) * gamma
    return x * scale + (beta - mean * scale)


@wide_op
def normalize_batch_in_training(x, gamma, beta, reduction_axes, epsilon=0.001):
    """Normalizes by the batch's own mean and variance.

    Args:
        x: float tensor.
        gamma, beta: scale and shift, of the shape that is left after the reduction.
        reduction_axes: list of int, the axes to take the statistics over.
        epsilon: float, added to the variance.
    Returns:
        (normalized x, mean, variance).
    """
    axes = tuple(axis % x.ndim for axis in reduction_axes)
    left = tuple(size for axis, size in enumerate(x.shape) if axis not in axes)
    return normalize(x, gamma.reshape(left), beta.reshape(left), axes, epsilon)
