"""Lambda: a function as a layer."""

from .. import backend as K
from .._graph import apply
from ..engine import Layer
from ..engine.files.functions import function_from_config, function_to_config


class Lambda(Layer):
    """A function as a layer, written with K functions or in plain JAX.

    Args:
        function: function (x, **arguments) -> tensor; a parameter named `mask` gets the mask.
        output_shape: tuple (of one sample) or function (input shape) -> shape, for sizes that cannot be
            inferred; None is fine nearly always.
        arguments: dict of further arguments for the function.

    Example:
        >>> import jax.numpy as jnp
        >>> from keras.layers import Input, Lambda
        >>> Lambda(lambda x: x ** 2)(Input(shape=(4,))).shape
        (None, 4)
        >>> Lambda(jnp.sin)(Input(shape=(4,))).shape
        (None, 4)
    """

    samples_are_independent = False  # who knows what the function does

    def __init__(self, function, output_shape=None, arguments=None, **kwargs):
        if not callable(function):
            raise TypeError(f"Lambda: function must be callable; got {function!r}.")
        self.function = function
        self.arguments = arguments or {}
        self._output_shape = output_shape if callable(output_shape) else _as_tuple(output_shape)
        super().__init__(**kwargs)

    def call(self, x, mask=None):
        arguments = dict(self.arguments)
        code = getattr(self.function, "__code__", None)
        if code is not None and "mask" in code.co_varnames[: code.co_argcount]:
            arguments["mask"] = mask
        return apply(self.function, x, **arguments)

    def get_output_shape_for(self, input_shape):
        if self._output_shape is None:
            return self._inferred_shape(input_shape)
        if callable(self._output_shape):
            shape = self._output_shape(input_shape)
            return shape if isinstance(shape, list) else tuple(shape)
        first = input_shape[0] if isinstance(input_shape, list) else input_shape
        return (first[0], *self._output_shape)

    def _inferred_shape(self, input_shape):
        shapes = input_shape if isinstance(input_shape, list) else [input_shape]
        tensors = [K.placeholder(shape) for shape in shapes]
        output = self.call(tensors if isinstance(input_shape, list) else tensors[0])
        return [t.shape for t in output] if isinstance(output, list | tuple) else output.shape

    def declared_output_shapes(self, input_shape):
        return None if self._output_shape is None else super().declared_output_shapes(input_shape)

    def get_config(self):
        function, function_type = function_to_config(self.function)
        output_shape, output_shape_type = function_to_config(self._output_shape)
        return {
            **super().get_config(),
            "function": function,
            "function_type": function_type,
            "output_shape": output_shape,
            "output_shape_type": output_shape_type,
            "arguments": self.arguments,
        }

    @classmethod
    def from_config(cls, config):
        config = dict(config)
        where = f"Lambda {config.get('name')!r}"
        for key in ("function", "output_shape"):
            kind = config.pop(f"{key}_type", "raw")
            config[key] = function_from_config(config.get(key), kind, f"{where}: {key}")
        return cls(**config)


def _as_tuple(shape):
    return tuple(shape) if isinstance(shape, list) else shape
