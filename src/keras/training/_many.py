"""Many trainings of one model in one program: other seeds, other settings of the optimizer."""

from collections.abc import Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from .. import backend as K
from .._base.custom_objects import given_to_call
from .._base.types import ArrayLike
from .._graph import Function, Variable
from .._host.platform import compiler_options
from ..callbacks import History
from ..engine.copying import copied_model, current_values
from ..engine.fitting import calls, checks, feeds, loop
from ..engine.fitting.feeds.base import Data, Position
from ..engine.weight_order import unfrozen_order
from ..optimizers import Optimizer

#: The distance of the step numbers of two members, from which the keys of their random ops are folded.
_STEP_DISTANCE = 0x9E3779B1


def fit_many(
    model: Any,
    x: ArrayLike,
    y: ArrayLike,
    seeds: int | Sequence[int] | None = None,
    settings: Mapping[str, Sequence[float]] | None = None,
    batch_size: int = 32,
    nb_epoch: int = 10,
    verbose: int = 0,
    validation_data: Any = None,
    shuffle: bool | str = True,
    class_weight: Any = None,
    sample_weight: Any = None,
) -> list[History]:
    """Trains many copies of a model at once, by `jax.vmap`: each with its own seed, or its own settings.

    A copy begins with new weights. Its seed decides them and the order of the samples: the numbers are those
    of

        np.random.seed(seed); build and compile the model; model.fit(x, y, ...)

    up to rounding; dropout draws other numbers, except for the first copy. The model itself does not change.
    All copies are in memory at once, and share the data. A small model trains many times faster in this way.

    Args:
        model: a compiled `Model` or `Sequential`.
        x, y, batch_size, nb_epoch, shuffle, class_weight, sample_weight: as in `fit`.
        seeds: number of copies, with the seeds 0, 1, ..., or a list of seeds. By default 8, or, with
            `settings`, seed 0 for each.
        settings: dict name of a number of the optimizer, such as "lr" -> list of values, one for each copy.
        verbose: 1 prints a line for each epoch, with the mean and the spread of the losses.
        validation_data: (x, y) or (x, y, sample weights), the same for all copies.

    Returns:
        List of `History`, one for each copy. Beside `history` it has `model`, the trained copy, `seed` and
        `settings`.

    Raises:
        ValueError: numbers of seeds and settings differ, the optimizer has no such number, or the model is
            stateful.

    Example:
        >>> import numpy as np
        >>> from keras.layers import Dense, Input
        >>> from keras.models import Model
        >>> a = Input(shape=(3,))
        >>> model = Model(input=a, output=Dense(1)(a))
        >>> model.compile(optimizer="sgd", loss="mse")
        >>> x, y = np.ones((8, 3)), np.zeros((8, 1))
        >>> members = model.fit_many(x, y, settings={"lr": [0.01, 0.1]}, nb_epoch=3)
        >>> best = min(members, key=lambda member: member.history["loss"][-1])
        >>> best.settings
        {'lr': 0.1}
    """
    model._check_compiled()
    if model.stateful:
        raise ValueError(f"fit_many: model {model.name!r} is stateful, and they differ in each copy.")
    members = _members(model, seeds, settings or {})
    batch_size = checks.check_batch_size(batch_size)
    data = Data(x, y, sample_weight, class_weight, batch_size, shuffle)
    first = members[0].model
    feed = feeds.feed_of(first, data, "train")
    held_out = None
    if validation_data is not None:
        held_out = calls.validation_feed(first, Data(validation_data, batch_size=batch_size), nb_epoch)
    for member in members:
        member.model._make_train_function()
    training = _Group(members, "train", 1, feed)
    validation = None if held_out is None else _Group(members, "test", 0, held_out)
    labels = loop._labels(first.metrics_names)
    for epoch in range(nb_epoch):
        values = training.run(batch_size, [member.order(feed) for member in members])
        logs = dict(zip(labels, values, strict=True))
        if validation is not None:
            validation.follow(training)
            order = np.arange(len(validation.arrays[0]))
            values = validation.run(batch_size, [order] * len(members))
            logs |= {f"val_{label}": value for label, value in zip(labels, values, strict=True)}
        for place, member in enumerate(members):
            member.on_epoch_end(epoch, {name: float(values[place]) for name, values in logs.items()})
        if verbose:
            shown = [f"{name}: {values.mean():.4f} +- {values.std():.4f}" for name, values in logs.items()]
            print(f"Epoch {epoch + 1}/{nb_epoch} - {' - '.join(shown)}")
    training.write_back()
    return list(members)


