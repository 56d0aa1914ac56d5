"""Embedding: ints to vectors."""

import numpy as np

from .. import backend as K
from .. import constraints as constraints
from .. import initializations as initializations
from .. import regularizers as regularizers
from ..engine import InputSpec, Layer
from ._options import config_of, fraction, keep, positive_int


class Embedding(Layer):
    """Looks up a vector for each int.

    Args:
        input_dim: int > 0, how many ints there are: 0 .. input_dim - 1.
        output_dim: int > 0, the size of a vector.
        init: name or function of the initial table.
        input_length: int, the steps of a sample, where they are always the same.
        W_regularizer, activity_regularizer, W_constraint: see `Dense`.
        mask_zero: whether 0 means "no step": it is masked.
        weights: list with the array of the table, (input_dim, output_dim), to start with.
        dropout: float, 0 <= dropout < 1, the part of the table's rows to drop in training.

    Input shape: (samples, steps) of ints. Output shape: (samples, steps, output_dim).

    Reference:
        Gal and Ghahramani 2015, arXiv:1512.05287 (the dropout).
    """

    input_spec = [InputSpec()]  # one input, of any shape

    def __init__(
        self,
        input_dim,
        output_dim,
        init="uniform",
        input_length=None,
        W_regularizer=None,
        activity_regularizer=None,
        W_constraint=None,
        mask_zero=False,
        weights=None,
        dropout=0.0,
        **kwargs,
    ):
        self.input_dim = positive_int(self, "input_dim", input_dim)
        self.output_dim = positive_int(self, "output_dim", output_dim)
        keep(
            self,
            init=init,
            W_regularizer=W_regularizer,
            activity_regularizer=activity_regularizer,
            W_constraint=W_constraint,
            input_length=input_length,
            mask_zero=mask_zero,
        )
        self.dropout = fraction(self, "dropout", dropout)
        self.initial_weights = weights
        if "batch_input_shape" not in kwargs and "input_shape" not in kwargs:
            kwargs["input_shape"] = (input_length,)
        kwargs["input_dtype"] = "int32"
        super().__init__(**kwargs)

    def build(self, input_shape):
        self.W = self.add_weight(
            (self.input_dim, self.output_dim),
            self.init,
            name=f"{self.name}_W",
            regularizer=self.W_regularizer,
            constraint=self.W_constraint,
        )
        self.built = True

    def check_input_data(self, array, name):
        """Checks ids on the host, where a wrong one can still be named.

        Raises:
            ValueError: if one is negative, too large, or no int.
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

    def compute_mask(self, x, mask=None):
        return K.not_equal(x, 0) if self.mask_zero else None

    def call(self, x, mask=None):
        if K.dtype(x) != "int32":
            x = K.cast(x, "int32")
        table = self.W
        if self.dropout:
            kept = K.random_binomial((self.input_dim, 1), p=1.0 - self.dropout)
            table = K.in_train_phase(table * (kept / (1.0 - self.dropout)), table)
        return K.gather(table, x)

    def get_output_shape_for(self, input_shape):
        steps = input_shape[1:] if self.input_length is None else (self.input_length, *input_shape[2:])
        return (input_shape[0], *steps, self.output_dim)

    def get_config(self):
        names = ("input_dim", "output_dim", "init", "input_length", "mask_zero", "activity_regularizer")
        names += ("W_regularizer", "W_constraint", "dropout")
        return {**super().get_config(), **config_of(self, *names)}
