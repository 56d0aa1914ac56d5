"""Bases of the layers with a kernel W, a bias b, or both: the options of these weights, and the weights."""

from collections.abc import Callable, Iterable
from typing import Any

from .._graph import Variable
from ._options import Constraint, Initializer, LayerWithOptions, Option, Regularizer


class BiasLayer(LayerWithOptions):
    """Base of the layers that add a bias to their output, if `bias` is True."""

    init: Initializer
    b_regularizer: Regularizer
    activity_regularizer: Regularizer
    b_constraint: Constraint
    bias: Option[bool]
    b: Variable | None = None

    def _add_b(self, shape: Iterable[Any]) -> None:
        """Adds the weight b, if the layer has one. Its sizes must be known."""
        if self.bias:
            self.b = self.add_weight(
                shape,
                "zero",
                name=f"{self.name}_b",
                regularizer=self.b_regularizer,
                constraint=self.b_constraint,
            )


class KernelLayer(BiasLayer):
    """Base of the layers with a kernel."""

    W_regularizer: Regularizer
    W_constraint: Constraint
    W: Variable

    def _add_W(self, shape: Iterable[Any], init: Callable[..., Any] | None = None) -> None:
        """Adds the weight W, whose sizes must be known.

        Args:
            shape: the shape of W.
            init: function that makes the initial values; the option `init` if None.
        """
        self.W = self.add_weight(
            shape,
            init or self.init,
            name=f"{self.name}_W",
            regularizer=self.W_regularizer,
            constraint=self.W_constraint,
        )
