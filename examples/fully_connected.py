"""Recognise handwritten digits with a fully connected network: the guide's first model.

A picture of 28 x 28 pixels is laid out as 784 numbers. Two hidden layers of 64 units turn them into
features, and a softmax turns those into ten probabilities, one for each digit.

    python examples/fully_connected.py
"""

import argparse

import data
import numpy as np

from keras.layers import Dense, Input
from keras.models import Model
from keras.utils.np_utils import to_categorical


def build_model():
    # A tensor that stands for the data. 784 is the size of one sample; the number of samples in a
    # batch is left open, so the tensor's shape is (None, 784).
    inputs = Input(shape=(784,))

    # A layer is called on a tensor and returns a tensor.
    x = Dense(64, activation="relu")(inputs)  # (None, 64)
    x = Dense(64, activation="relu")(x)  # (None, 64)
    predictions = Dense(10, activation="softmax")(x)  # (None, 10): ten probabilities

    # The model is everything between the two tensors.
    model = Model(input=inputs, output=predictions)
    model.compile(optimizer="rmsprop", loss="categorical_crossentropy", metrics=["accuracy"])
    return model


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--fast", action="store_true", help="10 epochs")
    arguments = parser.parse_args()
    np.random.seed(0)

    (x_train, y_train), (x_test, y_test) = data.digits()
    x_train = x_train.reshape(-1, 784)  # (4000, 784)
    x_test = x_test.reshape(-1, 784)  # (1000, 784)
    y_train = to_categorical(y_train, 10)  # (4000, 10): the digit 3 becomes 0001000000
    y_test = to_categorical(y_test, 10)  # (1000, 10)

    model = build_model()
    model.summary()
    model.fit(x_train, y_train, nb_epoch=10 if arguments.fast else arguments.epochs, batch_size=32)

    _, accuracy = model.evaluate(x_test, y_test, verbose=0)
    print(f"Held-out accuracy: {accuracy:.3f} on {len(x_test)} digits (guessing: 0.10)")


if __name__ == "__main__":
    main()
