"""What a large program's runs do to the heap, with figures of our own in place of glibc's."""

from types import SimpleNamespace

import pytest

from keras._kernels import platform

MB = 2**20


@pytest.fixture
def heap(monkeypatch):
    """`arena`, `used` and `resident`, bytes that a test sets; `given_back` counts."""
    heap = SimpleNamespace(arena=100 * MB, used=50 * MB, resident=200 * MB, given_back=0)

    def give_back():
        heap.given_back += 1
        heap.resident -= 500 * MB

    monkeypatch.setattr(
        platform, "heap_figures", lambda: SimpleNamespace(arena=heap.arena, uordblks=heap.used)
    )
    monkeypatch.setattr(platform, "_resident_bytes", lambda: heap.resident)
    monkeypatch.setattr(platform, "give_back_freed_memory", give_back)
    monkeypatch.setattr(platform, "_left_alone", lambda: False)
    return heap


@pytest.fixture
def watch(heap):
    """That of a program which has run once, with a block of 500 MB."""
    watch = platform.HeapWatch()
    watch.before_run()
    heap.arena += 500 * MB
    heap.resident += 500 * MB
    watch.before_run()
    assert heap.given_back == 0
    return watch


def test_two_blocks_are_given_back(heap, watch):
    for _ in range(20):
        watch.before_run()
    assert heap.given_back == 0
    heap.resident += 500 * MB
    watch.before_run()
    assert heap.given_back == 1


def test_the_next_run_waits_for_the_block(heap, watch, monkeypatch):
    heap.used += 500 * MB

    def sleep(_):
        heap.used -= 500 * MB

    monkeypatch.setattr(platform.time, "sleep", sleep)
    watch.before_run()
    assert heap.used == 50 * MB


def test_memory_of_the_users_is_waited_for_and_given_back_once(heap, watch, monkeypatch):
    slept = []
    monkeypatch.setattr(platform.time, "sleep", slept.append)
    monkeypatch.setattr(platform.HeapWatch, "LONGEST_WAIT", 0.001)
    heap.used += 2000 * MB
    heap.resident += 2000 * MB
    watch.before_run()
    assert slept and heap.given_back == 1
    slept.clear()
    watch.before_run()
    assert not slept and heap.given_back == 1


def test_a_small_program_is_watched_in_its_first_runs(heap):
    watch = platform.HeapWatch()
    for _ in range(platform.HeapWatch.FIRST_RUNS - 1):
        watch.before_run()
    for _ in range(2):
        heap.arena += MB
        watch.before_run()
    assert heap.given_back == 1


def test_nothing_is_done_where_the_user_looks_after_memory(heap, watch, monkeypatch):
    monkeypatch.setattr(platform, "_left_alone", lambda: True)
    heap.resident += 1000 * MB
    watch.before_run()
    assert heap.given_back == 0
