"""Texts as lists of words, as word numbers and as rows of a matrix."""

import hashlib
from collections import Counter

import numpy as np

_FILTERS = '!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n'


def text_to_word_sequence(text, filters=_FILTERS, lower=True, split=" "):
    """Splits a text into words.

    Each character of `filters` stands for one more `split`, and empty words are left out. Characters
    are those of Unicode: a Chinese text, which has no spaces, is one word up to the next filtered
    character. Add "，。" and the like to `filters`, or put spaces between words, or use
    `Tokenizer(char_level=True)`.

    Args:
        text: str.
        filters: str, the characters that are not part of words. The apostrophe is none of them.
        lower: bool, whether the text is put into lower case first.
        split: str, what stands between two words.

    Returns:
        List of str.

    Raises:
        TypeError: `text` is no str.
        ValueError: `split` is empty.

    Example:
        >>> text_to_word_sequence("Hello, world! It's me.")
        ['hello', 'world', "it's", 'me']
    """
    if not isinstance(text, str):
        raise TypeError(
            f"A text must be a str; got {type(text).__name__} {text!r:.80}. Bytes are decoded by "
            "text.decode('utf-8')."
        )
    if not split:
        raise ValueError("text_to_word_sequence: split is empty; pass what stands between two words.")
    if lower:
        text = text.lower()
    text = text.translate(dict.fromkeys(map(ord, filters), split))
    return [word for word in text.split(split) if word]


def one_hot(text, n, filters=_FILTERS, lower=True, split=" "):
    """Gives each word of a text a number by its hash. Two words may get the same number.

    The hash is MD5 of the word in UTF-8, so a word has the same number in every process and on every
    machine. Keras 1.2.2 takes Python's `hash`, which differs from one process to the next since
    Python 3.3.

    Args:
        text: str.
        n: int, 2 or more; numbers are 1 to n - 1.
        filters: str, see `text_to_word_sequence`, as are `lower` and `split`.
        lower: bool.
        split: str.

    Returns:
        List of int, one for each word.

    Raises:
        ValueError: `n` leaves no number.

    Example:
        >>> one_hot("the cat and the dog", 50)
        [43, 32, 14, 43, 2]
    """
    if n < 2:
        raise ValueError(f"one_hot: got n={n}; the numbers are 1 to n - 1, so it must be 2 or more.")
    return [_stable_hash(word) % (n - 1) + 1 for word in text_to_word_sequence(text, filters, lower, split)]


def _stable_hash(word):
    data = word.encode("utf-8", "surrogatepass")
    return int(hashlib.md5(data, usedforsecurity=False).hexdigest(), 16)


