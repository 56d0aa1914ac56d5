"""Bases of the layers with a kernel W, a bias b, or both: the options of these weights, and the weights."""

import functools
import inspect
from collections.abc import Callable, Iterable
from typing import Any

from .._graph import Variable
from ._options import (
    Constraint,
    Initializer,
    LayerWithOptions,
    NameOrFunction,
    Option,
    Regularizer,
    UnlessDefault,
)


def in_layout(init: Callable[..., Any], dim_ordering: str) -> Callable[..., Any]:
    """Returns the initialization of a kernel in the layout "th" or "tf".

    A user's function may lack the argument `dim_ordering`; it is then the same for both layouts.
    """
    try:
        parameters = inspect.signature(init).parameters.values()
    except (TypeError, ValueError):  # a callable without a signature, such as some built-in ones
        return init
    takes_it = any(p.name == "dim_ordering" or p.kind is p.VAR_KEYWORD for p in parameters)
    return functools.partial(init, dim_ordering=dim_ordering) if takes_it else init


class BiasLayer(LayerWithOptions):
    """Base of the layers that add a bias to their output, if `bias` is True."""

    init: Initializer
    b_regularizer: Regularizer
    activity_regularizer: Regularizer
    b_constraint: Constraint
    bias: Option[bool]
    bias_init: UnlessDefault[Initializer]
    b: Variable | None = None

    def __init__(self, bias_init: NameOrFunction = "zero", **kwargs: Any) -> None:
        self._store_options(locals())
        super().__init__(**kwargs)

    def _add_b(self, shape: Iterable[Any]) -> None:
        """Adds the weight b, if the layer has one. Its sizes must be known."""
        if vars(self)["bias"]:
            self.b = self.add_weight(
                shape,
                self.bias_init,
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
