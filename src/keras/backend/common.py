"""Settings of the backend: its name, default float type, fuzz factor, image ordering, name counters.

Defaults come from `~/.keras/keras.json`, if it exists (it is read, never written). The environment variables
KERAS_BACKEND, KERAS_FLOATX, KERAS_EPSILON and KERAS_IMAGE_DIM_ORDERING take precedence. KERAS_HOME names
another folder than `~/.keras`.
"""

import json
import os
import warnings
from collections import defaultdict
from collections.abc import Callable
from typing import Any, cast

import jax
import numpy as np

from .._base.paths import keras_home
from .._graph import clear_inferred
from .._spelling import value_as_1x

_FLOATS = ("float16", "bfloat16", "float32", "float64")
_ORDERINGS = ("th", "tf")
_BACKENDS = ("jax", "tensorflow", "theano")
#: Engines of other versions of Keras, which read the same file and variable.
_OTHER_BACKENDS = ("cntk", "mxnet", "openvino", "torch")
_uids: defaultdict[str, int] = defaultdict(int)
_settings: dict[str, Any] = {
    "backend": "jax",
    "floatx": "float32",
    "epsilon": 1e-7,
    "image_dim_ordering": "th",
    "policy": None,
}
#: Policy -> the float type in which a layer computes.
_POLICIES = {"float32": "float32", "mixed_bfloat16": "bfloat16", "mixed_float16": "float16"}


def backend() -> str:
    """The name of the engine that programs are told: "jax", "tensorflow" or "theano".

    The engine is JAX in any case. Old programs compare the name, and then raise or leave out steps if it is
    another one than they were written for. The environment variable KERAS_BACKEND, or "backend" in
    keras.json, says which name they see; see docs/compat.md.
    """
    return _settings["backend"]


def _set_backend(name: str) -> None:
    if name in _OTHER_BACKENDS:
        name = "jax"  # the setting is meant for another Keras on this machine
    if name not in _BACKENDS:
        raise ValueError(
            f"unknown backend {name!r}; wanted one of {', '.join(_BACKENDS)}. JAX computes in any case: the "
            "name is only what K.backend() returns."
        )
    _settings["backend"] = name


def epsilon() -> float:
    """The fuzz factor that keeps logarithms and quotients finite."""
    return _settings["epsilon"]


def set_epsilon(e: float) -> None:
    """Sets the fuzz factor, a small positive float."""
    _settings["epsilon"] = float(e)
    clear_inferred()


def floatx() -> str:
    """The default float type: "float16", "bfloat16", "float32" or "float64"."""
    return _settings["floatx"]


def set_floatx(floatx: str) -> None:
    """Sets the default float type of variables and placeholders made from now on.

    Args:
        floatx: "float16", "bfloat16", "float32" or "float64".
    Raises:
        ValueError: for other names, and for other types than float32 while a policy is set (see
            `set_policy`).
    """
    if floatx not in _FLOATS:
        raise ValueError(f"set_floatx: got {floatx!r}; wanted one of {', '.join(_FLOATS)}.")
    if floatx != "float32" and policy() is not None:
        raise ValueError(
            f"set_floatx({floatx!r}): the policy {policy()!r} needs weights in float32. Call "
            "set_policy(None) first."
        )
    if floatx == "float64":
        # By default JAX narrows 64 bit types to 32 bits.
        jax.config.update("jax_enable_x64", True)
    _settings["floatx"] = floatx
    clear_inferred()


def policy() -> str | None:
    """The precision policy of layers made from now on; None if none is set."""
    return _settings["policy"]


def set_policy(policy: str | None) -> None:
    """Sets the float type in which layers made from now on compute. Their weights are always float32.

    Args:
        policy: "mixed_bfloat16" or "mixed_float16": layers compute in that type, except for ops that need
            the digits or the range of float32; training with float16 scales the loss. "float32": everything
            is computed in float32. None: layers compute in the types of their inputs.
    Raises:
        ValueError: for other names, or if `floatx` is not float32.

    A layer's own argument `policy` takes precedence. See docs/guide.md.

    Reference:
        Micikevicius et al. 2018, "Mixed precision training", arXiv:1710.03740.
    """
    _settings["policy"] = check_policy(policy, "set_policy")


def check_policy(policy: str | None, who: str) -> str | None:
    """Returns the policy if it is valid.

    Args:
        policy: str or None.
        who: str for messages.
    Raises:
        ValueError: for unknown names, or if `floatx` is not float32.
    """
    if policy is None:
        return None
    if policy not in _POLICIES:
        raise ValueError(f"{who}: unknown policy {policy!r}; wanted None or one of {', '.join(_POLICIES)}.")
    if floatx() != "float32":
        raise ValueError(
            f"{who}: the policy {policy!r} needs weights in float32, and floatx is {floatx()!r}. Call "
            "K.set_floatx('float32') first, or use no policy."
        )
    return policy


