"""`Input`, where a graph starts."""

import difflib

import numpy as np

from .. import backend as K
from .._graph import Tensor, placeholder
from .files.registry import register
from .layer import Layer
from .node import Node

_DTYPES = (
    *("float16", "bfloat16", "float32", "float64", "bool"),
    *("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"),
)


class InputLayer(Layer):
    """The layer behind an `Input`: it has no inputs, and its output is the placeholder.

    Args:
        input_shape: tuple, shape of one sample.
        batch_input_shape: tuple, the same with the number of samples (or None) in front.
        input_dtype: str.
        input_tensor: tensor to use instead of a new placeholder.
        sparse: whether the data are sparse matrices.
        name: str.
    """

    def __init__(
        self,
        input_shape=None,
        batch_input_shape=None,
        input_dtype=None,
        input_tensor=None,
        sparse=False,
        name=None,
    ):
        super().__init__(name=name or f"input_{K.get_uid('input')}")
        self.trainable = False
        self.built = True
        self.sparse = bool(sparse)
        self.input_dtype = check_dtype(input_dtype or K.floatx())
        if input_tensor is not None:
            _check_tensor(input_tensor)
            batch_input_shape = batch_input_shape or input_tensor.shape
            self.input_dtype = check_dtype(K.dtype(input_tensor))
        elif batch_input_shape is None:
            if input_shape is None:
                raise ValueError(
                    f"Input {self.name!r} needs shape or batch_shape, such as Input(shape=(784,))."
                )
            batch_input_shape = (None, *check_shape(input_shape, "shape"))
        else:
            check_shape(batch_input_shape, "batch_shape")
        self.batch_input_shape = tuple(batch_input_shape)
        if sparse and len(self.batch_input_shape) != 2:
            raise ValueError(
                f"Input {self.name!r}: a sparse input has rank 2, (samples, features); got shape "
                f"{self.batch_input_shape}."
            )
        if input_tensor is None:
            input_tensor = placeholder(self.batch_input_shape, self.input_dtype, self.name, self.sparse)
        self.sparse = K.is_sparse(input_tensor)
        self.is_placeholder = input_tensor.node.rule is None
        Node(self, [], [], [], [input_tensor], [input_tensor], [None], [None], None, None)

    def get_config(self):
        return {
            "batch_input_shape": self.batch_input_shape,
            "input_dtype": self.input_dtype,
            "sparse": self.sparse,
            "name": self.name,
        }


class _Default(str):
    """The default dtype, which stands for `K.floatx()` as long as nobody passes one."""


def Input(
    shape=None,
    batch_shape=None,
    name=None,
    dtype=_Default("float32"),  # noqa: B008 - a constant
    sparse=False,
    tensor=None,
):
    """A tensor for data to come in: the start of a graph of layers.

    Args:
        shape: tuple of int, the shape of one sample, without the number of samples; None for a size
            that is not known.
        batch_shape: tuple, the same with the number of samples in front: `(32, 784)`, `(None, 784)`.
        name: str, for dictionaries of data; "input_1" and so on if None.
        dtype: str, such as "int32"; `K.floatx()` if not given.
        sparse: whether the data are sparse matrices of SciPy; the shape has one axis then.
        tensor: a tensor to use instead of a new placeholder.
    Returns:
        Tensor of shape (None, *shape).
    Raises:
        ValueError: if there is no shape, or a size in it is 0 or negative, or the dtype is unknown.
        TypeError: if the shape is not a tuple of ints.

    Example:
        >>> from keras.layers import Input, Dense
        >>> from keras.models import Model
        >>> a = Input(shape=(32,))
        >>> model = Model(input=a, output=Dense(16)(a))
        >>> model.output_shape
        (None, 16)
    """
    layer = InputLayer(
        input_shape=shape,
        batch_input_shape=batch_shape,
        input_dtype=None if isinstance(dtype, _Default) else dtype,
        input_tensor=tensor,
        sparse=sparse,
        name=name,
    )
    return layer.inbound_nodes[0].output_tensors[0]


def check_shape(shape, argument):
    """Checks a shape that a user gave, and gives it back as a tuple.

    Raises:
        TypeError, ValueError: naming the argument, the shape and the size that is wrong.
    """
    if isinstance(shape, str) or not isinstance(shape, tuple | list):
        raise TypeError(f"Input: {argument} must be a tuple of ints (or None); got {shape!r}.")
    for size in shape:
        if size is None:
            continue
        if isinstance(size, bool) or not isinstance(size, int | np.integer):
            raise TypeError(
                f"Input: {argument} must be a tuple of ints (or None); got {size!r} in {shape!r}."
            )
        if size < 0:
            raise ValueError(f"Input: {argument} {shape!r} has the negative dimension {size}.")
        if size == 0:
            raise ValueError(f"Input: {argument} {shape!r} has a dimension 0: no data would fit it.")
    return tuple(None if size is None else int(size) for size in shape)


def check_dtype(dtype):
    """Checks the name of a dtype.

    Raises:
        ValueError: with the nearest known name.
    """
    name = dtype if isinstance(dtype, str) else np.dtype(dtype).name
    if name not in _DTYPES:
        close = difflib.get_close_matches(name, _DTYPES, n=1)
        hint = f"; did you mean {close[0]!r}?" if close else "."
        raise ValueError(f"Input: unknown dtype {name!r}{hint} Known: {', '.join(_DTYPES)}.")
    return name


def _check_tensor(tensor):
    if not isinstance(tensor, Tensor):
        raise TypeError(
            f"Input: tensor: expected a Keras tensor (K.placeholder, K.variable, ...); "
            f"got {type(tensor).__name__}. Arrays are given to fit and predict."
        )


register(InputLayer)
