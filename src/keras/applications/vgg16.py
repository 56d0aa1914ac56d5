"""VGG16: thirteen convolutions and three dense layers."""

from functools import partial

from ._pretrained import ImageModel, WeightFiles
from ._vgg import blocks, top
from .imagenet_utils import decode_predictions as decode_predictions
from .imagenet_utils import preprocess_input as preprocess_input

_MODEL = ImageModel(
    name="vgg16",
    size=224,
    least=48,
    body=partial(blocks, convolutions=(2, 2, 3, 3, 3)),
    top=top,
    files=WeightFiles("v0.1", md5={}),
)


def VGG16(include_top=True, weights="imagenet", input_tensor=None, input_shape=None, classes=1000):
    """Makes the model VGG16, in the image ordering that is set.

    Args:
        include_top: bool, whether with the three dense layers, which need images of 224 x 224.
        weights: "imagenet" for the published weights (553 MB with the top, 59 MB without, downloaded to
            `~/.keras/models` on the first use), or None for random ones.
        input_tensor: tensor of images to use in place of a new input.
        input_shape: tuple, shape of one image: (3, rows, columns) for "th", (rows, columns, 3) for "tf";
            None for a size that is not known. At least 48 rows and columns. With the top it can be left out.
        classes: int, number of classes of the top; 1000 with published weights.

    Returns:
        `Model` from images, as `preprocess_input` gives them, to probabilities of shape (samples, classes),
        or without the top to feature maps of 512 channels.

    Raises:
        ValueError: an argument does not fit.
        OSError: the weights cannot be downloaded; the message says where to put the file by hand.

    Reference:
        Simonyan and Zisserman 2014, arXiv:1409.1556.

    Example:
        >>> from keras.applications.vgg16 import VGG16
        >>> VGG16(include_top=False, weights=None, input_shape=(3, 64, 64)).output_shape
        (None, 512, 2, 2)
    """
    return _MODEL.build(include_top, weights, input_tensor, input_shape, classes)
