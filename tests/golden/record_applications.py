"""Records applications.json.xz and applications.npz: what the models of keras.applications are and answer;
and music_tagger.weights.h5.xz, a file of weights.

Needs the original (Keras 1.2.2 on TensorFlow 1.2, Python 3.6), not this project:

    KERAS_BACKEND=tensorflow python record_applications.py

`tests/applications` runs the functions of this file on this project, and compares the answers.
"""

import importlib
import json
import lzma
import os
import subprocess
import sys
import warnings

import numpy as np

from keras import backend as K
from keras.engine import Input
from keras.layers import Activation

FOLDER = os.path.dirname(os.path.abspath(__file__))
MODULES = {
    "VGG16": "vgg16",
    "VGG19": "vgg19",
    "ResNet50": "resnet50",
    "InceptionV3": "inception_v3",
    "Xception": "xception",
    "MusicTaggerCRNN": "music_tagger_crnn",
}
#: The least sizes, and others that meet roundings.
SIZES = {
    "VGG16": (48, 61),
    "VGG19": (53, 48),
    "ResNet50": (197, 230),
    "InceptionV3": (139, 160),
    "Xception": (71, 90),
}

#: What is asked for an answer.
PREDICTIONS = [
    ("VGG16", "th", {"include_top": False, "input_shape": [3, 64, 48]}),
    ("VGG19", "tf", {"include_top": False, "input_shape": [3, 64, 48]}),
    ("ResNet50", "th", {"include_top": False, "input_shape": [3, 200, 200]}),
    ("InceptionV3", "tf", {"include_top": False, "input_shape": [3, 139, 139]}),
    ("Xception", "tf", {"include_top": False, "input_shape": [3, 71, 71]}),
    ("MusicTaggerCRNN", "th", {}),
    ("MusicTaggerCRNN", "tf", {}),
]
WEIGHT_FILE = "music_tagger.weights.h5.xz"


def variants():
    """Yields the (model, image ordering, arguments as those of `build`) to describe."""
    for name in MODULES:
        for ordering in ("th", "tf"):
            yield name, ordering, {}
            yield name, ordering, {"include_top": False}
            if name == "MusicTaggerCRNN":
                yield name, ordering, {"include_top": False, "tensor": "step", "input_shape": [1, 96, 1366]}
                yield name, ordering, {"classes": 7}
            else:
                small = {"include_top": False, "input_shape": [3] + list(SIZES[name])}
                yield name, ordering, dict(small, tensor="step")
    yield "ResNet50", "th", {"include_top": False, "input_shape": [3, 200, 200], "tensor": "input"}
    yield "ResNet50", "tf", {"classes": 7}
    yield "InceptionV3", "th", {"classes": 7}
    yield "Xception", "tf", {"classes": 7}


def module_of(name):
    return importlib.import_module("keras.applications." + MODULES[name])


def ordered(shape, ordering):
    return tuple(shape) if ordering == "th" else tuple(shape[1:] + shape[:1])


def build(name, ordering, arguments, weights=None):
    """The model, and the texts of the warnings while it was made.

    An "input_shape" of the arguments is channels first. "tensor" makes an input tensor of that shape: "input"
    an `Input` by the name of images, "step" a layer's output.
    """
    K.clear_session()
    arguments = dict(arguments)
    # Xception has one ordering, whatever is set.
    shape = arguments.get("input_shape")
    if shape:
        arguments["input_shape"] = ordered(shape, "tf" if name == "Xception" else ordering)
    kind = arguments.pop("tensor", None)
    if kind:
        tensor = Input(arguments["input_shape"], name="images")
        arguments["input_tensor"] = Activation("relu", name="step")(tensor) if kind == "step" else tensor
    if name == "MusicTaggerCRNN":
        arguments.pop("input_shape", None)
    K.set_image_dim_ordering(ordering)
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        model = getattr(module_of(name), name)(weights=weights, **arguments)
    return model, [str(w.message) for w in said if w.category is UserWarning]


def describe(name, ordering, arguments):
    """Plain data that tell the model's graph, settings and weights, in their order."""
    model, said = build(name, ordering, arguments)
    return {
        "config": model.get_config(),
        "weights": [[w.name.split(":")[0], list(K.int_shape(w))] for w in model.weights],
        "in_layers": [[w.name.split(":")[0] for w in layer.weights] for layer in model.layers],
        "trainable": [w.name.split(":")[0] for w in model.trainable_weights],
        "output_shapes": [layer.output_shape for layer in model.layers],
        "parameters": int(model.count_params()),
        "warns": len(said),
        "ordering_after": K.image_dim_ordering(),
    }


