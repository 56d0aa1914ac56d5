"""The state of a training as a file, from which it continues as if it had never stopped.

    /model_weights       as in a weights file; `load_weights` reads it
    /training_state      arrays: the other variables of the train program, and `json`, UTF-8 bytes:
                         the place in the data, random generators, seeds, the state of callbacks

The file is plain data. It is checked against the model before anything is set.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from ... import backend as K
from ..._base.types import FilePath
from ..._files import hdf5_format
from ..._files.config_text import dump_json, load_json
from ..._graph import Variable
from ...callbacks import TrainingCheckpoint
from ..files import saving
from .feeds import Feed
from .feeds.base import Position
from .plain_data import decode, encode

_FORMAT = 1
_JSON = "json"


class TrainingRun(Position):
    """A training at its place in the data, which can be written to a file and read back.

    Args:
        model: the compiled model, its train function made.
        hooks: `CallbackList`.
        settings: dict of plain values that must be equal when training is resumed.
        feeds: dict name -> `Feed` of the batches: "training", "validation".
        writes_files: whether `save` writes a file; only one of several processes does.
    """

    def __init__(
        self,
        model: Any,
        hooks: Any,
        settings: dict[str, Any],
        feeds: Mapping[str, Feed] | None = None,
        writes_files: bool = True,
    ) -> None:
        super().__init__()
        self.model = model
        self.hooks = hooks
        self.settings = settings
        self.feeds = dict(feeds or {})
        self.writes_files = writes_files
        for callback in hooks.callbacks:
            if isinstance(callback, TrainingCheckpoint):
                callback.training = self

    # --- to and from a file

    def save(self, filepath: FilePath) -> None:
        """Writes the state; see `TrainingCheckpoint`."""
        if not self.writes_files:
            return
        others = _variables(self.model)[1]
        arrays = [(f"variable_{i}", value) for i, value in enumerate(K.batch_get_value(others))]
        text = dump_json(encode(self._state(), "state")).encode()
        with hdf5_format.open_for_writing(filepath) as file:
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
        """Restores the position and the state of a saved training.

        Args:
            filepath: path of a file that `save` wrote.
        Raises:
            OSError: the file does not exist or is damaged.
            ValueError: it is not a training state, or that of another model or other data.
        """
        with hdf5_format.open_for_reading(filepath) as file:
            stored = hdf5_format.read_arrays(file, "training_state")
            if stored is None:
                raise ValueError(
                    f"resume_from: {filepath} is not a file of a TrainingCheckpoint. To begin with its "
                    "weights, use model.load_weights(filepath)."
                )
            stored = dict(stored)
            state: Any = decode(load_json(stored.pop(_JSON).read().tobytes()))
            self._check(state, filepath)
            _, others = _variables(self.model)
            values = _read_values(others, stored.values(), filepath)
            saving.read_weights(self.model, hdf5_format.weights_group(file))
        self.epoch, self.batch, self.seen = state["epoch"], state["batch"], state["seen"]
        self.order_generator = _as_generator_state(state["order_generator"])
        if self.batch:
            self.hooks.on_epoch_begin(self.epoch)
        # Undo what the hooks changed; they may also have drawn random numbers.
        K.batch_set_value(zip(others, values, strict=True))
        self._set_programs(state["programs"])
        self.hooks.set_state(state["callbacks"])
        self.model.stop_training = state["stopped"]
        for name, feed in self.feeds.items():
            if name in state["batches"]:
                feed.go_to(state["batches"][name])
        np.random.set_state(_as_generator_state(state["numpy_generator"]))

    def _check(self, state: dict[str, Any], filepath: FilePath) -> None:
        if state.get("format") != _FORMAT:
            raise ValueError(
                f"resume_from: {filepath} has the format {state.get('format')!r}; this version reads "
                f"{_FORMAT}."
            )
        _check_equal(state["structure"], _structure(self.model), filepath, "the model")
        _check_equal(state["settings"], self.settings, filepath, "the training")

    def _set_programs(self, stored: dict[str, Any]) -> None:
        for name in stored:
            getattr(self.model, f"make_{name}_function")()
        programs = {name: program for name, program in _programs(self.model).items() if name in stored}
        # Programs share random ops: if the seeds of one differ, all are compiled again.
        same = all(program.seeds == stored[name]["seeds"] for name, program in programs.items())
        for name, program in programs.items():
            program.step = stored[name]["step"]
            if not same:
                program.seeds = stored[name]["seeds"]


def _programs(model: Any) -> dict[str, Any]:
    """Returns name -> program for the programs that the model has made."""
    names = ("train", "test", "predict")
    programs = {name: getattr(model, f"{name}_function", None) for name in names}
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


def _check_equal(stored: Mapping[str, Any], own: Mapping[str, Any], filepath: FilePath, what: str) -> None:
    for name, value in own.items():
        if stored.get(name) == value:
            continue
        saved = stored.get(name)
        if isinstance(value, list) and isinstance(saved, list) and len(saved) == len(value):
            place = next(i for i, pair in enumerate(zip(saved, value, strict=True)) if pair[0] != pair[1])
            name, saved, value = f"{name}[{place}]", saved[place], value[place]
        raise ValueError(
            f"resume_from: {filepath} does not fit {what}: {name} is {value!r}, the file has {saved!r}. "
            "Build, compile and fit the model as in the program that wrote the file; call K.clear_session() "
            "before that to give the layers the same names again. To load only the weights use "
            "model.load_weights(filepath)."
        )


def _read_values(
    variables: Iterable[Variable], stored: Iterable[Any], filepath: FilePath
) -> list[np.ndarray]:
    stored = list(stored)
    found, wanted = [array.shape for array in stored], [variable.shape for variable in variables]
    if found != wanted:
        raise ValueError(f"resume_from: {filepath} has variables of shapes {found}; the model has {wanted}.")
    return [array.read() for array in stored]


def _as_generator_state(state: Any) -> Any:
    """Returns a state of NumPy's generator, or None, as `numpy.random.set_state` takes it."""
    return state if state is None else (state[0], np.asarray(state[1], "uint32"), *state[2:])
