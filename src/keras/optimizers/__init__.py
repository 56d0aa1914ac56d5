"""Optimizers: from the gradients of a loss to the new values of the weights.

The update rule of an optimizer is an op over the arrays of one parameter. It takes the parameter `p`, its
gradient `g` and its slots (such as running means, 0 at the start), and returns the new `p` and the new
slots. `Optimizer.updates_for` applies the rule to all parameters. All new values are computed from the old
ones.
"""

from collections.abc import Mapping
from typing import Any, NoReturn

from .. import backend as K  # noqa: F401, programs import it from here
from .._base.names import get_custom_objects as get_custom_objects
from .._base.names import get_from_module
from .._base.types import Config, CustomObjects
from ._adam import Adam as Adam
from ._adam import Adamax as Adamax
from ._adam import Nadam as Nadam
from ._adaptive import Adadelta as Adadelta
from ._adaptive import Adagrad as Adagrad
from ._adaptive import RMSprop as RMSprop
from ._optimizer import Optimizer as Optimizer
from ._optimizer import clip_norm as clip_norm
from ._sgd import SGD as SGD


class TFOptimizer(Optimizer):
    """Not available: optimizers of TensorFlow need TensorFlow's graphs, and this package runs on JAX.

    Raises:
        NotImplementedError: always.
    """

    def __init__(self, optimizer: Any) -> None:
        raise NotImplementedError(
            f"TFOptimizer: {optimizer!r} updates TensorFlow variables, but this package runs on JAX. Use one "
            f"of keras.optimizers: {', '.join(_CLASSES)}."
        )

    @property
    def weights(self) -> NoReturn:  # pyright: ignore[reportIncompatibleVariableOverride] - as in 1.2.2
        """Never reached, as there are no instances; Keras 1.2.2 has this property."""
        raise NotImplementedError("TFOptimizer has no weights.")


sgd = SGD
rmsprop = RMSprop
adagrad = Adagrad
adadelta = Adadelta
adam = Adam
adamax = Adamax
nadam = Nadam

_CLASSES: dict[str, type[Optimizer]] = {
    optimizer.__name__: optimizer for optimizer in (SGD, RMSprop, Adagrad, Adadelta, Adam, Adamax, Nadam)
}
_OPTIMIZERS = {**_CLASSES, **{name.lower(): optimizer for name, optimizer in _CLASSES.items()}}


def optimizer_from_config(config: Config, custom_objects: CustomObjects | None = None) -> Optimizer | Any:
    """Makes an optimizer from its class name and its config.

    Args:
        config: dict with 'class_name', in upper or lower case, and 'config', a dict of arguments.
        custom_objects: dict name -> class; it takes precedence over the names of Keras.

    Raises:
        ValueError: no optimizer has that name.
    """
    name = config["class_name"]
    known = {**_OPTIMIZERS, **(custom_objects or {})}
    return get_from_module(_as_known(name, known), known, "optimizer").from_config(config["config"])


def get(identifier: Any, kwargs: Mapping[str, Any] | None = None) -> Optimizer | Any:
    """Returns an optimizer.

    Args:
        identifier: name, in upper or lower case; or an optimizer, which is returned unchanged.
        kwargs: dict of arguments for an optimizer that is given by name.

    Raises:
        ValueError: no optimizer has that name, or `identifier` is not an optimizer.

    Example:
        >>> get('rmsprop', {'lr': 0.5}).get_config()['lr']
        0.5
    """
    found = get_from_module(
        _as_known(identifier, _OPTIMIZERS), _OPTIMIZERS, "optimizer", instantiate=True, kwargs=kwargs
    )
    if isinstance(found, type) or not hasattr(found, "get_updates"):
        raise ValueError(
            f"Invalid optimizer: got {identifier!r}, wanted a name or an instance, such as Adam(lr=0.001). "
            f"Known names: {', '.join(_CLASSES)}."
        )
    return found


def _as_known(name: Any, known: Mapping[str, Any]) -> Any:
    """Returns a name in lower case if it is known only in that form, else unchanged."""
    return name.lower() if isinstance(name, str) and name not in known and name.lower() in known else name
