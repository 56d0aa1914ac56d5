"""Callbacks that every training has: averages, the history, the progress bar.

"1.2.2" marks an answer of Keras 1.2.2 to the same calls.
"""

import pytest
from callback_driver import fit, params

from keras.callbacks import BaseLogger, History, ProgbarLogger

pytestmark = pytest.mark.usefixtures("fake_backend")


def test_epoch_logs_are_averages_weighted_by_samples():  # 1.2.2
    history = History()
    fit([BaseLogger(), history], [3, 3, 3, 1], validate=True)
    assert history.epoch == [0, 1]
    assert history.history == {
        "loss": pytest.approx([0.36, 1.36]),
        "val_loss": [0.25, 0.25],
    }


def test_batch_and_size_are_not_in_the_history():
    history = History()
    fit([BaseLogger(), history], [5, 5])
    assert list(history.history) == ["loss"]  # not 'batch' and 'size'


def test_base_logger_fills_the_given_logs():
    logger, logs = BaseLogger(), {}
    logger.set_params(params())
    logger.on_epoch_begin(0)
    logger.on_batch_end(0, {"size": 2, "loss": 1.5})
    logger.on_epoch_end(0, logs)
    assert logs == {"loss": 1.5}


def test_history_is_reset_by_each_training():
    history = History()
    for _ in range(2):
        fit([BaseLogger(), history], [10], epochs=1)
    assert history.epoch == [0]


def test_log_file_has_two_lines_per_epoch(capsys):  # the numbers: 1.2.2
    fit([BaseLogger(), ProgbarLogger()], [3, 3, 3, 1], validate=True)
    bar = "10/10 [==============================] - 0s"
    assert capsys.readouterr().out.splitlines() == [
        "Epoch 1/2",
        f"{bar} - loss: 0.3600 - val_loss: 0.2500",
        "Epoch 2/2",
        f"{bar} - loss: 1.3600 - val_loss: 0.2500",
    ]


def test_verbose_2_prints_one_line_without_a_bar(capsys):  # 1.2.2
    fit([BaseLogger(), ProgbarLogger()], [4, 4, 4], verbose=2, epochs=1)
    assert capsys.readouterr().out.splitlines() == ["Epoch 1/2", "0s - loss: 0.3000"]


def test_verbose_0_is_silent(capsys):
    fit([BaseLogger(), ProgbarLogger()], [5, 5], verbose=0)
    assert capsys.readouterr().out == ""
