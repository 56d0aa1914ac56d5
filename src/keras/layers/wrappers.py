"""Layers that wrap another layer: TimeDistributed, Bidirectional."""

import copy
from collections.abc import Sequence
from typing import Any, Self

from .. import backend as K
from .._base.types import ArrayLike, Config, Shape
from .._graph import Tensor, Variable
from ..engine import InputSpec as InputSpec
from ..engine import Layer
from ..engine.files.registry import layer_from_config
from ..engine.node import to_list
from ..engine.precision import before_narrowing, run_call
from ._options import inputs_of


class Wrapper(Layer):
    """Base of the layers that wrap another layer and have its weights, losses and updates.

    Args:
        layer: the wrapped layer.

    Raises:
        TypeError: if `layer` is not a layer, or a policy is passed.
    """

    def __init__(self, layer: Layer, **kwargs: Any) -> None:
        if not isinstance(layer, Layer):
            raise TypeError(f"{type(self).__name__}: layer must be a layer; got {layer!r}.")
        if kwargs.get("policy") is not None:
            raise TypeError(
                f"{type(self).__name__} computes with the wrapped layer and takes no policy; pass it to "
                f"that layer, such as Dense(8, policy={kwargs['policy']!r})."
            )
        self.layer = layer
        super().__init__(**kwargs)
        self._policy_in_effect = layer._policy_in_effect

    def _inner_layers(self) -> list[Any]:
        return [self.layer]

    def build(self, input_shape: Shape | None = None) -> None:
        self.built = True

    @property
    def trainable_weights(self) -> list[Variable]:
        """List of the variables that training changes."""
        if not getattr(self, "trainable", True):
            return []
        return [w for layer in self._inner_layers() for w in layer.trainable_weights]

    @trainable_weights.setter
    def trainable_weights(self, weights: Sequence[Variable]) -> None:
        pass  # they are those of the wrapped layer

    @property
    def non_trainable_weights(self) -> list[Variable]:
        """List of the variables that training leaves alone; all of them if `trainable` is False."""
        fixed = [w for layer in self._inner_layers() for w in layer.non_trainable_weights]
        if getattr(self, "trainable", True):
            return fixed
        return [w for layer in self._inner_layers() for w in layer.trainable_weights] + fixed

    @non_trainable_weights.setter
    def non_trainable_weights(self, weights: Sequence[Variable]) -> None:
        pass  # they are those of the wrapped layer

    @property
    def constraints(self) -> dict[Variable, Any]:
        """Dict weight -> constraint, those of the wrapped layer."""
        found = {}
        for layer in self._inner_layers():
            found.update(layer.constraints)
        return found

    @property
    def losses(self) -> list[Tensor]:
        """List of all penalties."""
        return [loss for losses in self._losses_by_inputs.values() for loss in losses]

    @property
    def updates(self) -> list[Any]:
        """List of all updates."""
        return [update for updates in self._updates_by_inputs.values() for update in updates]

    def get_losses_for(self, inputs: Any) -> list[Tensor]:
        own = super().get_losses_for(inputs)
        if inputs is not None:
            return own
        return own + [loss for layer in self._inner_layers() for loss in layer.get_losses_for(None)]

    def _adopt(self, layer: Layer, inner_input: Any, x: Any) -> None:
        """Makes the losses and updates of a wrapped layer for its input those of the wrapper for `x`."""
        self.add_update(list(layer.get_updates_for(inner_input)), x)
        self.add_loss(list(layer.get_losses_for(inner_input)), x)

    def _listed_weights(self) -> list[Variable]:
        return [weight for layer in self._inner_layers() for weight in layer._listed_weights()]

    def get_config(self) -> Config:
        inner = {"class_name": type(self.layer).__name__, "config": self.layer.get_config()}
        return {**super().get_config(), "layer": inner}

    @classmethod
    def from_config(cls, config: Config) -> Self:
        config = dict(config)
        return cls(layer_from_config(config.pop("layer")), **config)


class TimeDistributed(Wrapper):
    """Applies a layer or a model to every step of a sequence, with the same weights.

    Args:
        layer: the layer or model; its input is one step.

    Input shape: (samples, steps, ...). Output shape: (samples, steps, *output of the layer).

    Example:
        >>> from keras.layers import Input, Dense, TimeDistributed
        >>> TimeDistributed(Dense(8))(Input(shape=(10, 16))).shape
        (None, 10, 8)
    """

    input_spec = inputs_of()
    supports_masking = True

    def __init__(self, layer: Layer, **kwargs: Any) -> None:
        super().__init__(layer, **kwargs)

    def _first_readers(self, place: int) -> list[Layer]:
        return self.layer._first_readers(place)

    def build(self, input_shape: Shape) -> None:
        if len(input_shape) < 3:
            raise ValueError(
                f"TimeDistributed {self.name!r} needs input of rank 3 or more, (samples, steps, ...); got "
                f"shape {tuple(input_shape)}."
            )
        self.input_spec = [InputSpec(ndim=len(input_shape))]
        step_shape = (input_shape[0], *input_shape[2:])
        if not self.layer.built:
            self.layer.assert_input_compatibility(K.placeholder(step_shape))
            self.layer.build(step_shape)
            self.layer.built = True
            self.layer._use_initial_weights()
        self.built = True

    def call(self, inputs: Tensor, mask: Tensor | None = None) -> Tensor:
        shape = K.int_shape(inputs)
        # One call of the layer, with the steps of all samples as one batch.
        steps = K.reshape(inputs, (-1, *(_size(inputs, axis) for axis in range(2, len(shape)))))
        self.layer.assert_input_compatibility(steps)
        y = before_narrowing(run_call(self.layer, steps))
        self.layer._add_activity_losses(to_list(y), [steps])
        self._adopt(self.layer, steps, inputs)
        inner = [_size(y, axis) for axis in range(1, K.ndim(y))]
        return K.reshape(y, (-1 if shape[1] is not None else _size(inputs, 0), _size(inputs, 1), *inner))

    def get_output_shape_for(self, input_shape: Shape) -> Shape:
        inner = self.layer.get_output_shape_for((input_shape[0], *input_shape[2:]))
        return (inner[0], input_shape[1], *inner[1:])


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
        config = layer.get_config()
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

    def build(self, input_shape: Shape) -> None:
        for layer in self._inner_layers():
            layer.assert_input_compatibility(K.placeholder(input_shape))
            layer.build(input_shape)
            layer.built = True
            layer._use_initial_weights()
        self.built = True

    def call(self, inputs: Tensor, mask: Tensor | None = None) -> Any:
        self.forward_layer.assert_input_compatibility(inputs)
        forward = before_narrowing(run_call(self.forward_layer, inputs, mask))
        backward = before_narrowing(run_call(self.backward_layer, inputs, mask))
        for layer in self._inner_layers():
            self._adopt(layer, inputs, inputs)
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

    def compute_mask(self, input: Tensor, mask: Tensor | None) -> Any:
        if not self.return_sequences:
            return None
        return mask if self.merge_mode else [mask, mask]

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


def _size(x: Tensor, axis: int) -> Any:
    """Returns a size as an int if it is known, else as a tensor."""
    size = K.int_shape(x)[axis]
    return K.shape(x)[axis] if size is None else size
