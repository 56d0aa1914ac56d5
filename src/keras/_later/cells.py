"""The cells of Keras 2, which `RNN` runs over the steps of a sequence.

Their weights are those of Keras 2: kernel, recurrent_kernel and bias, with the gates side by side.
"""

from typing import Any

from .. import backend as K
from .. import initializations
from .._base.types import Shape
from .._graph import Tensor, apply
from ..layers._options import Activation, Fraction, LayerWithOptions, NameOrFunction, Option, PositiveInt
from ..layers._steps import dropout_masks, keeps_all
from ._fields import Init, Limit, Penalty

_ARGUMENTS = """
Args:
    units: int, the size of the state.
    activation, recurrent_activation: names or functions.
    use_bias: bool.
    kernel_initializer, recurrent_initializer, bias_initializer, kernel_regularizer, recurrent_regularizer,
        bias_regularizer, kernel_constraint, recurrent_constraint, bias_constraint: as those of `LSTM`.
    dropout, recurrent_dropout: floats, the fractions of the inputs and of the states to drop in training,
        the same in all steps.
"""


class Cell(LayerWithOptions):
    """Base of the cells."""

    gates = 1
    units: PositiveInt
    activation: Activation
    use_bias: Option[bool]
    kernel_initializer: Init
    recurrent_initializer: Init
    bias_initializer: Init
    kernel_regularizer: Penalty
    recurrent_regularizer: Penalty
    bias_regularizer: Penalty
    kernel_constraint: Limit
    recurrent_constraint: Limit
    bias_constraint: Limit
    dropout: Fraction
    recurrent_dropout: Fraction
    bias: Any = None
    _masks: Any = None

    def __init__(
        self,
        units: int,
        activation: NameOrFunction | None = "tanh",
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        recurrent_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        recurrent_regularizer: Any = None,
        bias_regularizer: Any = None,
        kernel_constraint: Any = None,
        recurrent_constraint: Any = None,
        bias_constraint: Any = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        **kwargs: Any,
    ) -> None:
        self._store_options(locals())
        super().__init__(**kwargs)
        self.uses_learning_phase = bool(dropout or recurrent_dropout)

    @property
    def state_size(self) -> Any:
        """The size of the state, or a list of the sizes."""
        return self.units

    @property
    def output_size(self) -> int:
        """The size of the output."""
        return self.units

    def build(self, input_shape: Shape) -> None:
        width = self.gates * self.units
        self.kernel = self._add("kernel", (input_shape[-1], width), self.kernel_initializer)
        self.recurrent_kernel = self._add("recurrent_kernel", (self.units, width), self.recurrent_initializer)
        if self.use_bias:
            self.bias = self._add("bias", self._bias_shape(width), self._bias_init())
        self.built = True

    def _bias_shape(self, width: int) -> tuple[int, ...]:
        return (width,)

    def _bias_init(self) -> Any:
        return self.bias_initializer

    def _add(self, name: str, shape: Any, init: Any) -> Any:
        option = name.removesuffix("_kernel")
        return self.add_weight(
            shape,
            init,
            name=f"{self.name}_{name}",
            regularizer=getattr(self, f"{option}_regularizer"),
            constraint=getattr(self, f"{option}_constraint"),
        )

    def keep_masks(self, x: Tensor | None) -> None:
        """Draws the dropout masks of steps such as x (samples, features) for all calls until it gets None."""
        self._masks = None if x is None else self._drawn(x)

    def _drawn(self, x: Tensor) -> tuple[Any, Any]:
        ones = K.ones_like(K.tile(x[:, :1], (1, self.units)))
        (for_x,) = dropout_masks(K.ones_like(x), self.dropout, 1)
        (for_h,) = dropout_masks(ones, self.recurrent_dropout, 1)
        return for_x, for_h

    def _parts(self, x: Tensor, h: Tensor) -> tuple[Tensor, Tensor]:
        """Returns the inputs and the state, less what is dropped."""
        for_x, for_h = self._masks or self._drawn(x)
        x = x if keeps_all(for_x) else x * for_x
        return x, h if keeps_all(for_h) else h * for_h

    def _split(self, x: Tensor) -> list[Tensor]:
        return [x[:, i * self.units : (i + 1) * self.units] for i in range(self.gates)]


