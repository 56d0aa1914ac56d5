"""`RNN`, which runs a cell over the steps of a sequence, and the cells of Keras 2.

A cell is a layer with `state_size` (an int, or a list of them) whose `call(inputs, states)` returns (output,
new states). The weights of the cells here are those of Keras 2: kernel, recurrent_kernel and bias, with the
gates side by side.
"""

from collections.abc import Sequence
from typing import Any

from .. import backend as K
from .. import initializations
from .._base.types import Config, Shape
from .._graph import Tensor, apply
from ..engine.calls import takes
from ..engine.files.entries import entry_of
from ..engine.files.registry import layer_from_config
from ..layers._options import Activation, Fraction, LayerWithOptions, NameOrFunction, Option, PositiveInt
from ..layers._steps import StepLayer, dropout_masks, keeps_all
from ..layers.wrappers import Wrapper
from ._fields import Init, Limit, Penalty


class RNN(StepLayer, Wrapper):
    """Runs a cell, or several on top of each other, over the steps of a sequence.

    Args:
        cell: the cell, or a list of cells, which become `StackedRNNCells`.
        return_sequences: bool, whether to return the output of every step, or of the last step only.
        return_state: bool, whether to return a list of the output and the states after the last step.
        go_backwards, stateful, unroll: as in `LSTM`.

    Input shape: (samples, steps, ...). Masked steps do not change the state.

    Example:
        >>> from keras.layers import Input, RNN, GRUCell, LSTMCell
        >>> RNN([LSTMCell(8), GRUCell(4)])(Input(shape=(10, 3))).shape
        (None, 4)
    """

    unroll: Option[bool]

    def __init__(
        self,
        cell: Any,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        unroll: bool = False,
        **kwargs: Any,
    ) -> None:
        cell = StackedRNNCells(cell) if isinstance(cell, list | tuple) else cell
        if not callable(getattr(cell, "call", None)) or not hasattr(cell, "state_size"):
            raise ValueError(
                f"RNN: a cell needs state_size and call(inputs, states); got {type(cell).__name__}."
            )
        self.cell = cell
        self._store_options(locals())
        super().__init__(layer=cell, **kwargs)

    @property
    def _sizes(self) -> list[int]:
        size = self.cell.state_size
        return list(size) if isinstance(size, list | tuple) else [size]

    @property
    def nb_states(self) -> int:
        return len(self._sizes)

    def build(self, input_shape: Shape) -> None:
        step = (input_shape[0], *input_shape[2:])
        if not self.cell.built:
            self.cell.build(step)
            self.cell.built = True
        self._batch_size = input_shape[0]
        if self.stateful:
            self.reset_states()
        self.built = True

    def reset_states(self) -> None:
        if self._batch_size is None:
            raise ValueError(
                f"RNN {self.name!r}: stateful=True needs a known batch size, such as Input(batch_shape=...)."
            )
        shapes = [(self._batch_size, size) for size in self._sizes]
        if getattr(self, "states", None):
            for state, shape in zip(self.states, shapes, strict=True):
                K.set_value(state, K.get_value(state) * 0)
                assert state.shape == shape
        else:
            self.states = [K.zeros(shape) for shape in shapes]

    def get_initial_states(self, x: Tensor) -> list[Tensor]:
        one = K.zeros_like(K.batch_flatten(x[:, 0])[:, :1])
        return [K.tile(one, (1, size)) for size in self._sizes]

    def get_constants(self, x: Tensor) -> list[Any]:
        make = getattr(self.cell, "step_constants", None)
        return make(x[:, 0]) if make is not None else []

    def step(self, x: Tensor, states: list[Any]) -> tuple[Tensor, list[Tensor]]:
        own, constants = states[: self.nb_states], states[self.nb_states :]
        more: dict[str, Any] = {"constants": constants} if constants else {}
        if takes(self.cell, "training") and not constants:
            more["training"] = None
        output, new = self.cell.call(x, list(own), **more)
        return output, list(new)

    def _has_own_steps(self) -> bool:
        return True

    def get_output_shape_for(self, input_shape: Shape) -> Shape:
        size = getattr(self.cell, "output_size", None) or self._sizes[0]
        if isinstance(self.cell, StackedRNNCells):
            size = self.cell.output_size
        return (input_shape[0], input_shape[1], size) if self.return_sequences else (input_shape[0], size)

    def get_config(self) -> Config:
        config = super().get_config()
        config.pop("layer")
        return {**config, "cell": entry_of(self.cell)}

    @classmethod
    def from_config(cls, config: Config, custom_objects: Any = None) -> "RNN":
        config = dict(config)
        return cls(layer_from_config(config.pop("cell"), custom_objects), **config)


