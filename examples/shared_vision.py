"""Tell whether two handwritten digits are the same, with one vision model that sees both.

A model can be called on a tensor like a layer, and as often as one likes. Here a small convolutional
model turns a picture into a vector; it is called on two pictures, with the same weights, and the layers
above compare the two vectors.

The guide puts a logistic regression directly on the two vectors. That gives a sum of one number for
each picture, and no such sum says "equal" (with the digits 0 and 1: if 0,0 and 1,1 count as equal,
then 0,1 and 1,0 together get the very same sum). So a hidden layer stands between, where the two
pictures' features meet.

    python examples/shared_vision.py
"""

import argparse

import data
import numpy as np

from keras import backend as K
from keras.layers import Convolution2D, Dense, Dropout, Flatten, Input, MaxPooling2D, merge
from keras.models import Model


def build_model():
    # First the vision model. Pictures are (channels, height, width): one channel of 27 x 27 pixels.
    digit_input = Input(shape=(1, 27, 27))
    x = Convolution2D(16, 3, 3, activation="relu")(digit_input)  # (None, 16, 25, 25)
    x = MaxPooling2D((2, 2))(x)  # (None, 16, 12, 12)
    x = Convolution2D(32, 3, 3, activation="relu")(x)  # (None, 32, 10, 10)
    x = MaxPooling2D((2, 2))(x)  # (None, 32, 5, 5)
    x = Flatten()(x)  # (None, 800)
    out = Dense(64, activation="relu")(x)  # (None, 64)
    vision_model = Model(digit_input, out)

    # Then the model that tells digits apart. It sees both through the same eyes.
    digit_a = Input(shape=(1, 27, 27))
    digit_b = Input(shape=(1, 27, 27))
    out_a = vision_model(digit_a)  # (None, 64)
    out_b = vision_model(digit_b)  # (None, 64)

    concatenated = merge([out_a, out_b], mode="concat")  # (None, 128)
    x = Dense(128, activation="relu")(concatenated)
    x = Dropout(0.3)(x)
    out = Dense(1, activation="sigmoid")(x)

    model = Model([digit_a, digit_b], out)
    model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
    return model


def make_pairs(images, digits, nb_pairs, random):
    """Draw pairs of pictures, half of them showing the same digit.

    Returns:
        images_a, images_b of shape (nb_pairs, 1, 27, 27), and labels of shape (nb_pairs,): 1 for the
        same digit.
    """
    first = random.randint(0, len(images), nb_pairs)
    labels = random.randint(0, 2, nb_pairs)
    by_digit = [np.flatnonzero(digits == digit) for digit in range(10)]
    other = (digits[first] + random.randint(1, 10, nb_pairs)) % 10  # any digit but the first one's
    second_digit = np.where(labels == 1, digits[first], other)
    second = np.array([random.choice(by_digit[digit]) for digit in second_digit])
    return images[first], images[second], labels


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--fast", action="store_true", help="3 epochs")
    arguments = parser.parse_args()
    np.random.seed(0)
    K.set_image_dim_ordering("th")  # channels first, whatever ~/.keras/keras.json says
    random = np.random.RandomState(0)

    (x_train, y_train), (x_test, y_test) = data.digits()
    # 28 x 28 without the last row and column, blank as a rule, is 27 x 27; and a channel in front.
    x_train, x_test = x_train[:, None, :27, :27], x_test[:, None, :27, :27]
    # No digit of a test pair was seen in training.
    a, b, same = make_pairs(x_train, y_train, 20000, random)
    a_test, b_test, same_test = make_pairs(x_test, y_test, 4000, random)

    model = build_model()
    model.summary()
    model.fit([a, b], same, nb_epoch=3 if arguments.fast else arguments.epochs, batch_size=32)

    _, accuracy = model.evaluate([a_test, b_test], same_test, verbose=0)
    print(f"Held-out accuracy: {accuracy:.3f} on {len(same_test)} pairs of digits (guessing: 0.50)")


if __name__ == "__main__":
    main()
