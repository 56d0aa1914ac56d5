"""Import lines and switches that repositories of 2015 and 2016 begin with; calls of Keras 0 that pass."""

from __future__ import absolute_import, print_function

import os
import warnings

import numpy as np

from keras import activations, constraints, initializations, regularizers
from keras import backend as K
from keras.backend.common import _EPSILON, _FLOATX, _UID_PREFIXES
from keras.constraints import maxnorm, nonneg, unitnorm
from keras.datasets import cifar10, imdb, mnist, reuters
from keras.engine import InputSpec, Layer, merge
from keras.engine.topology import Container, Input, InputLayer, Node, get_source_inputs
from keras.engine.training import Model, make_batches
from keras.layers import regularizers as layer_regularizers
from keras.layers.advanced_activations import ELU, LeakyReLU, PReLU, SReLU
from keras.layers.convolutional import (
    AveragePooling2D,
    Convolution1D,
    Convolution2D,
    MaxPooling1D,
    MaxPooling2D,
    UpSampling2D,
    ZeroPadding2D,
)
from keras.layers.core import (
    Activation,
    Dense,
    Dropout,
    Flatten,
    Lambda,
    MaxoutDense,
    Merge,
    Reshape,
    TimeDistributedDense,
)
from keras.layers.core import K as core_K
from keras.layers.embeddings import Embedding
from keras.layers.noise import GaussianDropout, GaussianNoise
from keras.layers.normalization import BatchNormalization
from keras.layers.recurrent import GRU, LSTM, Recurrent, SimpleRNN, time_distributed_dense
from keras.models import Sequential, model_from_json, model_from_yaml
from keras.objectives import categorical_crossentropy, mse
from keras.optimizers import SGD, Adadelta, Adagrad, Adam, RMSprop
from keras.preprocessing import image, sequence, text
from keras.regularizers import WeightRegularizer, activity_l2, l1l2, l2
from keras.utils import generic_utils, np_utils
from keras.utils.generic_utils import Progbar
from keras.utils.layer_utils import layer_from_config
from keras.utils.np_utils import to_categorical
from keras.utils.visualize_util import plot


def binary_crossentropy_with_epsilon(y_true, y_pred):
    y_pred = K.clip(y_pred, _EPSILON, 1.0 - K.common._EPSILON)
    return -K.mean(y_true * K.log(y_pred) + (1 - y_true) * K.log(1 - y_pred), axis=-1)


def main(folder):
    assert _FLOATX == K.floatx() == "float32" and K.epsilon() == _EPSILON
    if K._BACKEND == "theano":
        raise AssertionError("no Theano here")
    assert K.backend() == K._BACKEND and core_K is K and layer_regularizers is regularizers
    if K.image_dim_ordering() == "th":
        channel_axis, shape = 1, (1, 8, 8)
    else:
        channel_axis, shape = 3, (8, 8, 1)
    for key in _UID_PREFIXES.keys():
        _UID_PREFIXES[key] = 0

    model = Sequential()
    model.add(ZeroPadding2D((1, 1), input_shape=shape))
    model.add(Convolution2D(4, 3, 3, W_regularizer=l2(0.001), b_constraint=maxnorm(2)))
    assert model.layers[-1].name == "convolution2d_1"  # the counters began anew
    model.add(BatchNormalization(axis=channel_axis, mode=0))
    model.add(Activation("relu"))
    model.add(MaxPooling2D(pool_size=(2, 2), dim_ordering=K.image_dim_ordering()))
    model.add(Flatten())
    model.add(MaxoutDense(5, nb_feature=2))
    model.add(PReLU())
    model.add(Dropout(0.25))
    model.add(Dense(2, activation="softmax"))
    sgd = SGD(lr=0.05, decay=1e-6, momentum=0.9, nesterov=True)
    rng = np.random.RandomState(3)
    X = rng.uniform(size=(60,) + shape)
    y = np.arange(60) % 2
    X[y == 1] += 0.5
    Y = np_utils.to_categorical(y, 2)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model.compile(
            loss="categorical_crossentropy", optimizer=sgd, metrics=["accuracy"], class_mode="categorical"
        )
        hist = model.fit(
            X, Y, batch_size=10, nb_epoch=12, show_accuracy=True, verbose=0, validation_split=0.2
        )
        score = model.evaluate(X, Y, show_accuracy=True, verbose=0)
    assert len([w for w in caught if "show_accuracy" in str(w.message)]) == 2
    assert sorted(hist.history) == ["acc", "loss", "val_acc", "val_loss"]
    print("Test score: %s, accuracy: %s" % tuple(score))
    assert hist.history["acc"][-1] > 0.8  # chance is 0.5
    classes = model.predict_classes(X, batch_size=32, verbose=0)
    proba = model.predict_proba(X, batch_size=32, verbose=0)
    assert (
        np.mean(classes == y) == np_utils.accuracy(classes, y)
        and abs(score[1] - np.mean(classes == y)) < 1e-6
    )
    np.testing.assert_array_equal(np_utils.probas_to_classes(proba), classes)

    json_string = model.to_json()
    with open(os.path.join(folder, "architecture.json"), "w") as f:
        f.write(json_string)
    model.save_weights(os.path.join(folder, "weights.h5"), overwrite=True)
    for again in (model_from_json(json_string), model_from_yaml(model.to_yaml())):
        again.load_weights(os.path.join(folder, "weights.h5"))
        np.testing.assert_allclose(again.predict(X), proba, rtol=1e-5, atol=1e-6)
    plot(model, to_file=os.path.join(folder, "model.png"), show_shapes=True)
    assert os.path.exists(os.path.join(folder, "model.png"))

    # Reading a layer between, by model.layers[i].output, and by get_output_at.
    get_activations = K.function([model.layers[0].input, K.learning_phase()], [model.layers[4].output])
    pooled = get_activations([X, 0])[0]
    layer_model = Model(input=model.input, output=model.layers[4].get_output_at(0))
    np.testing.assert_allclose(pooled, layer_model.predict(X), rtol=1e-5, atol=1e-6)
    train_noise = K.function([model.input, K.learning_phase()], [model.layers[-2].output])([X, 1])[0]
    assert (train_noise == 0).mean() > 0.1  # dropped at random

    y_true, y_pred = K.variable(np.array([[0.0, 1.0]])), K.variable(np.array([[0.0, 0.5]]))
    # -(log(1 - epsilon) + log(0.5)) / 2
    assert abs(K.eval(binary_crossentropy_with_epsilon(y_true, y_pred))[0] - np.log(2) / 2) < 1e-5
    unused = [
        activations,
        constraints,
        initializations,
        unitnorm,
        nonneg,
        cifar10,
        imdb,
        mnist,
        reuters,
        InputSpec,
    ]
    unused += [
        Layer,
        Merge,
        merge,
        Container,
        Input,
        InputLayer,
        Node,
        get_source_inputs,
        make_batches,
        ELU,
        LeakyReLU,
    ]
    unused += [
        SReLU,
        AveragePooling2D,
        Convolution1D,
        MaxPooling1D,
        UpSampling2D,
        Lambda,
        Reshape,
        Embedding,
        GRU,
    ]
    unused += [
        TimeDistributedDense,
        GaussianDropout,
        GaussianNoise,
        LSTM,
        Recurrent,
        SimpleRNN,
        time_distributed_dense,
    ]
    unused += [categorical_crossentropy, mse, Adadelta, Adagrad, Adam, RMSprop, image, sequence, text, l1l2]
    unused += [WeightRegularizer, activity_l2, generic_utils, Progbar, layer_from_config, to_categorical]
    assert None not in unused
    return {}
