"""Weights of a layer in the layout of Keras 2: the inverse of `engine.files.keras_2_weights`."""

from typing import Any

import numpy as np

from .._spelling.later import LATER

#: Keras 2's names of the arrays of a class, in order; the others have `kernel` and `bias`.
_NAMES: dict[str, tuple[str, ...]] = {
    "Embedding": ("embeddings",),
    "BatchNormalization": ("gamma", "beta", "moving_mean", "moving_variance"),
    "SeparableConvolution2D": ("depthwise_kernel", "pointwise_kernel", "bias"),
    "PReLU": ("alpha",),
    **dict.fromkeys(("LSTM", "GRU", "SimpleRNN", "ConvLSTM2D"), ("kernel", "recurrent_kernel", "bias")),
}
_ORDER = ("i", "f", "c", "o")


def keras_2_arrays(layer: Any) -> list[tuple[str, np.ndarray]]:
    """Returns (name, array) for each array that Keras 2 has for a layer without layers inside.

    Args:
        layer: a built layer.
    """
    arrays = [np.asarray(value) for value in layer.get_weights()]
    if type(layer).__name__ in LATER["layers"]:  # in the layout of Keras 2 already
        names = [weight.name.removeprefix(f"{layer.name}_") for weight in layer.weights]
        return list(zip(map(_kernel_name, names), arrays, strict=True))
    class_name = next((c.__name__ for c in type(layer).__mro__ if c.__name__ in _NAMES), type(layer).__name__)
    if len(getattr(layer, "gates", ())) > 1 and len(arrays) > 3:
        arrays = _fused(layer, arrays)
    arrays = [_channels_last(layer, array) for array in arrays]
    if type(layer).__name__ in ("Convolution1D", "AtrousConvolution1D"):
        arrays = [array[:, 0] if array.ndim == 4 else array for array in arrays]
    if type(layer).__name__ in ("Conv2DTranspose", "Deconvolution2D"):
        arrays = [np.swapaxes(array, 2, 3) if array.ndim == 4 else array for array in arrays]
    names = list(_NAMES.get(class_name, ("kernel", "bias")))
    for name, option in (("gamma", "scale"), ("beta", "center")):
        if name in names and not getattr(layer, option, True):
            names.remove(name)
    return list(zip(names[: len(arrays)], arrays, strict=True))


def _kernel_name(name: str) -> str:
    return f"{name}_kernel" if name in ("depthwise", "pointwise") else name


def _fused(layer: Any, arrays: list[np.ndarray]) -> list[np.ndarray]:
    """Joins W, U and b of each gate along the axis of the outputs, in Keras 2's order of the gates."""
    order = layer._fused_gates() if hasattr(layer, "_fused_gates") else _ORDER
    by_gate = {gate: arrays[3 * i : 3 * i + 3] for i, gate in enumerate(layer.gates)}
    channels_first = arrays[0].ndim == 4 and layer.dim_ordering == "th"
    return [
        np.concatenate([by_gate[gate][part] for gate in order], axis=0 if channels_first and part < 2 else -1)
        for part in range(3)
    ]


def _channels_last(layer: Any, array: np.ndarray) -> np.ndarray:
    """Returns a kernel (outputs, inputs, *sizes) as (*sizes, inputs, outputs), as Keras 2 always has it."""
    if array.ndim > 3 and getattr(layer, "dim_ordering", "tf") == "th" and _has_kernel(layer):
        return array.transpose(*range(2, array.ndim), 1, 0)
    return array


def _has_kernel(layer: Any) -> bool:
    return any("Conv" in cls.__name__ for cls in type(layer).__mro__)
