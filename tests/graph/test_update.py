"""Updates of variables are atomic with respect to threads and Ctrl-C."""

import signal
import threading

import numpy as np
import pytest

from keras import backend as K
from keras._graph import Function, Variable, whole_update


def test_ctrl_c_is_raised_at_the_end_of_the_block():
    steps = []
    with pytest.raises(KeyboardInterrupt), whole_update():
        signal.raise_signal(signal.SIGINT)
        steps.append("the block goes on")
    assert steps == ["the block goes on"]


def test_concurrent_updates_are_not_lost():
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
