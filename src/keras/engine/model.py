"""`Model`: a container that can be trained."""

import contextlib
import functools
import warnings
import weakref
from typing import Any

import jax.numpy as jnp
import numpy as np

from .. import backend as K
from .. import optimizers
from .._base.callers import levels_to_caller
from .._graph import Function
from ..callbacks import TrainingCheckpoint
from ..distributed import current_group
from .container import Container
from .files.registry import register
from .fitting import checks as checking
from .fitting import data_parallel, generator_loops
from .fitting import losses as compiling
from .fitting import sample_weights as weighting
from .fitting.feeds.batches import check_batch_size, split_at
from .fitting.feeds.workers import BATCH_TIMEOUT
from .fitting.loops import evaluate_loop, fit_loop, predict_loop
from .fitting.loss_scale import LossScale
from .precision import computes_in, float32_outputs

_optimizer_users = weakref.WeakKeyDictionary()


class Model(Container):
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

    predict_function: Any = None

    def compile(self, optimizer, loss, metrics=None, loss_weights=None, sample_weight_mode=None, **kwargs):
        """Says how the model is trained.

        Args:
            optimizer: name such as "rmsprop", or an optimizer.
            loss: name or function (y_true, y_pred) -> loss of each sample; or a list of them, or a dict
                by output names.
            metrics: list of names or functions (y_true, y_pred) -> number, such as ["accuracy"]; or a
                dict by output names.
            loss_weights: list of numbers (or K variables), or a dict by output names.
            sample_weight_mode: "temporal" for weights of each step; None for weights of each sample; or
                a list, or a dict by output names.
        Raises:
            ValueError: if a name is unknown or a list does not fit the outputs.
        """
        if kwargs:
            raise TypeError(f"compile: got unknown keyword arguments {sorted(kwargs)}.")
        names = self.output_names
        # What names and counts may be refused comes first: the model is then left as it was.
        optimizer = optimizers.get(optimizer)
        loss_functions = compiling.collect_losses(loss, names)
        loss_weights_list = compiling.collect_loss_weights(loss_weights, names)
        sample_weight_modes = compiling.collect_sample_weight_modes(sample_weight_mode, names)
        nested_metrics = compiling.collect_metrics(metrics, names)
        self.optimizer = optimizer
        self.loss = loss
        self.metrics = metrics
        self.loss_weights = loss_weights
        self.sample_weight_mode = sample_weight_mode
        self.loss_functions = loss_functions
        self.loss_weights_list = loss_weights_list
        self.sample_weight_modes = sample_weight_modes
        self.nested_metrics = nested_metrics
        self._note_optimizer_user()
        # Which weights are trained is settled here: a GAN freezes a part, compiles, and thaws it.
        # The order is that of the original, by name: the optimizer's state in files depends on it.
        self._collected_trainable_weights = sorted(
            self.trainable_weights, key=lambda weight: f"{weight.name}:0"
        )
        self._losses = None
        self._takes_any_loss = K.variable(1, dtype="int32", name="takes_any_loss")
        self._loss_scale = LossScale() if computes_in(self, "float16") else None
        self.train_function = self.test_function = None
        self.metrics_names = ["loss"]
        shapes = [
            compiling.target_shape(loss, shape)
            for loss, shape in zip(self.loss_functions, self.internal_output_shapes, strict=True)
        ]
        self._checked_target_shapes = shapes
        assumed = [wanted or shape for wanted, shape in zip(shapes, self.internal_output_shapes, strict=True)]
        try:
            self._use_losses(assumed)
        except (TypeError, ValueError, IndexError):
            # A loss of the user's may want targets of another shape: wait for the data.
            if None not in shapes:
                raise

    def _note_optimizer_user(self):
        """Warns where two models share one optimizer, whose saved state can be that of one only."""
        other = _optimizer_users.get(self.optimizer)
        other = other() if other is not None else None
        if other is not None and other is not self:
            warnings.warn(
                f"compile: this {type(self.optimizer).__name__} is already used by model {other.name!r}. "
                "Both will train, but only one of them can save its optimizer's state; give each model "
                "an optimizer of its own.",
                stacklevel=levels_to_caller(),
            )
        _optimizer_users[self.optimizer] = weakref.ref(self)

    def _use_losses(self, target_shapes):
        self._losses = compiling.make_losses(self, target_shapes)
        self.targets = self._losses.targets
        self.sample_weights = self._losses.sample_weights
        self.total_loss = self._losses.total_loss
        self.metrics_names = self._losses.names
        self.metrics_tensors = self._losses.tensors
        self.train_function = self.test_function = None

    def _check_compiled(self):
        if not hasattr(self, "optimizer"):
            raise RuntimeError(
                f"Model {self.name!r} must be compiled before it is trained or evaluated: call compile() "
                "first, such as model.compile(optimizer='sgd', loss='mse')."
            )

    # --- functions -------------------------------------------------------------------------------

    def make_train_function(self):
        if self.train_function is None:
            # In one process a mean over the processes is the value itself.
            averages = data_parallel.Averages() if current_group() else None
            mean_of = averages.mean_of if averages else lambda value: value
            make = averages.function if averages else Function
            loss, *metrics = map(mean_of, [self.total_loss, *self.metrics_tensors])
            self.train_function = make(
                [*self.inputs, *self.targets, *self.sample_weights],
                [loss, *metrics],
                self._training_updates(mean_of),
                name=f"{self.name}.train",
                # While somebody watches, a loss that is not finite changes nothing; see `NonFiniteWatch`.
                condition=_is_taken(loss, self._takes_any_loss),
            )

    def _training_updates(self, mean_of):
        def differentiate(loss, params):
            return [g if g is None else mean_of(g) for g in K.gradients(loss, params)]

        def make():
            changes = self.optimizer.get_updates(
                self._collected_trainable_weights, self.constraints, self.total_loss
            )
            return [*((variable, mean_of(new)) for variable, new in self.updates), *changes]

        scale = self._loss_scale
        self.optimizer._differentiate = (
            functools.partial(scale.gradients, differentiate) if scale else differentiate
        )
        try:
            return scale.updates_of(make) if scale else make()
        finally:
            self.optimizer._differentiate = None

    def make_test_function(self):
        if self.test_function is None:
            self.test_function = Function(
                [*self.inputs, *self.targets, *self.sample_weights],
                [self.total_loss, *self.metrics_tensors],
                self.state_updates,
                name=f"{self.name}.test",
            )

    def make_predict_function(self):
        if getattr(self, "predict_function", None) is None:
            self.predict_function = Function(
                self.inputs, float32_outputs(self), self.state_updates, name=f"{self.name}.predict"
            )

    def _layers_changed(self, graph):
        super()._layers_changed(graph)
        self.predict_function = None

    # --- data ------------------------------------------------------------------------------------

    def _standardize_inputs(self, x, prefix="model input"):
        arrays = checking.standardize_input_data(
            x,
            self.input_names,
            self.internal_input_shapes,
            check_batch_axis=False,
            exception_prefix=prefix,
        )
        arrays = checking.match_sparseness(
            arrays, self.input_names, [tensor.sparse for tensor in self.inputs]
        )
        dtypes = [tensor.dtype for tensor in self.inputs]
        checking.warn_of_lost_precision(arrays, self.input_names, dtypes, "x: input")
        self._check_ids(arrays)
        return arrays

    def _check_ids(self, arrays):
        """Checks integer inputs against the layers that look them up in a table."""
        for place, (name, array) in enumerate(zip(self.input_names, arrays, strict=True)):
            if not isinstance(array, np.ndarray) or not array.size:
                continue
            for layer in self._first_readers(place):
                check = getattr(layer, "check_input_data", None)
                if check is not None:
                    check(array, name)

    def _standardize_user_data(
        self, x, y, sample_weight=None, class_weight=None, batch_size=None, check_numerics=True
    ):
        """Inputs, targets and weights as lists of arrays, checked."""
        self._check_compiled()
        names = self.output_names
        if y is None:
            raise ValueError(f"Model {self.name!r} needs y, the targets for {names}; got None.")
        xs = self._standardize_inputs(x)
        ys = checking.standardize_input_data(y, names, exception_prefix="model target")
        checking.refuse_sparse_targets(ys, names)
        sample_weights = weighting.standardize_sample_weights(sample_weight, names)
        class_weights = weighting.standardize_class_weights(class_weight, names)
        checking.check_array_lengths(xs, ys, [w for w in sample_weights if w is not None and np.ndim(w)])
        if check_numerics:
            checking.check_finite(xs, self.input_names, [tensor.dtype for tensor in self.inputs], "x: input")
            checking.check_finite(ys, names, [K.floatx()] * len(ys), "y: output")
        self._check_targets(ys)
        classes = map(checking.count_classes, self.loss_functions, self.internal_output_shapes)
        weights = [
            weighting.standardize_weights(np.asarray(y) if cw else y, sw, cw, mode, known)
            for y, sw, cw, mode, known in zip(
                ys, sample_weights, class_weights, self.sample_weight_modes, classes, strict=True
            )
        ]
        if self.stateful and batch_size and len(xs[0]) % batch_size:
            raise ValueError(
                "In a stateful network you should only pass inputs with a number of samples that can be "
                f"divided by the batch size. Found {len(xs[0])} samples, batch size {batch_size}."
            )
        self._fit_losses_to(ys)
        return xs, ys, weights

    def _check_targets(self, ys):
        names, wanted = self.output_names, self._checked_target_shapes
        losses, shapes = self.loss_functions, self.internal_output_shapes
        # What a loss says of the kind of its targets helps more than what is said of their shape.
        for name, y, loss, shape in zip(names, ys, losses, shapes, strict=True):
            try:
                checking.check_loss_and_target_compatibility([y], [loss], [shape])
            except ValueError as error:
                raise ValueError(f"Output {name!r}: {error}") from None
        checking.standardize_input_data(ys, names, wanted, False, exception_prefix="model target")
        checking.warn_of_lost_precision(ys, names, [K.floatx()] * len(ys), "y: output")

    def _fit_losses_to(self, ys):
        """Builds the losses anew where a user's own loss gets targets of another shape than before."""
        wanted = [(None, *y.shape[1:]) for y in ys]
        known = [tensor.shape for tensor in self.targets] if self._losses else [None] * len(ys)
        shapes = [
            own or (now if now is not None and _compatible(now, new) else new)
            for own, now, new in zip(self._checked_target_shapes, known, wanted, strict=True)
        ]
        if shapes != known:
            self._use_losses(shapes)

    # --- training --------------------------------------------------------------------------------

    def fit(
        self,
        x,
        y,
        batch_size=32,
        nb_epoch=10,
        verbose=1,
        callbacks=None,
        validation_split=0.0,
        validation_data=None,
        shuffle=True,
        class_weight=None,
        sample_weight=None,
        initial_epoch=0,
        check_numerics=True,
        resume_from=None,
    ):
        """Trains the model for a number of epochs.

        Args:
            x: array, list of arrays, or dict by input names; the samples along axis 0.
            y: array, list of arrays, or dict by output names.
            batch_size: int, samples for each update.
            nb_epoch: int, the epoch to stop before.
            verbose: 0 silent, 1 progress bar, 2 one line an epoch.
            callbacks: list of `keras.callbacks.Callback`.
            validation_split: float in [0, 1), the part of the samples at the end to validate with.
            validation_data: (x, y) or (x, y, sample weights).
            shuffle: bool, whether samples come in a new order each epoch; "batch" shuffles batches.
            class_weight: dict class -> weight; with several outputs a list or dict of them.
            sample_weight: array (samples,), or (samples, steps) in temporal mode; with several outputs
                a list or dict of them.
            initial_epoch: int, the number of the first epoch.
            check_numerics: whether NaN and infinity in x and y are refused, and the first loss that is
                not finite is reported by a warning that names the layer. "raise" raises FloatingPointError
                then, the weights being those before that step.
            resume_from: path of a file of `keras.callbacks.TrainingCheckpoint`: training goes on from
                there, with the same model, data and callbacks, as if it had never stopped.
        Returns:
            `History`; its `history` is a dict name -> list with a number for each epoch.
        """
        batch_size = check_batch_size(batch_size)
        _check_epochs(nb_epoch, initial_epoch)
        xs, ys, weights = self._standardize_user_data(
            x, y, sample_weight, class_weight, batch_size, check_numerics
        )
        arrays = [*xs, *ys, *weights]
        val_arrays = None
        if validation_data is not None:
            val_arrays = self._validation_arrays(validation_data, batch_size, check_numerics)
        elif validation_split:
            arrays, val_arrays = _split(arrays, validation_split)
        self.make_train_function()
        if val_arrays:
            self.make_test_function()
        options = {
            "batch_size": batch_size,
            "nb_epoch": nb_epoch,
            "initial_epoch": initial_epoch,
            "shuffle": shuffle,
            "verbose": verbose,
            "resume_from": resume_from,
            "check_numerics": check_numerics,
        }
        try:
            return fit_loop(self, arrays, val_arrays, _labels(self.metrics_names), options, callbacks)
        finally:
            K.set_value(self._takes_any_loss, 1)

    def _validation_arrays(self, validation_data, batch_size, check_numerics):
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
        try:
            xs, ys, weights = self._standardize_user_data(
                x, y, weights[0] if weights else None, None, batch_size, check_numerics
            )
        except ValueError as error:
            raise ValueError(f"validation_data: {error}") from error
        return [*xs, *ys, *weights]

    def evaluate(self, x, y, batch_size=32, verbose=1, sample_weight=None, check_numerics=True):
        """The loss and the metrics on some data; arguments as those of `fit`.

        Returns:
            A float, or a list of floats with the names of `metrics_names`.
        """
        self._check_compiled()
        batch_size = check_batch_size(batch_size)
        xs, ys, weights = self._standardize_user_data(x, y, sample_weight, None, batch_size, check_numerics)
        self.make_test_function()
        return _single(evaluate_loop(self.test_function, [*xs, *ys, *weights], batch_size, verbose))

    def predict(self, x, batch_size=32, verbose=0):
        """The outputs for some inputs.

        Args:
            x: array, list of arrays, or dict by input names.
            batch_size: int, samples computed at once.
            verbose: 1 shows a progress bar.
        Returns:
            Array, or list of arrays if there are several outputs.
        """
        batch_size = check_batch_size(batch_size)
        arrays = self._standardize_inputs(x, "predict input")
        checking.check_array_lengths(arrays, None, None)
        if self.stateful and len(arrays[0]) > batch_size and len(arrays[0]) % batch_size:
            raise ValueError(
                "In a stateful network you should only pass inputs with a number of samples that can be "
                f"divided by the batch size. Found {len(arrays[0])} samples, batch size {batch_size}."
            )
        self.make_predict_function()
        fixed = any(shape[0] is not None for shape in self.internal_input_shapes)
        pad = _samples_are_independent(self) and not fixed
        return _single(predict_loop(self.predict_function, arrays, batch_size, verbose, pad))

    def train_on_batch(self, x, y, sample_weight=None, class_weight=None):
        """One update on one batch; arguments as those of `fit`.

        Returns:
            The loss before the update, or a list with the names of `metrics_names`.
        """
        self._check_compiled()
        data_parallel.refuse("train_on_batch")
        xs, ys, weights = self._standardize_user_data(x, y, sample_weight, class_weight)
        return _numbers(self._train_on([*xs, *ys, *weights]))

    def _train_on(self, arrays):
        self.make_train_function()
        return self.train_function.run(arrays, train=1)

    def test_on_batch(self, x, y, sample_weight=None):
        """The loss (and metrics) on one batch; arguments and result as those of `evaluate`."""
        self._check_compiled()
        xs, ys, weights = self._standardize_user_data(x, y, sample_weight)
        self.make_test_function()
        return _numbers(self.test_function.run([*xs, *ys, *weights]))

    def predict_on_batch(self, x):
        """The outputs for one batch; see `predict`."""
        arrays = self._standardize_inputs(x, "predict input")
        checking.check_array_lengths(arrays, None, None)
        self.make_predict_function()
        return _single(self.predict_function(arrays))

    # --- generators ------------------------------------------------------------------------------

    def fit_generator(
        self,
        generator,
        samples_per_epoch,
        nb_epoch,
        verbose=1,
        callbacks=None,
        validation_data=None,
        nb_val_samples=None,
        class_weight=None,
        max_q_size=10,
        nb_worker=1,
        pickle_safe=False,
        initial_epoch=0,
        batch_timeout=BATCH_TIMEOUT,
        check_numerics=True,
        resume_from=None,
    ):
        """Trains the model on batches that a generator makes while the model works.

        Args:
            generator: iterator of (x, y) or (x, y, sample_weight) that does not end.
            samples_per_epoch: int, samples after which an epoch ends.
            nb_epoch, verbose, callbacks, class_weight, initial_epoch: as in `fit`.
            validation_data: (x, y), (x, y, sample_weight), or a generator of them.
            nb_val_samples: int, how many samples to take from a validation generator.
            max_q_size: int, how many batches are made ahead.
            nb_worker: int, how many threads (or processes) make them.
            pickle_safe: whether to use processes; see `GeneratorEnqueuer`.
            batch_timeout: float, seconds that a batch may take before it is an error; None for no limit.
            check_numerics: as in `fit`.
            resume_from: as in `fit`. A generator that cannot tell where it is (see `GeneratorEnqueuer`)
                must begin as it did then: the batches that were used are made again and dropped.
        Returns:
            `History`.
        """
        self._check_compiled()
        data_parallel.refuse("fit_generator")
        _check_epochs(nb_epoch, initial_epoch)
        options = {
            "samples_per_epoch": samples_per_epoch,
            "nb_epoch": nb_epoch,
            "initial_epoch": initial_epoch,
            "class_weight": class_weight,
            "verbose": verbose,
            "resume_from": resume_from,
            "check_numerics": check_numerics,
        }
        labels = _labels(self.metrics_names)
        kept = any(isinstance(callback, TrainingCheckpoint) for callback in callbacks or [])
        feed = pickle_safe, batch_timeout, kept
        workers = {"nb_worker": max(1, nb_worker), "max_q_size": max(1, max_q_size)}
        with contextlib.ExitStack() as stack:
            batches = {"training": stack.enter_context(generator_loops.feeding(generator, *feed))}
            start = functools.partial(batches["training"].start, **workers)
            validation = None
            if hasattr(validation_data, "__next__"):
                batches["validation"] = stack.enter_context(generator_loops.feeding(validation_data, *feed))
                validation = self._generator_validation(batches["validation"], nb_val_samples, workers)
            elif validation_data is not None:
                validation = self._array_validation(validation_data)
            stack.callback(K.set_value, self._takes_any_loss, 1)
            return generator_loops.fit_generator_loop(
                self, batches, start, validation, labels, options, callbacks
            )

    def _generator_validation(self, batches, samples, workers):
        """A function that gives the values on the next `samples` samples of a generator."""
        if not samples:
            raise ValueError(
                "When using a generator for validation data, you must specify a value for `nb_val_samples`."
            )

        def validate():
            batches.start(**workers)
            try:
                return generator_loops.evaluate_generator_loop(self, batches, samples)
            finally:
                batches.pause()  # callbacks may use the generator, too

        return validate

    def _array_validation(self, data):
        """A function that gives the values on validation arrays."""
        arrays = self._validation_arrays(data, 32, True)
        self.make_test_function()
        self.validation_data = arrays
        return lambda: evaluate_loop(self.test_function, arrays, 32)

    def evaluate_generator(
        self,
        generator,
        val_samples,
        max_q_size=10,
        nb_worker=1,
        pickle_safe=False,
        batch_timeout=BATCH_TIMEOUT,
    ):
        """The loss and the metrics over `val_samples` samples of a generator; see `fit_generator`."""
        self._check_compiled()
        with generator_loops.feeding(generator, pickle_safe, batch_timeout) as batches:
            batches.start(max(1, nb_worker), max(1, max_q_size))
            return _single(generator_loops.evaluate_generator_loop(self, batches, val_samples))

    def predict_generator(
        self,
        generator,
        val_samples,
        max_q_size=10,
        nb_worker=1,
        pickle_safe=False,
        batch_timeout=BATCH_TIMEOUT,
    ):
        """The outputs for `val_samples` samples of a generator of x, (x, y) or (x, y, sample_weight)."""
        with generator_loops.feeding(generator, pickle_safe, batch_timeout) as batches:
            batches.start(max(1, nb_worker), max(1, max_q_size))
            return _single(generator_loops.predict_generator_loop(self, batches, val_samples))


