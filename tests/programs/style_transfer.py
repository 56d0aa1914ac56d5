"""Neural style transfer: gram matrices and total variation, minimised by SciPy's L-BFGS."""

import numpy as np
from scipy.optimize import fmin_l_bfgs_b

from keras import backend as K
from keras.layers.convolutional import Convolution2D, MaxPooling2D
from keras.models import Sequential

img_nrows, img_ncols = 12, 12
content_weight, style_weight, total_variation_weight = 0.025, 1.0, 0.1


def gram_matrix(x):
    assert K.ndim(x) == 3
    if K.image_dim_ordering() == "th":
        features = K.batch_flatten(x)
    else:
        features = K.batch_flatten(K.permute_dimensions(x, (2, 0, 1)))
    return K.dot(features, K.transpose(features))


def style_loss(style, combination):
    S, C = gram_matrix(style), gram_matrix(combination)
    channels, size = 3, img_nrows * img_ncols
    return K.sum(K.square(S - C)) / (4.0 * (channels**2) * (size**2))


def content_loss(base, combination):
    return K.sum(K.square(combination - base))


def total_variation_loss(x):
    assert K.ndim(x) == 4
    if K.image_dim_ordering() == "th":
        a = K.square(x[:, :, : img_nrows - 1, : img_ncols - 1] - x[:, :, 1:, : img_ncols - 1])
        b = K.square(x[:, :, : img_nrows - 1, : img_ncols - 1] - x[:, :, : img_nrows - 1, 1:])
    else:
        a = K.square(x[:, : img_nrows - 1, : img_ncols - 1, :] - x[:, 1:, : img_ncols - 1, :])
        b = K.square(x[:, : img_nrows - 1, : img_ncols - 1, :] - x[:, : img_nrows - 1, 1:, :])
    return K.sum(K.pow(a + b, 1.25))


class Evaluator:
    """Loss and gradient from one call of the function, handed to SciPy one at a time."""

    def __init__(self, f_outputs, shape):
        self.f_outputs, self.shape = f_outputs, shape
        self.loss_value = None
        self.grads_values = None

    def loss(self, x):
        assert self.loss_value is None
        outs = self.f_outputs([x.reshape(self.shape)])
        self.loss_value = outs[0]
        if len(outs[1:]) == 1:
            self.grad_values = outs[1].flatten().astype("float64")
        else:
            self.grad_values = np.array(outs[1:]).flatten().astype("float64")
        return self.loss_value

    def grads(self, x):
        assert self.loss_value is not None
        grad_values = np.copy(self.grad_values)
        self.loss_value = None
        self.grad_values = None
        return grad_values


def main(folder):
    rng = np.random.RandomState(0)
    shape = (1, 3, img_nrows, img_ncols) if K.image_dim_ordering() == "th" else (1, img_nrows, img_ncols, 3)
    base_image = K.variable(rng.uniform(-1, 1, shape))
    style_reference_image = K.variable(rng.uniform(-1, 1, shape))
    combination_image = K.placeholder(shape)
    input_tensor = K.concatenate([base_image, style_reference_image, combination_image], axis=0)

    # The network stands on a tensor of variables and a placeholder, as the VGG models of the day did.
    model = Sequential()
    first = Convolution2D(
        4, 3, 3, activation="relu", border_mode="same", name="conv1_1", batch_input_shape=(3,) + shape[1:]
    )
    model.add(first)
    model.add(MaxPooling2D((2, 2), strides=(2, 2)))
    model.add(Convolution2D(4, 3, 3, activation="relu", border_mode="same", name="conv2_1"))
    model.set_weights([rng.uniform(-0.5, 0.5, w.shape) for w in model.get_weights()])
    features = {}
    x = input_tensor
    for layer in model.layers:
        x = layer.call(x)
        features[layer.name] = x

    loss = K.variable(0.0)
    content = features["conv2_1"]
    loss += content_weight * content_loss(content[0, :, :, :], content[2, :, :, :])
    for layer_name in ["conv1_1", "conv2_1"]:
        style = features[layer_name]
        sl = style_loss(style[1, :, :, :], style[2, :, :, :])
        loss += (style_weight / 2) * sl
    loss += total_variation_weight * total_variation_loss(combination_image)

    grads = K.gradients(loss, combination_image)
    outputs = [loss]
    if type(grads) in {list, tuple}:
        outputs += grads
    else:
        outputs.append(grads)
    f_outputs = K.function([combination_image], outputs)
    evaluator = Evaluator(f_outputs, shape)

    x = rng.uniform(0, 1, shape)
    start, losses = evaluator.loss(x), []
    evaluator.grads(x)
    for i in range(3):
        x, min_val, info = fmin_l_bfgs_b(evaluator.loss, x.flatten(), fprime=evaluator.grads, maxfun=20)
        print("Current loss value:", min_val)
        losses.append(float(min_val))
    assert losses[0] < 0.5 * start and losses[2] <= losses[1] <= losses[0]
    return {"start": float(start)}
