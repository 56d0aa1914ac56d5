"""Recognise handwritten digits with an inception block and a residual connection.

The inception block looks at the same features at three scales at once, in three towers, and sets the
results side by side. The residual connection adds what a convolution has made of its input to that
input, so that the convolution need only learn the difference. The guide shows both on pictures of
256 x 256; here they stand in one small network for pictures of 28 x 28.

    python examples/inception_residual.py
"""

import argparse

import data
import numpy as np

from keras import backend as K
from keras.layers import Activation, Convolution2D, Dense, Flatten, Input, MaxPooling2D, merge
from keras.models import Model
from keras.utils.np_utils import to_categorical


def inception(x, nb_filter):
    """Return three towers' views of `x`, side by side: 3 * nb_filter channels, height and width kept."""
    # 1x1 mixes the channels of each pixel, and so makes the wider convolution after it cheaper.
    tower_1 = Convolution2D(nb_filter, 1, 1, border_mode="same", activation="relu")(x)
    tower_1 = Convolution2D(nb_filter, 3, 3, border_mode="same", activation="relu")(tower_1)

    tower_2 = Convolution2D(nb_filter, 1, 1, border_mode="same", activation="relu")(x)
    tower_2 = Convolution2D(nb_filter, 5, 5, border_mode="same", activation="relu")(tower_2)

    tower_3 = MaxPooling2D((3, 3), strides=(1, 1), border_mode="same")(x)
    tower_3 = Convolution2D(nb_filter, 1, 1, border_mode="same", activation="relu")(tower_3)

    # Axis 0 is the batch, axis 1 the channels.
    return merge([tower_1, tower_2, tower_3], mode="concat", concat_axis=1)


def residual(x, nb_filter):
    """Return `x` plus a convolution of it; `nb_filter` must be the number of channels of `x`."""
    y = Convolution2D(nb_filter, 3, 3, border_mode="same")(x)
    return Activation("relu")(merge([x, y], mode="sum"))


def build_model():
    image = Input(shape=(1, 28, 28))  # (channels, height, width)
    x = Convolution2D(16, 3, 3, border_mode="same", activation="relu")(image)  # (None, 16, 28, 28)
    x = MaxPooling2D((2, 2))(x)  # (None, 16, 14, 14)
    x = inception(x, 16)  # (None, 48, 14, 14)
    x = MaxPooling2D((2, 2))(x)  # (None, 48, 7, 7)
    x = residual(x, 48)  # (None, 48, 7, 7)
    x = Flatten()(x)  # (None, 2352)
    digit = Dense(10, activation="softmax")(x)  # (None, 10)

    model = Model(input=image, output=digit)
    model.compile(optimizer="adam", loss="categorical_crossentropy", metrics=["accuracy"])
    return model


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--fast", action="store_true", help="2 epochs")
    arguments = parser.parse_args()
    np.random.seed(0)
    K.set_image_dim_ordering("th")  # channels first, whatever ~/.keras/keras.json says

    (x_train, y_train), (x_test, y_test) = data.digits()
    x_train, x_test = x_train[:, None], x_test[:, None]  # (4000, 1, 28, 28) and (1000, 1, 28, 28)
    y_train, y_test = to_categorical(y_train, 10), to_categorical(y_test, 10)

    model = build_model()
    model.summary()
    model.fit(x_train, y_train, nb_epoch=2 if arguments.fast else arguments.epochs, batch_size=32)

    _, accuracy = model.evaluate(x_test, y_test, verbose=0)
    print(f"Held-out accuracy: {accuracy:.3f} on {len(x_test)} digits (guessing: 0.10)")


if __name__ == "__main__":
    main()
