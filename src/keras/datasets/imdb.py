"""IMDB: 50,000 film reviews as word numbers, each praising or blaming the film."""

import numpy as np

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
    path="imdb_full.pkl",
    nb_words=None,
    skip_top=0,
    maxlen=None,
    seed=113,
    start_char=1,
    oov_char=2,
    index_from=3,
):
    """Loads the reviews, 66 MB on the first use.

    Words are numbered by frequency. What the arguments say is done in this order: shuffle, add
    `index_from`, put `start_char`, leave out long reviews, replace rare and frequent words.

    Args:
        path: str, name of the file in `~/.keras/datasets`.
        nb_words: int, only word numbers below it are kept; None or 0 for all but the largest.
        skip_top: int, only word numbers from it on are kept.
        maxlen: int, only reviews with fewer word numbers are kept; None or 0 for all.
        seed: int, with which NumPy's generator is seeded for the order of the training reviews, and with
            twice of it for the test reviews. The generator is left there, as in Keras 1.2.2.
        start_char: int, with which each review begins; None for nothing.
        oov_char: int, which stands for words that are not kept; None leaves them out.
        index_from: int, which is added to all word numbers of the file; None or 0 adds nothing.

    Returns:
        Tuple `(x_train, y_train), (x_test, y_test)`: x are object arrays of lists of int, y are int arrays
        of labels 0 and 1. All have the shape (25000,) unless `maxlen` leaves reviews out.

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
    for pair, its_seed in zip(data, (seed, seed * 2)):
        x, y = texts_and_labels(pair, path)
        shuffle_together(x, y, its_seed)
        # Keras 1.2.2 leaves long reviews out of both sets at once, and lets those of the test set move up
        # into the training set.
        x, y = keep_short(mark_start(x, start_char, index_from), y, maxlen)
        texts, labels, sizes = texts + x, labels + y, [*sizes, len(x)]
    check_any(texts, maxlen)
    texts = _array_of_lists(limit_words(texts, nb_words, skip_top, oov_char))
    labels, first = np.array(labels), sizes[0]
    return (texts[:first], labels[:first]), (texts[first:], labels[first:])


def _array_of_lists(lists):
    array = np.empty(len(lists), dtype=object)
    for place, entry in enumerate(lists):
        array[place] = entry
    return array


def get_word_index(path="imdb_word_index.pkl"):
    """Loads the numbers of the words, before `index_from` is added.

    Args:
        path: str, name of the file in `~/.keras/datasets`.

    Returns:
        dict word -> number, 1 for the most frequent word.

    Raises:
        OSError: the file cannot be downloaded; the message says where to put it by hand.
        ValueError: the file is damaged, or holds something else.
    """
    path = get_file(path, origin=_INDEX_ORIGIN, md5_hash=_INDEX_MD5)
    return word_index(load_pickle(path), path)
