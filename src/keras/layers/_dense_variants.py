"""Relatives of Dense: MaxoutDense, Highway, TimeDistributedDense.

They take these arguments as `Dense` does: init, activation, weights, W_regularizer, b_regularizer,
activity_regularizer, W_constraint, b_constraint, bias, input_dim.
"""

import warnings

from .. import backend as K
from ..engine import InputSpec, Layer
from ._options import activate, config_of, keep, positive_int

_OPTIONS = (
    *("init", "W_regularizer", "b_regularizer", "activity_regularizer"),
    *("W_constraint", "b_constraint", "bias", "input_dim"),
)


class MaxoutDense(Layer):
    """max over k of (x W_k + b_k): a piecewise linear, convex activation that is learned.

    Args:
        output_dim: int > 0.
        nb_feature: int > 0, the number of pieces k.
        weights: list of arrays [W, b] to start with: W of shape (nb_feature, input_dim, output_dim), b of
            shape (nb_feature, output_dim).

    The other arguments are those of `Dense`.

    Input shape: (samples, input_dim). Output shape: (samples, output_dim).

    Reference:
        Goodfellow et al. 2013, arXiv:1302.4389.
    """

    def __init__(
        self,
        output_dim,
        nb_feature=4,
        init="glorot_uniform",
        weights=None,
        W_regularizer=None,
        b_regularizer=None,
        activity_regularizer=None,
        W_constraint=None,
        b_constraint=None,
        bias=True,
        input_dim=None,
        **kwargs,
    ):
        self.output_dim = positive_int(self, "output_dim", output_dim)
        self.nb_feature = positive_int(self, "nb_feature", nb_feature)
        keep(
            self,
            init=init,
            W_regularizer=W_regularizer,
            b_regularizer=b_regularizer,
            activity_regularizer=activity_regularizer,
            W_constraint=W_constraint,
            b_constraint=b_constraint,
            bias=bias,
            input_dim=input_dim,
        )
        self.initial_weights = weights
        self.input_spec = [InputSpec(ndim=2)]
        if input_dim:
            kwargs["input_shape"] = (input_dim,)
        super().__init__(**kwargs)

    def build(self, input_shape):
        self.input_spec = [InputSpec(shape=(None, input_shape[1]))]
        self.W = _weight(self, "W", (self.nb_feature, input_shape[1], self.output_dim), self.init)
        self.b = _weight(self, "b", (self.nb_feature, self.output_dim), "zero") if self.bias else None
        self.built = True

    def call(self, x, mask=None):
        pieces = K.dot(x, self.W)
        if self.bias:
            pieces = pieces + self.b
        return K.max(pieces, axis=1)

    def get_output_shape_for(self, input_shape):
        return input_shape[0], self.output_dim

    def get_config(self):
        return {**super().get_config(), **config_of(self, "output_dim", "nb_feature", *_OPTIONS)}


class Highway(Layer):
    """t activation(x W + b) + (1 - t) x with the gate t = sigmoid(x W_carry + b_carry).

    Regularizers and constraints are those of W and b, not of the gate. b_carry starts with ones.

    Args:
        weights: list of arrays [W, W_carry, b, b_carry] to start with.

    The other arguments are those of `Dense`.

    Input and output shape: (samples, input_dim).

    Reference:
        Srivastava, Greff and Schmidhuber 2015, arXiv:1505.00387.
    """

    def __init__(
        self,
        init="glorot_uniform",
        activation=None,
        weights=None,
        W_regularizer=None,
        b_regularizer=None,
        activity_regularizer=None,
        W_constraint=None,
        b_constraint=None,
        bias=True,
        input_dim=None,
        **kwargs,
    ):
        keep(
            self,
            init=init,
            activation=activation,
            W_regularizer=W_regularizer,
            b_regularizer=b_regularizer,
            activity_regularizer=activity_regularizer,
            W_constraint=W_constraint,
            b_constraint=b_constraint,
            bias=bias,
            input_dim=input_dim,
        )
        if "transform_bias" in kwargs:
            kwargs.pop("transform_bias")
            warnings.warn("Highway: transform_bias is of Keras 1.0 and has no effect.", stacklevel=2)
        self.initial_weights = weights
        self.input_spec = [InputSpec(ndim=2)]
        if input_dim:
            kwargs["input_shape"] = (input_dim,)
        super().__init__(**kwargs)

    def build(self, input_shape):
        features = input_shape[1]
        self.input_spec = [InputSpec(shape=(None, features))]
        square = (features, features)
        self.W = _weight(self, "W", square, self.init)
        self.W_carry = self.add_weight(square, self.init, name=f"{self.name}_W_carry")
        self.b = self.b_carry = None
        if self.bias:
            self.b = _weight(self, "b", (features,), "zero")
            self.b_carry = self.add_weight((features,), "one", name=f"{self.name}_b_carry")
        self.built = True

    def call(self, x, mask=None):
        gate, output = K.dot(x, self.W_carry), K.dot(x, self.W)
        if self.bias:
            gate, output = gate + self.b_carry, output + self.b
        gate = K.sigmoid(gate)
        return gate * activate(self, output) + (1 - gate) * x

    def get_config(self):
        return {**super().get_config(), **config_of(self, "activation", *_OPTIONS)}


class TimeDistributedDense(Layer):
    """Dense on each step of a sequence. New programs write `TimeDistributed(Dense(...))`, or `Dense`.

    Args:
        output_dim: int > 0.
        input_length: int, the steps of the input, where this is the first layer of a Sequential and they
            are always the same.

    The other arguments are those of `Dense`.

    Input shape: (samples, steps, input_dim). Output shape: (samples, steps, output_dim).
    """

    def __init__(
        self,
        output_dim,
        init="glorot_uniform",
        activation=None,
        weights=None,
        W_regularizer=None,
        b_regularizer=None,
        activity_regularizer=None,
        W_constraint=None,
        b_constraint=None,
        bias=True,
        input_dim=None,
        input_length=None,
        **kwargs,
    ):
        self.output_dim = positive_int(self, "output_dim", output_dim)
        keep(
            self,
            init=init,
            activation=activation,
            W_regularizer=W_regularizer,
            b_regularizer=b_regularizer,
            activity_regularizer=activity_regularizer,
            W_constraint=W_constraint,
            b_constraint=b_constraint,
            bias=bias,
            input_dim=input_dim,
            input_length=input_length,
        )
        self.initial_weights = weights
        self.input_spec = [InputSpec(ndim=3)]
        self.supports_masking = True
        if input_dim:
            kwargs["input_shape"] = (input_length, input_dim)
        super().__init__(**kwargs)

    def build(self, input_shape):
        self.input_spec = [InputSpec(shape=(None, None, input_shape[2]))]
        self.W = _weight(self, "W", (input_shape[2], self.output_dim), self.init)
        self.b = _weight(self, "b", (self.output_dim,), "zero") if self.bias else None
        self.built = True

    def call(self, x, mask=None):
        output = K.dot(x, self.W)
        if self.bias:
            output = output + self.b
        return activate(self, output)

    def get_output_shape_for(self, input_shape):
        return (*input_shape[:2], self.output_dim)

    def get_config(self):
        names = ("output_dim", "activation", "input_length", *_OPTIONS)
        return {**super().get_config(), **config_of(self, *names)}


def _weight(layer, kind, shape, init):
    """Makes the weight W or b with its regularizer and constraint."""
    return layer.add_weight(
        shape,
        init,
        name=f"{layer.name}_{kind}",
        regularizer=getattr(layer, f"{kind}_regularizer"),
        constraint=getattr(layer, f"{kind}_constraint"),
    )
