"""Writes keras3/: files of Keras 3, and what Keras 3 predicts with them and with files written here.

    python tests/golden/record_keras3_files.py FOLDER

Run by Keras 3.15.1 with KERAS_BACKEND=jax. FOLDER has `.keras` files that this project converted from the
models in golden/files, named `ours_*.keras`; `ours_catalog.keras` has all layers of the catalog that can be
converted, written by `python tests/convert/test_every_layer.py FOLDER` and packed. Inputs are seeded, see
`inputs`.
"""

import os
import sys
import zipfile

os.environ["KERAS_BACKEND"] = "jax"
import numpy as np

import keras
from keras import layers


def inputs(model):
    random = np.random.RandomState(1)
    return [_numbers(random, (3, *tensor.shape[1:]), str(tensor.dtype)) for tensor in model.inputs]


def _numbers(random, shape, dtype):
    if dtype == "bool":
        return (random.randint(0, 2, shape) > 0) | (np.arange(shape[-1]) == 0)  # each row has a True
    return (
        random.randint(0, 5, shape).astype(dtype)
        if "int" in dtype
        else random.standard_normal(shape).astype(dtype)
    )


def functional():
    inner = keras.Sequential([keras.Input((5, 4)), layers.LSTM(3), layers.Dense(2)], name="inner")
    values = keras.Input((6,))
    dense = keras.Model(values, layers.Dense(2, activation="relu")(values), name="dense_model")
    a, b, c = keras.Input((5, 4)), keras.Input((5, 4)), keras.Input((6,))
    x = layers.Concatenate()([inner(a), inner(b), dense(c)])
    y = layers.Bidirectional(layers.GRU(3, reset_after=False, recurrent_activation="hard_sigmoid"))(a)
    z = layers.Flatten()(layers.TimeDistributed(layers.Dense(3))(a))
    x = layers.Dropout(0.5)(layers.Concatenate()([x, y, z]))
    model = keras.Model([a, b, c], layers.Dense(2)(x))
    model.compile("adam", "mse")
    return model


def images():
    model = keras.Sequential(
        [
            keras.Input((8, 8, 3)),
            layers.Conv2D(4, 3, padding="same", activation="relu"),
            layers.BatchNormalization(),
            layers.MaxPooling2D(),
            layers.SeparableConv2D(3, 2),
            layers.LeakyReLU(negative_slope=0.1),
            layers.Flatten(),
            layers.Dense(2, activation="softmax", kernel_regularizer="l2"),
        ]
    )
    random = np.random.RandomState(2)
    model.set_weights([np.abs(random.standard_normal(w.shape)) * 0.3 for w in model.get_weights()])
    return model


def pack(path):
    """Compresses an archive, which Keras 3 does not."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)


if __name__ == "__main__":
    folder = sys.argv[1]
    for make in (functional, images):
        keras.utils.set_random_seed(3)
        make().save(f"{folder}/{make.__name__}.keras")
        pack(f"{folder}/{make.__name__}.keras")
    recorded = {}
    for name in sorted(os.listdir(folder)):
        if name.endswith(".keras"):
            model = keras.models.load_model(os.path.join(folder, name))
            outputs = model.predict(inputs(model), verbose=0)
            for i, output in enumerate(outputs if isinstance(outputs, list) else [outputs]):
                recorded[f"{name}/{i}"] = np.asarray(output)
    np.savez_compressed(f"{folder}/predictions.npz", **recorded)
