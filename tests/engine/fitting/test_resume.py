"""Training resumed from a `TrainingCheckpoint`; killed processes are tested by reliability row C1."""

import hashlib
import json
import pathlib
from typing import ClassVar

import h5py
import numpy as np
import pytest
from markdown_code import read_blocks

from keras import backend as K
from keras.callbacks import (
    BackupAndRestore,
    Callback,
    CSVLogger,
    EarlyStopping,
    LambdaCallback,
    ReduceLROnPlateau,
    TrainingCheckpoint,
)
from keras.layers import BatchNormalization, Dense, Dropout
from keras.models import Sequential
from keras.optimizers import Nadam

X = np.random.RandomState(0).rand(24, 8).astype("float32")
Y = np.random.RandomState(1).rand(24, 1).astype("float32")


class Interrupted(Exception):
    pass


def built(layers=None, optimizer="adam", loss="mse"):
    """Returns a compiled model; its layers have the same names in every call."""
    K.clear_session()
    model = Sequential(layers or [Dense(4, input_dim=8), BatchNormalization(), Dropout(0.3), Dense(1)])
    model.compile(optimizer, loss, metrics=["mae"])
    return model


def interrupt_at(batches):
    """Returns a callback that raises an exception at a batch, counted from the start of training."""
    count = iter(range(1, 1000))

    def look(*_):
        if next(count) == batches:
            raise Interrupted

    return LambdaCallback(on_batch_end=look)


def fit(model, checkpoint, *callbacks, data=(X, Y), **options):
    options = {"batch_size": 4, "nb_epoch": 3, "verbose": 0, **options}
    return model.fit(*data, callbacks=[*callbacks, checkpoint], **options)


def digest(model, history):
    text = json.dumps([history.epoch, history.history], default=float)
    parts = [np.ascontiguousarray(array).tobytes() for array in model.get_weights()]
    return hashlib.sha256(b"".join([text.encode(), *parts])).hexdigest()


@pytest.mark.parametrize(
    "make, options, callbacks",
    [
        (lambda: built(), {}, list),
        (lambda: built(optimizer=Nadam(schedule_decay=0.1)), {"shuffle": "batch", "verbose": 2}, list),
        (
            lambda: built(),
            {"validation_split": 0.25},
            lambda: [EarlyStopping(patience=5), ReduceLROnPlateau(patience=0)],
        ),
    ],
    ids=["shuffle", "nadam", "callbacks"],
)
def test_resumed_training_is_equal_bit_for_bit(make, options, callbacks, tmp_path):
    checkpoint = TrainingCheckpoint(tmp_path / "training.h5", batches=2)
    np.random.seed(1)
    whole = make()
    wanted = digest(whole, fit(whole, checkpoint, *callbacks(), interrupt_at(1000), **options))

    np.random.seed(1)
    with pytest.raises(Interrupted):
        fit(make(), checkpoint, *callbacks(), interrupt_at(9), **options)
    np.random.seed(77)  # as in another process: other first weights, other seeds of drop-out
    resumed = make()
    path = checkpoint.filepath
    history = fit(resumed, checkpoint, *callbacks(), interrupt_at(1000), resume_from=path, **options)
    assert digest(resumed, history) == wanted


def test_resuming_finished_training_changes_nothing(tmp_path):
    checkpoint = TrainingCheckpoint(tmp_path / "training.h5")
    model = built()
    history = fit(model, checkpoint)
    other = built()
    assert digest(model, history) == digest(other, fit(other, checkpoint, resume_from=checkpoint.filepath))
    longer = fit(built(), checkpoint, nb_epoch=4, resume_from=checkpoint.filepath)
    assert longer.epoch == [0, 1, 2, 3] and longer.history["loss"][:3] == history.history["loss"]


