"""The loops behind fit, evaluate and predict."""

import time

import numpy as np

from ... import callbacks as callbacks_module
from ..._graph import BatchLoop
from ..._host.interrupts import no_interrupt_lost
from ...distributed import current_group
from . import data_parallel
from .feeds.batches import batch_shuffle, make_batches, slice_X
from .feeds.sparse_rows import SparseRows
from .resume import TrainingRun
from .watch import NonFiniteWatch

#: Data up to this size (bytes) are put on the device as a whole.
DEVICE_BYTES = 2 * 2**30
#: How long (seconds) a program may run before callbacks and the progress bar are looked after.
CHUNK_SECONDS = 0.2


class StepRunner:
    """Runs a function over an epoch's batches, many in one program where that is possible.

    Args:
        function: `Function` with scalar outputs.
        arrays: list of arrays, one for each of its inputs, all of the same number of samples.
        train: int, the learning phase.
        one_by_one: whether somebody wants to look after every batch.
        may_change: whether somebody may write to the arrays between two epochs.
    """

    def __init__(self, function, arrays, train, one_by_one=False, may_change=False):
        self.function = function
        self.arrays = arrays
        self.train = train
        self.may_change = may_change
        whole = all(isinstance(array, np.ndarray) for array in arrays)
        small = sum(getattr(array, "nbytes", 0) for array in arrays) <= DEVICE_BYTES
        self.loop = None
        if whole and small and not one_by_one and BatchLoop.suits(function):
            # Kept on the function, so that a second fit finds the compiled program.
            self.loop = function.loops.setdefault(train, BatchLoop(function, train))
        self.placed = self.loop.place(arrays) if self.loop else None
        self.watch = None

    def run(self, index, batch_size, first=0, stop_every=None, watch=None):
        """Runs the batches of an epoch.

        Args:
            index: int array, the samples in their order.
            batch_size: int.
            first: int, number of the first batch to run.
            stop_every: int, after how many batches (counted from batch 0) no later one may have run when
                the numbers of the last one are given; None where that does not matter.
            watch: `NonFiniteWatch` to show a loss that is not finite before the weights change; the batch
                is run again after that.
        Yields:
            (batch number, number of samples, list of floats), batch by batch.
        """
        self.watch = watch
        if self.loop is None:
            yield from self._run_singly(index, batch_size, first)
            return
        if self.may_change:
            self.placed = self.loop.place(self.arrays, self.placed)
        full = len(index) // batch_size
        yield from self._run_full(index[: full * batch_size].reshape(full, batch_size), first, stop_every)
        rest = index[full * batch_size :]
        if len(rest) and first <= full:
            values = self._watched(full, rest, self._run_rest)
            yield full, len(rest), values

    def _run_rest(self, rest):
        results, _ = self.loop.run(self.placed, rest[None].astype("int32"), 0, 1)
        return np.asarray(results)[0].tolist()

    def _run_one(self, batch):
        values = self.function.run(slice_X(self.arrays, batch), train=self.train)
        return [float(value) for value in values]

    def _watched(self, number, batch, run):
        """The values of a batch, which is run again if its loss made the watch speak."""
        if self.watch is None:
            return run(batch)
        return self.watch.values(number, lambda: run(batch), lambda: slice_X(self.arrays, batch))

    def _run_full(self, batches, first, stop_every):
        batches = batches.astype("int32")
        results, start, chunk = None, first, 1
        while start < len(batches):
            stop = min(len(batches), start + chunk)
            if stop_every:
                stop = min(stop, start + stop_every - start % stop_every)
            before = time.perf_counter()
            watched = self.watch is not None and self.watch.is_on
            results, stop = self.loop.run(self.placed, batches, start, stop, results, watched)
            rows = np.asarray(results)[start:stop].tolist()
            seconds = (time.perf_counter() - before) / (stop - start)
            if watched and not np.isfinite(rows[-1][0]):
                stop -= 1
                self.function.step -= 1
                self.watch.look(rows.pop()[0], stop, self.function.step, slice_X(self.arrays, batches[stop]))
            for number, row in enumerate(rows, start):
                yield number, batches.shape[1], row
            start = stop
            # The first call may have compiled, which says nothing about a step.
            chunk = max(1, min(int(CHUNK_SECONDS / max(seconds, 1e-6)), 8 * chunk))

    def _run_singly(self, index, batch_size, first):
        for number, (start, end) in list(enumerate(make_batches(len(index), batch_size)))[first:]:
            batch = index[start:end]
            yield number, len(batch), self._watched(number, batch, self._run_one)


