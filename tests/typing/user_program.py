"""A program as users write it: pyright must accept it, and know the types that an editor shows.

`python -m pyright` checks this file with the sources. test_user_program.py runs it.
"""

from pathlib import Path
from typing import Any, assert_type

import numpy as np

from keras import backend as K
from keras import callbacks, constraints, metrics, objectives, optimizers, regularizers
from keras._graph import Tensor, Variable
from keras.callbacks import Callback, EarlyStopping, History, ModelCheckpoint, TrainingCheckpoint
from keras.engine.topology import Layer
from keras.layers import (
    Convolution2D,
    Dense,
    Dropout,
    Embedding,
    Flatten,
    Input,
    Lambda,
    MaxPooling2D,
    merge,
)
from keras.models import Model, Sequential, load_model, model_from_json
from keras.preprocessing.image import ImageDataGenerator
from keras.preprocessing.sequence import pad_sequences
from keras.preprocessing.text import Tokenizer
from keras.regularizers import l2
from keras.utils.np_utils import to_categorical

SAMPLES = 12


class Scale(Layer):
    """A layer of the user's own, in the style of Keras 1."""

    def __init__(self, factor: float = 2.0, **kwargs):
        self.factor = factor
        super().__init__(**kwargs)

    def build(self, input_shape):
        self.scale = self.add_weight((input_shape[-1],), initializer="one", name=f"{self.name}_scale")
        self.built = True

    def call(self, x, mask=None):
        return self.factor * x * self.scale

    def get_output_shape_for(self, input_shape):
        return input_shape

    def get_config(self):
        return {**super().get_config(), "factor": self.factor}


class BestLoss(Callback):
    """A callback of the user's own."""

    def on_train_begin(self, logs=None):
        self.best = float("inf")

    def on_epoch_end(self, epoch, logs=None):
        self.best = min(self.best, (logs or {})["loss"])


def huber(y_true, y_pred):
    """A loss of the user's own, in functions of K."""
    error = K.abs(y_true - y_pred)
    return K.mean(K.switch(K.greater(error, 1.0), error - 0.5, 0.5 * K.square(error)), axis=-1)


def total(x):
    """A function of the user's own, for `Lambda`."""
    return K.sum(x, axis=-1, keepdims=True)


def functional(folder: Path) -> None:
    """Builds, trains, saves and loads a model with two inputs and two outputs."""
    words = Input(shape=(5,), dtype="int32", name="words")
    facts = Input(shape=(4,), name="facts")
    assert_type(facts, Tensor)
    text = Flatten()(Embedding(20, 6, input_length=5)(words))
    joined = merge([text, Scale(3.0)(facts)], mode="concat", concat_axis=-1)
    assert_type(joined, Tensor)
    hidden = Dense(8, activation="relu", W_regularizer=l2(0.01))(Dropout(0.5)(joined))
    assert_type(hidden, Tensor)
    kind = Dense(3, activation="softmax", name="kind")(hidden)
    size = Lambda(total, name="size")(hidden * 2 + 1)
    model = Model(input=[words, facts], output=[kind, size])
    assert_type(model, Model)
    model.compile(
        optimizer=optimizers.Adam(lr=0.01, clipnorm=1.0),
        loss={"kind": "categorical_crossentropy", "size": huber},
        metrics={"kind": ["accuracy"]},
        loss_weights={"kind": 1.0, "size": 0.5},
    )
    x = {"words": np.random.randint(1, 20, (SAMPLES, 5)), "facts": np.random.rand(SAMPLES, 4)}
    y = {"kind": to_categorical(np.arange(SAMPLES) % 3), "size": np.random.rand(SAMPLES, 1)}
    best = BestLoss()
    path = folder / "best.h5"
    history = model.fit(
        x,
        y,
        nb_epoch=3,
        batch_size=4,
        verbose=0,
        validation_data=(x, y),
        callbacks=[best, EarlyStopping(patience=2), ModelCheckpoint(path, save_best_only=True)],
    )
    assert_type(history, History)
    losses: list[float] = history.history["loss"]
    assert best.best == min(losses)
    loss, *_ = model.evaluate(x, y, verbose=0)
    assert loss > 0
    kinds, sizes = model.predict(x)
    assert kinds.shape == (SAMPLES, 3) and sizes.shape == (SAMPLES, 1)

    again = load_model(path, custom_objects={"Scale": Scale, "huber": huber, "total": total})
    assert_type(again.get_weights(), list[np.ndarray])
    again.summary()
    layer = model.get_layer("kind")
    assert_type(layer, Layer | Any)
    weight, _bias = layer.get_weights()
    assert weight.shape == (8, 3)
    assert_type(layer.weights, list[Variable] | Any)
    output: Tensor = layer.output
    part = Model(input=model.inputs, output=output)
    assert part.predict(x).shape == (SAMPLES, 3)
    text_of_model = model.to_json()
    assert_type(text_of_model, str)
    copy = model_from_json(text_of_model, custom_objects={"Scale": Scale, "total": total})
    copy.set_weights(model.get_weights())


