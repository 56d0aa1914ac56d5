"""What imdb and reuters do with their lists of word numbers."""

import numpy as np


def shuffle_together(texts, labels, seed):
    """Brings two lists into one random order, in place; NumPy's generator is seeded by it, as in 1.2.2."""
    for values in (texts, labels):
        np.random.seed(seed)
        np.random.shuffle(values)


def mark_start(texts, start_char, index_from):
    """Adds `index_from` to each word number, and puts `start_char` before each text; None leaves it out."""
    start = [] if start_char is None else [start_char]
    return [start + [word + (index_from or 0) for word in text] for text in texts]


def keep_short(texts, labels, maxlen):
    """The texts with fewer than `maxlen` words, and their labels; all for None or 0."""
    if not maxlen:
        return texts, labels
    kept = [(text, label) for text, label in zip(texts, labels) if len(text) < maxlen]
    return [text for text, _ in kept], [label for _, label in kept]


def check_any(texts, maxlen):
    """Raises ValueError if no text is left."""
    if not texts:
        raise ValueError(f"No text is shorter than maxlen={maxlen}; pass a larger maxlen.")


def limit_words(texts, nb_words, skip_top, oov_char):
    """Puts `oov_char` for each word number that is below `skip_top` or not below `nb_words`.

    Args:
        texts: list of lists of int.
        nb_words: int; None or 0 stands for the largest number in `texts`, which is put out by it, as in
            Keras 1.2.2.
        skip_top: int.
        oov_char: int; None leaves such words out.

    Returns:
        List of lists of int.
    """
    limit = nb_words or max((word for text in texts for word in text), default=0)
    if oov_char is None:
        return [[word for word in text if skip_top <= word < limit] for text in texts]
    return [[word if skip_top <= word < limit else oov_char for word in text] for text in texts]


def texts_and_labels(data, path):
    """The two lists of a pair that was read from a file.

    Raises:
        ValueError: it is no such pair.
    """
    if isinstance(data, tuple) and len(data) == 2 and len(data[0]) == len(data[1]):
        return list(data[0]), list(data[1])
    raise ValueError(f"{path}: wanted a pair (texts, labels) of lists of one length.")


def word_index(index, path):
    """The dict word -> number that was read from a file.

    Raises:
        ValueError: it is no dict.
    """
    if isinstance(index, dict):
        return index
    raise ValueError(f"{path}: wanted a dict word -> number; got {type(index).__name__}.")
