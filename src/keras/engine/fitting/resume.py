"""The state of a training as a file, from which it continues as if it had never stopped.

    /model_weights       as in a weights file; `load_weights` reads it
    /training_state      arrays: the other variables of the train program, and `json`, UTF-8 bytes:
                         the place in the data, random generators, seeds, the state of callbacks

The file is plain data. It is checked against the model before anything is set.
"""

import contextlib
import itertools
import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from ... import backend as K
from ..._base.budget import Budget, OverBudget
from ..._base.types import Config, FilePath
from ..._files import hdf5_format
from ..._files.config_text import dump_json, load_json
from ..._graph import Variable
from ...callbacks import TrainingCheckpoint
from ..files import saving
from .feeds import Feed
from .feeds.base import Position
from .plain_data import decode, encode
from .training_state import TrainingState, check_programs, checked_state

_FORMAT = 1
_JSON = "json"
_PROGRAMS = ("train", "test", "predict")


class TrainingRun(Position):
    """A training at its place in the data, which can be written to a file and read back.

    Args:
        model: the compiled model, its train function made.
        hooks: `CallbackList`.
        settings: dict of plain values that must be equal when training is resumed.
        feeds: dict name -> `Feed` of the batches: "training", "validation".
    """

    def __init__(
        self,
        model: Any,
        hooks: Any,
        settings: dict[str, Any],
        feeds: Mapping[str, Feed] | None = None,
    ) -> None:
        super().__init__()
        self.model = model
        self.hooks = hooks
        self.settings = settings
        self.feeds = dict(feeds or {})
        for callback in hooks.callbacks:
            if isinstance(callback, TrainingCheckpoint):
                callback.training = self

    # --- to and from a file

    def save(self, filepath: FilePath) -> None:
        """Writes the state; see `TrainingCheckpoint`."""
        others = _variables(self.model)[1]
        arrays = [(f"variable_{i}", value) for i, value in enumerate(K.batch_get_value(others))]
        text = dump_json(encode(self._state(), "state")).encode()
        with saving.new_file(filepath) as file:
            saving.write_weights(self.model, file.create_group("model_weights"))
            hdf5_format.write_arrays(
                file.create_group("training_state"), [*arrays, (_JSON, np.frombuffer(text, "uint8"))]
            )

    def _state(self) -> dict[str, Any]:
        programs = {name: {"step": p.step, "seeds": p.seeds} for name, p in _programs(self.model).items()}
        state = {
            "format": _FORMAT,
            "structure": _structure(self.model),
            "settings": self.settings,
            "epoch": self.epoch,
            "batch": self.batch,
            "seen": self.seen,
            "stopped": bool(self.model.stop_training),
            "order_generator": self.order_generator,
            "numpy_generator": np.random.get_state(),
            "programs": programs,
            "callbacks": self.hooks.get_state(),
        }
        found = {name: feed.position() for name, feed in self.feeds.items()}
        positions = {name: position for name, position in found.items() if position is not None}
        state["batches"] = {name: place for name, (_, place) in positions.items()}
        if "training" in positions:
            # Workers run ahead: NumPy's generator has already drawn for batches that were not used yet.
            state["numpy_generator"] = positions["training"][0]
        return state

    def resume(self, filepath: FilePath) -> None:
        """Restores the position and the state of a saved training: all of it, or nothing.

        Args:
            filepath: path of a file that `save` wrote.
        Raises:
            OSError: the file does not exist or is damaged.
            ValueError: it is not a training state, or that of another model or other data.
        """
        before = _Snapshot(self)
        try:
            with hdf5_format.open_for_reading(filepath) as file, _naming(filepath):
                state, values = self._read(file, filepath)
                saving.read_weights(self.model, hdf5_format.weights_group(file))
                for name, place in state.batches.items():
                    self.feeds[name].go_to(place)
            self._set(state, values)
        except BaseException:
            before.restore()
            raise

    def _read(self, file: Any, filepath: FilePath) -> tuple[TrainingState, list[np.ndarray]]:
        """Returns the state, and the values of the variables that are not weights. Changes nothing."""
        budget = file.budget
        arrays = hdf5_format.read_arrays(file, "training_state")
        if arrays is None:
            raise ValueError(
                "it is not a file of a TrainingCheckpoint. To begin with its weights, use "
                "model.load_weights(filepath)."
            )
        stored = dict(arrays)
        plain = _read_json(stored.pop(_JSON, None), budget)
        if plain.get("format") != _FORMAT:
            raise ValueError(f"it has the format {plain.get('format')!r:.80}; this version reads {_FORMAT}.")
        _check_equal(plain, "structure", _structure(self.model), "the model")
        _check_equal(plain, "settings", self.settings, "the training")
        state = checked_state(decode(plain, budget), self.hooks, self.feeds)
        for name in _PROGRAMS:
            if name in state.programs:
                getattr(self.model, f"_make_{name}_function")()
        check_programs(state.programs, _programs(self.model))
        return state, _read_values(_variables(self.model)[1], stored)

    def _set(self, state: TrainingState, values: list[np.ndarray]) -> None:
        self.epoch, self.batch, self.seen = state.epoch, state.batch, state.seen
        self.order_generator = state.order_generator
        if self.batch:
            self.hooks.on_epoch_begin(self.epoch)
        # Undo what the hooks changed; they may also have drawn random numbers.
        K.batch_set_value(zip(_variables(self.model)[1], values, strict=True))
        self._set_programs(state.programs)
        self.hooks.set_state(state.callbacks)
        self.model.stop_training = state.stopped
        np.random.set_state(state.numpy_generator)

    def _set_programs(self, stored: dict[str, Any]) -> None:
        programs = {name: program for name, program in _programs(self.model).items() if name in stored}
        # Programs share random ops: if the seeds of one differ, all are compiled again.
        same = all(program.seeds == stored[name]["seeds"] for name, program in programs.items())
        for name, program in programs.items():
            program.step = stored[name]["step"]
            if not same:
                program.seeds = stored[name]["seeds"]


