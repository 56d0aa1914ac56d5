"""Judge the mood of a tweet from its words and from five numbers: two inputs, two outputs.

This is the guide's headline model. The words go through an Embedding and an LSTM. From there they
reach two outputs: at once the auxiliary one, which has to judge by the words alone, and, joined by
the numbers and after three more layers, the main one. Both are trained on the same labels. The loss
at the auxiliary output counts a fifth; it reaches the LSTM by a short way, so the LSTM learns even
while the layers above it are still of no help.

    python examples/two_inputs_two_outputs.py
"""

import argparse

import data
import numpy as np

from keras.layers import LSTM, Dense, Embedding, Input, merge
from keras.models import Model

NB_WORDS = 10000  # words are numbered from 1, the most frequent first; 0 fills up short tweets
LENGTH = 32  # words: hardly a tweet is longer (the guide's 100 would read mostly zeros)


def build_model():
    # Each sample of the main input is a sequence of 32 integers, each the number of a word.
    main_input = Input(shape=(LENGTH,), dtype="int32", name="main_input")

    # The embedding looks up a vector of 512 numbers for each word.
    x = Embedding(output_dim=512, input_dim=NB_WORDS, input_length=LENGTH)(main_input)  # (None, 32, 512)

    # The LSTM reads the vectors one after the other and returns what it knows after the last.
    lstm_out = LSTM(32)(x)  # (None, 32)

    # The first output: what the words alone say.
    auxiliary_output = Dense(1, activation="sigmoid", name="aux_output")(lstm_out)  # (None, 1)

    # The second input: five numbers about the tweet, set beside the words' 32.
    auxiliary_input = Input(shape=(5,), name="aux_input")
    x = merge([lstm_out, auxiliary_input], mode="concat")  # (None, 37)
    x = Dense(64, activation="relu")(x)
    x = Dense(64, activation="relu")(x)
    x = Dense(64, activation="relu")(x)
    main_output = Dense(1, activation="sigmoid", name="main_output")(x)  # (None, 1)

    model = Model(input=[main_input, auxiliary_input], output=[main_output, auxiliary_output])
    # Losses and their weights go by the outputs' names.
    model.compile(
        optimizer="rmsprop",
        loss={"main_output": "binary_crossentropy", "aux_output": "binary_crossentropy"},
        loss_weights={"main_output": 1.0, "aux_output": 0.2},
        metrics=["accuracy"],
    )
    return model


def five_numbers(texts):
    """Describe each text, apart from its words: float32 array of shape (number of texts, 5).

    Length (1 for 140 characters), share of capitals among its characters, exclamation marks, question
    marks, and whether it has a link.
    """
    return np.array(
        [
            [
                len(text) / 140,
                sum(character.isupper() for character in text) / len(text),
                text.count("!"),
                text.count("?"),
                "http" in text,
            ]
            for text in texts
        ],
        dtype="float32",
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--fast", action="store_true", help="1 epoch")
    arguments = parser.parse_args()
    np.random.seed(0)

    (texts_train, y_train), (texts_test, y_test) = data.tweets()
    vocabulary = data.frequent_words(texts_train, NB_WORDS - 1)

    def words(texts):  # (number of texts, 32)
        return data.word_numbers(texts, vocabulary, LENGTH)

    model = build_model()
    model.summary()
    # Data, too, go by name: of the inputs, and of the outputs.
    model.fit(
        {"main_input": words(texts_train), "aux_input": five_numbers(texts_train)},
        {"main_output": y_train, "aux_output": y_train},
        nb_epoch=1 if arguments.fast else arguments.epochs,
        batch_size=32,
    )

    scores = model.evaluate([words(texts_test), five_numbers(texts_test)], [y_test, y_test], verbose=0)
    scores = dict(zip(model.metrics_names, scores))
    majority = max(y_test.mean(), 1 - y_test.mean())
    print(
        f"Held-out accuracy: {scores['main_output_acc']:.3f} at the main output, "
        f"{scores['aux_output_acc']:.3f} at the auxiliary output, on {len(texts_test)} tweets "
        f"(always the commoner mood: {majority:.3f})"
    )


if __name__ == "__main__":
    main()
