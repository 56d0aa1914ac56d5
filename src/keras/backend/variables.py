"""Variables and placeholders, and properties of tensors: shape, rank, dtype."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, overload

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import DTypeLike

from .. import _graph
from .._base.types import ArrayLike, Shape, TensorLike
from .._graph import Tensor, Variable, op, shape_op
from .._graph.sizes import as_shape_array
from .common import floatx
from .random import seed_or_drawn
from .shapes import tile

#: How many random numbers are drawn at a time, chosen to fit the CPU's cache.
_DRAWS = 2**16


def _marked(tensor: Any) -> Any:
    """Sets the attributes that Keras 1 gives variables and placeholders, which programs read."""
    tensor._keras_shape = tensor.shape
    tensor._uses_learning_phase = False
    return tensor


def variable(value: ArrayLike, dtype: DTypeLike | None = None, name: str | None = None) -> Variable:
    """A tensor that holds a value, which functions and training can update.

    Args:
        value: array-like, the initial value; a SciPy matrix makes a sparse variable.
        dtype: str, `K.floatx()` if None.
        name: str.

    Example:
        >>> from keras import backend as K
        >>> v = K.variable([[1.0, 2.0]])
        >>> K.eval(v * 2).tolist()
        [[2.0, 4.0]]
    """
    if isinstance(value, Tensor):
        value = _graph.values_of([value])[0]
    return _marked(Variable(_graph.copied(value, _dtype(dtype)), name))


def placeholder(
    shape: Sequence[int | None] | None = None,
    ndim: int | None = None,
    dtype: DTypeLike | None = None,
    sparse: bool = False,
    name: str | None = None,
) -> Tensor:
    """A tensor whose value is passed to a function when it runs.

    Args:
        shape: tuple of int or None (unknown).
        ndim: int, the rank, instead of a shape.
        dtype: str, `K.floatx()` if None.
        sparse: whether the values are sparse matrices of SciPy; the rank must be 2.
        name: str.
    Raises:
        ValueError: if neither shape nor ndim is given, or a sparse placeholder does not have rank 2.

    Example:
        >>> from scipy.sparse import csr_matrix
        >>> from keras import backend as K
        >>> x = K.placeholder((None, 3), sparse=True)
        >>> f = K.function([x], [K.dot(x, K.ones((3, 1)))])
        >>> f([csr_matrix([[0, 0, 2.0], [1, 0, 3]])])[0].tolist()
        [[2.0], [4.0]]
    """
    if shape is None:
        if ndim is None:
            raise ValueError("placeholder: needs shape or ndim.")
        shape = (None,) * ndim
    if sparse and len(shape) != 2:
        raise ValueError(f"placeholder: a sparse placeholder must have rank 2; got shape {tuple(shape)}.")
    return _marked(_graph.placeholder(shape, _dtype(dtype), name, sparse))


def is_sparse(tensor: TensorLike) -> bool:
    """Whether a tensor, or a SciPy matrix, is sparse."""
    return tensor.sparse if isinstance(tensor, Tensor) else _graph.is_sparse(tensor)


def to_dense(tensor: TensorLike) -> Tensor:
    """Converts a sparse tensor to a dense one; returns a dense tensor unchanged."""
    return _to_dense(tensor) if is_sparse(tensor) else tensor


@op(saved_as="to_dense", formerly="_to_dense")
def _to_dense(x: Any) -> jax.Array:
    return x.todense()


def is_keras_tensor(x: Any) -> bool:
    """Whether `x` is the output of a layer (`Input` included)."""
    return getattr(x, "_keras_history", None) is not None


@shape_op
def shape(x: TensorLike) -> Any:
    """The shape as an int32 tensor of shape (ndim,), whose value is known when a program is compiled."""
    return as_shape_array(x.shape)


@overload
def int_shape(x: Variable) -> tuple[int, ...]: ...
@overload
def int_shape(x: TensorLike) -> Shape: ...
def int_shape(x: TensorLike) -> Shape:
    """The shape as a tuple of int, None where unknown."""
    return tuple(x.shape)


def ndim(x: TensorLike) -> int:
    """The rank, an int."""
    return len(x.shape)


def dtype(x: TensorLike) -> str:
    """The dtype as a string."""
    return np.dtype(x.dtype).name


@overload
def zeros(
    shape: int | Sequence[int], dtype: DTypeLike | None = None, name: str | None = None
) -> Variable: ...
@overload
def zeros(shape: Any, dtype: DTypeLike | None = None, name: str | None = None) -> Any: ...
def zeros(shape: Any, dtype: DTypeLike | None = None, name: str | None = None) -> Any:
    """A variable of zeros.

    Args:
        shape: int or tuple of int. If a size is a tensor, such as `K.shape(x)[0]`, or the shape is one, the
            result is a tensor of zeros, not a variable.
        dtype: str, `K.floatx()` if None.
        name: str, of the variable.
    """
    return _filled(shape, 0, dtype, name)


@overload
def ones(shape: int | Sequence[int], dtype: DTypeLike | None = None, name: str | None = None) -> Variable: ...
@overload
def ones(shape: Any, dtype: DTypeLike | None = None, name: str | None = None) -> Any: ...
def ones(shape: Any, dtype: DTypeLike | None = None, name: str | None = None) -> Any:
    """A variable of ones; the arguments are those of `zeros`."""
    return _filled(shape, 1, dtype, name)


def _filled(shape: Any, value: int, dtype: DTypeLike | None, name: str | None) -> Any:
    sizes = jax.tree.leaves(shape)
    if any(isinstance(size, Tensor) for size in sizes):
        rank = sizes[0].shape[0] if isinstance(shape, Tensor) and shape.ndim else len(sizes)
        one: Any = np.full((1,) * rank, float(value)).tolist()  # a list, which files can hold
        return cast(tile(one, shape if isinstance(shape, Tensor) else tuple(shape)), _dtype(dtype))
    return _marked(Variable(np.full(shape, value, _dtype(dtype)), name))


def eye(size: int, dtype: DTypeLike | None = None, name: str | None = None) -> Variable:
    """A variable that holds an identity matrix of shape (size, size)."""
    return Variable(np.eye(size, dtype=_dtype(dtype)), name)


def zeros_like(x: TensorLike, dtype: DTypeLike | None = None, name: str | None = None) -> Tensor:
    """Zeros in the shape of `x`; in its dtype, if `dtype` is None. `name` is ignored."""
    return _full_like(x, 0, dtype)


def ones_like(x: TensorLike, dtype: DTypeLike | None = None, name: str | None = None) -> Tensor:
    """Ones in the shape of `x`; in its dtype, if `dtype` is None. `name` is ignored."""
    return _full_like(x, 1, dtype)


@op(saved_as="full_like", formerly="_full_like")
def _full_like(x: TensorLike, value: float, dtype: Any = None) -> jax.Array:
    return jnp.full_like(x, value, dtype=dtype)


def random_uniform_variable(
    shape: int | Sequence[int],
    low: float,
    high: float,
    dtype: DTypeLike | None = None,
    name: str | None = None,
    seed: int | None = None,
) -> Variable:
    """A variable whose initial value is drawn uniformly from [low, high).

    Args:
        shape: tuple of int.
        low, high: floats.
        dtype: str, `K.floatx()` if None.
        name: str.
        seed: int; drawn from `numpy.random` if None.
    """
    # Not a RandomState, which is four times slower: drawing weights takes most of the time to build a model.
    generator = np.random.Generator(np.random.PCG64(seed_or_drawn(seed)))
    digits = "float64" if _dtype(dtype) == "float64" else "float32"

    def draw(count: int) -> np.ndarray:
        numbers = generator.random(count, digits)
        numbers *= high - low
        numbers += low
        return numbers

    return Variable(_drawn(draw, shape, _dtype(dtype)), name)


def random_normal_variable(
    shape: int | Sequence[int],
    mean: float,
    scale: float,
    dtype: DTypeLike | None = None,
    name: str | None = None,
    seed: int | None = None,
) -> Variable:
    """A variable whose initial value is drawn from a normal distribution.

    Args:
        shape, dtype, name, seed: as in `random_uniform_variable`.
        mean, scale: floats, mean and standard deviation.
    """
    generator = np.random.RandomState(seed_or_drawn(seed))
    values = _drawn(lambda count: generator.normal(mean, scale, count), shape, _dtype(dtype))
    return Variable(values, name)


def _drawn(
    draw: Callable[[int], np.ndarray], shape: int | Sequence[int], dtype: "np.dtype[Any]"
) -> np.ndarray:
    """An array of numbers from `draw(count)`, which is called for parts that fit the CPU's cache."""
    values = np.empty(shape, dtype)
    flat = values.reshape(-1)
    for start in range(0, flat.size, _DRAWS):
        part = flat[start : start + _DRAWS]
        part[:] = draw(part.size)
    return values


