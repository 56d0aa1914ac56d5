"""Ctrl-C is deferred to the end of a block, and is not lost."""

import signal
import sys
import weakref

import pytest

from keras._host.interrupts import deferred_interrupts, no_interrupt_lost


def test_ctrl_c_is_raised_at_the_end_of_the_block():
    steps = []
    with pytest.raises(KeyboardInterrupt), deferred_interrupts():
        signal.raise_signal(signal.SIGINT)
        steps.append("the block goes on")
    assert steps == ["the block goes on"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_handler_of_the_program_is_called_at_the_end_of_the_block():
    told = []
    before = signal.signal(signal.SIGINT, lambda *_: told.append(len(told)))
    try:
        with deferred_interrupts(), deferred_interrupts():
            signal.raise_signal(signal.SIGINT)
            assert not told
        assert told == [0]
    finally:
        signal.signal(signal.SIGINT, before)


class Thing:
    """An object that weak references can refer to."""


def press_ctrl_c_where_python_drops_it():
    thing = Thing()
    reference = weakref.ref(thing, lambda _: signal.raise_signal(signal.SIGINT))  # noqa: F841
    del thing


def test_ctrl_c_in_a_weak_reference_callback_is_not_lost():
    hook, done = sys.unraisablehook, []

    @no_interrupt_lost
    def work():
        press_ctrl_c_where_python_drops_it()
        done.append("dropped")
        with deferred_interrupts():
            done.append("block")
        done.append("after the block")

    with pytest.raises(KeyboardInterrupt):
        work()
    assert done == ["dropped", "block"]
    assert sys.unraisablehook is hook


def test_ctrl_c_dropped_after_the_last_block_is_raised_once():
    with pytest.raises(KeyboardInterrupt):
        no_interrupt_lost(press_ctrl_c_where_python_drops_it)()
    with deferred_interrupts():  # it came, and does not come again
        pass
