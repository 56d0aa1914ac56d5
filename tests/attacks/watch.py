"""Loads files in this process and watches for forbidden actions. Runs in a child process, on Linux only."""

import contextlib
import ctypes
import json
import os
import shutil
import signal
import sys
import time

import numpy as np
from reliability import forks

from attacks import states
from attacks.configs import SMALL
from keras._base.budget import BASE_MEMORY, MEMORY_PER_BYTE
from keras._files.archives import extract_tar
from keras._inspect import describe, open_contents
from keras.convert import load, load_arrays
from keras.datasets._pickles import load_pickle
from keras.models import Model, Sequential, load_model, model_from_config, model_from_json, model_from_yaml

SECONDS = 5  # of the processor, and one more for each megabyte of the file
_PATIENCE = 60  # seconds of wall time, for loads that wait without computing
DOCUMENTED = (ValueError, TypeError, OSError, MemoryError)

# Audit events that no load may cause; each name is a prefix.
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
# Pickles of NumPy arrays name functions; for these only the effects are checked.
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


def _described(path):
    """`inspect` may describe what cannot be loaded."""
    with contextlib.suppress(DOCUMENTED):
        json.dumps(describe(path), default=str)


def _other(path):
    _described(path)
    return load(path)


def _arrays(path):
    """A file that describes a model is loaded as one."""
    _described(path)
    try:
        found = load_arrays([path])
    except ValueError as error:
        if "wanted arrays" not in str(error):
            raise
        with open_contents(path) as contents:
            if contents.model is not None:
                load(path)
            found = [array.read() for _, arrays in contents.layers for _, array in arrays]
    return found


_DOORS = {
    "json": lambda path, model: model_from_json(_read(path)),
    "yaml": lambda path, model: model_from_yaml(_read(path)),
    "from_config": lambda path, model: _from_config(path),
    "model": lambda path, model: load_model(path),
    "weights": _weights,
    "state": lambda path, model: states.resume(path),
    "tar": lambda path, model: _tar(path),
    "pickle": lambda path, model: load_pickle(path),
    "other": lambda path, model: _other(path),
    "arrays": lambda path, model: _arrays(path),
}


class Watch:
    """Records forbidden actions of this process.

    Args:
        folder: path of the corpus. Files in `inside` may be opened; those in `outside` are also watched by
            the kernel, because libraries written in C open files without notifying Python.
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
        # A folder is removed by opening what is in it by relative names, of a descriptor that is not told.
        os.chdir(self._inside)
        sys.addaudithook(self._hear)

    def _hear(self, event, arguments):
        if self.door is None:
            return
        if event == "open":
            path = arguments[0]
            if not isinstance(path, int) and not self._may_be_opened(os.path.abspath(os.fsdecode(path))):
                self.seen.append(f"opened {path!r}")
        elif event.startswith(_FORBIDDEN) and self.door not in _DOORS_THAT_NAME:
            self.seen.append(f"{event} {arguments!r:.100}")

    def _may_be_opened(self, path):
        # Python reads the sources of the functions in a traceback that JAX shortens.
        return path.startswith(self._inside) or path in self._sources

    def begin(self, door):
        self._sources = {getattr(module, "__file__", None) for module in list(sys.modules.values())}
        self.seen, self.door = [], door

    def end(self):
        """Returns what was noticed since `begin`."""
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
    """Loads a file; returns the error, or None."""
    try:
        _DOORS[entry["door"]](entry["path"], entry["model"])
    except Exception as error:
        return error


def load_good(entries):
    """Loads good files; returns the names and errors of those that fail."""
    errors = [(entry["name"], _load(entry)) for entry in entries]
    return [f"{name}: {error!r:.300}" for name, error in errors if error is not None]


def load_attacks(folder, entries, warm_up, progress):
    """Loads attacks one by one.

    Args:
        folder: path of the corpus.
        entries: attacks to load.
        warm_up: good files to load first, so that what they import and open is not attributed to attacks.
        progress: path of a file to which a line is written before each attack, so that the parent process
            knows the last one.

    Returns:
        List of lines about attacks that were not properly refused, and dict with the largest cost of one
        attack, "seconds" and "mebibytes".
    """
    assert not load_good(warm_up), load_good(warm_up)
    np.random.seed(0)
    watch, problems, most = Watch(folder), [], {"seconds": 0.0, "mebibytes": 0.0}
    with open(progress, "w") as log:
        for entry in entries:
            log.write(entry["name"] + "\n")
            log.flush()
            before, started = forks.reset_peak(), time.process_time()
            # The default action of both signals ends the process, even inside C code.
            size = os.path.getsize(entry["path"])
            signal.setitimer(signal.ITIMER_PROF, 2 * (SECONDS + size / 1e6))
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
            if seconds > SECONDS + size / 1e6:
                wrong.append(f"it took {seconds:.1f} s")
            if mebibytes > (BASE_MEMORY + MEMORY_PER_BYTE * size) / 2**20:
                wrong.append(f"it took {mebibytes:.0f} MiB")
            problems += [f"{entry['name']}: {problem}" for problem in wrong]
    return problems, most
