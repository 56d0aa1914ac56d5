"""Filter visualisation, deep dream, saliency and Grad-CAM on a small convolutional network.

Gradient ascent on the input: K.gradients, K.function, K.learning_phase.
"""

import numpy as np

from keras import backend as K
from keras.layers import Activation, Convolution2D, Dense, Dropout, Flatten, Input, MaxPooling2D
from keras.models import Model

img_width, img_height = 16, 16


def deprocess_image(x):
    x = x - x.mean()
    x /= x.std() + 1e-5
    x *= 0.1
    x += 0.5
    return np.clip(np.clip(x, 0, 1) * 255, 0, 255).astype("uint8")


def build(rng):
    if K.image_dim_ordering() == "th":
        input_shape = (3, img_width, img_height)
    else:
        input_shape = (img_width, img_height, 3)
    img = Input(shape=input_shape)
    x = Convolution2D(4, 3, 3, activation="relu", border_mode="same", name="block1_conv1")(img)
    x = MaxPooling2D((2, 2), strides=(2, 2), name="block1_pool")(x)
    x = Convolution2D(6, 3, 3, border_mode="same", name="block2_conv1")(x)
    x = Activation("relu", name="block2_relu")(x)
    x = Dropout(0.5)(Flatten()(x))
    model = Model(input=img, output=Dense(5, activation="softmax", name="predictions")(x))
    model.set_weights([rng.uniform(-0.3, 0.3, w.shape) for w in model.get_weights()])
    return model


def normalize(x):
    # utility function to normalize a tensor by its L2 norm
    return x / (K.sqrt(K.mean(K.square(x))) + 1e-5)


def visualize_filter(model, filter_index, start):
    layer_dict = dict([(layer.name, layer) for layer in model.layers])
    layer_output = layer_dict["block2_conv1"].output
    if K.image_dim_ordering() == "th":
        loss = K.mean(layer_output[:, filter_index, :, :])
    else:
        loss = K.mean(layer_output[:, :, :, filter_index])
    grads = normalize(K.gradients(loss, model.input)[0])
    iterate = K.function([model.input, K.learning_phase()], [loss, grads])
    x, losses = start.copy(), []
    for i in range(10):
        loss_value, grads_value = iterate([x, 0])
        x += grads_value * 0.1
        losses.append(float(loss_value))
    return losses, x


def dream(model, start):
    """Deep dream: several layers at once, a continuity term, the borders left out."""
    loss = K.variable(0.0)
    for name, coeff in [("block1_conv1", 0.05), ("block2_relu", 0.01)]:
        x = model.get_layer(name).output
        shape = model.get_layer(name).output_shape
        if K.image_dim_ordering() == "th":
            loss = loss - coeff * K.sum(K.square(x[:, :, 2:-2, 2:-2])) / np.prod(shape[1:])
        else:
            loss = loss - coeff * K.sum(K.square(x[:, 2:-2, 2:-2, :])) / np.prod(shape[1:])
    loss += 0.001 * K.sum(K.square(model.input)) / np.prod(start.shape[1:])
    grads = K.gradients(loss, model.input)
    outputs = [loss]
    if type(grads) in {list, tuple}:
        outputs += grads
    else:
        outputs.append(grads)
    f_outputs = K.function([model.input, K.learning_phase()], outputs)
    x, values = start.copy(), []
    for i in range(5):
        value, grad = f_outputs([x, 0.0])
        x -= 1.0 * grad / np.abs(grad).mean() * 0.05
        values.append(float(value))
    return values


def saliency(model, x, class_index):
    """d score / d input, checked against central differences in three pixels."""
    score = model.output[0, class_index]
    f = K.function([model.input, K.learning_phase()], [score] + K.gradients(score, [model.input]))
    direction = np.zeros(x.shape)
    direction.flat[400:403] = 1
    step = 1e-2
    forward = f([x + step * direction, 0])[0]
    backward = f([x - step * direction, 0])[0]
    slope = np.sum(f([x, 0])[1] * direction)
    return float(slope), float(forward - backward) / (2 * step)


def grad_cam(model, x, class_index):
    conv = model.get_layer("block2_relu").output
    grads = K.gradients(K.sum(model.output[:, class_index]), conv)[0]
    f = K.function([model.layers[0].input, K.learning_phase()], [conv, grads])
    maps, grads_value = [value[0] for value in f([x, 0])]
    if K.image_dim_ordering() == "tf":
        maps, grads_value = maps.transpose(2, 0, 1), grads_value.transpose(2, 0, 1)
    weights = grads_value.mean(axis=(1, 2))
    return np.maximum(np.tensordot(weights, maps, axes=(0, 0)), 0)


def main(folder):
    rng = np.random.RandomState(1337)
    facts = {}
    for dim_ordering in ["th", "tf"]:
        K.set_image_dim_ordering(dim_ordering)
        model = build(rng)
        start = rng.uniform(-0.1, 0.1, (1,) + model.input_shape[1:])
        losses, x = visualize_filter(model, 2, start)
        assert losses[-1] > losses[0]
        assert deprocess_image(x[0]).dtype == np.uint8
        values = dream(model, start)
        assert values[-1] < values[0]
        slope, difference = saliency(model, 10 * start, 1)
        assert abs(slope - difference) < 1e-4 + 0.05 * abs(difference), (slope, difference)
        cam = grad_cam(model, start, 1)
        assert cam.shape == (8, 8) and cam.min() >= 0
        facts["filter losses " + dim_ordering] = losses
        facts["dream losses " + dim_ordering] = values
        facts["slope " + dim_ordering] = slope
        facts["cam sum " + dim_ordering] = float(cam.sum())
    return facts