@K.op
def _is_taken(loss, takes_any_loss):
    return jnp.isfinite(loss) | (takes_any_loss != 0)


def _check_epochs(nb_epoch, initial_epoch):
    for name, value in (("nb_epoch", nb_epoch), ("initial_epoch", initial_epoch)):
        if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 0:
            raise ValueError(f"{name} must be an int of 0 or more; got {value!r}.")
    if initial_epoch > nb_epoch:
        raise ValueError(
            f"initial_epoch {initial_epoch} is after nb_epoch {nb_epoch}: training runs from initial_epoch "
            "up to nb_epoch."
        )


def _split(arrays, fraction):
    """The arrays cut in two: the last part of the samples is for validation."""
    if isinstance(fraction, bool | str) or not 0 <= fraction < 1:
        raise ValueError(f"validation_split must satisfy 0 <= v < 1; got {fraction!r}.")
    samples = len(arrays[0])
    at = int(samples * (1.0 - fraction))
    if at == 0 or at == samples:
        raise ValueError(
            f"validation_split={fraction} of {samples} samples leaves {at} to train and {samples - at} to "
            "validate with; both need at least 1."
        )
    training, validating = zip(*(split_at(array, at) for array in arrays), strict=True)
    return list(training), list(validating)


def _labels(names):
    """The names, those that come more than once numbered from 1."""
    return [
        name if names.count(name) == 1 else f"{name}_{names[:i].count(name) + 1}"
        for i, name in enumerate(names)
    ]


def _samples_are_independent(model):
    """Whether every layer is known to treat each sample by itself when testing."""
    if model.stateful or any(tensor.shape[0] is not None for tensor in model.inputs):
        return False
    for layer in model.layers:
        if isinstance(layer, Container):
            if not _samples_are_independent(layer):
                return False
        elif not getattr(layer, "samples_are_independent", type(layer).__module__.startswith("keras.")):
            return False
    return True


def _compatible(shape, other):
    return len(shape) == len(other) and all(
        a == b or a is None for a, b in zip(shape[1:], other[1:], strict=True)
    )


def _numbers(values):
    return _single([np.asarray(value) for value in values])


def _single(items):
    return items[0] if len(items) == 1 else items


register(Model)
