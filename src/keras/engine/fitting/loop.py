"""The loops: training, test and prediction over any `Feed`."""

import contextlib
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ... import backend as K
from ... import callbacks
from ..._graph import placement
from ..._host.compiling import hearing_compilations, telling_compilations
from ..._host.interrupts import no_interrupt_lost
from ..._spelling import Logs
from .agreement import agree
from .feeds import Feed
from .plan import FitPlan
from .programs import run_program
from .resume import TrainingRun
from .sparse_rows import SparseRows
from .steps import Steps
from .timing import Stopwatch, remark
from .watch import NonFiniteWatch

#: After how long (seconds) a validation shows its progress, and how often.
_SHOWN_AFTER = 1.0


@no_interrupt_lost
def fit(model: Any, feed: Feed, validation: Feed | None, plan: FitPlan) -> callbacks.History:
    """Trains a model.

    Args:
        model: a compiled `Model`.
        feed: the batches to train on; closed at the end.
        validation: the batches to validate with after each epoch, or None; closed at the end.
        plan: the other arguments of `fit`.
    Returns:
        `History`.
    """
    watch = Stopwatch()
    try:
        with hearing_compilations(watch.note_compilation):
            model._make_train_function()
            if validation:
                model._make_test_function()
            labels = _labels(model.metrics_names)
            hooks = _begin(model, plan, plan.params(feed, validation, labels))
            with _telling_compilations(lambda: hooks.bar) if plan.verbose == 1 else contextlib.nullcontext():
                data_seconds = _train(model, feed, validation, plan, labels, hooks)
        model.history.seconds = watch.parts(data_seconds, hooks.seconds)
        line = remark(model.history.seconds) if plan.verbose else None
        if line:
            print(line)
    finally:
        # Not inside `_train`: a small array allocated above the data on the device would keep the next `fit`
        # from reusing their memory.
        if model._takes_any_loss is not None:
            K.set_value(model._takes_any_loss, 1)
        feed.close()
        if validation:
            validation.close()
    return model.history


def _train(
    model: Any,
    feed: Feed,
    validation: Feed | None,
    plan: FitPlan,
    labels: Sequence[str],
    hooks: callbacks.CallbackList,
) -> float:
    """Runs the remaining epochs; returns how long (seconds) they waited for data."""
    if plan.verbose and plan.announces_samples and validation:
        print(f"Train on {feed.samples} samples, validate on {validation.samples} samples")
    model.validation_data = _for_callbacks(model, validation)
    # If one of several processes must see each step, all run it alone.
    one_by_one = not placement.current().meet("the start of fit", int(not hooks.watches_batches))
    steps = Steps(model, feed, "train", one_by_one, hooks.has_others)
    tests = Steps(model, validation, "test", False, hooks.has_others) if validation else None
    feeds = {"training": feed} | ({"validation": validation} if validation else {})
    run = TrainingRun(model, hooks, feed.settings(), feeds)
    run.epoch = plan.initial_epoch
    if plan.resume_from is not None:
        run.resume(plan.resume_from)
    watch = NonFiniteWatch(model, plan.check_numerics)
    agree(model, feeds, _facts(run, plan, validation))
    feed.start()
    while run.epoch < plan.nb_epoch and not model.stop_training:
        epoch = watch.epoch = run.epoch
        _train_epoch(model, steps, run, hooks, labels, watch)
        logs = Logs()
        if tests:
            values = _validate(tests, hooks)
            logs.update({f"val_{label}": value for label, value in zip(labels, values, strict=True)})
        rate = getattr(model.optimizer, "logged_rate", None)
        if rate is not None:
            logs["lr"] = rate
        run.end_epoch()
        hooks.on_epoch_end(epoch, logs)
    hooks.on_train_end()
    if getattr(model.optimizer, "use_ema", False):
        model.optimizer.set_averages()
    return steps.data_seconds + (tests.data_seconds if tests else 0.0)


def _for_callbacks(model: Any, validation: Feed | None) -> list[Any] | None:
    """Returns the validation arrays and, if the outputs depend on it, the learning phase, as in 1.2.2."""
    if validation is None or validation.arrays is None:
        return None
    return [*validation.arrays, 0.0] if model.uses_learning_phase else validation.arrays


def _train_epoch(
    model: Any,
    steps: Steps,
    run: TrainingRun,
    hooks: callbacks.CallbackList,
    labels: Sequence[str],
    watch: NonFiniteWatch,
) -> None:
    """Runs the remaining steps of an epoch, or fewer if a callback stops the training."""
    if not run.batch:
        model.reset_metrics()
        hooks.on_epoch_begin(run.epoch)
    for step in steps.run(run, hooks.batches_between_stops, watch):
        logs = Logs(batch=step.number, size=step.size)
        hooks.on_batch_begin(step.number, logs)
        logs.update(zip(labels, step.values(), strict=True))
        run.batch, run.seen = step.number + 1, run.seen + step.progress
        hooks.on_batch_end(step.number, logs)
        if model.stop_training:
            break
    steps.feed.end_epoch(run)


def _validate(tests: Steps, hooks: callbacks.CallbackList) -> list[float]:
    tests.feed.start()
    values = _means(tests, _ValidationProgress(tests.feed, hooks.bar) if hooks.bar else None)
    tests.feed.pause()  # callbacks may use the same generator
    return values


def _facts(run: TrainingRun, plan: FitPlan, validation: Feed | None) -> dict[str, Any]:
    """What must be equal in all processes of a training: name in messages -> value."""
    return {
        **run.settings,
        "nb_epoch": plan.nb_epoch,
        "check_numerics": plan.check_numerics,
        "the number of validation samples": int(validation.samples or 0) if validation else 0,
        "the place (epoch, batch) to begin at": [run.epoch, run.batch],
    }


