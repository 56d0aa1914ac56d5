"""Asks the original about layers with options drawn at random, to find differences not thought of.

    KERAS_BACKEND=tensorflow python explore_layers.py FIRST_SEED LAST_SEED     # the original: records
    python explore_layers.py compare                                           # this project: compares

`explored_layers.json/.npz` are written here, in the form of layer_options.json, and are not kept: a case
that teaches something becomes a row of `record_layer_options.py`.
"""

import os
import random
import sys


def draw(seed):
    """A case (class, shapes, kwargs, options), in the form of `record_layer_options.CASES`."""
    random.seed(seed)
    kind = random.choice(KINDS)
    return kind()


def pick(*values):
    return random.choice(values)


def some(**choices):
    """Some of these keyword arguments, each with one of its values."""
    return {name: pick(*values) for name, values in choices.items() if random.random() < 0.5}


ACTIVATION = ("relu", "tanh", "sigmoid", "hard_sigmoid", "linear", "softmax", "softplus", "softsign", "elu")
BOOL = (True, False)


def dense():
    shape = pick([3, 5], [2, 3, 5])
    options = some(activation=ACTIVATION, bias=BOOL)
    return "Dense", [shape], dict(options, output_dim=pick(1, 3)), {}


def relative():
    name = pick("MaxoutDense", "Highway", "TimeDistributedDense")
    options = some(bias=BOOL)
    if name == "MaxoutDense":
        return name, [[3, 4]], dict(options, output_dim=pick(1, 2), nb_feature=pick(1, 3)), {}
    if name == "Highway":
        return name, [[3, 4]], dict(options, **some(activation=ACTIVATION, transform_bias=(-2, 0, 3))), {}
    return (
        name,
        [[2, 3, 4]],
        dict(options, output_dim=2, **some(activation=ACTIVATION)),
        pick({}, {"mask": 0.0}),
    )


def image(channels=None):
    """(shape, ordering, channels) of images."""
    ordering = pick("th", "tf")
    channels = channels or pick(1, 2, 3)
    space = [pick(4, 5, 6, 7), pick(5, 6, 7)]
    return [2, channels] + space if ordering == "th" else [2] + space + [channels], ordering


def convolution():
    shape, ordering = image()
    sizes = {"nb_filter": pick(1, 2, 4), "nb_row": pick(1, 2, 3, 4), "nb_col": pick(1, 2, 3)}
    name = pick("Convolution2D", "AtrousConvolution2D", "SeparableConvolution2D", "LocallyConnected2D")
    options = some(activation=ACTIVATION[:4], bias=BOOL)
    if name != "LocallyConnected2D":
        options.update(some(border_mode=("same", "valid")))
    if name == "AtrousConvolution2D":
        options.update(some(atrous_rate=((1, 1), (2, 2), (3, 3))))
    elif name == "SeparableConvolution2D":
        options.update(some(subsample=((2, 2), (1, 1)), depth_multiplier=(1, 2)))
    else:
        options.update(some(subsample=((2, 2), (1, 1), (2, 1), (1, 3))))
    return name, [shape], dict(options, dim_ordering=ordering, **sizes), {"ordering": ordering}


def convolution_1d():
    name = pick("Convolution1D", "AtrousConvolution1D", "LocallyConnected1D")
    options = some(activation=ACTIVATION[:4], bias=BOOL)
    if name != "LocallyConnected1D":
        options.update(some(border_mode=("same", "valid")))
    if name == "AtrousConvolution1D":
        options.update(some(atrous_rate=(1, 2, 3)))
    else:
        options.update(some(subsample_length=(1, 2, 3)))
    return (
        name,
        [[2, pick(7, 8, 9), pick(1, 3)]],
        dict(options, nb_filter=pick(1, 3), filter_length=pick(1, 2, 3)),
        {},
    )


