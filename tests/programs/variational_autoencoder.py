"""A variational autoencoder: the loss closes over tensors, decoder layers serve two models.

With the noise at zero the loss is a number that NumPy computes from the weights.
"""

import numpy as np

from keras import backend as K
from keras import objectives
from keras.layers import Dense, Input, Lambda
from keras.models import Model

batch_size = 20
original_dim = 12
latent_dim = 2
intermediate_dim = 16
epsilon_std = 0.1


def patterns(n):
    """Two clusters of binary vectors, with a few bits flipped."""
    halves = np.repeat([[1, 0], [0, 1]], original_dim // 2, axis=1)
    y = np.random.randint(0, 2, n)
    flipped = np.random.uniform(size=(n, original_dim)) < 0.05
    return np.abs(halves[y] - flipped).astype("float32"), y


def main(folder):
    np.random.seed(1337)
    x = Input(batch_shape=(batch_size, original_dim))
    h = Dense(intermediate_dim, activation="relu")(x)
    z_mean = Dense(latent_dim)(h)
    z_log_var = Dense(latent_dim)(h)

    def sampling(args):
        z_mean, z_log_var = args
        epsilon = K.random_normal(shape=(batch_size, latent_dim), mean=0.0, std=epsilon_std)
        return z_mean + K.exp(z_log_var / 2) * epsilon

    # note that "output_shape" isn't necessary with the TensorFlow backend
    z = Lambda(sampling, output_shape=(latent_dim,))([z_mean, z_log_var])

    # we instantiate these layers separately so as to reuse them later
    decoder_h = Dense(intermediate_dim, activation="relu")
    decoder_mean = Dense(original_dim, activation="sigmoid")
    x_decoded_mean = decoder_mean(decoder_h(z))

    def vae_loss(x, x_decoded_mean):
        xent_loss = original_dim * objectives.binary_crossentropy(x, x_decoded_mean)
        kl_loss = -0.5 * K.sum(1 + z_log_var - K.square(z_mean) - K.exp(z_log_var), axis=-1)
        return xent_loss + kl_loss

    vae = Model(x, x_decoded_mean)
    vae.compile(optimizer="rmsprop", loss=vae_loss)

    x_train, _ = patterns(400)
    x_test, y_test = patterns(100)
    before = vae.evaluate(x_test, x_test, batch_size=batch_size, verbose=0)
    history = vae.fit(
        x_train,
        x_train,
        shuffle=True,
        nb_epoch=40,
        batch_size=batch_size,
        verbose=0,
        validation_data=(x_test, x_test),
    )
    # The best code that knows nothing of the picture pays log 2 for each of its bits.
    nothing = original_dim * np.log(2)
    assert history.history["val_loss"][-1] < 0.8 * nothing < before

    # A model of its own for the latent means, which tell the clusters apart.
    encoder = Model(x, z_mean)
    x_test_encoded = encoder.predict(x_test, batch_size=batch_size)
    assert x_test_encoded.shape == (100, latent_dim)
    centers = np.array([x_test_encoded[y_test == k].mean(axis=0) for k in (0, 1)])
    distances = ((x_test_encoded[:, None] - centers) ** 2).sum(axis=-1)
    assert np.mean(distances.argmin(axis=1) == y_test) > 0.9

    # A generator that shares the decoder's layers, called on another input.
    decoder_input = Input(shape=(latent_dim,))
    _x_decoded_mean = decoder_mean(decoder_h(decoder_input))
    generator = Model(decoder_input, _x_decoded_mean)
    x_decoded = generator.predict(x_test_encoded)
    W_h, b_h = decoder_h.get_weights()
    W, b = decoder_mean.get_weights()
    by_hand = 1 / (1 + np.exp(-(np.maximum(x_test_encoded.dot(W_h) + b_h, 0).dot(W) + b)))
    np.testing.assert_allclose(x_decoded, by_hand, rtol=1e-4, atol=1e-5)
    assert np.mean((x_decoded > 0.5) == (x_test > 0.5)) > 0.85
    return {}
