"""Conversion of weights from the layout of Keras 2 files to that of Keras 1.

For a recurrent layer Keras 1 has three arrays for each gate, Keras 2 three arrays for all gates. Keras 2
keeps convolution kernels channels last, whatever the layer's dim_ordering, and writes all trainable weights
of a nested model before its non-trainable ones.
"""

import itertools
import math
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from ..._base.callers import levels_to_caller
from ..._files.hdf5_format import NamedArrays, StoredArray, Writer
from .weight_names import matching_places

#: A layer and its arrays. (`Layer` is of a higher level.)
Pair: TypeAlias = tuple[Any, NamedArrays]
_Arrays: TypeAlias = list[np.ndarray]


def keras_2_backend(writer: Writer) -> str | None:
    """Returns the backend with which Keras 2 wrote a file, such as "tensorflow"; None for other versions."""
    if not (writer.version or "").startswith("2."):
        return None
    return writer.backend or "tensorflow"


@dataclass(frozen=True)
class LoadedArray:
    """A `StoredArray` in memory."""

    array: np.ndarray

    @property
    def shape(self) -> tuple[int, ...]:
        return self.array.shape

    @property
    def dtype(self) -> np.dtype:
        return self.array.dtype

    @property
    def stored_bytes(self) -> int:
        return self.array.nbytes

    def read(self) -> np.ndarray:
        return self.array


def as_keras_1(pairs: Sequence[Pair], flipped: bool) -> list[Pair]:
    """Converts pairs of (layer, arrays of a Keras 2 file) to the layout of Keras 1.

    Nested models and wrappers are replaced by the layers inside. A pair whose arrays do not fit in number or
    size is returned unread; the caller then raises an error.

    Args:
        pairs: list of (layer, list of (name, `StoredArray`)).
        flipped: whether convolution kernels are rotated by 180 degrees, as Theano stores them.

    Returns:
        List of such pairs.
    """
    return [pair for layer, stored in pairs for pair in _convert_pair(layer, stored, flipped)]


def _convert_pair(layer: Any, stored: NamedArrays, flipped: bool) -> list[Pair]:
    leaves = list(_leaves(layer))
    counts = [_counts(leaf) for leaf in leaves]
    elements = sum(math.prod(weight.shape) for leaf in leaves for weight in leaf.weights)
    most = elements + sum(map(_second_bias, leaves))
    # Compared before reading, so that nothing larger than the model is read.
    found_elements = sum(math.prod(array.shape) for _, array in stored)
    if sum(map(sum, counts)) != len(stored) or not elements <= found_elements <= most:
        return [(layer, stored)]
    found: list[Pair] = []
    for leaf, places in zip(
        leaves, _places(layer, leaves, counts, [name for name, _ in stored]), strict=True
    ):
        own = [stored[place][1].read() for place in places]
        converted: list[StoredArray] = [LoadedArray(array) for array in _converted(leaf, own, flipped)]
        found.append((leaf, [("", array) for array in converted]))
    return found


def _places(
    layer: Any, leaves: Sequence[Any], counts: Sequence[tuple[int, int]], names: Sequence[str]
) -> list[list[int]]:
    """Returns the places of each leaf's arrays, which depend on what was frozen when the file was written.

    Keras 2 names an array "dense_1/kernel:0", by its layer and its part. Where the file has as many arrays of
    each layer as the model, these names decide; otherwise the places do.

    Raises:
        ValueError: names and places contradict each other.
    """
    trained = sum(count for count, _ in counts)
    trainable, fixed = iter(range(trained)), iter(range(trained, len(names)))
    by_place = [[next(trainable) for _ in range(n)] + [next(fixed) for _ in range(m)] for n, m in counts]
    groups: dict[str, list[int]] = {}
    for place, name in enumerate(names):
        groups.setdefault(name.rpartition("/")[0].rpartition("/")[2], []).append(place)
    own = [
        f"{leaf.name}/{i}" for leaf, places in zip(leaves, by_place, strict=True) for i in range(len(places))
    ]
    found = {place: f"{group}/{i}" for group, places in groups.items() for i, place in enumerate(places)}
    places = matching_places(
        f"layer {layer.name!r}",
        own,
        [found[place] for place in range(len(names))],
        [place for places in by_place for place in places],
        fits=lambda places: True,
    )
    ends = list(itertools.accumulate(map(sum, counts), initial=0))
    return [places[start:end] for start, end in itertools.pairwise(ends)]


def _leaves(layer: Any) -> list[Any]:
    """Returns the layers inside a model or wrapper, or else the layer itself."""
    inside = layer._inner_layers()
    return [leaf for inner in inside for leaf in _leaves(inner)] if inside else [layer]


def _counts(layer: Any) -> tuple[int, int]:
    """Returns the numbers of trainable and non-trainable arrays that a Keras 2 file has for a layer."""
    trained, fixed = len(layer._trainable_weights), len(layer._non_trainable_weights)
    if _has_arrays_per_gate(layer):
        trained = 3
    return (trained, fixed) if layer.trainable else (0, trained + fixed)


def _has_arrays_per_gate(layer: Any) -> bool:
    gates = getattr(layer, "gates", ())  # a cell has their number
    return not isinstance(gates, int) and len(gates) > 1 and len(layer.weights) > 3


def _second_bias(layer: Any) -> int:
    """Returns how many numbers more a layer of cuDNN has than this one: those of another bias."""
    is_gated = any(cls.__name__ in _GATES_OF_CUDNN for cls in type(layer).__mro__)
    own = layer.use_bias and not getattr(layer, "reset_after", False) if is_gated else False
    return len(layer.gates) * layer.output_dim if own else 0