class _Snapshot:
    """What `TrainingRun.resume` changes, to be restored if it fails."""

    def __init__(self, run: TrainingRun) -> None:
        self._run = run
        self._variables = [variable for group in _variables(run.model) for variable in group]
        self._values = K.batch_get_value(self._variables)
        self._place = run.epoch, run.batch, run.seen, run.order_generator
        self._stopped = run.model.stop_training
        self._generator = np.random.get_state()
        self._programs = {
            name: (program.step, program.seeds) for name, program in _programs(run.model).items()
        }

    def restore(self) -> None:
        run = self._run
        K.batch_set_value(zip(self._variables, self._values, strict=True))
        run.epoch, run.batch, run.seen, run.order_generator = self._place
        run.model.stop_training = self._stopped
        np.random.set_state(self._generator)
        for name, (step, seeds) in self._programs.items():
            program = _programs(run.model)[name]
            program.step = step
            if program.seeds != seeds:
                program.seeds = seeds


@contextlib.contextmanager
def _naming(filepath: FilePath) -> Iterator[None]:
    """Adds the name of the file to errors about its contents."""
    try:
        yield
    except OverBudget as error:
        raise OverBudget(f"resume_from: {error}") from error
    except (ValueError, TypeError, LookupError) as error:
        raise ValueError(f"resume_from: {os.fsdecode(filepath)}: {error}") from error


def _read_json(array: Any, budget: Budget) -> Config:
    if array is None or len(array.shape) != 1 or array.dtype != np.uint8:
        raise ValueError(f"its training_state has no text {_JSON!r}.")
    budget.take_memory(3 * array.shape[0], "characters")
    return load_json(array.read().tobytes(), budget)


def _programs(model: Any) -> dict[str, Any]:
    """Returns name -> program for the programs that the model has made."""
    programs = {name: getattr(model, f"{name}_function", None) for name in _PROGRAMS}
    return {name: program for name, program in programs.items() if program is not None}


def _variables(model: Any) -> tuple[list[Variable], list[Variable]]:
    """Returns (the model's weights, the other variables of its train program, such as the optimizer's)."""
    program = model.train_function
    weights = model.weights
    known = {weight.key for weight in weights}
    return weights, [v for v in [*program.updated, *program.read] if v.key not in known]


def _structure(model: Any) -> dict[str, Any]:
    """Returns what must be equal in the model: values to name a difference, and a digest of the program."""
    place = {weight.key: i for i, weight in enumerate(model.weights)}
    return {
        "layers": [f"{type(layer).__name__} {[w.shape for w in layer.weights]}" for layer in model.layers],
        "optimizer": type(model.optimizer).__name__,
        # Sorted by name, dense_10 before dense_9: the order assigns the optimizer's arrays to the weights.
        "order of the weights' names": [place.get(w.key) for w in model._collected_trainable_weights],
        "losses": [getattr(loss, "__name__", type(loss).__name__) for loss in model.loss_functions],
        "other variables": [str(variable.shape) for variable in _variables(model)[1]],
        "program": model.train_function.fingerprint(),
    }


def _check_equal(plain: Config, part: str, own: Mapping[str, Any], what: str) -> None:
    stored = plain.get(part)
    if not isinstance(stored, dict):
        raise ValueError(f"{part} is {stored!r:.80}; wanted a dict")
    for name, value in own.items():
        if stored.get(name) == value:
            continue
        saved = stored.get(name)
        if isinstance(value, list) and isinstance(saved, list) and len(saved) == len(value):
            place = next(i for i, pair in enumerate(zip(saved, value, strict=True)) if pair[0] != pair[1])
            name, saved, value = f"{name}[{place}]", saved[place], value[place]
        raise ValueError(
            f"it does not fit {what}: {name} is {value!r}, the file has {saved!r:.500}. "
            "Build, compile and fit the model as in the program that wrote the file; call K.clear_session() "
            "before that to give the layers the same names again. To load only the weights use "
            "model.load_weights(filepath)."
        )


def _read_values(variables: Sequence[Variable], stored: Mapping[str, Any]) -> list[np.ndarray]:
    """Returns the arrays of the variables; compares names, shapes and dtypes first."""
    found = [(name, array.shape, str(array.dtype)) for name, array in stored.items()]
    wanted = [(f"variable_{i}", v.shape, str(np.dtype(v.dtype))) for i, v in enumerate(variables)]
    if found != wanted:
        pairs = itertools.zip_longest(found, wanted)
        one, other = next((one, other) for one, other in pairs if one != other)
        raise ValueError(f"its training_state has the array {one}; the model has {other}.")
    return [array.read() for array in stored.values()]
