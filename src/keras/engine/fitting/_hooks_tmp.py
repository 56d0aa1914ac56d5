from ... import callbacks as callbacks_module


def start_callbacks(model, callbacks, history, params):
    """The list of all callbacks, told of the model and begun."""
    own = [callbacks_module.BaseLogger()]
    if params["verbose"]:
        own.append(callbacks_module.ProgbarLogger())
    model.history = history
    if isinstance(callbacks, callbacks_module.Callback):
        raise TypeError(f"callbacks must be a list of callbacks; got one, {callbacks!r}: write [callback].")
    # The state of the training is written when all others have seen the batch or epoch.
    listed = sorted([*(callbacks or []), history], key=_is_checkpoint)
    hooks = callbacks_module.CallbackList(own + listed)
    _check_monitors(hooks.callbacks, params)
    hooks.set_model(getattr(model, "callback_model", None) or model)
    hooks.set_params(params)
    model.stop_training = False
    hooks.on_train_begin()
    return hooks


def _is_checkpoint(callback):
    return isinstance(callback, callbacks_module.TrainingCheckpoint)


def _check_monitors(callbacks, params):
    """Refuses, before work starts, a callback that waits for a number that will never come."""
    for callback in callbacks:
        monitor = getattr(callback, "monitor", None)
        if (
            isinstance(monitor, str)
            and monitor.startswith("val_")
            and not params["do_validation"]
            and type(callback).__module__.startswith(f"{callbacks_module.__name__}.")
        ):
            if isinstance(callback, callbacks_module.ModelCheckpoint) and not callback.save_best_only:
                continue  # it does not look at the number
            raise ValueError(
                f"{type(callback).__name__} monitors {monitor!r}, but there are no validation data. Pass "
                f"validation_data or validation_split to fit, or monitor one of {params['metrics']}."
            )
