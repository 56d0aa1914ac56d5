"""Records training_options.json and .npz: training that training.json and models.json do not cover.

Needs the original (Keras 1.2.2 on TensorFlow 1.2, Python 3.6), not this project:

    KERAS_BACKEND=tensorflow python record_training_options.py

The form is that of the "fit" cases of models.json; besides, `sequential` says which class the config is
of, `optimizer` is a pair (class, arguments), and `frozen` names layers that are not trained. All sizes are
small. What the original cannot do is printed and left out. Numbers of cases as arguments record these only.
"""

import copy
import sys

import numpy as np
from original import order_updates, write
from structures import (
    branches,
    deep_activity,
    dense,
    distributed_model,
    distributed_sequence,
    embedding,
    flat_and_steps,
    image,
    masked_embedding,
    merged,
    merged_masks,
    mode_two,
    nested_twice,
    normalized,
    recurrent,
    residual,
    shared_normalization,
    shared_tower,
    shared_twice,
    two_outputs,
    without_drop,
)

from keras import backend as K
from keras import layers as L
from keras import optimizers
from keras.models import Sequential
from keras.regularizers import l1, l1l2, l2

CASES = []


def case(tag, make, **options):
    """Adds a case: `make` gives a model; `options` as `record` reads them."""
    CASES.append((tag, make, options))


# --- optimizers -----------------------------------------------------------------------------------
for name, choices in (
    (
        "SGD",
        (
            {"lr": 0.05},
            {"lr": 0.05, "momentum": 0.7},
            {"lr": 0.05, "momentum": 0.7, "nesterov": True},
            {"lr": 0.1, "nesterov": True},
            {"lr": 0.1, "decay": 0.3},
            {"lr": 0.05, "clipnorm": 0.1, "momentum": 0.5},
            {"lr": 0.05, "clipvalue": 0.02},
            {"lr": 0.05, "clipvalue": 0.05, "clipnorm": 0.1},
            {"lr": 0.05, "clipnorm": 0.0},
        ),
    ),
    (
        "RMSprop",
        ({"rho": 0.5}, {"epsilon": 0.1, "lr": 0.01}, {"decay": 0.2, "lr": 0.01}, {"clipvalue": 0.01}),
    ),
    ("Adagrad", ({"lr": 0.1, "epsilon": 0.01}, {"decay": 0.2}, {"clipnorm": 0.1})),
    ("Adadelta", ({"lr": 0.5, "rho": 0.8}, {"epsilon": 0.01}, {"decay": 0.1}, {"clipvalue": 0.05})),
    (
        "Adam",
        (
            {"lr": 0.01, "beta_1": 0.5},
            {"beta_2": 0.9},
            {"epsilon": 0.1, "lr": 0.01},
            {"decay": 0.2, "lr": 0.01},
            {"clipnorm": 0.1, "clipvalue": 0.05},
        ),
    ),
    (
        "Adamax",
        ({"lr": 0.01, "beta_1": 0.5, "beta_2": 0.8}, {"epsilon": 0.1}, {"decay": 0.2}, {"clipnorm": 0.1}),
    ),
    (
        "Nadam",
        (
            {"lr": 0.01, "schedule_decay": 0.1},
            {"beta_1": 0.5, "beta_2": 0.9},
            {"epsilon": 0.1},
            {"clipvalue": 0.1},
        ),
    ),
):
    for kwargs in choices:
        case("optimizer", dense(), optimizer=(name, kwargs), loss="mse", nb_epoch=3)


for name in ("SGD", "RMSprop", "Adagrad", "Adadelta", "Adam", "Adamax", "Nadam"):
    case("optimizer_embedding", embedding, optimizer=(name, {}), loss="mse", int_max=6)
    case("optimizer_recurrent", recurrent, optimizer=(name, {}), loss="mse")
for kwargs in ({"clipnorm": 0.1}, {"clipvalue": 0.01}, {"momentum": 0.9, "nesterov": True}):
    case("optimizer_embedding", embedding, optimizer=("SGD", kwargs), loss="mse", int_max=6)