def convolution_3d():
    ordering = pick("th", "tf")
    space = [pick(3, 4), pick(4, 5), pick(3, 5)]
    shape = [2, 2] + space if ordering == "th" else [2] + space + [2]
    options = some(border_mode=("same", "valid"), subsample=((1, 1, 1), (2, 2, 2), (1, 2, 1)), bias=BOOL)
    sizes = {
        "nb_filter": pick(1, 3),
        "kernel_dim1": pick(1, 2, 3),
        "kernel_dim2": pick(1, 3),
        "kernel_dim3": pick(2, 3),
    }
    return "Convolution3D", [shape], dict(options, dim_ordering=ordering, **sizes), {"ordering": ordering}


def pooling():
    dimensions = pick(1, 2, 3)
    name = f"{pick('MaxPooling', 'AveragePooling')}{dimensions}D"
    options = some(border_mode=("same", "valid"))
    if dimensions == 1:
        options.update(some(pool_length=(1, 2, 3), stride=(1, 2, 3)))
        return name, [[2, pick(5, 6, 7), 3]], options, pick({}, {"grid": 0.5})
    ordering = pick("th", "tf")
    space = [pick(4, 5, 6) for _ in range(dimensions)]
    sizes = [tuple(pick(1, 2, 3) for _ in range(dimensions)) for _ in range(2)]
    options.update(some(pool_size=sizes, strides=sizes))
    shape = [2, 2] + space if ordering == "th" else [2] + space + [2]
    return (
        name,
        [shape],
        dict(options, dim_ordering=ordering),
        dict({"ordering": ordering}, **pick({}, {"grid": 0.5})),
    )


def global_pooling():
    dimensions = pick(1, 2, 3)
    name = f"Global{pick('MaxPooling', 'AveragePooling')}{dimensions}D"
    if dimensions == 1:
        return name, [[2, 5, 3]], {}, {"grid": 0.5}
    ordering = pick("th", "tf")
    return (
        name,
        [[2] + [3] * (dimensions + 1)],
        {"dim_ordering": ordering},
        {"ordering": ordering, "grid": 0.5},
    )


def moving():
    ordering = pick("th", "tf")
    name = pick("UpSampling", "ZeroPadding", "Cropping") + pick("1D", "2D", "3D")
    dimensions = int(name[-2])
    pairs = [[pick(0, 1, 2), pick(0, 1)] for _ in range(dimensions)]
    if name == "UpSampling1D":
        kwargs = {"length": pick(1, 2, 3)}
    elif name.startswith("Up"):
        kwargs = {"size": [pick(1, 2, 3) for _ in range(dimensions)]}
    elif name == "ZeroPadding1D":
        kwargs = {"padding": pick(0, 2, [1, 2], {"left_pad": 1, "right_pad": 2}, {"right_pad": 3})}
    elif name == "ZeroPadding2D":
        kwargs = {
            "padding": pick([1, 2], pairs[0] + pairs[1], {"top_pad": 1, "left_pad": 2}, {"bottom_pad": 1})
        }
    elif name == "ZeroPadding3D":
        kwargs = {"padding": [pick(0, 1, 2) for _ in range(3)]}
    else:
        kwargs = {"cropping": pairs[0] if dimensions == 1 else pairs}
    if dimensions == 1:
        return name, [[2, 5, 3]], kwargs, {}
    space = [pick(4, 5) for _ in range(dimensions)]
    shape = [2, 2] + space if ordering == "th" else [2] + space + [2]
    return name, [shape], dict(kwargs, dim_ordering=ordering), {"ordering": ordering}


def reshaping():
    return pick(
        ("Flatten", [pick([2, 3, 4], [3, 2, 2, 2])], {}, {}),
        ("Reshape", [[2, 6, 2]], {"target_shape": pick([12], [3, 4], [-1, 2], [2, -1, 3])}, {}),
        ("Permute", [[2, 3, 4, 2]], {"dims": pick([1, 3, 2], [3, 1, 2], [2, 1, 3])}, {}),
        ("RepeatVector", [[2, 3]], {"n": pick(1, 4)}, {}),
        ("Masking", [[2, 4, 3]], {"mask_value": pick(0.0, 0.5)}, {"grid": 0.5}),
    )


