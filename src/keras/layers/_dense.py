"""Dense."""

from .. import backend as K
from ..engine import InputSpec, Layer
from ._options import activate, config_of, keep, positive_int


class Dense(Layer):
    """activation(x W + b), W of shape (input_dim, output_dim), b of shape (output_dim,).

    Args:
        output_dim: int > 0.
        init: name or function of the initial W.
        activation: name or function; none if None.
        weights: list of arrays [W, b] to start with.
        W_regularizer, b_regularizer: penalties on the weights.
        activity_regularizer: penalty on the output.
        W_constraint, b_constraint: functions that the weights go through after each update.
        bias: whether there is a b.
        input_dim: int, the size of the input, where this is the first layer of a Sequential.

    Input shape: (samples, ..., input_dim). Output shape: (samples, ..., output_dim).
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
        )
        self.initial_weights = weights
        self.input_spec = [InputSpec(ndim="2+")]
        if input_dim:
            kwargs["input_shape"] = (input_dim,)
        super().__init__(**kwargs)

    def build(self, input_shape):
        self.input_dim = input_shape[-1]
        self.input_spec = [InputSpec(ndim="2+", shape=(None, self.input_dim))]
        self.W = self.add_weight(
            (self.input_dim, self.output_dim),
            self.init,
            name=f"{self.name}_W",
            regularizer=self.W_regularizer,
            constraint=self.W_constraint,
        )
        self.b = None
        if self.bias:
            self.b = self.add_weight(
                (self.output_dim,),
                "zero",
                name=f"{self.name}_b",
                regularizer=self.b_regularizer,
                constraint=self.b_constraint,
            )
        self.built = True

    def call(self, x, mask=None):
        output = K.dot(x, self.W)
        if self.bias:
            output = output + self.b
        return activate(self, output)

    def get_output_shape_for(self, input_shape):
        return (*input_shape[:-1], self.output_dim)

    def get_config(self):
        names = ("output_dim", "init", "activation", "W_regularizer", "b_regularizer")
        names += ("activity_regularizer", "W_constraint", "b_constraint", "bias", "input_dim")
        return {**super().get_config(), **config_of(self, *names)}
