"""`StepLayer`, the base of all recurrent layers, over vectors and over images: steps, states and masks."""

from typing import Any

import numpy as np

from .. import backend as K
from .._base.types import Shape
from .._graph import Tensor
from ..engine.files.budget import reserve
from ..engine.precision import in_float32
from ._options import LayerWithOptions, Option, inputs_of


class StepLayer(LayerWithOptions):
    """Base of the layers that run over the steps of a sequence and keep a state.

    A derived class defines `step`, `get_initial_states` and `_state_shape`.
    """

    return_sequences: Option[bool]
    go_backwards: Option[bool]
    stateful: Option[bool]
    input_spec = inputs_of(ndim="3+")
    supports_masking = True
    unroll = False
    #: List of `nb_states` variables if the layer is stateful, else of None. It does not exist before `build`:
    #: layers in the manner of Keras 1 ask `hasattr(self, "states")` to see whether states are there.
    states: Any

    @property
    def nb_states(self) -> int:
        """The number of tensors in the state."""
        return 1

    def preprocess_input(self, x: Tensor) -> Tensor:
        """Returns the inputs of `step`, computed for all steps at once; (samples, steps, ...)."""
        return x

    def get_constants(self, x: Tensor) -> list[Tensor]:
        """Returns the tensors that `step` receives after the states."""
        return []

    def get_initial_states(self, x: Tensor) -> list[Tensor]:
        """Returns the states before the first step, zeros."""
        raise NotImplementedError(f"{type(self).__name__} must define get_initial_states(x).")

    def step(self, x: Tensor, states: list[Tensor]) -> tuple[Tensor, list[Tensor]]:
        """Computes one step: (x_t, states and constants) -> (output, new states)."""
        raise NotImplementedError(f"{type(self).__name__} must define step(x, states).")

    def call(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        initial = self.states if self.stateful else list(in_float32(self, self.get_initial_states(x)))
        last, outputs, states = self.run(x, initial, mask)
        if self.stateful:
            self.add_update(list(zip(self.states, states, strict=True)), x)
        return outputs if self.return_sequences else last

    def run(
        self, x: Tensor, initial: list[Tensor], mask: Tensor | None
    ) -> tuple[Tensor, Tensor, list[Tensor]]:
        """Runs all steps: (x, initial states, mask) -> (last output, outputs, last states)."""
        return K.rnn(
            self.step,
            self.preprocess_input(x),
            initial,
            go_backwards=self.go_backwards,
            mask=mask,
            constants=self.get_constants(x),
            unroll=self.unroll,
        )

    def compute_mask(self, input: Tensor, mask: Tensor | None) -> Tensor | None:
        return mask if self.return_sequences else None

    def _state_shape(self, input_shape: Shape) -> Shape:
        """Returns the shape of a state, with None for sizes that are not known."""
        raise NotImplementedError(f"{type(self).__name__} must define _state_shape(input_shape).")

    def reset_states(self) -> None:
        """Sets the kept states to zero.

        Raises:
            RuntimeError: if the layer is not stateful.
            ValueError: if a size of the states is not known, such as the batch size.
        """
        if not self.stateful:
            raise RuntimeError(f"Layer {self.name!r} must be stateful to reset its states.")
        input_shape = self.input_spec[0].shape
        given = self._state_shape(input_shape) if input_shape else (None,)
        shape = tuple(size for size in given if size)
        if len(shape) < len(given):
            raise ValueError(
                "If a RNN is stateful, a complete input_shape must be provided (including batch size): "
                f"layer {self.name!r} needs batch_input_shape, or Input(batch_shape=...); the input shape is "
                f"{input_shape}."
            )
        states = getattr(self, "states", None)
        if states and states[0] is not None:
            for state in states:
                K.set_value(state, np.zeros(shape))
        else:
            reserve(self.name, "states", (self.nb_states, *shape), stored=False)
            self.states = [K.zeros(shape) for _ in range(self.nb_states)]