class SimpleRNNCell(Cell):
    __doc__ = f"The cell of `SimpleRNN`.\n{_ARGUMENTS}"

    def call(self, inputs: Any, states: Any, training: Any = None) -> Any:
        x, h = self._parts(inputs, states[0])
        y = K.dot(x, self.kernel) + K.dot(h, self.recurrent_kernel)
        h = apply(self.activation, y if self.bias is None else y + self.bias)
        return h, [h]


class _GatedCell(Cell):
    recurrent_activation: Activation

    def __init__(
        self,
        units: int,
        activation: NameOrFunction | None = "tanh",
        recurrent_activation: NameOrFunction = "sigmoid",
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        recurrent_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros",
        implementation: int = 2,
        **kwargs: Any,
    ) -> None:
        self._store_options(locals())
        given = {"use_bias": use_bias, "kernel_initializer": kernel_initializer}
        more = {"recurrent_initializer": recurrent_initializer, "bias_initializer": bias_initializer}
        super().__init__(units, activation, **given, **more, **kwargs)


class LSTMCell(_GatedCell):
    __doc__ = f"""The cell of `LSTM`, with the states h and c.

With `unit_forget_bias`, the bias of the forget gate begins with 1.
{_ARGUMENTS}"""
    gates = 4
    unit_forget_bias: Option[bool]

    def __init__(self, units: int, *args: Any, unit_forget_bias: bool = True, **kwargs: Any) -> None:
        self._store_options(locals())
        super().__init__(units, *args, **kwargs)

    @property
    def state_size(self) -> list[int]:
        return [self.units, self.units]

    def _bias_init(self) -> Any:
        if not self.unit_forget_bias:
            return self.bias_initializer

        def make(shape: Any, name: str | None = None) -> Any:
            value = K.get_value(self.bias_initializer(shape))
            value[self.units : 2 * self.units] = K.get_value(initializations.one((self.units,)))
            return K.variable(value, name=name)

        return make

    def call(self, inputs: Any, states: Any, training: Any = None) -> Any:
        x, h = self._parts(inputs, states[0])
        z = K.dot(x, self.kernel) + K.dot(h, self.recurrent_kernel)
        i, f, c, o = self._split(z if self.bias is None else z + self.bias)
        gate = self.recurrent_activation
        c = apply(gate, f) * states[1] + apply(gate, i) * apply(self.activation, c)
        h = apply(gate, o) * apply(self.activation, c)
        return h, [h, c]


class GRUCell(_GatedCell):
    __doc__ = f"""The cell of `GRU`.

With `reset_after`, the reset gate is applied after the product with the recurrent kernel.
{_ARGUMENTS}"""
    gates = 3
    reset_after: Option[bool]

    def __init__(self, units: int, *args: Any, reset_after: bool = False, **kwargs: Any) -> None:
        self._store_options(locals())
        super().__init__(units, *args, **kwargs)

    def _bias_shape(self, width: int) -> tuple[int, ...]:
        return (2, width) if self.reset_after else (width,)

    def call(self, inputs: Any, states: Any, training: Any = None) -> Any:
        x, dropped = self._parts(inputs, states[0])
        h, U, n = states[0], self.recurrent_kernel, 2 * self.units
        x = K.dot(x, self.kernel)
        if self.bias is not None:
            x = x + (self.bias[0] if self.reset_after else self.bias)
        x_z, x_r, x_h = self._split(x)
        gate = self.recurrent_activation
        if self.reset_after:
            products = K.dot(dropped, U)
            h_z, h_r, h_h = self._split(products if self.bias is None else products + self.bias[1])
            z, r = apply(gate, x_z + h_z), apply(gate, x_r + h_r)
            candidate = apply(self.activation, x_h + r * h_h)
        else:
            both = K.dot(dropped, U[:, :n])
            z, r = apply(gate, x_z + both[:, : self.units]), apply(gate, x_r + both[:, self.units :])
            candidate = apply(self.activation, x_h + K.dot(r * dropped, U[:, n:]))
        h = z * h + (1 - z) * candidate
        return h, [h]
