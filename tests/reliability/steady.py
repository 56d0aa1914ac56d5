"""Repeated work: memory does not grow (D1), nothing is compiled again (D2), threads do not interfere (J1)."""

import gc
import os
import sys
import threading

import jax
import numpy as np
from compilations import compilations

from keras import backend as K
from keras._host.heap import give_back_freed_memory, heap_figures
from keras._host.platform import compiler_options
from keras.layers import BatchNormalization, Dense, Dropout
from keras.models import Sequential, load_model
from reliability import keras_3
from reliability.forks import Forks
from reliability.row import Figure, Row

X = np.random.RandomState(0).rand(100, 8).astype("float32")
Y = np.random.RandomState(1).rand(100, 2).astype("float32")


def built():
    model = Sequential(
        [Dense(16, input_dim=8, activation="relu"), Dropout(0.2), BatchNormalization(), Dense(2)]
    )
    model.compile("adam", "mse", metrics=["mae"])
    return model


# --- D1 -------------------------------------------------------------------------------------------


def predicts(folder):
    model = built()
    return lambda: model.predict(X, batch_size=100)


def fits(folder):
    model = built()
    return lambda: model.fit(X, Y, nb_epoch=1, verbose=0)


def builds(folder):
    def once():
        np.random.seed(0)  # equal seeds make equal programs, which are in the compile cache
        built().fit(X, Y, batch_size=50, nb_epoch=1, verbose=0)
        K.clear_session()

    return once


def loads(folder):
    path = os.path.join(folder, "model.h5")
    built().save(path)
    return lambda: load_model(path)


#: name: (function that returns the work to repeat, count in full, count in a quick run, allowed growth in MB,
#: allowed seconds per call)
REPEATED = {
    "predict": (predicts, 10_000, 300, 1.0, 0.1),
    "fit": (fits, 1_000, 20, 1.0, 1),
    "build and fit": (builds, 200, 4, 2.0, 5),
    "load_model": (loads, 200, 4, 2.0, 5),
}