class Member(History):
    """One of several trainings; what `History` has, and:

    Attributes:
        model: the trained copy.
        seed: int.
        settings: dict name -> value.
    """

    def __init__(self, model: Any, seed: int, settings: dict[str, float]) -> None:
        super().__init__()
        self.seed = seed
        self.settings = settings
        before = np.random.get_state()
        np.random.seed(seed)
        self.model = _copy_of(model)
        self._generator = np.random.get_state()
        np.random.set_state(before)
        for name, value in settings.items():
            if not isinstance(getattr(self.model.optimizer, name, None), Variable):
                numbers = [key for key, held in vars(model.optimizer).items() if isinstance(held, Variable)]
                raise ValueError(
                    f"fit_many: {type(model.optimizer).__name__} has no number {name!r} that may differ "
                    f"between copies; it has {', '.join(n for n in numbers if n != 'iterations')}."
                )
            setattr(self.model.optimizer, name, value)
        self.on_train_begin()

    def order(self, feed: Any) -> np.ndarray:
        """Returns the order of the samples in the next epoch, from the generator of this training."""
        before = np.random.get_state()
        np.random.set_state(self._generator)
        order = np.array(feed.order(Position()))
        self._generator = np.random.get_state()
        np.random.set_state(before)
        return order


def _members(model: Any, seeds: Any, settings: Mapping[str, Sequence[float]]) -> list[Member]:
    counts = {len(values) for values in settings.values()}
    if len(counts) > 1:
        lengths = {name: len(values) for name, values in settings.items()}
        raise ValueError(f"fit_many: settings must have one value for each copy; got {lengths}.")
    if seeds is None:
        seeds = [0] * counts.pop() if counts else 8
    seeds = list(range(seeds)) if isinstance(seeds, int | np.integer) else list(seeds)
    if not seeds:
        raise ValueError("fit_many: seeds must be a number of 1 or more, or a list of seeds; got none.")
    if counts and counts != {len(seeds)}:
        raise ValueError(f"fit_many: got {len(seeds)} seeds and {counts.pop()} values of each setting.")
    return [
        Member(model, int(seed), {name: float(values[i]) for name, values in settings.items()})
        for i, seed in enumerate(seeds)
    ]


def _copy_of(model: Any) -> Any:
    """Returns a copy of a compiled model with new weights and a new state of the optimizer."""
    copy = copied_model(model)
    copy.compile(
        optimizer=_new(model.optimizer),
        loss=model.loss,
        metrics=model.metrics,
        loss_weights=current_values(model.loss_weights),
        sample_weight_mode=model.sample_weight_mode,
    )
    return copy


def _new(optimizer: Any) -> Any:
    """Returns an optimizer with the same arguments, in its first state."""
    config = optimizer.get_config()
    if "transform" in config:
        config["transform"] = optimizer.transform
    objects = {}
    if isinstance(config.get("lr"), dict):  # a schedule, by its name
        objects[config["lr"]["schedule"]] = optimizer.lr.schedule
    with given_to_call(objects):
        return type(optimizer).from_config(config)