def policy_dtype(policy: str | None) -> str | None:
    """The float type in which a layer with this policy computes; None for None."""
    return None if policy is None else _POLICIES[policy]


def cast_to_floatx(x: Any) -> np.ndarray:
    """Converts an array-like to a numpy array in the default float type."""
    return np.asarray(x, dtype=jax.numpy.dtype(floatx()))


def image_dim_ordering() -> str:
    """The default order of image axes: "th" (samples, channels, rows, cols) or "tf" (channels last)."""
    return _settings["image_dim_ordering"]


def set_image_dim_ordering(dim_ordering: str) -> None:
    """Sets the default order of image axes, "th" or "tf".

    Raises:
        ValueError: for anything else.
    """
    _settings["image_dim_ordering"] = check_dim_ordering(dim_ordering)


def image_data_format() -> str:
    """`image_dim_ordering` in the terms of Keras 2: "channels_first" or "channels_last"."""
    return {"th": "channels_first", "tf": "channels_last"}[image_dim_ordering()]


def set_image_data_format(data_format: str) -> None:
    """`set_image_dim_ordering` in the terms of Keras 2: "channels_first" or "channels_last".

    Raises:
        ValueError: for anything else.
    """
    set_image_dim_ordering(cast(str, value_as_1x("data_format", data_format)))


def check_dim_ordering(dim_ordering: str) -> str:
    """Returns the ordering, with "default" replaced by the setting.

    Raises:
        ValueError: if it is not "th", "tf" or "default".
    """
    if dim_ordering == "default":
        return image_dim_ordering()
    if dim_ordering not in _ORDERINGS:
        raise ValueError(
            f'dim_ordering: got {dim_ordering!r}; wanted "th" (channels first), "tf" (channels last) '
            'or "default".'
        )
    return dim_ordering


def get_uid(prefix: str = "") -> int:
    """The next number for names that start with `prefix`: 1, 2, ..."""
    _uids[prefix] += 1
    return _uids[prefix]


def reset_uids() -> None:
    """Resets all name counters; the next numbers are 1."""
    _uids.clear()


def legacy_weight_ordering() -> bool:
    """Whether weights in files are in the order of Keras 1.0: always False."""
    return False


def set_legacy_weight_ordering(value: bool) -> None:
    """Does nothing; accepted for old programs.

    Raises:
        ValueError: if `value` is true: the ordering of Keras before 1.0.5 is not supported.
    """
    if value:
        raise ValueError(
            "set_legacy_weight_ordering(True): the ordering of Keras < 1.0.5 is not supported. Pass False."
        )


#: Environment variable -> the keys of keras.json that it overrides, with the functions that set them. If a
#: file has the keys of both Keras 2 and Keras 1, the latter counts.
_SOURCES: dict[str, dict[str, Callable[[Any], None]]] = {
    "KERAS_BACKEND": {"backend": _set_backend},
    "KERAS_FLOATX": {"floatx": set_floatx},
    "KERAS_EPSILON": {"epsilon": set_epsilon},
    "KERAS_IMAGE_DIM_ORDERING": {
        "image_data_format": set_image_data_format,
        "image_dim_ordering": set_image_dim_ordering,
    },
}


def _load_settings() -> None:
    path = keras_home() / "keras.json"
    try:
        given: Any = json.loads(path.read_text("utf-8")) if path.exists() else {}
        if not isinstance(given, dict):
            raise ValueError(f"it holds {type(given).__name__} {given!r}, not an object of settings")
    except (OSError, ValueError) as error:
        warnings.warn(f"{path} could not be read and is ignored: {error}", stacklevel=2)
        given = {}
    for variable, keys in _SOURCES.items():
        if os.environ.get(variable):
            _set([*keys.values()][-1], os.environ[variable], f"the environment variable {variable}")
            continue
        for key, setter in keys.items():
            if given.get(key) is not None:
                _set(setter, given[key], f'"{key}" in {path}')


def _set(setter: Callable[[Any], None], value: Any, source: str) -> None:
    try:
        setter(value)
    except (TypeError, ValueError) as error:
        raise ValueError(f"Keras cannot use {source}: {error}") from error


_load_settings()

# Private names of 1.2.2 that old programs read. As there, the first two keep the values at import.
_FLOATX, _EPSILON = _settings["floatx"], _settings["epsilon"]
_UID_PREFIXES = _uids