def _from_cudnn(layer: Any, arrays: _Arrays) -> _Arrays:
    """Converts the arrays of a CuDNNLSTM or CuDNNGRU to those of the plain layer; others stay.

    cuDNN has the inputs of each gate in the order of columns, transposed recurrent kernels, and two biases:
    an LSTM adds them, a GRU applies one on each side of its reset gate.

    Raises:
        ValueError: the layer is a GRU that has one bias.
    """
    name = next((cls.__name__ for cls in type(layer).__mro__ if cls.__name__ in _GATES_OF_CUDNN), None)
    gates = _GATES_OF_CUDNN.get(name or "", 0)
    units = getattr(layer, "output_dim", 0)
    if len(arrays) != 3 or arrays[2].shape != (2 * gates * units,) or not gates:
        return arrays
    kernel, recurrent, bias = arrays
    if name == "GRU" and not layer.reset_after:
        raise ValueError(
            f"Layer {layer.name!r} is a GRU that resets before its product, and the file has a CuDNNGRU, "
            "which resets after it. Make the layer CuDNNGRU(units), or GRU(units, reset_after=True, "
            "recurrent_activation='sigmoid')."
        )
    parts = [part.T.reshape(part.shape, order="F") for part in np.split(kernel, gates, axis=1)]
    recurrent = np.concatenate([part.T for part in np.split(recurrent, gates, axis=1)], axis=1)
    two = bias.reshape(2, -1)
    return [np.concatenate(parts, axis=1), recurrent, two if name == "GRU" else two.sum(axis=0)]


def _converted(layer: Any, arrays: _Arrays, flipped: bool) -> _Arrays:
    arrays = _from_cudnn(layer, arrays)
    names = [cls.__name__ for cls in type(layer).__mro__]
    convert = next((_CONVERT[name] for name in names if name in _CONVERT), None)
    try:
        arrays = convert(layer, arrays, flipped) if convert else arrays
        return _split(layer, arrays) if _has_arrays_per_gate(layer) else arrays
    except (ValueError, IndexError):  # too few axes; the caller compares the shapes and raises an error
        return arrays


def _split(layer: Any, arrays: _Arrays) -> _Arrays:
    """Splits the kernel, recurrent kernel and bias of all gates into W, U and b of each gate."""
    order = layer._fused_gates() if hasattr(layer, "_fused_gates") else _GATES_OF_KERAS_2
    # The outputs are the last axis, except in kernels that are channels first already.
    axes = [0 if array.ndim == 4 and layer.dim_ordering == "th" else -1 for array in arrays]
    parts = [np.split(array, len(order), axis) for array, axis in zip(arrays, axes, strict=True)]
    return [part[order.index(gate)] for gate in layer.gates for part in parts]


#: The numbers of gates of the layers that cuDNN has, too.
_GATES_OF_CUDNN = {"LSTM": 4, "GRU": 3}
_GATES_OF_KERAS_2 = ("i", "f", "c", "o")


def _convolution(layer: Any, arrays: _Arrays, flipped: bool) -> _Arrays:
    """Converts kernels (*sizes, inputs, outputs) to the layer's dim_ordering; the bias stays."""
    if flipped and getattr(layer, "border_mode", None) == "same":
        _warn_of_padding(layer, max(arrays, key=np.ndim).shape[:-2])
    return [_kernel(layer, array, flipped) if array.ndim > 2 else array for array in arrays]


def _warn_of_padding(layer: Any, sizes: tuple[int, ...]) -> None:
    """Warns if Theano places the zeros of a "same" convolution differently from this package."""
    steps = np.atleast_1d(getattr(layer, "subsample", getattr(layer, "subsample_length", 1)))
    if any(size % 2 == 0 for size in sizes) or (steps > 1).any():
        warnings.warn(
            f"Layer {layer.name!r}: the file was written on Theano, which pads border_mode='same' in another "
            f"way for filters of even size and steps above 1 (here {tuple(sizes)} and {steps.tolist()}). The "
            "weights are right, but the layer's outputs differ from those on Theano.",
            stacklevel=levels_to_caller(),
        )


def _kernel(layer: Any, kernel: np.ndarray, flipped: bool) -> np.ndarray:
    space = kernel.ndim - 2
    if flipped:
        kernel = kernel[(slice(None, None, -1),) * space]
    if getattr(layer, "dim_ordering", "tf") == "th":
        kernel = kernel.transpose(space + 1, space, *range(space))
    return kernel


def _separable(layer: Any, arrays: _Arrays, flipped: bool) -> _Arrays:
    """Converts the two kernels of a separable convolution, which Theano does not rotate."""
    return _convolution(layer, arrays, flipped=False)


def _steps(layer: Any, arrays: _Arrays, flipped: bool) -> _Arrays:
    """Converts kernels (steps, inputs, outputs) to (steps, 1, inputs, outputs)."""
    return [
        np.expand_dims(_kernel(layer, array, flipped), 1) if array.ndim == 3 else array for array in arrays
    ]


def _transposed(layer: Any, arrays: _Arrays, flipped: bool) -> _Arrays:
    """Converts the kernel of a transposed convolution, in which Keras 2 has the outputs before the inputs."""
    arrays = [np.swapaxes(array, 2, 3) if array.ndim == 4 else array for array in arrays]
    return _convolution(layer, arrays, flipped)


#: Conversions by class name: the classes themselves are of a higher level.
_CONVERT: dict[str, Callable[[Any, _Arrays, bool], _Arrays]] = {
    "Convolution1D": _steps,
    "Convolution2D": _convolution,
    "Conv2DTranspose": _transposed,
    "SeparableConvolution2D": _separable,
    "Convolution3D": _convolution,
    "ConvLSTM2D": _convolution,
}
