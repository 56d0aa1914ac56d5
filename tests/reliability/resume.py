"""Training that is killed and resumed (C1), and training that is repeated (C2): bit-identical results."""

import contextlib
import hashlib
import os
import random
import signal
import subprocess
import sys

import numpy as np

from keras.callbacks import (
    CSVLogger,
    EarlyStopping,
    LambdaCallback,
    LearningRateScheduler,
    ModelCheckpoint,
    ReduceLROnPlateau,
    TrainingCheckpoint,
)
from keras.engine.training import GeneratorEnqueuer
from keras.layers import (
    GRU,
    LSTM,
    BatchNormalization,
    Convolution2D,
    Dense,
    Dropout,
    Flatten,
    GaussianNoise,
    Reshape,
)
from keras.models import Sequential
from keras.optimizers import SGD, Adagrad, Adam, Nadam, RMSprop
from keras.preprocessing.image import ImageDataGenerator
from reliability import keras_3
from reliability.forks import Forks
from reliability.row import Figure, Row

SAMPLES, BATCH, EPOCHS = 48, 4, 4
BATCHES = EPOCHS * SAMPLES // BATCH
X = np.random.RandomState(0).rand(SAMPLES, 8).astype("float32")
Y = np.random.RandomState(1).rand(SAMPLES, 1).astype("float32")


def dense():
    return [Dense(8, activation="relu", input_dim=8), Dense(1)]


def dropout():
    return [Dense(8, activation="relu", input_dim=8), Dropout(0.4), GaussianNoise(0.1), Dense(1)]


def norm():
    return [Dense(8, input_dim=8), BatchNormalization(), Dropout(0.3), Dense(1)]


def conv():
    return [Reshape((2, 2, 2), input_shape=(8,)), Convolution2D(3, 2, 2), Flatten(), Dropout(0.2), Dense(1)]


def lstm():
    return [Reshape((4, 2), input_shape=(8,)), LSTM(4, dropout_W=0.2, dropout_U=0.2), Dense(1)]


def stateful():
    shape = (BATCH, 8)
    return [Reshape((4, 2), batch_input_shape=shape), GRU(4, stateful=True), Dense(1)]


OPTIMIZERS = {
    "momentum": lambda: SGD(lr=0.02, momentum=0.9, nesterov=True),
    "sgd-decay": lambda: SGD(lr=0.05, decay=0.05),
    "rmsprop-decay": lambda: RMSprop(decay=0.1),
    "adagrad-decay": lambda: Adagrad(decay=0.1),
    "adam": lambda: Adam(decay=0.01),
    "nadam": lambda: Nadam(schedule_decay=0.04),
}


def schedule(_):
    return [LearningRateScheduler(lambda epoch: 0.05 / (1 + epoch))]


def plateau(_):
    return [EarlyStopping("val_loss", patience=1), ReduceLROnPlateau("val_loss", patience=0, factor=0.5)]


def logs(folder):
    return [
        CSVLogger(os.path.join(folder, "log.csv")),
        ModelCheckpoint(os.path.join(folder, "best.h5"), save_best_only=True),
    ]


class Batches:
    """A generator that cannot report its position."""

    def __init__(self):
        self.number = 0

    def __next__(self):
        rows = np.random.randint(SAMPLES, size=BATCH)
        self.number += 1
        return X[rows] + 0.001 * self.number, Y[rows]


def image_batches(seed=None):
    images = ImageDataGenerator(rotation_range=20, horizontal_flip=True, dim_ordering="tf")
    return images.flow(X.reshape(-1, 2, 4, 1), Y, BATCH, shuffle=True, seed=seed)


def from_images():
    return [Reshape((8,), input_shape=(2, 4, 1)), Dense(8, activation="tanh"), Dropout(0.3), Dense(1)]


