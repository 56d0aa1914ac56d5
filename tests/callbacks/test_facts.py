"""Facts about callbacks: built-in classes make promises to the training loop; subclasses inherit none."""

import functools

import pytest

from keras import callbacks
from keras.callbacks import (
    BaseLogger,
    Callback,
    CallbackList,
    EarlyStopping,
    History,
    LambdaCallback,
    ModelCheckpoint,
    ProgbarLogger,
    TrainingCheckpoint,
)
from keras.callbacks._facts import Promise, class_promises, hook_promises
from keras.layers import Dense
from keras.models import Sequential

BUILT_IN = [
    value for value in vars(callbacks).values() if isinstance(value, type) and issubclass(value, Callback)
]
HOOKS = "on_epoch_begin on_epoch_end on_batch_begin on_batch_end on_train_begin on_train_end".split()


def make(cls):
    """A callback of a class, without the arguments that its constructor needs."""
    return cls.__new__(cls)


def has_open_logs(*listed):
    observer = History()
    CallbackList([*listed, observer]).set_params({})
    return observer.params["open_logs"]


# --- built-in classes -----------------------------------------------------------------------------


@pytest.mark.parametrize("cls", BUILT_IN)
def test_a_built_in_class_states_its_promises_in_its_own_body(cls):
    assert isinstance(vars(cls)["_promises"], Promise)


@pytest.mark.parametrize("cls", BUILT_IN)
def test_a_built_in_class_does_not_slow_the_training_down(cls):
    listed = CallbackList([make(cls)])
    assert not listed.watches_batches
    assert listed.has_others is (cls is LambdaCallback)
    assert not has_open_logs(make(cls))


@pytest.mark.parametrize("cls", BUILT_IN)
def test_a_batch_hook_of_a_built_in_class_may_lag(cls):
    for hook in ("on_batch_begin", "on_batch_end"):
        assert Promise.BATCH_HOOKS_MAY_LAG in hook_promises(make(cls), hook)


# --- subclasses -----------------------------------------------------------------------------------


@pytest.mark.parametrize("cls", BUILT_IN)
def test_a_subclass_inherits_no_promise_about_its_methods(cls):
    mine = make(type("Mine", (cls,), {}))
    assert class_promises(mine) is Promise.NONE
    assert CallbackList([mine]).has_others


@pytest.mark.parametrize("cls", BUILT_IN)
@pytest.mark.parametrize("hook", HOOKS)
def test_a_hook_that_a_subclass_overrides_is_promised_nothing(cls, hook):
    mine = make(type("Mine", (cls,), {hook: lambda self, *args: None}))
    assert hook_promises(mine, hook) is Promise.NONE
    assert CallbackList([mine]).watches_batches is ("batch" in hook)
    assert has_open_logs(mine) is (hook == "on_epoch_end")


class MyStop(EarlyStopping):
    def on_epoch_end(self, epoch, logs=None):
        logs["val_f1"] = 1.0
        super().on_epoch_end(epoch, logs)


def test_a_hook_that_a_subclass_inherits_keeps_its_promises():
    assert not CallbackList([MyStop("val_f1")]).watches_batches


def test_a_subclass_of_a_subclass_is_user_code_too():
    class MyOtherStop(MyStop):
        pass

    assert CallbackList([MyOtherStop()]).has_others and has_open_logs(MyOtherStop())


def test_a_hook_of_a_mixin_is_promised_nothing():
    class Mixin:
        def on_batch_end(self, batch, logs=None):
            pass

    class Mine(Mixin, History):
        pass

    assert CallbackList([Mine()]).watches_batches


def test_a_hook_that_wraps_a_built_in_one_is_promised_nothing():
    class Mine(ProgbarLogger):
        @functools.wraps(ProgbarLogger.on_batch_end)
        def on_batch_end(self, batch, logs=None):
            super().on_batch_end(batch, logs)

    assert CallbackList([Mine()]).watches_batches


def test_a_subclass_may_make_a_promise_of_its_own():
    class Quiet(Callback):
        _promises = Promise.BATCH_HOOKS_MAY_LAG | Promise.DATA_UNCHANGED

        def on_batch_end(self, batch, logs=None):
            pass

        def on_epoch_end(self, epoch, logs=None):
            pass

    listed = CallbackList([Quiet()])
    assert not listed.watches_batches and not listed.has_others
    assert has_open_logs(Quiet())


# --- functions ------------------------------------------------------------------------------------