def weights_rule(name, ordering, include_top):
    """Which file is asked for and loaded, and whether kernels are mirrored and warnings given then."""
    module, rule = module_of(name), {"mirrored": False}
    real = {
        key: getattr(module, key)
        for key in ("get_file", "convert_all_kernels_in_model")
        if hasattr(module, key)
    }
    model_class = module.Model
    load = model_class.load_weights

    def get_file(fname, origin, **kwargs):
        rule["file"] = dict(kwargs, fname=fname, origin=origin)
        return fname

    def load_weights(self, filepath, by_name=False):
        rule["loaded"] = [filepath, by_name]

    module.get_file, model_class.load_weights = get_file, load_weights
    module.convert_all_kernels_in_model = lambda model: rule.update(mirrored=True)
    try:
        known = "msd" if name == "MusicTaggerCRNN" else "imagenet"
        model, said = build(name, ordering, {"include_top": include_top}, known)
    finally:
        model_class.load_weights = load
        for key, value in real.items():
            setattr(module, key, value)
    return dict(rule, name=model.name, says=said)


def in_order(model):
    """The weights in the order of `get_weights`, which is not that of `model.weights`."""
    return [variable for layer in model.layers for variable in layer.weights]


def seeded_weights(model, ordering):
    """Weights, in the order of `get_weights`, under which values neither vanish nor explode."""
    weights = []
    for number, variable in enumerate(in_order(model)):
        random, shape = np.random.RandomState(number), K.int_shape(variable)
        if len(shape) > 1:
            inputs = np.prod(shape[1:] if ordering == "th" and len(shape) == 4 else shape[:-1])
            values = random.uniform(-1, 1, shape) * np.sqrt(6.0 / inputs)  # He et al. 2015, arXiv:1502.01852
        elif "gamma" in variable.name or "running_std" in variable.name:
            values = random.uniform(0.5, 1.5, shape)
        else:
            values = random.uniform(-0.2, 0.2, shape)
        weights.append(values.astype("float32"))
    return weights


def prediction(name, ordering, arguments):
    """What the model makes of a seeded input under seeded weights."""
    model, _ = build(name, ordering, arguments)
    model.set_weights(seeded_weights(model, ordering))
    x = np.random.RandomState(99).uniform(-1, 1, (1,) + tuple(model.input_shape[1:]))
    return model.predict(x.astype("float32"))


def patterned_weights(model):
    """Weights that tell their places, and that a packed file has room for."""
    shapes = [K.int_shape(variable) for variable in in_order(model)]
    return [
        ((np.arange(np.prod(shape)) + i) % 7 / 8.0).astype("float32").reshape(shape)
        for i, shape in enumerate(shapes)
    ]


def preprocessed():
    """What the functions `preprocess_input` make of seeded images."""
    answers = {}
    for module in ("imagenet_utils", "inception_v3", "xception"):
        function = importlib.import_module("keras.applications." + module).preprocess_input
        for ordering, shape in (("th", (2, 3, 2, 4)), ("tf", (2, 2, 4, 3))):
            x = np.random.RandomState(7).uniform(0, 255, shape).astype("float32")
            arguments = {"dim_ordering": ordering} if module == "imagenet_utils" else {}
            answers[f"preprocessed/{module}/{ordering}"] = function(x.copy(), **arguments)
    return answers


def record(name):
    """All answers about one model: plain data, and arrays by name."""
    orderings = ("th", "tf")
    models = [[n, o, a, describe(n, o, a)] for n, o, a in variants() if n == name]
    weights = [[name, o, top, weights_rule(name, o, top)] for o in orderings for top in (True, False)]
    arrays = {"/".join(case[:2]): prediction(*case) for case in PREDICTIONS if case[0] == name}
    return {"models": models, "weights": weights}, arrays


def main(part=None):
    if part is None:  # a process for each: TensorFlow gives no memory back
        parts = []
        for name in MODULES:
            subprocess.check_call([sys.executable, "-W", "ignore", os.path.abspath(__file__), name])
            with open(name + ".json") as file:
                parts.append((json.load(file), dict(np.load(name + ".npz"))))
            os.remove(name + ".json")
            os.remove(name + ".npz")
        answers = {key: [row for data, _ in parts for row in data[key]] for key in ("models", "weights")}
        with lzma.open(os.path.join(FOLDER, "applications.json.xz"), "wt", preset=9) as file:
            json.dump(answers, file, sort_keys=True)
        arrays = preprocessed()
        for _, more in parts:
            arrays.update(more)
        np.savez_compressed(os.path.join(FOLDER, "applications.npz"), **arrays)
        model, _ = build("MusicTaggerCRNN", "th", {})
        model.set_weights(patterned_weights(model))
        model.save_weights("music.h5")
        with open("music.h5", "rb") as file, lzma.open(os.path.join(FOLDER, WEIGHT_FILE), "wb") as packed:
            packed.write(file.read())
        os.remove("music.h5")
    else:
        answers, arrays = record(part)
        with open(part + ".json", "w") as file:
            json.dump(answers, file, default=int)
        np.savez(part + ".npz", **arrays)


if __name__ == "__main__":
    main(*sys.argv[1:])
