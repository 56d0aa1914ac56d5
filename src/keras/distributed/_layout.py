"""`Layout`: how the rows of a batch, the weights and the optimizer's state are spread over devices."""

import dataclasses
import math
import re
from collections.abc import Mapping
from typing import Any

#: The axes of the mesh, as weights name them.
_AXES = ("data", "model")
#: Smaller variables (elements) are not worth spreading over the "data" axis.
_LEAST_SHARDED = 1024


@dataclasses.dataclass(frozen=True)
class Layout:
    """How one program is spread over devices, which form a grid of `data` x `model`.

    The numbers do not depend on the layout, up to rounding: it decides only what lies and is computed where.

    Args:
        data: int, number of parts that each batch is divided into; -1: all devices divided by `model`.
        model: int, number of parts that weights are divided into.
        weights: dict pattern -> spec. The pattern is a regular expression for the whole name of a weight;
            the first that fits counts. The spec has for each axis of the weight "model", "data" or None,
            whether and by what it is divided; axes left out at its end are not divided. The optimizer's
            state of a weight lies as the weight does.
        shard_state: whether to divide also over "data" the weights and the optimizer's state, so that no
            device holds them all. Variables of less than 1,024 elements stay whole.

    An axis that cannot be divided evenly stays whole; `model.summary(placement=True)` shows what lies where.

    Raises:
        TypeError, ValueError: an argument is not as described.

    Example:
        >>> layout = Layout(model=2, weights={'dense_.*_W': (None, 'model')})
        >>> layout.spec('dense_1_W', (8, 6), {'data': 4, 'model': 2})
        (None, 'model')
    """

    data: int = -1
    model: int = 1
    weights: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    shard_state: bool = False

    def __post_init__(self) -> None:
        for name, least in (("data", -1), ("model", 1)):
            value = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool) or value < least or value == 0:
                also = ", or -1 for all devices" if least < 0 else ""
                raise ValueError(f"Layout: {name} must be an int of 1 or more{also}; got {value!r}.")
        if not isinstance(self.weights, Mapping):
            raise TypeError(
                "Layout: weights must be a dict such as {'dense_.*_W': (None, 'model')}; got "
                f"{type(self.weights).__name__}."
            )
        if not isinstance(self.shard_state, bool):
            raise TypeError(f"Layout: shard_state must be True or False; got {self.shard_state!r}.")
        object.__setattr__(self, "weights", {name: _checked(name, s) for name, s in self.weights.items()})

    def spec(self, name: str, shape: tuple[int, ...], sizes: Mapping[str, int]) -> tuple[str | None, ...]:
        """Returns what divides each axis of a variable.

        Args:
            name: name of the weight.
            shape: tuple of int.
            sizes: dict axis of the grid -> number of devices.
        Returns:
            Tuple of "data", "model" or None, one for each axis.
        Raises:
            ValueError: the spec of the weight has more axes than the weight.
        """
        pattern = self.pattern_of(name)
        wanted = self.weights[pattern] if pattern is not None else ()
        if len(wanted) > len(shape):
            raise ValueError(
                f"Layout: the spec {wanted} of {pattern!r} has {len(wanted)} axes; the weight {name!r} that "
                f"it fits has the shape {shape}. Give at most {len(shape)}."
            )
        spec = [*wanted, *[None] * (len(shape) - len(wanted))]
        spec = [a if a and size % sizes[a] == 0 else None for a, size in zip(spec, shape, strict=True)]
        if self.shard_state and "data" not in spec and math.prod(shape) >= _LEAST_SHARDED:
            free = [i for i, size in enumerate(shape) if not spec[i] and size % sizes["data"] == 0]
            if free:
                spec[max(free, key=lambda i: shape[i])] = "data"
        return tuple(spec)

    def pattern_of(self, name: str) -> str | None:
        """Returns the pattern that fits the name of a weight, or None."""
        return next((pattern for pattern in self.weights if re.fullmatch(pattern, name)), None)

    def grid(self, devices: int, all_of_them: bool = False) -> tuple[int, int]:
        """Returns the sizes (data, model) of the grid.

        Args:
            devices: how many there are.
            all_of_them: whether the grid must use all.
        Raises:
            ValueError: there are too few devices, or they cannot be divided.
        """
        data = devices // self.model if self.data == -1 else self.data
        count = data * self.model
        if data < 1 or count > devices or (count < devices and (self.data == -1 or all_of_them)):
            raise ValueError(
                f"Layout: data={self.data} x model={self.model} does not fit {devices} "
                f"device{'s' * (devices != 1)}. data * model must be {devices}"
                f"{'' if all_of_them else ' or less'}, and with data=-1 model must divide {devices}. "
                "(To simulate devices on the CPU, set XLA_FLAGS=--xla_force_host_platform_device_count=8 "
                "before the program starts.)"
            )
        return data, self.model


def _checked(pattern: Any, spec: Any) -> tuple[str | None, ...]:
    try:
        re.compile(pattern)
    except (re.error, TypeError) as error:
        raise ValueError(
            f"Layout: {pattern!r} is not a regular expression for names of weights: {error}."
        ) from None
    axes = (spec,) if isinstance(spec, str) else spec
    if not isinstance(axes, tuple | list) or any(axis is not None and axis not in _AXES for axis in axes):
        raise ValueError(
            f"Layout: the spec of {pattern!r} must be a tuple of 'data', 'model' or None, one for each axis "
            f"of the weight, such as (None, 'model'); got {spec!r}."
        )
    used = [axis for axis in axes if axis]
    if len(set(used)) < len(used):
        raise ValueError(f"Layout: the spec of {pattern!r} names an axis twice; got {spec!r}.")
    return tuple(axes)
