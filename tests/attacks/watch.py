"""Loads files in this process and watches what that does to it. Made to run in a child; Linux only."""

import ctypes
import json
import os
import shutil
import signal
import sys
import time

import numpy as np
from reliability import forks

from attacks.configs import SMALL
from keras._files.archives import extract_tar
from keras.datasets._pickles import load_pickle
from keras.models import Model, Sequential, load_model, model_from_config, model_from_json, model_from_yaml

SECONDS = 5  # of the processor
_PATIENCE = 60  # seconds by the clock, for what waits and does nothing
MEBIBYTES = 200
DOCUMENTED = (ValueError, TypeError, OSError, MemoryError)

# What nothing that is loaded may do. Names end where more may follow.
_FORBIDDEN = (
    "import",
    "socket.",
    "subprocess.",
    "os.system",
    "os.exec",
    "os.spawn",
    "os.posix_spawn",
    "os.fork",
    "os.symlink",
    "os.link",
    "os.chmod",
    "os.kill",
    "marshal.load",
    "pickle.find_class",
    "ctypes.dlopen",
    "urllib.",
    "http.",
    "webbrowser.",
    "shutil.move",
)
# Pickles of NumPy arrays name functions; which ones is checked by what comes of them.
_DOORS_THAT_NAME = ("pickle",)


def _read(path):
    with open(path, encoding="utf-8", errors="surrogateescape") as file:
        return file.read()


def _from_config(path):
    config = json.loads(_read(path))
    return {"Model": Model, "Sequential": Sequential}[config["class_name"]].from_config(config["config"])


def _weights(path, model):
    built = model_from_json(_read(model)) if model else model_from_config(SMALL)
    built.load_weights(path)
    return built


def _tar(path):
    target = path + ".out"
    try:
        extract_tar(path, target)
    finally:
        shutil.rmtree(target, ignore_errors=True)


_DOORS = {
    "json": lambda path, model: model_from_json(_read(path)),
    "yaml": lambda path, model: model_from_yaml(_read(path)),
    "from_config": lambda path, model: _from_config(path),
    "model": lambda path, model: load_model(path),
    "weights": _weights,
    "tar": lambda path, model: _tar(path),
    "pickle": lambda path, model: load_pickle(path),
}


class Watch:
    """Notes what this process does that is forbidden.

    Args:
        folder: path of the corpus. In `inside`, files may be opened; what is in `outside` is watched by the
            kernel too, since libraries written in C open files without telling Python.
    """

    def __init__(self, folder):
        self.seen = []
        self.door = None
        self._inside = os.path.join(folder, "inside") + os.sep
        self._outside = os.path.join(folder, "outside")
        self._files = sorted(os.listdir(self._outside))
        libc = ctypes.CDLL(None)
        self._notices = libc.inotify_init1(os.O_NONBLOCK)
        in_access, in_open = 0x1, 0x20
        for name in self._files:
            path = os.path.join(self._outside, name).encode()
            libc.inotify_add_watch(self._notices, path, in_access | in_open)
        sys.addaudithook(self._hear)

    def _hear(self, event, arguments):
        if self.door is None:
            return
        if event == "open":
            path = arguments[0]
            if not isinstance(path, int) and not os.path.abspath(os.fsdecode(path)).startswith(self._inside):
                self.seen.append(f"opened {path!r}")
        elif event.startswith(_FORBIDDEN) and self.door not in _DOORS_THAT_NAME:
            self.seen.append(f"{event} {arguments!r:.100}")

    def begin(self, door):
        self.seen, self.door = [], door

    def end(self):
        """What was seen since `begin`."""
        self.door = None
        try:
            os.read(self._notices, 1 << 16)
            self.seen.append("a library opened a file outside")
        except BlockingIOError:
            pass
        made = set(os.listdir(self._outside)) - set(self._files)
        for name in made:
            path = os.path.join(self._outside, name)
            shutil.rmtree(path) if os.path.isdir(path) else os.unlink(path)
            self.seen.append(f"made outside/{name}")
        return self.seen


def _load(entry):
    """The error that loading ends in, or None."""
    try:
        _DOORS[entry["door"]](entry["path"], entry["model"])
    except Exception as error:
        return error


def load_good(entries):
    """Names of the files that do not load, with their errors."""
    errors = [(entry["name"], _load(entry)) for entry in entries]
    return [f"{name}: {error!r:.300}" for name, error in errors if error is not None]


def load_attacks(folder, entries, warm_up, progress):
    """Loads attacks one by one.

    Args:
        folder: path of the corpus.
        entries: attacks to load.
        warm_up: good files, to load first: what they import and open, is not the attacks' doing.
        progress: path of a file to which a line is written before each attack, so that whoever waits
            knows which one was the last.

    Returns:
        List of lines about attacks that were not refused as they should be, and dict of the largest cost:
        "seconds" and "mebibytes" for one attack.
    """
    assert not load_good(warm_up), load_good(warm_up)
    np.random.seed(0)
    watch, problems, most = Watch(folder), [], {"seconds": 0.0, "mebibytes": 0.0}
    with open(progress, "w") as log:
        for entry in entries:
            log.write(entry["name"] + "\n")
            log.flush()
            before, started = forks.reset_peak(), time.process_time()
            # The default of both signals is to end the process, in C code too.
            signal.setitimer(signal.ITIMER_PROF, 2 * SECONDS)
            signal.alarm(_PATIENCE)
            watch.begin(entry["door"])
            error = _load(entry)
            seen = watch.end()
            signal.setitimer(signal.ITIMER_PROF, 0)
            signal.alarm(0)
            seconds, mebibytes = time.process_time() - started, (forks.peak() - before) / 2**20
            most = {
                "seconds": max(most["seconds"], seconds),
                "mebibytes": max(most["mebibytes"], mebibytes),
            }
            wrong = list(seen)
            if error is None:
                wrong.append("it loads")
            elif not isinstance(error, DOCUMENTED):
                wrong.append(f"not a documented error: {error!r:.300}")
            if seconds > SECONDS:
                wrong.append(f"it took {seconds:.1f} s")
            if mebibytes > MEBIBYTES:
                wrong.append(f"it took {mebibytes:.0f} MiB")
            problems += [f"{entry['name']}: {problem}" for problem in wrong]
    return problems, most
