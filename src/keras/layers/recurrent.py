"""Recurrent layers.

They take these arguments besides those of `Recurrent`:

    output_dim: int > 0, the number of units.
    init, inner_init: names or functions, the initial values of W and U.
    activation, inner_activation: names or functions; the latter is that of the gates.
    W_regularizer, U_regularizer, b_regularizer: penalties on the weights. As in Keras 1.2.2, in LSTM and GRU
        the U of each gate gets the penalty of W unless consume_less is "gpu".
    dropout_W, dropout_U: floats, 0 <= p < 1, the fraction of the inputs and of the states to drop, the same
        in all steps of a sequence (Gal and Ghahramani 2015, arXiv:1512.05287).
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from .. import activations as activations
from .. import backend as K
from .. import initializations as initializations
from .. import regularizers as regularizers
from .._graph import Tensor, apply, op
from .._kernels import cells
from ..engine import InputSpec as InputSpec
from ..engine import Layer as Layer
from ..engine.precision import compute_dtype
from ._options import Activation, Initializer, NameOrFunction, Option, UnlessDefault
from ._recurrent import GatedRecurrent
from ._recurrent import Recurrent as Recurrent
from ._steps import keeps_all


class SimpleRNN(GatedRecurrent):
    """h_t = activation(W x_t + b + U h_{t-1})."""

    def __init__(
        self,
        output_dim: int,
        init: NameOrFunction = "glorot_uniform",
        inner_init: NameOrFunction = "orthogonal",
        activation: NameOrFunction = "tanh",
        W_regularizer: NameOrFunction | None = None,
        U_regularizer: NameOrFunction | None = None,
        b_regularizer: NameOrFunction | None = None,
        dropout_W: float = 0.0,
        dropout_U: float = 0.0,
        **kwargs: Any,
    ) -> None:
        self._store_options(locals())
        super().__init__(**kwargs)

    def step_of_sums(self, x: Tensor, states: list[Any]) -> tuple[Tensor, list[Tensor]]:
        h, B_U = states
        output = apply(self.activation, x + self.recurrent_products(h, B_U))
        return output, [output]


class GRU(GatedRecurrent):
    """Gated recurrent unit.

    z = s(W_z x + b_z + U_z h); r = s(W_r x + b_r + U_r h); h' = z h + (1 - z) a(W_h x + b_h + U_h (r h)),
    with s the inner activation and a the activation.

    With `reset_after` (as in cuDNN), h' = z h + (1 - z) a(W_h x + b_h + r (U_h h + c_h)), and
    b has the shape (2, 3 output_dim), for the inputs and for the states; it needs consume_less="gpu".

    Reference:
        Cho et al. 2014, arXiv:1406.1078, equations 5-8 (with z and 1 - z as in equation 7).
    """

    gates = ("z", "r", "h")
    inner_activation: Activation
    reset_after: UnlessDefault[Option[bool]]

    def __init__(
        self,
        output_dim: int,
        init: NameOrFunction = "glorot_uniform",
        inner_init: NameOrFunction = "orthogonal",
        activation: NameOrFunction = "tanh",
        inner_activation: NameOrFunction = "hard_sigmoid",
        W_regularizer: NameOrFunction | None = None,
        U_regularizer: NameOrFunction | None = None,
        b_regularizer: NameOrFunction | None = None,
        dropout_W: float = 0.0,
        dropout_U: float = 0.0,
        reset_after: bool = False,
        **kwargs: Any,
    ) -> None:
        self._store_options(locals())
        super().__init__(**kwargs)
        if self.reset_after and self.consume_less != "gpu":
            raise ValueError('GRU: reset_after=True needs consume_less="gpu", as it has two biases.')

    def _biases(self) -> Any:
        """Returns the biases of all gates, (2, size): those of the inputs and those of the state."""
        return getattr(self, "b")  # noqa: B009 - made by `build` with consume_less="gpu" only

    def _bias_shape(self, size: int) -> tuple[int, ...]:
        return (2, size) if self.reset_after else (size,)

    def input_sums(self, x: Tensor) -> Tensor:
        if not self.reset_after or not self.use_bias:
            return super().input_sums(x)
        return self.input_products(x) + self._biases()[0]

    def _reset_after(self, x: Tensor, h: Tensor, B_U: list[Any]) -> Tensor:
        """Returns the new state, where the reset gate is applied after the product."""
        x_z, x_r, x_h = self.split(x)
        products = self.recurrent_products(h, B_U)
        h_z, h_r, h_h = self.split(products + self._biases()[1] if self.use_bias else products)
        z = apply(self.inner_activation, x_z + h_z)
        r = apply(self.inner_activation, x_r + h_r)
        return z * h + (1 - z) * apply(self.activation, x_h + r * h_h)

    def step_of_sums(self, x: Tensor, states: list[Any]) -> tuple[Tensor, list[Tensor]]:
        h, B_U = states
        if self.reset_after:
            output = self._reset_after(x, h, B_U)
            return output, [output]
        x_z, x_r, x_h = self.split(x)
        U = self.gate_weights("U")
        units = self.output_dim
        if keeps_all(B_U[0]) and keeps_all(B_U[1]):
            both = K.dot(h, U[:, : 2 * units])
            h_z, h_r = both[:, :units], both[:, units:]
        else:
            h_z, h_r = K.dot(h * B_U[0], U[:, :units]), K.dot(h * B_U[1], U[:, units : 2 * units])
        z = apply(self.inner_activation, x_z + h_z)
        r = apply(self.inner_activation, x_r + h_r)
        reset = r * h if keeps_all(B_U[2]) else r * h * B_U[2]
        candidate = apply(self.activation, x_h + K.dot(reset, U[:, 2 * units :]))
        output = z * h + (1 - z) * candidate
        return output, [output]


class LSTM(GatedRecurrent):
    """Long short-term memory.

    i, f, o = s(W x + b + U h), each with its own weights; c' = f c + i a(W_c x + b_c + U_c h);
    h' = o a(c'), with s the inner activation and a the activation.

    Reference:
        Hochreiter and Schmidhuber 1997, Neural Computation 9(8), with the forget gate of Gers,
        Schmidhuber and Cummins 2000, Neural Computation 12(10). forget_bias_init: Jozefowicz, Zaremba and
        Sutskever 2015, "An empirical exploration of recurrent network architectures", ICML.
    """

    gates = ("i", "c", "f", "o")
    forget_bias_init: Initializer
    inner_activation: Activation

    def __init__(
        self,
        output_dim: int,
        init: NameOrFunction = "glorot_uniform",
        inner_init: NameOrFunction = "orthogonal",
        forget_bias_init: NameOrFunction = "one",
        activation: NameOrFunction = "tanh",
        inner_activation: NameOrFunction = "hard_sigmoid",
        W_regularizer: NameOrFunction | None = None,
        U_regularizer: NameOrFunction | None = None,
        b_regularizer: NameOrFunction | None = None,
        dropout_W: float = 0.0,
        dropout_U: float = 0.0,
        **kwargs: Any,
    ) -> None:
        self._store_options(locals())
        super().__init__(**kwargs)

    @property
    def nb_states(self) -> int:
        return 2

    def _fused_gates(self) -> tuple[str, ...]:
        return ("i", "f", "c", "o")

    def _bias_init(self, gate: str) -> Callable[..., Any]:
        return self.forget_bias_init if gate == "f" else self.bias_init

    def run(
        self, x: Tensor, initial: list[Tensor], mask: Tensor | None
    ) -> tuple[Tensor, Tensor, list[Tensor]]:
        names = self._known_activations()
        U = self.gate_weights("U")
        step_by_step = mask is not None or None in names or self.dropout_U or self.unroll
        step_by_step = step_by_step or self._has_own_steps()
        dtypes = {np.dtype(tensor.dtype) for tensor in (x, U, *initial)}
        if step_by_step or dtypes != {np.dtype(compute_dtype(self) or K.floatx())}:
            return super().run(x, initial, mask)
        # The kernel has the steps first. The smaller one of inputs and products is transposed.
        if self.dropout_W or (self.input_dim or 0) > len(self.gates) * self.output_dim:
            z = K.permute_dimensions(self.input_products(x), (1, 0, 2))
        else:
            z = self.input_products(K.permute_dimensions(x, (1, 0, 2)))
        b = self.gate_weights("b")
        outputs, *last = _lstm_sequence(z, U, b, *initial, *names, self.go_backwards)
        outputs = outputs[::-1] if self.go_backwards else outputs
        return last[0], K.permute_dimensions(outputs, (1, 0, 2)), last

    def _known_activations(self) -> list[str | None]:
        return [_known_name(function) for function in (self.activation, self.inner_activation)]

    def step_of_sums(self, x: Tensor, states: list[Any]) -> tuple[Tensor, list[Tensor]]:
        h, c, B_U = states
        x = x + self.recurrent_products(h, B_U)
        names = self._known_activations()
        if None not in names:
            h, c = _lstm(x, c, *names)
            return h, [h, c]
        x_i, x_f, x_c, x_o = self.split(x)
        i = apply(self.inner_activation, x_i)
        f = apply(self.inner_activation, x_f)
        c = f * c + i * apply(self.activation, x_c)
        o = apply(self.inner_activation, x_o)
        h = o * apply(self.activation, c)
        return h, [h, c]


class CuDNNLSTM(LSTM):
    """Keras 2's LSTM for GPUs, which becomes an `LSTM` with logistic gates on construction."""


