"""`WeightHolder`: the weights of a layer, and the losses and updates that it adds to models."""

import warnings
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from .. import backend as K
from .. import initializations
from .._graph import Tensor, Variable
from .files.building import reserve, values_follow
from .node import to_list
from .precision import origin


class WeightHolder:
    """The part of `Layer` that holds variables, losses and updates.

    Attributes:
        name: str.
        built: bool, whether the weights exist.
        trainable: bool, whether training changes the weights.
        constraints: dict variable -> function from its new to its corrected value.
        losses: list of scalar tensors that are added to the loss of models.
        updates: list of pairs (variable, new value), made with each training step.
    """

    _kind = "Layer"  # what errors call it
    name: str
    built: bool
    trainable: Any
    constraints: Any
    losses: Any
    updates: Any

    def _init_collections(self) -> None:
        """Makes the empty lists, except those for which a subclass has properties."""
        self._trainable_weights: list[Variable] = []
        self._non_trainable_weights: list[Variable] = []
        self._losses_by_inputs: dict[Any, list[Tensor]] = {}
        self._updates_by_inputs: dict[Any, list[tuple[Variable, Any]]] = {}
        for attribute in ("losses", "updates", "constraints"):
            if not isinstance(getattr(type(self), attribute, None), property):
                setattr(self, attribute, {} if attribute == "constraints" else [])

    # --- weights ---------------------------------------------------------------------------------

    def add_weight(
        self,
        shape: Iterable[int | None],
        initializer: Any,
        name: str | None = None,
        trainable: bool = True,
        regularizer: Callable[..., Any] | None = None,
        constraint: Callable[..., Any] | None = None,
        dtype: str | None = None,
    ) -> Variable:
        """Makes a weight of the layer.

        Args:
            shape: tuple of int.
            initializer: name, or function (shape, name=...) -> variable.
            name: str.
            trainable: bool, whether training changes it.
            regularizer: function from the weight to a scalar that is added to the loss, or None.
            constraint: function from the new to the corrected weight, or None.
            dtype: str; None is the float type of K.
        Returns:
            The variable.
        Raises:
            ValueError: a size is not known; or, while a file is loaded, it has too few numbers.
            MemoryError: the weight is larger than the machine's memory.

        The arguments of Keras 2 are accepted as well, `add_weight(name, shape, dtype, initializer, ...)`.
        """
        sizes: Any = tuple(shape)
        reserve(self.name, name or "", sizes)
        # Zeros if a file's values follow: drawing can take far longer, as `orthogonal` decomposes a matrix.
        make = K.zeros if values_follow() else initializations.get(initializer)
        weight = make(sizes, name=name)
        if dtype is not None and dtype != weight.dtype:
            weight = K.variable(K.get_value(weight), dtype=dtype, name=name)
        if regularizer is not None:
            self.add_loss(regularizer(weight))
        if constraint is not None:
            self.constraints[weight] = constraint
        (self._trainable_weights if trainable else self._non_trainable_weights).append(weight)
        return weight

    @property
    def trainable_weights(self) -> list[Variable]:
        """The variables that training changes."""
        return self._trainable_weights if getattr(self, "trainable", True) else []

    @trainable_weights.setter
    def trainable_weights(self, weights: list[Variable]) -> None:
        self._trainable_weights = weights

    @property
    def non_trainable_weights(self) -> list[Variable]:
        """The variables that training leaves alone; all of them if `trainable` is False."""
        if getattr(self, "trainable", True):
            return self._non_trainable_weights
        return self._trainable_weights + self._non_trainable_weights

    @non_trainable_weights.setter
    def non_trainable_weights(self, weights: list[Variable]) -> None:
        self._non_trainable_weights = weights

    @property
    def weights(self) -> list[Variable]:
        """All variables, the trainable ones first."""
        return self.trainable_weights + self.non_trainable_weights

    def _listed_weights(self) -> list[Variable]:
        """The variables in the order in which `get_weights` and `set_weights` list their values."""
        return self.weights

    def get_weights(self) -> list[np.ndarray]:
        """Returns the values of the weights, a list of arrays.

        The order is that of `weights`; for a model, layer by layer, and as if nothing in it were frozen.
        """
        return K.batch_get_value(self._listed_weights())

    def set_weights(self, weights: Sequence[Any]) -> None:
        """Sets the values of the weights.

        Args:
            weights: list of arrays, in the order and with the shapes that `get_weights` returns.
        Raises:
            ValueError: their number or a shape differs; nothing is set then.
        """
        set_weight_values(f"{self._kind} {self.name!r}", self._listed_weights(), weights)

    def count_params(self) -> int:
        """Returns the number of elements of all weights.

        Raises:
            RuntimeError: the layer has no weights yet because it has not been called.
        """
        if not self.built:
            raise RuntimeError(
                f"Layer {self.name!r} has no weights yet: call it on a tensor, or build its model, first."
            )
        return sum(K.count_params(weight) for weight in self.weights)

    @property
    def regularizers(self) -> list[Any]:
        """Empty: penalties are in `losses`. Kept for old programs."""
        return []

    @regularizers.setter
    def regularizers(self, regularizers: list[Any]) -> None:
        if regularizers:
            warnings.warn(
                f"Layer {self.name!r}: `regularizers` is not used; call self.add_loss(...).", stacklevel=2
            )

    # --- losses and updates ----------------------------------------------------------------------

    def add_loss(self, losses: Any, inputs: Any = None) -> None:
        """Adds scalars to the loss of models with this layer.

        Args:
            losses: a tensor or a list of tensors.
            inputs: the tensor or tensors they depend on; None if they depend on weights only.
        """
        self._add("losses", self._losses_by_inputs, losses, inputs)

    def add_update(self, updates: Any, inputs: Any = None) -> None:
        """Adds updates, as `K.update` returns them, to each training step.

        Args:
            updates: a pair (variable, new value) or a list of pairs.
            inputs: the tensor or tensors they depend on, or None.
        """
        self._add("updates", self._updates_by_inputs, updates, inputs)

    def _add(self, attribute: str, by_inputs: dict[Any, list[Any]], items: Any, inputs: Any) -> None:
        if items is None or (isinstance(items, list) and not items):
            return
        items = to_list(items)
        if not isinstance(getattr(type(self), attribute, None), property):
            getattr(self, attribute).extend(items)
        by_inputs.setdefault(_inputs_key(inputs), []).extend(items)

    def get_losses_for(self, inputs: Any) -> list[Tensor]:
        """Returns the losses that depend on these inputs.

        Args:
            inputs: a tensor or a list of tensors; None for the losses that depend on weights only.
        """
        return self._losses_by_inputs.get(_inputs_key(inputs), [])

    def get_updates_for(self, inputs: Any) -> list[tuple[Variable, Any]]:
        """Returns the updates that depend on these inputs.

        Args:
            inputs: a tensor or a list of tensors; None for the updates that depend on none.
        """
        return self._updates_by_inputs.get(_inputs_key(inputs), [])


def set_weight_values(who: str, variables: Sequence[Variable], values: Iterable[Any]) -> None:
    """Checks all shapes, then sets the variables.

    Raises:
        ValueError: the number of values or a shape differs; the message names `who`, and nothing is set.
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


def _inputs_key(inputs: Any) -> Any:
    return None if inputs is None else tuple(origin(tensor).key for tensor in to_list(inputs))
