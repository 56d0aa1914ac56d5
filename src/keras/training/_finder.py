"""A search for the learning rate: losses of batches while the rate grows."""

from typing import Any, NamedTuple

import numpy as np

from .. import backend as K
from .._base.types import ArrayLike
from .._graph import Variable


class RateSearch(NamedTuple):
    """The result of `find_learning_rate`.

    Attributes:
        rates: list of float, the learning rates.
        losses: list of float, the smoothed loss at each.
        suggestion: float, the rate at which the loss falls fastest.
    """

    rates: list[float]
    losses: list[float]
    suggestion: float


def find_learning_rate(
    model: Any,
    x: ArrayLike,
    y: ArrayLike,
    lowest: float = 1e-6,
    highest: float = 1.0,
    steps: int = 100,
    batch_size: int = 32,
    smoothing: float = 0.9,
) -> RateSearch:
    """Trains with a learning rate that grows from batch to batch, and suggests one. The model does not
    change.

    The search ends early when the loss is four times its least value, or not finite.

    Args:
        model: a compiled model, whose optimizer has a number as its learning rate.
        x, y: as in `fit`, arrays; a random part of the samples is taken for each batch.
        lowest, highest: floats, the first and the last rate.
        steps: int, number of batches.
        batch_size: int.
        smoothing: float in [0, 1), the part of the previous smoothed loss in the next one.

    Returns:
        `RateSearch` (rates, losses, suggestion). For a curve, plot losses over rates with a logarithmic axis.

    Raises:
        ValueError: the learning rate cannot be set, or no loss was finite.

    Reference:
        Smith 2015, arXiv:1506.01186, section 3.3.
    """
    model._check_compiled()
    lr = getattr(model.optimizer, "lr", None)
    if not isinstance(lr, Variable):
        raise ValueError(
            f"find_learning_rate: {type(model.optimizer).__name__} has no learning rate that can be set, "
            "such as that of SGD(lr=0.01)."
        )
    model._make_train_function()
    variables = {v.key: v for v in [*model.weights, *model.train_function.updated, lr]}.values()
    before = [(v, v.get_value()) for v in variables]
    step = model.train_function.step
    random, size = np.random.RandomState(0), len(_first(x))
    rates, losses, average = [], [], 0.0
    try:
        for i, rate in enumerate(np.geomspace(lowest, highest, steps)):
            K.set_value(lr, rate)
            rows = random.randint(0, size, min(batch_size, size))
            loss = float(np.ravel(model.train_on_batch(_rows(x, rows), _rows(y, rows)))[0])
            if not np.isfinite(loss):
                break
            average = smoothing * average + (1 - smoothing) * loss
            rates.append(float(rate))
            losses.append(average / (1 - smoothing ** (i + 1)))
            if losses[-1] > 4 * min(losses):
                break
    finally:
        K.batch_set_value(before)
        model.train_function.step = step
    if len(losses) < 2:
        raise ValueError(f"find_learning_rate: the loss is not finite from {lowest} on; begin with less.")
    slopes = np.gradient(np.asarray(losses), np.log(rates))
    return RateSearch(rates, losses, rates[int(np.argmin(slopes))])


def _first(data: Any) -> Any:
    if isinstance(data, dict):
        data = list(data.values())
    return data[0] if isinstance(data, list | tuple) else data


def _rows(data: Any, rows: np.ndarray) -> Any:
    if isinstance(data, dict):
        return {name: _rows(array, rows) for name, array in data.items()}
    if isinstance(data, list | tuple):
        return [_rows(array, rows) for array in data]
    return data[rows]
