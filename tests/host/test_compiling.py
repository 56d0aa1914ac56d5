"""Compilations are announced while they run. The events are those that JAX reports."""

import logging
import threading

import jax
import pytest

from keras._host import compiling
from keras._host.compiling import telling_compilations


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(compiling, "PATIENCE", 0.001)


def report(event, seconds):
    jax.monitoring.record_event_duration_secs(event, seconds)


def test_a_compilation_is_told_until_it_ends(impatient, caplog):
    caplog.set_level(logging.INFO, "keras")
    told, ended = threading.Event(), []
    texts = []
    with telling_compilations(lambda text: (texts.append(text), told.set()), ended.append):
        report(compiling._BEFORE, 0.25)
        assert told.wait(30)
        report(compiling._AFTER, 4.0)
        count = len(texts)
        assert ended == [0.25, 4.0] and texts[0] == "compiling, 0 s"
        assert caplog.messages == ["compiled in 4 s"]
    report(compiling._BEFORE, 1.0)  # after the block nobody listens
    assert len(texts) == count and len(ended) == 2


def test_compilations_of_other_threads_are_not_told(impatient):
    ended = []
    with telling_compilations(print, ended.append):
        other = threading.Thread(target=report, args=(compiling._AFTER, 4.0))
        other.start()
        other.join()
    assert ended == []


def test_jax_reports_these_events():
    """Compiles a program that no other test has."""
    ended = []
    with telling_compilations(print, ended.append):
        jax.jit(lambda x: x * 17.25 + 3)(1.5)
    assert len(ended) >= 2
