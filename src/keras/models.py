"""`Sequential`, and models from files and configs."""

import copy
import warnings

from . import backend as K  # noqa: F401, programs import it from here
from . import optimizers as optimizers
from ._files.overwrite import ask_to_proceed_with_overwrite as ask_to_proceed_with_overwrite
from .engine.container import get_source_inputs as get_source_inputs
from .engine.files.budget import building_from
from .engine.files.registry import layer_from_config, register
from .engine.files.saving import load_model as load_model
from .engine.files.saving import model_from_config as model_from_config
from .engine.files.saving import model_from_json as model_from_json
from .engine.files.saving import model_from_yaml as model_from_yaml
from .engine.files.saving import save_model as save_model
from .engine.graph_map import map_graph
from .engine.input_layer import Input
from .engine.layer import Layer as Layer
from .engine.layer import ensure_keras_history
from .engine.merge import Merge as Merge
from .engine.model import Model as Model
from .engine.node import Node as Node
from .optimizers import optimizer_from_config as optimizer_from_config


class Sequential(Model):
    """A stack of layers, each with one input and one output.

    The first layer must say its input shape (`input_shape=` or `batch_input_shape=`, or `input_dim=`
    where a layer has it).

    Args:
        layers: list of layers to add.
        name: str.

    Example:
        >>> from keras.models import Sequential
        >>> from keras.layers import Dense
        >>> model = Sequential([Dense(32, input_dim=784), Dense(10, activation="softmax")])
        >>> model.output_shape
        (None, 10)
    """

    def __init__(self, layers=None, name=None):
        self._validation_data = None
        self._give_name(name)
        self.layers = []
        self.inputs, self.outputs = [], []
        self.predict_function = None
        self._add_all(layers or [])

    def add(self, layer):
        """Adds a layer on top.

        Raises:
            TypeError: if it is not a layer.
            ValueError: if the first layer does not say its input shape, or the layer has several outputs.
        """
        self._add_all([layer])

    def _add_all(self, layers):
        """Adds layers and takes up their graph once, which takes time in proportion to all layers."""
        for layer in layers:
            self._stack(layer)
        if self.layers:
            self._rebuild()

    def _stack(self, layer):
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
            self.outputs = [output]
        self.layers.append(layer)

    def _start(self, layer):
        if not layer.inbound_nodes:
            if not hasattr(layer, "batch_input_shape"):
                raise ValueError(
                    "The first layer in a Sequential model must get an `input_shape` or "
                    f"`batch_input_shape` argument; {layer!r} got none. For instance Dense(32, "
                    "input_shape=(784,))."
                )
            layer(
                Input(
                    batch_shape=layer.batch_input_shape,
                    dtype=layer.input_dtype,
                    name=f"{layer.name}_input",
                )
            )
        if len(layer.inbound_nodes) != 1:
            raise ValueError(
                f"Sequential {self.name!r}: the first layer {layer.name!r} is in use already: it was called "
                f"{len(layer.inbound_nodes)} times."
            )
        outputs = layer.inbound_nodes[0].output_tensors
        if len(outputs) != 1:
            raise ValueError(
                f"Sequential {self.name!r}: layer {layer.name!r} has {len(outputs)} outputs; wanted one."
            )
        self.outputs = list(outputs)
        ensure_keras_history(self.outputs)
        self.inputs = get_source_inputs(self.outputs[0])

    def pop(self):
        """Takes the top layer off.

        Raises:
            TypeError: if there is none.
        """
        if not self.layers:
            raise TypeError("There are no layers in the model.")
        self.layers.pop()
        if self.layers:
            self.layers[-1].outbound_nodes = []
            self.outputs = [self.layers[-1].inbound_nodes[-1].output_tensors[0]]
            self._rebuild()
        else:
            self.inputs, self.outputs, self.inbound_nodes = [], [], []
            self.built = False

    def _rebuild(self):
        """Takes the changed stack as the container's graph; node 0 stays its definition."""
        layers = self.layers
        self._layers_changed(map_graph(self.inputs, self.outputs))
        self.layers = layers
        self.inbound_nodes = self.inbound_nodes[1:] if self.inbound_nodes else []
        self._add_own_node()
        self.inbound_nodes.insert(0, self.inbound_nodes.pop())

    def build(self, input_shape=None):
        """Checks that there are layers; the graph itself grows with each `add`."""
        if not self.layers:
            raise TypeError(
                "Sequential model cannot be built: model is empty. Add some layers first: "
                "model.add(Dense(10, input_shape=(784,)))."
            )
        self.built = True

    def __call__(self, x, mask=None):
        self.build()
        return super().__call__(x, mask)

    def _branches(self):
        first = self.layers[0] if self.layers else None
        return first.layers or [] if isinstance(first, Merge) else []

    def _holders(self):
        return [*self._branches(), *self.layers]

    @property
    def flattened_layers(self):
        """The layers as files have them: those of the branches of a Merge at the beginning take its place."""
        if not self._branches():
            return list(self.layers)
        layers = []
        for branch in self._branches():
            layers += getattr(branch, "flattened_layers", None) or getattr(branch, "layers", [branch])
        return list(dict.fromkeys(layers + self.layers[1:]))  # branches may share layers

    def _listed_weights(self):
        return [weight for layer in self.flattened_layers for weight in layer._listed_weights()]

    def call(self, x, mask=None):
        self.build()
        return super().call(x, mask)

    @property
    def trainable(self):
        """Whether training changes the weights."""
        return self._trainable

    @trainable.setter
    def trainable(self, value):
        self._trainable = value

    @property
    def training_data(self):
        """The arrays of the running `fit`; kept by no model here: always None."""
        return None

    @property
    def validation_data(self):
        """The validation arrays of the last `fit`, for callbacks; None before."""
        return self._validation_data

    @validation_data.setter
    def validation_data(self, arrays):
        self._validation_data = arrays

    def get_layer(self, name=None, index=None):
        self.build()
        return super().get_layer(name, index)

    def compile(self, optimizer, loss, metrics=None, sample_weight_mode=None, **kwargs):
        """Says how the model is trained; see `Model.compile`."""
        self.build()
        if kwargs.pop("class_mode", None) is not None:  # of Keras 0
            warnings.warn("compile: class_mode has no effect; remove it.", stacklevel=2)
        super().compile(
            optimizer, loss, metrics, kwargs.pop("loss_weights", None), sample_weight_mode, **kwargs
        )
        self.model = self  # 1.x programs reach for the functional model behind

    def fit(
        self,
        x,
        y,
        batch_size=32,
        nb_epoch=10,
        verbose=1,
        callbacks=None,
        validation_split=0.0,
        validation_data=None,
        shuffle=True,
        class_weight=None,
        sample_weight=None,
        initial_epoch=0,
        **kwargs,
    ):
        """Trains the model; see `Model.fit`."""
        self.build()
        more = _take(kwargs, "check_numerics", "resume_from")
        _refuse("fit", kwargs)
        options = (validation_split, validation_data, shuffle, class_weight, sample_weight, initial_epoch)
        return super().fit(x, y, batch_size, nb_epoch, verbose, callbacks, *options, **more)

    def evaluate(self, x, y, batch_size=32, verbose=1, sample_weight=None, **kwargs):
        """The loss and the metrics on some data; see `Model.evaluate`."""
        self.build()
        check_numerics = kwargs.pop("check_numerics", True)
        _refuse("evaluate", kwargs)
        return super().evaluate(x, y, batch_size, verbose, sample_weight, check_numerics)

    def predict(self, x, batch_size=32, verbose=0):
        """The outputs for some inputs; see `Model.predict`."""
        self.build()
        return super().predict(x, batch_size, verbose)

    def train_on_batch(self, x, y, class_weight=None, sample_weight=None, **kwargs):
        """One update on one batch; see `Model.train_on_batch`, which has the weights the other way."""
        self.build()
        _refuse("train_on_batch", kwargs)
        return super().train_on_batch(x, y, sample_weight=sample_weight, class_weight=class_weight)

    def test_on_batch(self, x, y, sample_weight=None, **kwargs):
        """The loss (and metrics) on one batch; see `Model.test_on_batch`."""
        self.build()
        _refuse("test_on_batch", kwargs)
        return super().test_on_batch(x, y, sample_weight)

    def fit_generator(
        self,
        generator,
        samples_per_epoch,
        nb_epoch,
        verbose=1,
        callbacks=None,
        validation_data=None,
        nb_val_samples=None,
        class_weight=None,
        max_q_size=10,
        nb_worker=1,
        pickle_safe=False,
        initial_epoch=0,
        **kwargs,
    ):
        """Trains the model on batches from a generator; see `Model.fit_generator`."""
        self.build()
        more = _take(kwargs, "batch_timeout", "check_numerics", "resume_from")
        _refuse("fit_generator", kwargs)
        options = (validation_data, nb_val_samples, class_weight)
        workers = (max_q_size, nb_worker, pickle_safe)
        return super().fit_generator(
            generator,
            samples_per_epoch,
            nb_epoch,
            verbose,
            callbacks,
            *options,
            *workers,
            initial_epoch,
            **more,
        )

    def evaluate_generator(
        self, generator, val_samples, max_q_size=10, nb_worker=1, pickle_safe=False, **kwargs
    ):
        """The loss and the metrics over samples of a generator; see `Model.evaluate_generator`."""
        self.build()
        more = _take(kwargs, "batch_timeout")
        _refuse("evaluate_generator", kwargs)
        return super().evaluate_generator(generator, val_samples, max_q_size, nb_worker, pickle_safe, **more)

    def predict_proba(self, x, batch_size=32, verbose=1):
        """The outputs, taken as probabilities of classes; an array (samples, classes)."""
        return self.predict(x, batch_size, verbose)

    def predict_classes(self, x, batch_size=32, verbose=1):
        """The class of each sample: the largest output, or whether the only one is above 0.5.

        Returns:
            int array (samples,), or (samples, 1) for one output.
        """
        probabilities = self.predict(x, batch_size, verbose)
        if probabilities.shape[-1] > 1:
            return probabilities.argmax(axis=-1)
        return (probabilities > 0.5).astype("int32")

    def get_config(self):
        """A list with {"class_name": ..., "config": ...} for each layer."""
        config = []
        for layer in self.layers:
            entry = {"class_name": type(layer).__name__, "config": layer.get_config()}
            if isinstance(layer, Merge) and layer.layers:
                entry["config"]["layers"] = [
                    {"class_name": type(branch).__name__, "config": branch.get_config()}
                    for branch in layer.layers
                ]
            config.append(entry)
        return copy.deepcopy(config)

    @classmethod
    def from_config(cls, config, layer_cache=None, custom_objects=None):
        """Makes the model again from what `get_config` gave, with new weights."""
        with building_from({"class_name": cls.__name__, "config": config}):
            model = cls()
            model._add_all(_layer_of(entry, custom_objects) for entry in config)
            return model


