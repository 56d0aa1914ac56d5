"""`Layer`, what every layer is: weights, calls, nodes, config."""

import difflib
import inspect
import warnings

import numpy as np

from .. import backend as K
from .. import initializations
from .._graph import Tensor
from .files.budget import charge, values_follow
from .files.registry import layer_class
from .node import Node, to_list
from .precision import compute_dtype, in_float32, origin, policy_for, run_call


class NodeError(AttributeError, AssertionError):
    """The answer to `layer.output` and its likes where there is not exactly one.

    Keras 1.2.2 raises AttributeError; its guide, written for 1.0, prints AssertionError. Programs that
    catch either find it.
    """

    def __init__(self, message):
        # Without a name Python sets the attribute's, and 3.13 adds "Did you mean" and a name like it.
        super().__init__(message, name="")


class InputSpec:
    """What a layer demands of an input.

    Args:
        dtype: str, or None for any.
        shape: tuple of int or None (any size), or None for any shape.
        ndim: int, the rank; or a str such as "3+" for at least 3; or None for any.
    """

    def __init__(self, dtype=None, shape=None, ndim=None):
        self.ndim = str(ndim) if isinstance(ndim, str) else len(shape) if shape is not None else ndim
        if isinstance(ndim, str) and "+" not in ndim:
            raise ValueError(f'InputSpec: ndim as a string must end in "+", such as "3+"; got {ndim!r}.')
        self.dtype = dtype
        self.shape = shape


