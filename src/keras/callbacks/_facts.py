"""Promises: what a class of callbacks states about its own code, for the training loop to rely on.

The loop can run many batches as one program, keep the data on the device between epochs, and check names of
logs before it starts, but only if the callbacks permit it. A class states what it permits in `_promises`.

A promise covers the code in the body of the class that makes it, and it is not inherited: the code of a
subclass may do anything, so a subclass promises nothing until its own body says so. For this reason the
functions below look into `vars` of one class. Reading `callback._promises` would return an inherited value.
"""

import enum
from typing import Any


class Promise(enum.Flag):
    """The promises of a class of callbacks, combined with `|`."""

    NONE = 0
    #: The batch hooks need only the logs, and may be called after later batches have run.
    BATCH_HOOKS_MAY_LAG = enum.auto()
    #: No method writes to the arrays of training or validation data.
    DATA_UNCHANGED = enum.auto()
    #: `on_epoch_end` adds no logs other than the metrics of the training and 'lr'.
    LOGS_KNOWN = enum.auto()


def class_promises(callback: Any) -> Promise:
    """Returns what the class of a callback promises about all of its methods."""
    return vars(type(callback)).get("_promises", Promise.NONE)


def hook_promises(callback: Any, name: str) -> Promise:
    """Returns what the class that defines a hook promises about it.

    Args:
        callback: `Callback`.
        name: str, name of the hook.

    Returns:
        The promises of the class in whose body the hook is defined; none for a function that was assigned to
        the object.
    """
    hook = getattr(callback, name)
    function = getattr(hook, "__func__", None)
    if function is None:
        return Promise.NONE
    # The hook of a `LambdaCallback` may be a method of another callback, hence `__self__`.
    for cls in type(getattr(hook, "__self__", None)).__mro__:
        if vars(cls).get(name) is function:
            return vars(cls).get("_promises", Promise.NONE)
    return Promise.NONE


def defines(callback: Any, name: str) -> bool:
    """Whether the class of a callback defines an attribute in its own body."""
    return name in vars(type(callback))
