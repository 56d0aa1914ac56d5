"""`Input`: the start of a graph of layers."""

from collections.abc import Sequence

from .._graph import Tensor
from .layer import InputLayer


class _Default(str):
    """The default of `dtype`, which means `K.floatx()`."""


def Input(
    shape: Sequence[int | None] | None = None,
    batch_shape: Sequence[int | None] | None = None,
    name: str | None = None,
    dtype: str = _Default("float32"),
    sparse: bool = False,
    tensor: Tensor | None = None,
) -> Tensor:
    """Returns a tensor that receives data: the start of a graph of layers.

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
        ValueError: there is no shape, or a size in it is 0 or negative, or the dtype is unknown.
        TypeError: the shape is not a tuple of ints.

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
