"""What in a file deserves a second look: code, names that nothing here knows, numbers that are none."""

import base64
import binascii
import contextlib
import re
from collections.abc import Iterator
from typing import Any

import numpy as np

from .._base.types import Config
from ..engine.files.registry import layer_class
from .contents import Contents

_READABLE = re.compile(rb"[\x20-\x7e]{3,}")
_MAX_SHOWN = 12


def suspicions(contents: Contents, config: Config | None) -> Iterator[str]:
    """Yields a sentence for each thing of this kind; reads the arrays.

    Args:
        contents: the open file.
        config: the config of its model in the words of Keras 1 or 2, or None.
    """
    if config is not None:
        yield from _in_config(config)
    for kind, arrays in [*contents.layers, ("the optimizer's state", contents.optimizer)]:
        for name, array in arrays:
            yield from _in_array(f"{kind}/{name}".strip("/"), array)


def _in_config(config: Config) -> Iterator[str]:
    for entry in entries(config):
        class_name, options = entry["class_name"], entry["config"]
        name = options.get("name") if isinstance(options, dict) else None
        who = f"layer {name!r} ({class_name})"
        if isinstance(options, dict):
            for key in ("function", "output_shape", "mode", "mask", "output_mask"):
                text = options.get(key)
                code = text[0] if isinstance(text, list) and text and isinstance(text[0], str) else text
                if options.get(f"{key}_type", "") == "lambda" and isinstance(code, str):
                    yield f"{who} has byte code as its {key}; nothing runs it. It mentions: {_mentions(code)}"
                elif class_name == "Lambda" and isinstance(text, dict) and "__lambda__" in str(text)[:200]:
                    yield f"{who} has byte code as its {key}; nothing runs it."
        if not _is_known(class_name):
            yield f"{who} is of a class that Keras 1 does not have; loading needs it in custom_objects."


def entries(config: Any) -> Iterator[Config]:
    """Yields each {"class_name": ..., "config": ...} of layers in a config, from the outside in."""
    stack = [config]
    while stack:
        item = stack.pop()
        if isinstance(item, dict):
            if isinstance(item.get("class_name"), str) and "config" in item:
                yield item
                inner = item["config"]
                if isinstance(inner, dict):
                    stack += [inner[key] for key in ("layers", "layer") if key in inner]
                else:
                    stack.append(inner)
        elif isinstance(item, list):
            stack += item[::-1]


def _is_known(class_name: str) -> bool:
    if class_name in ("Functional", "Container"):
        return True
    try:
        layer_class(class_name)
    except ValueError:
        return False
    return True


def _mentions(code: str) -> str:
    """Returns the readable parts of byte code, which are the names and texts that it uses."""
    raw = code.encode("latin-1", errors="replace")
    with contextlib.suppress(binascii.Error, ValueError):  # Keras 1 stored it as text
        raw = base64.b64decode(code.rpartition(":")[2], validate=True)
    words = list(dict.fromkeys(match.decode() for match in _READABLE.findall(raw)))
    return ", ".join(repr(word[:40]) for word in words[:_MAX_SHOWN]) or "nothing readable"


def _in_array(name: str, array: Any) -> Iterator[str]:
    if array.dtype.kind != "f":
        return
    values = array.read()
    # If an element is not finite, the minimum or the maximum is not.
    if values.size and not np.isfinite([values.min(), values.max()]).all():
        yield f"{name} has NaN or infinity: training had failed when it was saved."
