"""The networks of the Visual Geometry Group.

Reference:
    Simonyan and Zisserman 2014, arXiv:1409.1556, table 1, columns D (VGG16) and E (VGG19).
"""

from ..layers import Convolution2D, Dense, Flatten, MaxPooling2D

_FILTERS = (64, 128, 256, 512, 512)


def blocks(images, convolutions):
    """Five blocks of 3x3 convolutions, each of which ends with a pooling that halves the size.

    Args:
        images: tensor.
        convolutions: tuple of five int, the number of convolutions of each block.
    """
    x = images
    for block, (count, filters) in enumerate(zip(convolutions, _FILTERS, strict=True), 1):
        for i in range(1, count + 1):
            name = f"block{block}_conv{i}"
            x = Convolution2D(filters, 3, 3, activation="relu", border_mode="same", name=name)(x)
        x = MaxPooling2D((2, 2), strides=(2, 2), name=f"block{block}_pool")(x)
    return x


def top(x, classes):
    """Three dense layers."""
    x = Flatten(name="flatten")(x)
    x = Dense(4096, activation="relu", name="fc1")(x)
    x = Dense(4096, activation="relu", name="fc2")(x)
    return Dense(classes, activation="softmax", name="predictions")(x)
