"""`Container`: a graph of layers that is a layer itself."""

import collections
import copy
import warnings

from .. import backend as K
from .._base.callers import levels_to_caller
from .._graph import Tensor
from .files import saving
from .files.budget import building_from
from .files.registry import layer_from_config
from .graph_map import map_graph
from .layer import Layer, ensure_keras_history
from .node import Node, to_list
from .precision import run_call
from .summary import print_summary


class Container(Layer):
    """The layers between some input tensors and some output tensors.

    It can be called like a layer: its layers are then applied to the new tensors, weights and all.

    Args:
        input: tensor or list of tensors, each the output of `Input`.
        output: tensor or list of tensors that are computed from the inputs.
        name: str.

    Attributes:
        layers: list of the layers, in the order of their weights.
        inputs, outputs: lists of tensors.
        input_names, output_names: lists of str, by which data can be given.
    """

    _kind = "Model"
    _keeps_dtypes = True

    def __init__(self, input, output, name=None):
        self._give_name(name)
        self.inputs = _check_inputs(self.name, input)
        self.outputs = _check_outputs(self.name, output)
        self._layers_changed(map_graph(self.inputs, self.outputs))
        self._add_own_node()

    def _give_name(self, name):
        prefix = type(self).__name__.lower()
        name = name or f"{prefix}_{K.get_uid(prefix)}"
        super().__init__(name=name)
        self.supports_masking = True  # each layer inside says for itself
        self.trainable = True

    def _layers_changed(self, graph):
        self._graph = graph
        self.layers = graph.layers
        self.layers_by_depth = graph.layers_by_depth
        self.nodes_by_depth = graph.nodes_by_depth
        self.container_nodes = {_node_key(node) for node in graph.nodes}
        _check_names(self.layers)
        self.input_layers = [tensor._keras_history[0] for tensor in self.inputs]
        self.output_layers = [tensor._keras_history[0] for tensor in self.outputs]
        self.input_names = [layer.name for layer in self.input_layers]
        self.output_names = _unique_names([layer.name for layer in self.output_layers])
        self.internal_input_shapes = [K.int_shape(tensor) for tensor in self.inputs]
        self.internal_output_shapes = [K.int_shape(tensor) for tensor in self.outputs]
        self._last_run = None
        self.built = True
        _warn_unused(self.name, graph, self.inputs, self.outputs)

    def _add_own_node(self):
        """Node 0 of a container is its own definition."""
        histories = [tensor._keras_history for tensor in self.outputs]
        masks = [layer.inbound_nodes[i].output_masks[k] for layer, i, k in histories]
        none = [None] * len(self.inputs)
        Node(self, [], [], [], self.inputs, list(self.outputs), none, masks, None, None)
        # The tensors still come from their own layers, not from the container.
        for tensor, history in zip(self.outputs, histories, strict=True):
            tensor._keras_history = history

    # --- layers ----------------------------------------------------------------------------------

    def get_layer(self, name=None, index=None):
        """A layer by its name, or by its place in `layers`.

        Raises:
            ValueError: if there is none.
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
        names = ", ".join(layer.name for layer in self.layers)
        raise ValueError(f"{self.name}: no layer named {name!r}. There are: {names}.")

    def _inner_layers(self):
        return self.layers

    @property
    def stateful(self):
        """Whether a layer keeps its state from batch to batch."""
        return any(getattr(layer, "stateful", False) for layer in self._holders())

    def _first_readers(self, place):
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

    def reset_states(self):
        """Sets the states of all stateful layers to zero."""
        for layer in self._holders():
            if getattr(layer, "stateful", False) and hasattr(layer, "reset_states"):
                layer.reset_states()

    @property
    def uses_learning_phase(self):
        """Whether an output differs between training and testing."""
        return any(tensor.node.uses_phase for tensor in self.outputs)

    @property
    def input_spec(self):
        """What the inputs must be, as the first layers say."""
        specs = []
        for layer in self.input_layers:
            spec = getattr(layer, "input_spec", None)
            specs.extend(to_list(spec) if spec is not None else [None])
        return specs

    # --- weights, losses, updates ----------------------------------------------------------------

    def _holders(self):
        """The layers that hold the weights, states and penalties of this one."""
        return self.layers

    @property
    def trainable_weights(self):
        if not self.trainable:
            return []
        return _unique(weight for layer in self._holders() for weight in layer.trainable_weights)

    @trainable_weights.setter
    def trainable_weights(self, weights):
        pass

    @property
    def non_trainable_weights(self):
        weights = [weight for layer in self._holders() for weight in layer.non_trainable_weights]
        if not self.trainable:
            weights = [w for layer in self._holders() for w in layer.trainable_weights] + weights
        return _unique(weights)

    @non_trainable_weights.setter
    def non_trainable_weights(self, weights):
        pass

    @property
    def constraints(self):
        """Dict weight -> constraint over all layers."""
        found = {}
        for layer in self._holders():
            found.update(layer.constraints)
        return found

    @property
    def losses(self):
        """List of the penalties of all layers, as far as they belong to this container's graph."""
        return self._collect("get_losses_for", "losses")

    @property
    def updates(self):
        """List of the updates of all layers, as far as they belong to this container's graph."""
        return self._collect("get_updates_for", "updates")

    @property
    def state_updates(self):
        """The updates that keep states from batch to batch; made when predicting, too."""
        updates = []
        for layer in self._holders():
            if isinstance(layer, Container):
                updates += layer.state_updates
            elif getattr(layer, "stateful", False):
                updates += layer.updates
        return updates

    def _collect(self, getter, attribute):
        found = []
        # Not `self.layers`: a Sequential that begins with another has the layers of both in its graph.
        for layer in self._graph.layers:
            get = getattr(layer, getter)
            for node in layer.inbound_nodes:
                if _node_key(node) in self.container_nodes and node.input_tensors:
                    found += get(node.input_tensors)
            found += get(None)
            # Old layers assign `self.updates = [...]` in place of calling add_update.
            if not isinstance(getattr(type(layer), attribute, None), property):
                known = getattr(layer, f"_{attribute}_by_inputs").values()
                listed = {id(item) for items in known for item in items}
                found += [item for item in getattr(layer, attribute) if id(item) not in listed]
        return list({id(item): item for item in found}.values())

    def get_losses_for(self, inputs):
        return super().get_losses_for(inputs) if inputs is not None else self._unconditional("losses")

    def get_updates_for(self, inputs):
        return super().get_updates_for(inputs) if inputs is not None else self._unconditional("updates")

    def _unconditional(self, attribute):
        getter = "get_losses_for" if attribute == "losses" else "get_updates_for"
        own = self._losses_by_inputs if attribute == "losses" else self._updates_by_inputs
        inner = [item for layer in self._holders() for item in getattr(layer, getter)(None)]
        return own.get(None, []) + inner

    def _listed_weights(self):
        return [weight for layer in self.layers for weight in layer.weights]

    # --- calls -----------------------------------------------------------------------------------

    def call(self, input, mask=None):
        return _single(self._run(to_list(input), mask)[0])

    def compute_mask(self, input, mask):
        inputs, masks = to_list(input), to_list(mask)
        own = [tensor.key for tensor in inputs] == [tensor.key for tensor in self.inputs]
        if own and all(given is None for given in masks):
            # Known from the definition: a run of the layers would add their losses and updates again.
            return _single(self.inbound_nodes[0].output_masks)
        return _single(self._run(inputs, mask)[1])

    def _run(self, inputs, masks):
        masks = [None] * len(inputs) if masks is None else to_list(masks)
        if len(inputs) != len(self.inputs):
            raise ValueError(
                f"Model {self.name!r} takes {len(self.inputs)} inputs ({', '.join(self.input_names)}); it "
                f"was called on {len(inputs)}."
            )
        key = tuple(tensor.key for tensor in inputs), tuple(map(id, masks))
        if self._last_run is None or self._last_run[0] != key:
            # `call` is followed by `compute_mask`: one run serves both.
            self._last_run = key, self.run_internal_graph(inputs, masks)
        return self._last_run[1]

    def run_internal_graph(self, inputs, masks=None):
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

    def _run_node(self, node, values, inputs):
        layer = node.outbound_layer
        tensors = [values[tensor.key][0] for tensor in node.input_tensors]
        masks = [values[tensor.key][1] for tensor in node.input_tensors]
        x, mask = _single(tensors), _single(masks)
        layer.assert_input_compatibility(x)
        outputs = to_list(run_call(layer, x, mask=mask))
        output_masks = to_list(layer.compute_mask(x, mask))
        layer._add_activity_losses(outputs, tensors)
        self.add_update(layer.get_updates_for(tensors), inputs)
        self.add_loss(layer.get_losses_for(tensors), inputs)
        if len(output_masks) != len(outputs):
            output_masks = [None] * len(outputs)
        for tensor, output, output_mask in zip(node.output_tensors, outputs, output_masks, strict=True):
            values[tensor.key] = output, output_mask

    def get_output_shape_for(self, input_shape):
        """The output shape (or list of shapes) for an input shape (or list of shapes)."""
        shapes = input_shape if isinstance(input_shape, list) else [input_shape]
        known = {tensor.key: tuple(shape) for tensor, shape in zip(self.inputs, shapes, strict=True)}
        for node in self._graph.nodes:
            if node.inbound_layers:
                given = [known[tensor.key] for tensor in node.input_tensors]
                layer = node.outbound_layer
                found = layer.declared_output_shapes(_single(given))
                if found is None:
                    found = [t.shape for t in node.output_tensors] if len(given) > 1 else given
                known.update(zip((t.key for t in node.output_tensors), found, strict=True))
        return _single([known[tensor.key] for tensor in self.outputs])

    def declared_output_shapes(self, input_shape):
        # The layers inside have been checked one by one.
        return None

    # --- config and files ------------------------------------------------------------------------

    def get_config(self):
        """The graph as plain data: layers, their nodes, the names of inputs and outputs."""
        index = _node_indices(self.layers, self.container_nodes)
        layers = []
        for layer in self.layers:
            nodes = [node for node in layer.inbound_nodes if _node_key(node) in self.container_nodes]
            layers.append(
                {
                    "name": layer.name,
                    "class_name": type(layer).__name__,
                    "config": layer.get_config(),
                    "inbound_nodes": [
                        [[source.name, index[source, i], k] for source, i, k in node.sources()]
                        for node in nodes
                        if node.inbound_layers
                    ],
                }
            )
        ends = {}
        for key, tensors in (("input_layers", self.inputs), ("output_layers", self.outputs)):
            histories = [tensor._keras_history for tensor in tensors]
            ends[key] = [[layer.name, index[layer, i], k] for layer, i, k in histories]
        return copy.deepcopy({"name": self.name, "layers": layers, **ends})

    @classmethod
    def from_config(cls, config, custom_objects=None):
        """Makes the graph again from what `get_config` gave, with new weights.

        Raises:
            ValueError: if a layer's class is unknown, or the nodes do not fit together.
        """
        with building_from({"class_name": cls.__name__, "config": config}):
            made = {}
            calls = []
            for data in config["layers"]:
                layer = layer_from_config(data, custom_objects)
                # A container comes with node 0, its own definition.
                made[data["name"]] = layer
                calls += [(data["name"], sources) for sources in data["inbound_nodes"]]
            _connect(made, calls)
            ends = []
            for key in ("input_layers", "output_layers"):
                tensors = []
                for name, node_index, place in config[key]:
                    _check_reference(made, name, node_index)
                    tensors.append(made[name].inbound_nodes[node_index].output_tensors[place])
                ends.append(tensors)
            return cls(input=ends[0], output=ends[1], name=config.get("name"))

    def to_json(self, **kwargs):
        """The model's graph as JSON text, without weights; see `keras.models.model_from_json`."""
        return saving.to_json(self, **kwargs)

    def to_yaml(self, **kwargs):
        """The model's graph as YAML text, without weights; see `keras.models.model_from_yaml`."""
        return saving.to_yaml(self, **kwargs)

    def save(self, filepath, overwrite=True):
        """Writes graph, weights, compile arguments and optimizer state to one HDF5 file.

        The file is written beside the old one and takes its place when it is complete.

        Args:
            filepath: path of the file.
            overwrite: whether an existing file may be replaced; otherwise it is asked for on a terminal.
        """
        saving.save_model(self, filepath, overwrite)

    def save_weights(self, filepath, overwrite=True):
        """Writes the weights to an HDF5 file; see `save`."""
        saving.save_weights(self, filepath, overwrite)

    def load_weights(self, filepath, by_name=False):
        """Reads weights that `save_weights` or `save` wrote, here or in Keras 1.

        Args:
            filepath: path of the file.
            by_name: whether layers are matched by their names, and those that the file lacks keep their
                weights; otherwise all layers with weights are matched in order.
        Raises:
            ValueError: if layers or shapes differ, layer by layer; nothing is set then.
        """
        saving.load_weights(self, filepath, by_name)

    def save_weights_to_hdf5_group(self, f):
        """Writes the weights to an open HDF5 file or group."""
        saving.write_weights(self, f)

    def load_weights_from_hdf5_group(self, f):
        """Reads weights in order from an open HDF5 file or group."""
        saving.read_weights(self, f)

    def load_weights_from_hdf5_group_by_name(self, f):
        """Reads weights by layer name from an open HDF5 file or group."""
        saving.read_weights_by_name(self, f)

    def summary(self, line_length=100, positions=(0.33, 0.55, 0.67, 1.0)):
        """Prints the layers with their shapes, numbers of parameters and what they are connected to.

        Args:
            line_length: int, characters.
            positions: four increasing fractions of the line, where the columns end.
        """
        layers = getattr(self, "flattened_layers", self.layers)
        print_summary(layers, self.container_nodes, line_length, list(positions))


