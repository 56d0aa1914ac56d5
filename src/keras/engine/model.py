"""`Model`: a container that can be trained."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from .._base.types import ArrayLike, FilePath
from ..callbacks import Callback, History, TrainingCheckpoint
from .compiled import CompiledContainer
from .container import Container
from .files.registry import register
from .fitting import checks, feeds, loop, strategies
from .fitting.feeds.arrays import ArrayFeed
from .fitting.feeds.base import Data
from .fitting.feeds.workers import BATCH_TIMEOUT
from .fitting.plan import FitPlan


class Model(CompiledContainer):
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

    # --- arrays ----------------------------------------------------------------------------------

    def fit(
        self,
        x: ArrayLike,
        y: ArrayLike,
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
    ) -> History:
        """Trains the model for a number of epochs.

        Args:
            x: array, list of arrays, or dict by input names; the samples along axis 0.
            y: array, list of arrays, or dict by output names.
            batch_size: int, samples for each update.
            nb_epoch: int; the epochs `initial_epoch` .. `nb_epoch` - 1 are run.
            verbose: 0 silent, 1 progress bar, 2 one line an epoch.
            callbacks: list of `keras.callbacks.Callback`.
            validation_split: float in [0, 1), the fraction of the samples to validate with, from the end.
            validation_data: (x, y) or (x, y, sample weights).
            shuffle: bool, whether samples come in a new order each epoch; "batch" shuffles batches.
            class_weight: dict class -> weight; with several outputs a list or dict of them.
            sample_weight: array (samples,), or (samples, steps) in temporal mode; with several outputs
                a list or dict of them.
            initial_epoch: int, the number of the first epoch.
            check_numerics: whether NaN and infinity in x and y are errors, and the first loss that is not
                finite is reported by a warning that names the layer. "raise" raises FloatingPointError
                instead of warning; the weights are then those before that step.
            resume_from: path of a file of `keras.callbacks.TrainingCheckpoint`, from which training
                continues as if it had never stopped; model, data and callbacks must be the same.
        Returns:
            `History`; its `history` is a dict name -> list with a number for each epoch.
        """
        batch_size = checks.check_batch_size(batch_size)
        plan = FitPlan(nb_epoch, initial_epoch, verbose, callbacks, check_numerics, resume_from)
        self._check_compiled()
        numerics = bool(check_numerics)
        data = Data(x, y, sample_weight, class_weight, batch_size, shuffle, check_numerics=numerics)
        feed, validation = feeds.feed_of(self, data, "train"), None
        if validation_data is not None:
            validation = self._validation_feed(validation_data, batch_size, numerics)
        elif validation_split:
            feed, validation = _split(feed, validation_split)
        return loop.fit(self, feed, validation, plan)

    def _validation_feed(self, validation_data: Any, batch_size: int, check_numerics: bool) -> feeds.Feed:
        if not isinstance(validation_data, list | tuple) or len(validation_data) not in (2, 3):
            came = (
                f"{len(validation_data)} item{'s' * (len(validation_data) != 1)}"
                if isinstance(validation_data, list | tuple)
                else type(validation_data).__name__
            )
            raise ValueError(
                f"validation_data must be (x, y) or (x, y, w) with w the sample weights; got {came}."
            )
        x, y, *weights = validation_data
        weight = weights[0] if weights else None
        data = Data(x, y, weight, batch_size=batch_size, check_numerics=check_numerics)
        try:
            return feeds.feed_of(self, data, "test")
        except ValueError as error:
            raise ValueError(f"validation_data: {error}") from error

    def evaluate(
        self,
        x: ArrayLike,
        y: ArrayLike,
        batch_size: int = 32,
        verbose: int = 1,
        sample_weight: Any = None,
        check_numerics: bool = True,
    ) -> Any:
        """Returns the loss and the metrics on some data.

        Args:
            x, y, batch_size, verbose, sample_weight, check_numerics: as in `fit`.
        Returns:
            A float, or a list of floats with the names of `metrics_names`.
        """
        self._check_compiled()
        batch_size = checks.check_batch_size(batch_size)
        data = Data(x, y, sample_weight, batch_size=batch_size, check_numerics=check_numerics)
        return _single(loop.evaluate(self, feeds.feed_of(self, data, "test"), verbose))

    def predict(self, x: ArrayLike, batch_size: int = 32, verbose: int = 0) -> np.ndarray | Any:
        """Returns the outputs for some inputs.

        Args:
            x: array, list of arrays, or dict by input names.
            batch_size: int, samples computed at once.
            verbose: 1 shows a progress bar.
        Returns:
            Array, or list of arrays if there are several outputs.
        """
        feed = feeds.feed_of(self, Data(x, batch_size=checks.check_batch_size(batch_size)), "predict")
        return _single(loop.predict(self, feed, verbose, pads=_samples_are_independent(self)))

    # --- single batches --------------------------------------------------------------------------

    def train_on_batch(
        self, x: ArrayLike, y: ArrayLike, sample_weight: Any = None, class_weight: Any = None
    ) -> Any:
        """Makes one update on one batch.

        Args:
            x, y, sample_weight, class_weight: as in `fit`.
        Returns:
            The loss before the update, or a list with the names of `metrics_names`.
        """
        self._check_compiled()
        strategies.current().check_method("train_on_batch")
        arrays = checks.training_arrays(self, x, y, sample_weight, class_weight)
        self.make_train_function()
        return _numbers(self.train_function.run(arrays, train=1))

    def test_on_batch(self, x: ArrayLike, y: ArrayLike, sample_weight: Any = None) -> Any:
        """Returns the loss (and metrics) on one batch; arguments and result are those of `evaluate`."""
        self._check_compiled()
        arrays = checks.training_arrays(self, x, y, sample_weight)
        self.make_test_function()
        return _numbers(self.test_function.run(arrays))

    def predict_on_batch(self, x: ArrayLike) -> np.ndarray | Any:
        """Returns the outputs for one batch; see `predict`."""
        arrays = checks.prediction_arrays(self, x)
        self.make_predict_function()
        return _single(self.predict_function(arrays))

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
    ) -> History:
        """Trains the model on batches from a generator, which runs in the background.

        Args:
            generator: endless iterator of (x, y) or (x, y, sample_weight).
            samples_per_epoch: int, samples after which an epoch ends.
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
        Returns:
            `History`.
        """
        self._check_compiled()
        strategies.current().check_method("fit_generator")
        plan = FitPlan(nb_epoch, initial_epoch, verbose, callbacks, check_numerics, resume_from, False)
        options = {
            "pickle_safe": pickle_safe,
            "nb_worker": nb_worker,
            "max_q_size": max_q_size,
            "batch_timeout": batch_timeout,
            "keeps_positions": any(isinstance(callback, TrainingCheckpoint) for callback in callbacks or ()),
        }
        numerics = bool(check_numerics)
        data = Data(
            generator,
            class_weight=class_weight,
            samples=samples_per_epoch,
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
            validation = self._validation_feed(validation_data, 32, True)
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
        self._check_compiled()
        data = Data(
            generator,
            samples=val_samples,
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
        data = Data(
            generator,
            samples=val_samples,
            pickle_safe=pickle_safe,
            nb_worker=nb_worker,
            max_q_size=max_q_size,
            batch_timeout=batch_timeout,
        )
        return _single(loop.predict(self, feeds.feed_of(self, data, "predict")))


def _split(feed: feeds.Feed, fraction: float) -> tuple[feeds.Feed, feeds.Feed]:
    if not isinstance(feed, ArrayFeed):
        raise ValueError(
            f"validation_split: {type(feed).__name__} data cannot be split; pass validation_data instead."
        )
    return feed.split(fraction)


def _samples_are_independent(model: Container) -> bool:
    """Whether every layer is known to process samples independently of each other in the test phase."""
    if model.stateful or any(tensor.shape[0] is not None for tensor in model.inputs):
        return False
    for layer in model.layers:
        if isinstance(layer, Container):
            if not _samples_are_independent(layer):
                return False
        elif not getattr(layer, "samples_are_independent", type(layer).__module__.startswith("keras.")):
            return False
    return True


def _numbers(values: Sequence[Any]) -> Any:
    return _single([np.asarray(value) for value in values])


def _single(items: list[Any]) -> Any:
    return items[0] if len(items) == 1 else items


register(Model)
