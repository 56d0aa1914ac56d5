"""Sequences of word numbers: padding to one length, and word pairs for word2vec."""

import random

import numpy as np

_SIDES = ("pre", "post")
# Euler's constant in the approximation of word frequencies, as short as Keras 1.2.2 has it.
_GAMMA = 0.577


def pad_sequences(sequences, maxlen=None, dtype="int32", padding="pre", truncating="pre", value=0.0):
    """Brings sequences to one length, so that they fit into one array.

    Args:
        sequences: list of n sequences. A sequence is a list or array of numbers, or of arrays that all
            have one shape; shape (steps,) or (steps, ...).
        maxlen: int, length of each row of the result; None means the length of the longest sequence.
        dtype: NumPy type of the result. Numbers are cut to it: 1.7 becomes 1 in an int32 array.
        padding: "pre" or "post", the side where short sequences get `value`.
        truncating: "pre" or "post", the side where long sequences lose steps.
        value: number that stands for "nothing here".

    Returns:
        Array of shape (n, maxlen) or (n, maxlen, ...).

    Raises:
        TypeError: a sequence has no length.
        ValueError: `padding` or `truncating` is something else, steps differ in shape, `maxlen` is
            negative, or there are no sequences to take it from.

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
            raise ValueError("pad_sequences: there are no sequences; pass maxlen to say their length.")
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
                f"of the first sequence have {step_shape}. All steps must have one shape."
            )
        row[slice(maxlen - kept, None) if padding == "pre" else slice(kept)] = steps
    return padded


def _length(sequence, position):
    if hasattr(sequence, "__len__"):
        return len(sequence)
    raise TypeError(
        f"pad_sequences: sequence {position} is {sequence!r}, which has no length; wanted a list of "
        "sequences, such as [[1, 2], [3]]."
    )


def make_sampling_table(size, sampling_factor=1e-5):
    """Probability of keeping a word, by its rank: the most frequent words are kept less often.

    p(word) = min(1, sqrt(t / f)) with t = `sampling_factor` and f the frequency of the word. Words are
    taken to follow Zipf's law, so the word of rank r has 1/f = r (log r + 0.577) + 1/2 - 1/(12 r).

    Args:
        size: int, number of ranks. Rank 0, which stands for no word, has the entry of rank 1.
        sampling_factor: float, t in the formula; the smaller, the fewer frequent words.

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
    sequence,
    vocabulary_size,
    window_size=4,
    negative_samples=1.0,
    shuffle=True,
    categorical=False,
    sampling_table=None,
):
    """Pairs of words that stand near each other, and pairs of a word with a random one.

    Random choices come from Python's `random`, drawn in the order of Keras 1.2.2: after
    `random.seed(s)` the pairs are those of 1.2.2.

    Args:
        sequence: list of word numbers, one text. 0 is no word and makes no pairs.
        vocabulary_size: int, the largest possible word number plus one.
        window_size: int, the greatest distance between the two words of a pair, in words.
        negative_samples: float, number of random pairs for each pair from the text; 0 for none.
        shuffle: bool, whether the pairs come in random order; otherwise those of the text come first.
        categorical: bool, whether labels are [0, 1] (from the text) and [1, 0] (random) instead of 1
            and 0.
        sampling_table: array of shape (vocabulary_size,), the probability with which a word is used as
            the first of pairs; see `make_sampling_table`. The word numbers are ranks by frequency then.

    Returns:
        Tuple of two lists of one length, `(couples, labels)`: `couples` has entries [word, other word].

    Raises:
        ValueError: random pairs are asked for, and there is no word number to draw.

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
    true, false = ([0, 1], [1, 0]) if categorical else (1, 0)
    labels = [true] * len(couples)

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
        labels += [false] * count

    if shuffle:
        # Keras 1.2.2 draws a seed, too, and leaves the generator where this seed takes it.
        random.seed(random.randint(0, 10**7))
        order = list(range(len(couples)))
        random.shuffle(order)
        couples, labels = [couples[i] for i in order], [labels[i] for i in order]
    return couples, [list(label) for label in labels] if categorical else labels
