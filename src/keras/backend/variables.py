"""Variables, placeholders and what is known of a tensor without computing it."""

import jax
import jax.numpy as jnp
import numpy as np

from .. import _graph
from .._graph import Tensor, Variable, op, shape_op
from .common import floatx
from .random import seed_or_drawn

#: How many random numbers are drawn at a time: they stay in the cache.
_DRAWS = 2**16


def variable(value, dtype=None, name=None):
    """A tensor with a value of its own.

    Args:
        value: array-like, the first value; a SciPy matrix makes a sparse variable.
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
    return Variable(_graph.copied(value, _dtype(dtype)), name)


def placeholder(shape=None, ndim=None, dtype=None, sparse=False, name=None):
    """A tensor whose value is given when a function runs.

    Args:
        shape: tuple of int or None (unknown).
        ndim: int, the rank, where no shape is given.
        dtype: str, `K.floatx()` if None.
        sparse: whether the values are sparse matrices of SciPy; the shape has rank 2 then.
        name: str.
    Raises:
        ValueError: if neither shape nor ndim is given, or a sparse one is not of rank 2.

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
        raise ValueError(f"placeholder: a sparse one must have rank 2; got shape {tuple(shape)}.")
    return _graph.placeholder(shape, _dtype(dtype), name, sparse)


def is_sparse(tensor):
    """Whether the tensor (or the matrix of SciPy) is sparse."""
    return tensor.sparse if isinstance(tensor, Tensor) else _graph.is_sparse(tensor)


def to_dense(tensor):
    """The tensor as a dense one; itself, if it is dense."""
    return _to_dense(tensor) if is_sparse(tensor) else tensor


@op
def _to_dense(x):
    return x.todense()


def is_keras_tensor(x):
    """Whether `x` is the output of a layer (`Input` included)."""
    return getattr(x, "_keras_history", None) is not None


@shape_op
def shape(x):
    """The shape as an int32 tensor of shape (ndim,), known when a program is compiled."""
    return np.asarray(x.shape, "int32")


def int_shape(x):
    """The shape as a tuple of int, None where unknown."""
    return tuple(x.shape)


def ndim(x):
    """The rank, an int."""
    return len(x.shape)


def dtype(x):
    """The dtype as a string."""
    return np.dtype(x.dtype).name


def zeros(shape, dtype=None, name=None):
    """A variable of zeros."""
    return Variable(np.zeros(shape, _dtype(dtype)), name)


def ones(shape, dtype=None, name=None):
    """A variable of ones."""
    return Variable(np.ones(shape, _dtype(dtype)), name)


def eye(size, dtype=None, name=None):
    """A variable with an identity matrix of shape (size, size)."""
    return Variable(np.eye(size, dtype=_dtype(dtype)), name)


def zeros_like(x, dtype=None, name=None):
    """Zeros in the shape of `x`, in its dtype if None is given."""
    return _full_like(x, 0, dtype)


def ones_like(x, dtype=None, name=None):
    """Ones in the shape of `x`, in its dtype if None is given."""
    return _full_like(x, 1, dtype)


@op
def _full_like(x, value, dtype=None):
    return jnp.full_like(x, value, dtype=dtype)


def random_uniform_variable(shape, low, high, dtype=None, name=None, seed=None):
    """A variable drawn evenly between low and high."""
    # Not a RandomState, which takes four times as long for a number: a large model's start is mostly this.
    generator = np.random.Generator(np.random.PCG64(seed_or_drawn(seed)))
    digits = "float64" if _dtype(dtype) == "float64" else "float32"

    def draw(count):
        numbers = generator.random(count, digits)
        numbers *= high - low
        numbers += low
        return numbers

    return Variable(_drawn(draw, shape, _dtype(dtype)), name)


def random_normal_variable(shape, mean, scale, dtype=None, name=None, seed=None):
    """A variable drawn from the normal distribution with this mean and standard deviation."""
    generator = np.random.RandomState(seed_or_drawn(seed))
    values = _drawn(lambda count: generator.normal(mean, scale, count), shape, _dtype(dtype))
    return Variable(values, name)


def _drawn(draw, shape, dtype):
    """What `draw(count)` gives, as an array of the dtype, in parts that stay in the cache."""
    values = np.empty(shape, dtype)
    flat = values.reshape(-1)
    for start in range(0, flat.size, _DRAWS):
        part = flat[start : start + _DRAWS]
        part[:] = draw(part.size)
    return values


def _dtype(dtype):
    return jnp.dtype(dtype or floatx())


def count_params(x):
    """The number of elements of a tensor whose shape is known, an int."""
    return int(np.prod(x.shape))


def cast(x, dtype):
    """`x` in another dtype, given as a string."""
    return _cast(x, jax.dtypes.canonicalize_dtype(jnp.dtype(dtype)))


@op
def _cast(x, dtype):
    x = jnp.asarray(x)
    if jnp.issubdtype(x.dtype, jnp.floating) and dtype in (jnp.uint8, jnp.uint16):
        x = x.astype("int32")  # -1.0 is 255 as uint8; XLA's own answer depends on the program around it
    return x.astype(dtype)


def update(x, new_x):
    """The update that replaces variable `x` by `new_x`: a pair, for `K.function(updates=...)`."""
    return x, new_x


def update_add(x, increment):
    """The update that adds to variable `x`."""
    return x, x + increment


def update_sub(x, decrement):
    """The update that subtracts from variable `x`."""
    return x, x - decrement


def moving_average_update(variable, value, momentum):
    """The update variable <- variable * momentum + value * (1 - momentum)."""
    return variable, variable * momentum + value * (1.0 - momentum)


def get_value(x):
    """The value of a variable as a numpy array."""
    if not isinstance(x, Variable):
        raise TypeError(f"get_value: {x!r} is not a variable; use K.eval(x) for other tensors.")
    return x.get_value()


def batch_get_value(xs):
    """The values of several variables as a list of numpy arrays."""
    return [get_value(x) for x in xs]


def set_value(x, value):
    """Sets the value of a variable.

    Raises:
        ValueError: if the shape differs from the variable's.
    """
    x.set_value(value)


def batch_set_value(tuples):
    """Sets the values of several variables, given as pairs (variable, value)."""
    with _graph.whole_update():
        for x, value in tuples:
            set_value(x, value)


def get_variable_shape(x):
    """The shape of a variable as a tuple of int."""
    return int_shape(x)
