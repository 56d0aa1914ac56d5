"""`LayerList`, the `layers` of a model, which tells programs that change it what to write instead."""

import warnings
from collections.abc import Iterable
from typing import Any, SupportsIndex

from .._base.callers import levels_to_caller


class LayerList(list[Any]):
    """The layers of a model. The graph of the model does not follow from this list, so a change of it warns.

    Args:
        layers: the layers.
        name: str, the model.
    """

    def __init__(self, layers: Iterable[Any] = (), name: str = "") -> None:
        super().__init__(layers)
        self.name = name

    def __reduce_ex__(self, protocol: Any) -> Any:
        return LayerList, (list(self), self.name)

    def pop(self, index: SupportsIndex = -1) -> Any:
        self._warn("pop")
        return super().pop(index)

    def append(self, layer: Any) -> None:
        self._warn("append")
        super().append(layer)

    def insert(self, index: SupportsIndex, layer: Any) -> None:
        self._warn("insert")
        super().insert(index, layer)

    def remove(self, layer: Any) -> None:
        self._warn("remove")
        super().remove(layer)

    def __delitem__(self, index: Any) -> None:
        self._warn("del")
        super().__delitem__(index)

    def __setitem__(self, index: Any, layer: Any) -> None:
        self._warn("assignment")
        super().__setitem__(index, layer)

    def _warn(self, change: str) -> None:
        warnings.warn(
            f"layers ({change}): the list of the layers of model {self.name!r} was changed, which does not "
            "change what the model computes. To leave out the last layer write model = Model(model.input, "
            "model.layers[-2].output), or model.outputs = [model.layers[-1].output] after this; for a "
            "Sequential, model.pop(). To add one, call it: Model(model.input, layer(model.output)).",
            stacklevel=levels_to_caller(),
        )


class Stack(LayerList):
    """The layers of a Sequential: `pop` of the last one is that of the model.

    Args:
        model: the Sequential.
    """

    def __init__(self, model: Any) -> None:
        super().__init__((), model.name)
        self._model = model

    def pop(self, index: SupportsIndex = -1) -> Any:
        if int(index) not in (-1, len(self) - 1) or not self:
            return super().pop(index)
        layer = self[-1]
        self._model.pop()
        return layer
