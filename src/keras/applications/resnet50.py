"""ResNet50: a residual network with fifty weight layers.

Reference:
    He, Zhang, Ren and Sun 2015, arXiv:1512.03385, table 1 and figure 5. As in the weight files, the first
    1x1 convolution of a stage has the stride of two.
"""

from collections.abc import Sequence
from typing import Any

from .._base.types import TensorLike
from ..engine.merge import merge
from ..engine.model import Model
from ..layers import (
    Activation,
    AveragePooling2D,
    BatchNormalization,
    Convolution2D,
    Dense,
    Flatten,
    MaxPooling2D,
    ZeroPadding2D,
)
from ._pretrained import ImageModel, WeightFiles, channel_axis
from .imagenet_utils import decode_predictions as decode_predictions
from .imagenet_utils import preprocess_input as preprocess_input

#: Stage -> filters of the three convolutions of a block, number of blocks, strides of the first block.
_STAGES = {
    2: ((64, 64, 256), 3, (1, 1)),
    3: ((128, 128, 512), 4, (2, 2)),
    4: ((256, 256, 1024), 6, (2, 2)),
    5: ((512, 512, 2048), 3, (2, 2)),
}


def identity_block(
    input_tensor: TensorLike, kernel_size: int, filters: Sequence[int], stage: int, block: str
) -> TensorLike:
    """Applies three convolutions and adds the input to their result.

    Args:
        input_tensor: feature maps with `filters[2]` channels.
        kernel_size: rows and columns of the middle convolution; the others are 1x1.
        filters: number of filters of each convolution.
        stage: number of the stage, for the names of the layers.
        block: letter of the block, for the names of the layers.

    Returns:
        Tensor with the shape of `input_tensor`.
    """
    x = _convolutions(input_tensor, kernel_size, filters, f"{stage}{block}_branch2", strides=(1, 1))
    return _add(x, input_tensor)


def conv_block(
    input_tensor: TensorLike,
    kernel_size: int,
    filters: Sequence[int],
    stage: int,
    block: str,
    strides: tuple[int, int] = (2, 2),
) -> TensorLike:
    """Applies three convolutions and adds a fourth convolution of the input to their result.

    Args:
        input_tensor: feature maps.
        kernel_size, filters, stage, block: as in `identity_block`.
        strides: strides of the first and the fourth convolution.

    Returns:
        Feature maps with `filters[2]` channels.
    """
    x = _convolutions(input_tensor, kernel_size, filters, f"{stage}{block}_branch2", strides)
    shortcut = _normalized_convolution(
        input_tensor, filters[2], 1, f"{stage}{block}_branch1", subsample=strides
    )
    return _add(x, shortcut)


def _convolutions(
    x: TensorLike, kernel_size: int, filters: Sequence[int], name: str, strides: tuple[int, int]
) -> TensorLike:
    first, middle, last = filters
    x = _normalized_convolution(x, first, 1, f"{name}a", subsample=strides)
    x = Activation("relu")(x)
    x = _normalized_convolution(x, middle, kernel_size, f"{name}b", border_mode="same")
    x = Activation("relu")(x)
    return _normalized_convolution(x, last, 1, f"{name}c")


def _normalized_convolution(x: TensorLike, filters: int, size: int, name: str, **options: Any) -> TensorLike:
    x = Convolution2D(filters, size, size, name=f"res{name}", **options)(x)
    return BatchNormalization(axis=channel_axis(), name=f"bn{name}")(x)


def _add(x: TensorLike, shortcut: TensorLike) -> TensorLike:
    return Activation("relu")(merge([x, shortcut], mode="sum"))


def _body(images: TensorLike) -> TensorLike:
    x = ZeroPadding2D((3, 3))(images)
    x = Convolution2D(64, 7, 7, subsample=(2, 2), name="conv1")(x)
    x = BatchNormalization(axis=channel_axis(), name="bn_conv1")(x)
    x = Activation("relu")(x)
    x = MaxPooling2D((3, 3), strides=(2, 2))(x)
    for stage, (filters, count, strides) in _STAGES.items():
        x = conv_block(x, 3, filters, stage, block="a", strides=strides)
        for block in "bcdef"[: count - 1]:
            x = identity_block(x, 3, filters, stage, block)
    return AveragePooling2D((7, 7), name="avg_pool")(x)


def _top(x: TensorLike, classes: int) -> TensorLike:
    return Dense(classes, activation="softmax", name="fc1000")(Flatten()(x))


_MODEL = ImageModel(
    name="resnet50",
    size=224,
    min_size=197,
    body=_body,
    top=_top,
    files=WeightFiles(
        "v0.2",
        md5={
            ("th", True): "1c1f8f5b0c8ee28fe9d950625a230e1c",
            ("th", False): "f64f049c92468c9affcd44b0976cdafe",
            ("tf", True): "a7b3fe01876f51b976af0dea6bc144eb",
            ("tf", False): "a268eb855778b3df3c7506639542a6af",
        },
    ),
)
TH_WEIGHTS_PATH, TH_WEIGHTS_PATH_NO_TOP = _MODEL.addresses("th")
TF_WEIGHTS_PATH, TF_WEIGHTS_PATH_NO_TOP = _MODEL.addresses("tf")


def ResNet50(
    include_top: bool = True,
    weights: str | None = "imagenet",
    input_tensor: Any = None,
    input_shape: Sequence[int | None] | None = None,
    classes: int = 1000,
) -> Model:
    """Builds ResNet50 in the current image ordering.

    Args:
        include_top: whether to include the dense layer at the end.
        weights: "imagenet" for the published weights (103 MB with the top, 94 MB without; downloaded on
            first use), or None for random ones.
        input_tensor, input_shape, classes: as in `VGG16`; at least 197 rows and columns.

    Returns:
        Model from images, preprocessed by `preprocess_input`, to probabilities of shape (samples, classes),
        or without the top to pooled feature maps with 2048 channels.

    Raises:
        ValueError, OSError: as in `VGG16`.

    Reference:
        He, Zhang, Ren and Sun 2015, arXiv:1512.03385.
    """
    return _MODEL.build(include_top, weights, input_tensor, input_shape, classes)
