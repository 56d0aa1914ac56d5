"""`StepLayer`, the base of all recurrent layers, over vectors and over images: steps, states and masks."""

from typing import Any

import numpy as np

from .. import backend as K
from .._base.constructed import is_foreign
from .._base.types import Shape
from .._graph import Tensor
from ..engine.files.building import reserve
from ..engine.node import to_list
from ..engine.precision import in_float32
from ._options import LayerWithOptions, Option, UnlessDefault, inputs_of

_OWN_PACKAGE = __name__.rpartition(".")[0] + "."


def dropout_masks(ones: Tensor, dropped: float, count: int) -> list[Any]:
    """Returns masks in the shape of `ones`, drawn in training; the number 1 if nothing is dropped."""
    if not dropped:
        return [K.cast_to_floatx(1.0)] * count
    return [K.in_train_phase(K.dropout(ones, dropped), ones) for _ in range(count)]


def keeps_all(mask: Any) -> bool:
    """Whether a dropout mask is the number 1."""
    return not isinstance(mask, Tensor) and np.ndim(mask) == 0 and mask == 1


def finite_under(mask: Tensor | None, x: Tensor) -> Tensor:
    """Returns x with zeros at masked steps, whose products with a gradient of 0 are then 0, not NaN.

    Args:
        mask: tensor (samples, steps) or (samples, steps, 1), or None.
        x: tensor (samples, steps, ...).
    """
    if mask is None:
        return x
    mask = mask if K.ndim(mask) == 2 else mask[:, :, 0]
    for _ in range(K.ndim(x) - 2):
        mask = K.expand_dims(mask)
    return K.switch(mask, x, K.zeros_like(x))


def _sequence(items: Any) -> Any:
    """Returns the part for the sequence of a list for the sequence and the states; anything else as it is."""
    return items[0] if isinstance(items, list) else items


def _as_list(states: Any) -> Any:
    return list(states) if isinstance(states, tuple) else states


class StepLayer(LayerWithOptions):
    """Base of the layers that run over the steps of a sequence and keep a state.

    A derived class defines `step`, `get_initial_states` and `_state_shape`.
    """

    return_sequences: Option[bool]
    go_backwards: Option[bool]
    stateful: Option[bool]
    return_state: UnlessDefault[Option[bool]] = False
    input_spec = inputs_of(ndim="3+")
    supports_masking = True
    unroll = False
    #: List of `nb_states` variables if the layer is stateful, else of None. It does not exist before `build`:
    #: layers in the manner of Keras 1 ask `hasattr(self, "states")` to see whether states are there.
    states: Any

    def __init__(self, **kwargs: Any) -> None:
        drops = any(getattr(self, option, 0) for option in ("dropout_W", "dropout_U"))
        if drops:
            self.uses_learning_phase = True
        super().__init__(**kwargs)

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

    #: A method (x, states and B_U) -> (output, new states) that computes a step from W x + b of all gates;
    #: None for layers without gates. A layer with it also has the two methods below.
    step_of_sums: Any = None

    def input_sums(self, x: Tensor) -> Tensor:
        """Returns W x + b for all steps and gates."""
        raise NotImplementedError(f"{type(self).__name__} must define input_sums(x).")

    def _recurrent_masks(self, x: Tensor) -> list[Any]:
        """Returns a dropout mask of the states for each gate."""
        raise NotImplementedError(f"{type(self).__name__} must define _recurrent_masks(x).")

    def __call__(self, x: Any, mask: Any = None, initial_state: Any = None, **arguments: Any) -> Any:
        """Calls the layer on a sequence.

        Args:
            x: tensor (samples, steps, ...), or a list of it and the initial states.
            mask: tensor (samples, steps); None takes the mask that came with the input.
            initial_state: tensor or list of tensors, the states before the first step: one tensor for each
                state, such as h and c of an LSTM. None is zeros, or the kept states of a stateful layer.
            **arguments: as in `Layer`.

        Returns:
            The output; with `return_state` a list of the output and the last states.
        """
        if initial_state is None:
            return super().__call__(x, mask, **arguments)
        return super().__call__([x, *to_list(_as_list(initial_state))], mask, **arguments)

    def assert_input_compatibility(self, input: Any) -> None:
        super().assert_input_compatibility(self._own_part(input))

    def _shape_to_build(self, shapes: Any) -> Any:
        return self._own_part(shapes)

    def declared_output_shapes(self, input_shape: Any) -> list[Shape] | None:
        return super().declared_output_shapes(self._own_part(input_shape))

    def _own_part(self, items: Any) -> Any:
        """Returns the part for the sequence; a user's class with a `call` of its own gets the whole list."""
        is_own = is_foreign(type(self)) and self._overrides("call")
        return items if is_own else _sequence(items)

    def call(self, x: Any, mask: Any = None) -> Any:
        x, given, mask = _sequence(x), x[1:] if isinstance(x, list) else [], _sequence(mask)
        initial = self._given_states(given)
        if not given:
            initial = self.states if self.stateful else list(in_float32(self, self.get_initial_states(x)))
        last, outputs, states = self.run(x, initial, mask)
        if self.stateful:
            self.add_update(list(zip(self.states, states, strict=True)), x)
        output = outputs if self.return_sequences else last
        return [output, *states] if self.return_state else output

    def _given_states(self, given: list[Tensor]) -> list[Tensor]:
        """Returns initial states that were passed to the call, checked."""
        if given and len(given) != self.nb_states:
            raise ValueError(
                f"Layer {self.name!r}: got {len(given)} initial states; {type(self).__name__} has "
                f"{self.nb_states}."
            )
        return list(in_float32(self, given))

    def run(
        self, x: Tensor, initial: list[Tensor], mask: Tensor | None
    ) -> tuple[Tensor, Tensor, list[Tensor]]:
        """Runs all steps: (x, initial states, mask) -> (last output, outputs, last states)."""
        step: Any = self.step
        if self.step_of_sums is not None and not self._has_own_steps():
            step, inputs = self.step_of_sums, self.input_sums(finite_under(mask, x))
            constants = [self._recurrent_masks(x)]
        else:
            own_inputs = self._overrides("preprocess_input")  # which may depend on all steps
            inputs = self.preprocess_input(x if own_inputs else finite_under(mask, x))
            constants = self.get_constants(x)
        return K.rnn(
            step,
            inputs,
            initial,
            go_backwards=self.go_backwards,
            mask=mask,
            constants=constants,
            unroll=self.unroll,
        )

    def _has_own_steps(self) -> bool:
        """Whether a user's class, or one object, replaces a method through which Keras 1 computes a step."""
        return any(map(self._overrides, ("step", "preprocess_input", "get_constants", "step_of_sums")))

    def _overrides(self, method: str) -> bool:
        ours = next(cls for cls in type(self).__mro__ if cls.__module__.startswith(_OWN_PACKAGE))
        now = getattr(getattr(self, method, None), "__func__", None)
        return now is not getattr(ours, method, None)

    def compute_mask(self, input: Any, mask: Any) -> Any:
        own = _sequence(mask) if self.return_sequences else None
        return [own] + [None] * self.nb_states if self.return_state else own

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
