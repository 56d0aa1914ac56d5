"""Transfer learning: bottleneck features, popped layers, frozen layers, weights by name, fine tuning."""

from __future__ import print_function

import os

import numpy as np

from keras.layers import (
    Activation,
    Convolution2D,
    Dense,
    Flatten,
    GlobalAveragePooling2D,
    Input,
    MaxPooling2D,
)
from keras.models import Model, Sequential
from keras.optimizers import SGD, RMSprop
from keras.preprocessing.image import ImageDataGenerator

shape = (1, 8, 8)


def stripes(n, kinds, seed):
    """Kind 0: horizontal, 1: vertical, 2: flat."""
    rng = np.random.RandomState(seed)
    y = np.arange(n) % kinds
    x = 0.2 * rng.normal(size=(n,) + shape)
    x[y == 0, :, ::2, :] += 1
    x[y == 1, :, :, ::2] += 1
    return x, y


def base_model(nb_classes):
    model = Sequential()
    model.add(Convolution2D(6, 3, 3, activation="relu", input_shape=shape, name="conv1"))
    model.add(MaxPooling2D((2, 2), name="pool1"))
    model.add(Flatten(name="flatten"))
    model.add(Dense(8, activation="relu", name="fc1"))
    model.add(Dense(nb_classes, activation="softmax", name="predictions%d" % nb_classes))
    return model


def main(folder):
    np.random.seed(1337)
    x, y = stripes(120, 3, 0)
    source = base_model(3)
    source.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    source.fit(x, y.reshape(-1, 1), nb_epoch=30, batch_size=12, verbose=0)
    assert source.evaluate(x, y.reshape(-1, 1), verbose=0)[1] > 0.8
    path = os.path.join(folder, "source.h5")
    source.save_weights(path)

    # By name: what the new model shares with the old one; its top stays as it was made.
    new = base_model(2)
    top = new.layers[-1].get_weights()
    new.load_weights(path, by_name=True)
    for layer in new.layers[:-1]:
        for a, b in zip(layer.get_weights(), source.get_layer(layer.name).get_weights()):
            np.testing.assert_array_equal(a, b)
    np.testing.assert_array_equal(new.layers[-1].get_weights()[0], top[0])

    # Frozen below, trained on top.
    for layer in new.layers[:4]:
        layer.trainable = False
    new.compile(loss="categorical_crossentropy", optimizer=SGD(lr=0.1, momentum=0.9), metrics=["accuracy"])
    x2, y2 = stripes(60, 2, 1)
    frozen = new.layers[0].get_weights()
    new.fit(x2, np.eye(2)[y2], nb_epoch=8, verbose=0)
    np.testing.assert_array_equal(new.layers[0].get_weights()[0], frozen[0])
    assert new.evaluate(x2, np.eye(2)[y2], verbose=0)[1] > 0.9

    # Popping layers off a Sequential, and in the way that people did it by hand.
    source.pop()
    assert source.output_shape == (None, 8)
    source.layers.pop()
    source.outputs = [source.layers[-1].output]
    source.layers[-1].outbound_nodes = []
    assert source.layers[-1].name == "flatten"

    # Bottleneck features from a generator, a small classifier on them, then both together.
    body = Model(input=new.input, output=new.get_layer("pool1").output)
    datagen = ImageDataGenerator(rescale=1.0)
    generator = datagen.flow(x2, batch_size=20, shuffle=False)
    features = body.predict_generator(generator, 60)
    np.testing.assert_allclose(features, body.predict(x2), rtol=1e-5, atol=1e-6)
    top_model = Sequential([Flatten(input_shape=features.shape[1:]), Dense(1), Activation("sigmoid")])
    top_model.compile(optimizer=RMSprop(lr=0.01), loss="binary_crossentropy", metrics=["accuracy"])
    top_model.fit(features, y2, nb_epoch=30, verbose=0)
    full = Model(input=body.input, output=top_model(body.output))
    np.testing.assert_allclose(full.predict(x2), top_model.predict(features), rtol=1e-4, atol=1e-6)
    full.compile(loss="binary_crossentropy", optimizer=SGD(lr=1e-3, momentum=0.9), metrics=["accuracy"])
    assert full.evaluate(x2, y2, verbose=0)[1] > 0.9

    # Global average pooling in place of the top: class activation maps from the last kernel.
    inp = Input(shape=shape)
    maps = Convolution2D(4, 3, 3, activation="relu", border_mode="same", name="maps")(inp)
    out = Dense(2, name="classes")(GlobalAveragePooling2D()(maps))
    cam = Model(inp, out)
    conv = Model(inp, cam.get_layer("maps").output).predict(x2)
    W, b = cam.layers[-1].get_weights()
    np.testing.assert_allclose(
        np.tensordot(conv.mean(axis=(2, 3)), W, 1) + b, cam.predict(x2), rtol=1e-3, atol=1e-5
    )
    return {}