# --- regularizers and constraints -----------------------------------------------------------------
L1, L2, BOTH = l1(0.02), l2(0.05), l1l2(0.01, 0.03)
for penalty in (L1, L2, BOTH, "l1", "l2", "l1l2"):
    for place in ("W_regularizer", "b_regularizer", "activity_regularizer"):
        case("regularizer", dense(**{place: penalty}), loss="mse")
for penalty in ("activity_l1", "activity_l2", "activity_l1l2"):
    case("regularizer", dense(activity_regularizer=penalty), loss="mse")
case(
    "regularizers",
    dense(W_regularizer=L1, b_regularizer=L2, activity_regularizer=BOTH),
    loss="mse",
    metrics=["mae"],
)
for axis in (0, 1, [0, 1]):
    for constraint in (
        {"name": "MaxNorm", "m": 0.5, "axis": axis},
        {"name": "UnitNorm", "axis": axis},
        {"name": "MinMaxNorm", "low": 0.3, "high": 0.8, "rate": 1.0, "axis": axis},
        {"name": "MinMaxNorm", "low": 0.3, "high": 0.8, "rate": 0.5, "axis": axis},
    ):
        case("constraint", dense(W_constraint=constraint), loss="mse", optimizer=("SGD", {"lr": 0.1}))
for constraint in ("maxnorm", "nonneg", "unitnorm", {"name": "MaxNorm", "m": 0.2, "axis": 0}):
    case("constraint", dense(b_constraint=constraint), loss="mse", optimizer=("SGD", {"lr": 0.1}))
    case("constraint", dense(W_constraint=constraint), loss="mse", optimizer=("Adam", {"lr": 0.05}))


SHAPE = {"input_shape": (2, 5, 5), "dim_ordering": "th"}
for constraint in (
    {"name": "MaxNorm", "m": 0.5, "axis": [1, 2, 3]},
    {"name": "UnitNorm", "axis": 0},
    "nonneg",
):
    case(
        "layer_parts",
        image(
            lambda constraint=constraint: L.Convolution2D(
                3, 2, 2, W_constraint=copy.deepcopy(constraint), W_regularizer=BOTH, **SHAPE
            )
        ),
        loss="mse",
    )
case(
    "layer_parts",
    image(lambda: L.Convolution2D(3, 2, 2, activity_regularizer=L2, b_regularizer=L1, **SHAPE)),
    loss="mse",
)
parts = {"W_regularizer": L1, "U_regularizer": L2, "b_regularizer": BOTH}
for cls in (L.SimpleRNN, L.GRU, L.LSTM):
    for mode in ("cpu", "gpu"):
        case(
            "layer_parts",
            lambda cls=cls, mode=mode: Sequential(
                [cls(3, input_shape=(4, 2), consume_less=mode, **parts), L.Dense(2)]
            ),
            loss="mse",
        )
case(
    "layer_parts",
    lambda: Sequential(
        [
            L.Embedding(
                6, 3, input_length=4, W_regularizer=L2, W_constraint="unitnorm", activity_regularizer=L1
            ),
            L.LSTM(2),
        ]
    ),
    loss="mse",
    int_max=6,
)
case(
    "layer_parts",
    lambda: Sequential(
        [L.BatchNormalization(input_shape=(4,), gamma_regularizer=L1, beta_regularizer=L2), L.Dense(2)]
    ),
    loss="mse",
)
for cls, kwargs in (
    (L.MaxoutDense, {"output_dim": 3, "nb_feature": 2}),
    (L.Highway, {"activation": "tanh"}),
    (L.Dense, {"output_dim": 3, "bias": False}),
):
    case(
        "layer_parts",
        lambda cls=cls, kwargs=kwargs: Sequential(
            [
                cls(
                    input_dim=4, W_regularizer=BOTH, activity_regularizer=L1, W_constraint="nonneg", **kwargs
                ),
                L.Dense(2),
            ]
        ),
        loss="mse",
    )
