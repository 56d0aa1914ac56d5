"""Stand-in for `tensorflow`: the functions that programs of 2015 to 2017 call directly on tensors, over K.

Arguments may have the names and the order of TensorFlow 0.12 or of 1.2. `keras.compat.install("tensorflow")`
lets programs import it.
"""

from collections.abc import Callable, Sequence
from typing import Any

import jax
import numpy as np

from .. import backend as K
from .._graph import Tensor as Tensor
from .._graph import identity as _identity
from . import _arrays, _images
from . import tensorflow_control as _control
from . import tensorflow_image as image  # noqa: F401
from . import tensorflow_math as _math
from . import tensorflow_nn as nn  # noqa: F401
from . import tensorflow_session as _session
from ._missing import missing
from ._values import accepts, known_size, of_values, refuse, sizes, value

__version__ = "1.2.1"
ConfigProto = GPUOptions = _session.Settings

_python_bool = bool
bool, uint8, int8, int16, int32, int64, float16, float32, float64 = map(
    np.dtype, ("bool", "uint8", "int8", "int16", "int32", "int64", "float16", "float32", "float64")
)
double = float64
newaxis = None

# --- values --------------------------------------------------------------------------------------


@accepts("verify_shape")
def constant(value: Any, dtype: Any = None, shape: Any = None) -> Any:
    """A tensor with a fixed value."""
    array = np.asarray(value, dtype)
    array = array.astype(jax.dtypes.canonicalize_dtype(array.dtype))
    return array if shape is None else np.broadcast_to(array, shape)


@accepts("trainable", "collections", "validate_shape")
def Variable(initial_value: Any, trainable: Any = True, dtype: Any = None) -> Any:
    """A variable; its float type is that of the value, float32 for Python's floats."""
    if not isinstance(initial_value, Tensor):
        initial_value = np.asarray(initial_value)
        dtype = dtype or ("float32" if initial_value.dtype == "float64" else initial_value.dtype.name)
    return K.variable(initial_value, dtype or initial_value.dtype)


def placeholder(dtype: Any, shape: Any = None, name: str | None = None) -> Any:
    """A tensor whose value is passed when a program runs; its shape must have a known rank."""
    if shape is None:
        refuse("tf.placeholder", "a shape is needed, with None for each unknown size.")
    return K.placeholder(tuple(shape), dtype=dtype, name=name)


@accepts()
def convert_to_tensor(value: Any, dtype: Any = None) -> Any:
    """The tensor itself, or a constant."""
    if isinstance(value, Tensor):
        return value if dtype is None else K.cast(value, dtype)
    return constant(value, dtype)


@accepts()
def identity(input: Any) -> Any:
    """The same value as a new tensor."""
    return _identity(value(input))


def _filled(fill_value: int) -> Callable[..., Any]:
    @accepts()
    def filled(shape: Any, dtype: Any = float32) -> Any:
        """A tensor of zeros, or of ones."""
        return _arrays.full(sizes(shape), fill_value, np.dtype(dtype))

    return filled


zeros, ones = _filled(0), _filled(1)


@accepts("optimize")
def zeros_like(tensor: Any, dtype: Any = None) -> Any:
    """Zeros in the shape of a tensor."""
    return K.zeros_like(value(tensor), dtype)


@accepts("optimize")
def ones_like(tensor: Any, dtype: Any = None) -> Any:
    """Ones in the shape of a tensor."""
    return K.ones_like(value(tensor), dtype)


@accepts()
def fill(dims: Any, value: Any) -> Any:
    """A tensor of equal elements."""
    return _arrays.full(sizes(dims), value, None)


@accepts()
def eye(num_rows: int, num_columns: int | None = None, batch_shape: Any = None, dtype: Any = float32) -> Any:
    """An identity matrix."""
    if batch_shape is not None:
        refuse("tf.eye", "there is no batch_shape; use tf.tile(tf.expand_dims(tf.eye(n), 0), ...).")
    return np.eye(num_rows, num_columns, dtype=dtype)


@accepts()
def range(start: Any, limit: Any = None, delta: Any = 1, dtype: Any = "int32") -> Any:
    """start, start + delta, ... below limit; `range(limit)` starts at 0."""
    return K.arange(start, limit, delta, dtype)


@accepts()
def linspace(start: Any, stop: Any, num: Any) -> Any:
    """`num` evenly spaced numbers, the ends included."""
    return _arrays.linspace(start, stop, num)


lin_space = linspace


@accepts()
def random_normal(
    shape: Any, mean: float = 0.0, stddev: float = 1.0, dtype: Any = float32, seed: int | None = None
) -> Any:
    """Numbers that are drawn at each run, from a normal distribution."""
    return K.random_normal(sizes(shape), mean, stddev, dtype, seed)


