"""`Layer`, and the two layers that calls create: `InputLayer` and `Operation`.

In a model, every step from input to output is a layer. The step `2 * x` of `Dense(3)(2 * x)` becomes an
`Operation` when a layer or a model first meets it. The three classes create each other, so they share a file.
`weights` has the part of `Layer` that holds variables, `connections` the part that holds nodes.
"""

import copy
import difflib
import inspect
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar, Self

import numpy as np

from .. import backend as K
from .._base.constructed import Constructed, is_foreign
from .._base.displayed import Displayed
from .._base.types import Config, Shape
from .._graph import Node as GraphNode
from .._graph import Tensor, ancestors, replay, samples_placeholder
from .._spelling import define_both_names
from . import input_checks, op_config
from .calls import checked_arguments, note_built
from .connections import Connected
from .copying import layer_of, layer_parts
from .files.registry import register
from .image_order import warn_of_other_order
from .input_spec import mismatch
from .node import Node, Source, to_list, transposed
from .precision import compute_dtype, in_float32, policy_for, run_call
from .weights import WeightHolder


class Layer(WeightHolder, Connected, Constructed, Displayed):
    """A step of a model: weights, and a function from tensors to tensors.

    A layer of your own needs `build(input_shape)` (make weights with `add_weight`), `call(x, mask=None)`
    (the formula, with K functions) and `get_output_shape_for(input_shape)`.

    Args:
        name: str, unique within a model; made from the class's name if not given.
        trainable: bool, whether training changes the weights.
        input_shape: tuple, the shape of one sample; for the first layer of a Sequential.
        batch_input_shape: tuple, the same with the number of samples (or None) in front.
        input_dtype: str, the dtype of the input.
        policy: str, the precision policy; None takes that of `K.set_policy`.

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
    #: How many axes come before those of an image, in layers that have a `dim_ordering`.
    _axes_before_image: int = 1
    #: Whether the output has the values of the input, in another shape or order.
    _only_moves = False
    #: Whether node 0 is the layer's own definition, not a call of it.
    _node_0_is_definition: ClassVar[bool] = False
    #: Whether the layer ignores policies, for example because it calls layers that have their own.
    _keeps_dtypes = False
    #: Whether `call` gets its inputs in float32, and computes in it, under a mixed policy too.
    computes_in_float32 = False
    policy: str | None = None
    _policy_in_effect: Any = None
    #: Index of a weight -> the order in which to take the axes of its array from files of earlier versions.
    _former_axes: ClassVar[dict[int, tuple[int, ...]]] = {}
    _KEYWORDS: ClassVar[tuple[str, ...]] = (
        "name",
        "trainable",
        "input_shape",
        "batch_input_shape",
        "input_dtype",
        "policy",
        "create_input_layer",
    )
    #: The config has others in the place of these, and no initial weights.
    _not_in_config = (*_KEYWORDS, "weights", "input_dim", "input_length")

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        define_both_names(cls)

    #: What the inputs must be: an `InputSpec`, a list of them, or None.
    input_spec: Any
    #: Whether a mask on the input is passed on.
    supports_masking: Any
    #: Whether the output differs between training and testing.
    uses_learning_phase: Any
    #: Whether states are kept from batch to batch.
    stateful: Any
    batch_input_shape: Shape
    input_dtype: str

    def __init__(self, **kwargs: Any) -> None:
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
        declared = getattr(type(self), "input_spec", None)
        if isinstance(declared, list) and "input_spec" not in vars(self):
            # Each layer has specs of its own: a change of one layer's does not concern its class.
            self.input_spec = copy.deepcopy(declared)
        self.inbound_nodes = []
        self.outbound_nodes = []
        self._init_collections()
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
            self.batch_input_shape = input_checks.check_shape(shape, "batch_input_shape")
            dtype = kwargs.get("input_dtype")
            self.input_dtype = K.floatx() if dtype is None else input_checks.check_dtype(dtype)
        if "create_input_layer" in kwargs and kwargs["create_input_layer"] and shape is not None:
            self.create_input_layer(self.batch_input_shape, self.input_dtype)

    def _check_keywords(self, kwargs: dict[str, Any]) -> None:
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

    # --- what a subclass defines -----------------------------------------------------------------

    def build(self, input_shape: Any) -> None:
        """Makes the weights. It is called once, with the shape (or list of shapes) of the first input."""
        self.built = True

    def call(self, x: Any, mask: Any = None) -> Any:
        """Computes the output: tensor (or list) in, tensor (or list) out."""
        return x

    def get_output_shape_for(self, input_shape: Any) -> Any:
        """Returns the shape of the output for a shape of the input; None is an unknown size."""
        return input_shape

    compute_output_shape = get_output_shape_for

    def compute_mask(self, input: Any, input_mask: Any = None) -> Any:
        """Returns the mask of the output, or None.

        Raises:
            TypeError: an input has a mask, and the layer does not support masking.
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

    # --- calls -----------------------------------------------------------------------------------

    def __call__(self, x: Any, mask: Any = None, **arguments: Any) -> Tensor | Any:
        """Calls the layer on a tensor or a list of tensors, which makes a node.

        Args:
            x: tensor or list of tensors, outputs of `Input` or of other layers.
            mask: tensor or list; None takes the masks that came with the inputs.
            **arguments: other arguments of `call`. Every layer takes `training`: True or False fixes the
                learning phase for this call.
        Returns:
            Tensor or list of tensors.
        Raises:
            TypeError: `x` is not made of tensors.
            ValueError: the layer cannot take inputs of these shapes.
        """
        tensors = list(x) if isinstance(x, tuple) else to_list(x)
        self._check_tensors(tensors)
        x = tensors if isinstance(x, list | tuple) else x
        arguments = checked_arguments(self, arguments) if arguments else {}
        if not self.built:
            self.assert_input_compatibility(x)
            shapes = [K.int_shape(tensor) for tensor in tensors]
            self.build(self._shape_to_build(shapes if isinstance(x, list) else shapes[0]))
            warn_of_other_order(self, tensors)
            self.built = True
            self._use_initial_weights()
            note_built(self)
        self.assert_input_compatibility(x)
        if not ensure_keras_history(tensors):
            return run_call(self, x, mask, arguments)
        sources = [tensor._keras_history for tensor in tensors]
        if mask is not None:
            outputs = self._call_masked(tensors, to_list(mask), sources, arguments)
        elif arguments:
            outputs = Node.create_node(self, *transposed(sources), arguments).output_tensors
        else:
            self.add_inbound_node(*transposed(sources))
            outputs = self.inbound_nodes[-1].output_tensors
        self._add_activity_losses(outputs, tensors)
        return outputs[0] if len(outputs) == 1 else outputs

    def _call_masked(
        self, tensors: list[Tensor], masks: list[Any], sources: Sequence[Source], arguments: dict[str, Any]
    ) -> list[Tensor]:
        x, mask = (tensors[0], masks[0]) if len(tensors) == 1 else (tensors, masks)
        outputs = to_list(run_call(self, x, mask, arguments))
        node = Node.record(self, sources, tensors, outputs, masks, to_list(self.compute_mask(x, mask)))
        node.arguments = arguments
        return outputs

    def _shape_to_build(self, shapes: Any) -> Any:
        """Returns what `build` gets, from the shape, or the list of shapes, of the inputs."""
        return shapes

    def _check_tensors(self, tensors: Iterable[Any]) -> None:
        for tensor in tensors:
            if not isinstance(tensor, Tensor):
                raise TypeError(
                    f"Layer {self.name!r} got {type(tensor).__name__} {str(tensor)[:60]!r} as an input; "
                    "wanted a tensor, such as Input(shape=...) or a layer returns. To compute with "
                    "arrays, make a model and call model.predict(array)."
                )

    def _use_initial_weights(self) -> None:
        weights = getattr(self, "initial_weights", None)
        if weights is not None:
            self.set_weights(weights)
            self.initial_weights = None

    def _add_activity_losses(self, outputs: Sequence[Tensor], inputs: Tensor | Sequence[Tensor]) -> None:
        regularizer = getattr(self, "activity_regularizer", None)
        if regularizer is not None:
            self.add_loss([regularizer(output) for output in in_float32(self, outputs)], inputs)

    def add_inbound_node(
        self,
        inbound_layers: Any,
        node_indices: list[int] | None = None,
        tensor_indices: list[int] | None = None,
    ) -> None:
        """Calls the layer on outputs of other layers and records the call as a node."""
        Node.create_node(self, to_list(inbound_layers), node_indices, tensor_indices)

    def create_input_layer(
        self, batch_input_shape: Shape, input_dtype: str | None = None, name: str | None = None
    ) -> None:
        """Puts an `Input` before the layer and calls the layer on it."""
        name = name or f"{type(self).__name__.lower()}_input_{K.get_uid('input')}"
        self.batch_input_shape = tuple(batch_input_shape)
        self.input_dtype = input_dtype or K.floatx()
        start = InputLayer(batch_input_shape=self.batch_input_shape, input_dtype=self.input_dtype, name=name)
        self(start.output)

    def assert_input_compatibility(self, input: Any) -> None:
        """Checks the inputs against `input_spec`.

        Raises:
            ValueError: naming the layer, what it expects and what it got.
        """
        specs = self.input_spec
        if not specs:
            return
        specs, tensors = to_list(specs), to_list(input)
        if len(specs) == 1 and is_foreign(type(self)):
            # As in Keras 1.2.2, the only spec of a user's layer is that of its first input.
            tensors = tensors[:1]
        if len(tensors) != len(specs):
            raise ValueError(
                f"Layer {self.name!r} got {len(tensors)} inputs; it expects {len(specs)}. Input received: "
                f"{input}. To make one tensor of several use merge([...])."
            )
        for index, (tensor, spec) in enumerate(zip(tensors, specs, strict=True)):
            problem = spec and mismatch(tensor, spec, self.built)
            if problem:
                raise ValueError(f"Input {index} is incompatible with layer {self.name}: {problem}")

    def _inner_layers(self) -> "Sequence[Layer]":
        """Returns the layers that this one calls."""
        return []

    def _holders(self) -> "Sequence[Layer]":
        """Returns the layers that hold the weights of this one; none if it holds them itself."""
        return self._inner_layers()

    def _described_layers(self) -> "Sequence[Layer]":
        """Returns the layers that are entries of this one's config."""
        return self._holders()

    def _inputs_in_common(self) -> set[int]:
        """Returns the ids of the Inputs that several of those layers read, which must be one when loaded."""
        return set()

    @property
    def compute_dtype(self) -> str | None:
        """The float type in which the layer computes products, a str; None without a policy."""
        return compute_dtype(self)

    @property
    def _image_ordering(self) -> str | None:
        """How the layer reads images, "th" or "tf"; None if it has no such option."""
        return getattr(self, "dim_ordering", None)

    def _first_readers(self, place: int) -> "list[Layer]":
        """Returns the layers that read input number `place` unchanged: this one, or those inside it."""
        return [self]

    def declared_output_shapes(self, input_shape: Any) -> list[Shape] | None:
        """Returns the result of `get_output_shape_for` as a list; None if the class does not define it."""
        if type(self).get_output_shape_for is Layer.get_output_shape_for:
            return None
        declared = self.get_output_shape_for(input_shape)
        return declared if isinstance(declared, list) else [declared]

    # --- config ----------------------------------------------------------------------------------

    def get_config(self) -> Config | Any:
        """Returns the arguments of the layer as plain data, a dict without its weights."""
        config: Config = {"name": self.name, "trainable": self.trainable}
        if hasattr(self, "batch_input_shape") and not self._shape_is_implied:
            config["batch_input_shape"] = self.batch_input_shape
            if hasattr(self, "input_dtype"):  # a user's layer may set only the shape
                config["input_dtype"] = self.input_dtype
        if self.policy is not None:
            config["policy"] = self.policy
        return config

    @classmethod
    def from_config(cls, config: Config) -> Self:
        """Makes a layer, with new weights, from the result of `get_config`."""
        layer = cls(**config)
        # `input_dim` in a config implies an input shape, which the config itself did not have.
        layer._shape_is_implied = "batch_input_shape" not in config
        return layer

    # --- copies ----------------------------------------------------------------------------------

    def __copy__(self) -> Self:
        made = type(self).__new__(type(self))
        vars(made).update(vars(self))
        return made

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        made = type(self).__new__(type(self))
        memo[id(self)] = made
        vars(made).update(copy.deepcopy(vars(self), memo))
        return made

    def __reduce_ex__(self, protocol: Any) -> Any:
        """Pickles a layer that was called by its config and weights, without its calls."""
        return (layer_of, (layer_parts(self),)) if self.inbound_nodes else super().__reduce_ex__(protocol)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name!r}>"


