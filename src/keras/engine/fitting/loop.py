"""The loops: training, test and prediction over any `Feed`, under any `Strategy`."""

import contextlib
from collections.abc import Sequence
from typing import Any

import numpy as np

from ... import backend as K
from ... import callbacks
from ..._host.interrupts import no_interrupt_lost
from . import strategies
from .feeds import Feed
from .plan import FitPlan
from .resume import TrainingRun
from .sparse_rows import SparseRows
from .steps import Steps
from .watch import NonFiniteWatch


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
    try:
        model.make_train_function()
        if validation:
            model.make_test_function()
        labels = _labels(model.metrics_names)
        hooks = _begin(model, plan, plan.params(feed, validation, labels))
        _train(model, feed, validation, plan, labels, hooks)
    finally:
        # Not inside `_train`: a small array allocated above the data on the device would keep the next `fit`
        # from reusing their memory.
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
) -> None:
    """Runs the remaining epochs."""
    if plan.verbose and plan.announces_samples and validation:
        print(f"Train on {feed.samples} samples, validate on {validation.samples} samples")
    model.validation_data = validation.arrays if validation else None  # for callbacks, as in 1.2.2
    strategy = strategies.current()
    one_by_one = hooks.watches_batches or not strategy.runs_epochs
    steps = Steps(model, feed, "train", one_by_one, hooks.has_others)
    tests = Steps(model, validation, "test", False, hooks.has_others) if validation else None
    feeds = {"training": feed} | ({"validation": validation} if validation else {})
    run = TrainingRun(model, hooks, feed.settings(), feeds, strategy.writes_files)
    run.epoch = plan.initial_epoch
    if plan.resume_from is not None:
        run.resume(plan.resume_from)
    watch = NonFiniteWatch(model, plan.check_numerics)
    with strategy.training(model, _facts(run, plan, validation)):
        feed.start()
        while run.epoch < plan.nb_epoch and not model.stop_training:
            epoch = watch.epoch = run.epoch
            _train_epoch(model, steps, run, hooks, labels, watch)
            logs = {}
            if tests:
                values = strategy.mean_values(_validate(tests), epoch)
                logs = {f"val_{label}": value for label, value in zip(labels, values, strict=True)}
            run.end_epoch()
            hooks.on_epoch_end(epoch, logs)
        hooks.on_train_end()


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
        hooks.on_epoch_begin(run.epoch)
    for step in steps.run(run, hooks.batches_between_stops, watch):
        logs: dict[str, Any] = {"batch": step.number, "size": step.size}
        hooks.on_batch_begin(step.number, logs)
        logs.update(zip(labels, step.values(), strict=True))
        run.batch, run.seen = step.number + 1, run.seen + step.progress
        hooks.on_batch_end(step.number, logs)
        if model.stop_training:
            break
    steps.feed.end_epoch(run)


def _validate(tests: Steps) -> list[float]:
    tests.feed.start()
    values = _means(tests)
    tests.feed.pause()  # callbacks may use the same generator
    return values


def _facts(run: TrainingRun, plan: FitPlan, validation: Feed | None) -> dict[str, Any]:
    """What must be equal in all processes of a training: name in messages -> value."""
    return {
        **run.settings,
        "nb_epoch": plan.nb_epoch,
        "check_numerics": plan.check_numerics,
        "the number of validation samples": int(validation.samples) if validation else 0,
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
    hooks.set_params(params)
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
        model.make_test_function()
        feed.start()
        return _means(Steps(model, feed, "test"), _progress(feed, verbose))


def _means(steps: Steps, progress: callbacks.Progbar | None = None) -> list[float]:
    """The means of the values over the steps, weighted by samples."""
    totals: Any = 0.0
    done = 0
    for step in steps.run():
        totals = totals + np.asarray(step.values(), "float64") * step.size
        done += step.size
        if progress:
            progress.update(done)
    return (totals / done).tolist()


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
        model.make_predict_function()
        progress = _progress(feed, verbose)
        parts: list[list[np.ndarray]] = []
        waiting: tuple[Any, int] | None = None
        done = 0

        def read() -> None:
            if waiting is not None:
                outputs, size = waiting
                # Samples are counted by the inputs; rows are cut off only where rows were filled up.
                rows = size if feed.pads else None
                parts.append([np.asarray(output)[:rows] for output in outputs])
                if progress:
                    progress.update(done)

        feed.start()
        for batch in feed.batches():
            with feed.naming_batch(batch.number):
                arrays = batch.load()
                if pads and feed.pads:
                    arrays = [_fill_up(array, feed.batch_size) for array in arrays]
                outputs = model.predict_function.run(arrays)
            read()  # the device works on this batch while the host reads the one before
            waiting, done = (outputs, batch.size), done + batch.size
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