@accepts()
def random_uniform(
    shape: Any, minval: Any = 0, maxval: Any = 1, dtype: Any = float32, seed: int | None = None
) -> Any:
    """Numbers that are drawn at each run, uniformly; ints are below maxval."""
    if np.dtype(dtype).kind in "iu":
        return K.cast(_arrays.floor(K.random_uniform(sizes(shape), minval, maxval, None, seed)), dtype)
    return K.random_uniform(sizes(shape), minval, maxval, dtype, seed)


set_random_seed = K.set_random_seed

# --- shapes --------------------------------------------------------------------------------------


@accepts("out_type")
def shape(input: Any) -> Any:
    """The sizes, an int tensor."""
    return K.shape(value(input))


@accepts("out_type")
def size(input: Any) -> Any:
    """The number of elements."""
    return K.prod(K.shape(value(input)))


@accepts()
def rank(input: Any) -> int:
    """The number of axes."""
    return K.ndim(value(input))


@accepts()
def reshape(tensor: Any, shape: Any) -> Any:
    """Gives a tensor another shape; one size may be -1."""
    return K.reshape(value(tensor), sizes(shape))


@accepts(dim="axis")
def expand_dims(input: Any, axis: int) -> Any:
    """Adds an axis of size 1."""
    return K.expand_dims(value(input), axis)


@accepts(squeeze_dims="axis")
def squeeze(input: Any, axis: Any = None) -> Any:
    """Removes axes of size 1: these, or all."""
    return _arrays.squeeze(value(input), [axis] if isinstance(axis, int) else axis)


@accepts()
def transpose(a: Any, perm: Any = None) -> Any:
    """Reorders the axes; reverses them if `perm` is None."""
    return K.transpose(value(a)) if perm is None else K.permute_dimensions(value(a), tuple(perm))


@accepts()
def tile(input: Any, multiples: Any) -> Any:
    """Repeats a tensor along each axis; the numbers may be sizes such as `tf.shape(x)[0]`."""
    return K.tile(value(input), sizes(multiples))


def _is_axis(x: Any) -> Any:
    return isinstance(x, int | np.integer)


@accepts(concat_dim="axis")
def concat(values: Any, axis: Any = None) -> Any:
    """Joins tensors: `concat(values, axis)`, or in the order of TensorFlow 0.12 `concat(axis, values)`."""
    if _is_axis(values):
        values, axis = axis, values
    return K.concatenate([value(item) for item in values], axis)


@accepts()
def stack(values: Sequence[Any], axis: int = 0) -> Any:
    """Joins tensors along a new axis."""
    stacked = K.stack([value(item) for item in values])
    axis %= K.ndim(stacked)
    order = [*np.arange(1, axis + 1), 0, *np.arange(axis + 1, K.ndim(stacked))]
    return stacked if axis == 0 else K.permute_dimensions(stacked, tuple(int(i) for i in order))


@accepts()
def unstack(value: Any, num: int | None = None, axis: int = 0) -> list[Any]:
    """The slices along an axis, a list."""
    axis %= K.ndim(value)
    count = num or known_size("tf.unstack", value, axis)
    return [value[(slice(None),) * axis + (int(i),)] for i in np.arange(count)]


pack, unpack = stack, unstack


@accepts(split_dim="axis", num_split="num_or_size_splits")
def split(value: Any, num_or_size_splits: Any, axis: Any = 0) -> list[Any]:
    """Parts along an axis: `split(value, number or sizes, axis)`; in 0.12 `split(axis, number, value)`."""
    if _is_axis(value):
        value, axis = axis, value
    axis %= K.ndim(value)
    if _is_axis(num_or_size_splits):
        each = known_size("tf.split", value, axis) // num_or_size_splits
        num_or_size_splits = [each] * num_or_size_splits
    ends = [int(end) for end in np.cumsum(num_or_size_splits)]
    places = zip([0, *ends], ends, strict=False)
    return [value[(slice(None),) * axis + (slice(start, end),)] for start, end in places]


@accepts(input="input_")
def slice_(input_: Any, begin: Any, size: Any) -> Any:
    """The part that begins at `begin` and has these sizes; -1 means up to the end."""
    return _arrays.part(value(input_), sizes(begin), sizes(size))


@accepts()
def pad(tensor: Any, paddings: Any, mode: str = "CONSTANT", constant_values: float = 0) -> Any:
    """Pads the axes; mode "CONSTANT", "REFLECT" or "SYMMETRIC"."""
    return _arrays.pad(value(tensor), [list(pair) for pair in paddings], mode.lower(), constant_values)


@accepts(dims="axis")
def reverse(tensor: Any, axis: Any) -> Any:
    """Reverses axes, given as numbers, or as a bool for each as in 0.12."""
    axes = list(axis)
    if all(isinstance(item, np.bool_ | _python_bool) for item in axes):
        axes = [int(i) for i in np.flatnonzero(axes)]
    return K.reverse(value(tensor), axes)


