"""Trimming of the heap between runs of programs, on a simulated glibc."""

from types import SimpleNamespace

import pytest

from keras._host import heap as heaps

MB = 2**20


class Glibc(SimpleNamespace):
    """A heap of `arena` bytes in a process with `resident` bytes; `pieces` are the sizes of its gaps."""

    def malloc_trim(self, _):
        self.given_back += 1
        self.resident = min(self.resident, 700 * MB)

    def sbrk(self, _):
        return self.arena

    def malloc(self, size):
        fitting = [piece for piece in self.pieces if piece >= size]
        if not fitting:
            return self.arena
        self.pieces.remove(min(fitting))
        self.allocated.append(min(fitting))
        return len(self.allocated)

    def free(self, address):
        if address < self.arena:
            self.pieces.append(self.allocated[address - 1])


@pytest.fixture
def glibc(monkeypatch):
    glibc = Glibc(arena=100 * MB, resident=200 * MB, given_back=0, pieces=[], allocated=[])
    figures = lambda: SimpleNamespace(keepcost=0, ordblks=len(glibc.pieces))  # noqa: E731
    monkeypatch.setattr(heaps, "heap_figures", figures)
    monkeypatch.setattr(heaps, "_resident_bytes", lambda: glibc.resident)
    monkeypatch.setattr(heaps, "_glibc", lambda: glibc)
    monkeypatch.setattr(heaps, "_left_alone", lambda: False)
    monkeypatch.setattr(heaps, "GAPS", heaps.Gaps())
    return glibc


@pytest.fixture
def watch(glibc):
    """Returns the watch of a program that has run twice, with a block of 500 MB."""
    watch = heaps.HeapWatch()
    watch.before_run()
    glibc.resident += 900 * MB  # what compiling leaves, too
    watch.before_run()
    assert glibc.given_back == 1 and glibc.resident == 700 * MB
    glibc.resident += 500 * MB
    watch.before_run()
    return watch


def test_two_blocks_are_returned(glibc, watch):
    for _ in range(20):
        watch.before_run()
    assert glibc.given_back == 1
    glibc.resident += 500 * MB
    watch.before_run()
    assert glibc.given_back == 2


def test_memory_of_the_user_is_returned_once(glibc, watch, monkeypatch):
    monkeypatch.setattr(Glibc, "malloc_trim", lambda glibc, _: setattr(glibc, "given_back", 2))
    glibc.resident += 2000 * MB
    watch.before_run()
    assert glibc.given_back == 2
    glibc.given_back = 0
    watch.before_run()
    assert glibc.given_back == 0


def test_gaps_are_allocated_before_the_second_run_and_freed_to_compile(glibc):
    glibc.pieces = [1500, 5 * MB, *[3000] * heaps.Gaps.MANY]
    before = sorted(glibc.pieces)
    watch = heaps.HeapWatch()
    watch.before_run()
    assert sorted(glibc.pieces) == before
    watch.before_run()
    assert not glibc.pieces
    other = heaps.HeapWatch()
    other.before_run()
    assert sorted(glibc.pieces) == before
    watch.before_run()
    assert not glibc.pieces


def test_few_gaps_are_not_filled(glibc):
    glibc.pieces = [3000] * 10
    watch = heaps.HeapWatch()
    watch.before_run()
    watch.before_run()
    assert len(glibc.pieces) == 10 and glibc.given_back == 1


def test_settings_of_the_user_are_unchanged(glibc, watch, monkeypatch):
    monkeypatch.setattr(heaps, "_left_alone", lambda: True)
    glibc.resident += 1000 * MB
    watch.before_run()
    assert glibc.given_back == 1
