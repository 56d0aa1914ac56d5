"""Activations, losses and normalization of neural networks."""

from collections.abc import Sequence

import jax
import jax.numpy as jnp

from .._base.types import TensorLike
from .._graph import Tensor, op, wide_op
from .._kernels.normalization import normalize
from .common import epsilon
from .math import larger, smaller


@op
def relu(x: TensorLike, alpha: TensorLike = 0.0, max_value: TensorLike | None = None) -> jax.Array:
    """Rectifier: x where x > 0, alpha * x elsewhere, at most `max_value`.

    Args:
        x: float tensor, any shape.
        alpha: float or tensor, slope of the negative part.
        max_value: float or tensor, upper bound of the result; None for no bound.
    """
    result = _relu(x)
    if max_value is not None:
        result = smaller(result, max_value)
    if not isinstance(alpha, int | float) or alpha != 0:
        result = result - alpha * _relu(-x)
    return result


@jax.custom_jvp
def _relu(x: jax.Array) -> jax.Array:
    """max(x, 0), with a derivative in terms of the result: x need not be kept."""
    return jnp.maximum(x, 0)


@_relu.defjvp
def _relu_tangent(primals: tuple[jax.Array], tangents: tuple[jax.Array]) -> tuple[jax.Array, jax.Array]:
    y, (tangent,) = _relu(*primals), tangents
    return y, jnp.where(y > 0, tangent, 0)


@op
def elu(x: TensorLike, alpha: TensorLike = 1.0) -> jax.Array:
    """Exponential linear unit: x where x > 0, alpha * (exp(x) - 1) elsewhere.

    Args:
        x: float tensor, any shape.
        alpha: float, scale of the negative part.
    Reference:
        Clevert, Unterthiner and Hochreiter 2015, arXiv:1511.07289.
    """
    # `where` differentiates both branches: without this, exp(1000) = inf would make the gradient nan.
    negative = jnp.where(x > 0, 0, x)
    return jnp.where(x > 0, x, alpha * jnp.expm1(negative))


@wide_op
def softmax(x: TensorLike) -> jax.Array:
    """Softmax over the last axis: exp(x) / sum(exp(x))."""
    return jax.nn.softmax(x, axis=-1)


@wide_op
def softplus(x: TensorLike) -> jax.Array:
    """Softplus: log(1 + exp(x))."""
    return jax.nn.softplus(x)


@op
def softsign(x: TensorLike) -> jax.Array:
    """Softsign: x / (1 + |x|)."""
    return x / (1 + jnp.abs(x))


@wide_op
def sigmoid(x: TensorLike) -> jax.Array:
    """Sigmoid: 1 / (1 + exp(-x))."""
    return jax.nn.sigmoid(x)


@op
def hard_sigmoid(x: TensorLike) -> jax.Array:
    """Piecewise linear approximation of the sigmoid: 0.2 * x + 0.5, limited to [0, 1]."""
    return larger(smaller(0.2 * x + 0.5, 1.0), 0.0)


@op
def tanh(x: TensorLike) -> jax.Array:
    """Hyperbolic tangent."""
    return jnp.tanh(x)


@wide_op
def l2_normalize(x: TensorLike, axis: int) -> jax.Array:
    """Divides a tensor by its Euclidean norm along an axis."""
    squares = jnp.sum(jnp.square(x), axis=axis, keepdims=True)
    # The lower bound of the squared norm is that of TensorFlow, on which the original runs.
    return x * jax.lax.rsqrt(jnp.maximum(squares, 1e-12))


@op
def in_top_k(predictions: TensorLike, targets: TensorLike, k: int) -> jax.Array:
    """Whether the target is among the k largest predictions.

    Args:
        predictions: (samples, classes).
        targets: (samples,) ints.
        k: int.
    Returns:
        bool tensor (samples,), true also where the target ties with the k-th largest prediction.
    """
    picked = jnp.take_along_axis(predictions, targets.astype("int32")[:, None], axis=-1)
    return jnp.sum(predictions > picked, axis=-1) < k


def binary_crossentropy(output: TensorLike, target: TensorLike, from_logits: bool = False) -> Tensor:
    """Binary crossentropy, element by element: -(target * log(output) + (1 - target) * log(1 - output)).

    Args:
        output: probabilities in [0, 1], or logits, any shape.
        target: values in [0, 1], same shape.
        from_logits: whether `output` holds logits, which have not been through a sigmoid.
    Returns:
        Tensor of the shape of `output`, natural logarithm.

    Probabilities are limited to [epsilon, 1 - epsilon], `K.epsilon()`, first.
    """
    return _binary_crossentropy(output, target, from_logits, epsilon())


