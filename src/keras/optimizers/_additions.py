"""What any optimizer can do beside its rule: accumulate gradients, average weights, scale steps by layer."""

from collections.abc import Mapping, Sequence
from typing import Any

import jax.numpy as jnp

from .. import backend as K
from .._base.types import TensorLike
from .._graph import Variable


@K.op
def _is_due(count, period):
    return count + 1 >= period


@K.op
def _sum_or_zero(total, due):
    return jnp.where(due, jnp.zeros_like(total), total)


@K.op
def _if_due(due, new, old):
    return jnp.where(due, jnp.asarray(new, old.dtype), old)


@K.op
def _moved_average(average, new, momentum):
    return momentum * average + (1.0 - momentum) * new


@K.op
def _scaled_step(old, new, factor):
    return old + factor * (new - old)


class Accumulator:
    """Sums of gradients over several batches; an update is due at the last of them.

    Args:
        period: int, number of batches for an update.
        sums: list of variables, zeros, one for each parameter.
        count: variable, int32 0.
    """

    def __init__(self, period: int, sums: Sequence[Variable], count: Variable) -> None:
        self.period = period
        self.sums = list(sums)
        self.count = count
        self.due = _is_due(count, period)

    @property
    def weights(self) -> list[Variable]:
        """The state."""
        return [self.count, *self.sums]

    def means(self, gradients: Sequence[TensorLike]) -> list[Any]:
        """Returns the mean gradients over the batches so far; at the last one over all."""
        pairs = zip(self.sums, gradients, strict=True)
        self._totals: list[Any] = [total + g for total, g in pairs]
        return [total / self.period for total in self._totals]

    def guarded(self, updates: Sequence[Any]) -> list[Any]:
        """Returns updates that take place when they are due, and those of the sums."""
        held = [K.update(variable, _if_due(self.due, new, variable)) for variable, new in updates]
        sums = [
            K.update(variable, _sum_or_zero(total, self.due))
            for variable, total in zip(self.sums, self._totals, strict=True)
        ]
        count: TensorLike = self.count
        return [*held, K.update(self.count, _sum_or_zero(count + 1, self.due)), *sums]


def moved_averages(averages: Sequence[Variable], updates: Sequence[Any], params: Any, momentum: float) -> Any:
    """Returns the updates of the running averages of parameters, from those of the parameters."""
    new = dict(updates)
    return [
        K.update(average, _moved_average(average, new[p], momentum))
        for average, p in zip(averages, params, strict=True)
    ]


def multiplied(p: Variable, new_p: TensorLike, factor: float) -> TensorLike:
    """Returns the new value of a parameter if its step is multiplied by a factor."""
    return new_p if factor == 1 else _scaled_step(p, new_p, factor)


def factors_of(
    paths: Mapping[Variable, tuple[str, ...]], multipliers: Mapping[str, float], owner: str
) -> dict[Variable, float]:
    """Returns the factor of each weight that has one.

    Args:
        paths: the names of the layers of each weight from the outside in, then its own.
        multipliers: dict name of a layer, a model inside the model or a weight -> factor. The innermost name
            decides.
        owner: the optimizer, for messages.

    Raises:
        ValueError: a name is unknown.
    """
    known = dict.fromkeys(name for path in paths.values() for name in path)
    for name in multipliers:
        if name not in known:
            raise ValueError(
                f"{owner}: lr_multipliers names {name!r}; the layers and weights of the model are "
                f"{', '.join(known)}."
            )
    named = {p: [multipliers[name] for name in path if name in multipliers] for p, path in paths.items()}
    return {p: found[-1] for p, found in named.items() if found}
