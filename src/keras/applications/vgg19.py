"""VGG19: sixteen convolutions and three dense layers."""

from functools import partial

from ._pretrained import ImageModel, WeightFiles
from ._vgg import blocks, top
from .imagenet_utils import decode_predictions as decode_predictions
from .imagenet_utils import preprocess_input as preprocess_input

_MODEL = ImageModel(
    name="vgg19",
    size=224,
    least=48,
    body=partial(blocks, convolutions=(2, 2, 4, 4, 4)),
    top=top,
    files=WeightFiles("v0.1", md5={}),
)


def VGG19(include_top=True, weights="imagenet", input_tensor=None, input_shape=None, classes=1000):
    """Makes the model VGG19; arguments, result and errors as those of `VGG16`.

    Reference:
        Simonyan and Zisserman 2014, arXiv:1409.1556.
    """
    return _MODEL.build(include_top, weights, input_tensor, input_shape, classes)
