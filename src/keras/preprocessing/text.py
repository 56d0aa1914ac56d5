"""Converts texts to lists of words, word numbers and rows of a matrix."""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

_FILTERS = '!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n'


def text_to_word_sequence(
    text: str, filters: str = _FILTERS, lower: bool = True, split: str = " "
) -> list[str]:
    """Splits a text into words.

    Each character of `filters` is replaced by `split`, and empty words are dropped. A Chinese text, which
    has no spaces, is one word up to the next filtered character: add "，。" and other punctuation to
    `filters`, or put spaces between the words, or use `Tokenizer(char_level=True)`.

    Args:
        text: the text.
        filters: characters that are not part of words. The apostrophe is not one of them.
        lower: whether to convert the text to lower case first.
        split: separator between words.

    Returns:
        The words, in order.

    Raises:
        TypeError: `text` is not a str.
        ValueError: `split` is empty.

    Example:
        >>> text_to_word_sequence("Hello, world! It's me.")
        ['hello', 'world', "it's", 'me']
    """
    if not isinstance(text, str):
        raise TypeError(
            f"A text must be a str; got {type(text).__name__} {text!r:.80}. Decode bytes with "
            "text.decode('utf-8')."
        )
    if not split:
        raise ValueError("text_to_word_sequence: split is empty; pass the separator between words.")
    if lower:
        text = text.lower()
    text = text.translate(dict.fromkeys(map(ord, filters), split))
    return [word for word in text.split(split) if word]


def one_hot(text: str, n: int, filters: str = _FILTERS, lower: bool = True, split: str = " ") -> list[int]:
    """Numbers each word of a text by its hash. Two words may have the same number.

    The hash is MD5 of the word in UTF-8, so a word has the same number in every process and on every
    machine. Keras 1.2.2 uses Python's `hash`, which differs between processes since Python 3.3.

    Args:
        text: the text.
        n: numbers are 1 to n - 1; at least 2.
        filters, lower, split: as in `text_to_word_sequence`.

    Returns:
        One number for each word.

    Raises:
        ValueError: `n` is below 2.

    Example:
        >>> one_hot("the cat and the dog", 50)
        [43, 32, 14, 43, 2]
    """
    if n < 2:
        raise ValueError(f"one_hot: got n={n}; the numbers are 1 to n - 1, so it must be 2 or more.")
    return [_stable_hash(word) % (n - 1) + 1 for word in text_to_word_sequence(text, filters, lower, split)]


def _stable_hash(word: str) -> int:
    data = word.encode("utf-8", "surrogatepass")
    return int(hashlib.md5(data, usedforsecurity=False).hexdigest(), 16)