#: name: (layers, optimizer, options of fit or fit_generator, further callbacks)
CASES = {
    "shuffle": (dense, "momentum", {}, None),
    "shuffle-batch": (dense, "momentum", {"shuffle": "batch"}, None),
    "no-shuffle": (dense, "adam", {"shuffle": False}, None),
    "dropout-adam": (dropout, "adam", {}, None),
    "dropout-rmsprop": (dropout, "rmsprop-decay", {}, None),
    "dropout-nadam": (dropout, "nadam", {"shuffle": "batch"}, None),
    "norm-momentum": (norm, "momentum", {}, None),
    "norm-adagrad": (norm, "adagrad-decay", {}, None),
    "norm-nadam": (norm, "nadam", {"shuffle": False}, None),
    "sgd-decay": (dense, "sgd-decay", {}, None),
    "schedule": (dropout, "momentum", {}, schedule),
    "schedule-norm": (norm, "sgd-decay", {"shuffle": "batch"}, schedule),
    "plateau": (dropout, "adam", {"validation_split": 0.25}, plateau),
    "plateau-norm": (norm, "momentum", {"validation_split": 0.25}, plateau),
    "logs": (dropout, "adam", {"validation_split": 0.25}, logs),
    "short-batch": (dropout, "adam", {"batch_size": 7}, None),
    "validation": (norm, "rmsprop-decay", {"validation_data": (X[:8], Y[:8])}, None),
    "class-weight": (dropout, "adam", {"class_weight": {0: 1, 1: 3}}, None),
    "conv": (conv, "adam", {}, None),
    "conv-plateau": (conv, "rmsprop-decay", {"validation_split": 0.25}, plateau),
    "lstm": (lstm, "rmsprop-decay", {}, None),
    "stateful": (stateful, "adam", {"shuffle": False}, None),
    "stateful-schedule": (stateful, "momentum", {"shuffle": False}, schedule),
    "generator": (dropout, "adam", {"generator": Batches}, None),
    "generator-plateau": (norm, "nadam", {"generator": Batches, "validation_data": (X, Y)}, plateau),
    "images": (from_images, "adam", {"generator": image_batches}, None),
    "images-seed": (from_images, "nadam", {"generator": lambda: image_batches(7), "nb_worker": 3}, None),
    "images-processes": (
        from_images,
        "adam",
        {"generator": image_batches, "nb_worker": 2, "pickle_safe": True},
        None,
    ),
}
QUICK = "dropout-nadam plateau stateful generator images".split()


def train(name, folder, resume=False, kill_at=None, watched=False):
    """Trains one case; returns the digest of its weights and history, unless it is killed.

    Args:
        kill_at: int, the batch after which the process kills itself, counted over all epochs; or None.
        watched: bool, whether a callback is called at every batch, so that each batch is a program of its
            own. Otherwise the process is killed at the first save from that batch on.
    """
    layers, optimizer, options, more = CASES[name]
    options = dict(options)
    np.random.seed(3)
    model = Sequential(layers())
    model.compile(OPTIMIZERS[optimizer](), "mse", metrics=["mae"])
    checkpoint = TrainingCheckpoint(os.path.join(folder, "training.h5"), batches=3)
    callbacks = [*(more(folder) if more else ()), checkpoint]
    count = iter(range(10 * BATCHES))
    if watched:
        callbacks.append(LambdaCallback(on_batch_end=lambda *_: _kill(next(count), kill_at)))
    elif kill_at is not None:
        save = checkpoint._save
        checkpoint._save = lambda: (save(), _kill(3 * next(count) + 3, kill_at))
    options.update(
        verbose=0,
        nb_epoch=EPOCHS,
        callbacks=callbacks,
        resume_from=checkpoint.filepath if resume else None,
    )
    if "generator" in options:
        make = options.pop("generator")
        history = model.fit_generator(make(), SAMPLES, **options)
    else:
        y = (Y > 0.5).astype(int) if "class_weight" in options else Y
        history = model.fit(X, y, **{"batch_size": BATCH, **options})
    digest = hashlib.sha256()
    for array in model.get_weights():
        digest.update(np.ascontiguousarray(array).tobytes())
    said = {name: [float(value) for value in values] for name, values in history.history.items()}
    digest.update(repr((history.epoch, sorted(said.items()))).encode())
    log = os.path.join(folder, "log.csv")
    with contextlib.suppress(FileNotFoundError), open(log, "rb") as file:
        digest.update(file.read())
    return digest.hexdigest()


def _kill(batch, kill_at):
    if kill_at is not None and batch >= kill_at:
        os.kill(os.getpid(), signal.SIGKILL)


