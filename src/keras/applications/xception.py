"""Xception: separable convolutions with residual connections.

Reference:
    Chollet 2016, arXiv:1610.02357, figure 5.
"""

import warnings
from collections.abc import Sequence
from typing import Any

from .. import backend as K
from .._base.types import ArrayLike, TensorLike
from ..engine.merge import merge
from ..engine.model import Model
from ..layers import (
    Activation,
    BatchNormalization,
    Convolution2D,
    Dense,
    GlobalAveragePooling2D,
    MaxPooling2D,
    SeparableConvolution2D,
)
from ._pretrained import ImageModel, WeightFiles
from .imagenet_utils import decode_predictions as decode_predictions
from .imagenet_utils import scale_to_one


def preprocess_input(x: ArrayLike) -> Any:
    """Scales values from 0..255 to -1..1, like `preprocess_input` of `inception_v3`."""
    return scale_to_one(x)


def _convolution(x: TensorLike, filters: int, name: str, **options: Any) -> TensorLike:
    x = Convolution2D(filters, 3, 3, bias=False, name=name, **options)(x)
    x = BatchNormalization(name=f"{name}_bn")(x)
    return Activation("relu", name=f"{name}_act")(x)


def _separable(x: TensorLike, filters: int, name: str) -> TensorLike:
    x = SeparableConvolution2D(filters, 3, 3, border_mode="same", bias=False, name=name)(x)
    return BatchNormalization(name=f"{name}_bn")(x)


def _separable_steps(
    x: TensorLike, filters: Sequence[int], block: int, activate_first: bool = True
) -> TensorLike:
    """Applies separable convolutions, each preceded by its activation."""
    for i, count in enumerate(filters, 1):
        name = f"block{block}_sepconv{i}"
        if i > 1 or activate_first:
            x = Activation("relu", name=f"{name}_act")(x)
        x = _separable(x, count, name)
    return x


def _halving_block(
    x: TensorLike, filters: Sequence[int], block: int, activate_first: bool = True
) -> TensorLike:
    """Adds a convolution with stride two to two separable convolutions and a pooling."""
    shortcut = Convolution2D(filters[-1], 1, 1, subsample=(2, 2), border_mode="same", bias=False)(x)
    shortcut = BatchNormalization()(shortcut)
    x = _separable_steps(x, filters, block, activate_first)
    x = MaxPooling2D((3, 3), strides=(2, 2), border_mode="same", name=f"block{block}_pool")(x)
    return merge([x, shortcut], mode="sum")


def _body(images: TensorLike) -> TensorLike:
    x = _convolution(images, 32, "block1_conv1", subsample=(2, 2))
    x = _convolution(x, 64, "block1_conv2")
    x = _halving_block(x, (128, 128), 2, activate_first=False)  # x is activated already
    x = _halving_block(x, (256, 256), 3)
    x = _halving_block(x, (728, 728), 4)
    for block in range(5, 13):
        x = merge([_separable_steps(x, (728, 728, 728), block), x], mode="sum")
    x = _halving_block(x, (728, 1024), 13)
    for i, filters in enumerate((1536, 2048), 1):
        name = f"block14_sepconv{i}"
        x = Activation("relu", name=f"{name}_act")(_separable(x, filters, name))
    return x


def _top(x: TensorLike, classes: int) -> TensorLike:
    return Dense(classes, activation="softmax", name="predictions")(
        GlobalAveragePooling2D(name="avg_pool")(x)
    )


_MODEL = ImageModel(
    name="xception",
    size=299,
    min_size=71,
    body=_body,
    top=_top,
    files=WeightFiles("v0.4", md5={}),
)
TF_WEIGHTS_PATH, TF_WEIGHTS_PATH_NO_TOP = _MODEL.addresses("tf")


def Xception(
    include_top: bool = True,
    weights: str | None = "imagenet",
    input_tensor: Any = None,
    input_shape: Sequence[int | None] | None = None,
    classes: int = 1000,
) -> Model:
    """Builds Xception, always in the image ordering "tf".

    Args:
        include_top: whether to include the dense layer at the end, which needs images of 299 x 299.
        weights: "imagenet" for the published weights (92 MB with the top, 83 MB without; downloaded on
            first use), or None for random ones.
        input_tensor, input_shape, classes: as in `VGG16`, in the ordering "tf"; at least 71 rows and
            columns.

    Returns:
        Model from images of shape (samples, rows, columns, 3), preprocessed by `preprocess_input`, to
        probabilities of shape (samples, classes), or without the top to feature maps with 2048 channels.

    Raises:
        ValueError, OSError: as in `VGG16`.

    Warns:
        UserWarning: the current image ordering is "th".

    Reference:
        Chollet 2016, arXiv:1610.02357.
    """
    ordering = K.image_dim_ordering()
    if ordering != "tf":
        warnings.warn(
            f"Xception exists in the image ordering 'tf' only (rows, columns, channels), and {ordering!r} is "
            "set. The model takes images in the ordering 'tf'. To silence this "
            "warning, call K.set_image_dim_ordering('tf') first.",
            stacklevel=2,
        )
    K.set_image_dim_ordering("tf")
    try:
        return _MODEL.build(include_top, weights, input_tensor, input_shape, classes)
    finally:
        K.set_image_dim_ordering(ordering)
