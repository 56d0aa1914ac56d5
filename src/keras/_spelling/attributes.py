"""Attributes of layers under Keras 2's names: `layer.units`, `layer.kernel`, `layer.padding`, ...

They are properties that read, and set, the attributes of Keras 1. The names and the order of the arguments
come from the rows of the table, the names of the weights from the list below.
"""

from typing import Any

from .translate import Keyword, keywords
from .values import value_as_1x, value_as_2x

#: Weight in Keras 2 -> weight in Keras 1, for the layers that have the latter.
_WEIGHTS = {
    "kernel": "W",
    "recurrent_kernel": "U",
    "bias": "b",
    "embeddings": "W",
    "moving_mean": "running_mean",
    "moving_variance": "running_std",
    "alpha": "alphas",
}
_OWN_PAIRS = ("pool_length", "stride")
#: The weights that the layers of a class have in Keras 2, by the argument that makes them.
_MADE_BY = {
    "kernel_initializer": "kernel",
    "recurrent_initializer": "recurrent_kernel",
    "use_bias": "bias",
    "embeddings_initializer": "embeddings",
    "moving_mean_initializer": "moving_mean",
    "moving_variance_initializer": "moving_variance",
    "alpha_initializer": "alpha",
}


def add_attributes(cls: type, row_keywords: str) -> None:
    """Adds the properties to a class of layers, for the arguments of its row that have another name."""
    known = keywords(row_keywords)
    for name, keyword in known.items():
        if keyword.is_added or (
            keyword.old and keyword.old[0] in _OWN_PAIRS
        ):  # Keras 1 has `pool_size` (length, 1) beside these
            continue
        if not keyword.is_shared and not _defines(cls, name):
            setattr(cls, name, _option(name, keyword))
    for argument, weight in _MADE_BY.items():
        if argument in known and (weight == "bias" or not _defines(cls, weight)):
            setattr(cls, weight, _weight(weight, _WEIGHTS[weight]))


def _defines(cls: type, name: str) -> bool:
    """Whether a class has the attribute for a reason of its own."""
    return any(name in vars(base) and not _is_ours(vars(base)[name]) for base in cls.__mro__)


def _is_ours(value: Any) -> bool:
    return isinstance(value, property) and getattr(value.fget, "of_keras_2", False)


def _option(name: str, keyword: Keyword) -> property:
    def get(self: Any) -> Any:
        own = vars(self)
        if name in own:  # set by a class of the user's, for its own purposes
            return own[name]
        if not keyword.old:
            return _only_value(keyword)
        values = [_old_option(self, old, name) for old in keyword.old]
        if len(values) > 1:
            return tuple(values)
        (value,) = values
        if keyword.count == 1 and isinstance(value, int):
            value = (value,)
        return value_as_2x(name, value)

    def put(self: Any, value: Any) -> None:
        if len(keyword.old) == 1 and keyword.old[0] in vars(self):
            setattr(self, keyword.old[0], value_as_1x(name, value))
        else:
            vars(self)[name] = value

    return _property(get, put, f"Keras 2's name of `{', '.join(keyword.old) or name}`.")


def _old_option(layer: Any, old: str, name: str) -> Any:
    if old in vars(layer):
        return vars(layer)[old]
    if name == "dilation_rate":  # layers without rates of their own have 1
        return 1
    return getattr(layer, old)


def _only_value(keyword: Keyword) -> Any:
    text = (keyword.only or "None").split("|")[0]
    known = {"None": None, "True": True, "False": False}
    return known[text] if text in known else int(text) if text.lstrip("-").isdigit() else text


def _weight(name: str, old: str) -> property:
    def get(self: Any) -> Any:
        own = vars(self)
        if name in own and name != "bias":
            return own[name]
        gates = getattr(self, "gates", ())
        if len(gates) > 1 and hasattr(self, "gate_weights") and self.built:
            return self.gate_weights(old)
        weight = getattr(self, old, None)
        if weight is None and name == "bias":
            # Keras 1's `bias` is the option. It is the answer where there is no weight.
            return None if own.get("_made_in_keras_2") else own.get("bias")
        if weight is None:
            raise AttributeError(f"{type(self).__name__} {self.name!r} has no {name!r} before it is called.")
        return weight

    def put(self: Any, value: Any) -> None:
        vars(self)[name] = value

    return _property(get, put, f"Keras 2's name of the weight `{old}`.")


def _property(get: Any, put: Any, text: str) -> property:
    get.of_keras_2 = True
    return property(get, put, doc=text)
