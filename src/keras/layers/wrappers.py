"""Layers that wrap another layer: TimeDistributed, Bidirectional."""

import copy
from collections.abc import Sequence
from typing import Any

from .. import backend as K
from .._base.types import ArrayLike, Config, Shape
from .._graph import Tensor
from ..engine import InputSpec as InputSpec
from ..engine import Layer as Layer
from ..engine.files.entries import entry_of
from ..engine.node import single, to_list
from ..engine.precision import before_narrowing, run_call
from ._options import inputs_of
from ._time_distributed import TimeDistributed as TimeDistributed
from ._wrapper import Wrapper as Wrapper


class Bidirectional(Wrapper):
    """Runs a recurrent layer over the steps in both directions.

    Args:
        layer: the recurrent layer for the forward direction. The backward layer has the same options.
        merge_mode: how to combine the two outputs: "sum", "mul", "concat", "ave"; None to return both.
        weights: list of arrays, the initial weights, those of the forward layer first.

    Raises:
        ValueError: if there is no such merge_mode.
    """

    _MODES = ("sum", "mul", "ave", "concat", None)
    input_spec = inputs_of()
    supports_masking = True

    def __init__(
        self,
        layer: Any,
        merge_mode: str | None = "concat",
        weights: Sequence[ArrayLike] | None = None,
        **kwargs: Any,
    ) -> None:
        if merge_mode not in self._MODES:
            raise ValueError(f"Bidirectional: merge_mode must be one of {self._MODES}; got {merge_mode!r}.")
        self.forward_layer = copy.copy(layer)
        self.forward_layer._init_collections()  # its own, also if the given layer is used elsewhere
        self.forward_layer.inbound_nodes, self.forward_layer.outbound_nodes = [], []
        config = entry_of(layer)["config"]
        config["go_backwards"] = not config["go_backwards"]
        self.backward_layer = layer.__class__.from_config(config)
        self.forward_layer.name = "forward_" + self.forward_layer.name
        self.backward_layer.name = "backward_" + self.backward_layer.name
        self.merge_mode = merge_mode
        if weights:
            half = len(weights) // 2
            self.forward_layer.initial_weights = weights[:half]
            self.backward_layer.initial_weights = weights[half:]
        self.stateful = layer.stateful
        self.return_sequences = layer.return_sequences
        super().__init__(layer, **kwargs)

    def _inner_layers(self) -> list[Any]:
        return [self.forward_layer, self.backward_layer]

    def _described_layers(self) -> list[Any]:
        return []  # it makes two layers of its own from the options of the given one

    def __call__(self, x: Any, mask: Any = None, initial_state: Any = None, **arguments: Any) -> Any:
        """Calls the layer on a sequence.

        Args:
            x: tensor (samples, steps, ...), or a list of it and the initial states of both directions.
            mask: tensor (samples, steps); None takes the mask that came with the input.
            initial_state: list of tensors, the states of the forward layer and those of the backward layer.
            **arguments: as in `Layer`.
        """
        if initial_state is not None:
            x = [x, *initial_state]
        return super().__call__(x, mask, **arguments)

    def assert_input_compatibility(self, input: Any) -> None:
        count = len(input) if isinstance(input, list) else 1
        states = 2 * getattr(self.forward_layer, "nb_states", 0)
        if count not in (1, 1 + states):
            raise ValueError(
                f"Bidirectional layer {self.name!r} got {count} inputs; it takes a sequence, or a sequence "
                f"and {states} initial states, half for each direction. Join several inputs with merge."
            )
        super().assert_input_compatibility(_first(input))

    def _shape_to_build(self, shapes: Any) -> Any:
        return _first(shapes)

    def declared_output_shapes(self, input_shape: Any) -> Any:
        return super().declared_output_shapes(_first(input_shape))

    def build(self, input_shape: Shape) -> None:
        for layer in self._inner_layers():
            layer.assert_input_compatibility(K.placeholder(input_shape))
            layer.build(input_shape)
            layer.built = True
            layer._use_initial_weights()
        self.built = True

    def call(self, inputs: Any, mask: Any = None) -> Any:
        states = inputs[1:] if isinstance(inputs, list) else []
        inputs, mask, half = _first(inputs), _first(mask), len(states) // 2
        self.forward_layer.assert_input_compatibility(inputs)
        results = []
        for layer, own in ((self.forward_layer, states[:half]), (self.backward_layer, states[half:])):
            given = [inputs, *own] if states else inputs
            results.append([before_narrowing(y) for y in to_list(run_call(layer, given, mask))])
            self._adopt(layer, inputs, inputs)
        (forward, *forward_states), (backward, *backward_states) = results
        outputs = to_list(self._merged(forward, backward))
        return single([*outputs, *forward_states, *backward_states])

    def _merged(self, forward: Tensor, backward: Tensor) -> Any:
        """Returns the outputs of the two directions as one, or both."""
        if self.return_sequences:
            backward = K.reverse(backward, 1)
        if self.merge_mode == "concat":
            return K.concatenate([forward, backward])
        if self.merge_mode == "sum":
            return forward + backward
        if self.merge_mode == "ave":
            return (forward + backward) / 2
        if self.merge_mode == "mul":
            return forward * backward
        return [forward, backward]

    def compute_mask(self, input: Any, mask: Any) -> Any:
        own = _first(mask) if self.return_sequences else None
        outputs = [own] if self.merge_mode else [own, own]
        if getattr(self.forward_layer, "return_state", False):
            outputs += [None] * (2 * self.forward_layer.nb_states)
        return single(outputs) if self.return_sequences or len(outputs) > 2 else None

    def get_output_shape_for(self, input_shape: Shape) -> Any:
        shape = tuple(self.forward_layer.get_output_shape_for(input_shape))
        if self.merge_mode == "concat":
            return (*shape[:-1], 2 * shape[-1])
        return shape if self.merge_mode else [shape, shape]

    def reset_states(self) -> None:
        """Sets the kept states of both directions to zero."""
        for layer in self._inner_layers():
            layer.reset_states()

    def get_config(self) -> Config:
        return {**super().get_config(), "merge_mode": self.merge_mode}


def _first(items: Any) -> Any:
    """Returns the part for the sequence of a list for the sequence and its initial states."""
    return items[0] if isinstance(items, list) else items