@pytest.mark.parametrize("hook", HOOKS)
def test_a_function_assigned_to_an_object_is_promised_nothing(hook):
    history = History()
    setattr(history, hook, lambda *args: None)
    assert hook_promises(history, hook) is Promise.NONE


def test_a_method_of_another_callback_keeps_its_promises():
    averages = BaseLogger()
    assert not CallbackList([LambdaCallback(on_batch_end=averages.on_batch_end)]).watches_batches
    assert not has_open_logs(LambdaCallback(on_epoch_end=averages.on_epoch_end))
    assert has_open_logs(LambdaCallback(on_epoch_end=MyStop().on_epoch_end))


# --- checks before training starts ----------------------------------------------------------------

PARAMS = {"do_validation": False, "metrics": ["loss", "acc"], "verbose": 1}
WAITING = [
    lambda: EarlyStopping("val_loss"),
    lambda: callbacks.ReduceLROnPlateau("val_loss"),
    lambda: ModelCheckpoint("w.h5", "val_loss", save_best_only=True),
]


@pytest.mark.parametrize("make_waiting", WAITING)
def test_a_monitor_without_validation_data_is_refused(make_waiting):
    waiting = make_waiting()
    name = type(waiting).__name__
    with pytest.raises(ValueError) as error:
        CallbackList([History(), waiting]).check_monitors(PARAMS)
    assert str(error.value) == (
        f"{name} monitors 'val_loss', but there are no validation data. Pass validation_data or "
        "validation_split to fit, or monitor one of ['loss', 'acc']."
    )


@pytest.mark.parametrize("make_waiting", WAITING)
def test_a_monitor_with_validation_data_is_accepted(make_waiting):
    CallbackList([make_waiting()]).check_monitors({**PARAMS, "do_validation": True})


@pytest.mark.parametrize(
    "harmless",
    [
        EarlyStopping("loss"),
        EarlyStopping("no_such_log"),
        ModelCheckpoint("w.h5", "val_loss"),
        MyStop("val_f1"),  # adds the log itself
        type("Mine", (EarlyStopping,), {})("val_loss"),
        LambdaCallback(),
    ],
)
def test_other_monitors_are_not_checked(harmless):
    CallbackList([harmless]).check_monitors(PARAMS)


def test_monitors_are_checked_by_fit():

    model = Sequential([Dense(1, input_dim=1)])
    model.compile("sgd", "mse")
    with pytest.raises(
        ValueError, match="EarlyStopping monitors 'val_loss', but there are no validation data"
    ):
        model.fit([[0.0]], [[0.0]], verbose=0, callbacks=[EarlyStopping()])


# --- the list of a training -----------------------------------------------------------------------


class MyCheckpoint(TrainingCheckpoint):
    pass


@pytest.mark.parametrize("verbose, bar", [(0, []), (1, [ProgbarLogger]), (2, [ProgbarLogger])])
def test_order_of_the_callbacks_of_a_training(verbose, bar):
    own = [TrainingCheckpoint("a.h5"), EarlyStopping(), MyCheckpoint("b.h5"), LambdaCallback()]
    history = History()
    listed = CallbackList.for_training(own, history, {**PARAMS, "verbose": verbose}).callbacks
    first, last = (
        [BaseLogger, *bar],
        [EarlyStopping, LambdaCallback, History, TrainingCheckpoint, MyCheckpoint],
    )
    assert [type(callback) for callback in listed] == [*first, *last]
    assert history in listed and all(callback in listed for callback in own)


def test_a_training_without_callbacks_of_the_user():
    listed = CallbackList.for_training(None, History(), {**PARAMS, "verbose": 0}).callbacks
    assert [type(callback) for callback in listed] == [BaseLogger, History]


def test_a_single_callback_instead_of_a_list_is_refused():
    with pytest.raises(TypeError, match=r"must be a list of callbacks; got one, .*write \[callback\]"):
        CallbackList.for_training(EarlyStopping(), History(), PARAMS)


@pytest.mark.parametrize("wrong", ["EarlyStopping", EarlyStopping, TrainingCheckpoint, None])
def test_an_element_that_is_not_a_callback_is_refused(wrong):
    with pytest.raises(TypeError, match="expected keras.callbacks.Callback objects"):
        CallbackList.for_training([wrong], History(), PARAMS)


def test_batches_between_stops_is_the_common_divisor():
    def stops(*batches):
        listed = [MyCheckpoint("state.h5", batches=n) for n in batches]
        return CallbackList([History(), *listed]).batches_between_stops

    assert (stops(), stops(None), stops(6), stops(6, None, 4)) == (None, None, 6, 2)
