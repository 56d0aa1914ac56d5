"""Model files with one entry of a config changed (B5): each loads as it says, or is refused by name.

Each entry at each level of `model_config` and `training_config` is replaced by each of `VALUES`, and deleted.
"""

import copy
import json
import random
import warnings
from pathlib import Path

import h5py

from keras import backend as K
from keras import layers
from keras.models import Model, Sequential, load_model
from keras.regularizers import l1l2
from reliability.row import Figure, Row

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "files"
DELETED = object()
DEEP = [[[[[[[[[[[[1]]]]]]]]]]]]
VALUES = [None, 5, -1, 1e308, "", "x", [], {}, [[]], True, DEEP, DELETED]
ATTRIBUTES = ("model_config", "training_config")


def _recurrent():
    model = Sequential()
    model.add(layers.Masking(input_shape=(4, 3)))
    model.add(layers.Bidirectional(layers.LSTM(2, return_sequences=True, dropout_W=0.1)))
    model.add(layers.TimeDistributed(layers.Dense(2, activation="tanh", W_regularizer=l1l2(0.1, 0.2))))
    model.compile("adam", "mse", metrics=["mae"], sample_weight_mode="temporal")
    return model


def _images():
    model = Sequential()
    model.add(layers.Convolution2D(2, 3, 3, input_shape=(6, 6, 1), dim_ordering="tf", b_constraint="nonneg"))
    model.add(layers.BatchNormalization(axis=-1))
    model.add(layers.LeakyReLU(0.1))
    model.add(layers.MaxPooling2D(dim_ordering="tf"))
    model.add(layers.Flatten())
    model.add(layers.Dropout(0.2))
    model.add(layers.Dense(1, activation="sigmoid", init="uniform"))
    model.compile("rmsprop", "binary_crossentropy", metrics=["accuracy"])
    return model


def _graph():
    words, numbers = layers.Input((3,), dtype="int32", name="words"), layers.Input((2,), name="numbers")
    embedded = layers.Flatten()(layers.Embedding(5, 2, name="table")(words))
    shared = layers.Dense(2, W_constraint="maxnorm", name="shared")
    both = layers.merge([shared(numbers), shared(layers.Dense(2)(embedded))], mode="concat", concat_axis=1)
    first, second = layers.Dense(1, name="first")(both), layers.Dense(2, name="second")(both * 2)
    model = Model([words, numbers], [first, second])
    losses = {"first": "mse", "second": "categorical_crossentropy"}
    model.compile("adagrad", losses, metrics={"second": "accuracy"}, loss_weights={"first": 0.5})
    return model


def _nested():
    inner = Sequential([layers.Dense(2, input_dim=3), layers.PReLU()], name="inner")
    x, y = layers.Input((3,)), layers.Input((3,))
    model = Model([x, y], layers.merge([inner(x), inner(y)], mode="dot", dot_axes=1))
    model.compile("sgd", ["mse"], loss_weights=[2.0])
    return model


def _branches():
    left, right = Sequential([layers.Dense(2, input_dim=3)]), Sequential([layers.Dense(2, input_dim=2)])
    model = Sequential([layers.Merge([left, right], mode="sum"), layers.Highway(), layers.GaussianNoise(0.1)])
    model.compile("nadam", "hinge")
    return model


def _plain():
    return Sequential([layers.Dense(2, input_shape=(3,)), layers.Reshape((2, 1)), layers.GRU(1)])


def write(folder):
    """Writes ten good model files without digests, and returns their paths."""
    paths = []
    for name in ("sequential", "two_outputs", "nested_shared", "video"):
        paths.append(folder / f"{name}.h5")
        paths[-1].write_bytes((GOLDEN / f"{name}.model.h5").read_bytes())
    for make in (_recurrent, _images, _graph, _nested, _branches, _plain):
        paths.append(folder / f"{make.__name__[1:]}.h5")
        K.clear_session()
        make().save(paths[-1])
        paths[-1].write_bytes(paths[-1].read_bytes()[512:])
    return paths


def configs(path):
    """Returns attribute -> config of a file."""
    with h5py.File(path, "r") as file:
        return {name: json.loads(file.attrs[name]) for name in ATTRIBUTES if name in file.attrs}


def places(part, place=()):
    """Yields the path of each entry, as a tuple of keys and indices."""
    entries = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ()
    for key, value in entries:
        yield (*place, key)
        yield from places(value, (*place, key))


def changed(config, place, value):
    """Returns a copy of a config with one entry replaced or deleted."""
    config = copy.deepcopy(config)
    *way, last = place
    part = config
    for key in way:
        part = part[key]
    if value is DELETED:
        del part[last]
    else:
        part[last] = value
    return config


def at(config, place):
    """Returns the entry at a place, or DELETED if there is none."""
    for key in place:
        try:
            config = config[key]
        except (LookupError, TypeError):
            return DELETED
    return config


def load(path):
    """Returns the configs of the model in a file, as they would be saved again."""
    K.clear_session()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = load_model(path)
        model.save(path.with_suffix(".again.h5"))
    return configs(path.with_suffix(".again.h5"))


def problem(path, original, place, value):
    """Returns what is wrong with the outcome of loading one changed copy, or None."""
    name, *inside = place
    copied = path.with_suffix(".changed.h5")
    copied.write_bytes(path.read_bytes())
    with h5py.File(copied, "r+") as file:
        del file.attrs[name]
        file.attrs[name] = json.dumps(changed(configs(path)[name], inside, value))
    what = f"{path.stem}: {'.'.join(map(str, place))} = {'nothing' if value is DELETED else repr(value)}"
    try:
        found = load(copied)
    except (ValueError, OSError) as error:
        return None if str(copied) in str(error) else f"{what}: {error!r} without the file"
    except BaseException as error:
        return f"{what}: {error!r}"
    if found == original or at(found, place) == value or _has_default(found, original, place, value):
        return None
    return f"{what}: loads as {at(found, place)!r}"


def _has_default(found, original, place, value):
    """Whether nothing was in the place, and the model has the default or an automatic name there."""
    if value not in (None, DELETED) or DELETED in (at(found, place), at(original, place)):
        return False
    if place[-1] == "name":  # others refer to it
        names = [json.dumps(at(config, place)) for config in (found, original)]
        one, other = (_without(names, json.dumps(config)) for config in (found, original))
        return one == other
    return changed(found, place, at(original, place)) == original


def _without(names, text):
    for name in names:
        text = text.replace(name, "a name")
    return text


def measure(run):
    cases, originals = [], {}
    for path in write(run.folder):
        originals[path] = load(path)
        entries = [(name, *place) for name, config in configs(path).items() for place in places(config)]
        cases += [(path, place, value) for place in entries for value in VALUES]
    if run.quick:
        cases = random.Random(0).sample(cases, 120)
    problems = [problem(path, originals[path], place, value) for path, place, value in cases]
    problems = tuple(filter(None, problems))
    ours = f"{len(cases) - len(problems)} of {len(cases)} load as they say or are refused by name"
    return Figure(ours, not problems, problems=problems)


ROWS = [
    Row(
        "B5",
        "ten model files with one entry of a config replaced by each of 11 values, or deleted",
        "each loads as what it says, or a ValueError or OSError names the file",
        "-",
        measure,
    ),
]
