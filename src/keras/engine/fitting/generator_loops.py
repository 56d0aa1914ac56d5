"""The loops behind fit_generator, evaluate_generator and predict_generator."""

import contextlib
import warnings

import numpy as np

from ... import callbacks as callbacks_module
from ..._base.callers import levels_to_caller
from ..._host.interrupts import no_interrupt_lost
from ..._spelling import Batches
from .feeds.workers import GeneratorEnqueuer
from .loops import begin_run, start_callbacks
from .resume import TrainingRun
from .watch import NonFiniteWatch


@no_interrupt_lost
def fit_generator_loop(model, batches, start, validation, labels, options, callbacks):
    """Trains a model on batches from a generator.

    Args:
        model: a compiled `Model`.
        batches: dict with the `GeneratorEnqueuer` of "training", and that of "validation" if there is one.
        start: function that starts the first.
        validation: function () -> list of floats, or None.
        labels: list of str, the names of what a step gives.
        options: dict with samples_per_epoch, nb_epoch, initial_epoch, class_weight, verbose, resume_from.
        callbacks: list of the user's callbacks.
    Returns:
        `History`.
    """
    samples = options["samples_per_epoch"]
    params = {
        "nb_epoch": options["nb_epoch"],
        "nb_sample": samples,
        "verbose": options["verbose"],
        "do_validation": validation is not None,
        "metrics": labels + (["val_" + label for label in labels] if validation else []),
        "resumed": options["resume_from"] is not None,
    }
    hooks = start_callbacks(model, callbacks, callbacks_module.History(), params)
    model.make_train_function()
    settings = {"samples_per_epoch": int(samples)}
    run = begin_run(TrainingRun(model, hooks, settings, batches), options)
    watch = NonFiniteWatch(model, options["check_numerics"])
    start()
    while run.epoch < options["nb_epoch"] and not model.stop_training:
        epoch = watch.epoch = run.epoch
        if not run.batch:
            hooks.on_epoch_begin(epoch)
        while run.seen < samples:
            number = run.batch
            batch = next_batch(batches["training"], number, run.seen, samples)
            x, y, weights = as_training_batch(batch, number)
            size = count_samples(x)
            logs: dict = {"batch": number, "size": size}
            hooks.on_batch_begin(number, logs)
            with naming_the_batch(number):
                checks = {"check_numerics": bool(options["check_numerics"])}
                parts = model._standardize_user_data(x, y, weights, options["class_weight"], **checks)
                arrays = [array for part in parts for array in part]
                values = watch.values(
                    number,
                    lambda a=arrays: [float(value) for value in model._train_on(a)],
                    lambda a=arrays: a,
                )
            logs.update(zip(labels, values, strict=True))
            run.seen, run.batch = run.seen + _progress(samples, size), number + 1
            hooks.on_batch_end(number, logs)
            if model.stop_training:
                break
        if run.seen > samples:
            warnings.warn(
                "Epoch comprised more than `samples_per_epoch` samples, which might affect learning "
                f"results: {run.seen} of {samples}. Set `samples_per_epoch` to a multiple of the batch size.",
                stacklevel=levels_to_caller(),
            )
        epoch_logs = {}
        if validation:
            epoch_logs = {"val_" + label: v for label, v in zip(labels, validation(), strict=True)}
        run.end_epoch()
        hooks.on_epoch_end(epoch, epoch_logs)
    hooks.on_train_end()
    return model.history


@no_interrupt_lost
def evaluate_generator_loop(model, batches, samples):
    """Means of a model's losses and metrics over the samples of a generator; list of floats."""
    total, seen, number, weight = 0.0, 0, 0, 0
    while seen < samples:
        x, y, weights = as_training_batch(next_batch(batches, number, seen, samples), number)
        with naming_the_batch(number):
            values = as_floats(model.test_on_batch(x, y, weights))
        size = count_samples(x)
        total = total + np.asarray(values) * size
        seen, number, weight = seen + _progress(samples, size), number + 1, weight + size
    return (total / weight).tolist()


@no_interrupt_lost
def predict_generator_loop(model, batches, samples):
    """The outputs of a model for the samples of a generator; a list of arrays."""
    parts, seen, number = [], 0, 0
    while seen < samples:
        batch = next_batch(batches, number, seen, samples)
        x = batch[0] if isinstance(batch, tuple) else batch
        if isinstance(batch, tuple) and len(batch) not in (2, 3):
            raise _wrong_batch(batch, number, "x, (x, y) or (x, y, sample_weight)")
        with naming_the_batch(number):
            outputs = model.predict_on_batch(x)
        parts.append(outputs if isinstance(outputs, list) else [outputs])
        seen, number = seen + _progress(samples, count_samples(x)), number + 1
    return [np.concatenate(arrays) for arrays in zip(*parts, strict=True)]


@contextlib.contextmanager
def feeding(generator, pickle_safe, timeout, keep_positions=False):
    """A `GeneratorEnqueuer`, stopped at the end of a `with` block whatever happens."""
    if not hasattr(generator, "__next__"):
        raise TypeError(
            f"The generator must be an iterator of batches; got {type(generator).__name__}. For arrays use "
            "fit, evaluate or predict; for a list of batches pass iter(batches)."
        )
    enqueuer = GeneratorEnqueuer(generator, pickle_safe, timeout, keep_positions)
    try:
        yield enqueuer
    finally:
        enqueuer.stop()


def next_batch(batches, number, seen, samples):
    """The next batch; a generator that ends too early is an error that says how far it came."""
    try:
        return batches.get()
    except StopIteration:
        raise ValueError(
            f"The generator ended after {number} batches with {seen} samples; wanted {samples}. It must go "
            "on for as long as training does: loop over the data in `while True`."
        ) from None


def as_training_batch(batch, number):
    """(x, y, sample weights or None) of what a generator gave."""
    if not isinstance(batch, tuple | list) or len(batch) not in (2, 3):
        raise _wrong_batch(batch, number, "(x, y) or (x, y, sample_weight)")
    x, y, *weights = batch
    return x, y, weights[0] if weights else None


def _wrong_batch(batch, number, wanted):
    came = f"a tuple of {len(batch)}" if isinstance(batch, tuple | list) else f"{type(batch).__name__}"
    return ValueError(
        f"The output of the generator should be a tuple {wanted}; batch {number} is {came}: "
        f"{str(batch)[:60]}."
    )


def _progress(samples, size):
    """How far a batch goes towards what was asked for: samples, or the batches that Keras 2 counts."""
    return 1 if isinstance(samples, Batches) else size


def count_samples(x):
    """The number of samples in an array, or in the first of a list or dict of arrays."""
    if isinstance(x, dict) and not hasattr(x, "shape"):
        x = list(x.values())
    first = x[0] if isinstance(x, list) else x
    return first.shape[0] if hasattr(first, "shape") else len(first)  # SciPy's matrices have no length


def as_floats(values):
    """A number or a list of numbers as a list of floats."""
    return [float(value) for value in (values if isinstance(values, list) else [values])]


@contextlib.contextmanager
def naming_the_batch(number):
    """Puts the number of the batch before the message of an error about its data."""
    try:
        yield
    except (TypeError, ValueError) as error:
        raise type(error)(f"Generator, batch {number}: {error}") from error
