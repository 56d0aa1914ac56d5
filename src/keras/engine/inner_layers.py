"""`LayerHolder`: the weights, states, losses and updates of a container's layers."""

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from .._graph import Tensor, Variable
from .graph_map import GraphMap
from .layer import Layer
from .node import node_key
from .weight_order import leaves, unfrozen_order


class LayerHolder(Layer):
    """The part of `Container` that collects what its layers hold.

    Attributes:
        layers: list of the layers, in the order of their weights.
        container_nodes: set of str, the keys of the nodes that belong to the graph; see `node_key`.
    """

    layers: list[Any]
    container_nodes: set[str]
    _graph = GraphMap([], [], {}, {})
    _config_is_arguments: ClassVar[bool] = False

    def _inner_layers(self) -> Sequence[Layer]:
        return self.layers

    def _holders(self) -> Sequence[Layer]:
        """Returns the layers that hold the weights, states and losses of this one."""
        return self.layers

    # --- states ----------------------------------------------------------------------------------

    @property
    def stateful(self) -> bool:
        """Whether a layer keeps its state from batch to batch."""
        return any(getattr(layer, "stateful", False) for layer in self._holders())

    def reset_states(self) -> None:
        """Sets the states of all stateful layers to zero."""
        for layer in self._holders():
            reset = getattr(layer, "reset_states", None)
            if getattr(layer, "stateful", False) and reset is not None:
                reset()

    @property
    def state_updates(self) -> list[tuple[Variable, Any]]:
        """The updates that carry states from batch to batch; predictions apply them, too."""
        updates = []
        for layer in self._holders():
            if isinstance(layer, LayerHolder):
                updates += layer.state_updates
            elif getattr(layer, "stateful", False):
                updates += layer.updates
        return updates

    # --- weights ---------------------------------------------------------------------------------

    @property
    def trainable_weights(self) -> list[Variable]:
        """The variables that training changes, each once; none if `trainable` is False."""
        if not self.trainable:
            return []
        return _unique(weight for layer in self._holders() for weight in layer.trainable_weights)

    @trainable_weights.setter
    def trainable_weights(self, weights: list[Variable]) -> None:
        pass

    @property
    def non_trainable_weights(self) -> list[Variable]:
        """The variables that training leaves alone, each once; all of them if `trainable` is False."""
        weights = [weight for layer in self._holders() for weight in layer.non_trainable_weights]
        if not self.trainable:
            weights = [w for layer in self._holders() for w in layer.trainable_weights] + weights
        return _unique(weights)

    @non_trainable_weights.setter
    def non_trainable_weights(self, weights: list[Variable]) -> None:
        pass

    def _listed_weights(self) -> list[Variable]:
        return [weight for layer in self.layers for weight in unfrozen_order(layer)]

    @property
    def constraints(self) -> dict[Variable, Any]:
        """Dict weight -> constraint over all layers."""
        found = {}
        for layer in self._holders():
            found.update(layer.constraints)
        return found

    # --- losses and updates ----------------------------------------------------------------------

    @property
    def losses(self) -> list[Tensor]:
        """The losses that layers add and that belong to this container's graph."""
        own = self._losses_by_inputs.get(None, [])
        found = self._collect("get_losses_for", "losses")
        return [*found, *(loss for loss in own if all(loss is not other for other in found))]

    @property
    def updates(self) -> list[tuple[Variable, Any]]:
        """The updates that layers add and that belong to this container's graph; none of frozen layers."""
        frozen = {w for layer in leaves(self) if getattr(layer, "frozen", False) for w in layer.weights}
        found = self._collect("get_updates_for", "updates")
        return [update for update in found if update[0] not in frozen] if frozen else found

    def _collect(self, getter: str, attribute: str) -> list[Any]:
        found = []
        # Not `self.layers`: a Sequential that begins with another has the layers of both in its graph.
        for layer in self._graph.layers:
            get = getattr(layer, getter)
            for node in layer.inbound_nodes:
                if node_key(node) in self.container_nodes and node.input_tensors:
                    found += get(node.input_tensors)
            found += get(None)
            # Layers written for Keras 1 may assign `self.updates = [...]` instead of calling add_update.
            if not isinstance(getattr(type(layer), attribute, None), property):
                known = getattr(layer, f"_{attribute}_by_inputs").values()
                listed = {id(item) for items in known for item in items}
                found += [item for item in getattr(layer, attribute) if id(item) not in listed]
        return list({id(item): item for item in found}.values())

    def get_losses_for(self, inputs: Any) -> list[Tensor]:
        if inputs is not None:
            return super().get_losses_for(inputs)
        own = self._losses_by_inputs.get(None, [])
        return own + [item for layer in self._holders() for item in layer.get_losses_for(None)]

    def get_updates_for(self, inputs: Any) -> list[tuple[Variable, Any]]:
        if inputs is not None:
            return super().get_updates_for(inputs)
        own = self._updates_by_inputs.get(None, [])
        return own + [item for layer in self._holders() for item in layer.get_updates_for(None)]


def _unique(items: Iterable[Variable]) -> list[Variable]:
    return list(dict.fromkeys(items))
