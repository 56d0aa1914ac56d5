"""Judge the mood of a tweet with a small Transformer, and with an LSTM of the same size for comparison.

Both models read the same words by the same kind of embedding, and answer from the mean over the words of
what they made of them. Between the two, one has an LSTM, which reads word by word, and the other two blocks
of self-attention, in which every word looks at all words at once. Attention by itself does not know which
word comes first, so the Transformer adds a learned vector for each place.

Short tweets are filled up with zeros; `mask_zero=True` marks them, and neither the attention, the LSTM nor
the mean counts them.

    python examples/transformer.py
"""

import argparse
from pathlib import Path

import data
import numpy as np

from keras.layers import (
    LSTM,
    Add,
    Dense,
    Dropout,
    Embedding,
    GlobalAveragePooling1D,
    Input,
    Layer,
    LayerNormalization,
    MultiHeadAttention,
)
from keras.models import Model

NB_WORDS = 10000  # words are numbered from 1, the most frequent first; 0 fills up short tweets
LENGTH = 32  # words: hardly a tweet is longer
SIZE = 64  # of the vector of a word


class Places(Layer):
    """Adds a learned vector to each step of a sequence: a different one for each place."""

    supports_masking = True

    def build(self, input_shape):
        self.vectors = self.add_weight(name="vectors", shape=input_shape[1:], initializer="uniform")
        self.built = True

    def call(self, x):
        return x + self.vectors


def block(x):
    """One block of a Transformer: attention, then two dense layers, each beside a shortcut."""
    attended = MultiHeadAttention(num_heads=4, key_dim=SIZE // 4)(x, x)
    x = LayerNormalization()(Add()([x, Dropout(0.3)(attended)]))
    inner = Dense(SIZE)(Dense(2 * SIZE, activation="gelu")(x))
    return LayerNormalization()(Add()([x, Dropout(0.3)(inner)]))


def build_model(kind):
    words = Input(shape=(LENGTH,), dtype="int32")
    x = Embedding(NB_WORDS, SIZE, mask_zero=True)(words)  # (None, 32, 64)
    if kind == "transformer":
        x = Dropout(0.3)(Places()(x))
        for _ in range(2):
            x = block(x)
    else:
        x = LSTM(SIZE, return_sequences=True)(Dropout(0.3)(x))
    x = GlobalAveragePooling1D()(x)  # (None, 64), the mean over the words that are there
    model = Model(words, Dense(1, activation="sigmoid")(x))
    model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
    return model


def draw(histories, path):
    """Draws the accuracy on the held-out tweets after each epoch, a line for each model."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    for kind, history in histories.items():
        pyplot.plot(range(1, 1 + len(history["val_acc"])), history["val_acc"], marker="o", label=kind)
    pyplot.xlabel("epoch"), pyplot.ylabel("held-out accuracy"), pyplot.legend()
    path.parent.mkdir(exist_ok=True)
    pyplot.savefig(path, dpi=120)
    print(f"Drew {path}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--fast", action="store_true", help="1 epoch")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()

    (texts_train, y_train), (texts_test, y_test) = data.tweets()
    vocabulary = data.frequent_words(texts_train, NB_WORDS - 1)
    x_train, x_test = (data.word_numbers(texts, vocabulary, LENGTH) for texts in (texts_train, texts_test))

    scores, histories = {}, {}
    for kind in ("lstm", "transformer"):
        np.random.seed(arguments.seed)
        model = build_model(kind)
        print(f"{kind}: {model.count_params()} weights")
        histories[kind] = model.fit(
            x_train,
            y_train,
            epochs=1 if arguments.fast else arguments.epochs,
            batch_size=32,
            validation_data=(x_test, y_test),
            verbose=2,
        ).history
        scores[kind] = histories[kind]["val_acc"][-1]
    draw(histories, Path("out") / "transformer.png")
    majority = max(y_test.mean(), 1 - y_test.mean())
    print(
        f"Held-out accuracy: {scores['transformer']:.3f} of the Transformer, {scores['lstm']:.3f} of the "
        f"LSTM, on {len(y_test)} tweets (always the commoner mood: {majority:.3f})"
    )


if __name__ == "__main__":
    main()
