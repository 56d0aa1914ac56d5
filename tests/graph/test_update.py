"""Updates of variables are whole: no other thread between, and no Ctrl-C."""

import os
import signal
import sys
import threading
import weakref

import numpy as np
import pytest

from keras import backend as K
from keras._graph import Function, Variable, no_interrupt_lost, whole_update


def test_ctrl_c_comes_at_the_end_of_the_block():
    steps = []
    with pytest.raises(KeyboardInterrupt):
        with whole_update():
            os.kill(os.getpid(), signal.SIGINT)
            steps.append("the block goes on")
    assert steps == ["the block goes on"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_handler_of_the_programs_own_is_called_then():
    told = []
    before = signal.signal(signal.SIGINT, lambda *_: told.append(len(told)))
    try:
        with whole_update(), whole_update():
            os.kill(os.getpid(), signal.SIGINT)
            assert not told
        assert told == [0]
    finally:
        signal.signal(signal.SIGINT, before)


class Thing:
    """Something that weak references can be made to."""


def press_ctrl_c_where_python_drops_it():
    thing = Thing()
    reference = weakref.ref(thing, lambda _: signal.raise_signal(signal.SIGINT))  # noqa: F841
    del thing


def test_ctrl_c_in_a_callback_of_a_weak_reference_is_not_lost():
    hook, done = sys.unraisablehook, []
    with pytest.raises(KeyboardInterrupt):
        with no_interrupt_lost():
            press_ctrl_c_where_python_drops_it()
            done.append("dropped")
            with whole_update():
                done.append("program")
            done.append("after the program")
    assert done == ["dropped", "program"]
    assert sys.unraisablehook is hook


def test_ctrl_c_that_is_lost_after_the_last_program():
    with pytest.raises(KeyboardInterrupt):
        with no_interrupt_lost():
            press_ctrl_c_where_python_drops_it()
    with whole_update():  # it came, and does not come again
        pass


def test_threads_that_update_one_variable_lose_nothing():
    total, x = Variable(np.float32(0)), K.placeholder(())
    add = Function([x], [], [(total, total + x)])
    read = Function([], [total * 2])
    errors = []

    def work():
        try:
            for _ in range(200):
                add([1.0])
                read([])
                total.get_value()
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    assert total.get_value() == 800 and add.step == 800
