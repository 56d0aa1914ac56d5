"""A layer's node: one call of a layer, from input tensors to output tensors."""

from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

from .._base.types import Config, Shape
from .._graph import Tensor, identity
from .precision import run_call

#: Where a tensor comes from: (layer, number of the layer's call, place among the outputs of that call).
Source: TypeAlias = tuple[Any, int, int]


class Node:
    """One call of a layer. Nodes are numbered by call, from 0.

    The constructor registers the node with the layers at both ends, and stores the origin of each output
    tensor: `tensor._keras_history = (layer, node index, tensor index)`.

    Args:
        outbound_layer: the layer that was called.
        inbound_layers: list of the layers whose outputs were its inputs.
        node_indices: list of int, which call of each inbound layer made the tensor.
        tensor_indices: list of int, which of that call's outputs it was.
        input_tensors, output_tensors: lists of tensors.
        input_masks, output_masks: lists of tensors or None.
        input_shapes, output_shapes: lists of shapes; None takes those of the tensors.
    """

    input_shapes: list[Shape]
    output_shapes: list[Shape]

    def __init__(
        self,
        outbound_layer: Any,
        inbound_layers: list[Any],
        node_indices: list[int],
        tensor_indices: list[int],
        input_tensors: list[Tensor],
        output_tensors: list[Tensor],
        input_masks: list[Tensor | None],
        output_masks: list[Tensor | None],
        input_shapes: list[Shape] | None,
        output_shapes: list[Shape] | None,
    ) -> None:
        self.outbound_layer = outbound_layer
        self.inbound_layers = inbound_layers
        self.node_indices = node_indices
        self.tensor_indices = tensor_indices
        self.input_tensors = input_tensors
        self.output_tensors = output_tensors
        self.input_masks = input_masks
        self.output_masks = output_masks
        #: The keyword arguments of the call, such as {"training": True}.
        self.arguments: dict[str, Any] = {}
        self.input_shapes = input_shapes or [tensor.shape for tensor in input_tensors]
        self.output_shapes = output_shapes or [tensor.shape for tensor in output_tensors]
        index = len(outbound_layer.inbound_nodes)
        for place, tensor in enumerate(output_tensors):
            mark(tensor, outbound_layer, index, place)
        for layer in inbound_layers:
            if layer is not None:
                layer.outbound_nodes.append(self)
        outbound_layer.inbound_nodes.append(self)

    @classmethod
    def record(
        cls,
        layer: Any,
        sources: Iterable[Source],
        inputs: list[Tensor],
        outputs: list[Tensor],
        input_masks: list[Tensor | None],
        output_masks: list[Tensor | None],
    ) -> "Node":
        """Records a call whose outputs are known.

        Args:
            layer: the layer that was called.
            sources: where the inputs come from; empty for a layer without inputs.
            inputs, outputs: lists of tensors.
            input_masks, output_masks: lists of tensors or None.
        """
        layers, node_indices, places = transposed(sources)
        return cls(
            layer, layers, node_indices, places, inputs, outputs, input_masks, output_masks, None, None
        )

    @classmethod
    def create_node(
        cls,
        outbound_layer: Any,
        inbound_layers: list[Any],
        node_indices: list[int] | None = None,
        tensor_indices: list[int] | None = None,
        arguments: dict[str, Any] | None = None,
    ) -> "Node":
        """Calls a layer on outputs of other layers and records the call.

        Args:
            outbound_layer: the layer to call.
            inbound_layers: list of the layers whose outputs are its inputs.
            node_indices, tensor_indices: lists of int; None is 0 for each inbound layer.
            arguments: dict of keyword arguments for the call.
        """
        node_indices = node_indices or [0] * len(inbound_layers)
        tensor_indices = tensor_indices or [0] * len(inbound_layers)
        tensors, masks = [], []
        for layer, node_index, place in zip(inbound_layers, node_indices, tensor_indices, strict=True):
            node = layer.inbound_nodes[node_index]
            tensors.append(node.output_tensors[place])
            masks.append(node.output_masks[place])
        x, mask = single(tensors), single(masks)
        outputs = fresh(to_list(run_call(outbound_layer, x, mask, arguments)), tensors)
        output_masks: list[Any] = to_list(outbound_layer.compute_mask(x, mask))
        if len(output_masks) != len(outputs):
            output_masks = [None] * len(outputs)
        check_outputs(outbound_layer, tensors, outputs)
        node = cls(
            outbound_layer,
            inbound_layers,
            node_indices,
            tensor_indices,
            tensors,
            outputs,
            masks,
            output_masks,
            None,
            None,
        )
        node.arguments = dict(arguments or {})
        return node

    def get_config(self) -> Config:
        """Returns the node as plain data: the names of the layers, and the indices."""
        return {
            "outbound_layer": self.outbound_layer.name if self.outbound_layer else None,
            "inbound_layers": [layer.name for layer in self.inbound_layers],
            "node_indices": self.node_indices,
            "tensor_indices": self.tensor_indices,
        }

    def sources(self) -> list[Source]:
        """Returns (inbound layer, node index, tensor index) for each input."""
        return list(zip(self.inbound_layers, self.node_indices, self.tensor_indices, strict=True))


