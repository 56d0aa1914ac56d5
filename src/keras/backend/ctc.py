"""Connectionist temporal classification."""

from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import lax

from .._base.types import TensorLike
from .._graph import Tensor, op, wide_op

_NEVER = -1e30  # log of probability zero; the gradients of -inf would be nan
#: Keras 1.2.2 adds this to probabilities before it takes their logarithm, whatever `K.epsilon()` is.
_EPSILON = 1e-8


def ctc_batch_cost(
    y_true: TensorLike, y_pred: TensorLike, input_length: TensorLike, label_length: TensorLike
) -> Tensor:
    """Negative log probability of each label sequence, summed over all its alignments to the steps.

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
    return _ctc(y_true, y_pred, input_length, label_length)


@wide_op
def _ctc(y_true: Any, y_pred: Any, input_length: Any, label_length: Any) -> jax.Array:
    logs = jax.nn.log_softmax(_logarithm(y_pred), axis=-1)
    labels = jnp.asarray(y_true).astype("int32")
    lengths, steps = _counts(label_length), _counts(input_length)
    costs = jax.vmap(_negative_log_probability)(logs, labels, steps, lengths)[:, None]
    return costs.astype(jnp.asarray(y_pred).dtype)


def _logarithm(probabilities: Any) -> jax.Array:
    y_pred = jnp.asarray(probabilities)
    # In half precision 1e-8 would be 0, and its logarithm infinite.
    return jnp.log(y_pred.astype(jnp.promote_types(y_pred.dtype, "float32")) + _EPSILON)


def _counts(lengths: Any) -> jax.Array:
    """Lengths of shape (samples,) or (samples, 1) as int32 of shape (samples,)."""
    lengths = jnp.asarray(lengths).astype("int32")
    return lengths[:, 0] if lengths.ndim == 2 else lengths


def _negative_log_probability(
    logs: jax.Array, labels: jax.Array, steps: jax.Array, length: jax.Array
) -> jax.Array:
    """The cost of one sample: logs (steps, classes), labels (n,), and how many steps and labels count."""
    blank = logs.shape[-1] - 1
    # l' of the paper: a blank before, between and after the labels.
    extended = jnp.full(2 * labels.shape[0] + 1, blank).at[1::2].set(labels)
    places = jnp.arange(extended.shape[0])
    previous = jnp.roll(extended, 2)
    may_skip = (places >= 2) & (extended != blank) & (extended != previous)
    start = jnp.where(places < 2, logs[0, extended], _NEVER)
    start = jnp.where((places == 1) & (length == 0), _NEVER, start)

    def step(alpha: jax.Array, item: Any) -> tuple[jax.Array, None]:
        t, log = item
        one = jnp.where(places >= 1, jnp.roll(alpha, 1), _NEVER)
        two = jnp.where(may_skip, jnp.roll(alpha, 2), _NEVER)
        new = jnp.logaddexp(jnp.logaddexp(alpha, one), two) + log[extended]
        return jnp.where(t < steps, new, alpha), None

    alpha, _ = lax.scan(step, start, (jnp.arange(1, logs.shape[0]), logs[1:]))
    ends = jnp.where(length > 0, alpha[2 * length - 1], _NEVER)
    return -jnp.logaddexp(alpha[2 * length], ends)


def ctc_decode(
    y_pred: TensorLike,
    input_length: TensorLike,
    greedy: bool = True,
    beam_width: int = 100,
    top_paths: int = 1,
) -> tuple[list[Tensor], Tensor]:
    """The most likely label sequences for the probabilities of each step.

    Greedy decoding takes the most probable class of each step, merges repeats, and drops blanks. Beam
    search sums over the alignments of each sequence, and follows the `beam_width` best prefixes. In its
    results equal neighbours are merged, as in TensorFlow 1: "aab" becomes "ab".

    Args:
        y_pred: (samples, steps, classes) probabilities; the last class is the blank.
        input_length: (samples,) ints, the steps that count.
        greedy: bool, greedy decoding instead of a beam search.
        beam_width: int, how many prefixes a beam search follows.
        top_paths: int, how many sequences a beam search returns; at most `beam_width`.
    Returns:
        (list of int32 tensors (samples, steps), tensor (samples, number of sequences)): the sequences,
        best first, padded with -1, and their scores. The score of greedy decoding is the negative
        logarithm of the path's probability; that of a beam search is the logarithm of the sequence's
        probability minus that of the most probable path.
    Raises:
        ValueError: if `top_paths` is not in 1 .. `beam_width`.
    Reference:
        Graves et al. 2006, "Connectionist temporal classification", ICML, section 3.2; Graves 2012,
        "Supervised sequence labelling with recurrent neural networks", algorithm 7.4 (beam search).

    Example:
        >>> import numpy as np
        >>> from keras import backend as K
        >>> steps = np.array([[[0.9, 0.0, 0.1], [0.8, 0.1, 0.1], [0.1, 0.1, 0.8], [0.2, 0.7, 0.1]]])
        >>> [labels], scores = K.ctc_decode(steps, np.array([4]))
        >>> labels.tolist()
        [[0, 1, -1, -1]]
    """
    if greedy:
        labels, scores = _greedy_path(y_pred, input_length)
        return [labels], scores
    if not 1 <= top_paths <= beam_width:
        raise ValueError(f"ctc_decode: top_paths must be in 1..{beam_width} (beam_width); got {top_paths}.")
    return _beam_search(y_pred, input_length, beam_width, top_paths)


@op
def _greedy_path(y_pred: Any, input_length: Any) -> tuple[jax.Array, jax.Array]:
    logs = _logarithm(y_pred)
    blank = logs.shape[-1] - 1
    counts = _counting_steps(logs, input_length)
    labels = jnp.where(counts, jnp.argmax(logs, axis=-1), blank)
    repeats = jnp.pad(labels[:, :-1] == labels[:, 1:], ((0, 0), (1, 0)))
    scores = -jnp.sum(jnp.where(counts, jnp.max(logs, axis=-1), 0), axis=1, keepdims=True)
    return _packed(labels, (labels != blank) & ~repeats), scores


@op
def _beam_search(
    y_pred: Any, input_length: Any, beam_width: int, top_paths: int
) -> tuple[list[jax.Array], jax.Array]:
    logs = _logarithm(y_pred)
    # As in TensorFlow, probabilities are relative to that of the most probable class of each step.
    logs = logs - jnp.max(logs, axis=-1, keepdims=True)
    counts = _counting_steps(logs, input_length)
    labels, scores = jax.vmap(partial(_search_one, width=beam_width))(logs, counts)
    repeats = jnp.pad(labels[:, :, :-1] == labels[:, :, 1:], ((0, 0), (0, 0), (1, 0)))
    labels = _packed(labels, (labels >= 0) & ~repeats)
    return [labels[:, path] for path in range(top_paths)], scores[:, :top_paths]


def _counting_steps(logs: jax.Array, input_length: Any) -> jax.Array:
    return jnp.arange(logs.shape[1]) < _counts(input_length)[:, None]


def _packed(labels: jax.Array, kept: jax.Array) -> jax.Array:
    """The kept labels moved to the front of the last axis, followed by -1."""
    order = jnp.argsort(~kept, axis=-1, stable=True)
    return jnp.take_along_axis(jnp.where(kept, labels, -1), order, axis=-1).astype("int32")


class _Beam(NamedTuple):
    """The prefixes that a search follows, the best first; `width` of them.

    Attributes:
        labels: (width, steps) ints, padded with -1.
        length: (width,) ints, the number of labels of each.
        key: (width, 2) uint32, a hash of the labels.
        parent: (width, 2) uint32, the hash of all labels but the last.
        blank: (width,) log probability of all alignments that end in a blank.
        label: (width,) log probability of all alignments that end in the last label.
    """

    labels: jax.Array
    length: jax.Array
    key: jax.Array
    parent: jax.Array
    blank: jax.Array
    label: jax.Array


def _search_one(logs: jax.Array, counts: jax.Array, width: int) -> tuple[jax.Array, jax.Array]:
    """Searches one sample: logs (steps, classes), counts (steps,) bools.

    Returns:
        (labels (width, steps), scores (width,)).
    """
    steps = logs.shape[0]
    zeros = jnp.zeros((width, 2), "uint32")
    nothing = jnp.full(width, _NEVER, logs.dtype)
    start = _Beam(
        labels=jnp.full((width, steps), -1),
        length=jnp.zeros(width, "int32"),
        key=zeros,
        parent=zeros,
        blank=nothing.at[0].set(0),
        label=nothing,
    )

    def step(beam: _Beam, item: Any) -> tuple[_Beam, None]:
        log, count = item
        grown = _grown(beam, log)
        return jax.tree.map(lambda new, old: jnp.where(count, new, old), grown, beam), None

    beam, _ = lax.scan(step, start, (logs, counts))
    return beam.labels, jnp.logaddexp(beam.blank, beam.label)


def _grown(beam: _Beam, log: jax.Array) -> _Beam:
    """The best prefixes after one more step, whose classes have the log probabilities `log`."""
    width, classes = len(beam.length), len(log) - 1
    rows = jnp.arange(width)
    total = jnp.logaddexp(beam.blank, beam.label)
    last = jnp.where(beam.length > 0, beam.labels[rows, beam.length - 1], -1)
    # A prefix may get one more label; repeating the last label needs a blank in between.
    longer = jnp.where(jnp.arange(classes) == last[:, None], beam.blank[:, None], total[:, None]) + log[:-1]
    # Or it stays as it is, by a blank or by its last label. Where the prefix one label shorter is in the
    # beam, too, its way to this one is added here instead.
    is_parent = jnp.all(beam.parent[:, None] == beam.key[None], axis=-1) & (beam.length > 0)[:, None]
    is_parent &= (total > _NEVER / 2)[:, None] & (total > _NEVER / 2)[None]
    from_parent = jnp.where(is_parent, longer[:, last].T, _NEVER).max(axis=1)
    blank = total + log[-1]
    label = jnp.logaddexp(jnp.where(beam.length > 0, beam.label + log[last], _NEVER), from_parent)
    taken = jnp.zeros(longer.shape, bool).at[rows[None], last[:, None]].max(is_parent)
    longer = jnp.where(taken, _NEVER, longer)

    candidates = jnp.concatenate([jnp.logaddexp(blank, label), longer.reshape(-1)])
    best, chosen = lax.top_k(candidates, width)
    stays = chosen < width
    source = jnp.where(stays, chosen, (chosen - width) // classes)
    added = jnp.where(stays, -1, (chosen - width) % classes)
    length = beam.length[source]
    labels = beam.labels[source]
    # Where no label is added, the last place keeps its value.
    place = jnp.minimum(length, labels.shape[1] - 1)
    labels = labels.at[rows, place].set(jnp.where(stays, labels[rows, place], added))
    return _Beam(
        labels=labels,
        length=length + ~stays,
        key=jnp.where(stays[:, None], beam.key[source], _hash(beam.key[source], added)),
        parent=jnp.where(stays[:, None], beam.parent[source], beam.key[source]),
        blank=jnp.where(stays, blank[source], _NEVER),
        label=jnp.where(stays, label[source], best),
    )


def _hash(key: jax.Array, label: jax.Array) -> jax.Array:
    """The key of a sequence with one more label: 64 bits in two words, which makes collisions unlikely."""
    mixed = (key ^ (label[:, None] + 1).astype("uint32")) * jnp.array([0x01000193, 0x9E3779B1], "uint32")
    return mixed ^ (mixed >> 15) ^ jnp.array([0x811C9DC5, 0x2545F491], "uint32")