class InputLayer(Layer):
    """The layer behind an `Input`. It has no inputs; its output is the placeholder.

    Args:
        input_shape: tuple, shape of one sample.
        batch_input_shape: tuple, the same with the number of samples (or None) in front.
        input_dtype: str.
        input_tensor: tensor to use instead of a new placeholder.
        sparse: whether the data are sparse matrices.
        name: str.
    """

    def __init__(
        self,
        input_shape: Sequence[int | None] | None = None,
        batch_input_shape: Sequence[int | None] | None = None,
        input_dtype: str | None = None,
        input_tensor: Tensor | None = None,
        sparse: bool = False,
        name: str | None = None,
    ) -> None:
        super().__init__(name=name or f"input_{K.get_uid('input')}")
        self.trainable = False
        self.built = True
        if sparse not in (True, False, None):
            raise ValueError(f"Input {self.name!r}: sparse must be True or False; got {sparse!r:.100}.")
        self.sparse = bool(sparse)
        self.input_dtype = input_checks.check_dtype(K.floatx() if input_dtype is None else input_dtype)
        if input_tensor is not None:
            input_checks.check_tensor(input_tensor)
            batch_input_shape = batch_input_shape or input_tensor.shape
            self.input_dtype = input_checks.check_dtype(K.dtype(input_tensor))
        elif batch_input_shape is None:
            if input_shape is None:
                raise ValueError(
                    f"Input {self.name!r} needs shape or batch_shape, such as Input(shape=(784,))."
                )
            batch_input_shape = (None, *input_checks.check_shape(input_shape, "shape"))
        else:
            input_checks.check_shape(batch_input_shape, "batch_shape")
        self.batch_input_shape = tuple(batch_input_shape)
        if sparse and len(self.batch_input_shape) != 2:
            raise ValueError(
                f"Input {self.name!r}: a sparse input has rank 2, (samples, features); got shape "
                f"{self.batch_input_shape}."
            )
        if input_tensor is None:
            input_tensor = samples_placeholder(
                self.batch_input_shape, self.input_dtype, self.name, self.sparse
            )
        self.sparse = K.is_sparse(input_tensor)
        self.is_placeholder = input_tensor.node.is_leaf
        Node.record(self, [], [input_tensor], [input_tensor], [None], [None])

    def get_config(self) -> Config:
        return {
            "batch_input_shape": self.batch_input_shape,
            "input_dtype": self.input_dtype,
            "sparse": self.sparse,
            "name": self.name,
        }


