"""`K.rnn`: a step function run over the time axis."""

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from .. import _graph
from .._base.types import TensorLike
from .._graph import Run, Subgraph, Tensor
from .control import as_tensor


def rnn(
    step_function: Callable[[Tensor, list[Tensor]], tuple[Tensor, Sequence[Tensor]]],
    inputs: TensorLike,
    initial_states: Sequence[TensorLike],
    go_backwards: bool = False,
    mask: TensorLike | None = None,
    constants: Sequence[TensorLike] | None = None,
    unroll: bool = False,
    input_length: int | None = None,
) -> tuple[Tensor, Tensor, list[Tensor]]:
    """Runs a step function over the steps of a tensor.

    Args:
        step_function: function (x_t, states) -> (output, new states): x_t of shape (samples, ...),
            states a list of tensors (samples, ...) followed by the constants.
        inputs: tensor (samples, steps, ...), of rank 3 or more.
        initial_states: list of tensors (samples, ...).
        go_backwards: whether to start with the last step; the outputs then come in that order.
        mask: tensor (samples, steps): where it is 0 the states are kept, and the output is the first
            state if that has the shape of the output, else the output of the step before (zeros at the
            first step). With `unroll`, or if `step_function.keeps_output` is set, it is always the output of
            the step before.
        constants: list of tensors that are passed to each step, after the states.
        unroll: whether to unroll the loop; the number of steps must be known.
        input_length: ignored, as it follows from the shape.
    Returns:
        (last output, outputs (samples, steps, ...), list of the last states).
    Raises:
        ValueError: if `inputs` has fewer than 3 axes, or `unroll` and the number of steps is unknown.
    """
    inputs = as_tensor(inputs)
    if inputs.ndim < 3:
        raise ValueError(f"rnn: inputs need rank 3 or more, (samples, steps, ...); got {inputs.shape}.")
    if unroll and inputs.shape[1] is None:
        raise ValueError(f"rnn: unroll=True needs a known number of steps; got shape {inputs.shape}.")
    states = [as_tensor(state) for state in initial_states]
    constants = list(constants or [])

    def step(x: Tensor, *states: Tensor) -> list[Tensor]:
        output, new_states = step_function(x, [*states, *constants])
        if len(new_states) != len(states):
            raise ValueError(
                f"rnn: the step function got {len(states)} states and returned {len(new_states)}."
            )
        return [output, *new_states]

    x_spec = ((inputs.sizes[0], *inputs.sizes[2:]), inputs.dtype)
    body = Subgraph(step, [x_spec, *((s.sizes, s.dtype) for s in states)])
    if mask is not None:
        mask = as_tensor(mask)
        mask = mask if mask.ndim == 2 else mask[:, :, 0]
    rule = _Loop(body, go_backwards, unroll, step_function)
    last, outputs, *new_states = _graph.record(
        rule, inputs, states, mask, body.captured, name="rnn", needs_run=True, body=body
    )
    return last, outputs, new_states


class _Loop:
    """The rule of an `rnn` node: a scan over time of the step's graph.

    `step_function` is kept for whoever asks which layer's steps these are.
    """

    def __init__(
        self, body: Subgraph, go_backwards: bool, unroll: bool, step_function: Callable[..., Any]
    ) -> None:
        self.step_function = step_function
        self.body = body
        self.go_backwards = go_backwards
        self.unroll = unroll
        # The first state of a cell of Keras 2 may have the shape of its output and be something else.
        self.keeps_output = unroll or getattr(step_function, "keeps_output", False)

    def __call__(
        self, run: Run, inputs: jax.Array, states: list[jax.Array], mask: Any, captured: list[Any]
    ) -> tuple[jax.Array, ...]:
        xs = jnp.moveaxis(inputs, 1, 0)
        masks = None if mask is None else jnp.moveaxis(jnp.asarray(mask) != 0, 1, 0)
        output = self._output_like(run, xs, states, captured)
        carry = (jnp.uint32(0), tuple(states), output)

        def step(carry: Any, item: Any) -> tuple[Any, jax.Array]:
            index, states, previous = carry
            x, keep = item
            if keep is not None:
                # What the step computes is dropped; it must be finite, or its gradient, times 0, is NaN.
                x = _where(keep, x, jnp.zeros_like(x))
            output, *new = self.body.call([x, *states], captured, run.at(index))
            new = [value.astype(state.dtype) for value, state in zip(new, states, strict=True)]
            if keep is not None:
                # As in Keras 1.2.2. If a cell's output is its first state, the two are equal, except before
                # the first unmasked step if the initial states are not zeros.
                first = not self.keeps_output and states and states[0].shape == output.shape
                old = states[0] if first else previous
                output = _where(keep, output, old)
                new = [_where(keep, value, state) for value, state in zip(new, states, strict=True)]
            return (index + 1, tuple(new), output), output

        (_, states, last), outputs = lax.scan(
            step, carry, (xs, masks), reverse=self.go_backwards, unroll=bool(self.unroll) or 1
        )
        if self.go_backwards:
            outputs = outputs[::-1]
        return last, jnp.moveaxis(outputs, 0, 1), *states

    def _output_like(
        self, run: Run, xs: jax.Array, states: list[jax.Array], captured: list[Any]
    ) -> jax.Array:
        """Zeros in the shape of a step's output, which is inferred without computing a step."""

        def output(x: jax.Array, states: list[jax.Array]) -> jax.Array:
            return self.body.call([x, *states], captured, run.at(jnp.uint32(0)))[0]

        spec = jax.eval_shape(output, jax.ShapeDtypeStruct(xs.shape[1:], xs.dtype), states)
        return jnp.zeros(spec.shape, spec.dtype)


def _where(keep: jax.Array, new: jax.Array, old: jax.Array) -> jax.Array:
    return jnp.where(keep.reshape(keep.shape + (1,) * (new.ndim - 1)), new, old)
