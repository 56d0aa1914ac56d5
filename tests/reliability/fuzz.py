"""Fuzzing of all loaders (H1): loads randomly changed good input and counts bad ends.

The row changes its input blindly. For fuzzing that is guided by coverage, with `pip install atheris`:

    python tests/reliability/fuzz.py json -max_total_time=3600

Targets: json, yaml, config (builds a model from a changed config), hdf5 (a file with changed names, shapes
and attributes, without a digest), structures (a file with changed bytes where the reader looks), state (a
training state with a changed text), tar, pickle. An undocumented error, a hang or a crash ends the run, and
libFuzzer writes the input to a file.
"""

import contextlib
import functools
import gzip
import io
import itertools
import json
import os
import pickle
import random
import shutil
import signal
import sys
import tempfile
import types

if __name__ == "__main__":
    _tests = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    sys.path[:1] = [os.path.join(os.path.dirname(_tests), "src"), _tests]

import h5py
import numpy as np
from attacks import states
from attacks.archives import archive, member
from attacks.configs import SMALL, SMALL_WEIGHTS, layer, model
from hdf5_trials import mutations

from keras._files import archives as _tar
from keras._files import config_text, hdf5_format
from keras.datasets._pickles import load_pickle
from keras.models import load_model, model_from_config
from reliability.forks import Forks
from reliability.row import Figure, Row

DOCUMENTED = (ValueError, TypeError, OSError, MemoryError)
_SECONDS = 5  # CPU time for one input
_MEMORY = "/dev/shm"
# The modules whose coverage guides the search.
_GUIDED = (
    "keras._files.config_text",
    "keras._files.hdf5_format",
    "keras._files.hdf5_reader",
    "keras._files.archives",
    "keras.datasets._pickle",
    "keras.engine.files.building",
    "keras.engine.fitting.plain_data",
    "keras.engine.fitting.training_state",
)
# Inputs per round: the most for fast loaders, so that each target takes minutes in all.
ROUND = {
    "json": 180_000,
    "yaml": 8_000,
    "config": 7_000,
    "hdf5": 1_000,
    "structures": 1_000,
    "state": 1_000,
    "tar": 6_000,
    "pickle": 20_000,
}
_ROUNDS = 50

CONFIG = model(
    layer("dense", "Dense", output_dim=3, activation="relu", W_regularizer={"name": "WeightRegularizer"}),
    layer("lstm", "Reshape", ["dense"], target_shape=[3, 1]),
    layer("merged", "Merge", ["lstm", "lstm"], mode="concat", mode_type="raw", concat_axis=-1),
)
# Values that replace others.
_ODD = [None, True, -1, 0, 2**31, 2**63, 10**40, 1e308, -0.5, "", "x", "../x", "\0", [], {}, [[]], [None]]
_LENGTHS, _TIMES = [1, 1, 2, 8, 64], [1, 2, 100]
_TOKENS = [b"[", b"{", b'"', b"&a ", b"*a", b"!!x ", b"\0", b"9" * 50]


# --- targets: function of bytes -------------------------------------------------------------------


def _json(data, folder):
    config_text.load_json(data)


def _yaml(data, folder):
    config_text.load_yaml(data)


def _config(data, folder):
    """Uses the bytes to choose the changes to a config."""
    model_from_config(_changed(CONFIG, random.Random(data)))


def _archive(data, folder):
    path = os.path.join(folder, "a.tar.gz")
    with open(path, "wb") as file:
        # Compressed here, as gzip's checksum would stop nearly all changes.
        file.write(gzip.compress(data, 1))
    target = os.path.join(folder, "out")
    _tar.extract_tar(path, target)
    shutil.rmtree(target)


def _hdf5(data, folder):
    """Uses the bytes to choose the changes to a file; h5py makes them, so that HDF5 can read the result."""
    path, random_numbers = os.path.join(folder, "m.h5"), random.Random(data)
    with open(path, "wb") as good:
        good.write(_good_file())
    with h5py.File(path, "r+") as file:
        for _ in range(random_numbers.randint(1, 3)):
            _change_file(file, random_numbers)
    load_model(path)


def _structures(data, folder):
    """Uses the bytes to choose the changes to the structures of a file, below the level of h5py."""
    path, random_numbers = os.path.join(folder, "m.h5"), np.random.default_rng(list(data))
    image = _good_file(str(random_numbers.choice(["earliest", "latest"])))
    with open(path, "wb") as file:
        file.write(mutations.mutated(image, _places(image), random_numbers))
    with mutations.checksums_ignored():
        load_model(path)


