"""What the stand-ins say about names that they lack."""

import difflib
from collections.abc import Mapping
from typing import Any

from .. import backend as K


def missing(module: str, name: str, names: Mapping[str, Any], hints: Mapping[str, str]) -> AttributeError:
    """Returns the error for a name that a stand-in lacks: what it has nearby, and what to use instead.

    Args:
        module: the module as programs know it, such as "tensorflow.nn".
        name: the missing name.
        names: the globals of the stand-in.
        hints: name -> what to use instead.
    """
    if name.startswith("__"):  # Python itself asks for such names
        return AttributeError(f"module {module!r} has no attribute {name!r}")
    text = f"The stand-in of keras.compat for {module} has no {name!r}."
    if name in hints:
        text += f" Use {hints[name]}."
    else:
        near = _near(name, [key for key in names if not key.startswith("_")])
        text += f" It has {', '.join(near)}." if near else ""
        of_k = _near(name, [key for key in dir(K) if not key.startswith("_")])
        text += f" K has {', '.join(of_k)}." if of_k else ""
        text += " Write the step with functions of K, or with jax.numpy in a function decorated with @K.op."
    return AttributeError(text)


def _near(name: str, names: list[str]) -> list[str]:
    close = difflib.get_close_matches(name, names, n=4)
    words = [word for word in name.lower().split("_") if len(word) > 3]
    return list(dict.fromkeys([*close, *(key for key in names if any(word in key for word in words))]))[:8]
