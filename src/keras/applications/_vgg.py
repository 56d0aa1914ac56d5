"""The networks of the Visual Geometry Group.

Reference:
    Simonyan and Zisserman 2014, arXiv:1409.1556, table 1, columns D (VGG16) and E (VGG19).
"""

from collections.abc import Sequence

from .._base.types import TensorLike
from ..layers import Convolution2D, Dense, Flatten, MaxPooling2D

_FILTERS = (64, 128, 256, 512, 512)


def blocks(images: TensorLike, convolutions: Sequence[int]) -> TensorLike:
    """Applies five blocks of 3x3 convolutions, each followed by a pooling that halves the size.

    Args:
        images: batch of images.
        convolutions: number of convolutions of each block.

    Returns:
        Feature maps with 512 channels.
    """
    x = images
    for block, (count, filters) in enumerate(zip(convolutions, _FILTERS, strict=True), 1):
        for i in range(1, count + 1):
            name = f"block{block}_conv{i}"
            x = Convolution2D(filters, 3, 3, activation="relu", border_mode="same", name=name)(x)
        x = MaxPooling2D((2, 2), strides=(2, 2), name=f"block{block}_pool")(x)
    return x


def top(x: TensorLike, classes: int) -> TensorLike:
    """Applies three dense layers."""
    x = Flatten(name="flatten")(x)
    x = Dense(4096, activation="relu", name="fc1")(x)
    x = Dense(4096, activation="relu", name="fc2")(x)
    return Dense(classes, activation="softmax", name="predictions")(x)
