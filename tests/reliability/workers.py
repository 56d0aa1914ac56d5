"""Generators that fail in workers (E1), and Ctrl-C (E2)."""

import contextlib
import multiprocessing
import os
import random
import signal
import threading
import time

import numpy as np

from keras.callbacks import LambdaCallback, ModelCheckpoint, TrainingCheckpoint
from keras.layers import Dense, Input
from keras.models import Model, Sequential, load_model
from reliability import keras_3
from reliability.forks import Forks
from reliability.row import Figure, Row

X, Y = np.ones((4, 3), "float32"), np.ones((4, 2), "float32")
METHODS = ("fit", "predict", "evaluate")
HANGS_AFTER = 2.0
_DIED = "died with exit code {}"

#: fault: (text of the error in threads, in processes); None: no error, or the whole process ends.
FAULTS = {
    "raise": ("KeyError: 'lost key'", "KeyError: 'lost key'"),
    "kill": (None, _DIED.format(-9)),
    "exit": (None, _DIED.format(3)),
    "stop": ("ended after 1 batches with 4 samples; wanted 12", "ended after 1 batches with 4 samples"),
    "hang": ("hangs: its item 1 did not come within 2 seconds", "hangs: its item 1 did not come within"),
    "none": ("batch 1", "batch 1"),
    "shape": ("batch 1", "batch 1"),
    "unpicklable": (None, "cannot be sent between processes"),
}


class Faulty:
    """A generator whose second batch fails; it writes down when, and in which process."""

    def __init__(self, fault, note):
        self.fault = fault
        self.note = note
        self.number = 0

    def __next__(self):
        self.number += 1
        if self.number < 2:
            return X, Y
        if self.number == 2:
            with open(self.note, "w") as file:
                file.write(f"{time.time()} {os.getpid()}")
        return getattr(self, f"_{self.fault}")()

    def _raise(self):
        raise KeyError("lost key")

    def _kill(self):
        time.sleep(0.3)  # until the previous batch has arrived
        os.kill(os.getpid(), signal.SIGKILL)

    def _exit(self):
        time.sleep(0.3)
        os._exit(3)

    def _stop(self):
        raise StopIteration

    def _hang(self):
        time.sleep(3600)

    def _none(self):
        return None

    def _shape(self):
        return X[:, :2], Y

    def _unpicklable(self):
        return Unpicklable(X), Y


class Unpicklable(np.ndarray):
    """An array that cannot be sent to another process."""

    def __new__(cls, array):
        return array.view(cls)

    def __reduce__(self):
        raise TypeError("not to be pickled")


def fail(fault, pickle_safe, method, note):
    """Uses a failing generator; returns (error or None, seconds since the fault, what is left behind)."""
    model = Sequential([Dense(2, input_dim=3)])
    model.compile("sgd", "mse")
    before = _shared_memory()
    options = {
        "pickle_safe": pickle_safe,
        "batch_timeout": HANGS_AFTER if fault == "hang" else 60,
    }
    generator = Faulty(fault, note)
    error = None
    try:
        if method == "fit":
            model.fit_generator(generator, 12, 1, verbose=0, **options)
        elif method == "predict":
            model.predict_generator(generator, 12, **options)
        else:
            model.evaluate_generator(generator, 12, **options)
    except Exception as caught:
        error = f"{type(caught).__name__}: {caught}"
    with open(note) as file:
        at, pid = file.read().split()
    seconds = time.time() - float(at)
    left = [f"process {child.pid}" for child in multiprocessing.active_children()]
    if int(pid) != os.getpid() and os.path.exists(f"/proc/{pid}"):
        left.append(f"process {pid}")
    left += sorted(_shared_memory() - before)
    return error, seconds, left


def _shared_memory():
    """Returns the semaphores and shared memory that this process has open."""
    with open("/proc/self/maps") as file:
        return {line.split()[-1] for line in file if "/dev/shm/" in line}


def _problem(forks, run, fault, pickle_safe, method):
    """Returns the problem with a cell of the table, or None."""
    cell = f"{fault} x {'process' if pickle_safe else 'thread'} x {method}"
    words = FAULTS[fault][pickle_safe]
    note = str(run.folder / cell.replace(" ", ""))
    outcome = forks.run("reliability.workers:fail", fault, pickle_safe, method, note, timeout=60)
    if fault in ("kill", "exit") and not pickle_safe:
        # A thread ends the whole process, which must not hang.
        ended = outcome.signal == signal.SIGKILL if fault == "kill" else outcome.result is None
        return None if ended and not outcome.timed_out else f"{cell}: {outcome}"
    if outcome.result is None:
        return f"{cell}: {outcome.error or outcome}"
    error, seconds, left = outcome.result
    if words is None:
        return None if error is None and not left else f"{cell}: {error}, left {left}"
    if error is None or words not in error or seconds > 10 or left:
        return f"{cell}: {error} after {seconds:.1f} s, left {left}"
    return None