def _state(data, folder):
    """Uses the bytes to choose the changes to the text of a training state."""
    path = os.path.join(folder, "state.h5")
    states.write_state(path, _changed(states.parts()[0], random.Random(data)))
    states.resume(path)


def _pickle(data, folder):
    path = os.path.join(folder, "a.pkl")
    with open(path, "wb") as file:
        file.write(data)
    load_pickle(path)


_places = functools.cache(mutations.structures)


@functools.cache
def _good_file(version="earliest"):
    """Returns the bytes of an HDF5 file without a digest."""
    image = io.BytesIO()
    with h5py.File(image, "w", libver=version) as file:
        hdf5_format.write_model_parts(file, SMALL, SMALL_WEIGHTS)
    return image.getvalue()


TARGETS = {
    "json": _json,
    "yaml": _yaml,
    "config": _config,
    "hdf5": _hdf5,
    "structures": _structures,
    "state": _state,
    "tar": _archive,
    "pickle": _pickle,
}
_ODD_YAML = b"a: &a !!python/tuple [1, 2]\nb: *a\nc: 12:30\n"
_DATA_SET = ((np.arange(6, dtype="uint8").reshape(2, 3), [3, 1]), {"word": 1, "another": 2.5}, None)
_ODD_JSON = rb'{"a": [1, -2.5e3, true, null], "b\u00e9\ud83d\ude00": {"c": "\"x\\"}, "d": [[], {}]}'
# The good inputs that are changed: a model, and a short text, in which a change has more effect.
SEEDS = {
    "json": [json.dumps(CONFIG, indent=1).encode(), _ODD_JSON],
    "yaml": [config_text.dump_yaml(CONFIG).encode() + _ODD_YAML, b"x: {y: [1, -2.5e3, 'z']}\n" + _ODD_YAML],
    "config": [b"0"],
    "hdf5": [b"0"],
    "structures": [b"0"],
    "state": [b"0"],
    "pickle": [pickle.dumps(_DATA_SET, protocol) for protocol in range(pickle.HIGHEST_PROTOCOL + 1)],
    "tar": [gzip.decompress(archive(member("a/x", b"x" * 600), member("b"), member("é/y")))],
}


# --- changes --------------------------------------------------------------------------------------


def _changed(value, random_numbers):
    """Returns a copy of plain data in which one to three values are replaced."""
    copy = json.loads(json.dumps(value))
    for _ in range(random_numbers.randint(1, 3)):
        item = copy
        while True:
            keys = list(item) if isinstance(item, dict) else range(len(item))
            key = random_numbers.choice(list(keys)) if keys else None
            if key is None:
                break
            child = item[key]
            if isinstance(child, dict | list) and child and random_numbers.random() < 0.85:
                item = child
                continue
            item[key] = json.loads(json.dumps(random_numbers.choice([*_ODD, item])))
            if isinstance(item, dict) and random_numbers.random() < 0.3:
                del item[key]
            break
    return copy


def _change_file(file, random_numbers):
    names = ["/"]
    file.visit(names.append)
    place = file[random_numbers.choice(names)]
    odd = [
        1,
        "x",
        b"\xff",
        [b"x", b"x"],
        np.zeros((2, 2)),
        json.dumps(SMALL)[:-5],
        "[" * 70,
        [b"dense", b"x"],
    ]
    if random_numbers.random() < 0.5 or place.name == "/":
        attributes = [*place.attrs, "layer_names", "weight_names", "nb_layers"]
        name = random_numbers.choice(attributes)
        if random_numbers.random() < 0.3 and name in place.attrs:
            del place.attrs[name]
        else:
            place.attrs[name] = random_numbers.choice(odd)
        return
    parent, name = place.parent, place.name.rpartition("/")[2]
    del parent[name]
    shape = random_numbers.choice([(), (0,), (4, 3), (3,), (3, 4), (2**40,), (1,) * 32])
    kind = random_numbers.choice(["f4", "f2", "f8", "i1", "?", "S3", "c8", h5py.ref_dtype])
    kinds = random_numbers.choice([{}, {"chunks": True, "compression": "gzip"}])
    try:
        parent.create_dataset(name, shape, kind, **kinds)
    except (TypeError, ValueError, OSError):
        parent.create_group(name)


