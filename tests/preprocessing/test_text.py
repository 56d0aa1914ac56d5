"""Words of texts; "1.2.2" marks a result of Keras 1.2.2 (Python 3.6, NumPy 1.16)."""

import subprocess
import sys

import pytest
from numpy.testing import assert_allclose, assert_array_equal

from keras.preprocessing.text import Tokenizer, one_hot, text_to_word_sequence

TEXTS = ["The cat sat on the mat.", "The dog sat on the log.", "Dogs and cats living together."]


@pytest.mark.parametrize(
    "text, options, words",
    [
        ("Hello, World! it's\ta\nlife", {}, ["hello", "world", "it's", "a", "life"]),
        ("Hello, World!", {"lower": False, "split": ","}, ["Hello", " World"]),
        ("Hello, World!", {"filters": ""}, ["hello,", "world!"]),
        ("a--b", {"filters": "", "split": "--"}, ["a", "b"]),
        ("你好，世界 Ünïcode ßtraße。I", {}, ["你好，世界", "ünïcode", "ßtraße。i"]),
        ("", {}, []),
    ],
)
def test_text_to_word_sequence_is_that_of_1_2_2(text, options, words):  # 1.2.2
    assert text_to_word_sequence(text, **options) == words


def test_filters_may_be_chinese_punctuation():
    assert text_to_word_sequence("我 爱 北京，天安门。", filters="，。") == ["我", "爱", "北京", "天安门"]


def test_split_may_be_longer_than_a_character():  # 1.2.2 fails
    assert text_to_word_sequence("a, b::c", split="::", filters=",") == ["a", " b", "c"]


@pytest.mark.parametrize(
    "text, split, error", [(b"a", " ", TypeError), (["a"], " ", TypeError), ("a", "", ValueError)]
)
def test_text_to_word_sequence_refuses_other_types(text, split, error):
    with pytest.raises(error):
        text_to_word_sequence(text, split=split)


def test_one_hot_is_the_same_in_every_process():
    # int(hashlib.md5(word.encode()).hexdigest(), 16) % 49 + 1, as documented
    code = "from keras.preprocessing.text import one_hot; print(one_hot('the cat 猫', 50))"
    path = [p for p in sys.path if p]
    program = f"import sys; sys.path[:0] = {path!r}; {code}"
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == str(one_hot("the cat 猫", 50)) == "[43, 32, 40]"


def test_one_hot_range():  # 1.2.2
    assert one_hot("a b c a", 2) == [1, 1, 1, 1]
    with pytest.raises(ValueError, match="n=1"):
        one_hot("a", 1)


def fitted(**options):
    tokenizer = Tokenizer(**options)
    tokenizer.fit_on_texts(TEXTS)
    return tokenizer


def test_words_are_numbered_by_frequency_then_first_appearance():  # 1.2.2
    names = "the sat on cat mat dog log dogs and cats living together".split()
    assert fitted().word_index == {name: number for number, name in enumerate(names, 1)}
    assert fitted().word_counts["the"] == 4 and fitted().word_docs["the"] == 2
    assert fitted().document_count == 3 and fitted().index_docs[1] == 2


def test_texts_to_sequences_is_that_of_1_2_2():  # 1.2.2
    assert fitted(nb_words=4).texts_to_sequences([*TEXTS, "unknown"]) == [[1, 2, 3, 1]] * 2 + [[], []]


def test_texts_may_be_a_generator():
    tokenizer = Tokenizer()
    tokenizer.fit_on_texts(text for text in TEXTS)
    assert list(tokenizer.texts_to_sequences_generator(text for text in ["the cat"])) == [[1, 4]]


@pytest.mark.parametrize(
    "mode, row",
    [
        ("binary", [0, 1, 1, 1]),
        ("count", [0, 2, 1, 1]),
        ("freq", [0, 0.5, 0.25, 0.25]),
        ("tfidf", [0, 1.1736001944781467, 0.6931471805599453, 0.6931471805599453]),
    ],
)
def test_texts_to_matrix_modes_are_those_of_1_2_2(mode, row):  # 1.2.2
    matrix = fitted(nb_words=4).texts_to_matrix(["the cat sat on the mat", ""], mode)
    assert_allclose(matrix, [row, [0] * 4], rtol=1e-15)


def test_matrix_has_a_column_per_word_and_for_zero():  # 1.2.2
    assert fitted().texts_to_matrix(TEXTS).shape == (3, 13)
    assert fitted(nb_words=0).texts_to_matrix(TEXTS).shape == (3, 13)


def test_fit_on_sequences_counts_documents():  # 1.2.2
    tokenizer = Tokenizer(nb_words=4)
    tokenizer.fit_on_sequences([[1, 2], [1, 1]])
    expected = [[0, 0.5108256237659906, 0.6931471805599453, 0], [0, 0, 0, 1.0986122886681098]]
    assert_allclose(tokenizer.sequences_to_matrix([[1, 2], [3, 5]], "tfidf"), expected, rtol=1e-15)


def test_second_fit_adds_words_and_restarts_text_count():  # 1.2.2
    tokenizer = fitted()
    tokenizer.fit_on_texts(["the new cat"])
    assert tokenizer.document_count == 1 and tokenizer.word_docs["the"] == 3
    assert tokenizer.word_index["cat"] == 2 and tokenizer.word_index["new"] == 13


def test_char_level_splits_characters():  # 1.2.2: neither filters nor lower case
    tokenizer = Tokenizer(char_level=True)
    tokenizer.fit_on_texts(["Abca 你a", "b"])
    assert tokenizer.word_index == {"b": 1, "a": 2, "A": 3, "c": 4, " ": 5, "你": 6}
    assert tokenizer.texts_to_sequences(["aBzc你"]) == [[2, 4, 6]]


def test_tokenizer_word_options():  # 1.2.2
    tokenizer = Tokenizer(split=",", lower=False)
    tokenizer.fit_on_texts(["A,a b"])
    assert tokenizer.word_index == {"A": 1, "a b": 2}


@pytest.mark.parametrize(
    "work, error, message",
    [
        (lambda: fitted().fit_on_texts("the cat"), TypeError, r"as in \[text\]"),
        (lambda: fitted().texts_to_sequences("the cat"), TypeError, r"as in \[text\]"),
        (lambda: Tokenizer().fit_on_texts([["the", "cat"]]), TypeError, "must be a str"),
        (lambda: Tokenizer().texts_to_sequences(TEXTS), AttributeError, "fit_on_texts first"),
        (lambda: Tokenizer().sequences_to_matrix([[1]]), ValueError, "number of columns is unknown"),
        (lambda: Tokenizer(nb_words=4).sequences_to_matrix([[1]], "tfidf"), ValueError, "fit_on_texts"),
        (lambda: fitted().texts_to_matrix(TEXTS, "tf"), ValueError, "mode='tf'"),
        (lambda: fitted().sequences_to_matrix([[-1]]), ValueError, "number -1"),
    ],
)
def test_tokenizer_refuses(work, error, message):
    with pytest.raises(error, match=message):
        work()


def test_sequence_without_words_gives_a_zero_row():
    assert_array_equal(fitted().sequences_to_matrix([[]], "freq"), [[0] * 13])
