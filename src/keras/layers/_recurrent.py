"""`Recurrent`, the base of the recurrent layers over vectors, and the weights of SimpleRNN, GRU and LSTM."""

import warnings
from collections.abc import Callable, Sequence
from typing import Annotated, Any

import numpy as np

from .. import backend as K
from .._base.types import ArrayLike, Config, Shape
from .._graph import Tensor, Variable, op
from .._kernels import sums
from ..engine import InputSpec
from ._options import (
    Activation,
    Constraint,
    Fraction,
    Initializer,
    NameOrFunction,
    Option,
    PositiveInt,
    Regularizer,
    UnlessDefault,
    as_plain_data,
    inputs_of,
    one_of,
)
from ._steps import StepLayer, dropout_masks, keeps_all


@op
def _add_bias(x, bias):
    return sums.add_bias(x, bias) if x.dtype == bias.dtype else x + bias


class Recurrent(StepLayer):
    """Base of the recurrent layers. Use SimpleRNN, GRU or LSTM, or derive from this.

    A derived class sets `output_dim` and defines `build` and `step`.

    Args:
        weights: list of arrays, the initial weights.
        return_sequences: bool, whether to return the output of every step, or of the last step only.
        go_backwards: bool, whether to start with the last step; the outputs are then in that order.
        stateful: bool, whether sample i of a batch starts from the last state of sample i of the previous
            batch; needs a known batch size (`batch_input_shape`).
        unroll: bool, whether to unroll the loop over the steps; needs a known number of steps.
        consume_less: "cpu" and "mem" give each gate its own weights; "gpu" puts the gates of LSTM and GRU
            in one W, U and b. The results are the same, except for penalties; the files differ.
        input_dim: int, the number of features of the input, for the first layer of a Sequential.
        input_length: int, the number of steps of the input; None if it varies.
        return_state: bool, whether to return a list of the output and the states after the last step.

    Input shape: (samples, steps, features). Output shape: (samples, output_dim), or (samples, steps,
    output_dim) with return_sequences. Masked steps do not change the state.
    """

    unroll: Option[bool]
    consume_less: Annotated[str, one_of("cpu", "mem", "gpu")]
    input_dim: Option[int | None]
    input_length: Option[int | None]
    output_dim: int
    input_spec = inputs_of(ndim=3)

    def __init__(
        self,
        weights: Sequence[ArrayLike] | None = None,
        return_sequences: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        unroll: bool = False,
        consume_less: str = "cpu",
        input_dim: int | None = None,
        input_length: int | None = None,
        return_state: bool = False,
        **kwargs: Any,
    ) -> None:
        self._store_options(locals())
        if input_dim:
            kwargs["input_shape"] = (input_length, input_dim)
        super().__init__(**kwargs)

    def get_initial_states(self, x: Tensor) -> list[Tensor]:
        """Returns zeros of shape (samples, output_dim) for each state."""
        zeros = K.zeros_like(K.tile(x[:, 0, :1], (1, self.output_dim)))
        # A derived class in the manner of Keras 1 sets as many `states` in `build` as it has.
        return [zeros] * len(getattr(self, "states", None) or [None] * self.nb_states)

    def _state_shape(self, input_shape: Shape) -> Shape:
        return input_shape[0], self.output_dim

    def call(self, x: Any, mask: Any = None) -> Any:
        if self.unroll and K.int_shape(x[0] if isinstance(x, list) else x)[1] is None:
            raise ValueError(
                f"Cannot unroll {type(self).__name__} {self.name!r}: the number of steps is unknown. Pass "
                "input_length, or a shape with the steps, or unroll=False."
            )
        return super().call(x, mask)

    def get_output_shape_for(self, input_shape: Shape) -> Shape:
        if self.return_sequences:
            return input_shape[0], input_shape[1], self.output_dim
        return input_shape[0], self.output_dim

    def get_config(self) -> Config:
        config = super().get_config()
        if not (self.stateful and self.built):
            return config
        # A stateful layer has the shape of its batches in place of input_dim and input_length.
        shape = self.inbound_nodes[0].input_shapes[0] if self.inbound_nodes else self.input_spec[0].shape
        del config["input_length"]
        config["input_dim"] = shape
        return {"batch_input_shape" if key == "input_dim" else key: config[key] for key in config}


