"""Optimizers: from the gradients of a loss to the new values of the weights.

The update rule of an optimizer is an op over the arrays of one parameter. It takes the parameter `p`, its
gradient `g` and its slots (such as running means, 0 at the start), and returns the new `p` and the new
slots. `Optimizer.updates_for` applies the rule to all parameters. All new values are computed from the old
ones.
"""

from collections.abc import Mapping
from typing import Any, NoReturn

from .. import backend as K  # noqa: F401, programs import it from here
from .._base.custom_objects import get_custom_objects as get_custom_objects
from .._base.custom_objects import given_to_call
from .._base.names import get_from_module
from .._base.types import Config, CustomObjects
from ._adam import Adam as Adam
from ._adam import Adamax as Adamax
from ._adam import Nadam as Nadam
from ._adaptive import Adadelta as Adadelta
from ._adaptive import Adagrad as Adagrad
from ._adaptive import RMSprop as RMSprop
from ._optax import AdamW as AdamW
from ._optax import Lion as Lion
from ._optax import Optax as Optax
from ._optax import is_transform
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
    optimizer.__name__: optimizer
    for optimizer in (SGD, RMSprop, Adagrad, Adadelta, Adam, Adamax, Nadam, AdamW, Lion)
}
_OPTIMIZERS = {**_CLASSES, **{name.lower(): optimizer for name, optimizer in _CLASSES.items()}}


def optimizer_from_config(config: Config, custom_objects: CustomObjects | None = None) -> Optimizer | Any:
    """Makes an optimizer from its class name and its config.

    Args:
        config: dict with 'class_name', in upper or lower case, and 'config', a dict of arguments.
        custom_objects: dict name -> class; it takes precedence over the names of Keras.

    Raises:
        ValueError: no optimizer has that name, or `config` is of another form.
    """
    is_config = isinstance(config, dict) and isinstance(config.get("class_name"), str)
    if not is_config or not isinstance(config.get("config"), dict):
        raise ValueError(
            "optimizer_from_config: wanted {'class_name': ..., 'config': {...}}, the config a dict of "
            f"arguments; got {config!r:.200}."
        )
    with given_to_call(custom_objects):
        known = {**_OPTIMIZERS, "Optax": Optax, **get_custom_objects()}
        found = get_from_module(_as_known(config["class_name"], known), known, "optimizer")
        if is_transform(found):  # the custom object for "Optax"
            return Optax.from_config({**config["config"], "transform": found})
        return found.from_config(config["config"])


def get(identifier: Any, kwargs: Mapping[str, Any] | None = None) -> Optimizer | Any:
    """Returns an optimizer.

    Args:
        identifier: name, in upper or lower case; or an optimizer, which is returned unchanged; or a
            transformation of optax, such as `optax.adam(1e-3)`.
        kwargs: dict of arguments for an optimizer that is given by name.

    Raises:
        ValueError: no optimizer has that name, or `identifier` is not an optimizer.

    Example:
        >>> get('rmsprop', {'lr': 0.5}).get_config()['lr']
        0.5
    """
    if is_transform(identifier):
        return Optax(identifier)
    found = identifier
    if isinstance(identifier, dict) and "class_name" in identifier:
        return optimizer_from_config(identifier)
    if not isinstance(identifier, type):
        known = _as_known(identifier, _OPTIMIZERS)
        found = get_from_module(known, _OPTIMIZERS, "optimizer", instantiate=True, kwargs=kwargs)
    if isinstance(found, type) or not hasattr(found, "get_updates"):
        raise ValueError(
            f"Invalid optimizer: got {identifier!r}, wanted a name or an instance, such as Adam(lr=0.001) or "
            f"optax.adam(0.001). Known names: {', '.join(_CLASSES)}."
        )
    return found


def _as_known(name: Any, known: Mapping[str, Any]) -> Any:
    """Returns a name in lower case if it is known only in that form, else unchanged."""
    return name.lower() if isinstance(name, str) and name not in known and name.lower() in known else name