def test_a_generator_without_get_state_is_run_again(tmp_path):
    def batches():
        while True:
            rows = np.random.randint(len(X), size=4)
            yield X[rows], Y[rows]

    def train(model, *callbacks, **options):
        checkpoint = TrainingCheckpoint(tmp_path / "training.h5", batches=2)
        callbacks = [*callbacks, checkpoint]
        history = model.fit_generator(batches(), 24, 3, verbose=0, callbacks=callbacks, **options)
        return digest(model, history)

    np.random.seed(1)
    wanted = train(built())
    np.random.seed(1)
    with pytest.raises(Interrupted):
        train(built(), interrupt_at(9))
    np.random.seed(77)
    assert train(built(), resume_from=tmp_path / "training.h5") == wanted


def test_a_log_file_continues_where_the_state_was_written(tmp_path):
    def train(*callbacks, **options):
        np.random.seed(1)
        logger = CSVLogger(str(tmp_path / "log.csv"))
        checkpoint = TrainingCheckpoint(tmp_path / "training.h5", period=2)
        fit(built(), checkpoint, logger, *callbacks, **options)

    train(interrupt_at(1000), nb_epoch=4)
    wanted = (tmp_path / "log.csv").read_text()
    with pytest.raises(Interrupted):
        train(interrupt_at(20), nb_epoch=4)  # in epoch 3, after the last saved state
    train(interrupt_at(1000), nb_epoch=4, resume_from=tmp_path / "training.h5")
    assert (tmp_path / "log.csv").read_text() == wanted


def test_state_attributes_of_a_user_defined_callback(tmp_path):
    class Losses(Callback):
        state_attributes = ("seen", "array")

        def on_train_begin(self, logs=None):
            self.seen, self.array = [], np.array([1.5, np.nan], "float32")

        def on_batch_end(self, batch, logs=None):
            self.seen.append(logs["loss"])

    checkpoint = TrainingCheckpoint(tmp_path / "training.h5")
    first, second = Losses(), Losses()
    fit(built(), checkpoint, first, nb_epoch=1)
    fit(built(), checkpoint, second, nb_epoch=2, resume_from=checkpoint.filepath)
    assert second.seen[:6] == first.seen and len(second.seen) == 12
    np.testing.assert_array_equal(second.array, first.array)
    assert second.array.dtype == np.float32


