"""`CompiledContainer`: a container with `compile`, an optimizer, losses, and programs to run."""

import warnings
import weakref
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from .. import backend as K
from .. import optimizers
from .._base.callers import levels_to_caller
from ..backend.execution import ENGINE_FLAGS
from ..callbacks import History
from .compile_checks import warn_of_frozen_parts, warn_of_single_softmax
from .container import Container, frozen_containers
from .fitting import losses, programs
from .fitting.loss_scale import LossScale
from .precision import computes_in
from .weight_order import training_order
from .weight_paths import weight_paths

_optimizer_users: weakref.WeakKeyDictionary = weakref.WeakKeyDictionary()


class CompiledContainer(Container):
    """The part of `Model` that is configured by `compile`.

    Attributes:
        optimizer: the optimizer.
        loss, metrics, loss_weights, sample_weight_mode: the arguments of `compile`.
        metrics_names: names of what `evaluate` returns.
        train_function, test_function, predict_function: the programs; None until first needed. The first two
            do not exist before `compile`: programs of the time ask `hasattr` for them.
        history: `History` of the last `fit`.
        stop_training: bool; a callback sets it to end the training.
    """

    train_function: Any
    test_function: Any
    predict_function: Any = None
    history: History
    stop_training: bool = False
    #: Name -> metric, of those over all data.
    metrics_over_all: ClassVar[dict[str, Any]] = {}
    metrics_updates: Sequence[Any] = ()
    nested_weighted_metrics: Any = None
    # Not set in a subclass that sets itself up without `compile`, and makes programs of its own.
    _takes_any_loss: Any = None
    _checked_target_shapes: Any = None
    #: The arguments of `compile`, until there is a graph; see `subclassed`.
    _compile_later: Any = None

    def compile(
        self,
        optimizer: Any,
        loss: Any,
        metrics: Any = None,
        loss_weights: Any = None,
        sample_weight_mode: Any = None,
        weighted_metrics: Any = None,
        **kwargs: Any,
    ) -> None:
        """Configures the model for training.

        Args:
            optimizer: name such as "rmsprop", or an optimizer, or a transformation of optax.
            loss: name or function (y_true, y_pred) -> loss of each sample; or a list of them, or a dict
                by output names.
            metrics: list of names or functions (y_true, y_pred) -> number, such as ["accuracy"]; or a
                dict by output names.
            loss_weights: list of numbers (or K variables), or a dict by output names.
            sample_weight_mode: "temporal" for weights of each step; None for weights of each sample; or
                a list, or a dict by output names.
            weighted_metrics: as `metrics`; these are means over all data that count the sample weights.
            **kwargs: flags of other engines, such as Theano's `mode`; ignored with a warning.
        Raises:
            TypeError: another keyword argument is unknown.
            ValueError: a name is unknown, or a list does not fit the outputs.
        """
        _check_flags(kwargs)
        if self._is_deferred:  # the names of the outputs are not known yet
            self._compile_later = {
                "optimizer": optimizer,
                "loss": loss,
                "metrics": metrics,
                "loss_weights": loss_weights,
                "sample_weight_mode": sample_weight_mode,
                "weighted_metrics": weighted_metrics,
            }
            return
        names = self.output_names
        # Names and counts are checked before the first assignment: if one is wrong, the model is unchanged.
        optimizer = optimizers.get(optimizer)
        loss_functions = losses.collect_losses(loss, names)
        if loss is None and not self.losses:
            raise ValueError(
                "compile: no loss was given; wanted a name such as 'mse', a function, or a list. (A model to "
                "which add_loss gave a loss needs none.)"
            )
        loss_weights_list = losses.collect_loss_weights(loss_weights, names)
        sample_weight_modes = losses.collect_sample_weight_modes(sample_weight_mode, names)
        nested_metrics = losses.collect_metrics(metrics, names)
        if isinstance(optimizer, optimizers.Optimizer):
            optimizer.use_paths(weight_paths(self))
        nested_weighted_metrics = losses.collect_weighted_metrics(weighted_metrics, names)
        self.optimizer = optimizer
        self.loss = loss
        self.metrics = metrics
        self.loss_weights = loss_weights
        self.sample_weight_mode = sample_weight_mode
        self.loss_functions = loss_functions
        self.loss_weights_list = loss_weights_list
        self.sample_weight_modes = sample_weight_modes
        self.nested_metrics = nested_metrics
        self.weighted_metrics = weighted_metrics
        self.nested_weighted_metrics = nested_weighted_metrics
        self._function_kwargs = kwargs
        self._note_optimizer_user()
        warn_of_single_softmax(self)
        warn_of_frozen_parts(self, frozen_containers())
        # The weights to train are fixed here: a GAN freezes a part, compiles, and unfreezes it.
        self._collected_trainable_weights = training_order(self.trainable_weights)
        self._takes_any_loss = K.variable(1, dtype="int32", name="takes_any_loss")
        self._loss_scale = LossScale() if computes_in(self, "float16") else None
        self._use_losses()

    def _note_optimizer_user(self) -> None:
        """Warns if two models share an optimizer, which saves the state for only one of them."""
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

    def _use_losses(self) -> None:
        self._losses = None
        self.train_function = self.test_function = None
        self.metrics_names = ["loss"]
        output_shapes = self.internal_output_shapes
        shapes = [
            losses.target_shape(loss, shape)
            for loss, shape in zip(self.loss_functions, output_shapes, strict=True)
        ]
        self._checked_target_shapes = shapes
        try:
            losses.use_target_shapes(
                self, [wanted or shape for wanted, shape in zip(shapes, output_shapes, strict=True)]
            )
        except (TypeError, ValueError, IndexError):
            # A user's own loss may take targets of another shape, which only the data will tell.
            if None not in shapes:
                raise

    def _check_compiled(self) -> None:
        if not hasattr(self, "optimizer"):
            raise RuntimeError(
                f"Model {self.name!r} must be compiled before it is trained or evaluated: call compile() "
                "first, such as model.compile(optimizer='sgd', loss='mse')."
            )

    def add_metric(self, value: Any, name: str | None = None, aggregation: str | None = "mean") -> None:
        """Adds a tensor to the metrics, before `compile`; its mean over the batches is shown.

        Args:
            value: tensor that depends on the inputs of the model.
            name: str, the name in the logs.
            aggregation: "mean", or None.
        """
        self._added_metrics = [*getattr(self, "_added_metrics", ()), (name or value.node.name, value)]

    def reset_metrics(self) -> None:
        """Sets the state of the metrics over all data to that before the first batch."""
        for metric in self.metrics_over_all.values():
            metric.reset_states()

    # --- programs --------------------------------------------------------------------------------

    def _make_train_function(self) -> None:
        """Makes `train_function`, the program of a training step, if there is none yet."""
        if self.train_function is None:
            self.train_function = programs.train_function(self)

    def _make_test_function(self) -> None:
        """Makes `test_function`, the program of a test step, if there is none yet."""
        if self.test_function is None:
            self.test_function = programs.test_function(self)

    def _make_predict_function(self) -> None:
        """Makes `predict_function`, the program of a prediction, if there is none yet."""
        if self.predict_function is None:
            self.predict_function = programs.predict_function(self)

    def _layers_changed(self, graph: Any) -> None:
        super()._layers_changed(graph)
        self.predict_function = None


def _check_flags(flags: Iterable[str]) -> None:
    """Warns of flags of other engines.

    Raises:
        TypeError: an argument is not such a flag.
    """
    unknown = sorted(set(flags) - ENGINE_FLAGS)
    if unknown:
        raise TypeError(f"compile: got unknown keyword arguments {unknown}.")
    if flags:
        warnings.warn(
            f"compile: {', '.join(sorted(flags))} is ignored: flags of Theano and TensorFlow have no effect.",
            stacklevel=levels_to_caller(),
        )
