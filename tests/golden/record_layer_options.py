"""Records layer_options.json and layer_options.npz: options of layers that layers.json does not cover.

Needs the original (Keras 1.2.2 on TensorFlow 1.2, Python 3.6), not this project:

    KERAS_BACKEND=tensorflow python record_layer_options.py

The form is that of layers.json. Options of a case: `ordering`; `mask`: a Masking layer with that value
stands before; `int_max`: inputs are ints below it; `train`: learning phase 1, and updates are made;
`runs`: the function runs so often, updates made, and the last answer counts; `grid`: inputs and weights
are multiples of it, so that many lie on kinks; `any_batch`: the batch size is not told to the layer.
"""

import copy
import json
import os

import numpy as np

from keras import backend as K
from keras import layers as L
from keras.utils.layer_utils import layer_from_config

FOLDER = os.path.dirname(os.path.abspath(__file__))
CASES = []


def add(cls, *shapes, **kwargs):
    """Adds a case; kwargs: those of the layer, and `options`."""
    options = kwargs.pop("options", {})
    CASES.append((cls, [list(shape) for shape in shapes], kwargs, options))


def both(cls, shape, **kwargs):
    """Adds a case for each ordering; `shape` and `output_shape` are channels last, without the samples."""
    for ordering in ("th", "tf"):
        mine = dict(kwargs, dim_ordering=ordering, options={"ordering": ordering})
        steps = shape[:-3] if cls == "ConvLSTM2D" else ()
        image = shape[len(steps) :]
        if "output_shape" in mine:
            mine["output_shape"] = [None] + ordered(mine["output_shape"], ordering)
        add(cls, [2] + list(steps) + ordered(image, ordering), **mine)


def ordered(image, ordering):
    image = list(image)
    return image[-1:] + image[:-1] if ordering == "th" else image


def inner(name, **kwargs):
    return {"class_name": name, "config": kwargs}


# Relatives of Dense
add("MaxoutDense", (3, 4), output_dim=2, nb_feature=3, bias=False)
add("Highway", (3, 4), bias=False, activation="relu")
add("TimeDistributedDense", (2, 4, 3), output_dim=2, activation="tanh", bias=False, options={"mask": 0.0})
add("Dense", (2, 4, 3), output_dim=2, activation="relu")

# Convolutions
add(
    "Convolution1D",
    (2, 8, 3),
    nb_filter=2,
    filter_length=4,
    border_mode="same",
    activation="tanh",
    bias=False,
)
add("Convolution1D", (2, 8, 3), nb_filter=2, filter_length=3, subsample_length=3)
add("AtrousConvolution1D", (2, 9, 2), nb_filter=3, filter_length=2, atrous_rate=3, border_mode="same")
conv = {"nb_filter": 3, "nb_row": 3, "nb_col": 2}
both("AtrousConvolution2D", (7, 8, 2), atrous_rate=(2, 2), border_mode="same", **conv)
both("Deconvolution2D", (4, 5, 2), output_shape=(7, 10, 3), subsample=(2, 2), border_mode="same", **conv)
both("Deconvolution2D", (3, 4, 2), output_shape=(8, 8, 3), subsample=(2, 2), activation="relu", **conv)
both("Deconvolution2D", (4, 5, 2), output_shape=(6, 6, 3), bias=False, **conv)
both("SeparableConvolution2D", (6, 7, 2), depth_multiplier=3, activation="tanh", **dict(conv, nb_filter=7))
both("SeparableConvolution2D", (6, 7, 2), subsample=(2, 2), border_mode="same", bias=False, **conv)
sizes = {"nb_filter": 2, "kernel_dim1": 2, "kernel_dim2": 3, "kernel_dim3": 2}
both("Convolution3D", (5, 4, 5, 2), subsample=(2, 1, 2), border_mode="same", **sizes)
both("Convolution3D", (5, 4, 5, 2), subsample=(1, 1, 2), activation="relu", bias=False, **sizes)
add("LocallyConnected1D", (2, 7, 2), nb_filter=3, filter_length=3, subsample_length=2, activation="tanh")
add("LocallyConnected1D", (2, 5, 2), nb_filter=3, filter_length=2, bias=False)
both("LocallyConnected2D", (6, 5, 2), subsample=(2, 1), activation="tanh", **conv)
both("LocallyConnected2D", (4, 5, 2), bias=False, **conv)

# Moving elements
add("Cropping1D", (2, 5, 2), cropping=(0, 2))
both("Cropping3D", (4, 5, 4, 2), cropping=((1, 0), (0, 2), (1, 1)))
both("UpSampling3D", (2, 3, 2, 2), size=(2, 1, 3))
add("ZeroPadding1D", (2, 3, 2), padding={"left_pad": 2})
add("ZeroPadding1D", (2, 3, 2), padding=(0, 2))
both("ZeroPadding2D", (2, 3, 2), padding=(1, 0, 2, 3))
both("ZeroPadding2D", (2, 3, 2), padding={"top_pad": 2, "right_pad": 1})

