"""Lambda: a function as a layer."""

from collections.abc import Callable
from typing import Any, Self

from .. import backend as K
from .._base.types import Config, Shape
from .._graph import apply
from ..engine import Layer
from ..engine.files.functions import (
    called_with,
    function_from_config,
    functions_to_config,
    naming_globals,
    note_captured,
)


class Lambda(Layer):
    """A function as a layer, written with K functions or in plain JAX.

    Args:
        function: function (x, **arguments) -> tensor. A parameter named `mask` receives the mask.
        output_shape: tuple (of one sample), or function (input shape) -> shape; None to infer it, which
            works in nearly all cases.
        arguments: dict of further arguments for the function.

    Raises:
        TypeError: if `function` is not callable.

    Example:
        >>> import jax.numpy as jnp
        >>> from keras.layers import Input, Lambda
        >>> Lambda(lambda x: x ** 2)(Input(shape=(4,))).shape
        (None, 4)
        >>> Lambda(jnp.sin)(Input(shape=(4,))).shape
        (None, 4)
    """

    samples_are_independent = False  # the function may mix them

    def __init__(
        self,
        function: Callable[..., Any],
        output_shape: Shape | Callable[..., Any] | None = None,
        arguments: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        if not callable(function):
            raise TypeError(f"Lambda: function must be callable; got {function!r}.")
        self.function = function
        self.arguments = arguments or {}
        self._output_shape = tuple(output_shape) if isinstance(output_shape, list) else output_shape
        super().__init__(**kwargs)

    def call(self, x: Any, mask: Any = None) -> Any:
        arguments = dict(self.arguments)
        code = getattr(self.function, "__code__", None)
        if code is not None and "mask" in code.co_varnames[: code.co_argcount]:
            arguments["mask"] = mask
        note_captured(self, function=self.function, output_shape=self._output_shape, arguments=self.arguments)
        with naming_globals(self):
            return apply(self.function, x, **arguments)

    def get_output_shape_for(self, input_shape: Any) -> Any:
        if self._output_shape is None:
            return self._inferred_shape(input_shape)
        if callable(self._output_shape):
            with naming_globals(self):
                shape = self._output_shape(input_shape)
            return shape if isinstance(shape, list) else tuple(shape)
        first = input_shape[0] if isinstance(input_shape, list) else input_shape
        return (first[0], *self._output_shape)

    def _inferred_shape(self, input_shape: Any) -> Any:
        shapes = input_shape if isinstance(input_shape, list) else [input_shape]
        tensors = [K.placeholder(shape) for shape in shapes]
        output = self.call(tensors if isinstance(input_shape, list) else tensors[0])
        return [t.shape for t in output] if isinstance(output, list | tuple) else output.shape

    def declared_output_shapes(self, input_shape: Any) -> Any:
        return None if self._output_shape is None else super().declared_output_shapes(input_shape)

    def get_config(self) -> Config:
        functions = functions_to_config(self, function=self.function, output_shape=self._output_shape)
        arguments = called_with(self, "arguments", self.arguments)
        return {**super().get_config(), **functions, "arguments": arguments}

    @classmethod
    def from_config(cls, config: Config) -> Self:
        config = dict(config)
        where = f"Lambda {config.get('name')!r}"
        for key in ("function", "output_shape"):
            kind = config.pop(f"{key}_type", "raw")
            config[key] = function_from_config(config.get(key), kind, f"{where}: {key}")
        return cls(**config)
