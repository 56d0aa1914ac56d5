"""Helpers for tests of layers and models."""

import functools
from collections.abc import Callable, Sequence
from typing import Any, ParamSpec, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from .. import backend as K
from ..engine import Input, Model
from ..engine.layer import Layer
from ..models import Sequential, model_from_json

_P = ParamSpec("_P")
_R = TypeVar("_R")
_Data: TypeAlias = tuple[NDArray[Any], NDArray[Any]]


def get_test_data(
    nb_train: int = 1000,
    nb_test: int = 500,
    input_shape: Sequence[int] = (10,),
    output_shape: Sequence[int] = (2,),
    classification: bool = True,
    nb_class: int = 2,
) -> tuple[_Data, _Data]:
    """Returns random data that a model can learn.

    Inputs are distributed around the class number, or around the same random number as the targets. Under a
    given seed of numpy.random these are the numbers of Keras 1.2.2.

    Args:
        nb_train, nb_test: number of samples.
        input_shape: shape of one input.
        output_shape: shape of one target, for `classification=False`.
        classification: whether targets are class numbers.
        nb_class: number of classes.

    Returns:
        ((x_train, y_train), (x_test, y_test)), float64 arrays; class numbers are ints of shape (n,).
    """
    count, size = nb_train + nb_test, int(np.prod(input_shape))
    if classification:
        y = np.random.randint(0, nb_class, size=(count,))
        x = np.random.normal(y[:, None], 0.7, (count, size))
    else:
        means = np.random.random((count, 1))
        both = np.random.normal(means, 0.7, (count, size + int(np.prod(output_shape))))
        x, y = both[:, :size], both[:, size:].reshape(count, *output_shape)
    x = x.reshape(count, *input_shape)
    return (x[:nb_train], y[:nb_train]), (x[nb_train:], y[nb_train:])


def layer_test(
    layer_cls: type[Layer],
    kwargs: dict[str, Any] | None = None,
    input_shape: Sequence[int | None] | None = None,
    input_dtype: str | None = None,
    input_data: NDArray[Any] | None = None,
    expected_output: NDArray[Any] | None = None,
    expected_output_dtype: str | None = None,
    fixed_batch_size: bool = False,
) -> NDArray[Any]:
    """Tests a layer with one input: shape, dtype and value of its output, its config, both kinds of models.

    Args:
        layer_cls: the class.
        kwargs: its arguments.
        input_shape: shape of the input, with samples; None is replaced by a random size.
        input_dtype: dtype of the input; if None, that of `input_data` or `K.floatx()`.
        input_data: input; random numbers from 0 to 10 if None.
        expected_output: expected output, to a relative tolerance of 1e-3; not compared if None.
        expected_output_dtype: expected dtype; `input_dtype` if None.
        fixed_batch_size: whether to call the layer with the number of samples in `input_shape`.

    Returns:
        The output of a Sequential of the layer, for further checks.

    Raises:
        AssertionError: the output is not as declared or expected.
        ValueError: neither `input_shape` nor `input_data` is given.
    """
    if input_data is None:
        if input_shape is None:
            raise ValueError("layer_test: pass input_shape or input_data.")
        input_dtype = input_dtype or K.floatx()
        sizes = [np.random.randint(1, 4) if size is None else size for size in input_shape]
        input_data = (10 * np.random.random(sizes)).astype(input_dtype)
    input_shape = input_shape or input_data.shape
    input_dtype = str(input_dtype or input_data.dtype)

    layer = layer_cls(**(kwargs or {}))
    layer.set_weights(layer.get_weights())
    x = Input(
        batch_shape=tuple(input_shape) if fixed_batch_size else (None, *input_shape[1:]), dtype=input_dtype
    )
    y = layer(x)
    assert K.dtype(y) == (expected_output_dtype or input_dtype), K.dtype(y)
    model = Model(input=x, output=y)
    _check_output(layer, model, input_shape, input_data, expected_output)
    again = Model.from_config(model.get_config())
    again.set_weights(model.get_weights())
    _check_output(layer, again, input_shape, input_data, expected_output)

    config = {**layer.get_config(), "batch_input_shape": tuple(input_shape)}
    alone = Sequential([type(layer).from_config(config)])
    alone.set_weights(model.get_weights())
    output = _check_output(layer, alone, input_shape, input_data, expected_output)
    model_from_json(alone.to_json(), allow_code=True)  # the code of a Lambda under test
    return output


def _check_output(
    layer: Layer,
    model: Model,
    input_shape: Sequence[int | None],
    data: NDArray[Any],
    expected: NDArray[Any] | None,
) -> NDArray[Any]:
    model.compile("rmsprop", "mse")
    output = model.predict(data)
    assert isinstance(output, np.ndarray), f"{layer!r} must have one output; it has {len(output)}"
    declared = layer.get_output_shape_for(tuple(input_shape))
    assert len(declared) == output.ndim and all(
        wanted is None or wanted == size for wanted, size in zip(declared, output.shape, strict=True)
    ), f"{layer!r} declares the output shape {declared}; it is {output.shape}"
    if expected is not None:
        np.testing.assert_allclose(output, expected, rtol=1e-3)
    return output


def keras_test(func: Callable[_P, _R]) -> Callable[_P, _R]:
    """Decorates a test function: clears the names and the state of Keras after it."""

    @functools.wraps(func)
    def wrapper(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        try:
            return func(*args, **kwargs)
        finally:
            K.clear_session()

    return wrapper
