"""Settings of the backend: default float type, fuzz factor, image dimension ordering, name counters.

Defaults come from `~/.keras/keras.json` where there is one (it is read, never written), then from the
environment: KERAS_FLOATX, KERAS_EPSILON, KERAS_IMAGE_DIM_ORDERING. KERAS_HOME names another folder
than `~/.keras`.
"""

import json
import os
import warnings
from collections import defaultdict

import jax
import numpy as np

from .._base.paths import keras_home
from .._graph import clear_inferred
from .._spelling import value_as_1x

_FLOATS = ("float16", "bfloat16", "float32", "float64")
_ORDERINGS = ("th", "tf")
_uids = defaultdict(int)
_settings = {"floatx": "float32", "epsilon": 1e-7, "image_dim_ordering": "th", "policy": None}
#: Policy -> the float type in which a layer computes.
_POLICIES = {"float32": "float32", "mixed_bfloat16": "bfloat16", "mixed_float16": "float16"}


def backend():
    """The name of the engine, "jax"."""
    return "jax"


def epsilon():
    """The fuzz factor that keeps logarithms and quotients finite, a float."""
    return _settings["epsilon"]


def set_epsilon(e):
    """Sets the fuzz factor, a small positive float."""
    _settings["epsilon"] = float(e)
    clear_inferred()


def floatx():
    """The default float type, as a string: "float16", "bfloat16", "float32" or "float64"."""
    return _settings["floatx"]


def set_floatx(floatx):
    """Sets the default float type of variables and placeholders made from now on.

    Raises:
        ValueError: for another name than "float16", "bfloat16", "float32", "float64", or for another type
            than float32 while there is a policy (see `set_policy`).
    """
    if floatx not in _FLOATS:
        raise ValueError(f"set_floatx: got {floatx!r}; wanted one of {', '.join(_FLOATS)}.")
    if floatx != "float32" and policy() is not None:
        raise ValueError(
            f"set_floatx({floatx!r}): the policy {policy()!r} wants weights in float32. Call "
            "set_policy(None) first."
        )
    if floatx == "float64":
        # JAX narrows 64 bit types to 32 bits unless told otherwise.
        jax.config.update("jax_enable_x64", True)
    _settings["floatx"] = floatx
    clear_inferred()


def policy():
    """The policy of layers made from now on, a str; None where no one set one."""
    return _settings["policy"]


def set_policy(policy):
    """Sets in which float type layers made from now on compute. Their weights are float32 always.

    Args:
        policy: "mixed_bfloat16" or "mixed_float16": layers compute in that type, but for what needs the
            digits or the range of float32; training with float16 scales the loss. "float32": all is
            computed in float32. None: no one asked, and tensors stay as they come.
    Raises:
        ValueError: for another name, or if `floatx` is not float32.

    A layer's own argument `policy` goes before. docs/guide.md tells more.

    Reference:
        Micikevicius et al. 2018, "Mixed precision training", arXiv:1710.03740.
    """
    _settings["policy"] = check_policy(policy, "set_policy")


def check_policy(policy, who):
    """The policy, if there is one of that name.

    Args:
        policy: str or None.
        who: str for messages.
    Raises:
        ValueError: for another name, or if `floatx` is not float32.
    """
    if policy is None:
        return None
    if policy not in _POLICIES:
        raise ValueError(f"{who}: unknown policy {policy!r}; wanted None or one of {', '.join(_POLICIES)}.")
    if floatx() != "float32":
        raise ValueError(
            f"{who}: the policy {policy!r} wants weights in float32, and floatx is {floatx()!r}. Call "
            "K.set_floatx('float32') first, or do without a policy."
        )
    return policy


def policy_dtype(policy):
    """The float type in which a layer with this policy computes, a str; None for None."""
    return None if policy is None else _POLICIES[policy]


def cast_to_floatx(x):
    """A numpy array of `x` in the default float type."""
    return np.asarray(x, dtype=jax.numpy.dtype(floatx()))


def image_dim_ordering():
    """The default place of the channels axis: "th" (samples, channels, rows, cols) or "tf" (last)."""
    return _settings["image_dim_ordering"]


def set_image_dim_ordering(dim_ordering):
    """Sets the default place of the channels axis, "th" or "tf".

    Raises:
        ValueError: for anything else.
    """
    _settings["image_dim_ordering"] = check_dim_ordering(dim_ordering)


def image_data_format():
    """`image_dim_ordering` in Keras 2's words: "channels_first" or "channels_last"."""
    return {"th": "channels_first", "tf": "channels_last"}[image_dim_ordering()]


def set_image_data_format(data_format):
    """`set_image_dim_ordering` in Keras 2's words, "channels_first" or "channels_last".

    Raises:
        ValueError: for anything else.
    """
    set_image_dim_ordering(value_as_1x("data_format", data_format))


def check_dim_ordering(dim_ordering):
    """The ordering, with "default" replaced by the setting.

    Raises:
        ValueError: if it is none of "th", "tf", "default".
    """
    if dim_ordering == "default":
        return image_dim_ordering()
    if dim_ordering not in _ORDERINGS:
        raise ValueError(
            f'dim_ordering: got {dim_ordering!r}; wanted "th" (channels first), "tf" (channels last) '
            'or "default".'
        )
    return dim_ordering


def get_uid(prefix=""):
    """The next number for names that start with `prefix`: 1, 2, ..."""
    _uids[prefix] += 1
    return _uids[prefix]


def reset_uids():
    """Starts all name counters again at 1."""
    _uids.clear()


def legacy_weight_ordering():
    """Whether weights of files are in the order of Keras 1.0; always False here, as in 1.2.2."""
    return False


def set_legacy_weight_ordering(value):
    """Accepted for old programs.

    Raises:
        ValueError: if `value` is true: the ordering of Keras before 1.0.5 is not kept.
    """
    if value:
        raise ValueError("set_legacy_weight_ordering(True): the ordering of Keras < 1.0.5 is not kept.")


def _load_settings():
    path = keras_home() / "keras.json"
    try:
        given = json.loads(path.read_text()) if path.exists() else {}
    except (OSError, ValueError) as error:
        warnings.warn(f"{path} could not be read and is ignored: {error}", stacklevel=2)
        given = {}
    setters = {
        "floatx": set_floatx,
        "epsilon": set_epsilon,
        "image_dim_ordering": set_image_dim_ordering,
    }
    for name, setter in setters.items():
        value = os.environ.get(f"KERAS_{name.upper()}", given.get(name))
        if value is not None:
            setter(value)


_load_settings()

# What programs of the time reach for. As in 1.2.2 the first two are the values at import, and stay.
_FLOATX, _EPSILON = _settings["floatx"], _settings["epsilon"]
_UID_PREFIXES = _uids
