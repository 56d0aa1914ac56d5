"""`Connected`: the nodes of a layer, and the tensors, shapes and masks at them."""

from typing import Any

from .._base.types import Shape
from .._graph import Tensor
from .node import Node


class NodeError(AttributeError, AssertionError):
    """Raised by `layer.output`, `layer.input` and so on if a layer does not have exactly one.

    Keras 1.2.2 raises AttributeError; its guide, written for 1.0, prints AssertionError. This class is both,
    for programs that catch either one.
    """

    def __init__(self, message: str) -> None:
        # Without `name`, Python sets it to that of the attribute, and 3.13 adds "Did you mean: ...".
        super().__init__(message, name="")


class Connected:
    """The part of `Layer` that holds its nodes.

    Attributes:
        name: str.
        inbound_nodes: list of `Node`, one for each call of the layer.
        outbound_nodes: list of `Node`, the calls of other layers on its outputs.
    """

    name: str
    inbound_nodes: list[Node]
    outbound_nodes: list[Node]

    def _at(self, node_index: int, attribute: str, what: str) -> Any:
        if not self.inbound_nodes:
            raise RuntimeError(f"The layer {self.name} has never been called and thus has no {what}.")
        if not -len(self.inbound_nodes) <= node_index < len(self.inbound_nodes):
            raise ValueError(
                f"Asked to get {what} at node {node_index}, but the layer {self.name} has only "
                f"{len(self.inbound_nodes)} inbound nodes."
            )
        values = getattr(self.inbound_nodes[node_index], attribute)
        return values[0] if len(values) == 1 else values

    def get_input_at(self, node_index: int) -> Tensor | Any:
        """Returns the input of the layer's call number `node_index`: a tensor or a list."""
        return self._at(node_index, "input_tensors", "input")

    def get_output_at(self, node_index: int) -> Tensor | Any:
        """Returns the output of the layer's call number `node_index`: a tensor or a list."""
        return self._at(node_index, "output_tensors", "output")

    def get_input_shape_at(self, node_index: int) -> Shape | Any:
        """Returns the input shape of the layer's call number `node_index`: a tuple or a list of tuples."""
        return self._at(node_index, "input_shapes", "input shape")

    def get_output_shape_at(self, node_index: int) -> Shape | Any:
        """Returns the output shape of the layer's call number `node_index`: a tuple or a list of tuples."""
        return self._at(node_index, "output_shapes", "output shape")

    def get_input_mask_at(self, node_index: int) -> Tensor | Any | None:
        """Returns the mask of the input of the layer's call number `node_index`, or None."""
        return self._at(node_index, "input_masks", "input mask")

    def get_output_mask_at(self, node_index: int) -> Tensor | Any | None:
        """Returns the mask of the output of the layer's call number `node_index`, or None."""
        return self._at(node_index, "output_masks", "output mask")

    def _only(self, attribute: str, what: str, getter: str) -> Any:
        if len(self.inbound_nodes) > 1:
            raise NodeError(
                f'Layer {self.name} has multiple inbound nodes, hence the notion of "layer {what}" is '
                f"ill-defined. Use `{getter}(node_index)` instead."
            )
        if not self.inbound_nodes:
            raise NodeError(f"Layer {self.name} is not connected, no {what} to return.")
        return self._at(0, attribute, what)

    def _only_shape(self, attribute: str, what: str, getter: str) -> Any:
        if not self.inbound_nodes:
            raise NodeError(f"The layer {self.name} has never been called and thus has no defined {what}.")
        if len({str(getattr(node, attribute)) for node in self.inbound_nodes}) > 1:
            raise NodeError(
                f'The layer "{self.name}" has multiple inbound nodes, with different {what}s. Hence the '
                f'notion of "{what}" is ill-defined for the layer. Use `{getter}(node_index)` instead.'
            )
        return self._at(0, attribute, what)

    @property
    def input(self) -> Tensor | Any:
        """The input tensor (or list) of the only call of the layer.

        Raises:
            NodeError: the layer was called several times, or never.
        """
        return self._only("input_tensors", "input", "get_input_at")

    @property
    def output(self) -> Tensor | Any:
        """The output tensor (or list) of the only call of the layer; see `input`."""
        return self._only("output_tensors", "output", "get_output_at")

    @property
    def input_mask(self) -> Tensor | Any | None:
        """The mask of the input of the only call of the layer, or None; see `input`."""
        return self._only("input_masks", "input mask", "get_input_mask_at")

    @property
    def output_mask(self) -> Tensor | Any | None:
        """The mask of the output of the only call of the layer, or None; see `input`."""
        return self._only("output_masks", "output mask", "get_output_mask_at")

    @property
    def input_shape(self) -> Shape | Any:
        """The input shape, if it is the same in all calls.

        Raises:
            NodeError: it is not, or there was no call.
        """
        return self._only_shape("input_shapes", "input shape", "get_input_shape_at")

    @property
    def output_shape(self) -> Shape | Any:
        """The output shape, if it is the same in all calls; see `input_shape`."""
        return self._only_shape("output_shapes", "output shape", "get_output_shape_at")
