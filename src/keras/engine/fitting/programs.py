"""The three programs of a model: a training step, a test step, a prediction."""

from typing import Any

import jax.numpy as jnp

from ... import backend as K
from ..._graph import Function, Tensor
from ...optimizers import Optimizer
from ..precision import float32_outputs

#: The methods as they are defined here, by name.
_OWN_METHODS = {"get_updates": Optimizer.get_updates, "get_gradients": Optimizer.get_gradients}


def run_program(model: Any, program: Any, arrays: list[Any], phase: int) -> Any:
    """Runs a program of a model and returns its values, a list of arrays.

    A subclass may make programs of its own, as in Keras 1: any function of a list of arrays. The learning
    phase is then the last array, if the outputs of the model depend on it or the program takes it.

    Args:
        model: a `Model`.
        program: its train, test or predict function.
        arrays: list of arrays, without the learning phase.
        phase: int, the learning phase.
    """
    is_ours = hasattr(program, "run")
    takes_phase = program.takes_phase if is_ours else model.uses_learning_phase
    if takes_phase:
        arrays = [*arrays, phase]
    return program.run(arrays, train=phase) if is_ours else program(arrays)


def train_function(model: Any) -> Function:
    """Returns the program of a training step; its outputs are those of `model.metrics_names`."""
    return Function(
        [*model.inputs, *model.targets, *model.sample_weights],
        [model.total_loss, *model.metrics_tensors],
        _updates(model),
        name=f"{model.name}.train",
        # While a `NonFiniteWatch` is on, a step whose loss is not finite changes nothing.
        condition=_is_taken(model.total_loss, model._takes_any_loss),
    )


def test_function(model: Any) -> Function:
    """Returns the program of a test step; its outputs are those of `model.metrics_names`."""
    return Function(
        [*model.inputs, *model.targets, *model.sample_weights],
        [model.total_loss, *model.metrics_tensors],
        [*model.state_updates, *model.metrics_updates],
        name=f"{model.name}.test",
    )


def predict_function(model: Any) -> Function:
    """Returns the program that computes the outputs, in float32 under any policy."""
    return Function(model.inputs, float32_outputs(model), model.state_updates, name=f"{model.name}.predict")


def _updates(model: Any) -> list[tuple[Any, Any]]:
    """The updates of a step, from the layers, the optimizer and the loss scale."""
    optimizer, scale, loss = model.optimizer, model._loss_scale, model.total_loss
    params, constraints = model._collected_trainable_weights, model.constraints
    takes_gradients, is_good = _takes_gradients(optimizer), None
    if takes_gradients or scale:
        differentiate = scale.gradients if scale else K.gradients
        gradients = differentiate(loss, params)
        if scale:
            gradients, is_good = scale.unscaled(gradients)
        if takes_gradients:
            changes = optimizer.updates_for(params, constraints, optimizer.clipped(params, gradients))
        else:
            changes = optimizer.get_updates(params, constraints, _with_gradients(loss, params, gradients))
    else:
        changes = optimizer.get_updates(params, constraints, loss)
    if isinstance(optimizer, Optimizer):
        optimizer.continue_from_state()
    updates = [*model.updates, *model.metrics_updates, *changes]
    return updates if is_good is None else scale.guarded(updates, is_good)


def _takes_gradients(optimizer: Any) -> bool:
    """Whether `updates_for` does the same as the methods of the optimizer.

    Programs of the time replace these methods in a subclass, on one object, or in `Optimizer` itself.
    """
    methods = (getattr(getattr(optimizer, name, None), "__func__", None) for name in _OWN_METHODS)
    return all(method is own for method, own in zip(methods, _OWN_METHODS.values(), strict=True))


def _with_gradients(loss: Tensor, params: list[Any], gradients: list[Any]) -> Tensor:
    """A tensor with the value of `loss` and the given gradients, for optimizers that take a loss.

    With s the sum of p * g over all parameters, g held constant, ds/dp is g: the result is loss + (s - s)
    where the loss and the second s are held constant, too.
    """
    terms = [K.sum(p * K.stop_gradient(g)) for p, g in zip(params, gradients, strict=True) if g is not None]
    if not terms:
        return loss
    total = sum(terms[1:], terms[0])
    return K.stop_gradient(loss) + (total - K.stop_gradient(total))


@K.op
def _is_taken(loss, takes_any_loss):
    return jnp.isfinite(loss) | (takes_any_loss != 0)
