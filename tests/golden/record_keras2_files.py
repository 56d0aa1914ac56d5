"""Writes the model files of Keras 2 in `keras2/`, and what the models in them predict.

Run under the Keras that is to be recorded, once for each (Python 3.7):

    pip install keras==2.2.4 theano==1.0.5 "numpy<1.20" "scipy<1.3" "h5py<3"
    KERAS_BACKEND=theano python record_keras2_files.py keras224_theano
    pip install keras==2.3.1 tensorflow==1.15 "protobuf<3.21" "h5py<3"
    KERAS_BACKEND=tensorflow python record_keras2_files.py keras231_tensorflow

For each model NAME: `keras2/LABEL/NAME.h5` (`dense` with a state of the optimizer), and in `LABEL.npz` its
inputs `NAME/x0` ... and predictions `NAME/y0` ...
"""

import os
import sys

import numpy as np

from keras import backend as K
from keras import layers as L
from keras.models import Model, Sequential

LABEL = sys.argv[1]
FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "keras2")
FIRST = K.backend() == "theano"  # both orderings are recorded, each where it is at home


def dense():
    model = Sequential(name="dense")
    model.add(L.Dense(4, activation="relu", input_shape=(3,), kernel_initializer="he_normal"))
    model.add(L.Dropout(0.3))
    model.add(L.BatchNormalization())
    model.add(
        L.Dense(
            2, use_bias=False, activation="softmax", kernel_regularizer="l2", kernel_constraint="max_norm"
        )
    )
    model.compile(optimizer="adam", loss="categorical_crossentropy", metrics=["accuracy"])
    model.train_on_batch(np.ones((2, 3)), np.eye(2))  # so that the optimizer has a state
    return model


def lstm():
    x = L.Input(shape=(5,), name="ids", dtype="int32")
    y = L.Embedding(7, 4, mask_zero=True)(x)
    y = L.LSTM(3, return_sequences=True, dropout=0.1, recurrent_dropout=0.2)(y)
    y = L.LSTM(2, implementation=2, unit_forget_bias=False)(y)
    return Model(inputs=x, outputs=y)


def gru():
    x = L.Input(shape=(5, 3))
    y = L.Bidirectional(L.GRU(2, return_sequences=True))(x)
    y = L.TimeDistributed(L.Dense(3, activation="tanh"))(y)
    y = L.Bidirectional(L.LSTM(2), merge_mode="sum")(y)
    return Model(inputs=x, outputs=y)


def simple_rnn():
    model = Sequential()
    model.add(L.SimpleRNN(3, input_shape=(4, 2), go_backwards=True))
    model.add(L.RepeatVector(2))
    model.add(L.SimpleRNN(2, activation="relu", return_sequences=True))
    return model


def images(ordering, shape):
    x = L.Input(shape=shape)
    options = {"data_format": ordering}
    # Theano pads "same" otherwise where the step is above 1.
    y = L.Conv2D(3, (3, 2), strides=2, padding="valid" if FIRST else "same", activation="relu", **options)(x)
    y = L.ZeroPadding2D(((1, 0), (0, 2)), **options)(y)
    y = L.Conv2DTranspose(2, 3, strides=2, **options)(y)
    y = L.BatchNormalization(axis=1 if ordering == "channels_first" else -1)(y)
    y = L.PReLU()(y)
    y = L.Cropping2D(((1, 0), (0, 1)), **options)(y)
    z = L.Conv2D(2, 2, dilation_rate=2, **options)(y)
    z = L.UpSampling2D(2, **options)(z)
    z = L.MaxPooling2D(2, **options)(z)
    y = L.LeakyReLU(0.1)(y)
    y = L.GlobalAveragePooling2D(**options)(y)
    z = L.GlobalMaxPooling2D(**options)(z)
    return Model(inputs=x, outputs=[y, z])


def images_first():
    return images("channels_first", (2, 8, 7))


def images_last():
    return images("channels_last", (8, 7, 2))


def separable():
    x = L.Input(shape=(6, 5, 2))
    y = L.SeparableConv2D(3, 3, depth_multiplier=2, activation="tanh")(x)
    return Model(inputs=x, outputs=L.Flatten()(y))


