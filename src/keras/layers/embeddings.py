"""Embedding: ints to vectors."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from .. import backend as K
from .. import constraints as constraints
from .. import initializations as initializations
from .. import regularizers as regularizers
from .._base.types import ArrayLike, Shape
from .._graph import Tensor, Variable
from ..engine import Layer as Layer
from ._options import (
    Constraint,
    Fraction,
    Initializer,
    LayerWithOptions,
    NameOrFunction,
    Option,
    PositiveInt,
    Regularizer,
    inputs_of,
)


class Embedding(LayerWithOptions):
    """Looks up a vector for each int.

    Args:
        input_dim: int > 0, the number of ids, which are 0 .. input_dim - 1.
        output_dim: int > 0, the size of a vector.
        init: name or function, the initial values of the table.
        input_length: int, the number of steps of a sample; None if it varies.
        W_regularizer, activity_regularizer, W_constraint: as in `Dense`.
        mask_zero: bool, whether id 0 is padding, to be masked.
        weights: list with the initial table, an array of shape (input_dim, output_dim).
        dropout: float, 0 <= dropout < 1, the fraction of the rows of the table to drop in training.

    Input shape: (samples, steps) of ints. Output shape: (samples, steps, output_dim).

    Reference:
        Gal and Ghahramani 2015, arXiv:1512.05287 (the dropout).
    """

    input_dim: PositiveInt
    output_dim: PositiveInt
    init: Initializer
    input_length: Option[int | None]
    W_regularizer: Regularizer
    activity_regularizer: Regularizer
    W_constraint: Constraint
    mask_zero: Option[bool]
    dropout: Fraction
    W: Variable
    _config_order = (
        *("input_dim", "output_dim", "init", "input_length", "mask_zero", "activity_regularizer"),
        *("W_regularizer", "W_constraint", "dropout"),
    )
    input_spec = inputs_of()

    def __init__(
        self,
        input_dim: int,
        output_dim: int,
        init: NameOrFunction = "uniform",
        input_length: int | None = None,
        W_regularizer: NameOrFunction | None = None,
        activity_regularizer: NameOrFunction | None = None,
        W_constraint: NameOrFunction | None = None,
        mask_zero: bool = False,
        weights: Sequence[ArrayLike] | None = None,
        dropout: float = 0.0,
        **kwargs: Any,
    ) -> None:
        self._store_options(locals())
        self.uses_learning_phase = self.dropout > 0
        if "batch_input_shape" not in kwargs and "input_shape" not in kwargs:
            kwargs["input_shape"] = (input_length,)
        kwargs["input_dtype"] = "int32"
        super().__init__(**kwargs)

    def build(self, input_shape: Shape) -> None:
        self.W = self.add_weight(
            (self.input_dim, self.output_dim),
            self.init,
            name=f"{self.name}_W",
            regularizer=self.W_regularizer,
            constraint=self.W_constraint,
        )
        self.built = True

    def check_input_data(self, array: np.ndarray, name: str) -> None:
        """Checks ids on the host, where the error can name the wrong one.

        Args:
            array: the ids of a batch, (samples, steps).
            name: the name of the input, for the message.

        Raises:
            ValueError: if an id is negative, too large, or not an int.
        """
        if array.dtype.kind == "f":
            whole = np.floor(array) == np.where(np.isfinite(array), array, np.nan)
            if not whole.all():
                raise ValueError(
                    f"Embedding {self.name!r} needs ints; input {name!r} has {array[~whole][0]:g}."
                )
        low, high = int(array.min()), int(array.max())
        if low < 0:
            raise ValueError(f"Embedding {self.name!r}: negative id {low} in input {name!r}.")
        if high >= self.input_dim:
            raise ValueError(
                f"Embedding {self.name!r}: id {high} >= input_dim {self.input_dim} in input {name!r}; ids "
                f"are 0..{self.input_dim - 1}."
            )

    def compute_mask(self, x: Tensor, mask: Tensor | None = None) -> Tensor | None:
        return K.not_equal(x, 0) if self.mask_zero else None

    def call(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        if K.dtype(x) != "int32":
            x = K.cast(x, "int32")
        if self.dropout:
            kept = K.random_binomial((self.input_dim, 1), p=1.0 - self.dropout)
            dropped = self.W * (kept / (1.0 - self.dropout))
            return K.gather(K.in_train_phase(dropped, self.W), x)
        return K.gather(self.W, x)

    def get_output_shape_for(self, input_shape: Shape) -> Shape:
        steps = input_shape[1:] if self.input_length is None else (self.input_length, *input_shape[2:])
        return (input_shape[0], *steps, self.output_dim)
