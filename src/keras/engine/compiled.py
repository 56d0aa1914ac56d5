"""`CompiledContainer`: a container with `compile`, an optimizer, losses, and programs to run."""

import warnings
import weakref
from typing import Any

from .. import backend as K
from .. import optimizers
from .._base.callers import levels_to_caller
from ..callbacks import History
from .container import Container
from .fitting import losses, programs, strategies
from .fitting.loss_scale import LossScale
from .precision import computes_in

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

    def compile(
        self,
        optimizer: Any,
        loss: Any,
        metrics: Any = None,
        loss_weights: Any = None,
        sample_weight_mode: Any = None,
        **kwargs: Any,
    ) -> None:
        """Configures the model for training.

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
            ValueError: a name is unknown, or a list does not fit the outputs.
        """
        if kwargs:
            raise TypeError(f"compile: got unknown keyword arguments {sorted(kwargs)}.")
        names = self.output_names
        # Names and counts are checked before the first assignment: if one is wrong, the model is unchanged.
        optimizer = optimizers.get(optimizer)
        loss_functions = losses.collect_losses(loss, names)
        loss_weights_list = losses.collect_loss_weights(loss_weights, names)
        sample_weight_modes = losses.collect_sample_weight_modes(sample_weight_mode, names)
        nested_metrics = losses.collect_metrics(metrics, names)
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
        # The weights to train are fixed here: a GAN freezes a part, compiles, and unfreezes it.
        # Their order is by name, as in Keras 1.2.2: the optimizer's state in files depends on it.
        self._collected_trainable_weights = sorted(
            self.trainable_weights, key=lambda weight: f"{weight.name}:0"
        )
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

    # --- programs --------------------------------------------------------------------------------

    def make_train_function(self) -> None:
        """Makes `train_function`, the program of a training step, if there is none yet."""
        if self.train_function is None:
            self.train_function = programs.train_function(self, strategies.current())

    def make_test_function(self) -> None:
        """Makes `test_function`, the program of a test step, if there is none yet."""
        if self.test_function is None:
            self.test_function = programs.test_function(self)

    def make_predict_function(self) -> None:
        """Makes `predict_function`, the program of a prediction, if there is none yet."""
        if getattr(self, "predict_function", None) is None:
            self.predict_function = programs.predict_function(self)

    def _layers_changed(self, graph: Any) -> None:
        super()._layers_changed(graph)
        self.predict_function = None