class Layer:
    """A step of a model: weights, and a function from tensors to tensors.

    A layer of your own needs `build(input_shape)` (make weights with `add_weight`), `call(x, mask=None)`
    (the formula, with K functions) and `get_output_shape_for(input_shape)`.

    Args:
        name: str, unique within a model; made from the class's name if not given.
        trainable: bool, whether training changes the weights.
        input_shape: tuple, the shape of one sample; for the first layer of a Sequential.
        batch_input_shape: tuple, the same with the number of samples (or None) in front.
        input_dtype: str, the dtype of the input.
        policy: str, the float type that it computes in; see `K.set_policy`, whose policy it has if None.

    Example:
        >>> from keras import backend as K
        >>> from keras.engine import Layer, Input
        >>> class Scale(Layer):
        ...     def build(self, input_shape):
        ...         self.W = self.add_weight((input_shape[-1],), "one", name="scale")
        ...         super().build(input_shape)
        ...     def call(self, x, mask=None):
        ...         return x * self.W
        >>> Scale()(Input(shape=(3,))).shape
        (None, 3)
    """

    _shape_is_implied = False
    _kind = "Layer"  # what errors call it
    #: Whether the output holds the very numbers of the input, only in another shape or order.
    _only_moves = False
    #: Whether a policy is none of its business: it calls layers that have their own.
    _keeps_dtypes = False
    #: Whether `call` gets its inputs in float32, and computes in it, under a mixed policy too.
    computes_in_float32 = False
    policy = _policy_in_effect = None
    #: Number of a weight -> the order in which to take the axes of arrays from files of earlier versions.
    _former_axes = {}
    _KEYWORDS = (
        "name",
        "trainable",
        "input_shape",
        "batch_input_shape",
        "input_dtype",
        "policy",
        "create_input_layer",
    )

    def __init__(self, **kwargs):
        # Subclasses may have set some of these before calling this.
        defaults = {
            "input_spec": None,
            "supports_masking": False,
            "uses_learning_phase": False,
            "stateful": False,
        }
        for attribute, value in defaults.items():
            if attribute not in vars(self) and not hasattr(type(self), attribute):
                setattr(self, attribute, value)
        self.inbound_nodes = []
        self.outbound_nodes = []
        self._trainable_weights = []
        self._non_trainable_weights = []
        self._losses_by_inputs = {}
        self._updates_by_inputs = {}
        for attribute in ("losses", "updates", "constraints"):
            if not isinstance(getattr(type(self), attribute, None), property):
                setattr(self, attribute, {} if attribute == "constraints" else [])
        self.built = False
        self._check_keywords(kwargs)
        prefix = type(self).__name__.lower()
        self.name = kwargs.get("name") or f"{prefix}_{K.get_uid(prefix)}"
        if not isinstance(self.name, str):
            raise TypeError(f"{type(self).__name__}: name must be a str; got {self.name!r}.")
        self.trainable = kwargs.get("trainable", True)
        self.policy = kwargs.get("policy")
        self._policy_in_effect = policy_for(self, self.policy)
        shape = kwargs.get("batch_input_shape")
        if shape is None and kwargs.get("input_shape") is not None:
            sample_shape = kwargs["input_shape"]
            if isinstance(sample_shape, int):
                sample_shape = (sample_shape,)
            shape = (None, *sample_shape)
        if shape is not None:
            self.batch_input_shape = tuple(shape)
            self.input_dtype = kwargs.get("input_dtype") or K.floatx()
        if "create_input_layer" in kwargs and kwargs["create_input_layer"] and shape is not None:
            self.create_input_layer(self.batch_input_shape, self.input_dtype)

    def _check_keywords(self, kwargs):
        unknown = [key for key in kwargs if key not in self._KEYWORDS]
        if not unknown:
            return
        init = type(self).__init__
        known = [*inspect.signature(init).parameters, *self._KEYWORDS]
        known = [key for key in dict.fromkeys(known) if key not in ("self", "kwargs", "args")]
        of_keras_2 = getattr(init, "of_keras_2", ())
        close = difflib.get_close_matches(unknown[0], [*known, *of_keras_2], n=1)
        hint = f"Did you mean {close[0]!r}? " if close else ""
        also = f"; or, in Keras 2's words, {', '.join(of_keras_2)}" if of_keras_2 else ""
        raise TypeError(
            f"{type(self).__name__}: got an unknown keyword argument {unknown[0]!r}. {hint}"
            f"It takes {', '.join(known)}{also}."
        )

    # --- weights ---------------------------------------------------------------------------------

    def add_weight(self, shape, initializer, name=None, trainable=True, regularizer=None, constraint=None):
        """Makes a weight of the layer.

        Args:
            shape: tuple of int.
            initializer: name or function (shape, name=...) -> variable.
            name: str.
            trainable: bool, whether training changes it.
            regularizer: function from the weight to a scalar that is added to the loss, or None.
            constraint: function from the new to the corrected weight, or None.
        Returns:
            The variable.
        Raises:
            ValueError: if a size is not known; or, while a file is loaded, if it has fewer numbers.
            MemoryError: if the weight is larger than the machine's memory.
        """
        shape = tuple(shape)
        charge(self.name, name, shape)
        # Drawing can take far longer than reading: `orthogonal` decomposes the matrix.
        make = K.zeros if values_follow() else initializations.get(initializer)
        weight = make(shape, name=name)
        if regularizer is not None:
            self.add_loss(regularizer(weight))
        if constraint is not None:
            self.constraints[weight] = constraint
        (self._trainable_weights if trainable else self._non_trainable_weights).append(weight)
        return weight

    @property
    def trainable_weights(self):
        """List of the variables that training changes."""
        return self._trainable_weights if getattr(self, "trainable", True) else []

    @trainable_weights.setter
    def trainable_weights(self, weights):
        self._trainable_weights = weights

    @property
    def non_trainable_weights(self):
        """List of the variables that training leaves alone; all of them if `trainable` is False."""
        if getattr(self, "trainable", True):
            return self._non_trainable_weights
        return self._trainable_weights + self._non_trainable_weights

    @non_trainable_weights.setter
    def non_trainable_weights(self, weights):
        self._non_trainable_weights = weights

    @property
    def weights(self):
        """List of all variables, the trainable ones first."""
        return self.trainable_weights + self.non_trainable_weights

    def _listed_weights(self):
        """The variables in the order in which `get_weights` and `set_weights` list their values."""
        return self.weights

    def get_weights(self):
        """The values of the weights as a list of numpy arrays.

        A layer's are in the order of `weights`, a model's layer by layer.
        """
        return K.batch_get_value(self._listed_weights())

    def set_weights(self, weights):
        """Sets the values of the weights.

        Args:
            weights: list of arrays, in the order and with the shapes that `get_weights` gives.
        Raises:
            ValueError: if their number or a shape differs; nothing is set then.
        """
        set_weight_values(f"{self._kind} {self.name!r}", self._listed_weights(), weights)

    def count_params(self):
        """The number of elements of all weights.

        Raises:
            RuntimeError: if the layer has no weights yet because nothing has been fed to it.
        """
        if not self.built:
            raise RuntimeError(
                f"Layer {self.name!r} has no weights yet: call it on a tensor, or build its model, first."
            )
        return sum(K.count_params(weight) for weight in self.weights)

    @property
    def regularizers(self):
        """Empty: penalties are in `losses`. Kept for old programs."""
        return []

    @regularizers.setter
    def regularizers(self, regularizers):
        if regularizers:
            warnings.warn(
                f"Layer {self.name!r}: `regularizers` is not used; call self.add_loss(...).", stacklevel=2
            )

    # --- losses and updates ----------------------------------------------------------------------

    def add_loss(self, losses, inputs=None):
        """Adds scalars to the loss of models with this layer.

        Args:
            losses: a tensor or a list of tensors.
            inputs: the tensor or tensors they depend on; None if they depend on weights only.
        """
        self._add("losses", self._losses_by_inputs, losses, inputs)

    def add_update(self, updates, inputs=None):
        """Adds updates, as `K.update` gives, to be made with each training step.

        Args:
            updates: a pair (variable, new value) or a list of pairs.
            inputs: the tensor or tensors they depend on, or None.
        """
        self._add("updates", self._updates_by_inputs, updates, inputs)

    def _add(self, attribute, by_inputs, items, inputs):
        if items is None or (isinstance(items, list) and not items):
            return
        items = to_list(items)
        if not isinstance(getattr(type(self), attribute, None), property):
            getattr(self, attribute).extend(items)
        by_inputs.setdefault(_inputs_key(inputs), []).extend(items)

    def get_losses_for(self, inputs):
        """The losses that depend on these inputs (a tensor or a list; None: on weights only)."""
        return self._losses_by_inputs.get(_inputs_key(inputs), [])

    def get_updates_for(self, inputs):
        """The updates that depend on these inputs (a tensor or a list; None: on none)."""
        return self._updates_by_inputs.get(_inputs_key(inputs), [])

    # --- calls -----------------------------------------------------------------------------------

    def build(self, input_shape):
        """Makes the weights; called once, with the shape (or shapes) of the first input."""
        self.built = True

    def call(self, x, mask=None):
        """The layer's function: tensor (or list) in, tensor (or list) out."""
        return x

    def get_output_shape_for(self, input_shape):
        """The shape of the output for a shape of the input, with None for what is unknown."""
        return input_shape

    def compute_mask(self, input, input_mask=None):
        """The mask of the output, or None.

        Raises:
            TypeError: if there is a mask on an input and the layer does not know what to do with it.
        """
        if self.supports_masking:
            return input_mask
        if any(mask is not None for mask in to_list(input_mask)):
            raise TypeError(
                f"Layer {self.name} does not support masking, but was passed an input_mask: "
                f"{input_mask}. Put it before the layer that makes the mask (Masking, or Embedding with "
                "mask_zero=True), or set supports_masking = True in its class."
            )
        return None

    def __call__(self, x, mask=None):
        """Calls the layer on a tensor or a list of tensors; this makes a node.

        Args:
            x: tensor or list of tensors, such as `Input` and other layers give.
            mask: tensor or list; taken from where `x` comes from if None.
        Returns:
            Tensor or list of tensors.
        Raises:
            TypeError: if `x` is not made of tensors.
            ValueError: if the layer cannot take inputs of these shapes.
        """
        tensors = list(x) if isinstance(x, tuple) else to_list(x)
        self._check_tensors(tensors)
        x = tensors if isinstance(x, list | tuple) else x
        if not self.built:
            self.assert_input_compatibility(x)
            shapes = [K.int_shape(tensor) for tensor in tensors]
            self.build(shapes if isinstance(x, list) else shapes[0])
            self.built = True
            self._use_initial_weights()
        self.assert_input_compatibility(x)
        from_layers = give_histories(tensors)
        if not from_layers:
            return run_call(self, x, mask)
        layers, node_indices, places = zip(*(tensor._keras_history for tensor in tensors), strict=True)
        if mask is not None:
            outputs = self._call_masked(tensors, to_list(mask), layers, node_indices, places)
        else:
            self.add_inbound_node(list(layers), list(node_indices), list(places))
            outputs = self.inbound_nodes[-1].output_tensors
        self._add_activity_losses(outputs, tensors)
        return outputs[0] if len(outputs) == 1 else outputs

    def _call_masked(self, tensors, masks, layers, node_indices, places):
        x, mask = (tensors[0], masks[0]) if len(tensors) == 1 else (tensors, masks)
        outputs = to_list(run_call(self, x, mask=mask))
        output_masks = to_list(self.compute_mask(x, mask))
        args = (list(layers), list(node_indices), list(places), tensors, outputs, masks, output_masks)
        Node(self, *args, None, None)
        return outputs

    def _check_tensors(self, tensors):
        for tensor in tensors:
            if not isinstance(tensor, Tensor):
                raise TypeError(
                    f"Layer {self.name!r} got {type(tensor).__name__} {str(tensor)[:60]!r} as an input; "
                    "wanted a tensor, such as Input(shape=...) or another layer gives. To compute with "
                    "arrays, make a model and call model.predict(array)."
                )

    def _use_initial_weights(self):
        weights = getattr(self, "initial_weights", None)
        if weights is not None:
            self.set_weights(weights)
            self.initial_weights = None

    def _add_activity_losses(self, outputs, inputs):
        regularizer = getattr(self, "activity_regularizer", None)
        if regularizer is not None:
            self.add_loss([regularizer(output) for output in in_float32(self, outputs)], inputs)

    def add_inbound_node(self, inbound_layers, node_indices=None, tensor_indices=None):
        """Calls the layer on outputs of other layers and records the call as a node."""
        Node.create_node(self, to_list(inbound_layers), node_indices, tensor_indices)

    def create_input_layer(self, batch_input_shape, input_dtype=None, name=None):
        """Puts an `Input` before the layer and calls the layer on it."""
        name = name or f"{type(self).__name__.lower()}_input_{K.get_uid('input')}"
        self.batch_input_shape = tuple(batch_input_shape)
        self.input_dtype = input_dtype or K.floatx()
        start = layer_class("InputLayer")(
            batch_input_shape=self.batch_input_shape, input_dtype=self.input_dtype, name=name
        )
        self(start.output)

    def assert_input_compatibility(self, input):
        """Checks the inputs against `input_spec`.

        Raises:
            ValueError: naming the layer, what it wants and what came.
        """
        specs = self.input_spec
        if not specs:
            return
        specs, tensors = to_list(specs), to_list(input)
        if len(tensors) != len(specs):
            raise ValueError(
                f"Layer {self.name!r} got {len(tensors)} inputs; it expects {len(specs)}. Input received: "
                f"{input}. To make one tensor of several use merge([...])."
            )
        for index, (tensor, spec) in enumerate(zip(tensors, specs, strict=True)):
            problem = spec and _mismatch(tensor, spec, self.built)
            if problem:
                raise ValueError(f"Input {index} is incompatible with layer {self.name}: {problem}")

    def _inner_layers(self):
        """The layers that this one calls."""
        return []

    @property
    def compute_dtype(self):
        """The float type of the layer's products, a str; None where no policy says it."""
        return compute_dtype(self)

    def _first_readers(self, place):
        """The layers that get input number `place` as the user gave it: this one, or those inside it."""
        return [self]

    # --- nodes -----------------------------------------------------------------------------------

    def _at(self, node_index, attribute, what):
        if not self.inbound_nodes:
            raise RuntimeError(f"The layer {self.name} has never been called and thus has no {what}.")
        if not -len(self.inbound_nodes) <= node_index < len(self.inbound_nodes):
            raise ValueError(
                f"Asked to get {what} at node {node_index}, but the layer {self.name} has only "
                f"{len(self.inbound_nodes)} inbound nodes."
            )
        values = getattr(self.inbound_nodes[node_index], attribute)
        return values[0] if len(values) == 1 else values

    def get_input_at(self, node_index):
        """The input of the layer's call number `node_index`: a tensor or a list."""
        return self._at(node_index, "input_tensors", "input")

    def get_output_at(self, node_index):
        """The output of the layer's call number `node_index`: a tensor or a list."""
        return self._at(node_index, "output_tensors", "output")

    def get_input_shape_at(self, node_index):
        """The input shape of the layer's call number `node_index`: a tuple or a list of tuples."""
        return self._at(node_index, "input_shapes", "input shape")

    def get_output_shape_at(self, node_index):
        """The output shape of the layer's call number `node_index`: a tuple or a list of tuples."""
        return self._at(node_index, "output_shapes", "output shape")

    def get_input_mask_at(self, node_index):
        """The mask of the input of the layer's call number `node_index`, or None."""
        return self._at(node_index, "input_masks", "input mask")

    def get_output_mask_at(self, node_index):
        """The mask of the output of the layer's call number `node_index`, or None."""
        return self._at(node_index, "output_masks", "output mask")

    def _only(self, attribute, what, getter):
        if len(self.inbound_nodes) > 1:
            raise NodeError(
                f'Layer {self.name} has multiple inbound nodes, hence the notion of "layer {what}" is '
                f"ill-defined. Use `{getter}(node_index)` instead."
            )
        if not self.inbound_nodes:
            raise NodeError(f"Layer {self.name} is not connected, no {what} to return.")
        return self._at(0, attribute, what)

    def _only_shape(self, attribute, what, getter):
        if not self.inbound_nodes:
            raise NodeError(f"The layer {self.name} has never been called and thus has no defined {what}.")
        if len({str(getattr(node, attribute)) for node in self.inbound_nodes}) > 1:
            raise NodeError(
                f'The layer "{self.name}" has multiple inbound nodes, with different {what}s. Hence the '
                f'notion of "{what}" is ill-defined for the layer. Use `{getter}(node_index)` instead.'
            )
        return self._at(0, attribute, what)

    @property
    def input(self):
        """The input tensor (or list) of the only call of the layer.

        Raises:
            NodeError: if the layer was called several times, or never.
        """
        return self._only("input_tensors", "input", "get_input_at")

    @property
    def output(self):
        """The output tensor (or list) of the only call of the layer; see `input`."""
        return self._only("output_tensors", "output", "get_output_at")

    @property
    def input_mask(self):
        """The mask of the input of the only call of the layer, or None; see `input`."""
        return self._only("input_masks", "input mask", "get_input_mask_at")

    @property
    def output_mask(self):
        """The mask of the output of the only call of the layer, or None; see `input`."""
        return self._only("output_masks", "output mask", "get_output_mask_at")

    @property
    def input_shape(self):
        """The input shape, if it is the same in all calls.

        Raises:
            NodeError: if it is not, or there was no call.
        """
        return self._only_shape("input_shapes", "input shape", "get_input_shape_at")

    @property
    def output_shape(self):
        """The output shape, if it is the same in all calls; see `input_shape`."""
        return self._only_shape("output_shapes", "output shape", "get_output_shape_at")

    def declared_output_shapes(self, input_shape):
        """What `get_output_shape_for` says, as a list of shapes; None where the class has none."""
        if type(self).get_output_shape_for is Layer.get_output_shape_for:
            return None
        declared = self.get_output_shape_for(input_shape)
        return declared if isinstance(declared, list) else [declared]

    # --- config ----------------------------------------------------------------------------------

    def get_config(self):
        """The arguments that make the layer again, as plain data; without its weights."""
        config = {"name": self.name, "trainable": self.trainable}
        if hasattr(self, "batch_input_shape") and not self._shape_is_implied:
            config["batch_input_shape"] = self.batch_input_shape
            config["input_dtype"] = self.input_dtype
        if self.policy is not None:
            config["policy"] = self.policy
        return config

    @classmethod
    def from_config(cls, config):
        """Makes a layer from what `get_config` gave."""
        layer = cls(**config)
        # `input_dim` in a config gives an input shape, which was not there when it was written.
        layer._shape_is_implied = "batch_input_shape" not in config
        return layer

    def __repr__(self):
        return f"<{type(self).__name__} {self.name!r}>"


