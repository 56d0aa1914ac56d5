"""Writes keras3/upgrade.json: the names of Keras 3, and the shapes of the upgraded guide under Keras 3.

    python tests/golden/record_keras3_upgrade.py keras3/guide_upgraded.txt keras3/upgrade.json

Run by Keras 3.15.1 with KERAS_BACKEND=jax. The program is what `python -m keras upgrade --image-ordering th`
makes of the 21 blocks of specification_blocks.md, with 64 x 64 pixels in place of 224 x 224, and one epoch.
"""

import json
import os
import sys
import types

os.environ["KERAS_BACKEND"] = "jax"
import numpy as np

import keras

SAMPLES = 8
#: Modules without names that programs of Keras 1 need.
OTHERS = (
    *("src", "legacy", "api", "quantizers", "visualization", "distillation", "tree", "mixed_precision"),
    *("dtype_policies", "distribution", "bounding_boxes", "image", "linalg", "nn", "numpy"),
)


def names(module, path, found):
    """Adds {path: names} of a module and those inside it."""
    public = [name for name in dir(module) if not name.startswith("_")]
    values = {name: getattr(module, name) for name in public}
    found[path] = [name for name in public if not isinstance(values[name], types.ModuleType)]
    for name, value in values.items():
        inner = f"{path}.{name}"
        if isinstance(value, types.ModuleType) and inner.count(".") < 3 and name not in OTHERS:
            names(value, inner, found)
    return found


def data(draw):
    """Returns the arrays that the guide assumes."""
    characters = draw.randint(256, size=(2, SAMPLES, 140))
    a, b = np.eye(256, dtype="float32")[characters]
    return {
        "data": draw.random_sample((SAMPLES, 784)),
        "headline_data": draw.randint(1, 10000, size=(SAMPLES, 100)),
        "additional_data": draw.random_sample((SAMPLES, 5)),
        "data_a": a,
        "data_b": b,
        "labels": np.eye(10)[draw.randint(10, size=SAMPLES)],
    }


def shapes(namespace):
    """Returns {name: shape} of the tensors, and {name: [input, output, number of weights]} of the models."""
    found = {}
    for name, value in sorted(namespace.items()):
        if isinstance(value, keras.Model):
            found[name] = [value.input_shape, value.output_shape, value.count_params()]
        elif isinstance(value, keras.KerasTensor):
            found[name] = value.shape
    return found


def main(path, out):
    namespace = data(np.random.RandomState(0))
    with open(path) as file:
        parts = file.read().split("from keras.layers import Input, Embedding", 1)
    for number, part in enumerate(parts):
        if number:
            part = "from keras.layers import Input, Embedding" + part
            namespace["labels"] = np.random.RandomState(1).randint(2, size=(SAMPLES, 1)).astype("float32")
        exec(compile(part, path, "exec"), namespace)
    found = {"names": names(keras, "keras", {}), "shapes": shapes(namespace)}
    parts = [f'"{part}": {{\n{rows(values)}\n}}' for part, values in found.items()]
    with open(out, "w") as file:
        file.write("{" + ",\n".join(parts) + "}\n")


def rows(values):
    """Returns a dict as JSON with a line for each key."""
    return ",\n".join(f" {json.dumps(key)}: {json.dumps(value)}" for key, value in values.items())


if __name__ == "__main__":
    main(*sys.argv[1:])