def _take(kwargs, *names):
    """Takes the keyword arguments with these names out of `kwargs`; those that are there, as a dict."""
    return {name: kwargs.pop(name) for name in names if name in kwargs}


def _refuse(method, unknown):
    """Refuses keyword arguments that nobody knows; warns only of those of programs for Keras 0."""
    for name in {"show_accuracy", "accuracy"} & set(unknown):
        del unknown[name]
        warnings.warn(f"{method}: {name} has no effect; pass metrics=['accuracy'] to compile.", stacklevel=3)
    if unknown:
        raise TypeError(f"{method}: got unknown keyword arguments {sorted(unknown)}.")


def _layer_of(entry, custom_objects):
    """A layer from its config; a Merge of branches gets the branches first."""
    if entry.get("class_name") == "Merge" and entry["config"].get("layers"):
        data = dict(entry["config"])
        branches = [layer_from_config(branch, custom_objects) for branch in data.pop("layers")]
        kind = Merge.from_config(data)
        return Merge(
            branches,
            mode=kind.mode,
            concat_axis=kind.concat_axis,
            dot_axes=tuple(kind.dot_axes),
            output_shape=kind._output_shape,
            output_mask=kind._output_mask,
            arguments=kind.arguments,
            name=kind.name,
        )
    return layer_from_config(entry, custom_objects)


register(Sequential)
