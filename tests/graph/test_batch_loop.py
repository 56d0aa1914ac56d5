"""Many batches in one program."""

import signal

import numpy as np
import pytest

from keras import backend as K
from keras._graph import BatchLoop, Function, Variable


def test_ctrl_c_leaves_a_count_of_steps_that_fits_the_variables(monkeypatch):
    x, total = K.placeholder((None,)), Variable(np.float32(0))
    loop = BatchLoop(Function([x], [K.sum(x)], [(total, total + 1)]), train=1)
    arrays = loop.place([np.array([1, np.nan, 1, 1])])
    compiled = loop._compiled

    def interrupted(*arguments):
        signal.raise_signal(signal.SIGINT)
        return compiled(*arguments)

    monkeypatch.setattr(loop, "_compiled", interrupted)
    with pytest.raises(KeyboardInterrupt):
        loop.run(arrays, np.arange(4, dtype="int32")[:, None], 0, 4, watched=True)
    assert total.get_value() == loop.function.step == 2  # it ended after the loss that is no number
