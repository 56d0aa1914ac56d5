"""BatchNormalization."""

from collections.abc import Sequence
from typing import Annotated, Any

from .. import backend as K
from .. import initializations as initializations
from .. import regularizers as regularizers
from .._base.types import ArrayLike, Shape
from .._graph import Tensor, Variable
from ..backend.control import is_called_for_testing
from ..engine import InputSpec
from ..engine import Layer as Layer
from ._options import (
    Constraint,
    Initializer,
    LayerWithOptions,
    NameOrFunction,
    Option,
    Regularizer,
    UnlessDefault,
    inputs_of,
    one_of,
)


class BatchNormalization(LayerWithOptions):
    """Normalizes each feature to mean 0 and variance 1 over a batch, then scales and shifts it.

    The output is gamma (x - mean) / sqrt(variance + epsilon) + beta, with learned gamma and beta. Mode 1
    adds epsilon to the root, too, as the original does.

    Args:
        epsilon: float > 0, added to the variance.
        mode: 0: normalizes each feature (index along `axis`), with the statistics of the batch in training
            and with their running means in testing. 1: normalizes each sample over its last axis. 2: as
            mode 0, but with the statistics of the batch in testing, too.
        axis: int, the axis of the features in modes 0 and 2; 1 for images in "th" ordering.
        momentum: float in [0, 1], the weight of the previous running means in their update.
        weights: list of arrays [gamma, beta] or [gamma, beta, running mean, running variance], the initial
            weights.
        beta_init, gamma_init: names or functions, the initial values of beta and gamma.
        gamma_regularizer, beta_regularizer: penalties on gamma and beta.
        center, scale: whether there is a beta, and a gamma.
        gamma_constraint, beta_constraint: functions applied to them after each update.
        running_mean_init, running_std_init: names or functions, the initial values of the running mean and
            variance.
        frozen: bool, whether mode 0 normalizes with the running means in training, too, and keeps them. Later
            versions of Keras do that where `trainable` is False; see `keras.training.freeze`. A change
            of the attribute counts from the next `compile` on.

    Input and output shape: any; the size of the axis must be known.

    Reference:
        Ioffe and Szegedy 2015, arXiv:1502.03167.
    """

    epsilon: Option[float]
    mode: Annotated[int, one_of(0, 1, 2)]
    axis: Option[int]
    momentum: Option[float]
    beta_init: UnlessDefault[Initializer]
    gamma_init: UnlessDefault[Initializer]
    gamma_regularizer: Regularizer
    beta_regularizer: Regularizer
    center: UnlessDefault[Option[bool]]
    scale: UnlessDefault[Option[bool]]
    gamma_constraint: UnlessDefault[Constraint]
    beta_constraint: UnlessDefault[Constraint]
    running_mean_init: UnlessDefault[Initializer]
    running_std_init: UnlessDefault[Initializer]
    frozen: UnlessDefault[Option[bool]]
    _config_order = ("epsilon", "mode", "axis", "gamma_regularizer", "beta_regularizer", "momentum")
    input_spec = inputs_of()
    supports_masking = True
    computes_in_float32 = True

    def __init__(
        self,
        epsilon: float = 1e-3,
        mode: int = 0,
        axis: int = -1,
        momentum: float = 0.99,
        weights: Sequence[ArrayLike] | None = None,
        beta_init: NameOrFunction = "zero",
        gamma_init: NameOrFunction = "one",
        gamma_regularizer: NameOrFunction | None = None,
        beta_regularizer: NameOrFunction | None = None,
        center: bool = True,
        scale: bool = True,
        gamma_constraint: NameOrFunction | None = None,
        beta_constraint: NameOrFunction | None = None,
        running_mean_init: NameOrFunction = "zero",
        running_std_init: NameOrFunction = "one",
        frozen: bool = False,
        **kwargs: Any,
    ) -> None:
        self._store_options(locals())
        # In mode 2 the samples of a batch are mixed in testing, too.
        self.samples_are_independent = mode != 2
        self.uses_learning_phase = mode == 0
        super().__init__(**kwargs)

    def build(self, input_shape: Shape) -> None:
        rank = len(input_shape)
        if not -rank <= self.axis < rank:
            raise ValueError(
                f"BatchNormalization {self.name!r}: no axis {self.axis} of {rank}-D input; the input shape "
                f"is {input_shape}."
            )
        size = input_shape[self.axis]
        if size is None:
            raise ValueError(
                f"BatchNormalization {self.name!r}: the size of axis {self.axis} must be known; the input "
                f"shape is {input_shape}."
            )
        shape = (size,)
        axis = self.axis % rank
        self.input_spec = [InputSpec(shape=tuple(size if i == axis else None for i in range(rank)))]
        self.gamma = self._add_part("gamma", shape) if self.scale else K.ones(shape)
        self.beta = self._add_part("beta", shape) if self.center else K.zeros(shape)
        # The file name says std; the value is the variance, as in the original.
        self.running_mean, self.running_std = (
            self.add_weight(shape, init, name=f"{self.name}_{part}", trainable=False)
            for part, init in (
                ("running_mean", self.running_mean_init),
                ("running_std", self.running_std_init),
            )
        )
        self.built = True

    def _add_part(self, part: str, shape: Shape) -> Variable:
        return self.add_weight(
            shape,
            getattr(self, f"{part}_init"),
            name=f"{self.name}_{part}",
            regularizer=getattr(self, f"{part}_regularizer"),
            constraint=getattr(self, f"{part}_constraint"),
        )

    def call(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        if self.mode == 1:
            return self._normalize_samples(x)
        axis = self.axis % K.ndim(x)
        others = [i for i in range(K.ndim(x)) if i != axis]
        if self.mode == 2:
            return K.normalize_batch_in_training(x, self.gamma, self.beta, others, epsilon=self.epsilon)[0]
        # A negative running variance (damaged weights) must not go unnoticed until the model is tested:
        # training returns nan at once, as in the original, whose gradient runs through both branches.
        gamma = self.gamma + 0 * K.batch_normalization(1.0, 0.0, self.running_std, 0.0, 1.0, self.epsilon)
        normal, mean, var = K.normalize_batch_in_training(x, gamma, self.beta, others, epsilon=self.epsilon)
        if not is_called_for_testing():
            self.add_update(
                [
                    K.moving_average_update(self.running_mean, mean, self.momentum),
                    K.moving_average_update(self.running_std, var, self.momentum),
                ],
                x,
            )
        shape: list[int | None] = [1] * K.ndim(x)
        shape[axis] = K.int_shape(x)[axis]
        weights = (self.running_mean, self.running_std, self.beta, self.gamma)
        broadcast = (K.reshape(weight, shape) for weight in weights)
        output = K.in_train_phase(normal, K.batch_normalization(x, *broadcast, epsilon=self.epsilon))
        if output.node.facts.by_phase:
            output.node.tests_only = lambda: self.frozen
        return output

    def _normalize_samples(self, x: Tensor) -> Tensor:
        mean = K.mean(x, axis=-1, keepdims=True)
        std = K.sqrt(K.var(x, axis=-1, keepdims=True) + self.epsilon)
        return self.gamma * ((x - mean) / (std + self.epsilon)) + self.beta