class Operation(Layer):
    """One op of the graph as a layer without weights.

    Args:
        op: str, the name of an operator or K function.
        args: list, its positional arguments as plain data: {"input": i} for the layer's i-th input.
        kwargs: dict, its keyword arguments in the same form.
        seed: int for random ops, else None.
    """

    _keeps_dtypes = True  # the op was recorded without a policy

    def __init__(
        self,
        op: str | None = None,
        args: Any = None,
        kwargs: Any = None,
        seed: int | None = None,
        **layer_kwargs: Any,
    ) -> None:
        if op is not None and "name" not in layer_kwargs:
            layer_kwargs["name"] = f"{op.strip('_')}_{K.get_uid(op.strip('_'))}"
        super().__init__(**layer_kwargs)
        self.op = op
        self.args = args
        self.kwargs = kwargs
        self.seed = seed
        self.node: GraphNode | None = None  # the node that it wraps; None if it was made from a config
        self.built = True

    @classmethod
    def of(cls, node: GraphNode) -> "Operation":
        """Makes the layer for a node of the graph."""
        layer = cls(name=f"{node.name.strip('_<>')}_{K.get_uid(node.name.strip('_<>'))}")
        layer.node = node
        return layer

    def call(self, x: Any, mask: Any = None) -> Any:
        tensors = to_list(x)
        if self.node is None:
            outputs = op_config.call(vars(self), tensors)
            return list(outputs) if isinstance(outputs, tuple) else outputs
        given = iter(tensors)
        inputs = [next(given) if place is None else place for place in self.captured]
        outputs = replay(self.node, inputs)
        return list(outputs) if isinstance(outputs, tuple) else outputs

    @property
    def captured(self) -> list[Tensor | None]:
        """For each input of the node: None if a layer makes it, else the tensor itself."""
        assert self.node is not None
        return [None if K.is_keras_tensor(t) else t for t in self.node.inputs]

    def get_config(self) -> Config:
        config = super().get_config()
        if self.node is None:
            data = {"op": self.op, "args": self.args, "kwargs": self.kwargs, "seed": self.seed}
            return {**config, **(data if self.op is None else op_config.with_current_names(data))}
        inputs = iter(range(len(self.node.inputs)))
        markers = [op_config.Marker({"input": next(inputs)} if t is None else t) for t in self.captured]
        return {**config, **op_config.as_data(self.node, markers, f"Layer {self.name!r}")}


