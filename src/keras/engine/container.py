"""`Container`: a graph of layers that is a layer itself."""

import copy
import weakref
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Self

from .. import backend as K
from .._base.custom_objects import given_to_call
from .._base.rooms import room
from .._base.types import Config, CustomObjects, FilePath, Shape
from .._graph import Tensor, shapes_for
from .copying import model_of, model_parts
from .files import saving
from .files.building import building_from
from .files.entries import describing, restoring
from .graph_checks import check_inputs, check_names, check_outputs, unique_names, warn_unused
from .graph_config import graph_from_config, graph_to_config, model_name
from .graph_map import GraphMap, map_graph
from .inner_layers import LayerHolder
from .layer import Layer, ensure_keras_history
from .layer_list import LayerList
from .node import Node, node_key, single, to_list, transposed
from .precision import run_call
from .summary import model_inside, print_placement, print_summary

_containers: weakref.WeakSet[Any] = weakref.WeakSet()


def frozen_containers() -> list[Any]:
    """Returns the containers in this process whose own `trainable` is False."""
    return [container for container in _containers if not container.trainable]


class Container(LayerHolder):
    """The layers between some input tensors and some output tensors.

    It can be called like a layer: its layers are then applied to the new tensors, with the same weights.

    Args:
        input: tensor or list of tensors, each the output of `Input`.
        output: tensor or list of tensors that are computed from the inputs.
        name: str.

    Attributes:
        layers: list of the layers, in the order of their weights.
        inputs, outputs: lists of tensors.
        input_layers, output_layers: lists of the layers that `inputs` and `outputs` come from.
        input_layers_node_indices, output_layers_node_indices: lists of int, which call of each of them.
        input_layers_tensor_indices, output_layers_tensor_indices: lists of int, which output of that call.
        input_names, output_names: lists of str, the keys of dicts of data.
        layers_by_depth, nodes_by_depth: dicts depth -> list; the outputs have depth 0.
    """

    _kind = "Model"
    _keeps_dtypes = True
    _node_0_is_definition: ClassVar[bool] = True

    inputs: list[Any]
    _outputs: list[Any]
    # Programs of the time set up subclasses without calling `__init__`, and use what they set themselves.
    name = "model"
    trainable = True
    #: Whether there is no graph yet; see `subclassed`.
    _is_deferred = False

    def __init__(
        self, input: Tensor | Sequence[Tensor], output: Tensor | Sequence[Tensor], name: str | None = None
    ) -> None:
        if input is None and output is None:
            self._defer(name)
            return
        self._init_layer(name)
        self._set_graph(input, output)

    def _set_graph(self, input: Any, output: Any) -> None:
        self.inputs = check_inputs(self.name, input)
        self._outputs = check_outputs(self.name, output)
        self._layers_changed(map_graph(self.inputs, self.outputs))
        self._add_own_node()

    def _defer(self, name: str | None) -> None:
        """Begins without input and output, which only some models can; see `subclassed`."""
        raise TypeError(f"{type(self).__name__} needs its input and output, tensors or lists of tensors.")

    def _in_order_of_attributes(self, graph: GraphMap) -> GraphMap:
        return graph

    def _init_layer(self, name: str | None) -> None:
        prefix = type(self).__name__.lower()
        name = name or f"{prefix}_{K.get_uid(prefix)}"
        super().__init__(name=name)
        self.supports_masking = True  # each layer inside decides for itself
        _containers.add(self)
        self.trainable = True

    def _layers_changed(self, graph: GraphMap) -> None:
        """Sets the attributes that follow from the graph; called again when a `Sequential` grows."""
        self._graph = graph = self._in_order_of_attributes(graph)
        self.layers = LayerList(graph.layers, self.name)
        self.layers_by_depth = graph.layers_by_depth
        self.nodes_by_depth = graph.nodes_by_depth
        self.container_nodes = {node_key(node) for node in graph.nodes}
        check_names(self.layers)
        self.input_layers, self.input_layers_node_indices, self.input_layers_tensor_indices = transposed(
            tensor._keras_history for tensor in self.inputs
        )
        self.output_layers, self.output_layers_node_indices, self.output_layers_tensor_indices = transposed(
            tensor._keras_history for tensor in self.outputs
        )
        self.input_names = [layer.name for layer in self.input_layers]
        self.output_names = unique_names([layer.name for layer in self.output_layers])
        self.internal_input_shapes = [K.int_shape(tensor) for tensor in self.inputs]
        self.internal_output_shapes = [K.int_shape(tensor) for tensor in self.outputs]
        self._last_run: Any = None
        self.built = True
        warn_unused(self.name, graph, self.inputs, self.outputs)

    def _add_own_node(self) -> None:
        """Adds node 0, which is the container's definition."""
        histories = [tensor._keras_history for tensor in self.outputs]
        masks = [layer.inbound_nodes[i].output_masks[k] for layer, i, k in histories]
        Node.record(self, [], self.inputs, list(self.outputs), [None] * len(self.inputs), masks)
        # Restored, because the tensors come from the layers inside, not from the container.
        for tensor, history in zip(self.outputs, histories, strict=True):
            tensor._keras_history = history

    @property
    def outputs(self) -> list[Any]:
        """The output tensors. If others are assigned, the layers become those on the way to them."""
        return self._outputs

    @outputs.setter
    def outputs(self, outputs: Any) -> None:
        if "_outputs" not in vars(self):  # a subclass that sets itself up without `__init__`
            self._outputs = outputs
            return
        if [tensor.key for tensor in to_list(outputs)] == [tensor.key for tensor in self._outputs]:
            return
        self._outputs = check_outputs(self.name, outputs)
        self._outputs_changed()

    def _outputs_changed(self) -> None:
        self._layers_changed(map_graph(self.inputs, self._outputs))
        self._define_again()

    def _define_again(self) -> None:
        """Replaces node 0, the container's definition, after a change of its outputs."""
        self.inbound_nodes = self.inbound_nodes[1:] if self.inbound_nodes else []
        self._add_own_node()
        self.inbound_nodes.insert(0, self.inbound_nodes.pop())

    # --- copies ----------------------------------------------------------------------------------

    def __reduce_ex__(self, protocol: Any) -> Any:
        """Copies a model whole: its weights, the arguments of `compile`, and the optimizer's state."""
        return model_of, (model_parts(self, by_name=True),)

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        made = memo[id(self)] = model_of(copy.deepcopy(model_parts(self), memo))
        return made

    # --- layers ----------------------------------------------------------------------------------

    def get_layer(self, name: str | None = None, index: int | None = None) -> Layer | Any:
        """Returns a layer by its name, or by its place in `layers`.

        Args:
            name: str. A path such as "vgg/conv5" leads into models inside, also into those of wrappers.
            index: int; it takes precedence over `name`.
        Raises:
            ValueError: there is no such layer.
        """
        if index is not None:
            if not -len(self.layers) <= index < len(self.layers):
                raise ValueError(
                    f"{self.name}: asked for layer {index}, but there are {len(self.layers)} layers."
                )
            return self.layers[index]
        if name is None:
            raise ValueError(f"{self.name}: get_layer needs a name or an index.")
        for layer in self.layers:
            if layer.name == name:
                return layer
        # Not a split at the first slash: a layer's own name may contain one.
        on_the_way = [layer for layer in self.layers if name.startswith(f"{layer.name}/")]
        for layer in on_the_way:
            model = model_inside(layer)
            if model is not None:
                return model.get_layer(name[len(layer.name) + 1 :])
        for layer in on_the_way:
            raise ValueError(
                f"{self.name}: no layer named {name!r}: {layer!r} is not a model and has no layers inside."
            )
        names = ", ".join(layer.name for layer in self.layers)
        raise ValueError(f"{self.name}: no layer named {name!r}. There are: {names}.")

    def _first_readers(self, place: int) -> list[Layer]:
        readers, same = [], {self.inputs[place].key}
        for node in self._graph.nodes:
            if not node.inbound_layers:
                continue
            layer = node.outbound_layer
            places = [k for k, tensor in enumerate(node.input_tensors) if tensor.key in same]
            readers += [reader for k in places for reader in layer._first_readers(k)]
            if places and layer._only_moves:
                same.update(tensor.key for tensor in node.output_tensors)
        return readers

    @property
    def uses_learning_phase(self) -> bool:
        """Whether an output differs between training and testing."""
        return any(tensor.node.uses_phase for tensor in self.outputs)

    @property
    def input_spec(self) -> list[Any]:
        """What the inputs must be: the `InputSpec`, or None, of each input layer."""
        specs = []
        for layer in self.input_layers:
            spec = getattr(layer, "input_spec", None)
            specs.extend(to_list(spec) if spec is not None else [None])
        return specs

    # --- calls -----------------------------------------------------------------------------------

    def call(self, input: Any, mask: Any = None) -> Any:
        return single(self._run(to_list(input), mask)[0])

    def compute_mask(self, input: Any, mask: Any) -> Any:
        inputs, masks = to_list(input), to_list(mask)
        own = [tensor.key for tensor in inputs] == [tensor.key for tensor in self.inputs]
        if own and all(given is None for given in masks):
            # Known from the definition; running the layers would add their losses and updates again.
            return single(self.inbound_nodes[0].output_masks)
        return single(self._run(inputs, mask)[1])

    def _run(self, inputs: list[Any], masks: Any) -> tuple[list[Any], list[Any], list[Shape]]:
        masks = [None] * len(inputs) if masks is None else to_list(masks)
        if len(inputs) != len(self.inputs):
            raise ValueError(
                f"Model {self.name!r} takes {len(self.inputs)} inputs ({', '.join(self.input_names)}); it "
                f"was called on {len(inputs)}."
            )
        phase = K.learning_phase()
        key = (
            tuple(tensor.key for tensor in inputs),
            tuple(map(id, masks)),
            phase if phase in (0, 1) else None,
        )
        if self._last_run is None or self._last_run[0] != key:
            # `compute_mask` follows `call` on the same inputs; one run serves both.
            self._last_run = key, self.run_internal_graph(inputs, masks)
        return self._last_run[1]

    def run_internal_graph(
        self, inputs: Sequence[Tensor], masks: Sequence[Any] | None = None
    ) -> tuple[list[Tensor], list[Tensor | None], list[Shape]]:
        """Applies the layers to other tensors in place of the inputs.

        Args:
            inputs: list of tensors.
            masks: list of tensors or None.
        Returns:
            (output tensors, output masks, output shapes), each a list.
        """
        masks = masks or [None] * len(inputs)
        values = {
            tensor.key: (given, mask) for tensor, given, mask in zip(self.inputs, inputs, masks, strict=True)
        }
        for node in self._graph.nodes:
            if node.inbound_layers:
                self._run_node(node, values, inputs)
        results = [values[tensor.key] for tensor in self.outputs]
        tensors = [tensor for tensor, _ in results]
        return tensors, [mask for _, mask in results], [K.int_shape(tensor) for tensor in tensors]

    def _run_node(self, node: Node, values: dict[Any, tuple[Any, Any]], inputs: Sequence[Tensor]) -> None:
        """Calls a node's layer on tensors of `values`, a dict key -> (tensor, mask), and adds its outputs."""
        layer = node.outbound_layer
        tensors = [values[tensor.key][0] for tensor in node.input_tensors]
        masks = [values[tensor.key][1] for tensor in node.input_tensors]
        x, mask = single(tensors), single(masks)
        layer.assert_input_compatibility(x)
        outputs = to_list(run_call(layer, x, mask, node.arguments))
        output_masks = to_list(layer.compute_mask(x, mask))
        layer._add_activity_losses(outputs, tensors)
        self.add_update(layer.get_updates_for(tensors), inputs)
        self.add_loss(layer.get_losses_for(tensors), inputs)
        if len(output_masks) != len(outputs):
            output_masks = [None] * len(outputs)
        for tensor, output, output_mask in zip(node.output_tensors, outputs, output_masks, strict=True):
            values[tensor.key] = output, output_mask

    def get_output_shape_for(self, input_shape: Any) -> Any:
        """Returns the output shape (or list of shapes) for an input shape (or list of shapes)."""
        shapes = input_shape if isinstance(input_shape, list) else [input_shape]
        known = {tensor.key: tuple(shape) for tensor, shape in zip(self.inputs, shapes, strict=True)}
        for node in self._graph.nodes:
            if node.inbound_layers:
                given = [known[tensor.key] for tensor in node.input_tensors]
                layer = node.outbound_layer
                found = layer.declared_output_shapes(single(given))
                if found is None:
                    found = shapes_for(node.output_tensors, node.input_tensors, given)
                known.update(zip((t.key for t in node.output_tensors), found, strict=True))
        return single([known[tensor.key] for tensor in self.outputs])

    def declared_output_shapes(self, input_shape: Any) -> list[Shape] | None:
        return None  # the layers inside have been checked one by one

    # --- config and files ------------------------------------------------------------------------

    def get_config(self) -> Config | Any:
        """Returns the graph as plain data: the layers, their nodes, the sources of inputs and outputs."""
        with describing(self):
            graph = graph_to_config(self.layers, self.container_nodes, self.inputs, self.outputs)
        return {"name": self.name, **graph}

    @classmethod
    def from_config(cls, config: Config, custom_objects: CustomObjects | None = None) -> Self:
        """Makes the graph, with new weights, from the result of `get_config`.

        Args:
            config: dict.
            custom_objects: dict name -> class or function of your own.
        Raises:
            ValueError: a layer's class is unknown, or the nodes do not fit together.
        """
        entry = {"class_name": cls.__name__, "config": config}
        with given_to_call(custom_objects), building_from(entry), restoring():
            inputs, outputs = graph_from_config(config, custom_objects)
            return cls(input=inputs, output=outputs, name=model_name(config))

    def to_json(self, **kwargs: Any) -> str:
        """Returns the graph as JSON text, without weights; `keras.models.model_from_json` reads it.

        Args:
            **kwargs: passed to `json.dumps`.
        """
        return saving.to_json(self, **kwargs)

    def to_yaml(self, **kwargs: Any) -> str:
        """Returns the graph as YAML text, without weights; `keras.models.model_from_yaml` reads it.

        Args:
            **kwargs: passed to `yaml.dump`.
        """
        return saving.to_yaml(self, **kwargs)

    def save(self, filepath: FilePath, overwrite: bool = True) -> None:
        """Writes graph, weights, compile arguments and optimizer state to one HDF5 file.

        A new file replaces an old one only when it is complete.

        Args:
            filepath: path of the file.
            overwrite: whether an existing file may be replaced; otherwise the user is asked on the terminal.
        """
        saving.save_model(self, filepath, overwrite)

    def save_weights(self, filepath: FilePath, overwrite: bool = True) -> None:
        """Writes the weights to an HDF5 file; see `save`."""
        saving.save_weights(self, filepath, overwrite)

    def load_weights(self, filepath: FilePath, by_name: bool = False) -> None:
        """Reads weights from a file of `save_weights` or `save`, of this package or of Keras 1.

        Args:
            filepath: path of the file.
            by_name: True matches layers by their names, and layers that the file lacks keep their weights;
                False matches all layers with weights in order.
        Raises:
            ValueError: layers or shapes differ; nothing is set then.
        """
        saving.load_weights(self, filepath, by_name)

    def save_weights_to_hdf5_group(self, f: Any) -> None:
        """Writes the weights to an open HDF5 file or group."""
        saving.write_weights(self, f)

    def load_weights_from_hdf5_group(self, f: Any) -> None:
        """Reads weights in order from an open HDF5 file or group."""
        saving.read_weights(self, f)

    def load_weights_from_hdf5_group_by_name(self, f: Any) -> None:
        """Reads weights by layer name from an open HDF5 file or group."""
        saving.read_weights_by_name(self, f)

    def summary(
        self,
        line_length: int | None = 100,
        positions: Sequence[float] | None = (0.33, 0.55, 0.67, 1.0),
        print_fn: Callable[[str], Any] = print,
        expand: bool = False,
        placement: bool = False,
    ) -> None:
        """Prints the layers with their output shapes, numbers of parameters and inbound layers.

        Args:
            line_length: int, characters.
            positions: where the four columns end, as increasing fractions of the line or, if the last one
                is above 1, in characters.
            print_fn: function that is called with each line.
            expand: whether to list the layers of models inside as well, whether each layer is trained, and
                the memory that weights and outputs take.
            placement: whether to print also on which devices the weights and, once the model has been
                trained, the other variables of training (the optimizer's state) lie.
        """
        layers = getattr(self, "flattened_layers", self.layers)
        ends = None if positions is None else list(positions)
        line_length, print_fn = line_length or 100, print_fn or print
        print_summary(layers, self.container_nodes, line_length, ends, print_fn, expand=expand)
        if placement:
            program = getattr(self, "train_function", None)
            print_placement(self.weights, getattr(program, "updated", ()), line_length, print_fn)

    def _repr_svg_(self) -> str | None:
        return room("_display").svg_of(self)

    def __repr__(self) -> str:
        if not self.inputs:
            return f"<{type(self).__name__} {self.name!r}, which has no layers>"
        shapes = [", ".join(map(str, x)) for x in (self.internal_input_shapes, self.internal_output_shapes)]
        count = f"{len(self.layers)} layer{'s' if len(self.layers) != 1 else ''}"
        return f"<{type(self).__name__} {self.name!r}: {shapes[0]} -> {shapes[1]}, {count}>"


def get_source_inputs(tensor: Any, layer: Layer | None = None, node_index: int | None = None) -> list[Tensor]:
    """Returns the `Input` tensors that a tensor is computed from.

    Args:
        tensor: the output of a layer.
        layer, node_index: the node to start from in place of the tensor's own.
    """
    start: Any = layer
    index: Any = node_index
    if start is None or not index:
        ensure_keras_history([tensor])
        start, index, _ = tensor._keras_history
    if not start.inbound_nodes:
        return [tensor]
    found, seen, stack = {}, set(), [start.inbound_nodes[index]]
    while stack:
        node = stack.pop()
        if node in seen:
            continue
        seen.add(node)
        if not node.inbound_layers:
            found.update({t.key: t for t in node.input_tensors})
        for source, source_index, _ in reversed(node.sources()):
            stack.append(source.inbound_nodes[source_index])
    return list(found.values())