class GatedRecurrent(Recurrent):
    """Base of SimpleRNN, GRU and LSTM: weights W, U and b for each gate.

    A derived class defines `step`, which receives W x + b of all gates side by side.
    """

    #: Names of the gates in the order of the weights; a layer with one "gate" has no suffix.
    gates: tuple[str, ...] = ("",)

    output_dim: PositiveInt
    init: Initializer
    inner_init: Initializer
    activation: Activation
    W_regularizer: Regularizer
    U_regularizer: Regularizer
    b_regularizer: Regularizer
    dropout_W: Fraction
    dropout_U: Fraction
    bias_init: UnlessDefault[Initializer]
    use_bias: UnlessDefault[Option[bool]]
    W_constraint: UnlessDefault[Constraint]
    U_constraint: UnlessDefault[Constraint]
    b_constraint: UnlessDefault[Constraint]
    activity_regularizer: UnlessDefault[Regularizer]

    def __init__(
        self,
        bias_init: NameOrFunction = "zero",
        use_bias: bool = True,
        W_constraint: NameOrFunction | None = None,
        U_constraint: NameOrFunction | None = None,
        b_constraint: NameOrFunction | None = None,
        activity_regularizer: NameOrFunction | None = None,
        **kwargs: Any,
    ) -> None:
        self._store_options(locals())
        super().__init__(**kwargs)

    # --- weights ---------------------------------------------------------------------------------

    def build(self, input_shape: Shape) -> None:
        self.input_spec = [InputSpec(shape=tuple(input_shape))]
        self.input_dim = input_shape[2]
        if self.stateful:
            self.reset_states()
        else:
            self.states = [None] * self.nb_states
        if self.consume_less == "gpu" and len(self.gates) > 1:
            self._add_fused_weights()
        else:
            self._warn_of_penalties()
            for gate in self.gates:
                self._add_gate(gate)
        # Once built, the layer accepts other numbers of steps and samples, but not of features.
        batch = input_shape[0] if self.stateful else None
        # A `call` in the manner of Keras 1 reads the number of steps from here.
        steps = input_shape[1] if self._overrides("call") else None
        self.input_spec = [InputSpec(shape=(batch, steps, self.input_dim))]
        self.built = True

    def _warn_of_penalties(self) -> None:
        of_U, of_W = as_plain_data(self.U_regularizer), as_plain_data(self.W_regularizer)
        if len(self.gates) > 1 and of_U not in (None, of_W):
            warnings.warn(
                f"Layer {self.name!r}: as in Keras 1.2.2, the U of each gate gets the penalty W_regularizer, "
                'and U_regularizer has no effect. consume_less="gpu" gives W and U their own.',
                stacklevel=2,
            )

    def _add_gate(self, gate: str) -> None:
        suffix = f"_{gate}" if gate else ""
        # As in Keras 1.2.2, the U of a gate gets the penalty of W: trained models depend on it.
        U_regularizer = self.W_regularizer if gate else self.U_regularizer
        units = self.output_dim
        features: Any = self.input_dim  # `add_weight` raises if it is not known
        for kind, shape, init, regularizer in (
            ("W", (features, units), self.init, self.W_regularizer),
            ("U", (units, units), self.inner_init, U_regularizer),
            ("b", (units,), self._bias_init(gate), self.b_regularizer),
        ):
            self._add_part(kind, suffix, shape, init, regularizer)

    def _add_part(self, kind: str, suffix: str, shape: Any, init: Any, regularizer: Any) -> None:
        """Adds one of W, U and b; the bias only if the layer has one."""
        if kind == "b" and not self.use_bias:
            return
        weight = self.add_weight(
            shape,
            init,
            name=f"{self.name}_{kind}{suffix}",
            regularizer=regularizer,
            constraint=getattr(self, f"{kind}_constraint"),
        )
        setattr(self, kind + suffix, weight)

    def _add_fused_weights(self) -> None:
        """Adds one W, U and b with the gates side by side, in the order of the original's "gpu" mode."""
        gates, units = self._fused_gates(), self.output_dim
        features: Any = self.input_dim  # `add_weight` raises if it is not known

        def side_by_side(of_gate: Callable[[str], Callable[..., Any]]) -> Callable[..., Variable]:
            def make(shape, name=None):
                parts = [K.get_value(of_gate(gate)((*shape[:-1], units))) for gate in gates]
                return K.variable(np.concatenate(parts, axis=-1), name=name)

            return make

        for kind, rows, of_gate, regularizer in (
            ("W", (features,), lambda gate: self.init, self.W_regularizer),
            ("U", (units,), lambda gate: self.inner_init, self.U_regularizer),
            ("b", (), self._bias_init, self.b_regularizer),
        ):
            shape = (*rows, len(gates) * units) if rows else self._bias_shape(len(gates) * units)
            self._add_part(kind, "", shape, side_by_side(of_gate), regularizer)

    def _bias_shape(self, size: int) -> tuple[int, ...]:
        return (size,)

    def _fused_gates(self) -> tuple[str, ...]:
        """Returns the gates in the order in which they stand side by side, as in "gpu" files."""
        return self.gates

    def _bias_init(self, gate: str) -> Callable[..., Any]:
        return self.bias_init

    def gate_weights(self, kind: str) -> Tensor:
        """Returns W, U or b of all gates side by side, in the order of `_fused_gates`.

        The shape is (..., gates * output_dim).
        """
        if kind == "b" and not self.use_bias:
            return K.zeros((len(self.gates) * self.output_dim,))
        if len(self.gates) == 1 or self.consume_less == "gpu":
            return getattr(self, kind)
        return K.concatenate([getattr(self, f"{kind}_{gate}") for gate in self._fused_gates()])

    def split(self, x: Tensor) -> list[Tensor]:
        """Returns the parts of a tensor that belong to the gates, along its last axis."""
        units = self.output_dim
        return [x[..., i * units : (i + 1) * units] for i in range(len(self.gates))]

    # --- running ---------------------------------------------------------------------------------
    #
    # `preprocess_input`, `get_constants` and `step` are those of Keras 1.2.2, which derived classes call and
    # override. A layer that leaves the three alone computes all products of its inputs before the loop in
    # every mode, and no dropout mask that it does not use.

    def preprocess_input(self, x: Tensor) -> Tensor:
        """Returns the inputs of `step`: W x + b of all gates for consume_less="cpu", else x itself.

        The order of the gates is that of the weights of consume_less="gpu": z, r, h and i, f, c, o.
        """
        return self.input_sums(x) if self.consume_less == "cpu" else x

    def get_constants(self, x: Tensor) -> list[Any]:
        """Returns [B_U, B_W], the dropout masks of the states and of the inputs; `step` gets them.

        Each is a list with a mask for each gate (SimpleRNN: a mask). One that drops nothing is the number 1.
        A derived class appends its own constants: its `step` finds them after the states, B_U and B_W.
        """
        inputs = K.ones_like(x[:, 0, :])
        masks = [self._recurrent_masks(x), self._masks(inputs, self.dropout_W)]
        return masks if len(self.gates) > 1 else [mask for (mask,) in masks]

    def step(self, x: Tensor, states: list[Any]) -> tuple[Tensor, list[Tensor]]:
        """Computes one step.

        Args:
            x: one step of what `preprocess_input` returned.
            states: list of the states, B_U and B_W. What follows them is for derived classes.
        Returns:
            (output, new states).
        """
        own = self.nb_states
        if self.consume_less != "cpu":
            x = _add_bias(self._products(x, "W", states[own + 1]), self.gate_weights("b"))
        return self.step_of_sums(x, states[: own + 1])

    def step_of_sums(self, x: Tensor, states: list[Any]) -> tuple[Tensor, list[Tensor]]:
        """Computes one step from W x + b of all gates: (x, states and B_U) -> (output, new states)."""
        raise NotImplementedError(f"{type(self).__name__} must define step_of_sums(x, states).")

    def input_sums(self, x: Tensor) -> Tensor:
        """Returns W x + b for all steps and gates; (samples, steps, gates * output_dim)."""
        return _add_bias(self.input_products(x), self.gate_weights("b"))

    def input_products(self, x: Tensor) -> Tensor:
        """Returns W x for all steps and gates, one product; (samples, steps, gates * output_dim)."""
        if not self.dropout_W:
            return K.dot(x, self.gate_weights("W"))
        # One draw for each gate, the same in all steps.
        return self._products(x, "W", self._masks(K.ones_like(x[:, :1, :]), self.dropout_W))

    def recurrent_products(self, h: Tensor, masks: Any) -> Tensor:
        """Returns U h for all gates side by side, (samples, gates * output_dim).

        Args:
            h: the state, (samples, output_dim).
            masks: B_U; see `get_constants`.
        """
        return self._products(h, "U", masks)

    def _products(self, x: Tensor, kind: str, masks: Any) -> Tensor:
        masks = masks if isinstance(masks, list | tuple) else [masks]
        weights = self.gate_weights(kind)
        if all(keeps_all(mask) for mask in masks):
            return K.dot(x, weights)
        products = [K.dot(x * mask, own) for mask, own in zip(masks, self.split(weights), strict=True)]
        return K.concatenate(products) if len(products) > 1 else products[0]

    def _recurrent_masks(self, x: Tensor) -> list[Any]:
        """Returns a dropout mask of the states for each gate."""
        return self._masks(K.ones_like(K.tile(x[:, 0, :1], (1, self.output_dim))), self.dropout_U)

    def _masks(self, ones: Tensor, dropped: float) -> list[Any]:
        return dropout_masks(ones, dropped, len(self.gates))