# Activations: shared parameters; derivatives at kinks
add("PReLU", (2, 3, 4, 2), shared_axes=[1, 2])
add("ParametricSoftplus", (2, 3, 4), shared_axes=[1])
add("SReLU", (2, 3, 4), shared_axes=[2])
for name, kwargs in (
    ("LeakyReLU", {"alpha": 0.3}),
    ("PReLU", {}),
    ("ELU", {"alpha": 0.5}),
    ("ThresholdedReLU", {"theta": 0.5}),
    ("SReLU", {}),
    ("MaxoutDense", {"output_dim": 3, "nb_feature": 2}),
):
    add(name, (5, 4), options={"grid": 0.5}, **kwargs)

# Recurrent, over images
lstm = {"nb_filter": 2, "nb_row": 3, "nb_col": 2}
both("ConvLSTM2D", (3, 5, 4, 2), **lstm)
both("ConvLSTM2D", (3, 5, 4, 2), subsample=(2, 2), border_mode="same", return_sequences=True, **lstm)
both("ConvLSTM2D", (3, 5, 4, 2), go_backwards=True, return_sequences=True, inner_activation="sigmoid", **lstm)
for ordering, shape in (("th", (2, 3, 2, 4, 4)), ("tf", (2, 3, 4, 4, 2))):
    options = {"ordering": ordering, "runs": 2}
    add("ConvLSTM2D", shape, stateful=True, dim_ordering=ordering, options=options, **lstm)

# Recurrent
for name in ("SimpleRNN", "GRU", "LSTM"):
    for mode in ("gpu", "mem"):
        add(name, (2, 4, 3), output_dim=3, consume_less=mode)
    add(name, (2, 4, 3), output_dim=3, consume_less="gpu", return_sequences=True, options={"mask": 0.0})
    add(name, (2, 4, 3), output_dim=3, unroll=True, return_sequences=True)
    add(name, (2, 4, 3), output_dim=3, unroll=True, options={"mask": 0.0})
    add(name, (2, 4, 3), output_dim=3, go_backwards=True, return_sequences=True, options={"mask": 0.0})
    add(name, (2, 4, 3), output_dim=3, stateful=True, options={"runs": 2})
    add(name, (2, 4, 3), output_dim=3, stateful=True, unroll=True, options={"runs": 3})
    add(name, (2, 4, 3), output_dim=3, stateful=True, options={"runs": 2, "mask": 0.0})
    add(name, (2, 4, 3), output_dim=3, dropout_W=0.3, dropout_U=0.3)

# Normalization, embedding
add("BatchNormalization", (3, 2, 4, 3), axis=1, options={"train": 1})
add("BatchNormalization", (3, 2, 4, 3), axis=1)
add("BatchNormalization", (3, 4, 2), mode=1)
add("BatchNormalization", (6, 3), mode=2)
add("BatchNormalization", (6, 3), momentum=0.5, epsilon=0.1, gamma_init="uniform", options={"train": 1})
add("Embedding", (3, 4), input_dim=6, output_dim=2, mask_zero=True, input_length=4, options={"int_max": 6})
add("Embedding", (3, 4), input_dim=6, output_dim=2, dropout=0.5, options={"int_max": 6})

# Wrappers
free = {"any_batch": True}
add("TimeDistributed", (2, 3, 4), layer=inner("Dense", output_dim=2, activation="relu"))
add("TimeDistributed", (2, 3, 4), layer=inner("Dense", output_dim=2), options={"mask": 0.0})
add("TimeDistributed", (2, 3, 4), layer=inner("BatchNormalization"), options=dict(free, train=1))
add("TimeDistributed", (2, 3, 4), layer=inner("BatchNormalization"), options=free)
add("TimeDistributed", (2, 3, 4), layer=inner("Dropout", p=0.5), options=free)
convolution = inner("Convolution2D", nb_filter=2, nb_row=2, nb_col=2, dim_ordering="th")
add("TimeDistributed", (2, 3, 2, 4, 4), layer=convolution, options={"ordering": "th"})
add("TimeDistributed", (2, 3, 4, 2), layer=inner("LSTM", output_dim=3))
for mode in ("sum", "mul", "ave", "concat"):
    add("Bidirectional", (2, 4, 3), layer=inner("LSTM", output_dim=2), merge_mode=mode)
sequences = inner("GRU", output_dim=2, return_sequences=True)
add("Bidirectional", (2, 4, 3), layer=sequences, options={"mask": 0.0})
add("Bidirectional", (2, 4, 3), layer=inner("LSTM", output_dim=2), options={"mask": 0.0})
backwards = inner("SimpleRNN", output_dim=2, go_backwards=True, return_sequences=True)
add("Bidirectional", (2, 4, 3), layer=backwards, merge_mode="sum")
stateful = inner("GRU", output_dim=2, stateful=True)
add("Bidirectional", (2, 4, 3), layer=stateful, options={"runs": 2})


