"""Which layers treat a mask in Keras 3 as in Keras 1."""

from collections.abc import Iterator
from typing import Any

from ..engine.container import Container
from .lost import Lost

#: Layers that use a mask, or pass it on, as Keras 1 does: measured for each, see tests/convert.
_MASKED_ALIKE = frozenset(
    "LSTM GRU SimpleRNN RNN Bidirectional Dropout SpatialDropout1D AlphaDropout Activation Masking Embedding "
    "InputLayer TimeDistributed GaussianNoise GaussianDropout Dense BatchNormalization LayerNormalization "
    "LeakyReLU ELU PReLU ReLU ActivityRegularization Dot".split()
)
#: Merges that keep a step which all inputs have; Keras 3 keeps it if one of them has it.
_MERGED_OTHERWISE = ("sum", "mul", "ave", "max", "Subtract", "Minimum")


def masks_lost(model: Any) -> Iterator[Lost]:
    """Yields the layers that get a mask and treat it otherwise in Keras 3."""
    for layer in model._inner_layers():
        yield from masks_lost(layer)
        masks = [_listed(node.input_masks) for node in layer.inbound_nodes]
        if any(mask is not None for each in masks for mask in each):
            yield from _mask_lost(layer, masks)


def _mask_lost(layer: Any, masks: list[list[Any]]) -> Iterator[Lost]:
    kind = type(layer).__name__
    who = f"layer {layer.name!r} ({kind})"
    if kind == "Bidirectional" and layer.return_sequences:
        yield Lost(f"{who} gets a mask; at masked steps Keras 3 returns zeros, Keras 1 the last output")
    elif kind in ("Merge", "Subtract", "Minimum"):
        different = any(mask is not each[0] for each in masks for mask in each)
        missing = any(mask is None for each in masks for mask in each)
        if missing or (different and (layer.mode if kind == "Merge" else kind) in _MERGED_OTHERWISE):
            yield Lost(f"{who} gets different masks, which Keras 3 combines otherwise")
    elif not isinstance(layer, Container) and kind not in _MASKED_ALIKE:
        yield Lost(f"{who} gets a mask, which Keras 3 treats otherwise")
    elif kind == "BatchNormalization":
        yield Lost(f"{who} gets a mask, whose steps Keras 3 leaves out of its statistics", blocks=False)


def _listed(masks: Any) -> list[Any]:
    return masks if isinstance(masks, list) else [masks]
