"""Where Keras 3 puts the arrays of a layer.

Reference:
    Keras 3, saving/saving_lib.py: `_save_state`, `_save_container_state`.
"""

import re

from .._base.types import Config

_MODELS = ("Functional", "Model", "Sequential")
_RECURRENT = ("LSTM", "GRU", "SimpleRNN", "ConvLSTM2D")


def snake_case(name: str) -> str:
    """Returns the name of a class as Keras 3 spells it in paths.

    Example:
        >>> snake_case("BatchNormalization"), snake_case("Conv2D"), snake_case("PReLU")
        ('batch_normalization', 'conv2d', 'p_re_lu')
    """
    name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()


def keys_of(layers: list[Config]) -> list[str]:
    """Returns the key of each layer of a container: its class, numbered from the second on."""
    seen: dict[str, int] = {}
    keys = []
    for layer in layers:
        key = snake_case(str(layer.get("class_name")))
        seen[key] = seen.get(key, -1) + 1
        keys.append(key if not seen[key] else f"{key}_{seen[key]}")
    return keys


def paths_of_arrays(entry: Config, prefix: str = "") -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Returns (names of the layers from the outside in, paths of its `vars`) for each layer of a model.

    Args:
        entry: the config of a model of Keras 3.
        prefix: path of the model, "" or ending in "/".
    """
    return _inside(entry["config"]["layers"], f"{prefix}layers/")


def _inside(layers: list[Config], prefix: str) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    found: list[tuple[tuple[str, ...], tuple[str, ...]]] = []
    for layer, key in zip(layers, keys_of(layers), strict=True):
        name = layer["config"].get("name")
        found += [((name, *inner), place) for inner, place in _paths(layer, f"{prefix}{key}/")]
    return found


def _paths(layer: Config, path: str) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    class_name, config = layer["class_name"], layer["config"]
    if class_name in _MODELS:
        return paths_of_arrays(layer, path)
    if class_name == "StackedRNNCells":
        return _inside(config["cells"], f"{path}cells/")
    if class_name == "MultiHeadAttention":
        return [((), tuple(f"{path}{part}_dense/vars" for part in ("query", "key", "value", "output")))]
    parts = {
        "Bidirectional": {"forward": "forward_layer/", "backward": "backward_layer/"},
        "TimeDistributed": {"layer": "layer/"},
        "RNN": {"cell": "cell/"},
    }.get(class_name)
    if parts is None:
        return [((), (f"{path}cell/vars" if class_name in _RECURRENT else f"{path}vars",))]
    return [
        ((name, *inner), place)
        for name, part in parts.items()
        for inner, place in _paths(config["cell" if class_name == "RNN" else "layer"], f"{path}{part}")
    ]