class Tokenizer:
    """Numbers the words of texts by frequency, and converts texts to these numbers.

    The most frequent word has the number 1; words of equal frequency are numbered in the order in which
    they first appear. 0 is not a word. Words that were not in the texts of `fit_on_texts` are dropped.

    Args:
        nb_words: only words with numbers below it are used (nb_words - 1 words); None for all.
        filters: characters that are not part of words.
        lower: whether to convert texts to lower case.
        split: separator between words.
        char_level: whether each character is a word. `filters`, `lower` and `split` then have no effect,
            as in Keras 1.2.2.
        oov_token: the word that stands for all words without a number, which gets the number 1; None drops
            them.

    Attributes:
        word_counts: word -> how many times it occurred.
        word_docs: word -> in how many texts it occurred.
        word_index: word -> its number; exists after `fit_on_texts`.
        index_docs: number -> in how many texts its word occurred; exists after `fit_on_texts` or
            `fit_on_sequences`.
        document_count: number of texts in the last call of `fit_on_texts` or `fit_on_sequences`.

    Example:
        >>> tokenizer = Tokenizer(nb_words=3)
        >>> tokenizer.fit_on_texts(["the cat", "the dog", "the cat and I"])
        >>> tokenizer.texts_to_sequences(["The dog and the cat!"])
        [[1, 1, 2]]
    """

    def __init__(
        self,
        nb_words: int | None = None,
        filters: str = _FILTERS,
        lower: bool = True,
        split: str = " ",
        char_level: bool = False,
        oov_token: str | None = None,
    ) -> None:
        self.nb_words = nb_words
        self.oov_token = oov_token
        self.filters = filters
        self.lower = lower
        self.split = split
        self.char_level = char_level
        self.word_counts: dict[str, int] = {}
        self.word_docs: dict[str, int] = {}
        self.document_count = 0

    def fit_on_texts(self, texts: Iterable[str]) -> None:
        """Counts the words of texts and numbers all words by frequency. May be called again.

        Args:
            texts: list or generator of texts.
        """
        # Keras 1.2.2 restarts the count of texts in each call, but adds up words; idf depends on it.
        self.document_count = 0
        for text in _checked(texts):
            words = Counter(self._words(text))
            self.document_count += 1
            for word, count in words.items():
                self.word_counts[word] = self.word_counts.get(word, 0) + count
                self.word_docs[word] = self.word_docs.get(word, 0) + 1
        # The sort keeps the order of words with equal counts.
        by_frequency = sorted(self.word_counts, key=self.word_counts.__getitem__, reverse=True)
        if self.oov_token is not None:
            by_frequency = [self.oov_token, *(word for word in by_frequency if word != self.oov_token)]
        self.word_index: dict[str, int] = {word: number for number, word in enumerate(by_frequency, 1)}
        self.index_docs: dict[int, int] = {
            self.word_index[word]: count for word, count in self.word_docs.items()
        }

    @property
    def index_word(self) -> dict[int, str]:
        """Number -> word."""
        return {number: word for word, number in self._fitted_index().items()}

    def sequences_to_texts(self, sequences: Iterable[Sequence[int]]) -> list[str]:
        """Converts word numbers to texts; numbers without a word become `oov_token`, or are dropped.

        Args:
            sequences: word numbers of each text.
        """
        return list(self.sequences_to_texts_generator(sequences))

    def sequences_to_texts_generator(self, sequences: Iterable[Sequence[int]]) -> Iterator[str]:
        """Converts word numbers to texts, one at a time; see `sequences_to_texts`."""
        words = self.index_word
        for numbers in sequences:
            found = [words.get(n) if not self.nb_words or n < self.nb_words else None for n in numbers]
            known = [self.oov_token if word is None else word for word in found]
            yield " ".join(word for word in known if word is not None)

    def get_config(self) -> dict[str, Any]:
        """Returns options and counts as plain data, in the form of Keras 2, with dicts as JSON text."""
        dicts: dict[str, Any] = {"word_counts": self.word_counts, "word_docs": self.word_docs}
        dicts["index_docs"] = getattr(self, "index_docs", {})
        dicts["index_word"] = self.index_word if hasattr(self, "word_index") else {}
        dicts["word_index"] = getattr(self, "word_index", {})
        return {
            "num_words": self.nb_words,
            "filters": self.filters,
            "lower": self.lower,
            "split": self.split,
            "char_level": self.char_level,
            "oov_token": self.oov_token,
            "document_count": self.document_count,
            **{name: json.dumps(value) for name, value in dicts.items()},
        }

    def to_json(self, **kwargs: Any) -> str:
        """Returns the fitted tokenizer as JSON text, which `tokenizer_from_json` reads.

        Args:
            **kwargs: passed to `json.dumps`.
        """
        return json.dumps({"class_name": type(self).__name__, "config": self.get_config()}, **kwargs)

    def fit_on_sequences(self, sequences: Sequence[Sequence[int]]) -> None:
        """Counts in how many sequences each number occurs, as "tfidf" needs without `fit_on_texts`.

        Args:
            sequences: word numbers of each text.
        """
        self.document_count = len(sequences)
        self.index_docs = dict(Counter(number for sequence in sequences for number in set(sequence)))

    def texts_to_sequences(self, texts: Iterable[str]) -> list[list[int]]:
        """Converts texts to word numbers.

        Args:
            texts: list or generator of texts.

        Returns:
            Word numbers of each text.

        Raises:
            AttributeError: `fit_on_texts` was not called.
        """
        return list(self.texts_to_sequences_generator(texts))

    def texts_to_sequences_generator(self, texts: Iterable[str]) -> Iterator[list[int]]:
        """Converts texts to word numbers, one text at a time.

        Args:
            texts: list or generator of texts.

        Yields:
            Word numbers of one text.

        Raises:
            AttributeError: `fit_on_texts` was not called.
        """
        index = self._fitted_index()
        for text in _checked(texts):
            numbers = [index.get(word) for word in self._words(text)]
            if self.nb_words:
                numbers = [None if n is None or n >= self.nb_words else n for n in numbers]
            if self.oov_token is not None:
                numbers = [index[self.oov_token] if n is None else n for n in numbers]
            yield [n for n in numbers if n is not None]

    def texts_to_matrix(self, texts: Iterable[str], mode: str = "binary") -> NDArray[np.float64]:
        """Converts each text to a row with one entry per word.

        Args:
            texts: list or generator of n texts.
            mode: "binary", "count", "freq" or "tfidf"; see `sequences_to_matrix`.

        Returns:
            float64 array of shape (n, number of words).
        """
        return self.sequences_to_matrix(self.texts_to_sequences(texts), mode)

    def sequences_to_matrix(
        self, sequences: Sequence[Sequence[int]], mode: str = "binary"
    ) -> NDArray[np.float64]:
        """Converts each sequence of word numbers to a row with one entry per word.

        Args:
            sequences: n sequences of word numbers. Numbers from `nb_words` on are dropped.
            mode: the entry of a word that occurs c times: 1 for "binary", c for "count", c / length of the
                sequence for "freq", (1 + log c) * log(1 + N / (1 + d)) for "tfidf", where N is the number
                of texts and d the number of texts with the word.

        Returns:
            float64 array of shape (n, nb_words); without `nb_words` of shape (n, words seen + 1).

        Raises:
            ValueError: `mode` is invalid, a number is negative, the number of columns is unknown, or
                nothing was counted for "tfidf".

        Reference:
            "tfidf" is weighting scheme 2 of https://en.wikipedia.org/wiki/Tf-idf, smoothed.
        """
        weight = self._weight(mode)
        columns = self.nb_words
        if not columns:
            if not getattr(self, "word_index", None):
                raise ValueError(
                    "Tokenizer: the number of columns is unknown; pass nb_words to Tokenizer, or call "
                    "fit_on_texts first."
                )
            columns = len(self.word_index) + 1
        matrix = np.zeros((len(sequences), columns))
        for row, sequence in zip(matrix, sequences):
            for number, count in Counter(sequence).items():
                if number < 0:
                    raise ValueError(f"Tokenizer: got the word number {number}; wanted 0 or more.")
                if number < columns:
                    row[number] = weight(number, count, len(sequence))
        return matrix

    def _weight(self, mode: str) -> Callable[[int, int, int], float]:
        """Returns the function (number, count, length of the sequence) -> entry of a mode."""
        weights: dict[str, Callable[[int, int, int], float]] = {
            "binary": lambda number, count, length: 1,
            "count": lambda number, count, length: count,
            "freq": lambda number, count, length: count / length,
            "tfidf": self._tfidf,
        }
        if mode not in weights:
            raise ValueError(f"Tokenizer: got mode={mode!r}; wanted one of {', '.join(weights)}.")
        if mode == "tfidf" and not self.document_count:
            raise ValueError("Tokenizer: mode 'tfidf' needs fit_on_texts or fit_on_sequences first.")
        return weights[mode]

    def _tfidf(self, number: int, count: int, length: int) -> float:
        documents = self.index_docs.get(number, 0)
        return (1 + np.log(count)) * np.log(1 + self.document_count / (1 + documents))

    def _words(self, text: str) -> Sequence[str]:
        if self.char_level and isinstance(text, str):
            return text
        return text_to_word_sequence(text, self.filters, self.lower, self.split)

    def _fitted_index(self) -> dict[str, int]:
        if not hasattr(self, "word_index"):
            raise AttributeError("Tokenizer: words have no numbers yet; call fit_on_texts first.")
        return self.word_index


