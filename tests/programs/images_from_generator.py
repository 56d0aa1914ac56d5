"""Pictures from generators: flow into train_on_batch, flow_from_directory on PNG files into fit_generator."""

from __future__ import print_function

import os

import numpy as np
from PIL import Image

from keras import backend as K
from keras.layers import Activation, Convolution2D, Dense, Dropout, Flatten, MaxPooling2D
from keras.models import Sequential
from keras.preprocessing.image import ImageDataGenerator, array_to_img, img_to_array, load_img

img_width, img_height = 12, 12


def write_pictures(folder, n):
    """Red discs and blue bars, as PNG files in a folder for each class."""
    rng = np.random.RandomState(0)
    for k, kind in enumerate(["bars", "discs"]):
        os.makedirs(os.path.join(folder, kind))
        for i in range(n):
            pixels = rng.randint(0, 60, (img_height, img_width, 3)).astype("uint8")
            r, c = rng.randint(0, 5, 2)
            pixels[r : r + 6, c : c + 6, 2 - 2 * k] = 220
            Image.fromarray(pixels).save(os.path.join(folder, kind, "%s.%03d.png" % (kind, i)))


def build(channels):
    if K.image_dim_ordering() == "th":
        input_shape = (channels, img_width, img_height)
    else:
        input_shape = (img_width, img_height, channels)
    model = Sequential()
    model.add(Convolution2D(4, 3, 3, input_shape=input_shape))
    model.add(Activation("relu"))
    model.add(MaxPooling2D(pool_size=(2, 2)))
    model.add(Flatten())
    model.add(Dropout(0.2))
    model.add(Dense(1))
    model.add(Activation("sigmoid"))
    model.compile(loss="binary_crossentropy", optimizer="rmsprop", metrics=["accuracy"])
    K.set_value(model.optimizer.lr, 0.01)
    return model


def main(folder):
    np.random.seed(1337)
    train_dir, validation_dir = os.path.join(folder, "train"), os.path.join(folder, "validation")
    write_pictures(train_dir, 40)
    write_pictures(validation_dir, 10)
    # this is the augmentation configuration we will use for training
    train_datagen = ImageDataGenerator(
        rescale=1.0 / 255, shear_range=0.2, zoom_range=0.2, horizontal_flip=True
    )
    test_datagen = ImageDataGenerator(rescale=1.0 / 255)
    size = (img_width, img_height)
    train_generator = train_datagen.flow_from_directory(
        train_dir, target_size=size, batch_size=16, class_mode="binary"
    )
    validation_generator = test_datagen.flow_from_directory(
        validation_dir, target_size=size, batch_size=10, class_mode="binary", shuffle=False
    )
    assert train_generator.class_indices == {"bars": 0, "discs": 1} and train_generator.nb_sample == 80
    model = build(3)
    history = model.fit_generator(
        train_generator, samples_per_epoch=80, nb_epoch=8, verbose=0,
        validation_data=validation_generator, nb_val_samples=20,
    )  # fmt: skip
    assert history.history["val_acc"][-1] > 0.8  # chance is 0.5
    validation_generator.reset()
    loss, acc = model.evaluate_generator(validation_generator, val_samples=20)
    validation_generator.reset()
    probabilities = model.predict_generator(validation_generator, val_samples=20)
    assert abs(acc - np.mean((probabilities[:, 0] > 0.5) == (np.arange(20) >= 10))) < 1e-6

    # In memory: centred and scaled by the statistics of the training set, augmented, batch by batch.
    names = sorted(os.listdir(os.path.join(train_dir, "discs")))
    X = np.array([img_to_array(load_img(os.path.join(train_dir, "discs", name))) for name in names])
    assert array_to_img(X[0]).size == size
    datagen = ImageDataGenerator(
        featurewise_center=True,
        featurewise_std_normalization=True,
        width_shift_range=0.1,
        height_shift_range=0.1,
    )
    datagen.fit(X)
    y = (X.reshape(len(X), -1).mean(axis=1) > X.mean()).astype(int)
    model = build(3)
    for e in range(2):
        batches = 0
        for X_batch, Y_batch in datagen.flow(X, y, batch_size=10):
            model.train_on_batch(X_batch, Y_batch)
            batches += 1
            if batches >= len(X) / 10:
                # we need to break the loop by hand because the generator loops indefinitely
                break
    assert batches == 4
    plain = ImageDataGenerator(featurewise_center=True, featurewise_std_normalization=True)
    plain.fit(X)
    whole = next(plain.flow(X, batch_size=len(X), shuffle=False))
    assert abs(whole.mean()) < 1e-4 and abs(whole.std() - 1) < 1e-2
    return {"mean pixel": float(X.mean()), "std": [float(v) for v in np.ravel(plain.std)]}
