"""The size of the main memory, on this system and on simulated ones."""

import ctypes
import os
import sys
import types

import pytest

from keras._host import memory


@pytest.fixture(autouse=True)
def forgetting():
    memory.physical_memory.cache_clear()
    yield
    memory.physical_memory.cache_clear()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="compares with /proc")
def test_linux_memory_equals_that_of_proc():
    with open("/proc/meminfo") as file:
        kilobytes = int(next(line for line in file if line.startswith("MemTotal")).split()[1])
    assert memory.physical_memory() == pytest.approx(kilobytes * 1024, rel=0.05)


def simulate_windows(monkeypatch, size, succeeded=1):
    def global_memory_status(reference):
        status = reference._obj
        assert status.dwLength == ctypes.sizeof(memory.MemoryStatus) == 64
        status.ullTotalPhys = size
        return succeeded

    kernel32 = types.SimpleNamespace(GlobalMemoryStatusEx=global_memory_status)
    monkeypatch.setattr(ctypes, "windll", types.SimpleNamespace(kernel32=kernel32), raising=False)
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.delattr(os, "sysconf", raising=False)


def test_windows_memory_comes_from_its_own_call(monkeypatch):
    simulate_windows(monkeypatch, 8 * 2**30)
    assert memory.physical_memory() == 8 * 2**30


def test_windows_call_that_fails_means_unknown(monkeypatch):
    simulate_windows(monkeypatch, 8 * 2**30, succeeded=0)
    assert memory.physical_memory() == memory.UNKNOWN


@pytest.mark.parametrize("answer", [-1, ValueError("unrecognized configuration name"), OSError()])
def test_system_that_does_not_tell_means_unknown(answer, monkeypatch):
    def sysconf(name):
        if name == "SC_PAGE_SIZE" and answer == -1:
            return 4096
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(os, "sysconf", sysconf, raising=False)
    assert memory.physical_memory() == memory.UNKNOWN


def test_system_without_sysconf_means_unknown(monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.delattr(os, "sysconf", raising=False)
    assert memory.physical_memory() == memory.UNKNOWN