def sequential(folder: Path) -> None:
    """Trains a stack of layers on arrays, batches and generators, and resumes it."""
    model = Sequential(
        [
            Convolution2D(4, 3, 3, activation="relu", input_shape=(1, 8, 8), dim_ordering="th"),
            MaxPooling2D((2, 2), dim_ordering="th"),
            Flatten(),
        ]
    )
    model.add(
        Dense(
            1, activation="sigmoid", W_constraint=constraints.maxnorm(2), b_regularizer=regularizers.l1(0.1)
        )
    )
    model.compile("sgd", "binary_crossentropy", metrics=["accuracy", metrics.binary_accuracy])
    x, y = np.random.rand(SAMPLES, 1, 8, 8), np.arange(SAMPLES) % 2
    checkpoint = TrainingCheckpoint(folder / "training.h5")
    history = model.fit(x, y, nb_epoch=2, verbose=0, validation_split=0.25, callbacks=[checkpoint])
    assert_type(history, History)
    assert len(history.epoch) == 2
    generator = ImageDataGenerator(horizontal_flip=True, dim_ordering="th")
    history = model.fit_generator(generator.flow(x, y, batch_size=4), SAMPLES, 1, verbose=0)
    assert_type(history, History)
    model.train_on_batch(x[:4], y[:4])
    probabilities: np.ndarray = model.predict(x, batch_size=4)
    assert probabilities.shape == (SAMPLES, 1)
    assert model.predict_classes(x, verbose=0).shape == (SAMPLES, 1)
    model.save(folder / "model.h5")
    model.save_weights(str(folder / "weights.h5"))
    model.load_weights(folder / "weights.h5")
    assert len(model.layers) == 4


def values() -> None:
    """Uses functions of K, losses, optimizers and preprocessing directly."""
    x = K.placeholder(shape=(None, 3))
    w = K.variable(np.ones((3, 2)), name="w")
    assert_type(x, Tensor)
    assert_type(w, Variable)
    y = K.relu(K.dot(x, w)) / 2
    assert_type(y, Tensor)
    loss = K.mean(objectives.mse(y, K.zeros_like(y)))
    gradients = K.gradients(loss, [w])
    function = K.function([x, K.learning_phase()], [loss, *gradients], updates=[(w, w * 0.9)])
    found, gradient = function([np.ones((4, 3)), 0])
    assert found > 0 and gradient.shape == (3, 2)
    K.set_value(w, K.get_value(w) + 1)
    assert K.int_shape(y) == (None, 2) and K.ndim(y) == 2 and K.dtype(y) == "float32"
    sgd = optimizers.get("sgd")
    K.set_value(sgd.lr, 0.5)
    tokenizer = Tokenizer(nb_words=10)
    tokenizer.fit_on_texts(["a b a", "b c"])
    padded: np.ndarray = pad_sequences(tokenizer.texts_to_sequences(["a b a", "c"]), maxlen=4)
    assert padded.shape == (2, 4)
    callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: print(epoch, logs["loss"]))


def main(folder: Path) -> None:
    functional(folder)
    sequential(folder)
    values()
