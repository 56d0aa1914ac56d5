"""What the models of this package share: arguments, inputs, and weights from the network."""

from collections.abc import Callable
from dataclasses import dataclass

from .. import backend as K
from .._files.download import get_file
from .._tools.conversion import convert_all_kernels_in_model
from ..engine.container import get_source_inputs
from ..engine.input_layer import Input
from ..engine.model import Model
from .imagenet_utils import _obtain_input_shape

_ORIGIN = "https://github.com/fchollet/deep-learning-models/releases/download"


@dataclass(frozen=True)
class WeightFiles:
    """The published weight files of a model: by image ordering, with and without the top.

    Attributes:
        release: str, under which the files were published, such as "v0.2".
        md5: dict (image ordering, whether with the top) -> hexadecimal MD5, where it is known.
    """

    release: str
    md5: dict

    def path_for(self, model_name, ordering, include_top):
        """The path of the file that fits, downloaded unless it is there."""
        top = "" if include_top else "_notop"
        file = f"{model_name}_weights_{ordering}_dim_ordering_{ordering}_kernels{top}.h5"
        return fetch(model_name, self.release, file, self.md5.get((ordering, include_top)))


def fetch(model_name, release, file, md5=None):
    """The path of a weight file in the folder `models` of Keras, downloaded unless it is there.

    Raises:
        OSError: it is not there and cannot be downloaded.
    """
    try:
        return get_file(file, f"{_ORIGIN}/{release}/{file}", md5_hash=md5, cache_subdir="models")
    except OSError as error:
        raise OSError(
            f"{model_name}: its weights {file} are not here. {error} (the environment variable KERAS_HOME "
            "chooses the folder of Keras). weights=None makes the model without them."
        ) from error


def check_weights(model_name, weights, known, include_top, classes, known_classes):
    """Checks the argument `weights`, and that the published top has as many classes as are asked for.

    Raises:
        ValueError: if they do not fit.
    """
    if weights not in (known, None):
        raise ValueError(
            f"{model_name}: weights is {known!r} (published weights) or None (random ones); got {weights!r}. "
            "For a file of yours, pass None and call model.load_weights(path)."
        )
    if weights and include_top and classes != known_classes:
        raise ValueError(
            f"{model_name}: the published top has {known_classes} classes; got classes={classes}. Pass "
            "weights=None, or include_top=False and put a top of your own on it."
        )


def input_for(tensor, shape):
    """The tensor that a model begins with: the user's, or a new input of this shape."""
    if tensor is None:
        return Input(shape=shape)
    return tensor if K.is_keras_tensor(tensor) else Input(tensor=tensor, shape=shape)


def model_between(start, output, name):
    """A model from the inputs behind the tensor `start` to `output`."""
    return Model(get_source_inputs(start), output, name=name)


def channel_axis():
    """The axis of the channels in a batch of images."""
    return 1 if K.image_dim_ordering() == "th" else 3


@dataclass(frozen=True)
class ImageModel:
    """A model that classifies images into the 1000 classes of ImageNet.

    Attributes:
        name: str.
        size: int, rows and columns of the images that the top needs.
        least: int, the least number of rows and columns without the top.
        body: function of the images that makes the feature maps.
        top: function of the feature maps and the number of classes that makes the probabilities.
        files: WeightFiles.
    """

    name: str
    size: int
    least: int
    body: Callable
    top: Callable
    files: WeightFiles

    def build(self, include_top, weights, input_tensor, input_shape, classes):
        """The model; arguments as those of `VGG16`."""
        check_weights(self.name, weights, "imagenet", include_top, classes, 1000)
        ordering = K.image_dim_ordering()
        shape = _obtain_input_shape(input_shape, self.size, self.least, ordering, include_top)
        # Before the model is made, which may take long, or not fit into the memory.
        path = self.files.path_for(self.name, ordering, include_top) if weights else None
        images = input_for(input_tensor, shape)
        output = self.body(images)
        if include_top:
            output = self.top(output, classes)
        model = model_between(images, output, self.name)
        if path:
            model.load_weights(path)
            if ordering == "th":  # these files were written on Theano, which mirrors kernels
                convert_all_kernels_in_model(model)
        return model
