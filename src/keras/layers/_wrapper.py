"""Base of the layers that wrap another layer."""

from collections.abc import Sequence
from typing import Any, Self

from .._base.types import Config, Shape
from .._graph import Tensor, Variable
from ..engine import Layer
from ..engine.files.entries import entry_of
from ..engine.files.registry import layer_from_config


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
        self.uses_learning_phase = layer.uses_learning_phase
        super().__init__(**kwargs)
        self._policy_in_effect = layer._policy_in_effect

    def _inner_layers(self) -> list[Any]:
        return [self.layer]

    def _described_layers(self) -> list[Any]:
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
        return {**super().get_config(), "layer": entry_of(self.layer)}

    @classmethod
    def from_config(cls, config: Config) -> Self:
        config = dict(config)
        return cls(layer_from_config(config.pop("layer")), **config)