class Tokenizer:
    """Numbers the words of texts by frequency, and turns texts into these numbers.

    The most frequent word has the number 1; words of equal frequency are numbered as they first
    appear. 0 is no word. Words that were not in the texts of `fit_on_texts` are left out.

    Args:
        nb_words: int, only words with numbers below it are used (so nb_words - 1 words); None for all.
        filters: str, the characters that are not part of words.
        lower: bool, whether texts are put into lower case.
        split: str, what stands between two words.
        char_level: bool, whether each character is a word. `filters`, `lower` and `split` count for
            nothing then, as in Keras 1.2.2.

    Attributes:
        word_counts: dict word -> how many times it occurred.
        word_docs: dict word -> in how many texts it occurred.
        word_index: dict word -> its number; there after `fit_on_texts`.
        index_docs: dict number -> in how many texts its word occurred; there after `fit_...`.
        document_count: int, number of texts in the last call of `fit_...`.

    Example:
        >>> tokenizer = Tokenizer(nb_words=3)
        >>> tokenizer.fit_on_texts(["the cat", "the dog", "the cat and I"])
        >>> tokenizer.texts_to_sequences(["The dog and the cat!"])
        [[1, 1, 2]]
    """

    def __init__(self, nb_words=None, filters=_FILTERS, lower=True, split=" ", char_level=False):
        self.nb_words = nb_words
        self.filters = filters
        self.lower = lower
        self.split = split
        self.char_level = char_level
        self.word_counts = {}
        self.word_docs = {}
        self.document_count = 0

    def fit_on_texts(self, texts):
        """Counts the words of `texts` and numbers all words by frequency. May be called again.

        Args:
            texts: list or generator of str.
        """
        # Keras 1.2.2 counts texts anew in each call, but adds up words; idf depends on it.
        self.document_count = 0
        for text in _many(texts):
            words = Counter(self._words(text))
            self.document_count += 1
            for word, count in words.items():
                self.word_counts[word] = self.word_counts.get(word, 0) + count
                self.word_docs[word] = self.word_docs.get(word, 0) + 1
        # The sort keeps the order of words with equal counts.
        by_frequency = sorted(self.word_counts, key=self.word_counts.__getitem__, reverse=True)
        self.word_index = {word: number for number, word in enumerate(by_frequency, 1)}
        self.index_docs = {self.word_index[word]: count for word, count in self.word_docs.items()}

    def fit_on_sequences(self, sequences):
        """Counts in how many sequences a number occurs, which "tfidf" needs without `fit_on_texts`.

        Args:
            sequences: list of lists of int.
        """
        self.document_count = len(sequences)
        self.index_docs = dict(Counter(number for sequence in sequences for number in set(sequence)))

    def texts_to_sequences(self, texts):
        """Turns texts into word numbers.

        Args:
            texts: list or generator of str.

        Returns:
            List with a list of int for each text.

        Raises:
            AttributeError: `fit_on_texts` was not called.
        """
        return list(self.texts_to_sequences_generator(texts))

    def texts_to_sequences_generator(self, texts):
        """Yields what `texts_to_sequences` has, one text at a time.

        Args:
            texts: list or generator of str.

        Yields:
            List of int.
        """
        index = self._fitted_index()
        for text in _many(texts):
            numbers = [index[word] for word in self._words(text) if word in index]
            yield [number for number in numbers if not self.nb_words or number < self.nb_words]

    def texts_to_matrix(self, texts, mode="binary"):
        """Turns each text into a row with one entry for each word.

        Args:
            texts: list or generator of str, n texts.
            mode: "binary", "count", "freq" or "tfidf"; see `sequences_to_matrix`.

        Returns:
            float64 array of shape (n, number of words).
        """
        return self.sequences_to_matrix(self.texts_to_sequences(texts), mode)

    def sequences_to_matrix(self, sequences, mode="binary"):
        """Turns each sequence of word numbers into a row with one entry for each word.

        Args:
            sequences: list of n lists of int. Numbers from `nb_words` on are left out.
            mode: what stands in the column of a word that occurs c times: 1 for "binary", c for
                "count", c / length of the sequence for "freq", (1 + log c) * log(1 + N / (1 + d)) for
                "tfidf", with N texts in all and d that have the word.

        Returns:
            float64 array of shape (n, nb_words); without `nb_words` of shape (n, words seen + 1).

        Raises:
            ValueError: `mode` is none of these, a number is negative, or there is nothing that says how
                many columns there are or, for "tfidf", how often words occur.

        Reference:
            "tfidf" is weighting scheme 2 of https://en.wikipedia.org/wiki/Tf-idf, smoothed.
        """
        weight = self._weight(mode)
        columns = self.nb_words
        if not columns:
            if not getattr(self, "word_index", None):
                raise ValueError(
                    "Tokenizer: how many columns? Pass nb_words to Tokenizer, or call fit_on_texts first."
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

    def _weight(self, mode):
        """The function (number, count, length of the sequence) -> entry for a mode."""
        weights = {
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

    def _tfidf(self, number, count, length):
        documents = self.index_docs.get(number, 0)
        return (1 + np.log(count)) * np.log(1 + self.document_count / (1 + documents))

    def _words(self, text):
        if self.char_level and isinstance(text, str):
            return text
        return text_to_word_sequence(text, self.filters, self.lower, self.split)

    def _fitted_index(self):
        if not hasattr(self, "word_index"):
            raise AttributeError("Tokenizer: words have no numbers yet; call fit_on_texts first.")
        return self.word_index


def _many(texts):
    if isinstance(texts, (str, bytes)):
        raise TypeError(f"Tokenizer: got one text, {texts!r:.80}; wanted a list of texts, as in [text].")
    return texts