@wide_op(saved_as="binary_crossentropy", formerly="_binary_crossentropy")
def _binary_crossentropy(output: TensorLike, target: TensorLike, from_logits: bool, eps: float) -> jax.Array:
    if not from_logits:
        output = larger(smaller(output, 1 - eps), eps)
        output = jnp.log(output / (1 - output))
    # softplus is smooth at 0. A maximum and an absolute value would have a wrong gradient where an output is
    # exactly one half, as it is for a layer of zeros.
    return jax.nn.softplus(output) - output * target


def categorical_crossentropy(output: TensorLike, target: TensorLike, from_logits: bool = False) -> Tensor:
    """Categorical crossentropy: -sum(target * log(output)) over the last axis.

    Args:
        output: (..., classes), probabilities (scaled to a sum of 1 first) or logits.
        target: (..., classes).
        from_logits: whether `output` holds logits, which have not been through a softmax.
    Returns:
        Tensor (...), natural logarithm.

    Probabilities are limited to [epsilon, 1 - epsilon], `K.epsilon()`, first.
    """
    return _categorical_crossentropy(output, target, from_logits, epsilon())


@wide_op(saved_as="categorical_crossentropy", formerly="_categorical_crossentropy")
def _categorical_crossentropy(
    output: TensorLike, target: TensorLike, from_logits: bool, eps: float
) -> jax.Array:
    if from_logits:
        return -jnp.sum(target * jax.nn.log_softmax(output, axis=-1), axis=-1)
    output = output / jnp.sum(output, axis=-1, keepdims=True)
    return -jnp.sum(target * jnp.log(larger(smaller(output, 1 - eps), eps)), axis=-1)


def sparse_categorical_crossentropy(
    output: TensorLike, target: TensorLike, from_logits: bool = False
) -> Tensor:
    """`categorical_crossentropy` for classes given as ints.

    Args:
        output: (samples, classes) or (samples, steps, classes).
        target: ints, as many as `output` has elements along all axes but the last.
        from_logits: as in `categorical_crossentropy`.
    Returns:
        Tensor (samples,) or (samples, steps).
    """
    return _sparse_categorical_crossentropy(output, target, from_logits, epsilon())


@wide_op(saved_as="sparse_categorical_crossentropy", formerly="_sparse_categorical_crossentropy")
def _sparse_categorical_crossentropy(
    output: TensorLike, target: TensorLike, from_logits: bool, eps: float
) -> jax.Array:
    logits = output if from_logits else jnp.log(larger(smaller(output, 1 - eps), eps))
    log_probabilities = jax.nn.log_softmax(logits, axis=-1)
    classes = jnp.reshape(target, output.shape[:-1]).astype("int32")
    return -jnp.take_along_axis(log_probabilities, classes[..., None], axis=-1)[..., 0]


@wide_op
def batch_normalization(
    x: TensorLike,
    mean: TensorLike,
    var: TensorLike,
    beta: TensorLike,
    gamma: TensorLike,
    epsilon: float = 0.001,
) -> jax.Array:
    """Normalizes by given statistics: (x - mean) / sqrt(var + epsilon) * gamma + beta.

    Args:
        x: float tensor.
        mean, var: mean and variance, of shapes that broadcast to that of `x`.
        beta, gamma: shift and scale, likewise.
        epsilon: float, added to the variance.

    Reference:
        Ioffe and Szegedy 2015, arXiv:1502.03167.
    """
    scale = jax.lax.rsqrt(var + epsilon) * gamma
    return x * scale + (beta - mean * scale)


@wide_op
def normalize_batch_in_training(
    x: TensorLike,
    gamma: TensorLike,
    beta: TensorLike,
    reduction_axes: Sequence[int],
    epsilon: float = 0.001,
) -> tuple[jax.Array, jax.Array, jax.Array]:
    """Normalizes a batch by its own mean and variance.

    Args:
        x: float tensor.
        gamma, beta: scale and shift, with as many elements as `x` has along the remaining axes.
        reduction_axes: list of int, the axes over which mean and variance are computed.
        epsilon: float, added to the variance.
    Returns:
        (normalized x, mean, variance); mean and variance have the remaining axes.
    """
    axes = tuple(axis % x.ndim for axis in reduction_axes)
    left = tuple(size for axis, size in enumerate(x.shape) if axis not in axes)
    return normalize(x, gamma.reshape(left), beta.reshape(left), axes, epsilon)