def ensure_keras_history(tensors: Sequence[Tensor]) -> bool:
    """Ensures that each tensor is an output of a layer, where that is possible.

    Results of K functions and operators on layers' outputs become outputs of `Operation` layers. A step that
    depends on no layer's output (a variable times two) stays part of the step that uses it.

    Returns:
        bool, whether all of them are outputs of layers; False if one depends on no layer at all.
    """
    raw = [tensor for tensor in tensors if not K.is_keras_tensor(tensor)]
    if not raw:
        return True
    nodes = [node for node in _raw_nodes(raw) if not node.is_leaf]
    outputs = {t.key: t for t in [*raw, *(t for node in nodes for t in node.inputs)]}
    from_layers = set()
    for node in nodes:
        if any(K.is_keras_tensor(t) or t.node in from_layers for t in node.inputs):
            from_layers.add(node)
            _add_operation(node, outputs)
    return all(K.is_keras_tensor(tensor) for tensor in raw)


def _raw_nodes(tensors: Sequence[Tensor]) -> list[GraphNode]:
    """Returns the nodes between layers' outputs and the tensors, in the order of their creation."""
    known = set()
    frontier = list(tensors)
    seen = set()
    while frontier:
        tensor = frontier.pop()
        if tensor.key in seen:
            continue
        seen.add(tensor.key)
        if K.is_keras_tensor(tensor):
            known.add(tensor.key)
        else:
            frontier.extend(tensor.node.inputs)
    return ancestors(tensors, known)


def _add_operation(node: GraphNode, outputs: dict[Any, Tensor]) -> None:
    """Makes the layer of a node; its tensors are those of `outputs`, a dict by their keys."""
    layer = Operation.of(node)
    inputs = [t for t in node.inputs if K.is_keras_tensor(t)]
    sources = [t._keras_history for t in inputs]
    masks = [source.inbound_nodes[i].output_masks[k] for source, i, k in sources]
    layer.compute_mask(inputs, masks)
    tensors = [outputs.get((node, index)) for index in range(node.count)]
    # An output that nothing reads keeps its place.
    tensors = [t if t is not None else Tensor((), np.float32, node, index) for index, t in enumerate(tensors)]
    Node.record(layer, sources, inputs, tensors, masks, [None] * len(tensors))


register(InputLayer, Operation)
