"""Where images have their channels: warnings and advice where a shape seems to have them elsewhere.

The ordering of a layer is "th" (channels first) or "tf" (channels last), and programs were written for one
default or the other. Data in the wrong order are often accepted: (28, 28, 1) is also an image of 28 channels,
28 rows and one column.
"""

import warnings
from collections.abc import Iterable
from typing import Any

from .. import backend as K
from .._base.callers import levels_to_caller
from .._base.paths import keras_home
from .._base.types import Shape
from .._graph import Tensor

_CHANNELS = (1, 3, 4)  # gray, color, color with opacity
_AXES = {"th": "first", "tf": "last"}
_OTHER = {"th": "tf", "tf": "th"}


def in_other_order(shape: Shape, ordering: str, smallest: int = 16) -> bool:
    """Whether the shape of one image or volume is very likely one of the other ordering.

    It is if the other ordering finds 1, 3 or 4 channels, and every other size is at least `smallest`, or
    unknown. Few images are smaller. Shapes that are meant as they stand have a small size somewhere else,
    such as the feature maps (512, 7, 3) and the sequences (64, 1, 1), or come from other layers.

    Args:
        shape: the sizes without the number of samples; None for an unknown one.
        ordering: "th" or "tf", in which the shape is read.
        smallest: least number of rows and columns of an image.

    Example:
        >>> in_other_order((28, 28, 1), "th"), in_other_order((3, 32, 32), "tf")
        (True, True)
        >>> in_other_order((3, 4, 3), "th")
        False
    """
    channels, others = (shape[-1], shape[:-1]) if ordering == "th" else (shape[0], shape[1:])
    return channels in _CHANNELS and all(size is None or size >= smallest for size in others)


def advice(ordering: str, receiver: str | None = None) -> str:
    """Returns the ways to change an ordering, as a sentence of a message.

    Args:
        ordering: "th" or "tf", the one that is in effect.
        receiver: what takes an argument `dim_ordering`, such as "the layers"; None if nothing does.
    """
    other = _OTHER[ordering]
    argument = f"pass dim_ordering={other!r} to {receiver}, " if receiver else ""
    return (
        f"If the channels are {_AXES[other]}, {argument}call K.set_image_dim_ordering({other!r}) at the "
        f"start, set the environment variable KERAS_IMAGE_DIM_ORDERING={other}, or write "
        f'{{"image_dim_ordering": "{other}"}} to {keras_home() / "keras.json"}.'
    )


def reading(layer: Any, shape: Shape) -> str:
    """Returns how a layer reads the shape of its input, as sentences for the end of an error message.

    Args:
        layer: the layer.
        shape: the sizes of one image or volume.
    Returns:
        str, empty for layers without an ordering.
    """
    ordering = getattr(layer, "dim_ordering", None)
    if ordering not in _AXES:
        return ""
    text = f" The layer reads channels {_AXES[ordering]} (dim_ordering {ordering!r})."
    if in_other_order(shape, ordering, smallest=5):
        text += f" {advice(ordering, 'the layers')}"
    return text


def warn_of_other_order(layer: Any, inputs: Iterable[Tensor]) -> None:
    """Warns if a layer receives data whose channels seem to be on another axis than it reads.

    Feature maps, which other layers computed, may have any shape. So only tensors that are data count: inputs
    of models, and what is reshaped or changed element by element.
    """
    ordering = layer._image_ordering
    if ordering not in _AXES:
        return
    for tensor in inputs:
        shape = K.int_shape(tensor)
        image = shape[layer._axes_before_image :]
        if in_other_order(image, ordering) and _is_data(tensor):
            warnings.warn(
                f"{type(layer).__name__} {layer.name!r} reads channels {_AXES[ordering]} (dim_ordering "
                f"{ordering!r}), but the shape of its input, {shape}, looks like one with channels "
                f"{_AXES[_OTHER[ordering]]}. {advice(ordering, 'the layers')}",
                stacklevel=levels_to_caller(),
            )


def _is_data(tensor: Tensor) -> bool:
    while not tensor.node.is_leaf and tensor.node.name != "reshape":
        like = [source for source in tensor.node.inputs if source.shape == tensor.shape]
        if not like:
            return False
        tensor = like[0]
    return True