def advanced():
    shape = pick([3, 4], [2, 3, 4], [2, 2, 3, 4])
    axes = [list(range(1, len(shape) - 1)) or [1], [len(shape) - 1], [1]]
    shared = some(shared_axes=axes)
    name, kwargs = pick(
        ("LeakyReLU", some(alpha=(0.0, 0.3, 1.0))),
        ("ELU", some(alpha=(0.5, 1.0))),
        ("ThresholdedReLU", some(theta=(0.0, 0.5, 1.0))),
        ("PReLU", shared),
        ("ParametricSoftplus", dict(shared, **some(alpha_init=(0.1, 1.0), beta_init=(1.0, 3.0)))),
        ("SReLU", shared),
        ("Activation", {"activation": pick(*ACTIVATION)}),
        ("ActivityRegularization", some(l1=(0.1,), l2=(0.1,))),
    )
    return name, [shape], kwargs, pick({}, {"grid": 0.5})


def normalization():
    shape = pick([6, 5], [3, 4, 2], [3, 2, 4, 3])
    mode = pick(0, 0, 1, 2)
    kwargs = some(epsilon=(0.001, 0.1), momentum=(0.5, 0.9))
    if mode != 1:
        kwargs["axis"] = pick(-1, *range(1, len(shape)))
    return (
        "BatchNormalization",
        [shape if mode == 0 else shape[:2]],
        dict(kwargs, mode=mode),
        pick({}, {"train": 1}),
    )


def recurrent():
    name = pick("SimpleRNN", "GRU", "LSTM")
    kwargs = some(
        return_sequences=BOOL,
        go_backwards=BOOL,
        unroll=BOOL,
        stateful=BOOL,
        consume_less=("cpu", "mem", "gpu"),
        activation=("tanh", "relu", "sigmoid"),
        dropout_W=(0.0, 0.3),
        dropout_U=(0.0, 0.3),
    )
    if name != "SimpleRNN":
        kwargs.update(some(inner_activation=("sigmoid", "hard_sigmoid", "tanh")))
    options = pick({}, {"mask": 0.0})
    if kwargs.get("stateful"):
        options = dict(options, runs=pick(1, 2, 3))
    return name, [[2, 4, 3]], dict(kwargs, output_dim=pick(1, 3)), options


def image_recurrent():
    ordering = pick("th", "tf")
    shape = [2, 3, 2, 5, 4] if ordering == "th" else [2, 3, 5, 4, 2]
    kwargs = some(
        return_sequences=BOOL,
        go_backwards=BOOL,
        border_mode=("same", "valid"),
        subsample=((1, 1), (2, 2), (2, 1)),
        activation=("tanh", "relu"),
        inner_activation=("sigmoid", "hard_sigmoid"),
        stateful=BOOL,
    )
    options = {"ordering": ordering}
    if kwargs.get("stateful"):
        options["runs"] = pick(1, 2)
    return (
        "ConvLSTM2D",
        [shape],
        dict(kwargs, nb_filter=pick(1, 2), nb_row=pick(1, 3), nb_col=2, dim_ordering=ordering),
        options,
    )


def embedding():
    kwargs = some(mask_zero=BOOL, input_length=(4,), dropout=(0.0, 0.4))
    return "Embedding", [[3, 4]], dict(kwargs, input_dim=6, output_dim=pick(1, 3)), {"int_max": 6}


def inner(name, **kwargs):
    return {"class_name": name, "config": kwargs}


