"""The wide set: models that users of the time had, in Keras 1's names, on random data.

    python benchmarks/wide/models.py FOLDER    writes what the peers read, for each model

NAME.keras is for Keras 3, NAME.json (the graph, models inside written out) for `torch_model.py`, and NAME.npz
has the batch size and the data. Each function below returns (model, batch size, batches of an epoch, loss).
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from keras import backend as K
from keras.applications import ResNet50
from keras.convert import convert_file
from keras.layers import (
    GRU,
    LSTM,
    Activation,
    AtrousConvolution1D,
    BatchNormalization,
    Bidirectional,
    ConvLSTM2D,
    Convolution1D,
    Convolution2D,
    Convolution3D,
    Deconvolution2D,
    Dense,
    Dropout,
    Embedding,
    Flatten,
    GlobalAveragePooling1D,
    GlobalAveragePooling2D,
    GlobalMaxPooling1D,
    Input,
    MaxPooling1D,
    MaxPooling2D,
    MaxPooling3D,
    Permute,
    RepeatVector,
    Reshape,
    SeparableConvolution2D,
    SimpleRNN,
    TimeDistributed,
    UpSampling2D,
    merge,
)
from keras.models import Model, Sequential

MODELS: dict[str, Callable[[], tuple[Any, int, int, str]]] = {}


def wide(function):
    MODELS[function.__name__] = function
    return function


@wide
def separable():
    image = x = Input(shape=(64, 64, 32))
    for filters in (64, 64, 128):
        x = SeparableConvolution2D(filters, 3, 3, border_mode="same", bias=False)(x)
        x = Activation("relu")(BatchNormalization()(x))
    return (
        Model(image, Dense(10, activation="softmax")(GlobalAveragePooling2D()(x))),
        8,
        8,
        "categorical_crossentropy",
    )


@wide
def conv_lstm():
    frames = x = Input(shape=(10, 40, 40, 1))
    for _ in range(2):
        x = ConvLSTM2D(40, 3, 3, border_mode="same", return_sequences=True)(x)
        x = BatchNormalization()(x)
    x = Convolution3D(1, 3, 3, 3, activation="sigmoid", border_mode="same")(x)
    return Model(frames, x), 4, 2, "binary_crossentropy"


@wide
def lstm_dropout():
    text = Input(shape=(80,), dtype="int32", name="words_20000")
    x = LSTM(128, dropout_W=0.2, dropout_U=0.2)(Embedding(20000, 128)(text))
    return Model(text, Dense(1, activation="sigmoid")(x)), 32, 10, "binary_crossentropy"


@wide
def text_cnn():
    text = Input(shape=(400,), dtype="int32", name="words_5000")
    x = Dropout(0.2)(Embedding(5000, 50)(text))
    towers = [GlobalMaxPooling1D()(Convolution1D(250, size, activation="relu")(x)) for size in (3, 4, 5)]
    x = Dropout(0.2)(Dense(250, activation="relu")(merge(towers, mode="concat")))
    return Model(text, Dense(1, activation="sigmoid")(x)), 32, 10, "binary_crossentropy"


@wide
def seq2seq():
    digits = Input(shape=(7, 12))
    x = RepeatVector(4)(LSTM(128)(digits))
    x = TimeDistributed(Dense(12, activation="softmax"))(LSTM(128, return_sequences=True)(x))
    return Model(digits, x), 128, 20, "categorical_crossentropy"


@wide
def masked_lstm():
    text = Input(shape=(80,), dtype="int32", name="padded_20000")
    x = LSTM(128)(Embedding(20000, 128, mask_zero=True)(text))
    return Model(text, Dense(1, activation="sigmoid")(x)), 32, 10, "binary_crossentropy"


@wide
def cifar10():
    image = x = Input(shape=(32, 32, 3))
    for filters in (32, 64):
        x = Convolution2D(filters, 3, 3, border_mode="same", activation="relu")(x)
        x = Convolution2D(filters, 3, 3, activation="relu")(x)
        x = Dropout(0.25)(MaxPooling2D((2, 2))(x))
    x = Dropout(0.5)(Dense(512, activation="relu")(Flatten()(x)))
    return Model(image, Dense(10, activation="softmax")(x)), 32, 10, "categorical_crossentropy"


@wide
def characters():
    text = Input(shape=(40, 57))
    return Model(text, Dense(57, activation="softmax")(LSTM(128)(text))), 128, 10, "categorical_crossentropy"


@wide
def unet():
    def twice(x, filters):
        for _ in range(2):
            x = Convolution2D(filters, 3, 3, border_mode="same", activation="relu")(x)
        return x

    image = x = Input(shape=(128, 128, 1))
    levels = []
    for filters in (16, 32, 64):
        levels.append(twice(x, filters))
        x = MaxPooling2D((2, 2))(levels[-1])
    x = twice(x, 128)
    for level, filters in zip(levels[::-1], (64, 32, 16), strict=True):
        x = twice(merge([UpSampling2D((2, 2))(x), level], mode="concat"), filters)
    return Model(image, Convolution2D(1, 1, 1, activation="sigmoid")(x)), 4, 2, "binary_crossentropy"


@wide
def dense_dropout():
    image = x = Input(shape=(784,))
    for _ in range(2):
        x = Dropout(0.2)(Dense(512, activation="relu")(x))
    return Model(image, Dense(10, activation="softmax")(x)), 128, 50, "categorical_crossentropy"


@wide
def resnet50():
    model = ResNet50(include_top=False, weights=None, input_shape=(224, 224, 3))
    x = Dense(10, activation="softmax")(Flatten()(model.output))
    return Model(model.input, x), 4, 1, "categorical_crossentropy"


@wide
def wavenet():
    sound = Input(shape=(512, 16))
    x = Convolution1D(32, 1)(sound)
    for rate in (1, 2, 4, 8, 16):
        gates = [
            Activation(name)(AtrousConvolution1D(32, 2, atrous_rate=rate, border_mode="same")(x))
            for name in ("tanh", "sigmoid")
        ]
        x = merge([x, Convolution1D(32, 1)(merge(gates, mode="mul"))], mode="sum")
    return Model(sound, Convolution1D(16, 1, activation="softmax")(x)), 8, 5, "categorical_crossentropy"


@wide
def two_bidirectional_grus():
    text = Input(shape=(80,), dtype="int32", name="words_20000")
    x = Embedding(20000, 64)(text)
    x = Bidirectional(GRU(64, return_sequences=True))(x)
    return (
        Model(text, Dense(1, activation="sigmoid")(Bidirectional(GRU(64))(x))),
        32,
        10,
        "binary_crossentropy",
    )


@wide
def recommender():
    user = Input(shape=(1,), dtype="int32", name="words_120000")
    item = Input(shape=(1,), dtype="int32", name="words_30000")
    vectors = [Flatten()(Embedding(120000, 32)(user)), Flatten()(Embedding(30000, 32)(item))]
    x = Dense(64, activation="relu")(merge(vectors, mode="concat"))
    return Model([user, item], Dense(1, activation="sigmoid")(x)), 256, 50, "binary_crossentropy"


# --- after the examples of Keras 1.2.2


@wide
def cnn_lstm():
    text = Input(shape=(100,), dtype="int32", name="words_20000")
    x = Dropout(0.25)(Embedding(20000, 128)(text))
    x = MaxPooling1D(4)(Convolution1D(64, 5, activation="relu")(x))
    return Model(text, Dense(1, activation="sigmoid")(LSTM(70)(x))), 30, 10, "binary_crossentropy"


@wide
def fasttext():
    text = Input(shape=(400,), dtype="int32", name="words_20000")
    x = GlobalAveragePooling1D()(Embedding(20000, 50)(text))
    return Model(text, Dense(1, activation="sigmoid")(x)), 32, 50, "binary_crossentropy"


@wide
def bidirectional_lstm():
    text = Input(shape=(100,), dtype="int32", name="words_20000")
    x = Dropout(0.5)(Bidirectional(LSTM(64))(Embedding(20000, 128)(text)))
    return Model(text, Dense(1, activation="sigmoid")(x)), 32, 10, "binary_crossentropy"


@wide
def simple_rnn():
    rows = Input(shape=(196, 4))
    x = SimpleRNN(100, activation="relu")(rows)
    return Model(rows, Dense(10, activation="softmax")(x)), 32, 10, "categorical_crossentropy"


@wide
def hierarchical():
    image = Input(shape=(28, 28, 1))
    x = LSTM(128)(TimeDistributed(LSTM(128))(image))
    return Model(image, Dense(10, activation="softmax")(x)), 32, 4, "categorical_crossentropy"


@wide
def mnist_cnn():
    image = Input(shape=(28, 28, 1))
    x = Convolution2D(32, 3, 3, activation="relu")(image)
    x = Dropout(0.25)(MaxPooling2D((2, 2))(Convolution2D(32, 3, 3, activation="relu")(x)))
    x = Dropout(0.5)(Dense(128, activation="relu")(Flatten()(x)))
    return Model(image, Dense(10, activation="softmax")(x)), 128, 5, "categorical_crossentropy"


@wide
def autoencoder():
    image = Input(shape=(784,))
    x = Dense(256, activation="relu")(Dense(2)(Dense(256, activation="relu")(image)))
    return Model(image, Dense(784, activation="sigmoid")(x)), 100, 50, "binary_crossentropy"


@wide
def deconvolution():
    code = Input(shape=(64,))
    x = Reshape((7, 7, 32))(Dense(7 * 7 * 32, activation="relu")(code))
    for side in (14, 28):
        x = Deconvolution2D(
            32,
            3,
            3,
            output_shape=(None, side, side, 32),
            border_mode="same",
            subsample=(2, 2),
            activation="relu",
        )(x)
    return (
        Model(code, Convolution2D(1, 2, 2, border_mode="same", activation="sigmoid")(x)),
        64,
        10,
        "binary_crossentropy",
    )


@wide
def siamese():
    first, second = Input(shape=(784,)), Input(shape=(784,))
    base = Sequential()
    for number in range(3):
        base.add(Dense(128, activation="relu", **({"input_shape": (784,)} if not number else {})))
        if number < 2:
            base.add(Dropout(0.1))
    x = merge([base(first), base(second)], mode="mul")
    return Model([first, second], Dense(1, activation="sigmoid")(x)), 128, 50, "binary_crossentropy"


@wide
def memory_network():
    story = Input(shape=(68,), dtype="int32", name="words_22")
    question = Input(shape=(4,), dtype="int32", name="words_22_question")
    m, c = Embedding(22, 64)(story), Embedding(22, 4)(story)
    q = Embedding(22, 64)(question)
    match = Activation("softmax")(merge([m, q], mode="dot", dot_axes=[2, 2]))
    answer = Permute((2, 1))(merge([match, c], mode="sum"))
    x = LSTM(32)(merge([answer, q], mode="concat"))
    return Model([story, question], Dense(22, activation="softmax")(x)), 32, 20, "categorical_crossentropy"


@wide
def video_3d():
    clip = x = Input(shape=(16, 32, 32, 3))
    for filters in (16, 32):
        x = Convolution3D(filters, 3, 3, 3, activation="relu", border_mode="same")(x)
        x = MaxPooling3D((2, 2, 2))(x)
    return Model(clip, Dense(10, activation="softmax")(Flatten()(x))), 4, 2, "categorical_crossentropy"


@wide
def strided_cnn():
    image = x = Input(shape=(64, 64, 3))
    for filters in (32, 64, 128):
        x = Convolution2D(filters, 3, 3, subsample=(2, 2), border_mode="same", bias=False)(x)
        x = Activation("relu")(BatchNormalization()(x))
    return Model(image, Dense(10, activation="softmax")(Flatten()(x))), 16, 4, "categorical_crossentropy"


def data_of(model, samples):
    """Random (inputs, targets): words, padded words and numbers by the names of the inputs."""
    random = np.random.RandomState(0)

    def x_of(tensor):
        shape, name = (samples, *K.int_shape(tensor)[1:]), tensor.name.split(":")[0]
        kind, *sizes = name.split("_")
        if kind not in ("words", "padded"):
            return random.standard_normal(shape).astype("float32")
        drawn = random.randint(1, int(sizes[0]), shape).astype("int32")
        if kind == "padded":
            drawn[np.arange(shape[1]) < random.randint(0, shape[1], (samples, 1))] = 0
        return drawn

    def y_of(tensor):
        shape = (samples, *K.int_shape(tensor)[1:])
        if shape[-1] == 1 or model.loss == "binary_crossentropy":
            return random.randint(0, 2, shape).astype("float32")
        return np.eye(shape[-1], dtype="float32")[random.randint(0, shape[-1], shape[:-1])]

    return [x_of(x) for x in model.inputs], [y_of(y) for y in model.outputs]


def built(name):
    """(model, batch size, inputs, targets) of a model of the set, compiled."""
    K.set_image_dim_ordering("tf")
    model, batch, batches, loss = MODELS[name]()
    model.compile(optimizer="rmsprop", loss=loss)
    return (model, batch, *data_of(model, batch * batches))


def graph_of(model):
    """The calls of layers in order, those inside of inner models included, as plain data."""
    calls = []

    def walk(model, names):
        known = {id(tensor): name for tensor, name in zip(model.inputs, names, strict=True)}
        for depth in sorted(model.nodes_by_depth, reverse=True):
            for node in model.nodes_by_depth[depth]:
                layer, inputs = node.outbound_layer, node.input_tensors
                if not inputs or id(node.output_tensors[0]) in known:
                    continue
                given = [known[id(tensor)] for tensor in inputs]
                results = walk(layer, given) if isinstance(layer, Model) else [call(layer, node, given)]
                known |= {id(t): name for t, name in zip(node.output_tensors, results, strict=True)}
        return [known[id(tensor)] for tensor in model.outputs]

    def call(layer, node, given):
        calls.append(
            {
                "layer": type(layer).__name__,
                "name": layer.name,
                "config": layer.get_config(),
                "inputs": given,
                "input_shape": K.int_shape(node.input_tensors[0]),
                "shape": K.int_shape(node.output_tensors[0]),
                "result": f"t{len(calls)}",
            }
        )
        return calls[-1]["result"]

    inputs = [f"x{number}" for number in range(len(model.inputs))]
    outputs = walk(model.model if isinstance(model, Sequential) else model, inputs)
    return {"inputs": inputs, "calls": calls, "outputs": outputs, "loss": model.loss}


def main(folder):
    """Writes the files of all models."""
    for name in MODELS:
        model, batch, x, y = built(name)
        model.save(folder / f"{name}.h5")
        convert_file(folder / f"{name}.h5", folder / f"{name}.keras")
        (folder / f"{name}.json").write_text(json.dumps(graph_of(model), default=str))
        arrays = {f"x{i}": array for i, array in enumerate(x)} | {f"y{i}": array for i, array in enumerate(y)}
        np.savez(folder / f"{name}.npz", batch=batch, loss=model.loss, **arrays)
        K.clear_session()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