def get_source_inputs(tensor, layer=None, node_index=None):
    """The `Input` tensors that a tensor is computed from.

    Args:
        tensor: the output of a layer.
        layer, node_index: where to start instead.
    Returns:
        List of tensors.
    """
    if layer is None or not node_index:
        ensure_keras_history([tensor])
        layer, node_index, _ = tensor._keras_history
    if not layer.inbound_nodes:
        return [tensor]
    found, seen, stack = {}, set(), [layer.inbound_nodes[node_index]]
    while stack:
        node = stack.pop()
        if node in seen:
            continue
        seen.add(node)
        if not node.inbound_layers:
            found.update({t.key: t for t in node.input_tensors})
        for source, index, _ in reversed(node.sources()):
            stack.append(source.inbound_nodes[index])
    return list(found.values())


def _check_inputs(name, given):
    tensors = list(given) if isinstance(given, list | tuple) else [given]
    if not tensors:
        raise ValueError(f"Model {name!r}: the list of inputs is empty.")
    for place, tensor in enumerate(tensors):
        _check_tensor(name, "input", place, tensor)
        if not K.is_keras_tensor(tensor):
            raise ValueError(
                f"Model {name!r}: input {place} is {tensor!r}, which does not come from Input(); make it "
                "with Input(shape=...), or Input(tensor=...)."
            )
        if any(tensor is other for other in tensors[:place]):
            raise ValueError(f"Model {name!r}: input {tensor.name!r} is listed twice.")
        layer = tensor._keras_history[0]
        if layer.inbound_nodes[tensor._keras_history[1]].inbound_layers:
            warnings.warn(
                f"Model {name!r}: input {place} comes from layer {layer.name!r} and not from Input(); the "
                "model can be run, but not saved.",
                stacklevel=levels_to_caller(),
            )
    return tensors


