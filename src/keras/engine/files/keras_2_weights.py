"""Weights in files of Keras 2, as layers here have them.

Keras 2 keeps one kernel for all gates of a recurrent layer where Keras 1 has three arrays for each gate,
keeps convolution kernels channels last whatever the layer's ordering, and writes all trained weights of a
model inside a model before those that are not trained.
"""

import math
import warnings
from dataclasses import dataclass

import numpy as np

from ..._base.callers import levels_to_caller


@dataclass(frozen=True)
class LoadedArray:
    """An array in memory that looks like one in a file."""

    array: np.ndarray

    @property
    def shape(self):
        return self.array.shape

    def read(self):
        return self.array


def as_keras_1(pairs, flipped):
    """Pairs of (layer, arrays of a file of Keras 2) as pairs in the layout of the layers here.

    Models and wrappers among the layers come back as the layers inside. Where number or sizes of the
    arrays do not fit, the pair comes back unread, for the caller to refuse.

    Args:
        pairs: list of (layer, list of (name, `hdf5_format.StoredArray`)).
        flipped: whether convolution kernels are turned by half a turn, as Theano has them.
    """
    return [pair for layer, stored in pairs for pair in _of_layer(layer, stored, flipped)]


def _of_layer(layer, stored, flipped):
    leaves = list(_leaves(layer))
    counts = [_counts(leaf) for leaf in leaves]
    elements = sum(math.prod(weight.shape) for leaf in leaves for weight in leaf.weights)
    # What is read is no larger than the model.
    if sum(map(sum, counts)) != len(stored) or sum(math.prod(a.shape) for _, a in stored) != elements:
        return [(layer, stored)]
    arrays = [array.read() for _, array in stored]
    trained = sum(count for count, _ in counts)
    trainable, fixed = iter(arrays[:trained]), iter(arrays[trained:])
    found = []
    for leaf, (count, more) in zip(leaves, counts, strict=True):
        own = [next(trainable) for _ in range(count)] + [next(fixed) for _ in range(more)]
        found.append((leaf, [("", LoadedArray(array)) for array in _converted(leaf, own, flipped)]))
    return found


def _leaves(layer):
    """The layer itself, or the layers inside a model or a wrapper, each with weights of its own."""
    inside = layer._inner_layers()
    return [leaf for inner in inside for leaf in _leaves(inner)] if inside else [layer]


def _counts(layer):
    """How many arrays of a layer a file of Keras 2 has among the trained ones, and among the others."""
    trained, fixed = len(layer._trainable_weights), len(layer._non_trainable_weights)
    if _in_gates(layer):
        trained = 3
    return (trained, fixed) if layer.trainable else (0, trained + fixed)


def _in_gates(layer):
    """Whether each gate has arrays of its own."""
    return len(getattr(layer, "gates", ())) > 1 and len(layer.weights) > 3


def _converted(layer, arrays, flipped):
    names = [cls.__name__ for cls in type(layer).__mro__]
    convert = next((_CONVERT[name] for name in names if name in _CONVERT), None)
    try:
        arrays = convert(layer, arrays, flipped) if convert else arrays
        return _split(layer, arrays) if _in_gates(layer) else arrays
    except (ValueError, IndexError):  # too few axes: the caller compares the shapes
        return arrays


def _split(layer, arrays):
    """Kernel, recurrent kernel and bias of all gates as W, U, b of each gate, in the order of `gates`."""
    order = layer._fused_gates() if hasattr(layer, "_fused_gates") else _GATES_OF_KERAS_2
    # The outputs are the last axis, except in kernels that lie channels first already.
    axes = [0 if array.ndim == 4 and layer.dim_ordering == "th" else -1 for array in arrays]
    parts = [np.split(array, len(order), axis) for array, axis in zip(arrays, axes, strict=True)]
    return [part[order.index(gate)] for gate in layer.gates for part in parts]


_GATES_OF_KERAS_2 = ("i", "f", "c", "o")


def _convolution(layer, arrays, flipped):
    """Kernels (*sizes, inputs, outputs) as the layer's ordering has them; the bias stays."""
    if flipped and getattr(layer, "border_mode", None) == "same":
        _warn_of_padding(layer, max(arrays, key=np.ndim).shape[:-2])
    return [_kernel(layer, array, flipped) if array.ndim > 2 else array for array in arrays]


def _warn_of_padding(layer, sizes):
    """Warns where Theano lays the zeros of a "same" convolution otherwise than this project."""
    steps = np.atleast_1d(getattr(layer, "subsample", getattr(layer, "subsample_length", 1)))
    if any(size % 2 == 0 for size in sizes) or (steps > 1).any():
        warnings.warn(
            f"Layer {layer.name!r}: the file was written on Theano, which pads border_mode='same' otherwise "
            f"where a filter has an even size or a step above 1 (here {tuple(sizes)} and {steps.tolist()}). "
            "The weights are right, the layer's answers differ from those there.",
            stacklevel=levels_to_caller(),
        )


def _kernel(layer, kernel, flipped):
    space = kernel.ndim - 2
    if flipped:
        kernel = kernel[(slice(None, None, -1),) * space]
    if getattr(layer, "dim_ordering", "tf") == "th":
        kernel = kernel.transpose(space + 1, space, *range(space))
    return kernel


def _separable(layer, arrays, flipped):
    """Theano's two steps of a separable convolution are no turned ones, unlike its other convolutions."""
    return _convolution(layer, arrays, flipped=False)


def _steps(layer, arrays, flipped):
    """(steps, inputs, outputs) as (steps, 1, inputs, outputs)."""
    return [
        np.expand_dims(_kernel(layer, array, flipped), 1) if array.ndim == 3 else array for array in arrays
    ]


def _transposed(layer, arrays, flipped):
    """Keras 2 has the outputs of a transposed convolution before its inputs."""
    arrays = [np.swapaxes(array, 2, 3) if array.ndim == 4 else array for array in arrays]
    return _convolution(layer, arrays, flipped)


#: By the name of a class, as this module stands below the layers.
_CONVERT = {
    "Convolution1D": _steps,
    "Convolution2D": _convolution,
    "Conv2DTranspose": _transposed,
    "SeparableConvolution2D": _separable,
    "Convolution3D": _convolution,
    "ConvLSTM2D": _convolution,
}