@accepts("validate_indices")
def gather(params: Any, indices: Any, axis: int = 0) -> Any:
    """Slices along an axis; an index out of range reads the nearest."""
    return _arrays.take(value(params), value(indices), axis)


gather_nd = of_values(_arrays.gather_nd)


@accepts()
def scatter_nd(indices: Any, updates: Any, shape: Any) -> Any:
    """Zeros in this shape, with the updates added at the rows of `indices`."""
    return _arrays.scatter_nd(value(indices), value(updates), sizes(shape))


@accepts()
def unsorted_segment_sum(data: Any, segment_ids: Any, num_segments: int) -> Any:
    """Sums of the rows of each segment."""
    return _arrays.segment_sum(value(data), value(segment_ids), num_segments)


@accepts()
def one_hot(
    indices: Any, depth: Any, on_value: Any = 1, off_value: Any = 0, axis: int = -1, dtype: Any = float32
) -> Any:
    """One-hot encoding along a new axis."""
    return _arrays.one_hot(value(indices), depth, on_value, off_value, axis, np.dtype(dtype))


@accepts()
def sequence_mask(lengths: Any, maxlen: Any = None, dtype: Any = bool) -> Any:
    """Whether each step is before the end of its sequence."""
    if maxlen is None:
        refuse("tf.sequence_mask", "maxlen is needed, because sizes must be known before a program runs.")
    return _arrays.sequence_mask(value(lengths), maxlen, np.dtype(dtype))


@accepts()
def meshgrid(x: Any, y: Any, indexing: str = "xy") -> list[Any]:
    """The coordinates of a grid, two matrices."""
    x, y = value(x), value(y)
    if indexing == "xy":
        return [x[None, :] + K.zeros_like(y)[:, None], y[:, None] + K.zeros_like(x)[None, :]]
    return [x[:, None] + K.zeros_like(y)[None, :], y[None, :] + K.zeros_like(x)[:, None]]


@accepts()
def boolean_mask(tensor: Any, mask: Any) -> Any:
    """The elements, or rows, where a mask holds; the mask must be an array."""
    if isinstance(mask, Tensor):
        refuse(
            "tf.boolean_mask",
            "how many rows remain is known only when the program runs, and sizes must be known before. "
            "Multiply by tf.to_float(mask), or use tf.where(mask, x, neutral), before a sum or a minimum.",
        )
    return gather_nd(tensor, np.argwhere(np.asarray(mask)))


@accepts()
def where(condition: Any, x: Any = None, y: Any = None) -> Any:
    """x where the condition holds, y elsewhere; a condition of rank 1 chooses rows."""
    if x is not None and y is not None:
        return _arrays.where(value(condition), value(x), value(y))
    if isinstance(condition, Tensor):
        refuse(
            "tf.where",
            "how many places there are is known only when the program runs, and sizes must be known before. "
            "Use tf.where(condition, x, y).",
        )
    return np.argwhere(np.asarray(condition))


select = where


@accepts()
def depth_to_space(input: Any, block_size: int) -> Any:
    """Moves groups of channels into blocks of pixels."""
    return _images.depth_to_space(value(input), block_size)


@accepts()
def space_to_depth(input: Any, block_size: int) -> Any:
    """Moves blocks of pixels into channels."""
    return _images.space_to_depth(value(input), block_size)


@accepts()
def extract_image_patches(
    images: Any, ksizes: Sequence[int], strides: Sequence[int], rates: Sequence[int], padding: str
) -> Any:
    """The pixels of each window as channels; the lists are [1, rows, cols, 1]."""
    size, steps, distances = (tuple(four[1:3]) for four in (ksizes, strides, rates))
    return _images.patches(value(images), size, steps, distances, padding)


_PARTS = (_math, _control, _session)
_HINTS = {
    "train": "an optimizer of keras.optimizers with model.compile, or its get_updates with K.function",
    "layers": "keras.layers",
    "contrib": "keras.layers",
    "keras": "the package keras itself",
    "losses": "keras.objectives",
    "metrics": "keras.metrics",
    "summary": "keras.callbacks.TensorBoard",
    "while_loop": "tf.scan with a fixed number of steps, or K.rnn",
    "py_func": "a function of jax.numpy decorated with @K.op",
    "get_variable": "K.variable, or add_weight in a layer",
    "unique": "NumPy: the size of the result is known only when a program runs",
    "dynamic_partition": "tf.where or products with masks: the sizes of the parts are not known before",
    "gfile": "open() and the module os",
    "app": "the module argparse",
    "flags": "the module argparse",
}


def __getattr__(name: str) -> Any:
    if name == "slice":
        return slice_
    for part in _PARTS:
        if name in vars(part) and not name.startswith("_"):
            return vars(part)[name]
    known = {key: item for part in _PARTS for key, item in vars(part).items()}
    raise missing("tensorflow", name, {**known, **globals()}, _HINTS)