def growth(name, folder, times):
    """Returns the differences of `_counts` between the first tenth of the calls and all calls."""
    once = REPEATED[name][0](folder)
    warm = max(3, times // 10)
    for _ in range(warm):
        once()
    before = _counts()
    for _ in range(times - warm):
        once()
    return [after - was for after, was in zip(_counts(), before, strict=True)]


def _counts():
    """Returns [resident memory in MB, heap memory in use in MB, number of arrays, number of open files]."""
    gc.collect()
    _forget_looked_up_names()
    # The C library keeps freed memory (about 30 MB after compiling), which is not growth.
    give_back_freed_memory()
    info = heap_figures()
    with open("/proc/self/statm") as file:
        pages = int(file.read().split()[1])
    return [
        pages * os.sysconf("SC_PAGE_SIZE") / 1e6,
        (info.uordblks + info.hblkhd) / 1e6,
        len(jax.live_arrays()),
        len(os.listdir("/proc/self/fd")),
    ]


def _forget_looked_up_names():
    """Clears CPython's cache of attribute lookups, by a function that Python has for leak hunting.

    The cache keeps up to 4,096 names alive, and C code often creates a new string for the name that it looks
    up. They take 0.15 MB, but a page with one of them cannot be returned to the system: these pages were
    1.0 MB after 20 models were loaded, and 2.6 MB after 200.
    """
    if hasattr(sys, "_clear_internal_caches"):
        sys._clear_internal_caches()  # Python 3.13 and later
    else:
        sys._clear_type_cache()


def repeated(run):
    """Measures D1: memory, arrays and open files after many calls."""
    figures, problems, kept = [], [], []
    # Python's own allocator would hide its use from the C library, and returns memory in whole MB only.
    with Forks("reliability.steady", PYTHONMALLOC="malloc") as forks:
        for name, (_, full, quick, bar, seconds) in REPEATED.items():
            times = run.count(full, quick)
            call = ("reliability.steady:growth", name, str(run.folder), times)
            outcome = forks.run(*call, timeout=30 + times * seconds)
            if outcome.result is None:
                problems.append(f"{name}: {outcome.error or outcome}")
                continue
            megabytes, in_use, arrays, files = outcome.result
            figures.append(f"{name} x {times:,}: {megabytes:+.1f} MB, {in_use:+.2f} in use")
            if max(megabytes, in_use) > bar or arrays > 0 or files > 0:
                problems.append(f"{figures[-1]}, {arrays:+} arrays, {files:+} files")
            if megabytes > bar >= in_use:
                kept.append(name)
    why_not = f"{', '.join(kept)}: the C library keeps pages in part of which something lives" if kept else ""
    return Figure("; ".join(figures), not problems, _keras_3_grows(run), tuple(problems), why_not)


def _keras_3_grows(run):
    if run.keras_3 is None:
        return None
    said = []
    for name, full, quick in ("predict", 2_000, 30), ("fit", 500, 5), ("build and fit", 50, 3):
        times = run.count(full, quick)
        megabytes, ended = keras_3.ask(run.keras_3, "growth", name, times, timeout=900)
        said.append(f"{name} x {times:,}: {ended or f'{megabytes:+.1f} MB'}")
    return "; ".join(said)


# --- D2 -------------------------------------------------------------------------------------------


def compiled(sizes):
    """Counts the programs that each kind of work compiles; `sizes` is the number of batch sizes."""
    counts = {}

    def count(name, work):
        before = compilations()
        work()
        counts[name] = compilations() - before

    compiler_options()  # compiles a program to test the options, once per process
    model = built()
    count("fit, 100 rows in batches of 32", lambda: model.fit(X, Y, batch_size=32, nb_epoch=1, verbose=0))
    count("the same again", lambda: model.fit(X, Y, batch_size=32, nb_epoch=2, verbose=0))
    K.set_value(model.optimizer.lr, 0.5)
    count("after a change of the rate", lambda: model.fit(X, Y, batch_size=32, nb_epoch=1, verbose=0))
    count("predict of 1 .. 64 rows", lambda: [model.predict(X[:n], batch_size=64) for n in range(1, 65)])
    count(ANY_SIZE, lambda: [model.train_on_batch(X[:n], Y[:n]) for n in range(1, sizes + 1)])
    return counts


ANY_SIZE = "train_on_batch of 1 .. {} rows"
_WHY_ANY_SIZE = (
    "train_on_batch: one for each size. Tried: rows of weight 0 up to the next power of two. 6 programs, but "
    "BatchNormalization counts these rows: the loss is off by 14 % and more"
)
BARS = {
    "fit, 100 rows in batches of 32": 2,
    "the same again": 0,
    "after a change of the rate": 0,
    "predict of 1 .. 64 rows": 7,
    ANY_SIZE: 6,
}


def compiles(run):
    """Measures D2: compilations."""
    sizes = run.count(32, 8)
    with Forks("reliability.steady") as forks:
        outcome = forks.run("reliability.steady:compiled", sizes, timeout=run.count(600, 180))
    if outcome.result is None:
        return Figure("failed", False, None, (outcome.error or str(outcome),))
    counts = outcome.result
    over = [name for name, bar in BARS.items() if counts[name] > bar]
    problems = tuple(f"{name}: {counts[name]}, not {BARS[name]}" for name in over if name != ANY_SIZE)
    figure = "; ".join(f"{name.format(sizes)}: {n}" for name, n in counts.items())
    why_not = _WHY_ANY_SIZE if ANY_SIZE in over else ""
    return Figure(figure, not over, _keras_3_compiles(run, sizes), problems, why_not)


def _keras_3_compiles(run, sizes):
    if run.keras_3 is None:
        return None
    counts, ended = keras_3.ask(run.keras_3, "compiled", sizes, timeout=600)
    return ended or "; ".join(f"{name.format(sizes)}: {n}" for name, n in zip(BARS, counts, strict=True))


# --- J1 -------------------------------------------------------------------------------------------


def threads(predicts):
    """Runs 16 threads that predict and 2 that train a model each; returns a list of problems."""
    return [*_parallel_predictions(predicts), *_parallel_trainings()]


def _parallel_predictions(predicts):
    model = built()
    alone = [model.predict(X[i : i + 10]) for i in range(16)]

    def predict(i):
        for _ in range(predicts):
            if not np.array_equal(model.predict(X[i : i + 10]), alone[i]):
                raise ValueError(f"thread {i} predicted other numbers")

    return _in_threads([lambda i=i: predict(i) for i in range(16)])


def _parallel_trainings():
    serial, parallel, (shared, _) = _trained_once(), _trained_once(), _trained_once()
    for model in serial:
        _train(model)
    problems = _in_threads([lambda model=model: _train(model) for model in parallel])
    for one, other in zip(serial, parallel, strict=True):
        if not all(map(np.array_equal, one.get_weights(), other.get_weights())):
            problems.append("two models trained in two threads have other weights")
    # Two threads that train one model change its numbers, but must not fail.
    return problems + _in_threads([lambda: _train(shared), lambda: _train(shared)])


def _trained_once():
    np.random.seed(1)
    models = [built(), built()]
    for model in models:
        model.train_on_batch(X[:50], Y[:50])
    return models


def _train(model):
    for i in range(20):
        model.train_on_batch(X[i : i + 50], Y[i : i + 50])
        model.predict(X)


def _in_threads(works):
    """Runs each function in a thread of its own; returns the errors as text."""
    problems = []

    def run(work):
        try:
            work()
        except Exception as error:
            problems.append(f"{type(error).__name__}: {error}")

    running = [threading.Thread(target=run, args=[work]) for work in works]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    return problems


def parallel(run):
    """Measures J1: threads."""
    with Forks("reliability.steady") as forks:
        predicts = run.count(200, 5)
        outcome = forks.run("reliability.steady:threads", predicts, timeout=60 + 2 * predicts)
    problems = tuple(outcome.result if outcome.result is not None else [outcome.error or str(outcome)])
    return Figure("as one after the other" if not problems else "not equal", not problems, None, problems)


ROWS = [
    Row(
        "D1",
        "growth over repeated calls, from the first tenth on",
        "1 MB (models built or loaded: 2 MB), no arrays, no open files",
        "predict +0.2 MB; build and fit +10 MB",
        repeated,
    ),
    Row(
        "D2",
        "programs compiled",
        "at most 2; 0; 0; 7; 6",
        "fit: 7; predict: 31; train_on_batch: 32",
        compiles,
    ),
    Row("J1", "16 threads predict on one model; 2 train a model each", "equal, bit for bit", "-", parallel),
]
