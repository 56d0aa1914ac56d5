"""The list that passes each event of a training to its callbacks."""

import functools
import sys
import time
import warnings

import pytest
from callback_driver import FakeModel, params

from keras.callbacks import (
    BaseLogger,
    Callback,
    CallbackList,
    CSVLogger,
    EarlyStopping,
    History,
    LambdaCallback,
    ProgbarLogger,
    ReduceLROnPlateau,
)

pytestmark = pytest.mark.usefixtures("fake_backend")


@pytest.mark.parametrize(
    "wrong, said",
    [
        ("EarlyStopping", "got str 'EarlyStopping'"),
        (EarlyStopping, "got type .*Pass an object, not the class"),
        (None, "got NoneType"),
    ],
)
def test_objects_that_are_not_callbacks_are_refused(wrong, said):  # reliability row F18
    with pytest.raises(TypeError, match=f"expected keras.callbacks.Callback objects, {said}"):
        CallbackList([History(), wrong])


def test_hooks_share_one_dictionary_in_order():
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


def test_every_hook_is_forwarded():
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


def test_model_and_params_are_forwarded():
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
def test_watches_batches_only_if_a_batch_hook_needs_logs(watched, make):
    assert CallbackList(make()).watches_batches is watched


def test_hook_set_on_the_instance_watches_batches():
    history = History()
    history.on_batch_end = lambda batch, logs=None: None
    assert CallbackList([history]).watches_batches


@pytest.mark.parametrize("hook", ["on_batch_begin", "on_batch_end"])
def test_slow_batch_hook_warns(hook, monkeypatch):
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


def test_hook_faster_than_the_batch_does_not_warn(monkeypatch):
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


def test_a_batch_costs_few_python_calls():
    listed = CallbackList([BaseLogger(), History(), EarlyStopping()])
    listed.set_params(params())
    listed.on_epoch_begin(0)
    calls = 0

    def count(frame, event, argument):
        nonlocal calls
        calls += event == "call"

    sys.setprofile(count)
    try:
        for batch in range(100):
            listed.on_batch_begin(batch, {"batch": batch, "size": 32})
            listed.on_batch_end(batch, {"batch": batch, "size": 32, "loss": 0.5})
    finally:
        sys.setprofile(None)
    assert calls <= 100 * 30
