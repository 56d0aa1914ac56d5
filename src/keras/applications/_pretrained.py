"""Shared parts of the applications: arguments, inputs, and published weights."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .. import backend as K
from .._base.types import Shape, TensorLike
from .._files.download import get_file
from .._tools.conversion import convert_all_kernels_in_model
from ..engine.container import get_source_inputs
from ..engine.input_layer import Input
from ..engine.model import Model
from .imagenet_utils import _obtain_input_shape

_ORIGIN = "https://github.com/fchollet/deep-learning-models/releases/download"


@dataclass(frozen=True)
class WeightFiles:
    """The published weight files of a model: one per image ordering, with and without the top.

    Attributes:
        release: the release that contains the files, such as "v0.2".
        md5: (image ordering, whether with the top) -> hexadecimal MD5, where it is known.
    """

    release: str
    md5: Mapping[tuple[str, bool], str]

    def path_for(self, model_name: str, ordering: str, include_top: bool) -> str:
        """Returns the path of the matching file; downloads it if necessary."""
        file = self._file(model_name, ordering, include_top)
        return fetch(model_name, self.release, file, self.md5.get((ordering, include_top)))

    def address(self, model_name: str, ordering: str, include_top: bool) -> str:
        """Returns the URL of the matching file."""
        return address(self.release, self._file(model_name, ordering, include_top))

    def _file(self, model_name: str, ordering: str, include_top: bool) -> str:
        top = "" if include_top else "_notop"
        return f"{model_name}_weights_{ordering}_dim_ordering_{ordering}_kernels{top}.h5"


def address(release: str, file: str) -> str:
    """Returns the URL of a weight file."""
    return f"{_ORIGIN}/{release}/{file}"


def fetch(model_name: str, release: str, file: str, md5: str | None = None) -> str:
    """Returns the path of a weight file in Keras's folder `models`; downloads it if necessary.

    Raises:
        OSError: the file is not there and cannot be downloaded.
    """
    try:
        return get_file(file, address(release, file), md5_hash=md5, cache_subdir="models")
    except OSError as error:
        raise OSError(
            f"{model_name}: the weight file {file} is missing. {error} (the environment variable KERAS_HOME "
            "sets the folder of Keras). Pass weights=None for the model without them."
        ) from error


def check_weights(
    model_name: str, weights: Any, known: str, include_top: bool, classes: int, known_classes: int
) -> None:
    """Checks the argument `weights`, and that the published top has the requested number of classes.

    Raises:
        ValueError: an argument is invalid.
    """
    if weights not in (known, None):
        raise ValueError(
            f"{model_name}: weights is {known!r} (published weights) or None (random ones); got {weights!r}. "
            "For a file of yours, pass None and call model.load_weights(path)."
        )
    if weights and include_top and classes != known_classes:
        raise ValueError(
            f"{model_name}: the published top has {known_classes} classes; got classes={classes}. Pass "
            "weights=None, or include_top=False and add your own top."
        )


def input_for(tensor: Any, shape: Shape) -> TensorLike:
    """Returns the first tensor of a model: the user's, or a new input of this shape."""
    if tensor is None:
        return Input(shape=shape)
    return tensor if K.is_keras_tensor(tensor) else Input(tensor=tensor, shape=shape)


def model_between(start: TensorLike, output: TensorLike, name: str) -> Model:
    """Returns the model from the inputs of the tensor `start` to `output`."""
    return Model(get_source_inputs(start), output, name=name)


def channel_axis() -> int:
    """Returns the axis of channels in a batch of images."""
    return 1 if K.image_dim_ordering() == "th" else 3


@dataclass(frozen=True)
class ImageModel:
    """A model that classifies images into the 1000 classes of ImageNet.

    Attributes:
        name: name of the model.
        size: rows and columns of the images that the top needs.
        min_size: smallest number of rows and columns without the top.
        body: function images -> feature maps.
        top: function (feature maps, number of classes) -> probabilities.
        files: the published weight files.
    """

    name: str
    size: int
    min_size: int
    body: Callable[[TensorLike], TensorLike]
    top: Callable[[TensorLike, int], TensorLike]
    files: WeightFiles

    def addresses(self, ordering: str) -> tuple[str, str]:
        """Returns the URLs of the weight files of an image ordering, with and without the top.

        Each module has them under the names of Keras 1: programs download the files themselves.
        """
        return self.files.address(self.name, ordering, True), self.files.address(self.name, ordering, False)

    def build(
        self,
        include_top: bool,
        weights: str | None,
        input_tensor: Any,
        input_shape: Sequence[int | None] | None,
        classes: int,
    ) -> Model:
        """Builds the model; see `VGG16` for the arguments."""
        check_weights(self.name, weights, "imagenet", include_top, classes, 1000)
        ordering = K.image_dim_ordering()
        shape = _obtain_input_shape(input_shape, self.size, self.min_size, ordering, include_top)
        # First, because building the model may take long or exhaust the memory.
        path = self.files.path_for(self.name, ordering, include_top) if weights else None
        images = input_for(input_tensor, shape)
        output = self.body(images)
        if include_top:
            output = self.top(output, classes)
        model = model_between(images, output, self.name)
        if path:
            model.load_weights(path)
            if ordering == "th":  # these files were written by Theano, which mirrors kernels
                convert_all_kernels_in_model(model)
        return model
