"""Callbacks, driven by hand with a model that only writes down what is asked of it.

Numbers and texts marked "1.2.2" are answers of Keras 1.2.2 to the same calls.
"""

import contextlib
import functools
import http.server
import json
import sys
import threading
import time
import types
import urllib.parse
import warnings

import numpy as np
import pytest

from keras import callbacks
from keras.callbacks import (
    BaseLogger,
    Callback,
    CallbackList,
    CSVLogger,
    EarlyStopping,
    History,
    LambdaCallback,
    LearningRateScheduler,
    ModelCheckpoint,
    ProgbarLogger,
    ReduceLROnPlateau,
    RemoteMonitor,
    TensorBoard,
)

NAN = float("nan")


class FakeVariable:
    def __init__(self, value, name=None):
        self.value, self.name = np.float32(value), name


@pytest.fixture(autouse=True)
def fake_backend(monkeypatch):
    """Variables that need no engine."""
    monkeypatch.setattr(callbacks.K, "get_value", lambda variable: variable.value)
    monkeypatch.setattr(callbacks.K, "set_value", lambda variable, value: setattr(variable, "value", value))


class FakeModel:
    def __init__(self, lr=0.1):
        self.optimizer = types.SimpleNamespace(lr=FakeVariable(lr))
        self.stop_training = False
        self.saved = []
        kernel = FakeVariable([[0.0, 1.0], [0.5, 0.25], [1.0, 0.0]], "dense_1_W")
        self.layers = [types.SimpleNamespace(weights=[kernel, FakeVariable([-1, 1], "dense_1_b")])]

    def save(self, filepath, overwrite):
        self.saved.append(("all", filepath, overwrite))

    def save_weights(self, filepath, overwrite):
        self.saved.append(("weights", filepath, overwrite))


def params(**changed):
    metrics = ["loss", "acc", "val_loss", "val_acc"]
    return {"metrics": metrics, "nb_epoch": 2, "nb_sample": 10, "verbose": 1} | changed


def drive(callback, values, model=None):
    """Run epochs that end with these values of what is monitored, until training is stopped."""
    model = model or FakeModel()
    callback.set_params(params())
    callback.set_model(model)
    callback.on_train_begin({})
    for epoch, value in enumerate(values):
        callback.on_epoch_end(epoch, {callback.monitor: value})
        if model.stop_training:
            break
    callback.on_train_end({})
    return epoch


# --- CallbackList -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wrong, said",
    [
        ("EarlyStopping", "got str 'EarlyStopping'"),
        (EarlyStopping, "got type .*Pass an object, not the class"),
        (None, "got NoneType"),
    ],
)
def test_only_callbacks_are_taken(wrong, said):  # reliability row F18
    with pytest.raises(TypeError, match=f"expected keras.callbacks.Callback objects, {said}"):
        CallbackList([History(), wrong])


def test_hooks_are_called_in_order_with_one_dictionary():
    calls = []

    class Spy(Callback):
        def on_epoch_end(self, epoch, logs=None):
            logs["seen"] = logs.get("seen", 0) + 1
            calls.append((self, epoch, dict(logs)))

    first, second = Spy(), Spy()
    listed = CallbackList([first])
    listed.append(second)
    listed.on_epoch_end(3)
    assert calls == [(first, 3, {"seen": 1}), (second, 3, {"seen": 2})]


def test_every_hook_reaches_the_callback():
    names = ["on_train_begin", "on_train_end"]
    numbered = ["on_epoch_begin", "on_epoch_end", "on_batch_begin", "on_batch_end"]
    calls = []
    hooks = {name: functools.partial(lambda *args: calls.append(args), name) for name in names}
    hooks |= {name: functools.partial(lambda *args: calls.append(args), name) for name in numbered}
    listed = CallbackList([LambdaCallback(**hooks)])
    for name in names:
        getattr(listed, name)()
    for name in numbered:
        getattr(listed, name)(7)
    assert calls == [(name, {}) for name in names] + [(name, 7, {}) for name in numbered]


def test_model_and_params_are_handed_on():
    callback, model = Callback(), FakeModel()
    listed = CallbackList([callback])
    listed.set_model(model)
    listed.set_params({"nb_epoch": 3})
    assert callback.model is model and callback.params["nb_epoch"] == 3


class Watcher(Callback):
    def on_batch_end(self, batch, logs=None):
        pass


class LoudBar(ProgbarLogger):
    def on_batch_begin(self, batch, logs=None):
        super().on_batch_begin(batch, logs)


