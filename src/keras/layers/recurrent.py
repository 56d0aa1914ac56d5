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
from .. import initializations
from .. import regularizers as regularizers
from .._graph import Tensor, apply, op
from .._kernels import cells
from ..engine import InputSpec as InputSpec
from ..engine import Layer as Layer
from ..engine.precision import compute_dtype
from ._options import Activation, Initializer, NameOrFunction
from ._recurrent import GatedRecurrent
from ._recurrent import Recurrent as Recurrent


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

    def step(self, x: Tensor, states: list[Tensor]) -> tuple[Tensor, list[Tensor]]:
        h, constants = states[0], states[1:]
        output = apply(self.activation, x + self.recurrent_products(h, constants))
        return output, [output]


class GRU(GatedRecurrent):
    """Gated recurrent unit.

    z = s(W_z x + b_z + U_z h); r = s(W_r x + b_r + U_r h); h' = z h + (1 - z) a(W_h x + b_h + U_h (r h)),
    with s the inner activation and a the activation.

    Reference:
        Cho et al. 2014, arXiv:1406.1078, equations 5-8 (with z and 1 - z as in equation 7).
    """

    gates = ("z", "r", "h")
    inner_activation: Activation

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
        **kwargs: Any,
    ) -> None:
        self._store_options(locals())
        super().__init__(**kwargs)

    def step(self, x: Tensor, states: list[Tensor]) -> tuple[Tensor, list[Tensor]]:
        h, masks = states[0], states[1:] or [1.0, 1.0, 1.0]
        x_z, x_r, x_h = self.split(x)
        U = self.gate_weights("U")
        units = self.output_dim
        if states[1:]:
            h_z, h_r = K.dot(h * masks[0], U[:, :units]), K.dot(h * masks[1], U[:, units : 2 * units])
        else:
            both = K.dot(h, U[:, : 2 * units])
            h_z, h_r = both[:, :units], both[:, units:]
        z = apply(self.inner_activation, x_z + h_z)
        r = apply(self.inner_activation, x_r + h_r)
        candidate = apply(self.activation, x_h + K.dot(r * h * masks[2], U[:, 2 * units :]))
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
        return self.forget_bias_init if gate == "f" else initializations.zero

    def run(
        self, x: Tensor, initial: list[Tensor], mask: Tensor | None
    ) -> tuple[Tensor, Tensor, list[Tensor]]:
        names = self._known_activations()
        U = self.gate_weights("U")
        step_by_step = mask is not None or None in names or self.dropout_U or self.unroll
        changed = any(getattr(type(self), name) is not getattr(LSTM, name) for name in _PARTS_OF_A_STEP)
        dtypes = {np.dtype(tensor.dtype) for tensor in (x, U, *initial)}
        if step_by_step or changed or dtypes != {np.dtype(compute_dtype(self) or K.floatx())}:
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

    def step(self, x: Tensor, states: list[Tensor]) -> tuple[Tensor, list[Tensor]]:
        h, c, constants = states[0], states[1], states[2:]
        x = x + self.recurrent_products(h, constants)
        names = self._known_activations()
        if None not in names:
            h, c = _lstm(x, c, *names)
            return h, [h, c]
        x_i, x_c, x_f, x_o = self.split(x)
        i = apply(self.inner_activation, x_i)
        f = apply(self.inner_activation, x_f)
        c = f * c + i * apply(self.activation, x_c)
        o = apply(self.inner_activation, x_o)
        h = o * apply(self.activation, c)
        return h, [h, c]


_lstm = op(cells.lstm)
_lstm_sequence = op(cells.lstm_sequence)
#: A layer derived from LSTM that overrides one of these runs step by step.
_PARTS_OF_A_STEP = (
    "step",
    "preprocess_input",
    "input_products",
    "recurrent_products",
    "get_constants",
    "gate_weights",
)


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
