"""Sequences of word numbers: padding to one length, and word pairs for word2vec."""

import random
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from .._base.types import ArrayLike

_SIDES = ("pre", "post")
# Euler's constant in the approximation of word frequencies, rounded as in Keras 1.2.2.
_GAMMA = 0.577


def pad_sequences(
    sequences: Iterable[Any],
    maxlen: int | None = None,
    dtype: DTypeLike = "int32",
    padding: str = "pre",
    truncating: str = "pre",
    value: float = 0.0,
) -> NDArray[Any]:
    """Pads or truncates sequences to the same length.

    Args:
        sequences: n lists or arrays of shape (steps,) or (steps, ...); all steps have the same shape.
        maxlen: length of each row of the result; None for the length of the longest sequence.
        dtype: type of the result. Numbers are converted to it: 1.7 becomes 1 in an int32 array.
        padding: "pre" or "post", the side on which short sequences are padded.
        truncating: "pre" or "post", the side on which long sequences are truncated.
        value: number with which to pad.

    Returns:
        Array of shape (n, maxlen) or (n, maxlen, ...).

    Raises:
        TypeError: a sequence has no length.
        ValueError: `padding` or `truncating` is invalid, steps differ in shape, `maxlen` is negative, or it
            is None and there are no sequences.

    Example:
        >>> pad_sequences([[1], [2, 3, 4]], maxlen=2)
        array([[0, 1],
               [3, 4]], dtype=int32)
    """
    for name, side in (("padding", padding), ("truncating", truncating)):
        if side not in _SIDES:
            raise ValueError(f'pad_sequences: got {name}={side!r}; wanted "pre" or "post".')
    sequences = list(sequences)
    lengths = [_length(sequence, position) for position, sequence in enumerate(sequences)]
    if maxlen is None:
        if not lengths:
            raise ValueError("pad_sequences: there are no sequences; pass maxlen, the length of a row.")
        maxlen = max(lengths)
    if maxlen < 0:
        raise ValueError(f"pad_sequences: got maxlen={maxlen}; wanted 0 or more.")

    step_shape = next((np.shape(sequence)[1:] for sequence in sequences if len(sequence)), ())
    padded = np.full((len(lengths), maxlen, *step_shape), value, dtype=np.result_type(value, float))
    padded = padded.astype(dtype)
    for position, (row, sequence, length) in enumerate(zip(padded, sequences, lengths)):
        kept = min(length, maxlen)
        if not kept:
            continue
        steps = np.asarray(sequence[length - kept :] if truncating == "pre" else sequence[:kept], dtype)
        if steps.shape[1:] != step_shape:
            raise ValueError(
                f"pad_sequences: the steps of sequence {position} have the shape {steps.shape[1:]}; those "
                f"of the first sequence have {step_shape}. All steps must have the same shape."
            )
        row[slice(maxlen - kept, None) if padding == "pre" else slice(kept)] = steps
    return padded


def _length(sequence: Any, position: int) -> int:
    if hasattr(sequence, "__len__"):
        return len(sequence)
    raise TypeError(
        f"pad_sequences: sequence {position} is {sequence!r}, which has no length; wanted a list of "
        "sequences, such as [[1, 2], [3]]."
    )


def make_sampling_table(size: int, sampling_factor: float = 1e-5) -> NDArray[np.float64]:
    """Returns the probability of keeping a word, by its rank: frequent words are kept less often.

    p(word) = min(1, sqrt(t / f)) with t = `sampling_factor` and f the frequency of the word. Words are
    assumed to follow Zipf's law, so the word of rank r has 1/f = r (log r + 0.577) + 1/2 - 1/(12 r).

    Args:
        size: number of ranks. Rank 0, which is not a word, has the entry of rank 1.
        sampling_factor: t in the formula; smaller values keep fewer frequent words.

    Returns:
        float64 array of shape (size,), entries in 0..1.

    Reference:
        Mikolov et al. 2013, "Distributed Representations of Words and Phrases and their
        Compositionality", arXiv:1310.4546, equation 5.
    """
    rank = np.maximum(np.arange(size), 1)
    inverse_frequency = rank * (np.log(rank) + _GAMMA) + 0.5 - 1.0 / (12.0 * rank)
    return np.minimum(1.0, np.sqrt(sampling_factor * inverse_frequency))


def skipgrams(
    sequence: Sequence[int],
    vocabulary_size: int,
    window_size: int = 4,
    negative_samples: float = 1.0,
    shuffle: bool = True,
    categorical: bool = False,
    sampling_table: ArrayLike | None = None,
) -> tuple[list[list[int]], list[Any]]:
    """Returns pairs of words near each other, and pairs of a word with a random word.

    Random choices come from Python's `random`, drawn in the order of Keras 1.2.2: after
    `random.seed(s)` the pairs are those of 1.2.2.

    Args:
        sequence: word numbers of one text. 0 is not a word and is in no pair.
        vocabulary_size: the largest possible word number plus one.
        window_size: the largest distance between the two words of a pair, in words.
        negative_samples: number of random pairs for each pair from the text; 0 for none.
        shuffle: whether the pairs come in random order; otherwise those of the text come first.
        categorical: whether labels are [0, 1] (from the text) and [1, 0] (random) instead of 1 and 0.
        sampling_table: array of shape (vocabulary_size,), the probability of using a word as the first
            of a pair; see `make_sampling_table`. Word numbers must then be ranks by frequency.

    Returns:
        Tuple (couples, labels) of two lists of the same length. A couple is [word, other word].

    Raises:
        ValueError: `negative_samples` is above 0 and `vocabulary_size` leaves no word to draw.

    Example:
        >>> skipgrams([1, 2, 3], 4, window_size=1, negative_samples=0, shuffle=False)
        ([[1, 2], [2, 1], [2, 3], [3, 2]], [1, 1, 1, 1])
    """
    couples = []
    for i, word in enumerate(sequence):
        if not word or (sampling_table is not None and sampling_table[word] < random.random()):
            continue
        near = range(max(0, i - window_size), min(len(sequence), i + window_size + 1))
        couples += [[word, sequence[j]] for j in near if j != i and sequence[j]]
    labels = [1] * len(couples)

    if negative_samples > 0 and couples:
        if vocabulary_size < 2:
            raise ValueError(
                f"skipgrams: got vocabulary_size={vocabulary_size}; random words are drawn from 1 to "
                "vocabulary_size - 1. Pass the largest word number plus one, or negative_samples=0."
            )
        words = [word for word, _ in couples]
        random.shuffle(words)
        count = int(len(couples) * negative_samples)
        couples += [[words[i % len(words)], random.randint(1, vocabulary_size - 1)] for i in range(count)]
        labels += [0] * count

    if shuffle:
        # Keras 1.2.2 also draws a seed here, which determines the state in which the generator is left.
        random.seed(random.randint(0, 10**7))
        order = list(range(len(couples)))
        random.shuffle(order)
        couples, labels = [couples[i] for i in order], [labels[i] for i in order]
    return couples, [[1 - label, label] for label in labels] if categorical else labels
