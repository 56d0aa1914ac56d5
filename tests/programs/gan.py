"""A generative adversarial network and its auxiliary-classifier kind, on a ring of points.

train_on_batch, a discriminator frozen between compiles, losses of several outputs, metrics_names.
"""

from collections import defaultdict

import numpy as np

from keras.layers import Dense, Dropout, Embedding, Flatten, Input, merge
from keras.layers.advanced_activations import LeakyReLU
from keras.models import Model, Sequential
from keras.optimizers import Adam
from keras.utils.generic_utils import Progbar

latent_size = 4
nb_classes = 2
centers = np.array([[2.0, 0.0], [-2.0, 0.0]])


def real_batch(n):
    labels = np.random.randint(0, nb_classes, n)
    return centers[labels] + 0.2 * np.random.normal(size=(n, 2)), labels


def make_trainable(net, val):
    net.trainable = val
    for l in net.layers:
        l.trainable = val


def plain_gan():
    generator = Sequential()
    generator.add(Dense(input_dim=latent_size, output_dim=16, activation="tanh"))
    generator.add(Dense(2))
    discriminator = Sequential(
        [
            Dense(16, input_shape=(2,)),
            LeakyReLU(0.2),
            Dropout(0.2),
            Dense(1, activation="sigmoid"),
        ]
    )
    d_optim, g_optim = Adam(lr=0.01, beta_1=0.5), Adam(lr=0.01, beta_1=0.5)
    generator.compile(loss="binary_crossentropy", optimizer="SGD")

    def generator_containing_discriminator(generator, discriminator):
        model = Sequential()
        model.add(generator)
        discriminator.trainable = False
        model.add(discriminator)
        return model

    gan = generator_containing_discriminator(generator, discriminator)
    gan.compile(loss="binary_crossentropy", optimizer=g_optim)
    discriminator.trainable = True
    discriminator.compile(loss="binary_crossentropy", optimizer=d_optim, metrics=["accuracy"])

    def distance():
        made = generator.predict(np.random.uniform(-1, 1, (200, latent_size)), verbose=0)
        return np.abs(made.mean(axis=0) - [2.0, 1.0]).max()

    before = distance()
    for index in range(60):
        noise = np.random.uniform(-1, 1, (32, latent_size))
        made = generator.predict(noise)
        X = np.concatenate((np.array([2.0, 1.0]) + 0.3 * np.random.normal(size=(32, 2)), made))
        y = [1] * 32 + [0] * 32
        make_trainable(discriminator, True)
        d_loss, d_acc = discriminator.train_on_batch(X, y)
        assert 0 <= d_acc <= 1
        make_trainable(discriminator, False)
        frozen = discriminator.get_weights()
        g_before = generator.get_weights()
        gan.train_on_batch(noise, [1] * 32)
        make_trainable(discriminator, True)
        # What was frozen when the stack was compiled stays; the generator moves.
        for was, now in zip(frozen, discriminator.get_weights()):
            np.testing.assert_array_equal(was, now)
        assert any((was != now).any() for was, now in zip(g_before, generator.get_weights()))
    assert distance() < before


def build_generator():
    latent = Input(shape=(latent_size,))
    image_class = Input(shape=(1,), dtype="int32")
    cls = Flatten()(Embedding(nb_classes, latent_size, init="glorot_normal")(image_class))
    h = merge([latent, cls], mode="mul")
    fake = Dense(2)(Dense(16, activation="relu")(h))
    return Model(input=[latent, image_class], output=fake)


def build_discriminator():
    image = Input(shape=(2,))
    features = Dropout(0.3)(LeakyReLU()(Dense(16)(image)))
    fake = Dense(1, activation="sigmoid", name="generation")(features)
    aux = Dense(nb_classes, activation="softmax", name="auxiliary")(features)
    return Model(input=image, output=[fake, aux])


def ac_gan():
    adam_lr, adam_beta_1 = 0.005, 0.5
    discriminator = build_discriminator()
    discriminator.compile(
        optimizer=Adam(lr=adam_lr, beta_1=adam_beta_1),
        loss=["binary_crossentropy", "sparse_categorical_crossentropy"],
    )
    generator = build_generator()
    generator.compile(optimizer=Adam(lr=adam_lr, beta_1=adam_beta_1), loss="binary_crossentropy")
    latent = Input(shape=(latent_size,))
    image_class = Input(shape=(1,), dtype="int32")
    fake = generator([latent, image_class])
    # we only want to be able to train generation for the combined model
    discriminator.trainable = False
    fake, aux = discriminator(fake)
    combined = Model(input=[latent, image_class], output=[fake, aux])
    combined.compile(
        optimizer=Adam(lr=adam_lr, beta_1=adam_beta_1),
        loss=["binary_crossentropy", "sparse_categorical_crossentropy"],
    )
    assert discriminator.metrics_names == ["loss", "generation_loss", "auxiliary_loss"]
    assert len(combined.trainable_weights) == len(generator.trainable_weights) == 5

    nb_batches, batch_size = 40, 32
    train_history = defaultdict(list)
    for epoch in range(3):
        progress_bar = Progbar(target=nb_batches)
        epoch_disc_loss, epoch_gen_loss = [], []
        for index in range(nb_batches):
            progress_bar.update(index)
            noise = np.random.uniform(-1, 1, (batch_size, latent_size))
            image_batch, label_batch = real_batch(batch_size)
            sampled_labels = np.random.randint(0, nb_classes, batch_size)
            generated_images = generator.predict([noise, sampled_labels.reshape((-1, 1))], verbose=0)
            X = np.concatenate((image_batch, generated_images))
            y = np.array([1] * batch_size + [0] * batch_size)
            aux_y = np.concatenate((label_batch, sampled_labels), axis=0)
            epoch_disc_loss.append(discriminator.train_on_batch(X, [y, aux_y]))
            noise = np.random.uniform(-1, 1, (2 * batch_size, latent_size))
            sampled_labels = np.random.randint(0, nb_classes, 2 * batch_size)
            trick = np.ones(2 * batch_size)
            epoch_gen_loss.append(
                combined.train_on_batch([noise, sampled_labels.reshape((-1, 1))], [trick, sampled_labels])
            )
        image_batch, label_batch = real_batch(100)
        test_loss = discriminator.evaluate(image_batch, [np.ones(100), label_batch], verbose=False)
        train_history["generator"].append(np.mean(np.array(epoch_gen_loss), axis=0))
        train_history["discriminator"].append(np.mean(np.array(epoch_disc_loss), axis=0))
        train_history["test"].append(test_loss)
    ROW_FMT = "{0:<22s} | {1:<4.2f} | {2:<15.2f} | {3:<5.2f}"
    print("{0:<22s} | {1:4s} | {2:15s} | {3:5s}".format("component", *discriminator.metrics_names))
    for name in sorted(train_history):
        print(ROW_FMT.format(name, *train_history[name][-1]))
    # The total is the sum of its parts, and the class of a real point is seen.
    for losses in train_history["generator"]:
        assert abs(losses[0] - losses[1] - losses[2]) < 1e-5
    assert train_history["test"][-1][2] < 0.5 * np.log(nb_classes)
    # The generator has learnt to make what the discriminator files under the class asked for.
    assert train_history["generator"][-1][2] < 0.5 * np.log(nb_classes)


def main(folder):
    np.random.seed(1337)
    plain_gan()
    ac_gan()
    return {}
