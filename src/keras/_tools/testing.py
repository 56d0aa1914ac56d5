"""Helpers for tests of layers and models."""

import functools

import numpy as np

from .. import backend as K
from ..engine import Input, Model
from ..models import Sequential, model_from_json


def get_test_data(
    nb_train=1000, nb_test=500, input_shape=(10,), output_shape=(2,), classification=True, nb_class=2
):
    """Random data that can be learned: inputs lie around the class number, or around what is to be told.

    With the same seed in numpy.random these are the numbers of Keras 1.2.2.

    Args:
        nb_train, nb_test: int, samples.
        input_shape: tuple, shape of one input.
        output_shape: tuple, shape of one target; for `classification=False`.
        classification: whether targets are class numbers.
        nb_class: int.
    Returns:
        ((x_train, y_train), (x_test, y_test)), float64 arrays; class numbers are ints of shape (n,).
    """
    count, size = nb_train + nb_test, int(np.prod(input_shape))
    if classification:
        y = np.random.randint(0, nb_class, size=(count,))
        x = np.random.normal(y[:, None], 0.7, (count, size))
    else:
        places = np.random.random((count, 1))
        both = np.random.normal(places, 0.7, (count, size + int(np.prod(output_shape))))
        x, y = both[:, :size], both[:, size:].reshape(count, *output_shape)
    x = x.reshape(count, *input_shape)
    return (x[:nb_train], y[:nb_train]), (x[nb_train:], y[nb_train:])


def layer_test(
    layer_cls,
    kwargs=None,
    input_shape=None,
    input_dtype=None,
    input_data=None,
    expected_output=None,
    expected_output_dtype=None,
    fixed_batch_size=False,
):
    """Tests a layer with one input: shape, dtype and value of its output, config, both kinds of models.

    Args:
        layer_cls: the class.
        kwargs: dict of its arguments.
        input_shape: tuple with the number of samples in front; random sizes are taken for None.
        input_dtype: str; that of `input_data`, or K.floatx(), if None.
        input_data: array to feed; random numbers from 0 to 10 if None.
        expected_output: array that the layer must give, to a relative 1e-3; not compared if None.
        expected_output_dtype: str; `input_dtype` if None.
        fixed_batch_size: whether the layer is also called with the number of samples of `input_shape`.
    Returns:
        The output of a Sequential of the layer, for further checks.
    Raises:
        AssertionError: where something is not as declared.
    """
    if input_data is None:
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
    model_from_json(alone.to_json())
    return output


def _check_output(layer, model, input_shape, data, expected):
    model.compile("rmsprop", "mse")
    output = model.predict(data)
    declared = layer.get_output_shape_for(tuple(input_shape))
    assert len(declared) == output.ndim and all(
        said is None or said == size for said, size in zip(declared, output.shape, strict=True)
    ), f"{layer!r} declares the output shape {declared}; it is {output.shape}"
    if expected is not None:
        np.testing.assert_allclose(output, expected, rtol=1e-3)
    return output


def keras_test(func):
    """Decorator for a test function: the names and states of Keras begin anew after it."""

    @functools.wraps(func)
    def wrapper(*args, **kwargs):
        try:
            return func(*args, **kwargs)
        finally:
            K.clear_session()

    return wrapper
