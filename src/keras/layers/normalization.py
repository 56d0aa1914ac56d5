"""BatchNormalization."""

from .. import backend as K
from .. import initializations as initializations
from .. import regularizers as regularizers
from ..engine import InputSpec, Layer
from ._options import config_of, keep


class BatchNormalization(Layer):
    """Shifts and scales each feature to mean 0 and variance 1 over a batch, then by learned numbers.

    Args:
        epsilon: float > 0, added to the variance.
        mode: 0: each feature (index along `axis`) by itself; in training by the batch's statistics, when
            testing by running means of them. 1: each sample by itself, over its last axis. 2: as 0 over
            the last axis, by the batch's statistics when testing, too.
        axis: int, the axis of the features in mode 0; 1 for images in "th" ordering.
        momentum: float in [0, 1], how much of the running means stays at each step.
        weights: list of arrays [gamma, beta] or [gamma, beta, running mean, running variance].
        beta_init, gamma_init: names or functions of the initial shift and scale.
        gamma_regularizer, beta_regularizer: penalties on them.

    Reference:
        Ioffe and Szegedy 2015, arXiv:1502.03167.
    """

    input_spec = [InputSpec()]  # one input, of any shape
    computes_in_float32 = True

    def __init__(
        self,
        epsilon=1e-3,
        mode=0,
        axis=-1,
        momentum=0.99,
        weights=None,
        beta_init="zero",
        gamma_init="one",
        gamma_regularizer=None,
        beta_regularizer=None,
        **kwargs,
    ):
        if mode not in (0, 1, 2):
            raise ValueError(f"BatchNormalization: mode must be 0, 1 or 2; got {mode!r}.")
        self.supports_masking = True
        keep(
            self,
            epsilon=epsilon,
            mode=mode,
            axis=axis,
            momentum=momentum,
            beta_init=beta_init,
            gamma_init=gamma_init,
            gamma_regularizer=gamma_regularizer,
            beta_regularizer=beta_regularizer,
        )
        self.initial_weights = weights
        # Modes 1 and 2 mix the samples of a batch, or might; mode 0 does not when testing.
        self.samples_are_independent = mode != 2
        super().__init__(**kwargs)

    def build(self, input_shape):
        rank = len(input_shape)
        if not -rank <= self.axis < rank:
            raise ValueError(
                f"BatchNormalization {self.name!r}: no axis {self.axis} of {rank}-D input; the input shape "
                f"is {input_shape}."
            )
        if input_shape[self.axis] is None:
            raise ValueError(
                f"BatchNormalization {self.name!r}: the size of axis {self.axis} must be known; the input "
                f"shape is {input_shape}."
            )
        shape = (input_shape[self.axis],)
        known = [None] * rank
        known[self.axis] = input_shape[self.axis]
        self.input_spec = [InputSpec(shape=tuple(known))]
        self.gamma = self.add_weight(
            shape, self.gamma_init, name=f"{self.name}_gamma", regularizer=self.gamma_regularizer
        )
        self.beta = self.add_weight(
            shape, self.beta_init, name=f"{self.name}_beta", regularizer=self.beta_regularizer
        )
        # The file name says std; the value is the variance, as in the original.
        self.running_mean = self.add_weight(shape, "zero", name=f"{self.name}_running_mean", trainable=False)
        self.running_std = self.add_weight(shape, "one", name=f"{self.name}_running_std", trainable=False)
        self.built = True

    def call(self, x, mask=None):
        if self.mode == 1:
            mean = K.mean(x, axis=-1, keepdims=True)
            std = K.sqrt(K.var(x, axis=-1, keepdims=True) + self.epsilon)
            return self.gamma * ((x - mean) / (std + self.epsilon)) + self.beta
        axis = (self.axis if self.mode == 0 else -1) % K.ndim(x)
        others = [i for i in range(K.ndim(x)) if i != axis]
        gamma = self.gamma
        if self.mode == 0:
            # A negative running variance (damaged weights) must not hide until the model is tested:
            # training gives nan at once, as in the original, whose gradient runs through both branches.
            gamma = gamma + 0 * K.batch_normalization(1.0, 0.0, self.running_std, 0.0, 1.0, self.epsilon)
        normal, mean, var = K.normalize_batch_in_training(x, gamma, self.beta, others, epsilon=self.epsilon)
        if self.mode == 2:
            return normal
        self.add_update(
            [
                K.moving_average_update(self.running_mean, mean, self.momentum),
                K.moving_average_update(self.running_std, var, self.momentum),
            ],
            x,
        )
        shape = [1] * K.ndim(x)
        shape[axis] = K.int_shape(x)[axis]
        weights = (self.running_mean, self.running_std, self.beta, self.gamma)
        broadcast = (K.reshape(weight, shape) for weight in weights)
        return K.in_train_phase(normal, K.batch_normalization(x, *broadcast, epsilon=self.epsilon))

    def get_config(self):
        names = ("epsilon", "mode", "axis", "gamma_regularizer", "beta_regularizer", "momentum")
        return {**super().get_config(), **config_of(self, *names)}
