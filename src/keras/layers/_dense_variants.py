"""Relatives of Dense: MaxoutDense, Highway, TimeDistributedDense."""

from .. import backend as K
from ..engine import InputSpec, Layer
from ._dense import Dense
from ._options import activate, config_of, keep, positive_int


class MaxoutDense(Layer):
    """The largest of `nb_feature` linear maps of the input, element by element.

    y = max_i(x W_i + b_i), W of shape (nb_feature, input_dim, output_dim).

    Args:
        output_dim: int > 0.
        nb_feature: int > 0, the number of maps.
        Further arguments: as in `Dense`.

    Input shape: (samples, input_dim). Output shape: (samples, output_dim).

    Reference:
        Goodfellow et al. 2013, arXiv:1302.4389, section 3.
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
        self.input_dim = input_shape[1]
        self.input_spec = [InputSpec(shape=(None, self.input_dim))]
        self.W = self.add_weight(
            (self.nb_feature, self.input_dim, self.output_dim),
            self.init,
            name=f"{self.name}_W",
            regularizer=self.W_regularizer,
            constraint=self.W_constraint,
        )
        self.b = None
        if self.bias:
            self.b = self.add_weight(
                (self.nb_feature, self.output_dim),
                "zero",
                name=f"{self.name}_b",
                regularizer=self.b_regularizer,
                constraint=self.b_constraint,
            )
        self.built = True

    def call(self, x, mask=None):
        maps = K.dot(x, self.W)
        if self.bias:
            maps = maps + self.b
        return K.max(maps, axis=1)

    def get_output_shape_for(self, input_shape):
        return input_shape[0], self.output_dim

    def get_config(self):
        names = ("output_dim", "init", "nb_feature", "W_regularizer", "b_regularizer")
        names += ("activity_regularizer", "W_constraint", "b_constraint", "bias", "input_dim")
        return {**super().get_config(), **config_of(self, *names)}


class Highway(Layer):
    """t a(x W + b) + (1 - t) x with the gate t = sigmoid(x W_carry + b_carry).

    Args: as in `Dense`, but for the size, which is that of the input. b_carry starts at -2, so that the
        input passes at first.

    Input and output shape: (samples, input_dim).

    Reference:
        Srivastava, Greff and Schmidhuber 2015, arXiv:1505.00387, equation 3.
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
        self.initial_weights = weights
        self.input_spec = [InputSpec(ndim=2)]
        if input_dim:
            kwargs["input_shape"] = (input_dim,)
        super().__init__(**kwargs)

    def build(self, input_shape):
        size = input_shape[1]
        self.input_spec = [InputSpec(shape=(None, size))]
        self.W = self.add_weight(
            (size, size),
            self.init,
            name=f"{self.name}_W",
            regularizer=self.W_regularizer,
            constraint=self.W_constraint,
        )
        self.W_carry = self.add_weight((size, size), self.init, name=f"{self.name}_W_carry")
        self.b = self.b_carry = None
        if self.bias:
            self.b = self.add_weight(
                (size,),
                "zero",
                name=f"{self.name}_b",
                regularizer=self.b_regularizer,
                constraint=self.b_constraint,
            )
            self.b_carry = self.add_weight((size,), _minus_two, name=f"{self.name}_b_carry")
        self.built = True

    def call(self, x, mask=None):
        gate, changed = K.dot(x, self.W_carry), K.dot(x, self.W)
        if self.bias:
            gate, changed = gate + self.b_carry, changed + self.b
        gate = K.sigmoid(gate)
        return activate(self, changed) * gate + (1 - gate) * x

    def get_config(self):
        names = ("init", "activation", "W_regularizer", "b_regularizer", "activity_regularizer")
        names += ("W_constraint", "b_constraint", "bias", "input_dim")
        return {**super().get_config(), **config_of(self, *names)}


class TimeDistributedDense(Dense):
    """`Dense` on every step, as Keras 0 and 1.0 had it; today Dense takes sequences itself.

    Args: as in `Dense`, and input_length: int, the steps of a sample.

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
        options = (W_regularizer, b_regularizer, activity_regularizer, W_constraint, b_constraint)
        if input_dim:
            kwargs["input_shape"] = (input_length, input_dim)
        super().__init__(output_dim, init, activation, weights, *options, bias, None, **kwargs)
        self.input_dim = input_dim
        self.input_length = input_length
        self.supports_masking = True

    def build(self, input_shape):
        if len(input_shape) != 3:
            raise ValueError(
                f"TimeDistributedDense {self.name!r} needs input of rank 3, (samples, steps, features); got "
                f"shape {tuple(input_shape)}."
            )
        super().build(input_shape)

    def get_config(self):
        return {**super().get_config(), "input_length": self.input_length}


def _minus_two(shape, name=None):
    return K.variable([-2.0] * shape[0], name=name)
