"""Saving that is interrupted by kill -9 (B1), or by disk errors, permissions and other writers (B2)."""

import contextlib
import ctypes
import errno
import os
import random
import resource
import signal
import subprocess
import threading

import numpy as np

from keras._files import hdf5_format
from keras.callbacks import CallbackList, ModelCheckpoint, TrainingCheckpoint
from keras.engine.fitting.resume import TrainingRun
from keras.layers import Dense, Input
from keras.models import Model
from reliability import forks, keras_3
from reliability.row import Figure, Row


def _with_checkpoint(model, path):
    callback = ModelCheckpoint(path)
    callback.set_model(model)
    callback.on_epoch_end(0, {})


def _with_training_state(model, path):
    """Saves like `fit` at the end of an epoch."""
    model._make_train_function()
    model.stop_training = False
    hooks = CallbackList([TrainingCheckpoint(path)])
    TrainingRun(model, hooks, settings={})
    hooks.on_epoch_end(0)


# Ways to save a model: name -> function (model, path).
WAYS = {
    "save": lambda model, path: model.save(path),
    "save_weights": lambda model, path: model.save_weights(path),
    "ModelCheckpoint": _with_checkpoint,
    "TrainingCheckpoint": _with_training_state,
}


def _model():
    x = Input(shape=(256,))
    model = Model(x, Dense(256)(Dense(256)(x)))
    model.compile("adam", "mse")
    return model


def _set(model, number):
    model.set_weights([np.full_like(weight, number) for weight in model.get_weights()])


def _number_in(path):
    """Returns the number that all weights in a file have, as assigned by `_set`."""
    with hdf5_format.open_for_reading(path) as file:
        layers = hdf5_format.read_layers(hdf5_format.weights_group(file))
        found = {float(n) for _, arrays in layers for _, a in arrays for n in np.unique(a.read())}
    if len(found) != 1:
        raise ValueError(f"{path} mixes weights of several saves: {sorted(found)[:5]}")
    return found.pop()


def save_once(way, path, number):
    model = _model()
    _set(model, number)
    WAYS[way](model, path)


def save_for_ever(way, path):
    model, number = _model(), 1
    WAYS[way](model, path + ".first")  # the first time takes longer
    while True:
        _set(model, number)
        if number == 1:
            forks.ready()
        WAYS[way](model, path)
        number += 1


# --- B1 ------------------------------------------------------------------------------------------


def measure_kills(run):
    per_way = run.count(full=200, quick=5)
    random_numbers, problems, strays = random.Random(1), [], 0
    with forks.Forks("reliability.interrupted") as children:
        for way in WAYS:
            folder = run.folder / way
            folder.mkdir()
            path = str(folder / "model.h5")
            children.run("reliability.interrupted:save_once", way, path, 0)
            for i in range(per_way):
                delay = random_numbers.uniform(0, 0.1)
                outcome = children.run("reliability.interrupted:save_for_ever", way, path, kill_after=delay)
                assert outcome.signal == signal.SIGKILL and outcome.ready, outcome
                try:
                    _number_in(path)
                except (OSError, ValueError) as error:
                    problems.append(f"{way}, kill {i}: {error}")
            os.unlink(path + ".first")
            strays += len(os.listdir(folder)) - 1
            children.run("reliability.interrupted:save_once", way, path, 7)
            if os.listdir(folder) != ["model.h5"] or _number_in(path) != 7:
                problems.append(f"{way}: after the next start there are {os.listdir(folder)}")
    total = per_way * len(WAYS)
    ours = f"{len(problems)} of {total} lost; 0 stray files after the next start ({strays} before it)"
    return Figure(ours, not problems, _keras_3_kills(run), tuple(problems))


def _keras_3_kills(run):
    if run.keras_3 is None:
        return None
    said, count, random_numbers = [], run.count(full=30, quick=3), random.Random(1)
    for suffix in (".keras", ".h5"):
        lost, path = 0, str(run.folder / f"keras_3{suffix}")
        for _ in range(count):
            with keras_3.start(run.keras_3, "save_for_ever", path) as child:
                child.stdout.readline()
                with contextlib.suppress(subprocess.TimeoutExpired):
                    child.wait(random_numbers.uniform(0, 0.3))
                child.kill()
            lost += keras_3.ask(run.keras_3, "loads", path, timeout=120)[0] is not True
        said.append(f"{suffix} {lost} of {count}")
    return "lost: " + ", ".join(said)


