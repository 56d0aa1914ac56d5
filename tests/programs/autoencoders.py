"""Autoencoders: dense, convolutional and denoising, what-where, of sequences; encoder and decoder alone."""

from __future__ import print_function

import numpy as np

from keras import backend as K
from keras.layers import LSTM, Convolution2D, Dense, Input, MaxPooling2D, RepeatVector, UpSampling2D, merge
from keras.models import Model
from keras.regularizers import activity_l1


def fix(model, seed=0):
    rng = np.random.RandomState(seed)
    model.set_weights([rng.uniform(-0.3, 0.3, w.shape) for w in model.get_weights()])


def dense_autoencoder(x):
    input_img = Input(shape=(x.shape[1],))
    encoded = Dense(3, activation="tanh", activity_regularizer=activity_l1(1e-5))(input_img)
    decoded = Dense(x.shape[1])(encoded)
    autoencoder = Model(input=input_img, output=decoded)
    encoder = Model(input=input_img, output=encoded)
    encoded_input = Input(shape=(3,))
    # retrieve the last layer of the autoencoder model
    decoder = Model(input=encoded_input, output=autoencoder.layers[-1](encoded_input))
    fix(autoencoder)
    autoencoder.compile(optimizer="adam", loss="mse")
    K.set_value(autoencoder.optimizer.lr, 0.02)
    before = autoencoder.evaluate(x, x, verbose=0)
    history = autoencoder.fit(x, x, nb_epoch=30, batch_size=20, verbose=0)
    assert history.history["loss"][-1] < 0.2 * x.var()  # three numbers carry these ten
    np.testing.assert_allclose(
        decoder.predict(encoder.predict(x)), autoencoder.predict(x), rtol=1e-4, atol=1e-5
    )
    return float(before)


def convolutional(noisy, clean):
    input_img = Input(shape=(1, 8, 8))
    x = Convolution2D(6, 3, 3, activation="relu", border_mode="same")(input_img)
    x = MaxPooling2D((2, 2), border_mode="same")(x)
    encoded = MaxPooling2D((2, 2))(Convolution2D(4, 3, 3, activation="relu", border_mode="same")(x))
    x = UpSampling2D((2, 2))(Convolution2D(4, 3, 3, activation="relu", border_mode="same")(encoded))
    x = UpSampling2D((2, 2))(Convolution2D(6, 3, 3, activation="relu", border_mode="same")(x))
    decoded = Convolution2D(1, 3, 3, activation="sigmoid", border_mode="same")(x)
    autoencoder = Model(input_img, decoded)
    fix(autoencoder, 1)
    autoencoder.compile(optimizer="adadelta", loss="binary_crossentropy")
    before = autoencoder.evaluate(noisy, clean, verbose=0)
    autoencoder.fit(noisy, clean, nb_epoch=5, batch_size=20, verbose=0)
    assert autoencoder.evaluate(noisy, clean, verbose=0) < min(before, np.log(2))
    return float(before)


def what_where(x):
    """Stacked what-where: the gradient of pooling tells where a maximum came from, and puts it back."""

    def getwhere(x):
        y_prepool, y_postpool = x
        return K.gradients(K.sum(y_postpool), y_prepool)

    img = Input(shape=(1, 8, 8))
    y = MaxPooling2D(pool_size=(2, 2))(img)
    wheres = merge([img, y], mode=getwhere, output_shape=lambda x: x[0])
    back = merge([UpSampling2D(size=(2, 2))(y), wheres], mode="mul")
    result = Model(img, back).predict(x)
    # Each largest pixel of a two by two block stays in its place; the others are zero.
    blocks = x.reshape(-1, 1, 4, 2, 4, 2)
    kept = np.where(blocks == blocks.max(axis=(3, 5), keepdims=True), blocks, 0).reshape(x.shape)
    np.testing.assert_allclose(result, kept, rtol=1e-5, atol=1e-6)


def sequences(x):
    inputs = Input(shape=(6, 2))
    encoded = LSTM(5)(inputs)
    decoded = LSTM(2, return_sequences=True)(RepeatVector(6)(encoded))
    sequence_autoencoder = Model(inputs, decoded)
    fix(sequence_autoencoder, 2)
    sequence_autoencoder.compile(optimizer="rmsprop", loss="mse")
    before = sequence_autoencoder.evaluate(x, x, verbose=0)
    sequence_autoencoder.fit(x, x, nb_epoch=3, batch_size=10, verbose=0)
    assert sequence_autoencoder.evaluate(x, x, verbose=0) < before
    assert Model(inputs, encoded).predict(x).shape == (len(x), 5)
    return float(before)


def main(folder):
    rng = np.random.RandomState(9)
    codes = np.tanh(rng.normal(size=(100, 3)))
    x = codes.dot(rng.normal(size=(3, 10)))
    dense = dense_autoencoder(x)
    clean = np.zeros((100, 1, 8, 8))
    for i in range(100):
        clean[i, 0, i % 5 : i % 5 + 3, i % 4 : i % 4 + 4] = 1
    noisy = np.clip(clean + 0.3 * rng.normal(size=clean.shape), 0.0, 1.0)
    conv = convolutional(noisy, clean)
    what_where(rng.uniform(0.1, 1, (5, 1, 8, 8)))
    return {"dense": dense, "convolutional": conv, "sequences": sequences(rng.normal(size=(30, 6, 2)))}
