"""Damaged files (B3): truncated, one bit flipped, one block zeroed. None may load, hang or crash."""

import itertools
import os
import random

import numpy as np

from keras.layers import Dense, Input
from keras.models import Model, load_model
from reliability import keras_3
from reliability.forks import Forks
from reliability.row import Figure, Row

_BLOCK = 512


def small_model(units=16):
    """Returns a model as users save it: compiled, and with an optimizer state."""
    x = Input(shape=(8,), name="x")
    y = Dense(4, activation="softmax", name="y")(Dense(units, activation="relu", name="hidden")(x))
    model = Model(x, y)
    model.compile("adam", "categorical_crossentropy")
    model.train_on_batch(np.ones((4, 8)), np.eye(4))
    return model


def make(path, units=16):
    small_model(units).save(path)


def _truncated(content, random_numbers):
    return content[: random_numbers.randrange(len(content))]


def one_bit_flipped(content, random_numbers):
    content = bytearray(content)
    content[random_numbers.randrange(len(content))] ^= 1 << random_numbers.randrange(8)
    return bytes(content)


def _zeroed(content, random_numbers):
    """Returns None if the block has only zeros already."""
    start = random_numbers.randrange(len(content) // _BLOCK) * _BLOCK
    changed = content[:start] + bytes(_BLOCK) + content[start + _BLOCK :]
    return changed if changed != content else None


_KINDS = {"cut off": (_truncated, 300), "bit turned": (one_bit_flipped, 1000), "block zeroed": (_zeroed, 600)}


def _load_damaged(path, content_path, kind, seed, count):
    """Loads `count` damaged copies; returns a line for each that did not fail properly."""
    with open(content_path, "rb") as file:
        content = file.read()
    damage, random_numbers, problems = _KINDS[kind][0], random.Random(seed), []
    done = 0
    while done < count:
        damaged = damage(content, random_numbers)
        if damaged is None:
            continue
        done += 1
        with open(path, "wb") as file:
            file.write(damaged)
        try:
            load_model(path)
            problems.append(f"{kind}, seed {seed}, number {done}: it loads")
        except OSError as error:
            if path not in str(error) or "damaged" not in str(error):
                problems.append(f"{kind}, seed {seed}, number {done}: {error}")
        except Exception as error:
            problems.append(f"{kind}, seed {seed}, number {done}: {error!r}")
    return problems


def measure(run):
    good, damaged = os.path.join(run.folder, "good.h5"), os.path.join(run.folder, "damaged.h5")
    problems, total = [], 0
    with Forks("reliability.damage") as forks:
        made = forks.run("reliability.damage:make", good)
        assert made.error is None and not made.signal, made
        for kind, (_, full) in _KINDS.items():
            count = run.count(full, full // 10)
            total += count
            call = (damaged, good, kind, 1, count)
            outcome = forks.run("reliability.damage:_load_damaged", *call, timeout=60 + count)
            if outcome.result is None:
                problems.append(f"{kind}: the process hung or crashed ({outcome})")
            else:
                problems += outcome.result
    ours = f"{len(problems)} of {total} load, hang, crash or fail without naming the file"
    return Figure(ours, not problems, _keras_3_damage(run), tuple(problems))


def _keras_3_damage(run):
    if run.keras_3 is None:
        return None
    said = []
    for suffix in (".h5", ".keras"):
        good = os.path.join(run.folder, f"keras_3{suffix}")
        keras_3.ask(run.keras_3, "save", good, timeout=120)
        with open(good, "rb") as file:
            content = file.read()
        for kind, (damage, full) in _KINDS.items():
            folder = os.path.join(run.folder, f"{kind}{suffix}")
            os.mkdir(folder)
            count = run.count(min(full, 300), 3)
            random_numbers = random.Random(1)
            copies = filter(None, (damage(content, random_numbers) for _ in itertools.count()))
            for number, damaged in enumerate(itertools.islice(copies, count)):
                with open(os.path.join(folder, f"{number}{suffix}"), "wb") as file:
                    file.write(damaged)
            found = _keras_3_loads(run.keras_3, good, folder, count)
            ended = f", {found.count('h')} hang or crash" if "h" in found else ""
            said.append(f"{suffix}, {kind}: {found.count('w')} of {count} load wrong{ended}")
    return "; ".join(said)


def _keras_3_loads(python, good, folder, count):
    progress = os.path.join(folder, "progress")
    open(progress, "w").close()
    while os.path.getsize(progress) < count:
        _, ended = keras_3.ask(python, "load_all", good, folder, count, progress, timeout=120 + count)
        if ended:
            with open(progress, "a") as file:
                file.write("h")
    with open(progress) as file:
        return file.read()


ROWS = [
    Row(
        "B3",
        "damaged model files: 300 cut off, 1,000 with a bit turned, 600 with 512 bytes zeroed",
        "0 load wrong, 0 hang, 0 crash, all named",
        ".h5: 273 of 300 bits and 182 of 300 blocks load wrong, 8 hang; .keras: 0 wrong",
        measure,
    ),
]