QUICK = [
    ("hang", False, "fit"),
    ("shape", False, "predict"),
    ("kill", True, "fit"),
    ("stop", True, "evaluate"),
]


def failures(run):
    """Measures E1: every fault in every kind of worker with every method."""
    cells = [(fault, safe, method) for fault in FAULTS for safe in (False, True) for method in METHODS]
    cells = QUICK if run.quick else cells
    with Forks("reliability.workers") as forks:
        found = [_problem(forks, run, *cell) for cell in cells]
    problems = tuple(problem for problem in found if problem)
    ours = f"{len(cells) - len(problems)} of {len(cells)} clear"
    return Figure(ours, not problems, _keras_3_fails(run), problems)


def _keras_3_fails(run):
    """Measures the faults that Keras 3 datasets can have, except those that end the process itself."""
    if run.keras_3 is None:
        return None
    kinds = [
        ("raise", False, "lost key"),
        ("raise", True, "lost key"),
        ("kill", True, ""),
        ("exit", True, ""),
    ]
    said = []
    for fault, processes, words in kinds:
        ends = []
        for method in METHODS[: run.count(3, 1)]:
            error, ended = keras_3.ask(run.keras_3, "fail", fault, processes, method, timeout=60)
            ends.append(ended or ("an error" if error and words in error else f"unclear: {error}"))
        where = "process" if processes else "thread"
        said.append(f"{fault} in a {where}: " + ", ".join(sorted(set(ends))))
    return "; ".join(said)


# --- E2 -------------------------------------------------------------------------------------------


def twins():
    """Returns a model whose two outputs have equal weights after each complete step."""
    x = Input(shape=(8,))
    model = Model(x, [Dense(16, init="one", name=name)(x) for name in ("one", "other")])
    model.compile("adam", "mse")
    return model


def interrupt(folder, times, seed):
    """Presses Ctrl-C at random moments; returns a list of problems."""
    chance, problems = random.Random(seed), []
    data = np.random.RandomState(0).rand(64, 8), [np.zeros((64, 16))] * 2
    model, path = twins(), os.path.join(folder, "model.h5")
    checkpoint = TrainingCheckpoint(os.path.join(folder, "training.h5"), batches=2)
    works = {
        "fit": [],
        "save": [ModelCheckpoint(path), checkpoint],
        "callback": [LambdaCallback(on_batch_end=lambda *_: time.sleep(0.01))],
    }
    for callbacks in works.values():  # compiles everything and creates every file
        model.fit(*data, batch_size=8, nb_epoch=1, verbose=0, callbacks=callbacks)
    for name, callbacks in works.items():
        for number in range(times):
            timer = threading.Timer(chance.uniform(0, 0.4), os.kill, (os.getpid(), signal.SIGINT))
            started = time.monotonic()
            with contextlib.suppress(KeyboardInterrupt):
                timer.start()
                model.fit(*data, batch_size=8, nb_epoch=10**6, verbose=0, callbacks=callbacks)
            seconds = time.monotonic() - started - timer.interval
            one, other = (model.get_layer(twin).get_weights() for twin in ("one", "other"))
            steps = float(model.optimizer.iterations.get_value())
            if seconds > 5:
                problems.append(f"{name} {number}: ended after {seconds:.1f} s")
            if not all(map(np.array_equal, one, other)) or steps != model.train_function.step:
                problems.append(f"{name} {number}: a step is half done")
            load_model(path)
            model.load_weights(checkpoint.filepath)
            model.train_on_batch(*data)
            left = [file for file in os.listdir(folder) if file not in ("model.h5", "training.h5")]
            if left:
                problems.append(f"{name} {number}: left {left}")
    return problems


def ctrl_c(run):
    """Measures E2: Ctrl-C while training, saving, and in callbacks."""
    times = run.count(50, 2)
    with Forks("reliability.workers") as forks:
        outcome = forks.run(
            "reliability.workers:interrupt", str(run.folder), times, 0, timeout=60 + 3 * times
        )
    problems = tuple(outcome.result if outcome.result is not None else [outcome.error or str(outcome)])
    return Figure(f"{3 * times} stopped, {len(problems)} badly", not problems, None, problems)


ROWS = [
    Row(
        "E1",
        "generator that fails x thread or process x fit, predict, evaluate",
        "48 of 48 clear within 10 s, nothing left",
        "a killed process: hangs",
        failures,
    ),
    Row("E2", "Ctrl-C in fit, save, callbacks", "ends within 5 s, files and model good", "-", ctrl_c),
]