def _check_outputs(name, given):
    tensors = list(given) if isinstance(given, list | tuple) else [given]
    if not tensors:
        raise ValueError(f"Model {name!r}: the list of outputs is empty.")
    for place, tensor in enumerate(tensors):
        _check_tensor(name, "output", place, tensor)
    ensure_keras_history(tensors)
    for place, tensor in enumerate(tensors):
        if not K.is_keras_tensor(tensor):
            raise ValueError(
                f"Model {name!r}: output {place} is {tensor!r}, which is not computed from any Input."
            )
    return tensors


def _check_tensor(name, kind, place, tensor):
    if not isinstance(tensor, Tensor):
        raise TypeError(
            f"Model {name!r}: {kind} {place} is {type(tensor).__name__} {str(tensor)[:60]!r}; wanted a "
            "tensor, such as Input(shape=...) or a layer gives."
        )


def _check_names(layers):
    by_name = {}
    for layer in layers:
        other = by_name.setdefault(layer.name, layer)
        if other is not layer:
            raise ValueError(
                f"The name {layer.name!r} is used 2 times in the model, by {other!r} with output shape "
                f"{other.get_output_shape_at(0)} and {layer!r} with output shape "
                f"{layer.get_output_shape_at(0)}. All layer names should be unique: pass name=..."
            )


