"""VGG19: sixteen convolutions and three dense layers."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from ..engine.model import Model
from ._pretrained import ImageModel, WeightFiles
from ._vgg import blocks, top
from .imagenet_utils import decode_predictions as decode_predictions
from .imagenet_utils import preprocess_input as preprocess_input

_MODEL = ImageModel(
    name="vgg19",
    size=224,
    min_size=48,
    body=partial(blocks, convolutions=(2, 2, 4, 4, 4)),
    top=top,
    files=WeightFiles("v0.1", md5={}),
)
TH_WEIGHTS_PATH, TH_WEIGHTS_PATH_NO_TOP = _MODEL.addresses("th")
TF_WEIGHTS_PATH, TF_WEIGHTS_PATH_NO_TOP = _MODEL.addresses("tf")


def VGG19(
    include_top: bool = True,
    weights: str | None = "imagenet",
    input_tensor: Any = None,
    input_shape: Sequence[int | None] | None = None,
    classes: int = 1000,
) -> Model:
    """Builds VGG19; see `VGG16` for arguments, result and errors.

    Reference:
        Simonyan and Zisserman 2014, arXiv:1409.1556.
    """
    return _MODEL.build(include_top, weights, input_tensor, input_shape, classes)