case(
    "layer_parts",
    lambda: Sequential([L.TimeDistributed(L.Dense(3, W_regularizer=L2), input_shape=(4, 3)), L.LSTM(2)]),
    loss="mse",
)
case(
    "layer_parts",
    lambda: Sequential(
        [L.Bidirectional(L.GRU(2, W_regularizer=L1, U_regularizer=L2), input_shape=(4, 3)), L.Dense(2)]
    ),
    loss="mse",
)
case(
    "layer_parts",
    lambda: Sequential([L.Dense(4, input_dim=5), L.ActivityRegularization(l1=0.02, l2=0.03), L.Dense(2)]),
    loss="mse",
)
case(
    "layer_parts",
    lambda: Sequential(
        [
            L.Convolution1D(3, 2, input_shape=(5, 2), W_regularizer=L2, W_constraint="maxnorm"),
            L.GlobalMaxPooling1D(),
        ]
    ),
    loss="mse",
)

# --- losses and metrics ---------------------------------------------------------------------------
for loss, activation, target in (
    ("mse", "linear", "normal"),
    ("mae", "linear", "normal"),
    ("mape", "sigmoid", "parts"),
    ("msle", "sigmoid", "parts"),
    ("hinge", "tanh", "signs"),
    ("squared_hinge", "tanh", "signs"),
    ("binary_crossentropy", "sigmoid", "zeros_ones"),
    ("categorical_crossentropy", "softmax", "classes"),
    ("sparse_categorical_crossentropy", "softmax", "ids"),
    ("kld", "softmax", "classes"),
    ("poisson", "softplus", "parts"),
    ("cosine_proximity", "linear", "normal"),
):
    metrics = ["accuracy"] + (["mse", "top_k_categorical_accuracy"] if target == "classes" else [])
    case(
        "loss_flat",
        lambda activation=activation: Sequential([L.Dense(6, input_dim=4), L.Activation(activation)]),
        loss=loss,
        target=target,
        metrics=metrics,
        validation_split=0.3,
    )
    case(
        "loss_steps",
        lambda activation=activation: Sequential(
            [L.Masking(0.0, input_shape=(4, 3)), L.GRU(3, return_sequences=True, activation=activation)]
        ),
        loss=loss,
        target=target,
        metrics=["accuracy"],
        masked=True,
    )
    case(
        "loss_steps_weighted",
        lambda activation=activation: Sequential(
            [L.Masking(0.0, input_shape=(4, 3)), L.TimeDistributed(L.Dense(3, activation=activation))]
        ),
        loss=loss,
        target=target,
        metrics=["accuracy", "mae"],
        masked=True,
        sample_weight_mode="temporal",
        weights="temporal",
    )
for names in (
    ["binary_accuracy", "precision", "recall", "fmeasure", "matthews_correlation"],
    ["mse", "MAE", "mean_squared_error", "acc"],
    [
        "categorical_accuracy",
        "hinge",
        "msle",
        "mape",
        "cosine",
        "kullback_leibler_divergence",
        "poisson",
        "fbeta_score",
    ],
):
    case(
        "metrics",
        lambda: Sequential([L.Dense(3, input_dim=4, activation="sigmoid")]),
        loss="binary_crossentropy",
        target="zeros_ones",
        metrics=names,
        weights="samples",
        validation_split=0.3,
    )
case(
    "accuracy_of_one",
    lambda: Sequential([L.Dense(1, input_dim=4, activation="sigmoid")]),
    loss="mse",
    target="zeros_ones",
    metrics=["accuracy"],
)

# --- weighting ------------------------------------------------------------------------------------


