"""Round trips of random graphs through files (H2): configs, weights and outputs are bit-identical."""

import os
import random
import traceback
import warnings

import numpy as np

from keras.layers import (
    GRU,
    LSTM,
    Activation,
    BatchNormalization,
    Convolution1D,
    Dense,
    Dropout,
    Flatten,
    Input,
    MaxPooling1D,
    PReLU,
    RepeatVector,
    Reshape,
    SimpleRNN,
    TimeDistributed,
    merge,
)
from keras.models import Model, load_model, model_from_config, model_from_json, model_from_yaml
from reliability.forks import Forks
from reliability.row import Figure, Row

# Functions from a random.Random to a layer, for tensors (samples, features) and (samples, steps, features).
_FLAT = [
    lambda r: Dense(r.randint(1, 6), activation=r.choice(["relu", "tanh", "linear"])),
    lambda r: Dense(r.randint(1, 6), init=r.choice(["normal", "orthogonal", "he_uniform"]), bias=False),
    lambda r: Dense(r.randint(1, 6), W_regularizer="l2", b_constraint="nonneg"),
    lambda r: Activation(r.choice(["sigmoid", "softplus", "softsign"])),
    lambda r: Dropout(r.random() * 0.9),
    lambda r: BatchNormalization(epsilon=r.choice([1e-3, 1e-5])),
    lambda r: PReLU(),
    lambda r: RepeatVector(r.randint(2, 4)),
]
_STEPS = [
    lambda r: Convolution1D(r.randint(1, 5), 2, border_mode=r.choice(["same", "valid"])),
    lambda r: LSTM(r.randint(1, 5), return_sequences=r.random() < 0.5, go_backwards=r.random() < 0.3),
    lambda r: GRU(r.randint(1, 5), return_sequences=r.random() < 0.5, consume_less=r.choice(["cpu", "gpu"])),
    lambda r: SimpleRNN(r.randint(1, 5), activation="relu"),
    lambda r: TimeDistributed(Dense(r.randint(1, 5))),
    lambda r: MaxPooling1D(2, stride=1, border_mode="same"),
    lambda r: Flatten(),
]


def random_model(seed):
    """Returns the model of a seed: up to 3 inputs, 12 layers, shared layers and nested models."""
    random_numbers = random.Random(seed)
    np.random.seed(seed)
    model = _graph(random_numbers, depth=0)
    for layer in model.layers:  # so that no weight keeps its initial value
        layer.set_weights([w + np.random.normal(0, 0.1, w.shape) for w in layer.get_weights()])
    model.compile("adam", "mse")
    return model


def _graph(random_numbers, depth):
    shapes = [random_numbers.choice([(4,), (3,), (5, 2)]) for _ in range(random_numbers.randint(1, 3))]
    inputs = [Input(shape=shape) for shape in shapes]
    tensors, shared = list(inputs), {}
    for _ in range(random_numbers.randint(3, 9)):
        x = random_numbers.choice(tensors[-4:])
        tensors.append(_next(random_numbers, x, tensors, shared, depth))
    used = {id(t) for made in tensors for t in made._keras_history[0].inbound_nodes[0].input_tensors}
    ends = [t for t in tensors if id(t) not in used or t is tensors[-1]][-3:]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # inputs that reach no output are tested, too
        return Model(inputs, ends if len(ends) > 1 else ends[0])


def _next(random_numbers, x, tensors, shared, depth):
    """Returns one more tensor."""
    shape, choice = x.shape[1:], random_numbers.random()
    alike = [t for t in tensors if t.shape == x.shape and t is not x]
    if alike and choice < 0.25:
        modes = ["sum", "mul", "ave", "max", "concat"]
        return merge([x, random_numbers.choice(alike)], mode=random_numbers.choice(modes))
    if choice < 0.4 and shape in shared:
        return shared[shape](x)
    if choice < 0.5 and depth < 2:
        inner = Input(shape=shape)
        layer = Model(inner, _layer(random_numbers, shape)(_layer(random_numbers, shape, keeps=True)(inner)))
    elif choice < 0.55 and len(shape) == 1 and shape[0] % 2 == 0:
        layer = Reshape((shape[0] // 2, 2))
    else:
        layer = _layer(random_numbers, shape)
    shared[shape] = layer
    return layer(x)


def _layer(random_numbers, shape, keeps=False):
    if keeps:
        return Activation("tanh")
    # A filter does not fit into a single step, unless by border_mode="same".
    kinds = _FLAT if len(shape) == 1 else _STEPS if shape[0] > 1 else _STEPS[1:]
    return random_numbers.choice(kinds)(random_numbers)


def _again(model, folder):
    """Yields (format, the model after a round trip through it)."""
    paths = os.path.join(folder, "model.h5"), os.path.join(folder, "weights.h5")
    model.save(paths[0])
    model.save_weights(paths[1])
    yield "HDF5", load_model(paths[0])
    config = {"class_name": "Model", "config": model.get_config()}
    for way, made in (
        ("config", model_from_config(config)),
        ("JSON", model_from_json(model.to_json())),
        ("YAML", model_from_yaml(model.to_yaml())),
    ):
        made.load_weights(paths[1])
        yield way, made


def check(seed, folder):
    """Returns the differences after round trips of the model of a seed, as lines."""
    warnings.simplefilter("ignore")
    model = random_model(seed)
    random_state = np.random.RandomState(seed)
    x = [random_state.normal(size=(3, *t.shape[1:])).astype("float32") for t in model.inputs]
    outputs = _as_list(model.predict(x))
    problems = []
    for way, again in _again(model, folder):
        if again.get_config() != model.get_config():
            problems.append(f"seed {seed}, {way}: the config differs")
        if not _same(again.get_weights(), model.get_weights()):
            problems.append(f"seed {seed}, {way}: the weights differ")
        if not _same(_as_list(again.predict(x)), outputs):
            problems.append(f"seed {seed}, {way}: the outputs differ")
    return problems


def _as_list(arrays):
    return arrays if isinstance(arrays, list) else [arrays]


def _same(arrays, others):
    return [a.tobytes() for a in arrays] == [b.tobytes() for b in others]


def check_many(seeds, folder):
    problems = []
    for seed in seeds:
        try:
            problems += check(seed, folder)
        except Exception:
            problems.append(f"seed {seed}, {traceback.format_exc()}")
    return problems


def measure(run):
    count, problems = run.count(full=200, quick=6), []
    cache = str(run.folder / "compiled")  # the loaded models have the same programs
    with Forks("reliability.round_trip", KERAS_COMPILE_CACHE=cache) as children:
        for start in range(0, count, 20):
            seeds = list(range(start, min(start + 20, count)))
            call = ("reliability.round_trip:check_many", seeds, str(run.folder))
            outcome = children.run(*call, timeout=30 + 15 * len(seeds))
            if outcome.result is not None:
                problems += outcome.result
            else:
                problems += [f"seed {seed}, {outcome.error or outcome}" for seed in seeds]
    failed = {problem.partition(",")[0] for problem in problems}
    ours = f"{count - len(failed)} of {count} equal bit for bit"
    return Figure(ours, not problems, problems=tuple(problems))


ROWS = [
    Row(
        "H2",
        "200 random graphs (shared layers, models inside, several inputs and outputs) by config, JSON, YAML, "
        "HDF5 and weights",
        "config, weights and outputs equal bit for bit",
        "-",
        measure,
    )
]