def transposed(sources: Iterable[Source]) -> tuple[list[Any], list[int], list[int]]:
    """Returns the layers, the node indices and the tensor indices of some sources."""
    sources = list(sources)
    return [s[0] for s in sources], [s[1] for s in sources], [s[2] for s in sources]


def node_key(node: Node) -> str:
    """Returns the name of a node, such as "dense_1_ib-0", by which `container_nodes` lists it."""
    layer = node.outbound_layer
    return f"{layer.name}_ib-{layer.inbound_nodes.index(node)}"


def mark(tensor: Any, layer: Any, node_index: int, tensor_index: int) -> None:
    """Sets the attributes of a tensor that name the layer call it comes from."""
    tensor._keras_history = (layer, node_index, tensor_index)
    tensor._keras_shape = tensor.shape
    # As in Keras 1.2.2, the outputs of a layer that uses the phase do, even one that does not depend on it.
    tensor._uses_learning_phase = tensor.node.uses_phase or bool(getattr(layer, "uses_learning_phase", False))


def fresh(outputs: Iterable[Any], inputs: Iterable[Tensor]) -> list[Any]:
    """Returns the outputs, with copies of those that already have a history.

    A layer that returns its input (`Activation('linear')`) would otherwise overwrite the history that the
    tensor has from another layer.
    """
    taken = {tensor.key for tensor in inputs}
    return [
        identity(t) if t.key in taken or getattr(t, "_keras_history", None) is not None else t
        for t in outputs
    ]


def check_outputs(layer: Any, inputs: Sequence[Tensor], outputs: Iterable[Any]) -> None:
    """Checks the result of a layer's `call`, and fills in sizes that the layer declares.

    Raises:
        TypeError: an output is not a tensor.
    """
    for output in outputs:
        if not isinstance(output, Tensor):
            raise TypeError(
                f"Layer {layer.name!r} ({type(layer).__name__}): call() must return tensors; "
                f"got {type(output).__name__}: {str(output)[:80]}."
            )
    shapes = [tensor.shape for tensor in inputs]
    declared = layer.declared_output_shapes(single(shapes))
    for output, shape in zip(outputs, declared or (), strict=False):
        if len(shape) == len(output.shape):
            # An inferred size is always right; a declared one is used if none could be inferred.
            output.assume(shape)


def to_list(x: Any) -> list[Any]:
    """Returns `x` if it is a list, else a list that holds only `x`."""
    return x if isinstance(x, list) else [x]


def single(items: list[Any]) -> Any:
    """Returns the item of a list of one; any other list unchanged."""
    return items[0] if len(items) == 1 else items


def object_list_uid(object_list: Any) -> str:
    """Returns a str that is the same for the same objects in the same order."""
    return ", ".join(str(id(item)) for item in to_list(object_list))