SEVERAL = {"loss": ["categorical_crossentropy", "binary_crossentropy"], "target": ["classes", "zeros_ones"]}
CLASSES = {0: 0.5, 1: 2.0, 2: 1.3}
for more in (
    {"metrics": ["accuracy"]},
    {"loss_weights": [0.3, 2.0], "metrics": ["accuracy", "mse"]},
    {"loss_weights": {"one": 0.3, "two": 2.0}, "metrics": {"one": "accuracy"}},
    {"metrics": {"two": ["accuracy", "mae"], "one": "categorical_accuracy"}},
    {"loss": {"one": "categorical_crossentropy", "two": "mse"}, "metrics": {"two": ["mse"]}},
    {"class_weight": [CLASSES, {0: 1.0, 1: 3.0}]},
    {"class_weight": {"one": CLASSES}},
    {"class_weight": {"one": CLASSES, "two": {0: 2.0, 1: 0.5}}, "validation_split": 0.3},
    {"weights": ["samples", "samples"], "validation_split": 0.3, "metrics": ["accuracy"]},
    {"weights": ["samples", None]},
    {"weights": {"two": "samples"}},
    {"loss": "mse", "target": ["normal", "normal"], "loss_weights": [1.0, 0.0]},
    {"validation_data": True, "weights": ["samples", "samples"], "metrics": ["accuracy"]},
):
    case("two_outputs", two_outputs, **dict(SEVERAL, **more))


for more in (
    {"sample_weight_mode": ["temporal", None], "weights": ["temporal", "samples"]},
    {"sample_weight_mode": {"steps": "temporal"}, "weights": {"steps": "temporal"}},
    {"weights": ["samples", "samples"]},
    {},
):
    case("flat_and_steps", flat_and_steps, loss="mse", masked=True, validation_split=0.3, **more)
for weights in ("samples", "zeros", None):
    for split in (0.0, 0.3):
        case(
            "class_weight",
            lambda: Sequential([L.Dense(3, input_dim=4, activation="softmax")]),
            loss="sparse_categorical_crossentropy" if split else "categorical_crossentropy",
            target="ids" if split else "classes",
            metrics=["accuracy"],
            class_weight=CLASSES if weights != "samples" else None,
            weights=weights,
            validation_split=split,
        )

# --- structures -----------------------------------------------------------------------------------


for mode in ("sum", "mul", "concat", "ave", "max", "dot", "cos"):
    case("merge_" + mode, merged(mode), loss="mse")
STEPS = ((4, 3), (4, 3))
for kwargs in (
    {"mode": "concat", "concat_axis": 1},
    {"mode": "concat", "concat_axis": 2},
    {"mode": "dot", "dot_axes": 2},
    {"mode": "dot", "dot_axes": 1},
    {"mode": "dot", "dot_axes": [1, 1]},
    {"mode": "dot", "dot_axes": (2, 2)},
    {"mode": "max"},
    {"mode": "ave"},
    {"mode": "cos", "dot_axes": 2},
):
    case("merge_steps", merged(shapes=STEPS, **kwargs), loss="mse")
case("merge_three", merged("ave", shapes=((4,), (4,), (5,))), loss="mse")
case("merge_uneven", merged("concat", shapes=((4, 3), (2, 3)), concat_axis=1), loss="mse")


for mode, kwargs in (
    ("sum", {}),
    ("concat", {}),
    ("concat", {"concat_axis": 1}),
    ("ave", {}),
    ("mul", {}),
    ("max", {}),
):
    case("merge_masks", merged_masks(mode, **kwargs), loss="mse", masked=True)

for mode in ("sum", "mul", "ave", "concat"):
    for cls in (L.LSTM, L.SimpleRNN):
        for sequences in (True, False):
            case(
                "bidirectional",
                lambda mode=mode, cls=cls, sequences=sequences: Sequential(
                    [
                        L.Masking(0.0, input_shape=(4, 3)),
                        L.Bidirectional(cls(2, return_sequences=sequences), merge_mode=mode),
                    ]
                ),
                loss="mse",
                masked=True,
            )


case("shared_twice", shared_twice, loss="mse")
case("nested_twice", nested_twice, loss="mse")
case("shared_normalization", shared_normalization, loss="mse")
case("mode_two", mode_two, loss="mse")
for kwargs in ({}, {"momentum": 0.5}, {"epsilon": 0.1}, {"mode": 1}, {"mode": 2}):
    case("normalized", normalized(**kwargs), loss="mse", validation_split=0.3)
