"""A siamese network with contrastive loss: Lambda distance with output_shape, accuracy by hand."""

import random

import numpy as np

from keras import backend as K
from keras.layers import Dense, Dropout, Input, Lambda
from keras.models import Model, Sequential
from keras.optimizers import RMSprop

nb_classes = 4


def euclidean_distance(vects):
    x, y = vects
    return K.sqrt(K.maximum(K.sum(K.square(x - y), axis=1, keepdims=True), K.epsilon()))


def eucl_dist_output_shape(shapes):
    shape1, shape2 = shapes
    return (shape1[0], 1)


def contrastive_loss(y_true, y_pred):
    """Hadsell et al. 2006, http://yann.lecun.com/exdb/publis/pdf/hadsell-chopra-lecun-06.pdf"""
    margin = 1
    return K.mean(y_true * K.square(y_pred) + (1 - y_true) * K.square(K.maximum(margin - y_pred, 0)))


def create_pairs(x, digit_indices):
    """Positive and negative pairs, in turn."""
    pairs, labels = [], []
    n = min([len(digit_indices[d]) for d in range(nb_classes)]) - 1
    for d in range(nb_classes):
        for i in range(n):
            z1, z2 = digit_indices[d][i], digit_indices[d][i + 1]
            pairs += [[x[z1], x[z2]]]
            inc = random.randrange(1, nb_classes)
            dn = (d + inc) % nb_classes
            z1, z2 = digit_indices[d][i], digit_indices[dn][i]
            pairs += [[x[z1], x[z2]]]
            labels += [1, 0]
    return np.array(pairs), np.array(labels)


def create_base_network(input_dim):
    seq = Sequential()
    seq.add(Dense(32, input_shape=(input_dim,), activation="relu"))
    seq.add(Dropout(0.1))
    seq.add(Dense(16, activation="relu"))
    return seq


def compute_accuracy(predictions, labels):
    """Accuracy with a fixed threshold on distances."""
    return np.mean(labels == (predictions.ravel() < 0.5))


def accuracy(y_true, y_pred):
    return K.mean(K.equal(y_true, K.cast(y_pred < 0.5, y_true.dtype)))


def main(folder):
    np.random.seed(1337)  # for reproducibility
    random.seed(1337)
    input_dim = 10
    prototypes = np.random.normal(size=(nb_classes, input_dim))

    def digits(n):
        y = np.arange(n) % nb_classes
        x = prototypes[y] + 0.3 * np.random.normal(size=(n, input_dim))
        return create_pairs(x, [np.where(y == i)[0] for i in range(nb_classes)])

    tr_pairs, tr_y = digits(240)
    te_pairs, te_y = digits(80)

    base_network = create_base_network(input_dim)
    input_a, input_b = Input(shape=(input_dim,)), Input(shape=(input_dim,))
    # because we re-use the same instance `base_network`, the weights are shared
    processed_a, processed_b = base_network(input_a), base_network(input_b)
    distance = Lambda(euclidean_distance, output_shape=eucl_dist_output_shape)([processed_a, processed_b])
    model = Model(input=[input_a, input_b], output=distance)
    model.compile(loss=contrastive_loss, optimizer=RMSprop(), metrics=[accuracy])
    assert len(model.trainable_weights) == 4
    model.fit(
        [tr_pairs[:, 0], tr_pairs[:, 1]],
        tr_y,
        batch_size=32,
        nb_epoch=10,
        verbose=0,
        validation_data=([te_pairs[:, 0], te_pairs[:, 1]], te_y),
    )
    pred = model.predict([te_pairs[:, 0], te_pairs[:, 1]])
    te_acc = compute_accuracy(pred, te_y)
    print("* Accuracy on test set: %0.2f%%" % (100 * te_acc))
    assert te_acc > 0.9  # chance is 0.5
    _, from_keras = model.evaluate([te_pairs[:, 0], te_pairs[:, 1]], te_y, verbose=0)
    assert abs(from_keras - te_acc) < 1e-6
    np.testing.assert_allclose(model.predict([te_pairs[:, 1], te_pairs[:, 0]]), pred, atol=1e-5)
    return {}