@no_interrupt_lost
def fit_loop(model, arrays, val_arrays, labels, options, callbacks):
    """Trains a model on arrays.

    Args:
        model: a compiled `Model`.
        arrays: list of arrays, for the inputs of the train function.
        val_arrays: the same for the test function, or None.
        labels: list of str, the names of what the functions give.
        options: dict with batch_size, nb_epoch, initial_epoch, shuffle, verbose, resume_from,
            check_numerics.
        callbacks: list of the user's callbacks.
    Returns:
        `History`.
    """
    samples, batch_size = len(arrays[0]), options["batch_size"]
    metrics = labels + (["val_" + label for label in labels] if val_arrays else [])
    params = {
        "batch_size": batch_size,
        "nb_epoch": options["nb_epoch"],
        "nb_sample": samples,
        "verbose": options["verbose"],
        "do_validation": bool(val_arrays),
        "metrics": metrics,
        "resumed": options["resume_from"] is not None,
    }
    history = callbacks_module.History()
    hooks = start_callbacks(model, callbacks, history, params)
    if options["verbose"] and val_arrays:
        print(f"Train on {samples} samples, validate on {len(val_arrays[0])} samples")
    one_by_one, may_change = hooks.watches_batches or bool(current_group()), hooks.has_others
    runner = StepRunner(model.train_function, arrays, 1, one_by_one, may_change)
    tester = StepRunner(model.test_function, val_arrays, 0, may_change=may_change) if val_arrays else None
    model.validation_data = val_arrays  # for callbacks, as in 1.2.2
    settings = {"samples": samples, "batch_size": batch_size, "shuffle": options["shuffle"]}
    run = begin_run(TrainingRun(model, hooks, settings), options)
    watch = NonFiniteWatch(model, options["check_numerics"])
    with data_parallel.training_together(model, _facts(run, options, val_arrays)):
        while run.epoch < options["nb_epoch"] and not model.stop_training:
            epoch = watch.epoch = run.epoch
            if not run.batch:
                hooks.on_epoch_begin(epoch)
            index = run.draw_order(lambda: _sample_order(samples, batch_size, options["shuffle"]))
            for number, size, values in runner.run(
                index, batch_size, run.batch, hooks.batches_between_stops, watch
            ):
                logs = {"batch": number, "size": size}
                hooks.on_batch_begin(number, logs)
                logs.update(zip(labels, values, strict=True))
                run.batch = number + 1
                hooks.on_batch_end(number, logs)
                if model.stop_training:
                    break
            epoch_logs = {}
            if tester:
                values = weighted_means(tester, len(val_arrays[0]), batch_size)
                values = data_parallel.mean_values(values, epoch)
                epoch_logs = {"val_" + label: v for label, v in zip(labels, values, strict=True)}
            run.end_epoch()
            hooks.on_epoch_end(epoch, epoch_logs)
        hooks.on_train_end()
    return model.history


def _facts(run, options, val_arrays):
    """What must be the same in all processes that train together, by the words for it in messages."""
    return {
        **{name: run.settings[name] for name in ("samples", "batch_size", "shuffle")},
        **{name: options[name] for name in ("nb_epoch", "check_numerics")},
        "the number of validation samples": len(val_arrays[0]) if val_arrays else 0,
        "the place (epoch, batch) to begin at": [run.epoch, run.batch],
    }


def begin_run(run, options):
    """Puts a `TrainingRun` at its first epoch, or at the place of a file to resume from."""
    run.epoch = options["initial_epoch"]
    if options["resume_from"] is not None:
        run.resume(options["resume_from"])
    return run


def _sample_order(samples, batch_size, shuffle):
    index = np.arange(samples)
    if shuffle == "batch":
        return batch_shuffle(index, batch_size)
    if shuffle:
        np.random.shuffle(index)
    return index


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


@no_interrupt_lost
def evaluate_loop(function, arrays, batch_size, verbose=0):
    """The outputs of a test function over all samples, each batch counting by its samples.

    Returns:
        List of floats.
    """
    runner = StepRunner(function, arrays, 0)
    return weighted_means(runner, len(arrays[0]), batch_size, _progress(len(arrays[0]), verbose))


def weighted_means(runner, samples, batch_size, progress=None):
    """Means of a runner's values over all samples."""
    totals = 0.0
    done = 0
    for _, size, values in runner.run(np.arange(samples), batch_size):
        totals = totals + np.asarray(values, "float64") * size
        done += size
        if progress:
            progress.update(done)
    return (totals / samples).tolist()


@no_interrupt_lost
def predict_loop(function, arrays, batch_size, verbose=0, pad=True):
    """The outputs of a predict function for all samples.

    Args:
        pad: whether a short batch may be filled up to a size that is compiled already; only right where
            no sample's result depends on another sample.
    Returns:
        List of numpy arrays.
    """
    samples = len(arrays[0])
    progress = _progress(samples, verbose)
    parts = []
    waiting = None
    for start, end in make_batches(samples, batch_size):
        batch = slice_X(arrays, start, end)
        if pad:
            batch = [_fill_up(array, batch_size) for array in batch]
        outputs = function.run(batch)
        if waiting is not None:  # the device works on this batch while the host reads the one before
            parts.append(_read(*waiting))
            if progress:
                progress.update(start)
        waiting = outputs, end - start
    parts.append(_read(*waiting))
    if progress:
        progress.update(samples)
    if len(parts) == 1:
        return [np.array(array) for array in parts[0]]  # a copy: views of JAX arrays are read-only
    return [np.concatenate(arrays) for arrays in zip(*parts, strict=True)]


def _read(outputs, size):
    return [np.asarray(output)[:size] for output in outputs]


def _fill_up(array, batch_size):
    """A short batch filled with its last sample, up to a power of two or the batch size."""
    size = len(array)
    target = min(batch_size, 1 << (size - 1).bit_length())
    if size >= target:
        return array
    if isinstance(array, SparseRows):
        return array[np.minimum(np.arange(target), size - 1)]
    return np.concatenate([array, np.repeat(array[-1:], target - size, axis=0)])


def _progress(samples, verbose):
    return callbacks_module.Progbar(samples, verbose=1) if verbose == 1 else None