def give_histories(tensors):
    """Sees to it that each tensor is known as the output of a layer.

    Tensors that K functions and operators made of layers' outputs become outputs of `Operation` layers.

    Returns:
        bool: whether all of them now are; False where one comes from no layer at all.
    """
    if all(K.is_keras_tensor(tensor) for tensor in tensors):
        return True
    # By name, as `operation` is built on this module.
    layer_class("Operation").adopt([tensor for tensor in tensors if not K.is_keras_tensor(tensor)])
    return all(K.is_keras_tensor(tensor) for tensor in tensors)


def set_weight_values(who, variables, values):
    """Sets variables after all shapes were checked.

    Raises:
        ValueError: naming `who`, if the number of values or a shape differs.
    """
    values = list(values)
    if len(values) != len(variables):
        raise ValueError(
            f"{who}: set_weights got {len(values)} arrays; wanted {len(variables)}, with the shapes "
            f"{[variable.shape for variable in variables]}."
        )
    for variable, value in zip(variables, values, strict=True):
        if np.shape(value) != variable.shape:
            raise ValueError(
                f"{who}: weight {variable.name!r} has shape {variable.shape}; got an array of shape "
                f"{np.shape(value)}."
            )
    K.batch_set_value(zip(variables, values, strict=True))


def _inputs_key(inputs):
    return None if inputs is None else tuple(origin(tensor).key for tensor in to_list(inputs))


def _mismatch(tensor, spec, built):
    """What is wrong with a tensor, as text; None if it is as the spec says."""
    shape = K.int_shape(tensor)
    if isinstance(spec.ndim, str):
        least = int(spec.ndim.rstrip("+"))
        if len(shape) < least:
            return f"expected ndim >= {least}, found ndim={len(shape)}, shape {shape}."
    elif spec.ndim is not None and len(shape) != spec.ndim:
        return f"expected ndim={spec.ndim}, found ndim={len(shape)}, shape {shape}."
    if spec.dtype is not None and K.dtype(tensor) != spec.dtype:
        return f"expected dtype={spec.dtype}, found dtype={K.dtype(tensor)}."
    if spec.shape is None:
        return None
    # A spec may name fewer axes than there are: the last ones, as Dense on sequences has it.
    for wanted, found in zip(reversed(spec.shape), reversed(shape), strict=False):
        if wanted is not None and found is not None and wanted != found:
            why = f"the layer was built for shape {spec.shape}; " if built else ""
            return f"{why}expected shape={spec.shape}, found shape={shape}."
    return None
