"""Reuters: 11,228 newswires on 46 topics as word numbers."""

from typing import TypeAlias

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

_ORIGIN = "https://s3.amazonaws.com/text-datasets/reuters.pkl"
_INDEX_ORIGIN = "https://s3.amazonaws.com/text-datasets/reuters_word_index.pkl"

_Set: TypeAlias = tuple[list[list[int]], list[int]]


def load_data(
    path: str = "reuters.pkl",
    nb_words: int | None = None,
    skip_top: int = 0,
    maxlen: int | None = None,
    test_split: float = 0.2,
    seed: int = 113,
    start_char: int | None = 1,
    oov_char: int | None = 2,
    index_from: int | None = 3,
) -> tuple[_Set, _Set]:
    """Loads the newswires; downloads 9 MB on first use.

    Words are numbered by frequency. The steps are, in this order: shuffle, add `index_from`, prepend
    `start_char`, drop long newswires, replace rare and frequent words, split.

    Args:
        path: name of the file in `~/.keras/datasets`.
        nb_words: only word numbers below it are kept; None or 0 for all but the largest.
        skip_top: only word numbers from it on are kept.
        maxlen: only newswires with fewer word numbers are kept; None or 0 for all.
        test_split: fraction of the newswires in the test set, 0 to 1.
        seed: seed of NumPy's generator for the order of the newswires. The state of the generator is not
            restored, as in Keras 1.2.2.
        start_char: first number of each newswire; None for none.
        oov_char: replaces word numbers that are not kept; None drops them.
        index_from: added to all word numbers of the file; None or 0 adds nothing.

    Returns:
        Tuple `(x_train, y_train), (x_test, y_test)`: x are lists of lists of int, y are lists of topics 0
        to 45.

    Raises:
        OSError: the file cannot be downloaded; the message says where to put it by hand.
        ValueError: no newswire is left, or the file is damaged or holds something else.
    """
    path = get_file(path, origin=_ORIGIN)
    texts, labels = texts_and_labels(load_pickle(path), path)
    shuffle_together(texts, labels, seed)
    texts, labels = keep_short(mark_start(texts, start_char, index_from), labels, maxlen)
    check_any(texts, maxlen)
    texts = limit_words(texts, nb_words, skip_top, oov_char)
    first = int(len(texts) * (1 - test_split))
    return (texts[:first], labels[:first]), (texts[first:], labels[first:])


def get_word_index(path: str = "reuters_word_index.pkl") -> dict[str, int]:
    """Loads the numbers of the words, without `index_from`.

    Args:
        path: name of the file in `~/.keras/datasets`.

    Returns:
        Word -> number, 1 for the most frequent word.

    Raises:
        OSError: the file cannot be downloaded; the message says where to put it by hand.
        ValueError: the file is damaged or holds something else.
    """
    path = get_file(path, origin=_INDEX_ORIGIN)
    return word_index(load_pickle(path), path)
