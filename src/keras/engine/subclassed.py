"""Models that a program defines by a class: layers in `__init__`, and a method `call`.

Their `call` runs once, on `Input`s, when the shapes are known: from the data of the first `fit`, `predict`,
..., from `build(input_shape)`, or from the tensors on which the model is called as a layer. What it computes
is the graph of the model, which then is like any other.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from .. import backend as K
from .._base.constructed import is_foreign
from ..backend.control import phase_of_call
from .calls import takes
from .graph_map import GraphMap
from .input_layer import Input
from .layer import Layer
from .node import single, to_list


class Subclassed:
    """The part of `Model` for classes with a `call` of their own; it does nothing in other models."""

    _is_deferred: bool
    _compile_later: Any
    #: Whether the graph was made by `call`.
    _is_subclassed = False

    def _defer(self, name: str | None) -> None:
        """Begins a model without input and output.

        Raises:
            TypeError: its class has no `call`.
        """
        if not is_foreign(type(self)) or not is_foreign_method(type(self), "call"):
            raise TypeError(
                f"{type(self).__name__} needs its input and output: tensors, or lists of tensors, as in "
                "Model(input=x, output=y). Only a class of your own with a method `call(self, x)` needs none."
            )
        self._is_deferred = self._is_subclassed = True
        self._init_layer(name)

    def build(self, input_shape: Any = None) -> None:
        """Makes the graph of a model with a `call` of its own.

        Args:
            input_shape: tuple, the shape of the input with the number of samples (or None) in front; or a
                list of such tuples, for a `call` that takes a list.
        """
        if self._is_deferred:
            shapes = list(input_shape) if _are_shapes(input_shape) else [input_shape]
            inputs = [Input(batch_shape=tuple(shape)) for shape in shapes]
            self._make_graph(inputs, as_list=_are_shapes(input_shape))
        else:
            self.built = True

    def _make_graph(self, inputs: list[Any], as_list: bool) -> None:
        try:
            outputs = self._outputs_of(inputs, as_list)
        except TypeError as error:
            if vars(error).get("tensor") is not K.learning_phase():
                raise
            # `call` asks `if training:`, so its graph has a part for each phase. On new inputs: layers keep
            # the updates that they made for the old ones.
            inputs = [Input(batch_shape=K.int_shape(x), dtype=K.dtype(x)) for x in inputs]
            both = [self._outputs_of(inputs, as_list, is_training) for is_training in (True, False)]
            outputs = list(map(K.in_train_phase, *both))
        if self._trainable_weights or self._non_trainable_weights:
            raise ValueError(
                f"{type(self).__name__} {self.name!r} made a weight of its own with add_weight; only layers "
                "have weights here. Make a layer with that weight, and call it."
            )
        self._is_deferred = False
        # From here on the model is its graph, and a call applies that to other tensors.
        vars(self)["call"] = super().call  # type: ignore[misc]
        self._set_graph(inputs, outputs)
        if self._compile_later is not None:
            later, self._compile_later = self._compile_later, None
            self.compile(**later)

    def _outputs_of(self, inputs: list[Any], as_list: bool, training: bool | None = None) -> list[Any]:
        """Returns what `call` makes of the inputs; `training` fixes the learning phase."""
        call: Any = getattr(type(self), "call")  # noqa: B009 - that of the class, a function
        phase = K.learning_phase() if training is None else training
        with phase_of_call(training):
            made = call(
                self,
                inputs if as_list else single(inputs),
                **({"training": phase} if takes(self, "training") else {}),
            )
        return list(made) if isinstance(made, tuple) else to_list(made)

    def _in_order_of_attributes(self, graph: GraphMap) -> GraphMap:
        """Returns a graph with the layers in the order in which `__init__` set them, as Keras 2 has them."""
        if not self._is_subclassed:
            return graph
        places = {id(layer): place for place, layer in enumerate(_layers_in(vars(self)))}
        starts = {id(tensor._keras_history[0]) for tensor in self.inputs}
        last = len(places)
        order = sorted(graph.layers, key=lambda one: -1 if id(one) in starts else places.get(id(one), last))
        return graph._replace(layers=order)

    def _build_for(self, x: Any) -> None:
        """Makes the graph for data, if there is none yet.

        Raises:
            ValueError: the shapes of a sample are not known.
        """
        if not self._is_deferred:
            return
        if not isinstance(x, list | tuple | np.ndarray) and hasattr(x, "__len__") and not hasattr(x, "shape"):
            batch = x[0] if not isinstance(x, Mapping) else None  # a `Sequence`: its first batch
            x = batch[0] if isinstance(batch, tuple | list) else batch
        arrays = list(x) if isinstance(x, list | tuple) else [x]
        shapes: list[Any] = [getattr(array, "shape", None) for array in arrays]
        if None in shapes or not shapes:
            raise ValueError(
                f"{type(self).__name__} {self.name!r} has no graph yet, and {type(x).__name__} does not tell "
                "the shape of a sample. Make the graph first: model.build((None, 28, 28)), or "
                "model.build([(None, 4), (None, 3)]) for two inputs."
            )
        sizes = [(None, *(shape[1:] or (1,))) for shape in map(tuple, shapes)]
        self.build(sizes if isinstance(x, list | tuple) and len(sizes) > 1 else sizes[0])

    def __call__(self, x: Any, mask: Any = None, **arguments: Any) -> Any:
        if self._is_deferred:
            tensors = list(x) if isinstance(x, list | tuple) else [x]
            self._check_tensors(tensors)
            shapes = [K.int_shape(tensor) for tensor in tensors]
            self.build(shapes if isinstance(x, list | tuple) else shapes[0])
        return super().__call__(x, mask, **arguments)  # type: ignore[misc]

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("__") and vars(self).get("_is_deferred"):
            raise AttributeError(
                f"{type(self).__name__} {vars(self).get('name')!r} has no {name!r} before its graph is made: "
                "call it on a tensor, train it, or call model.build((None, 4)) with the shape of its input."
            )
        message = f"{type(self).__name__!r} object has no attribute {name!r}"
        raise AttributeError(message, name=name, obj=self)

    def _check_config(self) -> None:
        """Refuses to describe a model whose graph was made by `call`.

        Raises:
            NotImplementedError: always, in such a model.
        """
        if self._is_subclassed:
            raise NotImplementedError(
                f"{type(self).__name__} {self.name!r} is defined by its `call`, a function of Python, which "
                "no file can hold. Save its weights with model.save_weights(path); or save its graph, as the "
                "model Model(model.inputs, model.outputs)."
            )


def is_foreign_method(cls: type, name: str) -> bool:
    """Whether a method of a class is defined outside this package."""
    return next(is_foreign(base) for base in cls.__mro__ if name in vars(base))


def _are_shapes(shape: Any) -> bool:
    return isinstance(shape, list) and bool(shape) and all(isinstance(one, list | tuple) for one in shape)


def _layers_in(values: Any) -> Iterator[Layer]:
    """Yields the layers in the attributes of a model, also those in lists and dicts."""
    items: Sequence[Any] = list(values.values()) if isinstance(values, Mapping) else list(values)
    for item in items:
        if isinstance(item, Layer):
            yield item
        elif isinstance(item, list | tuple) or type(item) is dict:
            yield from _layers_in(item)
