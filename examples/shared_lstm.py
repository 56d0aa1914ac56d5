"""Tell which of two tweets is the happier one, with one LSTM that reads both: the guide's shared layer.

Each tweet is a matrix of 140 rows, one a character, and 256 columns, one a character code: all zero
but for a 1 in the column of the character that stands there. One LSTM(64) is called on both tweets.
It is one layer with one set of weights, so whatever it learns from one tweet holds for the other.

Why this question, and not "did the same person write both"? (The guide asks that; these tweets do not
name their writers.) The guide's model ends in a logistic regression on the two vectors side by side:
its answer grows with u·a + v·b, a sum of one number for each tweet. Such a sum can say "the first has
more of it than the second". It can not say "the two are alike": that would need a product or a hidden
layer, as in shared_vision.py. So the question here is one that the guide's own model can answer. Each
pair holds one tweet that people judged positive and one that they judged negative, in random order.

    python examples/shared_lstm.py
"""

import argparse

import data
import numpy as np

from keras.layers import LSTM, Dense, Input, merge
from keras.models import Model

LENGTH, CODES = 140, 256
BATCH_SIZE = 32


def build_model():
    tweet_a = Input(shape=(LENGTH, CODES))
    tweet_b = Input(shape=(LENGTH, CODES))

    # Made once and called twice: both calls share the weights.
    shared_lstm = LSTM(64)
    encoded_a = shared_lstm(tweet_a)  # (None, 64)
    encoded_b = shared_lstm(tweet_b)  # (None, 64)

    # The layer now has two outputs, one for each call; they are told apart by number.
    assert shared_lstm.get_output_at(0) is encoded_a
    assert shared_lstm.get_output_at(1) is encoded_b

    merged_vector = merge([encoded_a, encoded_b], mode="concat", concat_axis=-1)  # (None, 128)
    predictions = Dense(1, activation="sigmoid")(merged_vector)  # (None, 1)

    model = Model(input=[tweet_a, tweet_b], output=predictions)
    model.compile(optimizer="rmsprop", loss="binary_crossentropy", metrics=["accuracy"])
    return model


def make_pairs(codes, is_positive, random):
    """Pair each positive tweet with a negative one, in random order.

    Args:
        codes: uint8 array of shape (tweets, 140).
        is_positive: array of 0 and 1 of shape (tweets,).
        random: a numpy RandomState.
    Returns:
        codes_a, codes_b of shape (pairs, 140), and labels of shape (pairs,): 1 where `a` is the
        positive one.
    """
    positive = random.permutation(np.flatnonzero(is_positive == 1))
    negative = random.permutation(np.flatnonzero(is_positive == 0))
    nb_pairs = min(len(positive), len(negative))
    positive, negative = positive[:nb_pairs], negative[:nb_pairs]
    labels = random.randint(0, 2, nb_pairs)
    a = np.where(labels == 1, positive, negative)
    b = np.where(labels == 1, negative, positive)
    return codes[a], codes[b], labels


def batches(codes, is_positive, random):
    """Yield one-hot batches for ever, ([a, b], labels), with other pairs in each round.

    A one-hot tweet takes 143 kB, all of them 1.5 GB: hence a generator that makes them as they are
    needed, and not one big array.
    """
    one_hot = np.eye(CODES, dtype="float32")
    while True:
        codes_a, codes_b, labels = make_pairs(codes, is_positive, random)
        for start in range(0, len(labels) - BATCH_SIZE + 1, BATCH_SIZE):
            rows = slice(start, start + BATCH_SIZE)
            yield [one_hot[codes_a[rows]], one_hot[codes_b[rows]]], labels[rows]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--fast", action="store_true", help="4 epochs")
    arguments = parser.parse_args()
    np.random.seed(0)
    random = np.random.RandomState(0)

    (texts_train, y_train), (texts_test, y_test) = data.tweets()
    pairs_per_epoch = min(y_train.sum(), len(y_train) - y_train.sum()) // BATCH_SIZE * BATCH_SIZE

    model = build_model()
    model.summary()
    model.fit_generator(
        batches(data.characters(texts_train), y_train, random),
        samples_per_epoch=pairs_per_epoch,
        nb_epoch=4 if arguments.fast else arguments.epochs,
    )

    codes_a, codes_b, labels = make_pairs(data.characters(texts_test), y_test, random)
    one_hot = np.eye(CODES, dtype="float32")
    _, accuracy = model.evaluate([one_hot[codes_a], one_hot[codes_b]], labels, verbose=0)
    print(f"Held-out accuracy: {accuracy:.3f} on {len(labels)} pairs of tweets (guessing: 0.50)")


if __name__ == "__main__":
    main()
