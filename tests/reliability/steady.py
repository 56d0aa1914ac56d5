"""Repeated work: memory that does not grow (D1), no new compilations (D2), threads (J1)."""

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
        np.random.seed(0)  # the same seeds: what is compiled is found in the compile cache
        built().fit(X, Y, batch_size=50, nb_epoch=1, verbose=0)
        K.clear_session()

    return once


def loads(folder):
    path = os.path.join(folder, "model.h5")
    built().save(path)
    return lambda: load_model(path)


#: name: (what makes the function to repeat, times in full, times in a quick run, MB that it may grow,
#: seconds that a call may take)
REPEATED = {
    "predict": (predicts, 10_000, 300, 1.0, 0.1),
    "fit": (fits, 1_000, 20, 1.0, 1),
    "build and fit": (builds, 200, 4, 2.0, 5),
    "load_model": (loads, 200, 4, 2.0, 5),
}


def growth(name, folder, times):
    """Returns the growth of each of `_counts` between a tenth of `times` calls and all of them."""
    once = REPEATED[name][0](folder)
    warm = max(3, times // 10)
    for _ in range(warm):
        once()
    before = _counts()
    for _ in range(times - warm):
        once()
    return [after - was for after, was in zip(_counts(), before, strict=True)]


def _counts():
    """Returns [MB of memory of the process, MB of it in use, arrays, open files]."""
    gc.collect()
    _forget_looked_up_names()
    # What the C library keeps for later (some 30 MB after compiling) is no growth of ours.
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
    """Empties CPython's cache of attribute lookups, as Python's own searches for leaks do.

    The table keeps up to 4,096 names alive, and C code that looks up an attribute often makes a new string
    for its name. These are 0.15 MB, but a page with one of them cannot be given back: that was 1.0 MB of
    pages after 20 models were loaded, and 2.6 MB after 200.
    """
    if hasattr(sys, "_clear_internal_caches"):
        sys._clear_internal_caches()  # Python 3.13 and later
    else:
        sys._clear_type_cache()


def repeated(run):
    """D1: memory, arrays and open files after many calls."""
    figures, problems, kept = [], [], []
    # Python's own allocator would hide from the C library what is in use, and give back whole MB only.
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
    """Counts the programs compiled by each kind of work; `train_on_batch` gets 1 .. `sizes` rows."""
    counts = {}

    def count(name, work):
        before = compilations()
        work()
        counts[name] = compilations() - before

    compiler_options()  # once in a process, XLA is asked whether it knows them: a program of its own
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
    """D2: compilations."""
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
    """Lists the problems of 16 threads that predict, and of 2 that train a model each."""
    return [*_predicting(predicts), *_training()]


def _predicting(predicts):
    model, problems = built(), []
    alone = [model.predict(X[i : i + 10]) for i in range(16)]

    def predict(i):
        problems.extend(
            f"thread {i} predicted other numbers"
            for _ in range(predicts)
            if not np.array_equal(model.predict(X[i : i + 10]), alone[i])
        )

    _in_threads(problems, [lambda i=i: predict(i) for i in range(16)])
    return problems


def _training():
    problems = []

    def trained():
        np.random.seed(1)
        models = [built(), built()]
        for one in models:
            one.train_on_batch(X[:50], Y[:50])
        return models

    def train(one):
        for i in range(20):
            one.train_on_batch(X[i : i + 50], Y[i : i + 50])
            one.predict(X)

    serial, parallel = trained(), trained()
    for one in serial:
        train(one)
    _in_threads(problems, [lambda one=one: train(one) for one in parallel])
    problems += [
        "two models trained in two threads have other weights"
        for one, other in zip(serial, parallel, strict=True)
        if not all(map(np.array_equal, one.get_weights(), other.get_weights()))
    ]
    # One model that predicts while it is trained: other numbers, but no error.
    model = built()
    _in_threads(problems, [lambda: train(model), lambda: train(model)])
    return problems


def _in_threads(problems, works):
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


def parallel(run):
    """J1: threads."""
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