def _warn_unused(name, graph, inputs, outputs):
    used = {tensor.key for node in graph.nodes for tensor in node.input_tensors if node.inbound_layers}
    used.update(tensor.key for tensor in outputs)
    for tensor in inputs:
        if tensor.key not in used:
            warnings.warn(
                f"Model {name!r}: input {tensor._keras_history[0].name!r} is not used by any output.",
                stacklevel=levels_to_caller(),
            )


def _unique_names(names):
    """The names of outputs; a layer that gives several gets a number behind each but the first."""
    unique = []
    for name in names:
        count = sum(1 for other in unique if other == name or other.rsplit("_", 1)[0] == name)
        unique.append(f"{name}_{count + 1}" if name in unique else name)
    return unique


def _node_key(node):
    return f"{node.outbound_layer.name}_ib-{node.outbound_layer.inbound_nodes.index(node)}"


def _node_indices(layers, container_nodes):
    """(layer, index of its node) -> index counting only the nodes that the container uses.

    A container inside has its own definition as node 0, which counts.
    """
    indices = {}
    for layer in layers:
        count = 1 if isinstance(layer, Container) else 0
        for i, node in enumerate(layer.inbound_nodes):
            if _node_key(node) in container_nodes:
                indices[layer, i] = count
                count += 1
    return indices


