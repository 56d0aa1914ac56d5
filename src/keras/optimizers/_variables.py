"""Variables of optimizers: numbers that programs read, and state for each parameter."""

from typing import Any

import jax.numpy as jnp
import numpy as np

from .. import backend as K
from .._graph import Variable


def precise(dtype: Any) -> str:
    """Returns the dtype of the state for parameters of a dtype: float32 at least."""
    # In bfloat16, 0.999 is rounded to 1, and the step count stops at 256 (float16: at 2048).
    return str(jnp.promote_types(dtype, "float32"))


def scalar(value: Any) -> Variable:
    """Makes a variable for a number that programs read at each step."""
    return K.variable(value, dtype=precise(K.floatx()))


def slot(parameter: Variable) -> Variable:
    """Makes a slot of a parameter, with zeros; it lives where the parameter does."""
    zeros = np.zeros(parameter.shape, jnp.dtype(precise(K.dtype(parameter))))
    return Variable(zeros, beside=parameter)