def _damaged(data, random_numbers):
    """Returns the data with a few bytes changed, removed, repeated or inserted."""
    draw = random_numbers.random  # a tenth of the time of `randrange`, which would be half of JSON's
    data = bytearray(data)
    for _ in range(1 + int(8 * draw())):
        if not data:
            break
        start = int(len(data) * draw())
        end = start + _LENGTHS[int(5 * draw())]
        kind = int(5 * draw())
        if kind == 0:
            data[start] ^= 1 << int(8 * draw())
        elif kind == 1:
            del data[start:end]
        elif kind == 2:
            data[start:start] = data[start:end] * _TIMES[int(3 * draw())]
        elif kind == 3:
            data[start:start] = _TOKENS[int(len(_TOKENS) * draw())]
        else:
            data[start:end] = random_numbers.randbytes(len(data[start:end]))
    return bytes(data)


# --- the row --------------------------------------------------------------------------------------


def fuzz(target, folder, inputs, seed):
    """Tries inputs that depend on the seed; returns a line for each with an undocumented error."""
    random_numbers, problems = random.Random(seed), []
    by_number = target in ("config", "hdf5", "structures", "state")
    devnull = os.open(os.devnull, os.O_WRONLY)
    os.dup2(devnull, 2)  # warnings of layers
    for number in range(inputs):
        if by_number:
            data = str((seed, number)).encode()
        else:
            data = _damaged(random_numbers.choice(SEEDS[target]), random_numbers)
        signal.setitimer(signal.ITIMER_PROF, _SECONDS)
        try:
            with contextlib.suppress(*DOCUMENTED):
                TARGETS[target](data, folder)
        except Exception as error:
            problems.append(f"{target} {data[:200]!r}: {error!r:.300}")
    signal.setitimer(signal.ITIMER_PROF, 0)
    return problems


def measure(run):
    counts, problems, rounds = dict.fromkeys(TARGETS, 0), [], run.count(full=_ROUNDS, quick=1)
    with Forks("reliability.fuzz", KERAS_COMPILE_CACHE="0") as children:
        for number, target in itertools.product(range(1, rounds + 1), TARGETS):
            inputs = run.count(full=ROUND[target], quick=ROUND[target] // 10)
            # In memory if there is a folder for that: writing files to a disk takes longer than reading them.
            with tempfile.TemporaryDirectory(dir=_MEMORY if os.path.isdir(_MEMORY) else run.folder) as folder:
                outcome = children.run("reliability.fuzz:fuzz", target, folder, inputs, number, timeout=900)
            if outcome.result is None:
                problems.append(f"{target}, seed {number}: hung or crashed: {outcome}")
            else:
                counts[target] += inputs
                problems += outcome.result
            if target == list(TARGETS)[-1]:
                print(f"H1: round {number} of {rounds}: {_said(counts, problems)}", file=sys.stderr)
    return Figure(_said(counts, problems), not problems, problems=tuple(problems))


def _said(counts, problems):
    inputs = ", ".join(f"{target} {count:,}" for target, count in counts.items())
    return f"{len(problems)} bad ends in {sum(counts.values()):,} inputs ({inputs})"


ROWS = [
    Row(
        "H1",
        "changed JSON, YAML, configs, HDF5 files and their structures, states, archives, pickles",
        "10 M inputs, 0 crashes, 0 hangs of more than 5 s, only documented errors",
        "no fuzzing there",
        measure,
    )
]


def _guided(arguments):
    """Runs libFuzzer on a target."""
    import atheris  # needed here only, and not available for every Python

    target = arguments.pop(1)
    folder = tempfile.mkdtemp()
    instrumented = {}
    for module in [module for name, module in sys.modules.items() if name.startswith(_GUIDED)]:
        for name, value in list(vars(module).items()):
            if isinstance(value, types.FunctionType) and value.__module__.startswith(_GUIDED):
                if value not in instrumented:
                    instrumented[value] = atheris.instrument_func(value)
                setattr(module, name, instrumented[value])

    def try_input(data):
        with contextlib.suppress(*DOCUMENTED):
            TARGETS[target](data, folder)

    corpus = tempfile.mkdtemp()
    for number, seed in enumerate(SEEDS[target]):
        with open(os.path.join(corpus, f"seed_{number}"), "wb") as file:
            file.write(seed)
    atheris.Setup([arguments[0], f"-timeout={_SECONDS}", *arguments[1:], corpus], try_input)
    atheris.Fuzz()


if __name__ == "__main__":
    _guided(sys.argv)