def draw(random, shape, options):
    if "int_max" in options:
        return random.randint(0, options["int_max"], shape).astype("int32")
    return on_grid(random.standard_normal(shape).astype("float32"), options)


def on_grid(values, options):
    grid = options.get("grid")
    return values if grid is None else (np.round(values / grid) * grid).astype("float32")


def make_inputs(random, shapes, options):
    arrays = [draw(random, shape, options) for shape in shapes]
    if "mask" in options:
        for array in arrays:
            array[0, -1] = array[1, 0] = array[1, 2] = options["mask"]
    return arrays


def make_weights(random, layer, options):
    values = [
        on_grid(0.5 * random.standard_normal(w.shape).astype("float32"), options) for w in layer.get_weights()
    ]
    for weight, value in zip(layer.weights, values):
        if "running_std" in weight.name:
            np.abs(value, out=value)
    return values


def call(name, shapes, kwargs, options):
    """The layer called on inputs: (layer, inputs, output)."""
    K.set_image_dim_ordering(options.get("ordering", "tf"))
    dtype = "int32" if "int_max" in options else "float32"
    whole = [[None] + shape[1:] if "any_batch" in options else shape for shape in shapes]
    inputs = [L.Input(batch_shape=tuple(shape), dtype=dtype) for shape in whole]
    x = inputs[0] if len(inputs) == 1 else inputs
    if "mask" in options:
        x = L.Masking(options["mask"])(x)
    kwargs = copy.deepcopy(kwargs)
    if "output_shape" in kwargs:
        kwargs["output_shape"] = [shapes[0][0] if n is None else n for n in kwargs["output_shape"]]
    if "layer" in kwargs:
        kwargs["layer"] = layer_from_config(kwargs["layer"])
    layer = getattr(L, name)(**kwargs)
    return layer, inputs, layer(x)


def record(number, case):
    name, shapes, kwargs, options = case
    random = np.random.RandomState(1000 + number)
    layer, inputs, output = call(*case)
    layer.set_weights(make_weights(random, layer, options))
    trainable = list(layer.trainable_weights)
    arrays = {"weight": layer.get_weights(), "input": make_inputs(random, shapes, options)}

    train, runs = options.get("train", 0), options.get("runs", 1)
    updates = layer.updates if train or runs > 1 else []
    shape = (shapes[0][0],) + tuple(layer.output_shape[1:])
    cotangent = random.standard_normal(shape).astype("float32")
    sources = [w for w in layer.weights if w in trainable]
    sources += [] if "int_max" in options else inputs
    gradients = K.gradients(K.sum(output * K.variable(cotangent)), sources)
    dense = [K.tf.convert_to_tensor(gradient) for gradient in gradients if gradient is not None]
    names = [f"weight_{i}" for i, w in enumerate(layer.weights) if w in trainable]
    names += [] if "int_max" in options else [f"input_{i}" for i in range(len(inputs))]
    names = [n for n, gradient in zip(names, gradients) if gradient is not None]
    function = K.function(inputs + [K.learning_phase()], [output] + dense, updates=updates)
    for _ in range(runs):
        answers = function(arrays["input"] + [train])
    arrays["grad"] = answers[1:]
    if train:
        arrays["weight_after"] = layer.get_weights()

    flat = {f"{number}/output": answers[0], f"{number}/cotangent": cotangent}
    for kind, values in arrays.items():
        flat.update({f"{number}/{kind}_{i}": value for i, value in enumerate(values)})
    counts = {kind: len(values) for kind, values in arrays.items()}
    entry = {
        "id": number,
        "kind": "layer",
        "layer": name,
        "input_shapes": shapes,
        "kwargs": kwargs,
        "options": options,
        "output_shape": list(answers[0].shape),
        "weight_names": [w.name for w in layer.weights],
        "trainable": [i for i, w in enumerate(layer.weights) if w in trainable],
        "grad_of": names,
        "arrays": dict(counts, output=None, cotangent=None),
    }
    return entry, flat


def main():
    entries, arrays = [], {}
    for number, case in enumerate(CASES):
        try:
            entry, flat = record(number, case)
        except Exception as error:  # what the original cannot do is not recorded
            print("left out:", case, type(error).__name__, str(error)[:200])
            continue
        entries.append(entry)
        arrays.update(flat)
    with open(os.path.join(FOLDER, "layer_options.json"), "w") as file:
        json.dump(entries, file, indent=1, sort_keys=True)
    np.savez_compressed(os.path.join(FOLDER, "layer_options.npz"), **arrays)
    print(len(entries), "of", len(CASES), "recorded")


if __name__ == "__main__":
    main()
