"""Activations with parameters, fixed or learned.

Where a function has a kink, its derivative there is that of the original: data often lie on it, at 0.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Annotated, Any, TypeAlias

from .. import backend as K
from .. import initializations
from .._base.types import ArrayLike, Shape
from .._graph import Tensor, Variable
from ..engine import InputSpec
from ..engine import Layer as Layer
from ._options import (
    Constraint,
    FloatxNumber,
    Initializer,
    Kind,
    LayerWithOptions,
    NameOrFunction,
    NonNegative,
    Number,
    Option,
    Regularizer,
    UnlessDefault,
    floatx_number,
    inputs_of,
)


class LeakyReLU(LayerWithOptions):
    """x where x > 0, alpha x elsewhere.

    Args:
        alpha: float, the slope of the negative part.

    Input and output shape: any.

    Reference:
        Maas, Hannun and Ng 2013, "Rectifier nonlinearities improve neural network acoustic models", ICML.
    """

    alpha: Number
    input_spec = inputs_of()
    supports_masking = True

    def __init__(self, alpha: float = 0.3, **kwargs: Any) -> None:
        self._store_options(locals())
        super().__init__(**kwargs)

    def call(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        return K.relu(x, alpha=self.alpha)


class ELU(LayerWithOptions):
    """Exponential linear unit: x where x > 0, alpha (exp(x) - 1) elsewhere.

    Args:
        alpha: float; the negative part tends to -alpha.

    Input and output shape: any.

    Reference:
        Clevert, Unterthiner and Hochreiter 2015, arXiv:1511.07289.
    """

    alpha: FloatxNumber
    input_spec = inputs_of()
    supports_masking = True

    def __init__(self, alpha: float = 1.0, **kwargs: Any) -> None:
        self._store_options(locals())
        super().__init__(**kwargs)

    def call(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        return K.elu(x, self.alpha)


class ThresholdedReLU(LayerWithOptions):
    """x where x > theta, 0 elsewhere.

    Args:
        theta: float >= 0, the threshold.

    Input and output shape: any.

    Reference:
        Konda, Memisevic and Krueger 2014, arXiv:1402.3337.
    """

    theta: Annotated[float, Kind(partial(floatx_number, least=0))]
    input_spec = inputs_of()
    supports_masking = True

    def __init__(self, theta: float = 1.0, **kwargs: Any) -> None:
        self._store_options(locals())
        super().__init__(**kwargs)

    def call(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        return x * K.cast(K.greater(x, self.theta), K.dtype(x))


class ReLU(LayerWithOptions):
    """Rectifier with a bound, a slope or a threshold. Without them, it becomes an `Activation("relu")`.

    The output is max_value where x >= max_value, x where threshold <= x < max_value, and negative_slope *
    (x - threshold) elsewhere.

    Args:
        max_value: float >= 0, or None for no bound.
        negative_slope: float >= 0.
        threshold: float.

    Input and output shape: any.
    """

    max_value: Option[float | None]
    negative_slope: NonNegative
    threshold: Number
    supports_masking = True

    def __init__(
        self,
        max_value: float | None = None,
        negative_slope: float = 0.0,
        threshold: float = 0.0,
        **kwargs: Any,
    ) -> None:
        self._store_options(locals())
        super().__init__(**kwargs)

    def call(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        above = K.cast(K.greater_equal(x, self.threshold), K.dtype(x))
        y = above * x + (1 - above) * self.negative_slope * (x - self.threshold)
        return y if self.max_value is None else K.minimum(y, self.max_value)


class Softmax(LayerWithOptions):
    """Softmax over an axis. Over the last one, it becomes an `Activation("softmax")`.

    Args:
        axis: int.

    Input and output shape: any.
    """

    axis: Option[int]
    supports_masking = True

    def __init__(self, axis: int = -1, **kwargs: Any) -> None:
        self._store_options(locals())
        super().__init__(**kwargs)

    def call(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        last = [axis for axis in range(K.ndim(x)) if axis != self.axis % K.ndim(x)] + [self.axis % K.ndim(x)]
        back = [last.index(axis) for axis in range(K.ndim(x))]
        return K.permute_dimensions(K.softmax(K.permute_dimensions(x, last)), back)


def _axes(layer: Layer, name: str, axes: Any) -> list[int] | None:
    """Returns the axes as a list of int, or None.

    Raises:
        ValueError: if an axis is not an int, or is that of the samples.
    """
    if axes is None:
        return None
    axes = list(axes) if isinstance(axes, list | tuple) else [axes]
    if any(isinstance(axis, bool) or not isinstance(axis, int) or axis < 1 for axis in axes):
        raise ValueError(
            f"{type(layer).__name__}: {name} must be axes counted from 1 (0 is the axis of the samples); "
            f"got {axes}."
        )
    return axes


SharedAxes: TypeAlias = UnlessDefault[Annotated[list[int] | None, Kind(_axes)]]


class _Parametric(LayerWithOptions):
    """Base of the activations with learned parameters for each element of a sample."""

    shared_axes: SharedAxes
    supports_masking = True

    def _parameter_shape(self, input_shape: Shape) -> tuple[int, ...]:
        """Returns the shape of the parameters: that of a sample, with 1 for shared axes.

        Raises:
            ValueError: if an axis does not exist, or a size that is needed is not known.
        """
        shape, shared = list(input_shape[1:]), self.shared_axes or ()
        for axis in shared:
            if axis > len(shape):
                raise ValueError(
                    f"{type(self).__name__} {self.name!r}: shared_axes has {axis}; the input shape is "
                    f"{tuple(input_shape)}, with axes up to {len(shape)}."
                )
            shape[axis - 1] = 1
        known = [size for size in shape if size is not None]
        if len(known) < len(shape):
            raise ValueError(
                f"{type(self).__name__} {self.name!r} has weights for each element, so the sizes must be "
                f"known; the input shape is {tuple(input_shape)}. Pass a complete input_shape, or name axis "
                f"{shape.index(None) + 1} in shared_axes."
            )
        fixed = (None if axis in shared else size for axis, size in enumerate(known, 1))
        self.input_spec = [InputSpec(shape=(None, *fixed))]
        return tuple(known)


class PReLU(_Parametric):
    """x where x > 0, alpha x elsewhere, with a learned alpha for each element.

    Args:
        init: name or function, the initial values of alpha.
        weights: list with the array of the initial alphas.
        shared_axes: int or list of int, axes along which all elements share one alpha, counted from 1.
            With [1, 2], images with channels last have one alpha for each channel.

    Input and output shape: any; sizes must be known, except those of shared axes.

    Reference:
        He, Zhang, Ren and Sun 2015, arXiv:1502.01852.
    """

    init: Initializer
    alpha_regularizer: UnlessDefault[Regularizer]
    alpha_constraint: UnlessDefault[Constraint]
    alphas: Variable

    def __init__(
        self,
        init: NameOrFunction = "zero",
        weights: Sequence[ArrayLike] | None = None,
        shared_axes: int | Sequence[int] | None = None,
        alpha_regularizer: NameOrFunction | None = None,
        alpha_constraint: NameOrFunction | None = None,
        **kwargs: Any,
    ) -> None:
        self._store_options(locals())
        super().__init__(**kwargs)

    def build(self, input_shape: Shape) -> None:
        shape = self._parameter_shape(input_shape)
        self.alphas = self.add_weight(
            shape,
            self.init,
            name=f"{self.name}_alphas",
            regularizer=self.alpha_regularizer,
            constraint=self.alpha_constraint,
        )
        self.built = True

    def call(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        return K.relu(x) + self.alphas * (x - K.abs(x)) * 0.5


class ParametricSoftplus(_Parametric):
    """alpha log(1 + exp(beta x)), with a learned alpha and beta for each element.

    Args:
        alpha_init, beta_init: floats, the initial values.
        weights: list of arrays [alphas, betas], the initial weights.
        shared_axes: as in `PReLU`.

    Input and output shape: any; sizes must be known, except those of shared axes.

    Reference:
        McFarland, Cui and Butts 2013, "Inferring nonlinear neuronal computation based on physiologically
        plausible inputs", PLoS Computational Biology 9(7).
    """

    alpha_init: FloatxNumber
    beta_init: FloatxNumber
    alphas: Variable
    betas: Variable

    def __init__(
        self,
        alpha_init: float = 0.2,
        beta_init: float = 5.0,
        weights: Sequence[ArrayLike] | None = None,
        shared_axes: int | Sequence[int] | None = None,
        **kwargs: Any,
    ) -> None:
        self._store_options(locals())
        super().__init__(**kwargs)

    def build(self, input_shape: Shape) -> None:
        shape = self._parameter_shape(input_shape)
        self.alphas = self.add_weight(shape, _constant(self.alpha_init), name=f"{self.name}_alphas")
        self.betas = self.add_weight(shape, _constant(self.beta_init), name=f"{self.name}_betas")
        self.built = True

    def call(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        return K.softplus(self.betas * x) * self.alphas


class SReLU(_Parametric):
    """Three linear pieces, with learned slopes and thresholds for each element.

    t_left + a_left (x - t_left) below t_left; t + a_right (x - t) above t = t_left + |t_right|; x between.

    Args:
        t_left_init, a_left_init, t_right_init, a_right_init: names or functions, the initial values.
        shared_axes: as in `PReLU`.

    Input and output shape: any; sizes must be known, except those of shared axes.

    Reference:
        Jin et al. 2015, arXiv:1512.07030.
    """

    t_left_init: Initializer
    a_left_init: Initializer
    t_right_init: Initializer
    a_right_init: Initializer
    t_left: Variable
    a_left: Variable
    t_right: Variable
    a_right: Variable

    def __init__(
        self,
        t_left_init: NameOrFunction = "zero",
        a_left_init: NameOrFunction = "glorot_uniform",
        t_right_init: NameOrFunction = "glorot_uniform",
        a_right_init: NameOrFunction = "one",
        shared_axes: int | Sequence[int] | None = None,
        **kwargs: Any,
    ) -> None:
        self._store_options(locals())
        super().__init__(**kwargs)

    def build(self, input_shape: Shape) -> None:
        shape = self._parameter_shape(input_shape)
        for weight in ("t_left", "a_left", "t_right", "a_right"):
            init = getattr(self, f"{weight}_init")
            setattr(self, weight, self.add_weight(shape, init, name=f"{self.name}_{weight}"))
        self.built = True

    def call(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        width = K.abs(self.t_right)  # keeps the right threshold to the right of the left one
        up_to_right = self.t_left + K.relu(x - self.t_left, self.a_left, width)
        return up_to_right + K.relu(x - (self.t_left + width)) * self.a_right


def _constant(value: float) -> Callable[..., Any]:
    """Returns an initialization with one number."""

    def init(shape, name=None):
        return K.variable(value * K.get_value(initializations.one(shape)), name=name)

    return init
