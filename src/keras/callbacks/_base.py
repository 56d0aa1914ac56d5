"""`Callback`, the base class, and `LambdaCallback`, which is made of functions."""

import warnings
from collections.abc import Callable
from typing import Any, ClassVar, TypeAlias, cast

from ._facts import Promise
from ._state import Kind, check_state

#: The `logs` of a hook: name -> value, mostly numbers. Callbacks may add to it.
Logs: TypeAlias = dict[str, Any]
#: The default of `logs`, None. The training loop always passes a dict; with this type, a type checker accepts
#: a hook that uses `logs` without a test for None.
NO_LOGS = cast(Logs, None)


class Callback:
    """Base class of callbacks. A subclass overrides the hooks that it needs.

    Attributes:
        params: dict of the training: 'batch_size' (int, or None), 'nb_epoch', 'nb_sample' (samples in an
            epoch; batches if those are counted; None if not known), 'verbose', 'do_validation', 'metrics'
            (list of the names that logs may have), 'resumed' (whether the training continues from a
            `TrainingCheckpoint`).
        model: the model that is trained.
        state_attributes: tuple of str, names of the attributes that a resumed training needs. Their values
            are None, bools, numbers, strings, NumPy arrays, and lists and dicts of these.

    Example:
        >>> class LossHistory(Callback):
        ...     state_attributes = ('losses',)
        ...     def on_train_begin(self, logs=None):
        ...         self.losses = []
        ...     def on_batch_end(self, batch, logs=None):
        ...         self.losses.append(logs['loss'])
    """

    # Both are None until training begins; the types are those that hooks see.
    params: dict[str, Any] = cast(dict[str, Any], None)
    model: Any = None
    state_attributes: tuple[str, ...] = ()

    #: Of a built-in callback: the kind of each value that its state must have.
    _state_kinds: ClassVar[dict[str, Kind]] = {}

    #: What this class permits the training loop to do. Not inherited, see `_facts`.
    _promises: ClassVar[Promise] = Promise.BATCH_HOOKS_MAY_LAG | Promise.DATA_UNCHANGED | Promise.LOGS_KNOWN
    #: Whether the hooks are called after those of all other callbacks. Subclasses inherit it.
    _runs_last: ClassVar[bool] = False

    def __init__(self) -> None:
        pass

    def get_state(self) -> dict[str, Any]:
        """Returns the values of `state_attributes`, by name, for a `TrainingCheckpoint`."""
        return {name: getattr(self, name) for name in self.state_attributes if hasattr(self, name)}

    def set_state(self, state: dict[str, Any]) -> None:
        """Restores what `get_state` returned.

        It is called when training is resumed: after `on_train_begin` and, within an epoch, after
        `on_epoch_begin` of that epoch.
        """
        for name, value in state.items():
            if name in self.state_attributes:
                setattr(self, name, value)

    def _check_state(self, state: dict[str, Any]) -> None:
        """Raises ValueError if a state from a file is not one that `get_state` returns. Changes nothing."""
        # A subclass may have another state.
        check_state(state, vars(type(self)).get("_state_kinds", {}))

    def set_params(self, params: dict[str, Any]) -> None:
        """Receives the parameters of the training."""
        self.params = params

    def set_model(self, model: Any) -> None:
        """Receives the model that is trained."""
        self.model = model

    def on_epoch_begin(self, epoch: int, logs: Logs = NO_LOGS) -> None:
        """Called before an epoch.

        Args:
            epoch: int, number of the epoch, from 0.
            logs: empty dict.
        """

    def on_epoch_end(self, epoch: int, logs: Logs = NO_LOGS) -> None:
        """Called after an epoch.

        Args:
            epoch: int, number of the epoch, from 0.
            logs: dict of the averages over the epoch, and of the validation results under 'val_...'.
        """

    def on_batch_begin(self, batch: int, logs: Logs = NO_LOGS) -> None:
        """Called before a batch.

        Args:
            batch: int, number of the batch in its epoch, from 0.
            logs: dict with 'batch' and 'size', the number of samples.
        """

    def on_batch_end(self, batch: int, logs: Logs = NO_LOGS) -> None:
        """Called after a batch.

        Args:
            batch: int, number of the batch in its epoch, from 0.
            logs: dict with 'batch', 'size' and the loss and metrics of the batch.
        """

    def on_train_begin(self, logs: Logs = NO_LOGS) -> None:
        """Called before the first epoch; `logs` is an empty dict."""

    def on_train_end(self, logs: Logs = NO_LOGS) -> None:
        """Called after the last epoch; `logs` is an empty dict."""

    def _required_log(self) -> str | None:
        """Returns the name of the log that the callback needs, or None.

        It is called only if the object's own class defines it, because a subclass may add the log itself.
        """
        return None

    def _batches_between_stops(self) -> int | None:
        """Returns after how many batches the loop must stop, so that the model has the state of that batch.

        None means that it need not. Subclasses inherit it.
        """
        return None


class LambdaCallback(Callback):
    """Callback made of functions.

    Args:
        on_epoch_begin: function of (epoch, logs), or None.
        on_epoch_end: function of (epoch, logs), or None.
        on_batch_begin: function of (batch, logs), or None.
        on_batch_end: function of (batch, logs), or None.
        on_train_begin: function of (logs), or None.
        on_train_end: function of (logs), or None.
        **kwargs: further attributes of the object.

    Example:
        >>> show = LambdaCallback(on_epoch_end=lambda epoch, logs: print(epoch, logs['loss']))
        >>> show.on_epoch_end(0, {'loss': 0.5})
        0 0.5
    """

    _promises = Promise.NONE  # the functions may do anything

    def __init__(
        self,
        on_epoch_begin: Callable[[int, Logs], Any] | None = None,
        on_epoch_end: Callable[[int, Logs], Any] | None = None,
        on_batch_begin: Callable[[int, Logs], Any] | None = None,
        on_batch_end: Callable[[int, Logs], Any] | None = None,
        on_train_begin: Callable[[Logs], Any] | None = None,
        on_train_end: Callable[[Logs], Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__()
        self.__dict__.update(kwargs)
        hooks = {
            "on_epoch_begin": on_epoch_begin,
            "on_epoch_end": on_epoch_end,
            "on_batch_begin": on_batch_begin,
            "on_batch_end": on_batch_end,
            "on_train_begin": on_train_begin,
            "on_train_end": on_train_end,
        }
        self.__dict__.update({name: hook for name, hook in hooks.items() if hook is not None})


def warn(message: str, category: type[Warning] = RuntimeWarning) -> None:
    """Issues a warning at the line that called the caller."""
    warnings.warn(message, category, stacklevel=3)