def _dtype(dtype: DTypeLike | None) -> "np.dtype[Any]":
    return jnp.dtype(dtype or floatx())


def count_params(x: TensorLike) -> int:
    """The number of elements of a tensor of known shape."""
    return int(np.prod(x.shape))


def cast(x: TensorLike, dtype: DTypeLike) -> Tensor:
    """Converts a tensor to another dtype, such as "float32"."""
    return _cast(x, jax.dtypes.canonicalize_dtype(jnp.dtype(dtype)))


@op(saved_as="cast", formerly="_cast")
def _cast(x: TensorLike, dtype: "np.dtype[Any]") -> jax.Array:
    x = jnp.asarray(x)
    if jnp.issubdtype(x.dtype, jnp.floating) and dtype in (jnp.uint8, jnp.uint16):
        x = x.astype("int32")  # -1.0 is 255 as uint8; XLA's own result depends on the program around it
    return x.astype(dtype)


def update(x: Variable, new_x: TensorLike) -> tuple[Variable, Any]:
    """The update that replaces variable `x` by `new_x`: a pair, for `K.function(updates=...)`."""
    return x, new_x


def update_add(x: Variable, increment: TensorLike) -> tuple[Variable, Tensor]:
    """The update that adds `increment` to variable `x`."""
    return x, x + increment