def volumes():
    shape = (2, 4, 5, 4) if FIRST else (4, 5, 4, 2)
    options = {"data_format": "channels_first" if FIRST else "channels_last"}
    x = L.Input(shape=shape)
    y = L.Conv3D(3, (2, 3, 2), **options)(x)
    return Model(inputs=x, outputs=L.MaxPooling3D(2, **options)(y))


def steps():
    x = L.Input(shape=(8, 3))
    y = L.Conv1D(4, 3, padding="same", activation="tanh")(x)
    y = L.MaxPooling1D(2)(y)
    y = L.Conv1D(3, 2, dilation_rate=2)(y)
    y = L.LocallyConnected1D(2, 2)(y)
    return Model(inputs=x, outputs=L.UpSampling1D(2)(y))


def local():
    x = L.Input(shape=(4, 5, 2))
    return Model(inputs=x, outputs=L.LocallyConnected2D(3, (2, 3), data_format="channels_last")(x))


def video():
    shape = (3, 2, 5, 6) if FIRST else (3, 5, 6, 2)
    ordering = "channels_first" if FIRST else "channels_last"
    x = L.Input(shape=shape)
    size = (3, 3) if FIRST else (3, 2)  # Theano pads "same" otherwise where a size is even
    return Model(inputs=x, outputs=L.ConvLSTM2D(2, size, padding="same", data_format=ordering)(x))


def merged():
    a, b = L.Input(shape=(4,), name="a"), L.Input(shape=(4,), name="b")
    parts = [L.add([a, b]), L.multiply([a, b]), L.average([a, b]), L.maximum([a, b]), L.subtract([a, b])]
    y = L.concatenate([*parts, L.dot([a, b], axes=1)])
    return Model(inputs=[a, b], outputs=L.Activation("tanh")(L.Concatenate(axis=-1)([y, a])))


def nested():
    inner_input = L.Input(shape=(3,))
    y = L.BatchNormalization()(L.Dense(4, activation="relu")(inner_input))
    inner = Model(inputs=inner_input, outputs=L.Dense(2)(L.BatchNormalization()(y)), name="inner")
    sequential = Sequential([L.LSTM(2, input_shape=(5, 3)), L.Dense(3)], name="sequential")
    a, steps = L.Input(shape=(3,)), L.Input(shape=(5, 3))
    y = L.add([inner(a), inner(sequential(steps))])
    y = L.concatenate([y, L.GlobalMaxPooling1D()(L.TimeDistributed(inner)(steps))])
    return Model(inputs=[a, steps], outputs=y)


MODELS = [dense, lstm, gru, simple_rnn, images_last, separable, volumes, steps, local, video, merged, nested]
if FIRST:  # what differs on Theano: kernels are turned around, and channels may come first
    MODELS = [images_first, images_last, volumes, steps, video]


def main():
    target = os.path.join(FOLDER, LABEL)
    os.makedirs(target, exist_ok=True)
    random = np.random.RandomState(1)
    arrays = {}
    for make in MODELS:
        np.random.seed(0)
        model = make()
        # Weights that tell every array and every element from the others.
        model.set_weights([np.abs(w) + random.uniform(-0.3, 0.5, w.shape) for w in model.get_weights()])
        xs = []
        for tensor in model.inputs:
            shape = (3,) + K.int_shape(tensor)[1:]
            is_ids = K.dtype(tensor) == "int32"
            xs.append(random.randint(0, 7, shape) if is_ids else random.standard_normal(shape))
        xs = [x.astype("int32" if x.dtype.kind == "i" else "float32") for x in xs]
        ys = model.predict(xs)
        for kind, items in (("x", xs), ("y", ys if isinstance(ys, list) else [ys])):
            arrays.update({f"{make.__name__}/{kind}{i}": item for i, item in enumerate(items)})
        model.save(os.path.join(target, make.__name__ + ".h5"), include_optimizer=make is dense)
        print(make.__name__, [y.shape for y in (ys if isinstance(ys, list) else [ys])])
    np.savez_compressed(os.path.join(FOLDER, LABEL + ".npz"), **arrays)


if __name__ == "__main__":
    main()
