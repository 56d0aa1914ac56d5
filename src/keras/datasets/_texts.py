"""Shared steps of imdb and reuters on lists of word numbers."""

from typing import Any, TypeAlias

import numpy as np

#: Word numbers of each text.
Texts: TypeAlias = list[list[int]]


def shuffle_together(texts: Texts, labels: list[int], seed: int) -> None:
    """Shuffles two lists in place into the same order; seeds NumPy's generator, as Keras 1.2.2 does."""
    for values in (texts, labels):
        np.random.seed(seed)
        np.random.shuffle(values)


def mark_start(texts: Texts, start_char: int | None, index_from: int | None) -> Texts:
    """Adds `index_from` to each word number, and prepends `start_char` to each text unless it is None."""
    start = [] if start_char is None else [start_char]
    return [start + [word + (index_from or 0) for word in text] for text in texts]


def keep_short(texts: Texts, labels: list[int], maxlen: int | None) -> tuple[Texts, list[int]]:
    """Returns the texts with fewer than `maxlen` words, and their labels; all for None or 0."""
    if not maxlen:
        return texts, labels
    kept = [(text, label) for text, label in zip(texts, labels) if len(text) < maxlen]
    return [text for text, _ in kept], [label for _, label in kept]


def check_any(texts: Texts, maxlen: int | None) -> None:
    """Raises a ValueError if no text is left."""
    if not texts:
        raise ValueError(f"No text is shorter than maxlen={maxlen}; pass a larger maxlen.")


def limit_words(texts: Texts, nb_words: int | None, skip_top: int, oov_char: int | None) -> Texts:
    """Replaces each word number that is below `skip_top` or not below `nb_words`.

    Args:
        texts: word numbers of each text.
        nb_words: None or 0 for the largest number in `texts`, which is then replaced itself, as in Keras
            1.2.2.
        skip_top: smallest word number to keep.
        oov_char: the replacement; None drops the numbers.

    Returns:
        Word numbers of each text.
    """
    limit = nb_words or max((word for text in texts for word in text), default=0)
    if oov_char is None:
        return [[word for word in text if skip_top <= word < limit] for text in texts]
    return [[word if skip_top <= word < limit else oov_char for word in text] for text in texts]


def texts_and_labels(data: Any, path: str) -> tuple[Texts, list[int]]:
    """Returns the two lists of a pair that was read from a file.

    Raises:
        ValueError: `data` is not such a pair.
    """
    if isinstance(data, tuple) and len(data) == 2:
        texts, labels = data
        are_lists = isinstance(texts, list | tuple) and isinstance(labels, list | tuple)
        if are_lists and len(texts) == len(labels) and all(map(_are_ints, [labels, *texts])):
            return list(texts), list(labels)
    raise ValueError(
        f"{path}: wanted a pair (texts, labels) of lists; a text is a list of int, a label an int."
    )


def _are_ints(values: Any) -> bool:
    return isinstance(values, list | tuple) and set(map(type, values)) <= {int}


def word_index(index: Any, path: str) -> dict[str, int]:
    """Returns the dict word -> number that was read from a file.

    Raises:
        ValueError: it is not a dict.
    """
    if isinstance(index, dict):
        return index
    raise ValueError(f"{path}: wanted a dict word -> number; got {type(index).__name__}.")
