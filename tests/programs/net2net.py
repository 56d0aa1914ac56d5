"""Net2Net (arXiv:1511.05641): wider and deeper networks made by weight surgery compute the same function."""

import numpy as np

from keras.layers import Convolution2D, Dense, Flatten, MaxPooling2D
from keras.models import Sequential
from keras.optimizers import SGD

input_shape = (1, 8, 8)
nb_class = 3


def wider2net_conv2d(teacher_w1, teacher_b1, teacher_w2, new_width):
    """Weights of a wider conv2d layer and of the layer after it, by 'net2wider'; "th" kernels."""
    n = new_width - teacher_w1.shape[0]
    index = np.random.randint(teacher_w1.shape[0], size=n)
    factors = np.bincount(index, minlength=teacher_w1.shape[0])[index] + 1.0
    student_w1 = np.concatenate((teacher_w1, teacher_w1[index]), axis=0)
    student_b1 = np.concatenate((teacher_b1, teacher_b1[index]), axis=0)
    new_w2 = teacher_w2[:, index, :, :] / factors.reshape((1, -1, 1, 1))
    student_w2 = np.concatenate((teacher_w2, new_w2), axis=1)
    student_w2[:, index, :, :] = new_w2
    return student_w1, student_b1, student_w2


def wider2net_fc(teacher_w1, teacher_b1, teacher_w2, new_width):
    n = new_width - teacher_w1.shape[1]
    index = np.random.randint(teacher_w1.shape[1], size=n)
    factors = np.bincount(index, minlength=teacher_w1.shape[1])[index] + 1.0
    student_w1 = np.concatenate((teacher_w1, teacher_w1[:, index]), axis=1)
    student_b1 = np.concatenate((teacher_b1, teacher_b1[index]), axis=0)
    new_w2 = teacher_w2[index, :] / factors[:, np.newaxis]
    student_w2 = np.concatenate((teacher_w2, new_w2), axis=0)
    student_w2[index, :] = new_w2
    return student_w1, student_b1, student_w2


def deeper2net_conv2d(teacher_w):
    """An identity kernel, up to ReLU."""
    nb_filter, nb_channel, kh, kw = teacher_w.shape
    student_w = np.zeros((nb_filter, nb_filter, kh, kw))
    for i in range(nb_filter):
        student_w[i, i, (kh - 1) // 2, (kw - 1) // 2] = 1.0
    return student_w, np.zeros(nb_filter)


def copy_weights(teacher_model, student_model, layer_names):
    """Copy weights from teacher_model to student_model, for layers with names listed in layer_names."""
    for name in layer_names:
        weights = teacher_model.get_layer(name=name).get_weights()
        student_model.get_layer(name=name).set_weights(weights)


def make_model(conv1=4, conv2=5, fc1=6, deeper=()):
    model = Sequential()
    model.add(
        Convolution2D(
            conv1, 3, 3, input_shape=input_shape, border_mode="same", activation="relu", name="conv1"
        )
    )
    model.add(MaxPooling2D(name="pool1"))
    model.add(Convolution2D(conv2, 3, 3, border_mode="same", activation="relu", name="conv2"))
    if "conv" in deeper:
        model.add(Convolution2D(conv2, 3, 3, border_mode="same", activation="relu", name="conv2-deeper"))
    model.add(MaxPooling2D(name="pool2"))
    model.add(Flatten(name="flatten"))
    model.add(Dense(fc1, activation="relu", name="fc1"))
    if "fc" in deeper:
        model.add(Dense(fc1, init="identity", activation="relu", name="fc1-deeper"))
    model.add(Dense(nb_class, activation="softmax", name="fc2"))
    model.compile(loss="categorical_crossentropy", optimizer=SGD(lr=0.01, momentum=0.9), metrics=["accuracy"])
    return model


def main(folder):
    np.random.seed(1337)
    teacher = make_model()
    rng = np.random.RandomState(0)
    teacher.set_weights([rng.uniform(-0.4, 0.4, w.shape) for w in teacher.get_weights()])
    x = rng.normal(size=(40, 1, 8, 8))
    y = np.eye(nb_class)[(x.mean(axis=(1, 2, 3)) * 20).astype(int) % nb_class]
    before = teacher.evaluate(x, y, verbose=0)
    teacher.fit(x, y, nb_epoch=2, verbose=0)
    wanted = teacher.predict(x)

    wider = make_model(conv1=7, fc1=9)
    w_conv1, b_conv1 = teacher.get_layer("conv1").get_weights()
    w_conv2, b_conv2 = teacher.get_layer("conv2").get_weights()
    new_w_conv1, new_b_conv1, new_w_conv2 = wider2net_conv2d(w_conv1, b_conv1, w_conv2, 7)
    wider.get_layer("conv1").set_weights([new_w_conv1, new_b_conv1])
    wider.get_layer("conv2").set_weights([new_w_conv2, b_conv2])
    w_fc1, b_fc1 = teacher.get_layer("fc1").get_weights()
    w_fc2, b_fc2 = teacher.get_layer("fc2").get_weights()
    new_w_fc1, new_b_fc1, new_w_fc2 = wider2net_fc(w_fc1, b_fc1, w_fc2, 9)
    wider.get_layer("fc1").set_weights([new_w_fc1, new_b_fc1])
    wider.get_layer("fc2").set_weights([new_w_fc2, b_fc2])
    np.testing.assert_allclose(wider.predict(x), wanted, rtol=1e-4, atol=1e-6)

    deeper = make_model(deeper=("conv", "fc"))
    copy_weights(teacher, deeper, ["conv1", "conv2", "fc1", "fc2"])
    deeper.get_layer("conv2-deeper").set_weights(deeper2net_conv2d(w_conv2))
    np.testing.assert_allclose(deeper.predict(x), wanted, rtol=1e-4, atol=1e-6)
    losses = [model.evaluate(x, y, verbose=0)[0] for model in (teacher, wider, deeper)]
    np.testing.assert_allclose(losses, losses[0], rtol=1e-5)
    deeper.fit(x, y, nb_epoch=2, verbose=0)
    assert deeper.evaluate(x, y, verbose=0)[0] < before[0]
    return {"loss": float(before[0])}
