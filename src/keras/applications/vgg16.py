"""VGG16: thirteen convolutions and three dense layers."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from ..engine.model import Model
from ._pretrained import ImageModel, WeightFiles
from ._vgg import blocks, top
from .imagenet_utils import decode_predictions as decode_predictions
from .imagenet_utils import preprocess_input as preprocess_input

_MODEL = ImageModel(
    name="vgg16",
    size=224,
    min_size=48,
    body=partial(blocks, convolutions=(2, 2, 3, 3, 3)),
    top=top,
    files=WeightFiles("v0.1", md5={}),
)
TH_WEIGHTS_PATH, TH_WEIGHTS_PATH_NO_TOP = _MODEL.addresses("th")
TF_WEIGHTS_PATH, TF_WEIGHTS_PATH_NO_TOP = _MODEL.addresses("tf")


def VGG16(
    include_top: bool = True,
    weights: str | None = "imagenet",
    input_tensor: Any = None,
    input_shape: Sequence[int | None] | None = None,
    classes: int = 1000,
) -> Model:
    """Builds VGG16 in the current image ordering.

    Args:
        include_top: whether to include the three dense layers, which need images of 224 x 224.
        weights: "imagenet" for the published weights (553 MB with the top, 59 MB without; downloaded to
            `~/.keras/models` on first use), or None for random ones.
        input_tensor: tensor of images to use instead of a new input.
        input_shape: shape of one image: (3, rows, columns) for "th", (rows, columns, 3) for "tf". A size may
            be None (unknown) or at least 48. Optional with the top.
        classes: number of classes of the top; 1000 with published weights.

    Returns:
        Model from images, preprocessed by `preprocess_input`, to probabilities of shape (samples, classes),
        or without the top to feature maps with 512 channels.

    Raises:
        ValueError: an argument is invalid.
        OSError: the weights cannot be downloaded; the message says where to put the file by hand.

    Reference:
        Simonyan and Zisserman 2014, arXiv:1409.1556.

    Example:
        >>> from keras.applications.vgg16 import VGG16
        >>> VGG16(include_top=False, weights=None, input_shape=(3, 64, 64)).output_shape
        (None, 512, 2, 2)
    """
    return _MODEL.build(include_top, weights, input_tensor, input_shape, classes)