case("frozen_normalization", normalized(), loss="mse", frozen=["normalize"])
case("frozen_dense", normalized(), loss="mse", frozen=["first"])
case(
    "frozen_regularized",
    lambda: Sequential([L.Dense(3, input_dim=4, W_regularizer=L2, name="first"), L.Dense(2)]),
    loss="mse",
    frozen=["first"],
)
for axis in (1, -1):
    case(
        "normalized_images",
        lambda axis=axis: Sequential(
            [L.BatchNormalization(axis=axis, input_shape=(2, 4, 3)), L.Flatten(), L.Dense(2)]
        ),
        loss="mse",
    )
case("distributed_model", distributed_model, loss="mse")
case("distributed_sequence", distributed_sequence, loss="mse", masked=True)
case("shared_tower", shared_tower, loss="mse")
case("without_drop", without_drop, loss="mse", int_max=6)
case("deep_activity", deep_activity, loss="mse")
case("masked_embedding", masked_embedding, loss="mse", int_max=6)
case("residual", residual, loss="categorical_crossentropy", target="classes", metrics=["accuracy"])
case("branches", branches, loss="mse")
case(
    "merged_sequential",
    lambda: Sequential(
        [
            L.Merge(
                [Sequential([L.Dense(3, input_dim=4)]), Sequential([L.Dense(3, input_dim=5)])], mode="concat"
            ),
            L.Dense(2),
        ]
    ),
    loss="mse",
)


# --- recording ------------------------------------------------------------------------------------


def draw_inputs(random, model, samples, int_max=None, masked=False):
    arrays = []
    for shape in shapes_of(model.input_shape):
        if int_max:
            arrays.append(random.randint(0, int_max, (samples,) + shape[1:]).astype("int32"))
            continue
        array = random.standard_normal((samples,) + shape[1:]).astype("float32")
        if masked:
            for sample in range(samples):
                array[sample, 1 + random.randint(0, shape[1]) :] = 0.0
        arrays.append(array)
    return arrays


def shapes_of(shape):
    return shape if isinstance(shape, list) else [shape]


def draw_target(random, shape, kind):
    if kind == "classes":
        return np.eye(shape[-1], dtype="float32")[random.randint(0, shape[-1], shape[:-1])]
    if kind == "ids":
        return random.randint(0, shape[-1], shape[:-1] + (1,)).astype("float32")
    if kind == "zeros_ones":
        return random.randint(0, 2, shape).astype("float32")
    if kind == "signs":
        return (2.0 * random.randint(0, 2, shape) - 1).astype("float32")
    if kind == "parts":
        return random.uniform(0.1, 1, shape).astype("float32")
    return random.standard_normal(shape).astype("float32")


def draw_weights(random, shape, kind):
    if kind is None:
        return None
    shape = shape[:2] if kind == "temporal" else shape[:1]
    weights = random.uniform(0, 2, shape).astype("float32")
    if kind != "samples":
        weights[random.uniform(0, 1, shape) < 0.3] = 0.0
    return weights


def draw_start(random, weight):
    value = 0.5 * random.standard_normal(K.get_value(weight).shape)
    return (np.abs(value) + 0.5 if "running_std" in weight.name else value).astype("float32")


def one(values):
    return values[0] if len(values) == 1 else values


