"""`Sequential`: a stack of layers."""

import copy
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Self, TypeAlias, cast

from numpy.typing import NDArray

from .. import backend as K
from .._base.callers import levels_to_caller
from .._base.custom_objects import given_to_call
from .._base.types import ArrayLike, Config, CustomObjects, Shape, TensorLike
from .._graph import Tensor, Variable
from ..callbacks import Callback, History
from ..engine.container import Container, get_source_inputs
from ..engine.files.building import building_from
from ..engine.files.entries import describing, entry_of, restoring
from ..engine.files.places import checked, errors_at
from ..engine.files.registry import register
from ..engine.graph_map import map_graph
from ..engine.input_layer import Input
from ..engine.layer import Layer, ensure_keras_history
from ..engine.layer_list import Stack
from ..engine.merge import Merge
from ..engine.model import Model
from ..optimizers import Optimizer
from ._branches import check_outputs_of_branches, layer_of

#: The name of a function of Keras, or a function (targets, outputs) -> tensor.
_Function: TypeAlias = str | Callable[..., Any]


class Sequential(Model):
    """A stack of layers, each with one input and one output.

    The first layer must specify its input shape: `input_shape=` or `batch_input_shape=`, or `input_dim=` if
    the layer has that argument.

    Args:
        layers: layers to add, from input to output.
        name: name of the model; None for an automatic one.

    Attributes:
        layers: the layers, from input to output.

    Example:
        >>> from keras.models import Sequential
        >>> from keras.layers import Dense
        >>> model = Sequential([Dense(32, input_dim=784), Dense(10, activation="softmax")])
        >>> model.output_shape
        (None, 10)
    """

    #: The functional model behind the stack, which programs use: the stack itself, once it is built.
    model: Any = None

    def __init__(self, layers: Iterable[Layer] | None = None, name: str | None = None) -> None:
        self._validation_data = None
        self._init_layer(name)
        self.layers: list[Layer] = Stack(self)
        self.inputs: list[Tensor] = []
        self._outputs: list[Tensor] = []
        self.predict_function = None
        self._add_all(layers or [])

    # --- layers ----------------------------------------------------------------------------------

    def add(self, layer: Layer) -> None:
        """Adds a layer on top of the stack.

        Raises:
            TypeError: `layer` is not a layer.
            ValueError: the first layer has no input shape, or the layer has several outputs.
        """
        self._add_all([layer])

    def _add_all(self, layers: Iterable[Layer]) -> None:
        """Adds layers and rebuilds the graph once, because that takes time proportional to all layers."""
        for layer in layers:
            self._stack(layer)
        if self.layers:
            self._rebuild()

    def _stack(self, layer: Layer) -> None:
        if not isinstance(layer, Layer):
            raise TypeError(
                f"The added layer must be an instance of class Layer, such as Dense(10); got {layer!r}."
            )
        if not self.layers:
            self._start(layer)
        else:
            output = layer(self.outputs[0])
            if isinstance(output, list):
                raise ValueError(
                    f"Sequential {self.name!r}: layer {layer.name!r} has several outputs; use the functional "
                    "API, Model(input, output)."
                )
            self._outputs = [output]
        list.append(self.layers, layer)  # without the warning of a change by others

    def _start(self, layer: Layer) -> None:
        """Begins with a layer, on a new input if the layer has not been called."""
        if not layer.inbound_nodes:
            self._call_on_input(layer)
        if len(layer.inbound_nodes) != 1:
            raise ValueError(
                f"Sequential {self.name!r}: the first layer {layer.name!r} is in use already: it was called "
                f"{len(layer.inbound_nodes)} times."
            )
        self._start_at(layer, 0)

    def _start_loaded(self, layer: Layer, starts: dict[int, int]) -> None:
        """Begins with a layer from a config, which other models of the config may have called.

        Args:
            layer: the layer.
            starts: id of a layer -> the index of the call with which all `Sequential`s begin that begin with
                this layer, as they did when they were saved.
        """
        if id(layer) not in starts:
            nodes = layer.inbound_nodes
            is_called = bool(nodes and nodes[0].inbound_layers) and not isinstance(layer, Merge)
            if is_called or not nodes:
                self._call_on_input(layer)
            starts[id(layer)] = len(nodes) - 1 if is_called else 0
        self._start_at(layer, starts[id(layer)])
        list.append(self.layers, layer)

    @staticmethod
    def _call_on_input(layer: Layer) -> None:
        if not hasattr(layer, "batch_input_shape"):
            raise ValueError(
                "The first layer in a Sequential model must get an `input_shape` or "
                f"`batch_input_shape` argument; {layer!r} got none. For instance Dense(32, "
                "input_shape=(784,))."
            )
        # A user's layer may set only the shape.
        shape, layer.input_dtype = layer.batch_input_shape, getattr(layer, "input_dtype", K.floatx())
        layer(Input(batch_shape=shape, dtype=layer.input_dtype, name=f"{layer.name}_input"))

    def _start_at(self, layer: Layer, node_index: int) -> None:
        outputs = layer.inbound_nodes[node_index].output_tensors
        if len(outputs) != 1:
            raise ValueError(
                f"Sequential {self.name!r}: layer {layer.name!r} has {len(outputs)} outputs; wanted one."
            )
        self._outputs = list(outputs)
        ensure_keras_history(self._outputs)
        self.inputs = get_source_inputs(self.outputs[0])

    def pop(self) -> None:
        """Removes the layer on top of the stack.

        Raises:
            TypeError: there is no layer.
        """
        if not self.layers:
            raise TypeError("There are no layers in the model.")
        list.pop(self.layers)
        if self.layers:
            self.layers[-1].outbound_nodes = []
            # What the popped layer was called on: the new top may also have been called elsewhere.
            layer, index, _ = self.outputs[0]._keras_history
            self._outputs = list(layer.inbound_nodes[index].input_tensors)
            self._rebuild()
        else:
            self.inputs, self._outputs, self.inbound_nodes = [], [], []
            self.built = False

    def _outputs_changed(self) -> None:
        reached = set(map_graph(self.inputs, self._outputs).layers)
        list.__setitem__(self.layers, slice(None), [layer for layer in self.layers if layer in reached])
        self._rebuild()

    def _rebuild(self) -> None:
        """Makes the changed stack the container's graph; node 0 remains its definition."""
        layers = self.layers
        self._layers_changed(map_graph(self.inputs, self.outputs))
        self.layers = layers
        self._define_again()

    def build(self, input_shape: Shape | None = None) -> None:
        """Checks that the model has layers; the graph itself is built by `add`.

        Args:
            input_shape: not used.

        Raises:
            TypeError: there is no layer.
        """
        if not self.layers:
            raise TypeError(
                "Sequential model cannot be built: model is empty. Add some layers first: "
                "model.add(Dense(10, input_shape=(784,)))."
            )
        self.built = True
        self.model = self

    def __call__(self, x: TensorLike, mask: TensorLike = None, **arguments: Any) -> Any:
        self.build()
        return super().__call__(x, mask, **arguments)

    def call(self, x: TensorLike, mask: TensorLike = None) -> Any:
        """Applies the layers to a tensor."""
        self.build()
        return super().call(x, mask)

    def get_layer(self, name: str | None = None, index: int | None = None) -> Layer:
        """Returns a layer by its name or index; see `Model.get_layer`."""
        self.build()
        return super().get_layer(name, index)

    def _branches(self) -> Sequence[Layer]:
        """Returns the layers that a Merge at the bottom of the stack combines."""
        first = self.layers[0] if self.layers else None
        return first.layers or [] if isinstance(first, Merge) else []

    def _holders(self) -> list[Layer]:
        return [*self._branches(), *self.layers]

    @property
    def flattened_layers(self) -> list[Layer]:
        """The layers as files list them: those of its branches replace a Merge at the bottom."""
        if not self._branches():
            return list(self.layers)
        layers = []
        for branch in self._branches():
            layers += getattr(branch, "flattened_layers", None) or getattr(branch, "layers", [branch])
        return list(dict.fromkeys(layers + self.layers[1:]))  # branches may share layers

    def _inputs_in_common(self) -> set[int]:
        places: dict[int, dict[int, Any]] = {}
        for branch in dict.fromkeys(self._branches()):
            for layer, place in _input_places(branch):
                places.setdefault(id(layer), {})[id(branch)] = place
        found = [list(by_branch.values()) for by_branch in places.values() if len(by_branch) > 1]
        for first, *others in found:
            if any(other is not first for other in others):
                raise ValueError(
                    f"Sequential {self.name!r} cannot be saved: branches of its Merge begin with {first!r} "
                    f"and {others[0]!r} on the same input, and a file would give each its own. Use "
                    "Model(input, output) and merge([...])."
                )
        return {id(first) for first, *_ in found}

    def _listed_weights(self) -> list[Variable]:
        return [weight for layer in self.flattened_layers for weight in layer._listed_weights()]

    @property
    def trainable(self) -> bool:
        """Whether training changes the weights."""
        return self._trainable

    @trainable.setter
    def trainable(self, value: bool) -> None:
        self._trainable = value

    # --- training --------------------------------------------------------------------------------

    @property
    def training_data(self) -> None:
        """Always None: unlike Keras 1, models do not keep the arrays of `fit`."""
        return

    @property
    def validation_data(self) -> list[NDArray[Any]] | None:
        """The validation arrays of the last `fit`, for callbacks; None before."""
        return self._validation_data

    @validation_data.setter
    def validation_data(self, arrays: list[NDArray[Any]] | None) -> None:
        self._validation_data = arrays

    def compile(
        self,
        optimizer: str | Optimizer,
        loss: _Function | list[_Function] | dict[str, _Function],
        metrics: Sequence[_Function] | Mapping[str, Any] | None = None,
        sample_weight_mode: Any = None,
        weighted_metrics: Any = None,
        **kwargs: Any,
    ) -> None:
        """Configures the model for training; see `Model.compile`."""
        self.build()
        if kwargs.pop("class_mode", None) is not None:  # of Keras 0
            warnings.warn("compile: class_mode has no effect; remove it.", stacklevel=levels_to_caller())
        weights = kwargs.pop("loss_weights", None)
        super().compile(optimizer, loss, metrics, weights, sample_weight_mode, weighted_metrics, **kwargs)

    def fit(
        self,
        x: ArrayLike,
        y: ArrayLike = None,
        batch_size: int = 32,
        nb_epoch: int = 10,
        verbose: int = 1,
        callbacks: Sequence[Callback] | None = None,
        validation_split: float = 0.0,
        validation_data: Any = None,
        shuffle: bool | str = True,
        class_weight: Mapping[int, float] | None = None,
        sample_weight: ArrayLike | None = None,
        initial_epoch: int = 0,
        steps_per_epoch: int | None = None,
        validation_steps: int | None = None,
        **kwargs: Any,
    ) -> History:
        """Trains the model on arrays; see `Model.fit`."""
        self.build()
        options = {
            "validation_split": validation_split,
            "validation_data": validation_data,
            "shuffle": shuffle,
            "class_weight": class_weight,
            "sample_weight": sample_weight,
            "initial_epoch": initial_epoch,
            "steps_per_epoch": steps_per_epoch,
            "validation_steps": validation_steps,
            **_take(kwargs, "check_numerics", "resume_from", "samples_per_epoch", "nb_val_samples"),
        }
        _refuse("fit", kwargs)
        return super().fit(x, y, batch_size, nb_epoch, verbose, callbacks, **options)

    def evaluate(
        self,
        x: ArrayLike,
        y: ArrayLike = None,
        batch_size: int = 32,
        verbose: int = 1,
        sample_weight: ArrayLike | None = None,
        steps: int | None = None,
        **kwargs: Any,
    ) -> float | list[float]:
        """Returns the loss, and the metrics if there are any, on arrays; see `Model.evaluate`."""
        self.build()
        more = _take(kwargs, "check_numerics", "val_samples")
        _refuse("evaluate", kwargs)
        return super().evaluate(x, y, batch_size, verbose, sample_weight, steps=steps, **more)

    def predict(
        self,
        x: ArrayLike,
        batch_size: int = 32,
        verbose: int = 0,
        steps: int | None = None,
        val_samples: int | None = None,
    ) -> NDArray[Any]:
        """Returns the output for each sample; see `Model.predict`."""
        self.build()
        return cast("NDArray[Any]", super().predict(x, batch_size, verbose, steps, val_samples))

    def train_on_batch(
        self,
        x: ArrayLike,
        y: ArrayLike,
        class_weight: Mapping[int, float] | None = None,
        sample_weight: ArrayLike | None = None,
        reset_metrics: bool = True,
        **kwargs: Any,
    ) -> Any:
        """Makes one update on one batch; see `Model.train_on_batch`, whose weights have the other order."""
        self.build()
        _refuse("train_on_batch", kwargs)
        return super().train_on_batch(x, y, sample_weight, class_weight, reset_metrics)

    def test_on_batch(
        self,
        x: ArrayLike,
        y: ArrayLike,
        sample_weight: ArrayLike | None = None,
        reset_metrics: bool = True,
        **kwargs: Any,
    ) -> Any:
        """Returns the loss, and the metrics if there are any, on one batch; see `Model.test_on_batch`."""
        self.build()
        _refuse("test_on_batch", kwargs)
        return super().test_on_batch(x, y, sample_weight, reset_metrics)

    def fit_generator(
        self,
        generator: Any,
        samples_per_epoch: int,
        nb_epoch: int,
        verbose: int = 1,
        callbacks: Sequence[Callback] | None = None,
        validation_data: Any = None,
        nb_val_samples: int | None = None,
        class_weight: Mapping[int, float] | None = None,
        max_q_size: int = 10,
        nb_worker: int = 1,
        pickle_safe: bool = False,
        initial_epoch: int = 0,
        shuffle: bool = True,
        **kwargs: Any,
    ) -> History:
        """Trains the model on batches from a generator; see `Model.fit_generator`."""
        self.build()
        more = _take(kwargs, "batch_timeout", "check_numerics", "resume_from")
        _refuse("fit_generator", kwargs)
        return super().fit_generator(
            generator,
            samples_per_epoch,
            nb_epoch,
            verbose,
            callbacks,
            validation_data,
            nb_val_samples,
            class_weight,
            max_q_size,
            nb_worker,
            pickle_safe,
            initial_epoch,
            shuffle=shuffle,
            **more,
        )

    def evaluate_generator(
        self,
        generator: Any,
        val_samples: int,
        max_q_size: int = 10,
        nb_worker: int = 1,
        pickle_safe: bool = False,
        **kwargs: Any,
    ) -> float | list[float]:
        """Returns the loss, and the metrics if there are any, on batches from a generator.

        See `Model.evaluate_generator`.
        """
        self.build()
        more = _take(kwargs, "batch_timeout")
        _refuse("evaluate_generator", kwargs)
        return super().evaluate_generator(generator, val_samples, max_q_size, nb_worker, pickle_safe, **more)

    def predict_proba(self, x: ArrayLike, batch_size: int = 32, verbose: int = 1) -> NDArray[Any]:
        """Returns the outputs as probabilities of the classes, shape (samples, classes)."""
        return self.predict(x, batch_size, verbose)

    def predict_classes(self, x: ArrayLike, batch_size: int = 32, verbose: int = 1) -> NDArray[Any]:
        """Returns the class of each sample.

        With several outputs it is the index of the largest one; with one output it is 1 if the output is
        above 0.5 and 0 otherwise.

        Returns:
            int array of shape (samples,), or (samples, 1) for one output.
        """
        probabilities = self.predict(x, batch_size, verbose)
        if probabilities.shape[-1] > 1:
            return probabilities.argmax(axis=-1)
        return (probabilities > 0.5).astype("int32")

    # --- config ----------------------------------------------------------------------------------

    def get_config(self) -> list[Config]:
        """Returns a list with {"class_name": ..., "config": ...} for each layer."""
        with describing(self):
            config = [entry_of(layer) for layer in self.layers]
            if self._branches():
                check_outputs_of_branches(self.layers[0])
                config[0]["config"]["layers"] = [entry_of(branch) for branch in self._branches()]
        return copy.deepcopy(config)

    @classmethod
    def from_config(
        cls, config: list[Config], layer_cache: Any = None, custom_objects: CustomObjects | None = None
    ) -> Self:
        """Builds a model from the result of `get_config`, with new weights.

        Args:
            config: {"class_name": ..., "config": ...} for each layer.
            layer_cache: not used; an argument of Keras 1.
            custom_objects: name -> class or function, for names in the config that Keras does not know.

        Raises:
            ValueError: a layer's config is invalid or names an unknown class.
        """
        entry = {"class_name": cls.__name__, "config": config}
        with given_to_call(custom_objects), building_from(entry), restoring() as load:
            checked(config, list, "the config of a Sequential")
            model = cls()
            layers = []
            for place, entry in enumerate(config):
                with errors_at(f"layer {place}"):
                    layers.append(layer_of(entry, custom_objects))
            if layers:
                model._start_loaded(layers[0], load.starts)
            model._add_all(layers[1:])
            return model


def _input_places(model: Any) -> list[tuple[Layer, Layer]]:
    """Returns (Input, the layer that stands for it in a config: itself, or the first of a Sequential)."""
    if not isinstance(model, Sequential):
        return [(layer, layer) for layer in getattr(model, "input_layers", [])]
    if model._branches():
        return [pair for branch in model._branches() for pair in _input_places(branch)]
    first = model.layers[0]
    if isinstance(first, Container):
        return _input_places(first)
    return [(layer, first) for layer in model.input_layers]


def _take(kwargs: dict[str, Any], *names: str) -> dict[str, Any]:
    """Removes the arguments with these names from `kwargs` and returns those that were there."""
    return {name: kwargs.pop(name) for name in names if name in kwargs}


def _refuse(method: str, unknown: dict[str, Any]) -> None:
    """Refuses unknown keyword arguments; those of Keras 0 only cause a warning."""
    for name in {"show_accuracy", "accuracy"} & set(unknown):
        del unknown[name]
        warnings.warn(
            f"{method}: {name} has no effect; pass metrics=['accuracy'] to compile.",
            stacklevel=levels_to_caller(),
        )
    if unknown:
        raise TypeError(f"{method}: got unknown keyword arguments {sorted(unknown)}.")


register(Sequential)
