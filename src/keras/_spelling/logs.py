"""`Logs`: the logs of training, also under the names that Keras 2 gives to the metrics."""

from typing import Any

#: Names of one metric. Keras 1 logs the first of "acc" and "accuracy", and the long name of the others; Keras
#: 2.3 logs the name that `compile` was given.
_SAME = (
    ("acc", "accuracy"),
    ("mse", "mean_squared_error"),
    ("mae", "mean_absolute_error"),
    ("mape", "mean_absolute_percentage_error"),
    ("msle", "mean_squared_logarithmic_error"),
)
_OTHER = {name: other for pair in _SAME for name, other in (pair, pair[::-1])}


def other_name(name: Any) -> str | None:
    """Returns the other name of a log, or None if it has none.

    Example:
        >>> other_name("val_accuracy"), other_name("digit_acc"), other_name("loss")
        ('val_acc', 'digit_accuracy', None)
    """
    if not isinstance(name, str):
        return None
    for metric, other in _OTHER.items():
        if name == metric or name.endswith(f"_{metric}"):
            return name[: len(name) - len(metric)] + other
    return None


class Logs(dict[str, Any]):
    """A dict of logs that finds a metric under both of its names; it lists only one.

    Example:
        >>> logs = Logs(val_acc=0.5)
        >>> logs["val_accuracy"], logs.get("val_accuracy"), "val_accuracy" in logs, list(logs)
        (0.5, 0.5, True, ['val_acc'])
    """

    def __missing__(self, name: Any) -> Any:
        other = other_name(name)
        if other is not None and dict.__contains__(self, other):
            return dict.__getitem__(self, other)
        raise KeyError(name)

    def __contains__(self, name: Any) -> bool:
        return dict.__contains__(self, name) or dict.__contains__(self, other_name(name))

    def get(self, name: Any, default: Any = None) -> Any:
        """Returns the log, or the default if there is none under either name."""
        return self[name] if name in self else default  # noqa: SIM401 - this is `get`
