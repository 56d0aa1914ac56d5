"""The modules of `_host` on systems without glibc, `/proc` and `os.sysconf`, simulated."""

import ctypes
import importlib.util
import os
import platform
import signal
import sys
from pathlib import Path

import pytest

import keras._host

FOLDER = Path(keras._host.__file__).parent


class NoLibrary:
    def __init__(self, name):
        raise TypeError("LoadLibrary() argument 1 must be str, not None")  # as CDLL(None) on Windows


def no_file(self, *_, **__):
    raise FileNotFoundError(str(self))


def no_open(*_, **__):
    raise FileNotFoundError


@pytest.fixture(params=["win32", "darwin"])
def load(request, monkeypatch):
    """Imports a module of `_host` once more, beside the real one, as that system would."""
    monkeypatch.setattr(sys, "platform", request.param)
    monkeypatch.setattr(ctypes, "CDLL", NoLibrary)
    monkeypatch.setattr(Path, "read_text", no_file)
    if request.param == "win32":
        monkeypatch.delattr(os, "sysconf")

    def load(name):
        spec = importlib.util.spec_from_file_location(f"keras._host.{name}_elsewhere", FOLDER / f"{name}.py")
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    return load


def test_the_heap_is_unchanged(load, monkeypatch):
    monkeypatch.delenv("KERAS_KEEP_MEMORY", raising=False)
    heap = load("heap")
    monkeypatch.setattr("builtins.open", no_open)
    heap.share_memory()
    heap.keep_freed_memory()
    watch = heap.HeapWatch()
    for _ in range(5):
        watch.before_run()
    heap.give_back_freed_memory()
    assert heap.heap_figures() is None and heap._resident_bytes() == 0


def test_the_folder_of_the_compile_cache_has_a_name(load, monkeypatch):
    monkeypatch.setattr(platform, "processor", lambda: "some processor")
    name = load("compile_cache")._cpu_name()
    assert name.startswith(platform.machine()) and name == load("compile_cache")._cpu_name()


def test_a_file_in_use_stays_in_the_cache(load, monkeypatch, tmp_path):
    def in_use(path):
        raise PermissionError(path)

    (tmp_path / "program").write_bytes(b"12345678")
    monkeypatch.setattr(os, "unlink", in_use)
    load("compile_cache").prune(tmp_path, 0)
    assert (tmp_path / "program").exists()


def test_interrupts_are_deferred(load):
    module, done = load("interrupts"), []
    with pytest.raises(KeyboardInterrupt), module.deferred_interrupts():
        signal.raise_signal(signal.SIGINT)
        done.append("the block goes on")
    assert done