class StackedRNNCells(Wrapper):
    """Several cells on top of each other, as one cell.

    Args:
        cells: list of cells.
    """

    def __init__(self, cells: Sequence[Any], **kwargs: Any) -> None:
        self.cells = list(cells)
        super().__init__(layer=self.cells[0], **kwargs)

    def _inner_layers(self) -> list[Any]:
        return self.cells

    def _described_layers(self) -> list[Any]:
        return self.cells

    @property
    def state_size(self) -> list[int]:
        """The sizes of the states of all cells, from the first to the last."""
        return [size for cell in self.cells for size in _sizes_of(cell)]

    @property
    def output_size(self) -> int:
        """The size of the output of the last cell."""
        return getattr(self.cells[-1], "output_size", None) or _sizes_of(self.cells[-1])[0]

    def build(self, input_shape: Any = None) -> None:
        for cell in self.cells:
            if not cell.built:
                cell.build(input_shape)
                cell.built = True
            input_shape = (input_shape[0], getattr(cell, "output_size", None) or _sizes_of(cell)[0])
        self.built = True

    def call(self, x: Any, states: Any) -> Any:
        new, rest = [], list(states)
        for cell in self.cells:
            count = len(_sizes_of(cell))
            x, own = cell.call(x, rest[:count])
            new += list(own)
            rest = rest[count:]
        return x, new

    def get_config(self) -> Config:
        config = super().get_config()
        config.pop("layer")
        return {**config, "cells": [entry_of(cell) for cell in self.cells]}

    @classmethod
    def from_config(cls, config: Config, custom_objects: Any = None) -> "StackedRNNCells":
        config = dict(config)
        return cls([layer_from_config(cell, custom_objects) for cell in config.pop("cells")], **config)


def _sizes_of(cell: Any) -> list[int]:
    return list(cell.state_size) if isinstance(cell.state_size, list | tuple) else [cell.state_size]


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


class _Cell(LayerWithOptions):
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

    def step_constants(self, x: Tensor) -> list[Any]:
        """Returns the dropout masks of the inputs and of the states, for one step (samples, features)."""
        if not self.dropout and not self.recurrent_dropout:
            return []
        ones = K.ones_like(K.tile(x[:, :1], (1, self.units)))
        return [
            *dropout_masks(K.ones_like(x), self.dropout, 1),
            *dropout_masks(ones, self.recurrent_dropout, 1),
        ]

    def _parts(self, x: Tensor, h: Tensor, constants: Any) -> tuple[Tensor, Tensor]:
        """Returns the inputs and the state, less what is dropped."""
        for_x, for_h = constants or (1, 1)
        x = x if keeps_all(for_x) else x * for_x
        return x, h if keeps_all(for_h) else h * for_h

    def _split(self, x: Tensor) -> list[Tensor]:
        return [x[:, i * self.units : (i + 1) * self.units] for i in range(self.gates)]


class SimpleRNNCell(_Cell):
    __doc__ = f"The cell of `SimpleRNN`.\n{_ARGUMENTS}"

    def call(self, inputs: Any, states: Any, constants: Any = None) -> Any:
        x, h = self._parts(inputs, states[0], constants)
        y = K.dot(x, self.kernel) + K.dot(h, self.recurrent_kernel)
        h = apply(self.activation, y if self.bias is None else y + self.bias)
        return h, [h]


class _GatedCell(_Cell):
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

    def call(self, inputs: Any, states: Any, constants: Any = None) -> Any:
        x, h = self._parts(inputs, states[0], constants)
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

    def call(self, inputs: Any, states: Any, constants: Any = None) -> Any:
        x, dropped = self._parts(inputs, states[0], constants)
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