def test_weights_can_be_loaded_from_the_file(tmp_path):
    model, other = built(), built()
    fit(model, TrainingCheckpoint(tmp_path / "training.h5"), nb_epoch=1)
    other.load_weights(tmp_path / "training.h5")
    for own, loaded in zip(model.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_array_equal(own, loaded)


def saved(tmp_path):
    fit(built(), TrainingCheckpoint(tmp_path / "training.h5"), nb_epoch=1)
    return tmp_path / "training.h5"


@pytest.mark.parametrize(
    "make, options, words",
    [
        (lambda: built([Dense(4, input_dim=8), Dense(1)]), {}, r"fit the model: layers is \['Dense"),
        (
            lambda: built([Dense(5, input_dim=8), BatchNormalization(), Dropout(0.3), Dense(1)]),
            {},
            r"layers\[0\] is 'Dense \[\(8, 5\), \(5,\)\]', the file has 'Dense \[\(8, 4\), \(4,\)\]'",
        ),
        (lambda: built(optimizer="sgd"), {}, "optimizer is 'SGD', the file has 'Adam'"),
        (lambda: built(loss="mae"), {}, r"losses\[0\] is 'mean_absolute_error'"),
        (
            lambda: built(
                [Dense(4, input_dim=8, activation="relu"), BatchNormalization(), Dropout(0.3), Dense(1)]
            ),
            {},
            "program is",
        ),
        (built, {"batch_size": 6}, "fit the training: batch_size is 6, the file has 4"),
        (built, {"shuffle": False}, "shuffle is False, the file has True"),
        (built, {"data": (X[:20], Y[:20])}, "samples is 20, the file has 24"),
    ],
    ids=["layers", "shape", "optimizer", "loss", "activation", "batch_size", "shuffle", "samples"],
)
def test_another_training_is_refused_and_changes_nothing(make, options, words, tmp_path):
    path = saved(tmp_path)
    model = make()
    before = model.get_weights()
    with pytest.raises(ValueError, match=words) as caught:
        fit(model, TrainingCheckpoint(tmp_path / "other.h5"), resume_from=path, **options)
    assert "load_weights" in str(caught.value)
    for was, now in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(was, now)


def test_files_of_another_kind_are_refused(tmp_path):
    model = built()
    model.save(tmp_path / "model.h5")
    checkpoint = TrainingCheckpoint(tmp_path / "other.h5")
    with pytest.raises(ValueError, match="not a file of a TrainingCheckpoint.*load_weights"):
        fit(model, checkpoint, resume_from=tmp_path / "model.h5")
    with pytest.raises(FileNotFoundError, match="there is no such file"):
        fit(model, checkpoint, resume_from=tmp_path / "missing.h5")


def test_training_state_is_plain_data(tmp_path):
    with h5py.File(saved(tmp_path)) as file:
        state = json.loads(file["training_state/json"][()].tobytes())
    assert state["epoch"] == 1 and state["batch"] == 0
    assert state["callbacks"]["History:0"]["epoch"] == [0]


def test_callbacks_that_differ_are_named(tmp_path):
    checkpoint = TrainingCheckpoint(tmp_path / "training.h5")
    fit(built(), checkpoint, EarlyStopping("loss"), nb_epoch=1)
    with pytest.warns(UserWarning, match="EarlyStopping is in the file, but not in the callbacks"):
        fit(built(), checkpoint, nb_epoch=2, resume_from=checkpoint.filepath)
    with pytest.warns(UserWarning, match="ReduceLROnPlateau is in the callbacks, but not in the file"):
        fit(built(), checkpoint, ReduceLROnPlateau("loss"), nb_epoch=3, resume_from=checkpoint.filepath)


def test_values_that_cannot_be_written_are_named(tmp_path):
    class Odd(Callback):
        state_attributes = ("thing",)
        thing: ClassVar = [{"a": {1, 2}}]

    with pytest.raises(TypeError, match=r"state\['callbacks'\]\['Odd:0'\]\['thing'\]\[0\]\['a'\] is {1, 2}"):
        fit(built(), TrainingCheckpoint(tmp_path / "training.h5"), Odd(), nb_epoch=1)


def test_invalid_settings_are_refused(tmp_path):
    with pytest.raises(ValueError, match="batches must be an int of 1 or more; got 0"):
        TrainingCheckpoint("training.h5", batches=0)
    with pytest.raises(ValueError, match="period must be an int of 0 or more; got -1"):
        TrainingCheckpoint("training.h5", period=-1)
    with pytest.raises(FileNotFoundError, match="no directory"):
        fit(built(), TrainingCheckpoint(tmp_path / "missing" / "training.h5"))


def test_the_documented_example_runs_and_resumes(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    page = pathlib.Path(__file__).parents[3] / "docs" / "resume.md"
    weights = []
    for _ in range(2):
        K.clear_session()
        names = {}
        for block in read_blocks(page):
            exec(block.code, names)
        weights.append(names["model"].get_weights())
    for first, again in zip(*weights, strict=True):
        np.testing.assert_array_equal(first, again)  # the second start found it finished


def test_backup_and_restore_continues_by_itself(tmp_path):
    np.random.seed(5)
    model = built()
    expected = digest(model, fit(model, BackupAndRestore(tmp_path / "whole")))
    np.random.seed(5)
    model = built()
    with pytest.raises(Interrupted):
        fit(model, BackupAndRestore(tmp_path / "backup", save_freq=2), interrupt_at(9))
    model = built()
    assert digest(model, fit(model, BackupAndRestore(tmp_path / "backup", save_freq=2))) == expected
    assert not list((tmp_path / "backup").iterdir())


def test_backup_and_restore_refuses_another_frequency():
    with pytest.raises(ValueError, match="save_freq must be 'epoch' or a number of batches; got 'batch'"):
        BackupAndRestore("backup", save_freq="batch")