# --- B2 ------------------------------------------------------------------------------------------


def _full_disk(path):
    """Limits the size of files, which has the effect of a full disk."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))


def _failing(name):
    def fail(*_):
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    def break_disk(path):
        setattr(os, name, fail)

    return break_disk


def _read_only(path):
    os.chmod(os.path.dirname(path), 0o555)
    if os.geteuid() == 0:
        _obey_permissions()


def _obey_permissions():
    """Drops root's right to write everywhere (CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH)."""
    libc = ctypes.CDLL(None, use_errno=True)
    header, capabilities = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
    libc.capget(header, capabilities)
    for i in range(3):  # effective, permitted, inheritable
        capabilities[i] &= ~0b110
    if libc.capset(header, capabilities):
        raise OSError(ctypes.get_errno(), "capset")


# Name -> (function that causes the fault, expected error).
FAULTS = {
    "a full disk": (_full_disk, "OSError"),
    "EIO from fsync": (_failing("fsync"), "OSError"),
    "EIO from rename": (_failing("replace"), "OSError"),
    "a read-only folder": (_read_only, "PermissionError"),
}


def save_with_fault(way, fault, path):
    """Saves under a fault; returns the error as (type, text), or None."""
    model = _model()
    FAULTS[fault][0](path)
    try:
        WAYS[way](model, path)
    except Exception as error:
        return type(error).__name__, str(error)
    return None


def save_often(way, path, numbers):
    model = _model()
    for number in numbers:
        _set(model, number)
        WAYS[way](model, path)


def measure_faults(run):
    problems, cases = [], 0
    with forks.Forks("reliability.interrupted") as children:
        for way in WAYS:
            for fault in FAULTS:
                cases += 1
                problems += _one_fault(children, run.folder, way, fault)
            cases += 1
            problems += _two_writers(run, way)
    ours = f"{cases - len(problems)} of {cases} leave the old file and name it"
    return Figure(ours, not problems, problems=tuple(problems))


def _one_fault(children, folder, way, fault):
    folder = folder / f"{way} {fault}".replace(" ", "_")
    folder.mkdir()
    path = str(folder / "model.h5")
    children.run("reliability.interrupted:save_once", way, path, 0)
    before = (folder / "model.h5").read_bytes()
    outcome = children.run("reliability.interrupted:save_with_fault", way, fault, path)
    os.chmod(folder, 0o755)
    kind, text = outcome.result or (None, "")
    if kind != FAULTS[fault][1] or path not in text:
        yield f"{way}, {fault}: {outcome}"
    elif os.listdir(folder) != ["model.h5"] or (folder / "model.h5").read_bytes() != before:
        yield f"{way}, {fault}: the folder has changed: {os.listdir(folder)}"


def _two_writers(run, way):
    folder, count = run.folder / f"{way}_twice", run.count(full=100, quick=10)
    folder.mkdir()
    path, outcomes = str(folder / "model.h5"), []

    def write(numbers):
        with forks.Forks("reliability.interrupted") as children:
            outcomes.append(children.run("reliability.interrupted:save_often", way, path, numbers))

    threads = [threading.Thread(target=write, args=[[k] * count]) for k in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    errors = [outcome.error for outcome in outcomes if outcome.error or outcome.signal]
    if errors or os.listdir(folder) != ["model.h5"] or _number_in(path) not in (1, 2):
        yield f"{way}, two writers: {errors}, {os.listdir(folder)}"


ROWS = [
    Row(
        "B1",
        "kill -9 at a random moment of saving over a good file, 200 times each: save, save_weights, "
        "ModelCheckpoint, TrainingCheckpoint",
        "0 lost, 0 stray files after the next start",
        "lost: .keras 25 of 30, .h5 26 of 30, weights 28 of 30",
        measure_kills,
    ),
    Row(
        "B2",
        "a full disk, EIO, a read-only folder, two writers at once, for each of these ways to save",
        "old file intact byte for byte, an OSError that names it",
        "-",
        measure_faults,
    ),
]
