"""Frozen layers as later versions of Keras have them."""

from typing import Any

from ..layers import BatchNormalization


def freeze(layer: Any) -> None:
    """Freezes a layer or model, its BatchNormalization layers included.

    In Keras 1, `trainable = False` keeps gamma and beta, but BatchNormalization still normalizes with the
    statistics of each batch in training, and still moves its running means. This sets `frozen` of each such
    layer, too: in training it then uses its running means, and keeps them. Compile the model after it.

    Args:
        layer: a layer or model. The layers inside are frozen, so it has the same effect on models that are
            built on the outputs of these layers.

    Example:
        >>> from keras.layers import BatchNormalization, Input
        >>> from keras.models import Model
        >>> x = Input(shape=(3,))
        >>> base = Model(input=x, output=BatchNormalization(name="norm")(x))
        >>> freeze(base)
        >>> base.get_layer("norm").frozen, base.trainable_weights
        (True, [])
    """
    layer.trainable = False
    if isinstance(layer, BatchNormalization):
        layer.frozen = True
    for inner in layer._holders():
        freeze(inner)
