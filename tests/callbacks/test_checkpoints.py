"""`ModelCheckpoint`, driven by hand: when it saves, what, and under which name.

"1.2.2" marks an answer of Keras 1.2.2 to the same calls.
"""

import pytest
from callback_driver import FakeModel, drive, params

from keras.callbacks import (
    Callback,
    CallbackList,
    EarlyStopping,
    History,
    LambdaCallback,
    ModelCheckpoint,
)

NAN = float("nan")
pytestmark = pytest.mark.usefixtures("fake_backend")


def test_file_names_are_formatted_with_epoch_and_logs(capsys):  # 1.2.2: epochs from 0
    model = FakeModel()
    drive(ModelCheckpoint("w.{epoch:02d}-{val_loss:.2f}.h5", verbose=1), [1.0, 0.5], model)
    assert model.saved == [("all", "w.00-1.00.h5", True), ("all", "w.01-0.50.h5", True)]
    assert capsys.readouterr().out.splitlines()[1] == "Epoch 00001: saving model to w.01-0.50.h5"


def test_save_best_only_skips_worse_epochs(capsys):  # 1.2.2
    model = FakeModel()
    drive(ModelCheckpoint("w.h5", save_best_only=True, verbose=1), [0.5, 0.7, 0.25], model)
    assert len(model.saved) == 2
    assert capsys.readouterr().out.splitlines() == [
        "Epoch 00000: val_loss improved from inf to 0.50000, saving model to w.h5",
        "Epoch 00001: val_loss did not improve",
        "Epoch 00002: val_loss improved from 0.50000 to 0.25000, saving model to w.h5",
    ]


def test_save_best_only_never_takes_nan_as_best():  # reliability row S8
    model = FakeModel()
    checkpoint = ModelCheckpoint("{epoch}.h5", save_best_only=True)
    drive(checkpoint, [NAN, 1.0, NAN, 0.5], model)
    assert [path for _, path, _ in model.saved] == ["1.h5", "3.h5"]
    assert checkpoint.best == 0.5


def test_period_and_save_weights_only():  # 1.2.2
    model = FakeModel()
    drive(ModelCheckpoint("{epoch}.h5", period=2, save_weights_only=True), [1.0] * 5, model)
    assert model.saved == [("weights", "1.h5", True), ("weights", "3.h5", True)]


def test_best_value_is_kept_over_trainings():  # 1.2.2
    checkpoint, model = ModelCheckpoint("w.h5", save_best_only=True), FakeModel()
    drive(checkpoint, [0.5], model)
    drive(checkpoint, [0.7], model)
    assert len(model.saved) == 1


def test_checkpoint_warns_if_the_metric_is_missing():  # 1.2.2
    checkpoint = ModelCheckpoint("w.h5", save_best_only=True)
    with pytest.warns(RuntimeWarning, match="only with val_loss available, skipping"):
        checkpoint.on_epoch_end(0, {"loss": 1.0})


def test_missing_directory_is_refused_before_the_first_epoch(tmp_path):  # reliability row F20
    checkpoint = ModelCheckpoint(tmp_path / "nowhere" / "w.h5")
    with pytest.raises(FileNotFoundError, match="no directory .*nowhere.*os.makedirs"):
        checkpoint.on_train_begin()


def begin(filepath, *others, metrics=("loss", "acc")):
    listed = CallbackList([ModelCheckpoint(filepath), *others])
    listed.set_params(params(metrics=list(metrics)))
    listed.on_train_begin()


@pytest.mark.parametrize(
    "filepath", ["w.h5", "{epoch:02d}", "{loss:.2f}-{acc}-{lr}", "{{literal}}", "{loss.real}"]
)
def test_file_name_may_use_epoch_and_logged_values(filepath):
    begin(filepath)


@pytest.mark.parametrize("filepath", ["{val_loss:.2f}", "{los}", "{}", "{0}", "{epoch", "epoch}"])
def test_file_name_with_an_unknown_value_is_refused(filepath):  # reliability row F20
    with pytest.raises(ValueError, match="ModelCheckpoint: filepath"):
        begin(filepath)


def test_unknown_value_error_lists_the_known_ones():
    with pytest.raises(ValueError, match="'val_loss'.*they have epoch, lr, loss, acc.*validation"):
        begin("{val_loss}")


class AddsF1(Callback):
    def on_epoch_end(self, epoch, logs=None):
        logs["val_f1"] = 1.0


@pytest.mark.parametrize("other", [AddsF1(), LambdaCallback(on_epoch_end=print)])
def test_file_name_may_use_values_of_other_callbacks(other):
    begin("{val_f1:.2f}.h5", other)


def test_callbacks_of_keras_add_no_values():
    with pytest.raises(ValueError, match="'val_f1'"):
        begin("{val_f1}", History(), EarlyStopping(), LambdaCallback(on_batch_end=print))