def update_sub(x: Variable, decrement: TensorLike) -> tuple[Variable, Tensor]:
    """The update that subtracts `decrement` from variable `x`."""
    return x, x - decrement


def moving_average_update(variable: Variable, value: TensorLike, momentum: float) -> tuple[Variable, Tensor]:
    """The update of a moving average: variable <- variable * momentum + value * (1 - momentum)."""
    return variable, variable * momentum + value * (1.0 - momentum)


def get_value(x: Variable) -> np.ndarray:
    """The value of a variable as a numpy array; that of a sparse variable as a SciPy matrix.

    Raises:
        TypeError: if `x` is not a variable.
    """
    if not hasattr(x, "get_value"):
        raise TypeError(f"get_value: {x!r} is not a variable; use K.eval(x) for other tensors.")
    return x.get_value()


def batch_get_value(xs: Iterable[Variable]) -> list[np.ndarray]:
    """The values of several variables as a list of numpy arrays."""
    return [get_value(x) for x in xs]


def set_value(x: Variable, value: ArrayLike) -> None:
    """Sets the value of a variable.

    Raises:
        ValueError: if the shape differs from the variable's.
    """
    x.set_value(value)


def batch_set_value(tuples: Iterable[tuple[Variable, ArrayLike]]) -> None:
    """Sets the values of several variables, given as pairs (variable, value)."""
    with _graph.whole_update():
        for x, value in tuples:
            set_value(x, value)


def get_variable_shape(x: Variable) -> tuple[int, ...]:
    """The shape of a variable as a tuple of int."""
    return tuple(x.shape)