class CuDNNGRU(GRU):
    """Keras 2's GRU for GPUs, which becomes a `GRU(reset_after=True)` with logistic gates on construction."""


_lstm = op(cells.lstm)
_lstm_sequence = op(cells.lstm_sequence)


def _known_name(activation: Any) -> str | None:
    """Returns the name of an activation of this library whose derivative is in `cells`, else None."""
    name = getattr(activation, "__name__", "")
    known = name in cells.ACTIVATIONS and activation is getattr(activations, name)
    return name if known else None


def time_distributed_dense(
    x: Tensor,
    w: Tensor,
    b: Tensor | None = None,
    dropout: float | None = None,
    input_dim: int | None = None,
    output_dim: int | None = None,
    timesteps: int | None = None,
) -> Tensor:
    """Returns x w + b for each step.

    Args:
        x: tensor (samples, steps, features).
        w: tensor (features, units).
        b: tensor (units,), or None for no bias.
        dropout: float, 0 <= dropout < 1, the fraction of the features to drop in training, the same in all
            steps.
        input_dim, output_dim, timesteps: ignored; they follow from the shapes.

    Returns:
        Tensor (samples, steps, units).
    """
    if dropout:
        ones = K.ones_like(x[:, :1, :])
        x = x * K.in_train_phase(K.dropout(ones, dropout), ones)
    x = K.dot(x, w)
    return x if b is None else x + b