def record(number, tag, make, options):
    random = np.random.RandomState(2000 + number)
    samples, batch = 10, 4
    K.clear_session()
    model = make()
    config = model.get_config()
    for name in options.get("frozen", ()):
        model.get_layer(name).trainable = False
    before = [draw_start(random, weight) for layer in model.layers for weight in layer.weights]
    model.set_weights(before)
    x = draw_inputs(random, model, samples, options.get("int_max"), options.get("masked", False))
    shapes = [(samples,) + shape[1:] for shape in shapes_of(model.output_shape)]
    targets = options.get("target", "normal")
    targets = targets if isinstance(targets, list) else [targets] * len(shapes)
    y = [draw_target(random, shape, kind) for shape, kind in zip(shapes, targets)]
    weights = options.get("weights")
    if isinstance(weights, dict):
        names = dict(zip(model.output_names, shapes))
        weights = {name: draw_weights(random, names[name], kind) for name, kind in weights.items()}
    elif weights is not None:
        weights = weights if isinstance(weights, list) else [weights] * len(shapes)
        weights = [draw_weights(random, shape, kind) for shape, kind in zip(shapes, weights)]

    optimizer = options.get("optimizer", ("SGD", {"lr": 0.05}))
    compiled = {name: options[name] for name in ("loss_weights", "sample_weight_mode") if name in options}
    model.compile(
        getattr(optimizers, optimizer[0])(**optimizer[1]),
        options["loss"],
        metrics=options.get("metrics", []),
        **compiled,
    )
    evaluated = model.evaluate(one(x), one(y), batch_size=batch, verbose=0)
    more = {
        "nb_epoch": options.get("nb_epoch", 2),
        "batch_size": batch,
        "class_weight": options.get("class_weight"),
    }
    if weights is not None:
        more["sample_weight"] = one(weights) if isinstance(weights, list) else weights
    more["validation_split"] = options.get("validation_split", 0.0)
    if options.get("validation_data"):
        more["validation_data"] = (
            (one(x), one(y)) if weights is None else (one(x), one(y), more["sample_weight"])
        )
    history = model.fit(one(x), one(y), shuffle=False, verbose=0, **more).history
    predicted = model.predict(one(x), batch_size=batch)
    arrays = {
        "x": x,
        "y": y,
        "weight_before": before,
        "weight_after": model.get_weights(),
        "predict": predicted if isinstance(predicted, list) else [predicted],
        "evaluate_before": [np.atleast_1d(evaluated)],
    }
    arrays.update({"history_" + key: [np.array(values)] for key, values in history.items()})
    entry = {
        key: value for key, value in options.items() if key not in ("int_max", "masked", "target", "weights")
    }
    if isinstance(weights, dict):
        entry["weighted"] = sorted(weights)
        arrays["sample_weight"] = [weights[name] for name in sorted(weights)]
    elif weights is not None:
        entry["weighted"] = [w is not None for w in weights]
        arrays["sample_weight"] = [w for w in weights if w is not None]
    flat = {f"{number}/{n}_{i}": v for n, values in arrays.items() for i, v in enumerate(values)}
    if options.get("class_weight"):
        entry["class_weight"] = as_pairs(options["class_weight"])
    entry.update(
        id=number,
        kind="fit",
        tag=tag,
        config=config,
        sequential=isinstance(model, Sequential),
        optimizer=list(optimizer),
        nb_epoch=more["nb_epoch"],
        batch_size=batch,
        metrics=options.get("metrics", []),
        metrics_names=model.metrics_names,
        history_keys=sorted(history),
        arrays={name: len(values) for name, values in arrays.items()},
    )
    return entry, flat


def as_pairs(weights):
    """Class weights without int keys, which JSON has not: pairs, in the structure they come in."""
    if isinstance(weights, list):
        return [as_pairs(value) for value in weights]
    if all(isinstance(key, str) for key in weights):
        return {key: as_pairs(value) for key, value in weights.items()}
    return [[key, value] for key, value in sorted(weights.items())]


def main():
    order_updates()
    K.set_image_dim_ordering("th")
    entries, arrays = [], {}
    chosen = [int(number) for number in sys.argv[1:]] or range(len(CASES))
    for number in chosen:
        tag, make, options = CASES[number]
        try:
            entry, flat = record(number, tag, make, options)
        except Exception as error:
            print("left out:", number, tag, options, type(error).__name__, str(error).split("\n")[0][:200])
            continue
        entries.append(entry)
        arrays.update(flat)
        write("training_options", entries, arrays)  # at once: asking is slow, and may be broken off


if __name__ == "__main__":
    main()
