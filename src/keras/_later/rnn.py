"""`RNN`, which runs a cell over the steps of a sequence.

A cell is a layer with `state_size` (an int, or a list of them) whose `call(inputs, states)` returns (output,
new states).
"""

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

from .. import backend as K
from .._base.types import Config, Shape
from .._graph import Tensor
from ..engine.calls import takes
from ..engine.files.entries import entry_of
from ..engine.files.registry import layer_from_config
from ..engine.node import to_list
from ..layers._options import Option
from ..layers._steps import StepLayer
from ..layers._wrapper import Wrapper
from .cells import Cell


class RNN(StepLayer, Wrapper):
    """Runs a cell, or several on top of each other, over the steps of a sequence.

    Args:
        cell: the cell, or a list of cells, which become `StackedRNNCells`.
        return_sequences: bool, whether to return the output of every step, or of the last step only.
        return_state: bool, whether to return a list of the output and the states after the last step.
        go_backwards, stateful, unroll: as in `LSTM`.

    `layer(x, constants=[...])` passes tensors that are the same in all steps to the `constants` argument of
    the cell's `call`; the cell's `build` then gets the list of the shapes of a step and of the constants.

    Input shape: (samples, steps, ...). Masked steps do not change the state.

    Example:
        >>> from keras.layers import Input, RNN, GRUCell, LSTMCell
        >>> RNN([LSTMCell(8), GRUCell(4)])(Input(shape=(10, 3))).shape
        (None, 4)
    """

    unroll: Option[bool]
    #: The number of constants of the calls, and those of the running one.
    _num_constants = 0
    _constants: Sequence[Any] = ()

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
        return _sizes_of(self.cell)

    @property
    def nb_states(self) -> int:
        return len(self._sizes)

    def __call__(
        self, x: Any, mask: Any = None, initial_state: Any = None, constants: Any = None, **arguments: Any
    ) -> Any:
        """Calls the layer on a sequence; see `StepLayer`.

        Args:
            x: tensor (samples, steps, ...), or a list of it, the initial states and the constants.
            mask, initial_state: as in `LSTM`.
            constants: tensor or list of tensors for the `constants` argument of the cell's `call`.
            **arguments: as in `Layer`.
        """
        given = [] if constants is None else to_list(constants)
        if given and self.built and len(given) != self._num_constants:
            raise ValueError(
                f"RNN {self.name!r}: got {len(given)} constants; it was built with {self._num_constants}."
            )
        if given and not takes_constants(self.cell):
            raise ValueError(
                f"RNN {self.name!r}: {type(self.cell).__name__} takes no constants; its call needs an "
                "argument of that name."
            )
        self._num_constants = len(given) or self._num_constants
        states = [] if initial_state is None else to_list(initial_state)
        if given or states:
            x = [*(x if isinstance(x, list | tuple) else [x]), *states, *given]
        return super().__call__(x, mask, **arguments)

    def _shape_to_build(self, shapes: Any) -> Any:
        return shapes if self._num_constants else super()._shape_to_build(shapes)

    def build(self, input_shape: Any) -> None:
        constants = []
        if self._num_constants:
            input_shape, constants = input_shape[0], list(input_shape[-self._num_constants :])
        step = (input_shape[0], *input_shape[2:])
        if not self.cell.built:
            self.cell.build([step, *constants] if constants else step)
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

    def call(self, x: Any, mask: Any = None) -> Any:
        if self._num_constants:
            x, self._constants = x[: -self._num_constants], x[-self._num_constants :]
        first = (x[0] if isinstance(x, list) else x)[:, 0]
        with same_dropout(self.cell, first):
            return super().call(x, mask)

    def step(self, x: Tensor, states: list[Any]) -> tuple[Tensor, list[Tensor]]:
        return called(self.cell, x, states, self._constants)

    setattr(step, "keeps_output", True)  # noqa: B010 - see `K.rnn`

    def _has_own_steps(self) -> bool:
        return True

    def get_output_shape_for(self, input_shape: Shape) -> Shape:
        size = _output_size(self.cell)
        return (input_shape[0], input_shape[1], size) if self.return_sequences else (input_shape[0], size)

    def get_config(self) -> Config:
        config = super().get_config()
        config.pop("layer")
        constants = {"num_constants": self._num_constants} if self._num_constants else {}
        return {**config, "cell": entry_of(self.cell), **constants}

    @classmethod
    def from_config(cls, config: Config, custom_objects: Any = None) -> "RNN":
        config = dict(config)
        count = config.pop("num_constants", None)
        if count is not None and (isinstance(count, bool) or not isinstance(count, int) or count < 0):
            raise ValueError(f"RNN: num_constants must be an int of at least 0; got {count!r:.100}.")
        layer = cls(layer_from_config(config.pop("cell"), custom_objects), **config)
        layer._num_constants = count or 0
        return layer


def takes_constants(cell: Any) -> bool:
    """Whether a cell, or one of several on top of each other, takes `constants`."""
    return any(takes(one, "constants") for one in getattr(cell, "cells", [cell]))


@contextlib.contextmanager
def same_dropout(cell: Any, x: Tensor) -> Iterator[None]:
    """Context manager in which a cell drops the same of all steps, whose shape is that of x."""
    cells = getattr(cell, "cells", [cell])
    drawn = [one for one in cells if isinstance(one, Cell)]
    for place, one in enumerate(cells):
        if one in drawn:
            one.keep_masks(x)
        if any(later in drawn for later in cells[place + 1 :]):  # whose input is the output of this one
            x = K.tile(x[:, :1], (1, _output_size(one)))
    try:
        yield
    finally:
        for one in drawn:
            one.keep_masks(None)


def called(cell: Any, x: Tensor, states: Sequence[Any], constants: Sequence[Any]) -> tuple[Any, list[Any]]:
    """Returns a cell's output and its new states, with the arguments that its `call` takes."""
    more: dict[str, Any] = {"constants": list(constants)} if constants and takes(cell, "constants") else {}
    if takes(cell, "training"):
        more["training"] = None
    output, new = cell.call(x, list(states), **more)
    return output, list(new)


class StackedRNNCells(Wrapper):
    """Several cells on top of each other, as one cell.

    Args:
        cells: list of cells.
    """

    def __init__(self, cells: Sequence[Any], **kwargs: Any) -> None:
        self.cells = list(cells)
        super().__init__(layer=self.cells[0], **kwargs)
        self.uses_learning_phase = any(getattr(cell, "uses_learning_phase", False) for cell in self.cells)

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
        return _output_size(self.cells[-1])

    def build(self, input_shape: Any = None) -> None:
        constants = []
        if isinstance(input_shape, list) and input_shape and isinstance(input_shape[0], list | tuple):
            input_shape, *constants = input_shape
        for cell in self.cells:
            if not cell.built:
                takes_them = constants and takes(cell, "constants")
                cell.build([input_shape, *constants] if takes_them else input_shape)
                cell.built = True
            input_shape = (input_shape[0], _output_size(cell))
        self.built = True

    def call(self, x: Any, states: Any, constants: Any = None) -> Any:
        new, rest = [], list(states)
        for cell in self.cells:
            count = len(_sizes_of(cell))
            x, own = called(cell, x, rest[:count], constants or [])
            new += own
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


def _output_size(cell: Any) -> int:
    return getattr(cell, "output_size", None) or _sizes_of(cell)[0]


def _sizes_of(cell: Any) -> list[int]:
    return list(cell.state_size) if isinstance(cell.state_size, list | tuple) else [cell.state_size]