def _connect(made, calls):
    """Calls the layers on each other's outputs; a call waits until its inputs are there.

    Args:
        made: dict name -> layer.
        calls: list of (name, sources); a source is [name, index of node, place]. The calls of a layer keep
            their order.
    """
    queues = {}
    for name, sources in calls:
        queues.setdefault(name, collections.deque()).append(sources)
    lacking = {}  # name -> how many sources its next call still lacks
    waiting = {}  # (name, index of node) -> names whose next call needs it

    def look_at(name):
        missing = {(source, i) for source, i, _ in queues[name][0] if not _is_made(made, source, i)}
        lacking[name] = len(missing)
        for node in missing:
            waiting.setdefault(node, []).append(name)
        return not missing

    ready = collections.deque(name for name in list(queues) if look_at(name))
    while ready:
        name = ready.popleft()
        sources, layer = queues[name].popleft(), made[name]
        tensors = [made[source].inbound_nodes[i].output_tensors[k] for source, i, k in sources]
        layer(tensors[0] if len(tensors) == 1 else tensors)
        if not queues[name]:
            del queues[name]
        elif look_at(name):
            ready.append(name)
        for other in waiting.pop((name, len(layer.inbound_nodes) - 1), ()):
            lacking[other] -= 1
            if not lacking[other]:
                ready.append(other)
    for name, (sources, *_) in queues.items():
        raise ValueError(
            f"The config's nodes do not fit together: layer {name!r} needs {sources}, which is made by no "
            "layer before it."
        )


def _is_made(made, name, node_index):
    return name in made and node_index < len(made[name].inbound_nodes)


def _check_reference(made, name, node_index):
    if not _is_made(made, name, node_index):
        raise ValueError(f"The config names node {node_index} of layer {name!r}, which it does not make.")


def _unique(items):
    return list(dict.fromkeys(items))


def _single(items):
    return items[0] if len(items) == 1 else items
