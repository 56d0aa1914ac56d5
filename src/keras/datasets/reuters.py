"""Reuters: 11,228 news messages as word numbers, each of one of 46 topics."""

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


def load_data(
    path="reuters.pkl",
    nb_words=None,
    skip_top=0,
    maxlen=None,
    test_split=0.2,
    seed=113,
    start_char=1,
    oov_char=2,
    index_from=3,
):
    """Loads the messages, 9 MB on the first use.

    Words are numbered by frequency. What the arguments say is done in this order: shuffle, add
    `index_from`, put `start_char`, leave out long messages, replace rare and frequent words, split.

    Args:
        path: str, name of the file in `~/.keras/datasets`.
        nb_words: int, only word numbers below it are kept; None or 0 for all but the largest.
        skip_top: int, only word numbers from it on are kept.
        maxlen: int, only messages with fewer word numbers are kept; None or 0 for all.
        test_split: float, part of the messages for the test set, 0 to 1.
        seed: int, with which NumPy's generator is seeded for the order of the messages. The generator is
            left there, as in Keras 1.2.2.
        start_char: int, with which each message begins; None for nothing.
        oov_char: int, which stands for words that are not kept; None leaves them out.
        index_from: int, which is added to all word numbers of the file; None or 0 adds nothing.

    Returns:
        Tuple `(x_train, y_train), (x_test, y_test)`: x are lists of lists of int, y are lists of topics 0
        to 45.

    Raises:
        OSError: the file cannot be downloaded; the message says where to put it by hand.
        ValueError: no message is left, or the file is damaged or holds something else.
    """
    path = get_file(path, origin=_ORIGIN)
    texts, labels = texts_and_labels(load_pickle(path), path)
    shuffle_together(texts, labels, seed)
    texts, labels = keep_short(mark_start(texts, start_char, index_from), labels, maxlen)
    check_any(texts, maxlen)
    texts = limit_words(texts, nb_words, skip_top, oov_char)
    first = int(len(texts) * (1 - test_split))
    return (texts[:first], labels[:first]), (texts[first:], labels[first:])


def get_word_index(path="reuters_word_index.pkl"):
    """Loads the numbers of the words, before `index_from` is added.

    Args:
        path: str, name of the file in `~/.keras/datasets`.

    Returns:
        dict word -> number, 1 for the most frequent word.

    Raises:
        OSError: the file cannot be downloaded; the message says where to put it by hand.
        ValueError: the file is damaged, or holds something else.
    """
    path = get_file(path, origin=_INDEX_ORIGIN)
    return word_index(load_pickle(path), path)
