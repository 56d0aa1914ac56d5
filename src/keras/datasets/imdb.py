"""IMDB: 50,000 positive and negative movie reviews as word numbers."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._files.download import get_file
from ._pickles import load_pickle
from ._texts import (
    check_any,
    keep_short,
    limit_words,
    mark_start,
    shuffle_together,
    texts_and_labels,
    word_index,
)

_ORIGIN = "https://s3.amazonaws.com/text-datasets/imdb_full.pkl"
_MD5 = "d091312047c43cf9e4e38fef92437263"
_INDEX_ORIGIN = "https://s3.amazonaws.com/text-datasets/imdb_word_index.pkl"
_INDEX_MD5 = "72d94b01291be4ff843198d3b0e1e4d7"


def load_data(
    path: str = "imdb_full.pkl",
    nb_words: int | None = None,
    skip_top: int = 0,
    maxlen: int | None = None,
    seed: int = 113,
    start_char: int | None = 1,
    oov_char: int | None = 2,
    index_from: int | None = 3,
) -> tuple[tuple[NDArray[Any], NDArray[Any]], tuple[NDArray[Any], NDArray[Any]]]:
    """Loads the reviews; downloads 66 MB on first use.

    Words are numbered by frequency. The steps are, in this order: shuffle, add `index_from`, prepend
    `start_char`, drop long reviews, replace rare and frequent words.

    Args:
        path: name of the file in `~/.keras/datasets`.
        nb_words: only word numbers below it are kept; None or 0 for all but the largest.
        skip_top: only word numbers from it on are kept.
        maxlen: only reviews with fewer word numbers are kept; None or 0 for all.
        seed: seed of NumPy's generator for the order of the training reviews; twice the seed is used for
            the test reviews. The state of the generator is not restored, as in Keras 1.2.2.
        start_char: first number of each review; None for none.
        oov_char: replaces word numbers that are not kept; None drops them.
        index_from: added to all word numbers of the file; None or 0 adds nothing.

    Returns:
        Tuple `(x_train, y_train), (x_test, y_test)`: x are object arrays of lists of int, y are int arrays
        of labels 0 (negative) and 1 (positive). All have shape (25000,) unless `maxlen` drops reviews.

    Raises:
        OSError: the file cannot be downloaded; the message says where to put it by hand.
        ValueError: no review is left, or the file is damaged or holds something else.

    Reference:
        Maas et al. 2011, "Learning Word Vectors for Sentiment Analysis".
    """
    path = get_file(path, origin=_ORIGIN, md5_hash=_MD5)
    data = load_pickle(path)
    if not isinstance(data, tuple) or len(data) != 2:
        raise ValueError(f"{path}: wanted two pairs (reviews, labels).")
    texts, labels, sizes = [], [], []
    for pair, pair_seed in zip(data, (seed, seed * 2)):
        x, y = texts_and_labels(pair, path)
        shuffle_together(x, y, pair_seed)
        # Keras 1.2.2 drops long reviews from both sets together and then splits at the original size, so
        # that test reviews move into the training set. Here each set keeps its own.
        x, y = keep_short(mark_start(x, start_char, index_from), y, maxlen)
        texts, labels, sizes = texts + x, labels + y, [*sizes, len(x)]
    check_any(texts, maxlen)
    texts = _array_of_lists(limit_words(texts, nb_words, skip_top, oov_char))
    labels, first = np.array(labels), sizes[0]
    return (texts[:first], labels[:first]), (texts[first:], labels[first:])


def _array_of_lists(lists: list[list[int]]) -> NDArray[Any]:
    array = np.empty(len(lists), dtype=object)
    for position, entry in enumerate(lists):
        array[position] = entry
    return array


def get_word_index(path: str = "imdb_word_index.pkl") -> dict[str, int]:
    """Loads the numbers of the words, without `index_from`.

    Args:
        path: name of the file in `~/.keras/datasets`.

    Returns:
        Word -> number, 1 for the most frequent word.

    Raises:
        OSError: the file cannot be downloaded; the message says where to put it by hand.
        ValueError: the file is damaged or holds something else.
    """
    path = get_file(path, origin=_INDEX_ORIGIN, md5_hash=_INDEX_MD5)
    return word_index(load_pickle(path), path)