def wrapper():
    if random.random() < 0.5:
        name = pick("SimpleRNN", "GRU", "LSTM")
        kwargs = some(return_sequences=BOOL, go_backwards=BOOL, stateful=BOOL, unroll=BOOL)
        options = pick({}, {"mask": 0.0})
        if kwargs.get("stateful"):
            options = dict(options, runs=2)
        mode = pick("sum", "mul", "ave", "concat")
        return (
            "Bidirectional",
            [[2, 4, 3]],
            {"layer": inner(name, output_dim=2, **kwargs), "merge_mode": mode},
            options,
        )
    layer, shape = pick(
        (inner("Dense", output_dim=2, **some(activation=ACTIVATION, bias=BOOL)), [2, 3, 4]),
        (inner("Dense", output_dim=2), [2, 3, 2, 4]),
        (inner("LSTM", output_dim=2, **some(return_sequences=BOOL)), [2, 3, 4, 2]),
        (inner("Convolution1D", nb_filter=2, filter_length=2), [2, 3, 4, 2]),
        (inner("Flatten"), [2, 3, 4, 2]),
        (inner("Activation", activation="softmax"), [2, 3, 4]),
        (inner("MaxPooling1D", pool_length=2), [2, 3, 4, 2]),
        (inner("Bidirectional", layer=inner("GRU", output_dim=2), merge_mode="sum"), [2, 3, 4, 2]),
        (inner("TimeDistributed", layer=inner("Dense", output_dim=2)), [2, 3, 2, 4]),
        (inner("BatchNormalization", mode=1), [2, 3, 4]),
    )
    return "TimeDistributed", [shape], {"layer": layer}, pick({}, {"any_batch": True})


def merge():
    mode = pick("sum", "mul", "concat", "ave", "max", "dot", "cos")
    if mode == "concat":
        axis = pick(-1, 1, 2)
        shapes = [[2, 3, 4], [2, 3, 4]]
        shapes[1][axis] += pick(0, 2)
        return "Merge", shapes, {"mode": mode, "concat_axis": axis}, {}
    if mode in ("dot", "cos"):
        shape, axes = pick(
            ([3, 4], (1, -1)),
            ([2, 3, 3], (1, 2, -1, [1, 2], [2, 1], [1, 1], [2, 2])),
            ([2, 2, 2, 2], ([1, 1], [2, 3], 3)),
        )
        return "Merge", [shape, list(shape)], {"mode": mode, "dot_axes": pick(*axes)}, {}
    shape = pick([3, 4], [2, 3, 4], [2, 2, 3, 4])
    return "Merge", [list(shape) for _ in range(pick(2, 3))], {"mode": mode}, pick({}, {"grid": 0.5})


KINDS = (
    *(dense, relative, convolution, convolution, convolution_1d, convolution_3d, pooling, pooling),
    *(global_pooling, moving, moving, reshaping, advanced, advanced, normalization, recurrent, recurrent),
    *(recurrent, image_recurrent, embedding, wrapper, wrapper, merge, merge),
)


def ask(first, last):
    """Records what the original says of the cases with these seeds."""
    import record_layer_options
    from original import write

    from keras import backend as K

    entries, arrays = [], {}
    for seed in range(int(first), int(last)):
        case = draw(seed)
        K.clear_session()
        try:
            entry, flat = record_layer_options.record(seed, case)
        except Exception as error:
            print("left out:", seed, case, type(error).__name__, str(error).split("\n")[0][:150])
            continue
        entries.append(entry)
        arrays.update(flat)
        write("explored_layers", entries, arrays)  # at once: asking is slow, and may be broken off


def compare():
    """Runs `recorded_answers/test_layers.py` on the recorded layers."""
    sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
    import recorded
    from recorded_answers import test_layers

    from keras import backend as K

    recorded.GOLDEN = recorded.Path(os.environ.get("GOLDEN", recorded.GOLDEN))
    found = recorded.cases("explored_layers")
    failed = 0
    for case in found:
        K.clear_session()
        try:
            test_layers.test_outputs_gradients_and_updates_equal_the_record(case)
            test_layers.test_layer_survives_its_config(case)
        except Exception as error:
            failed += 1
            print(
                test_layers.name_of(case),
                case["input_shapes"],
                type(error).__name__,
                str(error)[:400],
            )
    print(failed, "of", len(found), "cases differ")


if __name__ == "__main__":
    compare() if sys.argv[1] == "compare" else ask(*sys.argv[1:])
