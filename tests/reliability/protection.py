"""Protection of model files against a flipped bit (B4): none, HDF5's checksum, the digest."""

import os
import random
import signal

import h5py

from keras._files.digest import BLOCK_BYTES
from keras.models import load_model
from reliability.damage import one_bit_flipped
from reliability.forks import Forks
from reliability.row import Figure, Row


def _without_digest(content, folder):
    return content[BLOCK_BYTES:]


def _with_fletcher32(content, folder):
    """Adds HDF5's own checksums, which cover only the values of datasets."""
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


#: Protections: name -> function of (the content with our digest, a folder).
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


def _load_flipped(path, start, end, progress):
    """Loads copies `start` .. `end` with one flipped bit each; writes a letter for each, as it may crash."""
    with open(f"{path}.protected", "rb") as file:
        content = file.read()
    good = _state(load_model(f"{path}.protected"))
    with open(progress, "ab", buffering=0) as file:
        for number in range(start, end):
            with open(f"{path}.damaged", "wb") as damaged:
                damaged.write(one_bit_flipped(content, random.Random(number)))
            signal.alarm(5)  # kills the process: Python's handlers do not run while HDF5 hangs
            try:
                file.write(b"r" if _state(load_model(f"{path}.damaged")) == good else b"w")
            except Exception:
                file.write(b"e")
            signal.alarm(0)


def _flipped(forks, path, count):
    """Counts the copies that load wrongly, load correctly, raise an error, and hang or crash."""
    progress = f"{path}.progress"
    open(progress, "w").close()
    while (done := os.path.getsize(progress)) < count:
        outcome = forks.run(
            "reliability.protection:_load_flipped", path, done, count, progress, timeout=60 + count
        )
        if outcome.error:
            raise RuntimeError(outcome.error)
        if outcome.result is None and outcome.signal:
            with open(progress, "a") as file:
                file.write("h")
    with open(progress) as file:
        found = file.read()
    return [found.count(letter) for letter in "wreh"]


def measure(run):
    count, said = run.count(full=1000, quick=30), []
    path = os.path.join(run.folder, "model.h5")
    with Forks("reliability.protection") as forks:
        forks.run("reliability.damage:make", path, 2000)  # most of the file is weights
        for name in PROTECTIONS:
            outcome = forks.run("reliability.protection:_protect", path, name)
            assert outcome.error is None, outcome.error
            wrong, _, _, ended = _flipped(forks, path, count)
            said.append(f"{name} {wrong} wrong, {ended} hang or crash")
    problems = () if wrong == ended == 0 else (said[-1],)
    return Figure(f"of {count} each: " + "; ".join(said), not problems, problems=problems)


ROWS = [
    Row(
        "B4",
        "what protects a model file from a bit that turns, 1,000 files each",
        "0 wrong, 0 hang or crash with what is used, the SHA-256",
        "what nothing protects is its .h5; a .keras has the CRC-32 of zip",
        measure,
    ),
]