def _resumed_is_equal(forks, name, run, seed):
    """Returns the problem with a case, or None."""
    chance = random.Random(f"{name} {seed}")
    watched = chance.random() < 0.5
    folders = [run.folder / f"{name}-{seed}-{part}" for part in ("whole", "killed")]
    for folder in folders:
        folder.mkdir()

    def trained(folder, *how):
        return forks.run("reliability.resume:train", name, str(folder), *how, watched, timeout=60)

    whole = trained(folders[0], False, None)
    if whole.result is None:
        return f"{name}: {whole.error}"
    # Early stopping may end a case after two epochs.
    kill_at = chance.randrange(4, BATCHES // 2)
    killed = trained(folders[1], False, kill_at)
    if killed.signal != signal.SIGKILL:
        return f"{name}: was not killed at batch {kill_at}: {killed.error}"
    resumed = trained(folders[1], True, None)
    if resumed.result != whole.result:
        return f"{name}: killed at batch {kill_at}, watched={watched}: {resumed.error or 'other numbers'}"
    return None


def resume(run):
    """Measures C1: runs each case without a break, and killed at a random batch and resumed."""
    names = QUICK if run.quick else list(CASES)
    with Forks("reliability.resume") as forks:
        found = [_resumed_is_equal(forks, name, run, 0) for name in names]
    problems = tuple(problem for problem in found if problem)
    return Figure(f"{len(names) - len(problems)} of {len(names)} equal", not problems, None, problems)


# --- C2 ---------------------------------------------------------------------------------------------


def train_anew(hash_seed, folder):
    """Returns the digest of a training in a new process with a seed for Python's `hash`."""
    code = f"from reliability.resume import train; print(train('norm-momentum', {folder!r}))"
    environment = {**os.environ, "PYTHONHASHSEED": str(hash_seed), "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=60
    )
    return done.stdout.strip().split("\n")[-1] if done.returncode == 0 else done.stderr


def batches_of(pickle_safe, seed, count):
    """Returns the digests of the first batches of an ImageDataGenerator with 1, 2 and 4 workers."""
    return [_digest_of_batches(workers, pickle_safe, seed, count) for workers in (1, 2, 4)]


def _digest_of_batches(workers, pickle_safe, seed, count):
    np.random.seed(5)
    enqueuer = GeneratorEnqueuer(image_batches(seed), pickle_safe)
    enqueuer.start(workers, 4)
    digest = hashlib.sha256()
    for _ in range(count):
        for array in enqueuer.get():
            digest.update(np.ascontiguousarray(array).tobytes())
    enqueuer.stop()
    return digest.hexdigest()


def repeat(run):
    """Measures C2: new processes train alike, and the order of batches does not depend on the workers."""
    processes = run.count(5, 2)
    digests = []
    for number in range(processes):
        folder = run.folder / str(number)
        folder.mkdir()
        digests.append(train_anew(number, str(folder)))
    problems = [] if len(set(digests)) == 1 else [f"fresh processes: {digests}"]
    kinds = [(False, None), (False, 7), *([(True, None), (True, 7)] if not run.quick else [(True, None)])]
    with Forks("reliability.resume") as forks:
        for pickle_safe, seed in kinds:
            call = ("reliability.resume:batches_of", pickle_safe, seed, 3 * SAMPLES // BATCH)
            outcome = forks.run(*call, timeout=60)
            if outcome.result is None or len(set(outcome.result)) > 1:
                problems.append(f"{pickle_safe=}, {seed=}: workers 1, 2, 4 gave {outcome}")
    same = max(map(digests.count, digests))
    ours = f"{same} of {processes} processes equal; 1, 2, 4 workers of {len(kinds)} kinds"
    return Figure(ours, not problems, _keras_3_repeats(run), tuple(problems))


def _keras_3_repeats(run):
    if run.keras_3 is None:
        return None
    digests = []
    for number in range(run.count(5, 2)):
        seed = {"PYTHONHASHSEED": str(number)}
        digests.append(keras_3.ask(run.keras_3, "train_anew", timeout=180, **seed)[0])
    return f"{max(map(digests.count, digests))} of {len(digests)} processes equal"


ROWS = [
    Row("C1", "training killed at a random batch and resumed, SHA-256", "all equal", "1 of 4", resume),
    Row("C2", "training in fresh processes; batches of 1, 2, 4 workers", "all equal", "5 of 5", repeat),
]