@pytest.mark.parametrize(
    "watched, make",
    [
        (False, lambda: [BaseLogger(), ProgbarLogger(), History()]),
        (False, lambda: [EarlyStopping(), ReduceLROnPlateau(), CSVLogger("x")]),
        (False, lambda: [LambdaCallback(on_epoch_end=print)]),
        (False, lambda: []),
        (True, lambda: [History(), Watcher()]),
        (True, lambda: [LambdaCallback(on_batch_end=lambda batch, logs: None)]),
        (True, lambda: [LambdaCallback(on_batch_begin=print)]),
        (True, lambda: [LoudBar()]),
    ],
)
def test_watches_batches(watched, make):
    assert CallbackList(make()).watches_batches is watched


def test_a_hook_set_on_the_object_watches_batches():
    history = History()
    history.on_batch_end = lambda batch, logs=None: None
    assert CallbackList([history]).watches_batches


@pytest.mark.parametrize("hook", ["on_batch_begin", "on_batch_end"])
def test_slow_callbacks_are_warned_of(hook, monkeypatch):
    now = [0.0]
    monkeypatch.setattr(time, "perf_counter", lambda: now[0])

    def wait(batch, logs):
        now[0] += 0.5

    listed = CallbackList([LambdaCallback(**{hook: wait})])
    listed.on_epoch_begin(0)
    with pytest.warns(UserWarning, match=rf"{hook}\(\) is slow compared to the batch update \(0.5"):
        for batch in range(2):
            listed.on_batch_begin(batch)
            now[0] += 0.2  # the batch itself
            listed.on_batch_end(batch)


