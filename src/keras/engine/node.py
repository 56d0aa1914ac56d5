"""A layer's node: one call of a layer, from input tensors to output tensors."""

from .._graph import Tensor, identity
from .precision import run_call


class Node:
    """One call of a layer. The k-th call of a layer makes its node k.

    Making a node registers it with the layers at both ends, and marks each output tensor with where it
    comes from: `tensor._keras_history = (layer, node index, tensor index)`.

    Args:
        outbound_layer: the layer that was called.
        inbound_layers: list of the layers whose outputs were its inputs.
        node_indices: list of int, which call of each inbound layer gave the tensor.
        tensor_indices: list of int, which of that call's outputs it was.
        input_tensors, output_tensors: lists of tensors.
        input_masks, output_masks: lists of tensors or None.
        input_shapes, output_shapes: lists of shapes; taken from the tensors where None.
    """

    def __init__(
        self,
        outbound_layer,
        inbound_layers,
        node_indices,
        tensor_indices,
        input_tensors,
        output_tensors,
        input_masks,
        output_masks,
        input_shapes,
        output_shapes,
    ):
        self.outbound_layer = outbound_layer
        self.inbound_layers = inbound_layers
        self.node_indices = node_indices
        self.tensor_indices = tensor_indices
        self.input_tensors = input_tensors
        self.output_tensors = output_tensors
        self.input_masks = input_masks
        self.output_masks = output_masks
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
    def create_node(cls, outbound_layer, inbound_layers, node_indices=None, tensor_indices=None):
        """Calls a layer on outputs of others and records the call.

        Args:
            node_indices, tensor_indices: lists of int; all 0 where None.
        """
        node_indices = node_indices or [0] * len(inbound_layers)
        tensor_indices = tensor_indices or [0] * len(inbound_layers)
        tensors, masks = [], []
        for layer, node_index, place in zip(inbound_layers, node_indices, tensor_indices, strict=True):
            node = layer.inbound_nodes[node_index]
            tensors.append(node.output_tensors[place])
            masks.append(node.output_masks[place])
        x, mask = _single(tensors), _single(masks)
        outputs = fresh(to_list(run_call(outbound_layer, x, mask=mask)), tensors)
        output_masks = to_list(outbound_layer.compute_mask(x, mask))
        if len(output_masks) != len(outputs):
            output_masks = [None] * len(outputs)
        check_outputs(outbound_layer, tensors, outputs)
        for output in outputs:
            output._uses_learning_phase = output.node.uses_phase
        return cls(
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

    def get_config(self):
        """The node as plain data: names of the layers, indices."""
        return {
            "outbound_layer": self.outbound_layer.name if self.outbound_layer else None,
            "inbound_layers": [layer.name for layer in self.inbound_layers],
            "node_indices": self.node_indices,
            "tensor_indices": self.tensor_indices,
        }

    def sources(self):
        """List of (inbound layer, node index, tensor index), one for each input."""
        return list(zip(self.inbound_layers, self.node_indices, self.tensor_indices, strict=True))


def mark(tensor, layer, node_index, tensor_index):
    """Says on a tensor which layer's call it comes from."""
    tensor._keras_history = (layer, node_index, tensor_index)
    tensor._keras_shape = tensor.shape
    tensor._uses_learning_phase = tensor.node.uses_phase


def fresh(outputs, inputs):
    """The outputs, with new tensors for those that came from elsewhere unchanged.

    A layer that hands on its input (`Activation('linear')`) would otherwise move the tensor's history
    from the layer that made it to itself.
    """
    taken = {tensor.key for tensor in inputs}
    return [
        identity(t) if t.key in taken or getattr(t, "_keras_history", None) is not None else t
        for t in outputs
    ]


def check_outputs(layer, inputs, outputs):
    """Checks what a layer's `call` returned, and makes known sizes that only the layer knows.

    Raises:
        TypeError: if an output is not a tensor.
    """
    for output in outputs:
        if not isinstance(output, Tensor):
            raise TypeError(
                f"Layer {layer.name!r} ({type(layer).__name__}): call() must return tensors; "
                f"got {type(output).__name__}: {str(output)[:80]}."
            )
    shapes = [tensor.shape for tensor in inputs]
    declared = layer.declared_output_shapes(shapes[0] if len(shapes) == 1 else shapes)
    for output, shape in zip(outputs, declared or (), strict=False):
        if len(shape) == len(output.shape):
            # What is inferred is true; what is declared fills in what could not be inferred.
            pairs = zip(output.shape, shape, strict=True)
            output.shape = tuple(said if own is None else own for own, said in pairs)


def to_list(x):
    """`x` if it is a list, else a list with `x` in it."""
    return x if isinstance(x, list) else [x]


def _single(items):
    return items[0] if len(items) == 1 else items


def object_list_uid(object_list):
    """A text that is the same for the same objects in the same order."""
    return ", ".join(str(id(item)) for item in to_list(object_list))