class _Group:
    """The values of all members for one of their programs.

    Args:
        members: list of `Member`.
        name: "train" or "test".
        phase: int, the learning phase.
        feed: `Feed` with arrays.
    """

    def __init__(self, members: Sequence[Member], name: str, phase: int, feed: Any) -> None:
        if feed.arrays is None or not all(isinstance(array, np.ndarray) for array in feed.arrays):
            raise ValueError("fit_many: x and y must be dense arrays, shared by all copies.")
        getattr(members[0].model, f"_make_{name}_function")()
        self.program = getattr(members[0].model, f"{name}_function")
        if not isinstance(self.program, Function):
            raise ValueError("fit_many: works in one process, with models that make their own programs.")
        self.arrays = feed.arrays
        self._members = members
        self._phase = phase
        pairs = zip(feed.arrays, self.program.inputs, strict=True)
        self._placed = [jnp.asarray(array, tensor.dtype) for array, tensor in pairs]
        self._same = [_same_variables(members[0].model, member.model) for member in members]
        self.updated = [self._stacked(variable) for variable in self.program.updated]
        self.read = [self._stacked(variable) for variable in self.program.read]
        self._offsets = jnp.asarray(
            [(i * _STEP_DISTANCE) % 2**32 for i in range(len(members))], dtype="uint32"
        )
        self._step = 0
        self._compiled = jax.jit(self._run, donate_argnums=0, compiler_options=compiler_options())

    def _stacked(self, variable: Variable) -> jax.Array:
        return jax.device_put(np.stack([same.get(variable, variable).get_value() for same in self._same]))

    def _run(self, updated: Any, read: Any, placed: Any, batches: Any, step: Any) -> Any:
        def one(updated: Any, read: Any, rows: Any, step: Any) -> Any:
            fed = [jnp.take(array, rows, axis=0, mode="clip") for array in placed]
            outputs, new = self.program.program(updated, read, fed, step, self._phase)
            return jnp.stack([jnp.asarray(output, "float32") for output in outputs]), new

        def batch(carry: Any, rows: Any) -> Any:
            updated, step = carry
            values, updated = jax.vmap(one)(updated, read, rows, self._offsets + step)
            return (updated, step + 1), values

        (updated, _), values = lax.scan(batch, (updated, step), batches)
        return updated, values

    def run(self, batch_size: int, orders: Sequence[np.ndarray]) -> np.ndarray:
        """Runs an epoch; returns the means over the samples, (outputs, members)."""
        order = np.stack(orders).astype("int32")
        samples, full = order.shape[1], order.shape[1] // batch_size
        whole = order[:, : full * batch_size].reshape(len(order), full, batch_size).swapaxes(0, 1)
        total: Any = 0.0
        for batches in (whole, order[None, :, full * batch_size :]):
            if batches.size:
                self.updated, values = self._compiled(
                    self.updated, self.read, self._placed, batches, np.uint32(self._step)
                )
                self._step += len(batches)
                total = total + np.asarray(values, "float64").sum(0) * batches.shape[2]
        return (total / samples).T

    def follow(self, other: "_Group") -> None:
        """Takes the values of the variables that another group updates."""
        known = {v.key: value for v, value in zip(other.program.updated, other.updated, strict=True)}
        self.read = [known.get(v.key, value) for v, value in zip(self.program.read, self.read, strict=True)]

    def write_back(self) -> None:
        """Sets the variables of the members."""
        for place, (member, same) in enumerate(zip(self._members, self._same, strict=True)):
            pairs = zip(self.program.updated, self.updated, strict=True)
            K.batch_set_value((same[variable], values[place]) for variable, values in pairs)
            member.model.train_function.step = self._step
            if isinstance(member.model.optimizer, Optimizer):
                member.model.optimizer.set_averages()


def _same_variables(first: Any, other: Any) -> dict[Variable, Variable]:
    """Returns which variable of a copy is that of the first one: of weights and of a training step."""

    def variables(model: Any) -> list[Variable]:
        program = model.train_function
        return [*unfrozen_order(model), *program.updated, *program.read]

    return dict(zip(variables(first), variables(other), strict=True))
