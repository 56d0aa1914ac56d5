"""Damaged files: cut off, one bit turned, one block of zeros (B3); what would protect them how well (B4)."""

import itertools
import os
import random
import signal

import h5py
import numpy as np

from keras.layers import Dense, Input
from keras.models import Model, load_model
from keras.utils._digest import BLOCK_BYTES
from reliability import keras_3
from reliability.forks import Forks
from reliability.row import Figure, Row

_BLOCK = 512


def small_model(units=16):
    """A model as people save it: compiled, and with the state of its optimizer."""
    x = Input(shape=(8,), name="x")
    y = Dense(4, activation="softmax", name="y")(Dense(units, activation="relu", name="hidden")(x))
    model = Model(x, y)
    model.compile("adam", "categorical_crossentropy")
    model.train_on_batch(np.ones((4, 8)), np.eye(4))
    return model


def _make(path, units=16):
    small_model(units).save(path)


def _truncated(content, random_numbers):
    return content[: random_numbers.randrange(len(content))]


def _one_bit_turned(content, random_numbers):
    content = bytearray(content)
    content[random_numbers.randrange(len(content))] ^= 1 << random_numbers.randrange(8)
    return bytes(content)


def _zeroed(content, random_numbers):
    """None where the block holds nothing but zeros already."""
    start = random_numbers.randrange(len(content) // _BLOCK) * _BLOCK
    changed = content[:start] + bytes(_BLOCK) + content[start + _BLOCK :]
    return changed if changed != content else None


_KINDS = {"cut off": (_truncated, 300), "bit turned": (_one_bit_turned, 1000), "block zeroed": (_zeroed, 600)}


def _load_damaged(path, content_path, kind, seed, count):
    """Loads `count` damaged copies; returns what went wrong with each that did not fail as it should."""
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
        made = forks.run("reliability.damage:_make", good)
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


# --- B4 -------------------------------------------------------------------------------------------


def _without_digest(content, folder):
    return content[BLOCK_BYTES:]


def _with_fletcher32(content, folder):
    """The same file with HDF5's own check sums, which it has for the values of data sets only."""
    path = os.path.join(folder, "plain.h5")
    with open(path, "wb") as file:
        file.write(content[BLOCK_BYTES:])
    with h5py.File(path, "r") as old, h5py.File(path + ".new", "w", libver="earliest") as new:
        _copy(old, new)
    with open(path + ".new", "rb") as file:
        return file.read()


def _copy(old, new):
    new.attrs.update(old.attrs)
    for name, item in old.items():
        if isinstance(item, h5py.Group):
            _copy(item, new.create_group(name))
        elif item.ndim:
            new.create_dataset(name, data=item[()], fletcher32=True, chunks=item.shape)
        else:
            new[name] = item[()]


#: What stands guard over a file: name -> function of (the content with our digest, a folder).
PROTECTIONS = {
    "nothing": _without_digest,
    "HDF5's fletcher32": _with_fletcher32,
    "SHA-256 in a user block": lambda content, folder: content,
}


def _protect(path, name):
    with open(path, "rb") as file:
        content = file.read()
    with open(f"{path}.protected", "wb") as file:
        file.write(PROTECTIONS[name](content, os.path.dirname(path)))


def _state(model):
    optimizer = [variable.get_value() for variable in model.optimizer.weights]
    return model.to_json(), [array.tobytes() for array in (*model.get_weights(), *optimizer)]


def _load_turned(path, start, end, progress):
    """Loads copies `start` .. `end` with a bit turned each, one letter for each: it may not return."""
    with open(f"{path}.protected", "rb") as file:
        content = file.read()
    good = _state(load_model(f"{path}.protected"))
    with open(progress, "a", buffering=1) as file:
        for number in range(start, end):
            with open(f"{path}.damaged", "wb") as damaged:
                damaged.write(_one_bit_turned(content, random.Random(number)))
            signal.alarm(5)  # kills: Python's handlers do not run while HDF5 hangs
            try:
                file.write("r" if _state(load_model(f"{path}.damaged")) == good else "w")
            except Exception:
                file.write("e")
            signal.alarm(0)


def _turned(forks, path, count):
    """How many copies load [wrongly, rightly], end in [an error], or [hang or crash]."""
    progress = f"{path}.progress"
    open(progress, "w").close()
    while (done := os.path.getsize(progress)) < count:
        outcome = forks.run(
            "reliability.damage:_load_turned", path, done, count, progress, timeout=60 + count
        )
        if outcome.error:
            raise RuntimeError(outcome.error)
        if outcome.result is None and outcome.signal:
            with open(progress, "a") as file:
                file.write("h")
    with open(progress) as file:
        found = file.read()
    return [found.count(letter) for letter in "wreh"]


def measure_protections(run):
    count, said = run.count(full=1000, quick=30), []
    path = os.path.join(run.folder, "model.h5")
    with Forks("reliability.damage") as forks:
        forks.run("reliability.damage:_make", path, 2000)  # the file is weights for the most part
        for name in PROTECTIONS:
            outcome = forks.run("reliability.damage:_protect", path, name)
            assert outcome.error is None, outcome.error
            wrong, _, _, ended = _turned(forks, path, count)
            said.append(f"{name} {wrong} wrong, {ended} hang or crash")
    problems = () if wrong == ended == 0 else (said[-1],)
    return Figure(f"of {count} each: " + "; ".join(said), not problems, problems=problems)


ROWS = [
    Row(
        "B3",
        "damaged model files: 300 cut off, 1,000 with a bit turned, 600 with 512 bytes zeroed",
        "0 load wrong, 0 hang, 0 crash, all named",
        ".h5: 273 of 300 bits and 182 of 300 blocks load wrong, 8 hang; .keras: 0 wrong",
        measure,
    ),
    Row(
        "B4",
        "what protects a model file from a bit that turns, 1,000 files each",
        "0 wrong, 0 hang or crash with what is used, the SHA-256",
        "what nothing protects is its .h5; a .keras has the CRC-32 of zip",
        measure_protections,
    ),
]
