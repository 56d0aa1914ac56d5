"""InceptionV3: modules of parallel branches.

Reference:
    Szegedy, Vanhoucke, Ioffe, Shlens and Wojna 2015, arXiv:1512.00567, table 1 and figures 5 to 7.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeAlias

from .._base.types import ArrayLike, TensorLike
from ..engine.merge import merge
from ..engine.model import Model
from ..layers import AveragePooling2D, BatchNormalization, Convolution2D, Dense, Flatten, MaxPooling2D
from ._pretrained import ImageModel, WeightFiles, channel_axis
from .imagenet_utils import decode_predictions as decode_predictions
from .imagenet_utils import scale_to_one

#: A function of a tensor, and of options that another `partial` may still set.
_Step: TypeAlias = Callable[..., TensorLike]
#: Steps that are applied one after the other.
_Branch: TypeAlias = list[_Step]


def conv2d_bn(
    x: TensorLike,
    nb_filter: int,
    nb_row: int,
    nb_col: int,
    border_mode: str = "same",
    subsample: tuple[int, int] = (1, 1),
    name: str | None = None,
) -> TensorLike:
    """Applies a convolution with activation "relu", then batch normalization.

    Args:
        x: feature maps.
        nb_filter, nb_row, nb_col, border_mode, subsample: as in `Convolution2D`.
        name: the layers are called `name`_conv and `name`_bn; None for automatic names.

    Returns:
        Feature maps with `nb_filter` channels.
    """
    x = Convolution2D(
        nb_filter,
        nb_row,
        nb_col,
        activation="relu",
        border_mode=border_mode,
        subsample=subsample,
        name=name and f"{name}_conv",
    )(x)
    return BatchNormalization(axis=channel_axis(), name=name and f"{name}_bn")(x)


def preprocess_input(x: ArrayLike) -> Any:
    """Scales values from 0..255 to -1..1.

    Args:
        x: images. An array of floats is changed in place, as in Keras 1.2.2; an array of integers is not.

    Returns:
        `x`, or a new array of its shape.

    Example:
        >>> preprocess_input([0, 127.5, 255]).tolist()
        [-1.0, 0.0, 1.0]
    """
    return scale_to_one(x)


# --- steps of branches --------------------------------------------------------------------------------


def _convolution(nb_filter: int, nb_row: int, nb_col: int) -> _Step:
    return partial(conv2d_bn, nb_filter=nb_filter, nb_row=nb_row, nb_col=nb_col)


def _halving_convolution(nb_filter: int) -> _Step:
    return partial(_convolution(nb_filter, 3, 3), subsample=(2, 2), border_mode="valid")


def _averages(x: TensorLike) -> TensorLike:
    return AveragePooling2D((3, 3), strides=(1, 1), border_mode="same")(x)


def _halving_averages(x: TensorLike) -> TensorLike:
    return AveragePooling2D((3, 3), strides=(2, 2))(x)


def _halving_maxima(x: TensorLike) -> TensorLike:
    return MaxPooling2D((3, 3), strides=(2, 2))(x)


def _split(x: TensorLike, name: str | None = None) -> TensorLike:
    return _parallel(x, [[_convolution(384, 1, 3)], [_convolution(384, 3, 1)]], name)


def _parallel(x: TensorLike, branches: Sequence[_Branch], name: str | None = None) -> TensorLike:
    """Applies branches to `x` and concatenates their channels."""
    outputs = []
    for steps in branches:
        output = x
        for step in steps:
            output = step(output)
        outputs.append(output)
    return merge(outputs, mode="concat", concat_axis=channel_axis(), name=name)


# --- modules: lists of branches ---------------------------------------------------------------------

_c = _convolution

_STEM: _Branch = [
    _halving_convolution(32),
    partial(_c(32, 3, 3), border_mode="valid"),
    _c(64, 3, 3),
    _halving_maxima,
    partial(_c(80, 1, 1), border_mode="valid"),
    partial(_c(192, 3, 3), border_mode="valid"),
    _halving_maxima,
]
_SMALL: list[_Branch] = [
    [_c(64, 1, 1)],
    [_c(48, 1, 1), _c(64, 5, 5)],
    [_c(64, 1, 1), _c(96, 3, 3), _c(96, 3, 3)],
    [_averages, _c(32, 1, 1)],
]
_FIRST_HALVING: list[_Branch] = [
    [_halving_convolution(384)],
    [_c(64, 1, 1), _c(96, 3, 3), _halving_convolution(96)],
    [_halving_maxima],
]
_SECOND_HALVING: list[_Branch] = [
    [_c(192, 1, 1), _halving_convolution(320)],
    [_c(192, 1, 1), _c(192, 1, 7), _c(192, 7, 1), _halving_convolution(192)],
    [_halving_averages],  # maxima in the paper
]


def _factorized(n: int, first: int | None = None) -> list[_Branch]:
    """Factorizes 7x7 convolutions into pairs of 1x7 and 7x1, with `n` filters and 192 at the end."""
    twice = [_c(first or n, 1, 1), _c(n, 7, 1), _c(n, 1, 7), _c(n, 7, 1), _c(192, 1, 7)]
    return [
        [_c(192, 1, 1)],
        [_c(n, 1, 1), _c(n, 1, 7), _c(192, 7, 1)],
        twice,
        [_averages, _c(192, 1, 1)],
    ]


def _widened(split_name: str) -> list[_Branch]:
    return [
        [_c(320, 1, 1)],
        [_c(384, 1, 1), partial(_split, name=split_name)],
        [_c(448, 1, 1), _c(384, 3, 3), _split],
        [_averages, _c(192, 1, 1)],
    ]


_MODULES: dict[str, list[_Branch]] = {
    "mixed0": _SMALL,
    "mixed1": _SMALL,
    "mixed2": _SMALL,
    "mixed3": _FIRST_HALVING,
    "mixed4": _factorized(128),
    "mixed5": _factorized(160),
    "mixed6": _factorized(160),
    "mixed7": _factorized(192, first=160),  # 192 in the paper; the weight files have 160
    "mixed8": _SECOND_HALVING,
    "mixed9": _widened("mixed9_0"),
    "mixed10": _widened("mixed9_1"),
}


def _body(images: TensorLike) -> TensorLike:
    x = images
    for step in _STEM:
        x = step(x)
    for name, branches in _MODULES.items():
        x = _parallel(x, branches, name)
    return x


def _top(x: TensorLike, classes: int) -> TensorLike:
    x = AveragePooling2D((8, 8), strides=(8, 8), name="avg_pool")(x)
    return Dense(classes, activation="softmax", name="predictions")(Flatten(name="flatten")(x))


_MODEL = ImageModel(
    name="inception_v3",
    size=299,
    min_size=139,
    body=_body,
    top=_top,
    files=WeightFiles(
        "v0.2",
        md5={
            ("th", True): "b3baf3070cc4bf476d43a2ea61b0ca5f",
            ("th", False): "79aaa90ab4372b4593ba3df64e142f05",
            ("tf", True): "fe114b3ff2ea4bf891e9353d1bbfb32f",
            ("tf", False): "2f3609166de1d967d1a481094754f691",
        },
    ),
)
TH_WEIGHTS_PATH, TH_WEIGHTS_PATH_NO_TOP = _MODEL.addresses("th")
TF_WEIGHTS_PATH, TF_WEIGHTS_PATH_NO_TOP = _MODEL.addresses("tf")


def InceptionV3(
    include_top: bool = True,
    weights: str | None = "imagenet",
    input_tensor: Any = None,
    input_shape: Sequence[int | None] | None = None,
    classes: int = 1000,
) -> Model:
    """Builds InceptionV3 in the current image ordering.

    Args:
        include_top: whether to include the dense layer at the end, which needs images of 299 x 299.
        weights: "imagenet" for the published weights (95 MB with the top, 86 MB without; downloaded on
            first use), or None for random ones.
        input_tensor, input_shape, classes: as in `VGG16`; at least 139 rows and columns.

    Returns:
        Model from images, preprocessed by `preprocess_input`, to probabilities of shape (samples, classes),
        or without the top to feature maps with 2048 channels.

    Raises:
        ValueError, OSError: as in `VGG16`.

    Reference:
        Szegedy, Vanhoucke, Ioffe, Shlens and Wojna 2015, arXiv:1512.00567.
    """
    return _MODEL.build(include_top, weights, input_tensor, input_shape, classes)