def _labels(names: Sequence[str]) -> list[str]:
    """The names, with numbers from 1 appended to repeated ones."""
    return [
        name if names.count(name) == 1 else f"{name}_{names[:i].count(name) + 1}"
        for i, name in enumerate(names)
    ]


def _begin(model: Any, plan: FitPlan, params: dict[str, Any]) -> callbacks.CallbackList:
    """Makes the list of all callbacks and calls their `on_train_begin`."""
    model.history = callbacks.History()
    hooks = callbacks.CallbackList.for_training(plan.callbacks, model.history, params)
    hooks.check_monitors(params)
    hooks.set_model(getattr(model, "callback_model", None) or model)
    hooks.set_params({**params, "stateful_metrics": list(model.metrics_over_all)})
    model.stop_training = False
    hooks.on_train_begin()
    return hooks


@no_interrupt_lost
def evaluate(model: Any, feed: Feed, verbose: int = 0) -> list[float]:
    """Returns the means of the loss and the metrics over the samples of a feed, which is closed.

    Args:
        model: a compiled `Model`.
        feed: `Feed` of batches for "test".
        verbose: 1 shows a progress bar.
    """
    with contextlib.closing(feed):
        model._make_test_function()
        feed.start()
        progress = _progress(feed, verbose)
        with _telling_compilations(lambda: progress) if progress else contextlib.nullcontext():
            return _means(Steps(model, feed, "test"), progress, _labels(model.metrics_names))


def _means(
    steps: Steps,
    progress: "callbacks.Progbar | _ValidationProgress | None" = None,
    labels: Sequence[str] = (),
) -> list[float]:
    """The means over the steps, weighted by samples; of metrics over all data the last value."""
    totals: Any = 0.0
    done = shown = 0
    model = steps.model
    model.reset_metrics()
    values: Any = None
    for step in steps.run():
        values = np.asarray(step.values(), "float64")
        totals = totals + values * step.size
        done, shown = done + step.size, shown + step.progress
        if progress:
            progress.update(shown, zip(labels, values, strict=False))
    over_all = [name in model.metrics_over_all for name in model.metrics_names]
    return np.where(over_all, values, totals / done).tolist()


class _ValidationProgress:
    """Shows the progress of a validation that takes long, in the line of the epoch."""

    def __init__(self, feed: Feed, bar: Any) -> None:
        self._samples, self._bar = feed.samples, bar
        self._first: tuple[float, int] | None = None
        self._last = 0.0

    def update(self, done: int, values: Any = None) -> None:
        now = time.monotonic()
        if self._first is None:  # the first step may have been compiled
            self._first, self._last = (now, done), now
        elif now - self._last > _SHOWN_AFTER:
            start, before = self._first
            left = (now - start) / (done - before) * (self._samples - done)
            self._bar.show(f"validating {done}/{self._samples} - ETA: {left:.0f}s")
            self._last = now


def _telling_compilations(bar: Callable[[], Any]) -> contextlib.AbstractContextManager[None]:
    """Says in the line of a progress bar that a program is being compiled.

    Args:
        bar: function that returns the `Progbar` or `ProgbarLogger` of the moment, or None.
    """

    def show(text: str) -> None:
        if (current := bar()) is not None:
            current.show(text)

    def ended(seconds: float) -> None:
        if (current := bar()) is not None:
            current.delay(seconds)

    return telling_compilations(show, ended)


@no_interrupt_lost
def predict(model: Any, feed: Feed, verbose: int = 0, pads: bool = False) -> list[np.ndarray]:
    """Returns the outputs of a model for the samples of a feed, which is closed.

    Args:
        model: a `Model`.
        feed: `Feed` of batches for "predict".
        verbose: 1 shows a progress bar.
        pads: whether a short batch may be filled up to a size that is compiled already; only right where
            no sample's result depends on another sample.
    """
    with contextlib.closing(feed):
        model._make_predict_function()
        progress = _progress(feed, verbose)
        parts: list[list[np.ndarray]] = []
        waiting: tuple[Any, int] | None = None
        done = 0

        def read() -> None:
            if waiting is not None:
                outputs, size = waiting
                # Samples are counted by the inputs; rows are cut off only where rows were filled up.
                rows = size if feed.pads else None
                parts.append([placement.current().own(np.asarray(output))[:rows] for output in outputs])
                if progress:
                    progress.update(done)

        feed.start()
        for batch in feed.batches():
            with feed.naming_batch(batch.number):
                arrays = batch.load()
                if pads and feed.pads:
                    arrays = [_fill_up(array, feed.batch_size) for array in arrays]
                outputs = run_program(model, model.predict_function, arrays, 0)
            read()  # the device works on this batch while the host reads the one before
            waiting, done = (outputs, batch.size), done + batch.progress
        read()
    if len(parts) == 1:
        return [np.array(array) for array in parts[0]]  # a copy: views of JAX arrays are read-only
    return [np.concatenate(arrays) for arrays in zip(*parts, strict=True)]


def _fill_up(array: Any, batch_size: int | None) -> Any:
    """A short batch padded with copies of its last sample, to a power of two or the batch size."""
    size = len(array)
    target = min(batch_size or size, 1 << (size - 1).bit_length())
    if size >= target:
        return array
    if isinstance(array, SparseRows):
        return array[np.minimum(np.arange(target), size - 1)]
    return np.concatenate([array, np.repeat(array[-1:], target - size, axis=0)])


def _progress(feed: Feed, verbose: int) -> callbacks.Progbar | None:
    return callbacks.Progbar(feed.samples, verbose=1) if verbose == 1 else None