def tokenizer_from_json(json_string: str) -> Tokenizer:
    """Returns the tokenizer that `Tokenizer.to_json` wrote, here or in Keras 2.

    Raises:
        ValueError: the text has another form.

    Example:
        >>> tokenizer = Tokenizer()
        >>> tokenizer.fit_on_texts(["the cat", "the dog"])
        >>> tokenizer_from_json(tokenizer.to_json()).texts_to_sequences(["the dog"])
        [[1, 3]]
    """
    data = json.loads(json_string)
    config = data.get("config") if isinstance(data, dict) else None
    if not isinstance(config, dict):
        raise ValueError(
            "tokenizer_from_json: wanted a JSON object with 'config', as Tokenizer.to_json writes."
        )
    config = dict(config)
    counts, docs, index_docs, index = (
        json.loads(config.pop(name)) for name in ("word_counts", "word_docs", "index_docs", "word_index")
    )
    config.pop("index_word", None)
    count = config.pop("document_count")
    config["nb_words"] = config.pop("num_words")
    made = Tokenizer(**config)
    made.word_counts, made.word_docs, made.document_count = counts, docs, count
    made.index_docs = {int(number): n for number, n in index_docs.items()}
    made.word_index = index
    return made


def hashing_trick(
    text: str,
    n: int,
    hash_function: Any = None,
    filters: str = _FILTERS,
    lower: bool = True,
    split: str = " ",
) -> list[int]:
    """Numbers the words of a text from 1 to n - 1 by a hash, so that several words may share a number.

    Args:
        text: str.
        n: int, the number of numbers.
        hash_function: function from a word to an int; None and "md5" are MD5, which is the same in all
        processes.
        filters, lower, split: as in `text_to_word_sequence`.
    """
    words = text_to_word_sequence(text, filters, lower, split)
    number: Any = _stable_hash if hash_function in (None, "md5") else hash_function
    return [number(word) % (n - 1) + 1 for word in words]


def _checked(texts: Iterable[str]) -> Iterable[str]:
    """Returns `texts`, unless it is a single text."""
    if isinstance(texts, (str, bytes)):
        raise TypeError(f"Tokenizer: got one text, {texts!r:.80}; wanted a list of texts, as in [text].")
    return texts
