"""Records reexports.json: what the original's modules let users import that is defined in another of them.

Needs the original (Keras 1.2.2 on TensorFlow 1.2, Python 3.6), not this project:

    KERAS_BACKEND=tensorflow python record_reexports.py

Programs of the time import `MaxPooling2D` from `keras.layers.convolutional`, K from `keras.layers.core`.
They also use `np` or `warnings` after `from keras.layers import *`. Module -> name -> the module that the
name is, or where it is defined. The modules are those of surface.json, without the backend (whose engine's
names are not ours), the leaves of the package, and `layer_utils`, which reaches all of `layers`.
"""

import importlib
import json
import os
import types

FOLDER = os.path.dirname(os.path.abspath(__file__))
LEFT_OUT = (
    "keras.applications",
    "keras.backend",
    "keras.datasets",
    "keras.utils.layer_utils",
    "keras.utils.visualize_util",
    "keras.wrappers",
)
#: Modules of others that programs use without importing them.
OTHERS = (
    "copy csv functools inspect json marshal numpy os re string sys threading time types warnings".split()
)


def home(value):
    if isinstance(value, types.ModuleType):
        return value.__name__
    return getattr(value, "__module__", None) or ""


def is_other(value):
    return isinstance(value, types.ModuleType) and value.__name__ in OTHERS


def main():
    with open(os.path.join(FOLDER, "surface.json")) as file:
        modules = [name for name in json.load(file) if "." in name and not name.startswith(LEFT_OUT)]
    recorded = {}
    for name in modules:
        items = vars(importlib.import_module(name))
        found = {key: home(value) for key, value in items.items() if not key.startswith("_")}
        found = {
            key: where
            for key, where in found.items()
            if where != name and (where.startswith("keras.") or is_other(items[key]))
        }
        if found:
            recorded[name] = found
    with open(os.path.join(FOLDER, "reexports.json"), "w") as file:
        json.dump(recorded, file, indent=1, sort_keys=True)
        file.write("\n")


if __name__ == "__main__":
    main()