def test_callbacks_faster_than_the_batch_are_not_warned_of(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(time, "perf_counter", lambda: now[0])

    def wait(batch, logs):
        now[0] += 0.5

    listed = CallbackList([LambdaCallback(on_batch_end=wait)])
    listed.on_epoch_begin(0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for batch in range(3):
            listed.on_batch_begin(batch)
            now[0] += 1.0
            listed.on_batch_end(batch)


# --- BaseLogger, History, ProgbarLogger ---------------------------------------------------------


def fit(listed, sizes, validate=False, epochs=2, **changed):
    """Call the hooks as `fit` does, with a loss of 0.3 * batch + epoch."""
    listed.set_model(FakeModel())
    listed.set_params(params(**changed))
    listed.on_train_begin()
    for epoch in range(epochs):
        listed.on_epoch_begin(epoch)
        for batch, size in enumerate(sizes):
            logs = {"batch": batch, "size": size}
            listed.on_batch_begin(batch, logs)
            listed.on_batch_end(batch, logs | {"loss": 0.3 * batch + epoch})
        listed.on_epoch_end(epoch, {"val_loss": 0.25} if validate else {})
    listed.on_train_end()


def test_epoch_logs_are_averages_weighted_by_samples():  # 1.2.2
    history = History()
    fit(CallbackList([BaseLogger(), history]), [3, 3, 3, 1], validate=True)
    assert history.epoch == [0, 1]
    assert history.history == {
        "loss": pytest.approx([0.36, 1.36]),
        "val_loss": [0.25, 0.25],
    }


def test_only_metrics_of_the_training_are_averaged():
    history = History()
    fit(CallbackList([BaseLogger(), history]), [5, 5])
    assert list(history.history) == ["loss"]  # not 'batch' and 'size'


def test_the_logs_that_the_loop_passed_are_filled():
    logger, logs = BaseLogger(), {}
    logger.set_params(params())
    logger.on_epoch_begin(0)
    logger.on_batch_end(0, {"size": 2, "loss": 1.5})
    logger.on_epoch_end(0, logs)
    assert logs == {"loss": 1.5}


def test_history_starts_anew_with_each_training():
    history = History()
    for _ in range(2):
        fit(CallbackList([BaseLogger(), history]), [10], epochs=1)
    assert history.epoch == [0]


def test_a_log_file_has_two_lines_per_epoch(capsys):  # the numbers: 1.2.2
    fit(CallbackList([BaseLogger(), ProgbarLogger()]), [3, 3, 3, 1], validate=True)
    bar = "10/10 [==============================] - 0s"
    assert capsys.readouterr().out.splitlines() == [
        "Epoch 1/2",
        f"{bar} - loss: 0.3600 - val_loss: 0.2500",
        "Epoch 2/2",
        f"{bar} - loss: 1.3600 - val_loss: 0.2500",
    ]


def test_verbose_2_is_one_line_without_a_bar(capsys):  # 1.2.2
    fit(CallbackList([BaseLogger(), ProgbarLogger()]), [4, 4, 4], verbose=2, epochs=1)
    assert capsys.readouterr().out.splitlines() == ["Epoch 1/2", "0s - loss: 0.3000"]


def test_verbose_0_says_nothing(capsys):
    fit(CallbackList([BaseLogger(), ProgbarLogger()]), [5, 5], verbose=0)
    assert capsys.readouterr().out == ""


# --- EarlyStopping ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "patience, min_delta, stopped",
    [(0, 0, 2), (1, 0, 3), (2, 0, 4), (0, 0.2, 1), (1, 0.2, 2)],
)
def test_patience_counts_epochs_without_improvement(patience, min_delta, stopped):  # 1.2.2
    stopping = EarlyStopping(patience=patience, min_delta=min_delta)
    assert drive(stopping, [1.0, 0.9, 0.9, 0.95, 0.9, 0.9]) == stopped
    assert stopping.stopped_epoch == stopped


def test_improvement_ends_the_waiting():  # 1.2.2
    assert drive(EarlyStopping(patience=1), [1.0, 1.0, 0.9, 0.9, 0.9, 0.9]) == 4


@pytest.mark.parametrize(
    "monitor, mode, stopped",
    [
        ("val_acc", "auto", 3),
        ("fmeasure_x", "auto", 3),
        ("val_loss", "auto", 1),
        ("val_acc", "min", 1),
        ("val_loss", "max", 3),
    ],
)
def test_mode(monitor, mode, stopped):  # 1.2.2
    assert drive(EarlyStopping(monitor, mode=mode), [0.1, 0.2, 0.3, 0.3]) == stopped


def test_early_stopping_says_so(capsys):  # 1.2.2
    drive(EarlyStopping(verbose=1), [1.0, 0.5, 0.5])
    assert capsys.readouterr().out == "Epoch 00002: early stopping\n"


def test_nan_is_never_the_best():
    assert drive(EarlyStopping(patience=1), [NAN, 1.0, NAN, NAN, 0.5]) == 3


def test_a_used_early_stopping_starts_anew(capsys):
    stopping = EarlyStopping(verbose=1)
    drive(stopping, [1.0, 0.5, 0.5])
    capsys.readouterr()
    assert drive(stopping, [2.0, 1.0]) == 1
    assert stopping.stopped_epoch == 0 and capsys.readouterr().out == ""


def test_early_stopping_warns_of_a_missing_number():  # 1.2.2 warned, and then failed
    with pytest.warns(RuntimeWarning, match="Early stopping requires val_loss available!"):
        EarlyStopping().on_epoch_end(0, {"loss": 1.0})


@pytest.mark.parametrize(
    "make, name",
    [
        (EarlyStopping, "EarlyStopping"),
        (functools.partial(ModelCheckpoint, "w.h5"), "ModelCheckpoint"),
        (ReduceLROnPlateau, "Learning Rate Plateau Reducing"),
    ],
)
def test_unknown_modes_mean_auto(make, name):  # 1.2.2; its EarlyStopping failed here
    with pytest.warns(RuntimeWarning, match=f"{name} mode down is unknown, fallback to auto mode."):
        assert make(mode="down").monitor_op is np.less


# --- ModelCheckpoint ----------------------------------------------------------------------------


def test_every_epoch_is_saved_under_its_name(capsys):  # 1.2.2: epochs from 0
    model = FakeModel()
    drive(ModelCheckpoint("w.{epoch:02d}-{val_loss:.2f}.h5", verbose=1), [1.0, 0.5], model)
    assert model.saved == [("all", "w.00-1.00.h5", True), ("all", "w.01-0.50.h5", True)]
    assert capsys.readouterr().out.splitlines()[1] == "Epoch 00001: saving model to w.01-0.50.h5"


def test_only_the_best_are_saved(capsys):  # 1.2.2
    model = FakeModel()
    drive(ModelCheckpoint("w.h5", save_best_only=True, verbose=1), [0.5, 0.7, 0.25], model)
    assert len(model.saved) == 2
    assert capsys.readouterr().out.splitlines() == [
        "Epoch 00000: val_loss improved from inf to 0.50000, saving model to w.h5",
        "Epoch 00001: val_loss did not improve",
        "Epoch 00002: val_loss improved from 0.50000 to 0.25000, saving model to w.h5",
    ]


def test_a_nan_epoch_is_not_saved_as_best():  # reliability row S8
    model = FakeModel()
    checkpoint = ModelCheckpoint("{epoch}.h5", save_best_only=True)
    drive(checkpoint, [NAN, 1.0, NAN, 0.5], model)
    assert [path for _, path, _ in model.saved] == ["1.h5", "3.h5"]
    assert checkpoint.best == 0.5


def test_period_and_weights_only():  # 1.2.2
    model = FakeModel()
    drive(ModelCheckpoint("{epoch}.h5", period=2, save_weights_only=True), [1.0] * 5, model)
    assert model.saved == [("weights", "1.h5", True), ("weights", "3.h5", True)]


def test_a_later_training_does_not_forget_the_best():  # 1.2.2
    checkpoint, model = ModelCheckpoint("w.h5", save_best_only=True), FakeModel()
    drive(checkpoint, [0.5], model)
    drive(checkpoint, [0.7], model)
    assert len(model.saved) == 1


def test_checkpoint_warns_of_a_missing_number():  # 1.2.2
    checkpoint = ModelCheckpoint("w.h5", save_best_only=True)
    with pytest.warns(RuntimeWarning, match="only with val_loss available, skipping"):
        checkpoint.on_epoch_end(0, {"loss": 1.0})


def test_a_missing_directory_is_refused_before_the_first_epoch(tmp_path):  # reliability row F20
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
def test_names_that_logs_will_have_are_fine(filepath):
    begin(filepath)


@pytest.mark.parametrize("filepath", ["{val_loss:.2f}", "{los}", "{}", "{0}", "{epoch", "epoch}"])
def test_names_that_logs_will_not_have_are_refused(filepath):  # reliability row F20
    with pytest.raises(ValueError, match="ModelCheckpoint: filepath"):
        begin(filepath)


def test_the_refusal_lists_the_names():
    with pytest.raises(ValueError, match="'val_loss'.*they have epoch, lr, loss, acc.*validation"):
        begin("{val_loss}")


class AddsF1(Callback):
    def on_epoch_end(self, epoch, logs=None):
        logs["val_f1"] = 1.0


@pytest.mark.parametrize("other", [AddsF1(), LambdaCallback(on_epoch_end=print)])
def test_names_that_another_callback_may_add_are_fine(other):
    begin("{val_f1:.2f}.h5", other)


def test_own_callbacks_add_no_names():
    with pytest.raises(ValueError, match="'val_f1'"):
        begin("{val_f1}", History(), EarlyStopping(), LambdaCallback(on_batch_end=print))


# --- learning rate ------------------------------------------------------------------------------


def test_scheduler_sets_the_learning_rate():
    scheduler, model = LearningRateScheduler(lambda epoch: 0.5**epoch), FakeModel()
    scheduler.set_model(model)
    scheduler.on_epoch_begin(2)
    assert model.optimizer.lr.value == 0.25


@pytest.mark.parametrize("result", [1, None, "0.1"])
def test_schedules_must_give_a_float(result):  # 1.2.2
    scheduler = LearningRateScheduler(lambda epoch: result)
    scheduler.set_model(FakeModel())
    with pytest.raises(ValueError, match='output of the "schedule" function should be float'):
        scheduler.on_epoch_begin(0)


def test_scheduler_needs_an_optimizer_with_lr():
    scheduler = LearningRateScheduler(lambda epoch: 0.1)
    scheduler.set_model(types.SimpleNamespace(optimizer=object()))
    with pytest.raises(ValueError, match='must have a "lr" attribute'):
        scheduler.on_epoch_begin(0)


def learning_rates(values, **kwargs):
    """The learning rate after each epoch, from 0.1 on."""
    model, rates = FakeModel(), []
    reducer = ReduceLROnPlateau(**kwargs)
    reducer.set_model(model)
    reducer.on_train_begin()
    for epoch, value in enumerate(values):
        reducer.on_epoch_end(epoch, {reducer.monitor: value})
        rates.append(round(float(model.optimizer.lr.value), 6))
    return rates


@pytest.mark.parametrize(
    "kwargs, rates",
    [
        ({"patience": 0}, [0.1, 0.05, 0.025, 0.0125, 0.00625, 0.003125]),
        ({"patience": 1}, [0.1, 0.1, 0.05, 0.025, 0.0125, 0.00625]),
        ({"patience": 2}, [0.1, 0.1, 0.1, 0.05, 0.05, 0.025]),
        ({"patience": 0, "cooldown": 2}, [0.1, 0.05, 0.05, 0.025, 0.025, 0.0125]),
        ({"patience": 0, "min_lr": 0.03}, [0.1, 0.05, 0.03, 0.03, 0.03, 0.03]),
    ],
)
def test_plateau(kwargs, rates):  # 1.2.2
    assert learning_rates([1.0] * 6, factor=0.5, **kwargs) == rates


def test_less_than_epsilon_is_no_improvement():
    assert learning_rates([1.0, 0.95], patience=0, epsilon=0.1)[-1] == 0.01
    assert learning_rates([1.0, 0.85], patience=0, epsilon=0.1)[-1] == 0.1


def test_plateau_of_an_accuracy():
    assert learning_rates([0.1, 0.2, 0.2], patience=0, monitor="val_acc") == [0.1, 0.1, 0.01]


def test_nan_is_no_improvement():
    assert learning_rates([1.0, NAN, 0.5], patience=0, factor=0.5) == [0.1, 0.05, 0.05]


def test_reducing_says_so_and_adds_lr_to_the_logs(capsys):  # 1.2.2
    reducer, logs = ReduceLROnPlateau(patience=0, factor=0.5, verbose=1), {"val_loss": 1.0}
    reducer.set_model(FakeModel(lr=0.5))
    reducer.on_epoch_end(0, dict(logs))
    reducer.on_epoch_end(1, logs)
    assert capsys.readouterr().out == "\nEpoch 00001: reducing learning rate to 0.25.\n"
    assert logs["lr"] == 0.5  # the one the epoch was trained with


def test_plateau_warns_of_a_missing_number():  # 1.2.2
    reducer = ReduceLROnPlateau()
    reducer.set_model(FakeModel())
    with pytest.warns(RuntimeWarning, match="Plateau Reducing requires val_loss available!"):
        reducer.on_epoch_end(0, {})


def test_factors_that_raise_the_rate_are_refused():  # 1.2.2
    with pytest.raises(ValueError, match="factor >= 1.0; got 1.5"):
        ReduceLROnPlateau(factor=1.5)


# --- files and servers --------------------------------------------------------------------------


def write_csv(path, **kwargs):
    logger = CSVLogger(str(path), **kwargs)
    logger.on_train_begin()
    logger.on_epoch_end(0, {"loss": 0.5, "acc": np.float32(0.25), "size": [1, 2]})
    logger.on_epoch_end(1, {"loss": 0.5, "acc": np.array(0.125), "size": (3,), "new": 1})
    logger.on_train_end()


CSV_ROWS = ['0,0.25,0.5,"""[1, 2]"""', '1,0.125,0.5,"""[3]"""']


def test_csv(tmp_path):  # 1.2.2: columns of the first epoch, sorted; sequences in brackets
    write_csv(tmp_path / "log.csv")
    assert (tmp_path / "log.csv").read_text().splitlines() == ["epoch,acc,loss,size", *CSV_ROWS]


def test_csv_appends_without_a_second_header(tmp_path):  # 1.2.2
    for _ in range(2):
        write_csv(tmp_path / "log.csv", append=True)
    lines = (tmp_path / "log.csv").read_text().splitlines()
    assert lines == ["epoch,acc,loss,size", *CSV_ROWS, *CSV_ROWS]


def test_csv_replaces_with_another_separator(tmp_path):
    for _ in range(2):
        write_csv(tmp_path / "log.csv", separator=";")
    lines = (tmp_path / "log.csv").read_text().splitlines()
    assert len(lines) == 3 and lines[0] == "epoch;acc;loss;size"


def test_csv_line_is_in_the_file_when_the_epoch_ends(tmp_path):
    logger = CSVLogger(str(tmp_path / "log.csv"))
    logger.on_train_begin()
    logger.on_epoch_end(0, {"loss": 0.5})
    assert (tmp_path / "log.csv").read_text().splitlines()[1] == "0,0.5"
    logger.on_train_end()


def test_a_used_csv_logger_writes_again(tmp_path):  # 1.2.2 wrote to the closed file
    logger = CSVLogger(str(tmp_path / "log.csv"), append=True)
    for _ in range(2):
        logger.on_train_begin()
        logger.on_epoch_end(0, {"loss": 0.5})
        logger.on_train_end()
    assert (tmp_path / "log.csv").read_text().splitlines() == ["epoch,loss", "0,0.5", "0,0.5"]


@contextlib.contextmanager
def serve(status=200):
    posts = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            posts.append((self.path, self.headers["Content-Type"], urllib.parse.parse_qs(body)))
            self.send_response(status)
            self.end_headers()

        def log_message(self, *args):
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", posts
    server.shutdown()
    thread.join()
    server.server_close()


def test_remote_monitor_posts_a_form_field_with_json():  # 1.2.2's requests.post sent the same
    with serve() as (root, posts):
        RemoteMonitor(root).on_epoch_end(3, {"loss": np.float32(0.5)})
    [(path, kind, fields)] = posts
    assert (path, kind) == ("/publish/epoch/end/", "application/json")
    assert json.loads(fields["data"][0]) == {"epoch": 3, "loss": 0.5}


def test_remote_monitor_does_not_mind_the_answer():
    with serve(status=500) as (root, posts), warnings.catch_warnings():
        warnings.simplefilter("error")
        RemoteMonitor(root, path="/p", field="f", headers={}).on_epoch_end(0, {})
    assert posts[0][0] == "/p" and "f" in posts[0][2]


def test_remote_monitor_warns_when_nobody_listens():  # 1.2.2
    with pytest.warns(UserWarning, match="could not reach RemoteMonitor root server at http"):
        RemoteMonitor("http://127.0.0.1:9").on_epoch_end(0, {})


# --- TensorBoard --------------------------------------------------------------------------------


class FakeWriter:
    def __init__(self, log_dir):
        self.log_dir, self.calls = log_dir, []

    def __getattr__(self, name):
        return lambda *args, **kwargs: self.calls.append((name, *args))


@pytest.fixture
def fake_tensorboard(monkeypatch):
    module = types.SimpleNamespace(SummaryWriter=FakeWriter)
    monkeypatch.setitem(sys.modules, "tensorboardX", module)


def board(**kwargs):
    callback = TensorBoard("logs", write_graph=False, **kwargs)
    callback.set_model(FakeModel())
    for epoch in range(3):
        callback.on_epoch_end(epoch, {"loss": np.float32(0.5), "batch": 1, "size": 2})
    callback.on_train_end({})
    return callback.writer.calls


def test_tensorboard_writes_scalars(fake_tensorboard):
    calls = board()
    assert [call for call in calls if call[0] != "flush"] == [
        *[("add_scalar", "loss", 0.5, epoch) for epoch in range(3)],
        ("close",),
    ]


def test_tensorboard_writes_histograms_every_few_epochs(fake_tensorboard):
    calls = [call for call in board(histogram_freq=2) if call[0] == "add_histogram"]
    assert [(name, epoch) for _, name, _, epoch in calls] == [
        (name, epoch) for epoch in (0, 2) for name in ("dense_1_W", "dense_1_b")
    ]


def test_tensorboard_images_are_wide_and_grey(fake_tensorboard):
    calls = [call for call in board(histogram_freq=3, write_images=True) if call[0] == "add_image"]
    images = [image.tolist() for _, _, image, _ in calls]
    assert images == [[[0, 127, 255], [255, 63, 0]], [[0, 254]]]


def test_tensorboard_names_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorboardX", None)
    with pytest.raises(ImportError, match=r"pip install keras-classic\[tensorboard\]"):
        TensorBoard().set_model(FakeModel())


def test_tensorboard_files_are_written(tmp_path):
    pytest.importorskip("tensorboardX")
    callback = TensorBoard(str(tmp_path), histogram_freq=1, write_graph=False, write_images=True)
    callback.set_model(FakeModel())
    callback.on_epoch_end(0, {"loss": 0.5})
    callback.on_train_end({})
    [events] = tmp_path.iterdir()
    content = events.read_bytes()
    assert all(tag in content for tag in (b"loss", b"dense_1_W", b"dense_1_b"))


# --- LambdaCallback -----------------------------------------------------------------------------


def test_lambda_callback_keeps_further_attributes():  # 1.2.2
    assert LambdaCallback(colour="red").colour == "red"


def test_lambda_callback_without_functions_does_nothing():
    fit(CallbackList([LambdaCallback()]), [10])


# --- cost ---------------------------------------------------------------------------------------


def test_a_batch_costs_little():
    listed = CallbackList([BaseLogger(), History(), EarlyStopping()])
    listed.set_params(params())
    listed.on_epoch_begin(0)
    start = time.process_time()
    for batch in range(1000):
        listed.on_batch_begin(batch, {"batch": batch, "size": 32})
        listed.on_batch_end(batch, {"batch": batch, "size": 32, "loss": 0.5})
    assert time.process_time() - start < 0.2  # 0.2 ms a batch; measured: a few microseconds
