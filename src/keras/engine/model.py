"""`Model`: a container that can be trained."""

import dataclasses
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from .._base.constructed import is_foreign
from .._base.types import ArrayLike, FilePath
from .._graph import placement
from ..callbacks import Callback, History, TrainingCheckpoint
from .beyond import BeyondKeras1
from .compiled import CompiledContainer
from .container import Container
from .files.registry import register
from .fitting import calls, checks, feeds, loop, programs
from .fitting.feeds.base import Data
from .fitting.feeds.workers import BATCH_TIMEOUT
from .fitting.plan import FitPlan
from .subclassed import Subclassed


class Model(Subclassed, BeyondKeras1, CompiledContainer):
    """A graph of layers from inputs to outputs that can be compiled, trained, run and saved.

    Args:
        input: tensor or list of tensors, made by `Input`.
        output: tensor or list of tensors computed from them.
        name: str.

    Example:
        >>> import numpy as np
        >>> from keras.layers import Input, Dense
        >>> from keras.models import Model
        >>> x = Input(shape=(3,))
        >>> model = Model(input=x, output=Dense(2)(x))
        >>> model.compile(optimizer="sgd", loss="mse")
        >>> history = model.fit(np.ones((8, 3)), np.zeros((8, 2)), nb_epoch=2, verbose=0)
        >>> len(history.history["loss"])
        2
    """

    if TYPE_CHECKING:  # `keras.training` adds these methods at run time

        def as_function(self) -> Any: ...
        def set_params(self, params: dict[str, Any], state: dict[str, Any] | None = None) -> None: ...
        def fit_many(self, x: ArrayLike, y: ArrayLike, *args: Any, **kwargs: Any) -> list[Any]: ...

    def get_config(self) -> Any:
        self._check_config()
        return super().get_config()

    # --- arrays ----------------------------------------------------------------------------------

    def fit(
        self,
        x: ArrayLike,
        y: ArrayLike = None,
        batch_size: int = 32,
        nb_epoch: int = 10,
        verbose: int = 1,
        callbacks: Sequence[Callback] | None = None,
        validation_split: float = 0.0,
        validation_data: Any = None,
        shuffle: bool | str = True,
        class_weight: Any = None,
        sample_weight: Any = None,
        initial_epoch: int = 0,
        check_numerics: bool | str = True,
        resume_from: FilePath | None = None,
        samples_per_epoch: int | None = None,
        nb_val_samples: int | None = None,
        steps_per_epoch: int | None = None,
        validation_steps: int | None = None,
    ) -> History:
        """Trains the model for a number of epochs.

        Arrays are NumPy's or of another library: tensors of PyTorch, arrays of JAX, frames and series of
        pandas or Polars, Arrow tables, anything with `__array__` or `__dlpack__`. Memory maps, data sets of
        HDF5 files and lists of such shards are read batch by batch. Data may also come in batches.

        Args:
            x: array, list of arrays, or dict or table by input names; the samples along axis 0. Or an
                iterable of batches (x, y), (x, y, sample_weight) or dicts by the names of inputs and outputs:
                a generator, a `keras.utils.Sequence`, a loader or data set of another library.
            y: array, list of arrays, or dict or table by output names. Left out if x holds the targets.
            batch_size: int, samples for each update.
            nb_epoch: int; the epochs `initial_epoch` .. `nb_epoch` - 1 are run.
            verbose: 0 silent, 1 progress bar, 2 one line an epoch.
            callbacks: list of `keras.callbacks.Callback`.
            validation_split: float in [0, 1), the fraction of the samples to validate with, from the end.
            validation_data: (x, y) or (x, y, sample weights); or an iterable of batches.
            shuffle: bool, whether samples come in a new order each epoch; "batch" shuffles batches. An
                iterable keeps its own order, unless its batches or rows are found by number.
            class_weight: dict class -> weight, also of the classes of steps or pixels; with several outputs
                a list or dict of them.
            sample_weight: array (samples,); (samples, steps) in temporal mode; (samples, rows, columns) for
                images; with several outputs a list or dict of them.
            initial_epoch: int, the number of the first epoch.
            check_numerics: whether NaN and infinity in x and y are errors, and the first loss that is not
                finite is reported by a warning that names the layer. "raise" raises FloatingPointError
                instead of warning; the weights are then those before that step.
            resume_from: path of a file of `keras.callbacks.TrainingCheckpoint`, from which training
                continues as if it had never stopped; model, data and callbacks must be the same.
            samples_per_epoch, steps_per_epoch: int, the samples or batches of an epoch, for an iterable; None
                if an epoch is one pass over it. One without an end needs a number.
            nb_val_samples, validation_steps: int, the same for an iterable as `validation_data`.
        Returns:
            `History`; its `history` is a dict name -> list with a number for each epoch.
        """
        self._build_for(x)
        batch_size = checks.check_batch_size(batch_size)
        plan = FitPlan(nb_epoch, initial_epoch, verbose, callbacks, check_numerics, resume_from)
        self._check_compiled()
        numerics = bool(check_numerics)
        samples = calls.epoch_length(steps_per_epoch=steps_per_epoch, samples_per_epoch=samples_per_epoch)
        val_samples = calls.epoch_length(validation_steps=validation_steps, nb_val_samples=nb_val_samples)
        data = Data(x, y, sample_weight, class_weight, batch_size, shuffle, samples, numerics)
        data = dataclasses.replace(data, keeps_positions=_keeps_positions(callbacks))
        feed, validation = calls.feed_of(self, data, "train", plan.epochs), None
        if validation_data is not None:
            ranks = calls.weight_ranks(self)
            val = dataclasses.replace(data, x=validation_data, y=None, sample_weight=None, class_weight=None)
            val = dataclasses.replace(val, samples=val_samples, shuffle=False)
            validation = calls.validation_feed(self, val, plan.epochs)
            if calls.weight_ranks(self) != ranks:  # weights of pixels, which only the validation has
                feed = calls.feed_of(self, data, "train", plan.epochs)
        elif validation_split:
            feed, validation = calls.split(feed, validation_split)
        return loop.fit(self, feed, validation, plan)

    def evaluate(
        self,
        x: ArrayLike,
        y: ArrayLike = None,
        batch_size: int = 32,
        verbose: int = 1,
        sample_weight: Any = None,
        check_numerics: bool = True,
        steps: int | None = None,
        val_samples: int | None = None,
    ) -> Any:
        """Returns the loss and the metrics on some data.

        Args:
            x, y, batch_size, verbose, sample_weight, check_numerics: as in `fit`.
            steps, val_samples: int, how many batches or samples of an iterable to take; None for one pass.
        Returns:
            A float, or a list of floats with the names of `metrics_names`.
        """
        self._build_for(x)
        self._check_compiled()
        batch_size = checks.check_batch_size(batch_size)
        samples = calls.epoch_length(steps=steps, val_samples=val_samples)
        data = Data(
            x, y, sample_weight, batch_size=batch_size, samples=samples, check_numerics=check_numerics
        )
        return _single(loop.evaluate(self, calls.feed_of(self, data, "test"), verbose))

    def predict(
        self,
        x: ArrayLike,
        batch_size: int = 32,
        verbose: int = 0,
        steps: int | None = None,
        val_samples: int | None = None,
    ) -> np.ndarray | Any:
        """Returns the outputs for some inputs.

        Args:
            x: as in `fit`; batches may also be inputs alone.
            batch_size: int, samples computed at once.
            verbose: 1 shows a progress bar.
            steps, val_samples: int, how many batches or samples of an iterable to take; None for one pass.
        Returns:
            Array, or list of arrays if there are several outputs.
        """
        self._build_for(x)
        samples = calls.epoch_length(steps=steps, val_samples=val_samples)
        data = Data(x, batch_size=checks.check_batch_size(batch_size), samples=samples)
        feed = calls.feed_of(self, data, "predict")
        return _single(loop.predict(self, feed, verbose, pads=_samples_are_independent(self)))

    # --- single batches --------------------------------------------------------------------------

    def train_on_batch(
        self,
        x: ArrayLike,
        y: ArrayLike,
        sample_weight: Any = None,
        class_weight: Any = None,
        reset_metrics: bool = True,
    ) -> Any:
        """Makes one update on one batch.

        Args:
            x, y, sample_weight, class_weight: as in `fit`.
            reset_metrics: whether metrics over all data are those of this batch alone.
        Returns:
            The loss before the update, or a list with the names of `metrics_names`.
        """
        self._build_for(x)
        self._check_compiled()
        arrays = checks.training_arrays(self, x, y, sample_weight, class_weight)
        self._make_train_function()
        if reset_metrics:
            self.reset_metrics()
        return _numbers(programs.run_program(self, self.train_function, arrays, 1))

    def test_on_batch(
        self, x: ArrayLike, y: ArrayLike, sample_weight: Any = None, reset_metrics: bool = True
    ) -> Any:
        """Returns the loss (and metrics) on one batch; see `evaluate` and `train_on_batch`."""
        self._build_for(x)
        self._check_compiled()
        arrays = checks.training_arrays(self, x, y, sample_weight)
        self._make_test_function()
        if reset_metrics:
            self.reset_metrics()
        return _numbers(programs.run_program(self, self.test_function, arrays, 0))

    def predict_on_batch(self, x: ArrayLike) -> np.ndarray | Any:
        """Returns the outputs for one batch; see `predict`."""
        self._build_for(x)
        arrays = checks.prediction_arrays(self, x)
        self._make_predict_function()
        outputs = programs.run_program(self, self.predict_function, arrays, 0)
        return _single([np.array(placement.current().own(np.asarray(output))) for output in outputs])

    def _standardize_user_data(
        self,
        x: ArrayLike,
        y: ArrayLike,
        sample_weight: Any = None,
        class_weight: Any = None,
        batch_size: int | None = None,
        check_numerics: bool | str = True,
    ) -> tuple[list[Any], list[Any], list[Any]]:
        """Returns inputs, targets and weights as lists of arrays; old programs call and override it."""
        self._check_compiled()
        return checks.training_parts(self, x, y, sample_weight, class_weight, batch_size, check_numerics)

    # --- generators ------------------------------------------------------------------------------

    def fit_generator(
        self,
        generator: Iterator[Any],
        samples_per_epoch: int,
        nb_epoch: int,
        verbose: int = 1,
        callbacks: Sequence[Callback] | None = None,
        validation_data: Any = None,
        nb_val_samples: int | None = None,
        class_weight: Any = None,
        max_q_size: int = 10,
        nb_worker: int = 1,
        pickle_safe: bool = False,
        initial_epoch: int = 0,
        batch_timeout: float | None = BATCH_TIMEOUT,
        check_numerics: bool | str = True,
        resume_from: FilePath | None = None,
        shuffle: bool = True,
    ) -> History:
        """Trains the model on batches from a generator, which runs in the background.

        Args:
            generator: endless iterator of (x, y) or (x, y, sample_weight).
            samples_per_epoch: int, samples after which an epoch ends. A `keras.utils.Sequence` needs none: an
                epoch is then all its batches.
            nb_epoch, verbose, callbacks, class_weight, initial_epoch: as in `fit`.
            validation_data: (x, y), (x, y, sample_weight), or a generator of them.
            nb_val_samples: int, how many samples to take from a validation generator.
            max_q_size: int, how many batches are generated ahead.
            nb_worker: int, how many threads (or processes) run the generator.
            pickle_safe: whether to use processes; see `GeneratorEnqueuer`.
            batch_timeout: float, seconds that a batch may take before it is an error; None for no limit.
            check_numerics: as in `fit`.
            resume_from: as in `fit`. A generator without `get_state` (see `GeneratorEnqueuer`) must start
                from its beginning: the batches that were already used are generated again and dropped.
            shuffle: bool, whether the batches of a Sequence come in a new order each epoch.
        Returns:
            `History`.
        """
        self._build_for(generator)
        self._check_compiled()
        plan = FitPlan(nb_epoch, initial_epoch, verbose, callbacks, check_numerics, resume_from, False)
        options = {
            "pickle_safe": pickle_safe,
            "nb_worker": nb_worker,
            "max_q_size": max_q_size,
            "batch_timeout": batch_timeout,
            "keeps_positions": _keeps_positions(callbacks),
        }
        numerics = bool(check_numerics)
        data = calls.data_of_generator(
            generator,
            samples_per_epoch,
            shuffle,
            class_weight=class_weight,
            check_numerics=numerics,
            **options,
        )
        feed, validation = feeds.feed_of(self, data, "train"), None
        if hasattr(validation_data, "__next__"):
            if not nb_val_samples:
                raise ValueError(
                    "When using a generator for validation data, you must specify a value for "
                    "`nb_val_samples`."
                )
            data = Data(validation_data, samples=nb_val_samples, **options)
            validation = feeds.feed_of(self, data, "test")
        elif validation_data is not None:
            validation = calls.validation_feed(self, Data(validation_data, batch_size=32), plan.epochs)
        return loop.fit(self, feed, validation, plan)

    def evaluate_generator(
        self,
        generator: Iterator[Any],
        val_samples: int,
        max_q_size: int = 10,
        nb_worker: int = 1,
        pickle_safe: bool = False,
        batch_timeout: float | None = BATCH_TIMEOUT,
    ) -> Any:
        """Returns the loss and the metrics over `val_samples` samples of a generator; see `fit_generator`."""
        self._build_for(generator)
        self._check_compiled()
        data = calls.data_of_generator(
            generator,
            val_samples,
            pickle_safe=pickle_safe,
            nb_worker=nb_worker,
            max_q_size=max_q_size,
            batch_timeout=batch_timeout,
        )
        return _single(loop.evaluate(self, feeds.feed_of(self, data, "test")))

    def predict_generator(
        self,
        generator: Iterator[Any],
        val_samples: int,
        max_q_size: int = 10,
        nb_worker: int = 1,
        pickle_safe: bool = False,
        batch_timeout: float | None = BATCH_TIMEOUT,
    ) -> np.ndarray | Any:
        """Returns the outputs for samples of a generator of x, (x, y) or (x, y, sample_weight).

        Args:
            val_samples: int, how many samples to take.
            generator, max_q_size, nb_worker, pickle_safe, batch_timeout: as in `fit_generator`.
        """
        self._build_for(generator)
        data = calls.data_of_generator(
            generator,
            val_samples,
            pickle_safe=pickle_safe,
            nb_worker=nb_worker,
            max_q_size=max_q_size,
            batch_timeout=batch_timeout,
        )
        return _single(loop.predict(self, feeds.feed_of(self, data, "predict")))


def _keeps_positions(callbacks: Sequence[Callback] | None) -> bool:
    """Whether a callback saves the place in the data; `CallbackList` refuses callbacks that are no list."""
    is_list = isinstance(callbacks, list | tuple)
    return is_list and any(isinstance(callback, TrainingCheckpoint) for callback in callbacks)


def _samples_are_independent(model: Container) -> bool:
    """Whether every layer is known to process samples independently of each other in the test phase."""
    if model.stateful or any(tensor.shape[0] is not None for tensor in model.inputs):
        return False
    for layer in model.layers:
        if isinstance(layer, Container):
            if not _samples_are_independent(layer):
                return False
        elif not getattr(layer, "samples_are_independent", not is_foreign(type(layer))):
            return False
    return True


def _numbers(values: Sequence[Any]) -> Any:
    return _single([np.asarray(value) for value in values])


def _single(items: list[Any]) -> Any:
    return items[0] if len(items) == 1 else items


register(Model)
