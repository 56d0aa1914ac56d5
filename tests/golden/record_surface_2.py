"""Records surface_2.json: what Keras 2.3.1 lets users import.

Needs Keras 2.3.1 on TensorFlow 1.15 (Python 3.6), not this project:

    KERAS_BACKEND=tensorflow python record_surface_2.py

Module -> public name -> its kind and the text of its signature. Only names that are defined in Keras count,
not modules of others that its files import.
"""

import contextlib
import importlib
import inspect
import json
import os
import pkgutil
import types

import keras

FOLDER = os.path.dirname(os.path.abspath(__file__))
#: Other engines, and modules that only forward to these.
LEFT_OUT = ("keras.backend.", "keras.legacy", "keras.utils.test_utils", "keras.tests")


def modules():
    yield "keras"
    for found in pkgutil.walk_packages(keras.__path__, "keras."):
        if not found.name.startswith(LEFT_OUT):
            yield found.name


def is_keras(value):
    home = value.__name__ if isinstance(value, types.ModuleType) else getattr(value, "__module__", "") or ""
    return home.split(".")[0] in ("keras", "keras_applications", "keras_preprocessing")


def described(value):
    if isinstance(value, types.ModuleType):
        return {"kind": "module"}
    kind = "class" if inspect.isclass(value) else "function" if callable(value) else "value"
    facts = {"kind": kind}
    if kind != "value":
        with contextlib.suppress(TypeError, ValueError):
            facts["signature"] = str(inspect.signature(value))
    if kind == "class":
        facts["methods"] = sorted(
            name for name in dir(value) if not name.startswith("_") and callable(getattr(value, name, None))
        )
    return facts


def main():
    recorded = {}
    for name in modules():
        items = vars(importlib.import_module(name)).items()
        public = {
            key: described(value) for key, value in items if not key.startswith("_") and is_keras(value)
        }
        if public:
            recorded[name] = public
    with open(os.path.join(FOLDER, "surface_2.json"), "w") as file:
        json.dump(recorded, file, indent=1, sort_keys=True)
        file.write("\n")
    print(sum(map(len, recorded.values())), "names in", len(recorded), "modules")


if __name__ == "__main__":
    main()
