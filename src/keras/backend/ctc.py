"""Connectionist temporal classification."""

import jax
import jax.numpy as jnp
from jax import lax

from .._graph import op
from .common import epsilon

_NEVER = -1e30  # log of probability zero; -inf would give nan gradients


def ctc_batch_cost(y_true, y_pred, input_length, label_length):
    """Negative log probability of each label sequence, over all its alignments to the steps.

    Args:
        y_true: (samples, longest label) ints, the labels.
        y_pred: (samples, steps, classes) probabilities; the last class is the blank.
        input_length: (samples, 1) ints, the steps that count.
        label_length: (samples, 1) ints, the labels that count.
    Returns:
        Tensor (samples, 1), natural logarithm.
    Reference:
        Graves et al. 2006, "Connectionist temporal classification", ICML, equations 6-8.
    """
    return _ctc(y_true, y_pred, input_length, label_length, epsilon())


@op
def _ctc(y_true, y_pred, input_length, label_length, eps):
    # The original adds epsilon to the probabilities, then takes a softmax of their logarithms.
    logs = jax.nn.log_softmax(jnp.log(y_pred + eps), axis=-1)
    labels = jnp.asarray(y_true).astype("int32")
    lengths = jnp.asarray(label_length).reshape(-1).astype("int32")
    steps = jnp.asarray(input_length).reshape(-1).astype("int32")
    return jax.vmap(_negative_log_probability)(logs, labels, steps, lengths)[:, None]


def _negative_log_probability(logs, labels, steps, length):
    """One sample: logs (steps, classes), labels (n,), and how many of each count."""
    blank = logs.shape[-1] - 1
    # l' of the paper: a blank before, between and after the labels.
    extended = jnp.full(2 * labels.shape[0] + 1, blank).at[1::2].set(labels)
    places = jnp.arange(extended.shape[0])
    previous = jnp.roll(extended, 2)
    may_skip = (places >= 2) & (extended != blank) & (extended != previous)
    start = jnp.where(places < 2, logs[0, extended], _NEVER)
    start = jnp.where((places == 1) & (length == 0), _NEVER, start)

    def step(alpha, item):
        t, log = item
        one = jnp.where(places >= 1, jnp.roll(alpha, 1), _NEVER)
        two = jnp.where(may_skip, jnp.roll(alpha, 2), _NEVER)
        new = jnp.logaddexp(jnp.logaddexp(alpha, one), two) + log[extended]
        return jnp.where(t < steps, new, alpha), None

    alpha, _ = lax.scan(step, start, (jnp.arange(1, logs.shape[0]), logs[1:]))
    ends = jnp.where(length > 0, alpha[2 * length - 1], _NEVER)
    return -jnp.logaddexp(alpha[2 * length], ends)
