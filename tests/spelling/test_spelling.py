"""Keras 2 spellings: each row of the table, ambiguous calls, and the page in docs.

docs/spellings.md has the table as text; after changing a row, update it with:

    python tests/spelling/test_spelling.py --update
"""

import inspect
import sys
from pathlib import Path

import numpy as np
import pytest

import keras
from keras import backend as K
from keras import constraints, initializers, layers, optimizers, regularizers
from keras._spelling import table
from keras._spelling.later import LATER
from keras._spelling.translate import Translator, keywords, layer_translator
from keras.engine.files.registry import layer_from_config
from keras.models import Model, Sequential

PAGE = Path(__file__).parents[2] / "docs" / "spellings.md"

#: A value, not the default, for each argument of Keras 2, and its equivalent in Keras 1.
VALUES = {
    "units": (3, 3),
    "filters": (4, 4),
    "rate": (0.25, 0.25),
    "stddev": (0.5, 0.5),
    "activation": ("tanh", "tanh"),
    "recurrent_activation": ("sigmoid", "sigmoid"),
    "use_bias": (False, False),
    "padding": ("same", "same"),
    "data_format": ("channels_last", "tf"),
    "depth_multiplier": (2, 2),
    "unit_forget_bias": (False, "zero"),
    "dropout": (0.25, 0.25),
    "recurrent_dropout": (0.5, 0.5),
    "axis": (1, 1),
    "axes": (1, 1),
    "size": (3, 3),
    "function": (abs, abs),
    "target_shape": ((2, 2), (2, 2)),
    "dims": ((2, 1), (2, 1)),
    "n": (2, 2),
    "input_dim": (5, 5),
    "output_dim": (3, 3),
    "dtype": ("float32", "float32"),
    "momentum": (0.5, 0.5),
    "epsilon": (0.01, 0.01),
    "layer": None,  # a new one for each
    "inputs": None,
}
_BY_LAST_WORD = {
    "initializer": ("zeros", "zero"),
    "regularizer": ({"class_name": "L1L2", "config": {"l1": 0.0, "l2": 0.5}}, "l2"),
    "constraint": ("non_neg", "nonneg"),
}
#: Sizes in Keras 2, by their number.
_SIZES = {1: 2, 2: (2, 3), 3: (2, 3, 1)}


def values(keyword):
    """Returns (value for Keras 2, {name: value} for Keras 1) of an argument; None to leave it out."""
    if not keyword.old:
        return None
    if keyword.in_pairs:
        return 1, {keyword.old[0]: ((1, 1),) * keyword.count}
    if len(keyword.old) > 1:
        return _SIZES[len(keyword.old)], dict(zip(keyword.old, _SIZES[len(keyword.old)], strict=True))
    if keyword.count:
        return _SIZES[keyword.count], {keyword.old[0]: _SIZES[keyword.count]}
    pair = VALUES.get(keyword.new) or _BY_LAST_WORD.get(keyword.new.rsplit("_", 1)[-1])
    if pair is None:
        return None
    if pair[1] == "l2":
        return pair[0], {keyword.old[0]: {"name": "L1L2Regularizer", "l1": 0.0, "l2": 0.5}}
    return pair[0], {keyword.old[0]: pair[1]}


def needed(name):
    """The required arguments of a class in Keras 2 and in Keras 1."""
    new, old = {}, {}
    for keyword in keywords(table.LAYERS[name].keywords).values():
        first = keyword.new in ("units", "filters", "kernel_size", "rate", "stddev", "function", "axes")
        if first or keyword.new in ("target_shape", "dims", "n", "input_dim", "output_dim"):
            new[keyword.new] = values(keyword)[0]
            old.update(values(keyword)[1])
    if name == "Activation":
        new["activation"] = old["activation"] = "relu"
    return new, old


ARGUMENTS = [
    (name, keyword)
    for name, row in table.LAYERS.items()
    for keyword in keywords(row.keywords).values()
    if name not in ("TimeDistributed", "Bidirectional", "InputLayer", "Conv2DTranspose")
    if values(keyword) is not None and not (name == "Lambda" and keyword.new == "function")
]


@pytest.mark.parametrize("name, keyword", ARGUMENTS, ids=[f"{n}-{k.new}" for n, k in ARGUMENTS])
def test_both_spellings_give_the_same_config(name, keyword):
    new, old = needed(name)
    if name == "Lambda":
        new["function"] = old["function"] = K.tanh
    if name.startswith("SeparableConv") and keyword.new.endswith("wise_initializer"):
        new["depthwise_initializer"] = new["pointwise_initializer"] = "zeros"
    value, same = values(keyword)
    row = table.LAYERS[name]
    if keyword.new == "padding" and not name.startswith(("Conv", "Sep", "Max", "Average")):
        value = "valid" if name.startswith("Local") else 2
        same = {"border_mode": "valid"} if value == "valid" else {"padding": (2,) * keyword.count or 2}
    if keyword.new in ("strides", "pool_size", "size") and isinstance(value, tuple):
        value, same = list(value), {key: tuple(item) for key, item in same.items()}
    given = {**new, keyword.new: value, "name": "same"}
    wanted = {**row.defaults, **row.fixed, **old, **same, "name": "same"}
    if not Translator(row, name).is_keras_2((), given) and not row.fixed:
        wanted = {key: item for key, item in wanted.items() if key not in row.defaults}
    arguments = wanted
    if keyword.new in row.own:  # with an option of its own, the class stays as it is
        made = getattr(layers, name)(**given)
        assert type(made).__name__ == name and made.get_config()[keyword.new] == value
        return
    if row.only_if and keyword.new == "dilation_rate":
        arguments = layer_translator(name).arguments_as_1x((), given)
    cls = layers.AtrousConvolution1D if arguments is not wanted and "filter_length" in wanted else None
    cls = cls or (layers.AtrousConvolution2D if arguments is not wanted else None)
    cls = cls or getattr(layers, row.becomes if row.fixed else name)
    made = getattr(layers, name)(**given)
    assert type(made) is cls
    assert made.get_config() == cls(**wanted).get_config()


FIXED = [
    (name, keyword)
    for name, row in table.LAYERS.items()
    for keyword in keywords(row.keywords).values()
    if keyword.only is not None
]


@pytest.mark.parametrize("name, keyword", FIXED, ids=[f"{n}-{k.new}" for n, k in FIXED])
def test_arguments_without_counterpart_accept_only_their_default(name, keyword):
    translator = layer_translator(name)
    default = {"None": None, "True": True, "False": False, "1": 1, "0": 0, "-1": -1}
    text = keyword.only.split("|")[0]
    translator.arguments_as_1x((), {keyword.new: default.get(text, text)})
    with pytest.raises(ValueError, match=f"{keyword.new}=.* has no counterpart in Keras 1"):
        translator.arguments_as_1x((), {keyword.new: "something else"})


@pytest.mark.parametrize("path", table.CALLS)
def test_calls_are_translated(path):
    """Every renamed argument of a method or function arrives under its Keras 1 name."""
    translator = Translator(table.CALLS[path], path)
    for keyword in translator.known.values():
        if keyword.old and keyword.new not in ("data_format", "kernel_size"):
            assert translator.arguments_as_1x((), {keyword.new: 7})[keyword.old[0]] == 7
    owner, name = keras, path
    for part in path.split("."):
        owner, name = (getattr(owner, part), part) if "." in path else (owner, path)
    parameters = inspect.signature(owner).parameters
    known = {old for keyword in translator.known.values() for old in keyword.old}
    missing = known - set(parameters) - {"loss_weights", "name"}
    assert not missing, f"{name} has no {missing}: the signature must stay Keras 1's"


@pytest.mark.parametrize("path, target", table.NAMES.items())
def test_paths_and_functions_are_aliases(path, target):
    here, there = (sys.modules.get(f"keras.{p}") or _attribute(p) for p in (path, target))
    assert here is there


def _attribute(path):
    found = keras
    for part in path.split("."):
        found = getattr(found, part)
    return found


@pytest.mark.parametrize("name, target", table.CLASSES.items())
def test_class_names_are_aliases(name, target):
    assert getattr(layers, name) is getattr(layers, target)


# --- ambiguous calls -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "make, size, step",
    [
        (lambda: layers.Conv2D(64, 3, 3), (3, 3), (1, 1)),  # 64 filters of 3x3, as in 2016
        (lambda: layers.Conv2D(64, 3, 2), (3, 2), (1, 1)),
        (lambda: layers.Conv2D(64, (3, 2)), (3, 2), (1, 1)),
        (lambda: layers.Conv2D(64, [3, 2], (2, 1)), (3, 2), (2, 1)),
        (lambda: layers.Conv2D(64, 3), (3, 3), (1, 1)),
        (lambda: layers.Conv2D(64, 3, strides=2), (3, 3), (2, 2)),
        (lambda: layers.Conv2D(64, 3, nb_col=2), (3, 2), (1, 1)),
    ],
)
def test_filter_size_and_stride_are_distinguished(make, size, step):
    layer = make()
    assert (layer.nb_row, layer.nb_col, layer.subsample) == (*size, step)


def test_activation_as_second_argument():
    assert layers.Dense(3, "relu").get_config()["activation"] == "relu"
    assert layers.Dense(3, "zero").get_config()["init"] == "zero"
    assert layers.LSTM(3, "relu", "sigmoid").get_config()["inner_activation"] == "sigmoid"


@pytest.mark.parametrize(
    "make, message",
    [
        (lambda: layers.Dense(units=3, output_dim=3), "'output_dim', which is Keras 1's .*'units'"),
        (lambda: layers.Dense(output_dim=3, use_bias=False), "'output_dim', .* 'use_bias'"),
        (lambda: layers.Conv2D(64, 3, 3, padding="same"), "3, 3 as two arguments are Keras 1's .* 'padding'"),
        (lambda: layers.Dense(3, units=3), "multiple values for argument 'units'"),
        (lambda: layers.Dense(3, kernel_initialiser="zeros"), "Did you mean 'kernel_initializer'"),
        (lambda: layers.Dense(3, W_regularisr="l2"), "Did you mean 'W_regularizer'"),
    ],
)
def test_mixed_and_misspelled_names_are_refused(make, message):
    with pytest.raises(TypeError, match=message):
        make()


def test_two_names_of_one_option_must_agree():
    with pytest.raises(ValueError, match="depthwise_initializer and pointwise_initializer must be equal"):
        layers.SeparableConv2D(3, 3, depthwise_initializer="zeros", pointwise_initializer="ones")


def test_user_defined_subclass_keeps_its_arguments():
    class Units(layers.Dense):
        def __init__(self, units, rate=0.5, **kwargs):
            self.rate = rate
            super().__init__(output_dim=units, **kwargs)

    class Same(layers.Dense):
        pass

    assert Units(units=3, rate=1.0, init="zero").output_dim == 3
    assert Same(units=3).output_dim == Same(3).output_dim == 3


def test_warnings_name_the_line_that_called():
    model = Sequential([layers.Dense(1, input_dim=1)])
    with pytest.warns(UserWarning, match="class_mode has no effect") as caught:
        model.compile("sgd", "mse", class_mode="binary")
    assert caught[0].filename == __file__
    with pytest.warns(UserWarning, match="show_accuracy has no effect") as caught:
        model.fit(np.ones((2, 1)), np.ones((2, 1)), nb_epoch=1, verbose=0, show_accuracy=True)
    assert caught[0].filename == __file__


def test_signatures_stay_those_of_keras_1():
    assert list(inspect.signature(layers.Dense).parameters)[:2] == ["output_dim", "init"]
    assert list(inspect.signature(Model.fit).parameters)[3:5] == ["batch_size", "nb_epoch"]


# --- defaults that differ ------------------------------------------------------------------------


def test_gain_of_initial_recurrent_weights():
    """Keras 2's default is a gain of 1, Keras 1's 1.1: U'U is gain ** 2 times the identity."""
    for layer, gain in ((layers.LSTM(units=4), 1.0), (layers.LSTM(4), 1.1)):
        layer(keras.layers.Input(shape=(5, 3)))
        U = K.eval(layer.recurrent_kernel)[:, :4]  # of the gate i
        np.testing.assert_allclose(U.T @ U, gain**2 * np.eye(4), atol=1e-5)
    config = layers.GRU(units=4).get_config()
    assert layer_from_config({"class_name": "GRU", "config": config}).get_config() == config


def test_optimizer_epsilon_follows_the_spelling():
    assert optimizers.Adam(learning_rate=0.5).epsilon == 1e-7
    assert optimizers.Adam(lr=0.5).epsilon == 1e-8


# --- training ------------------------------------------------------------------------------------


def batches(size):
    while True:
        yield np.ones((size, 3)), np.zeros((size, 2))


def small_model():
    x = layers.Input(shape=(3,))
    model = Model(inputs=x, outputs=layers.Dense(units=2, kernel_initializer="ones")(x))
    model.compile("sgd", "mse")
    return model


def test_fit_accepts_epochs():
    history = small_model().fit(np.ones((8, 3)), np.zeros((8, 2)), epochs=3, batch_size=None, verbose=0)
    assert len(history.history["loss"]) == 3


@pytest.mark.parametrize("kind", [Model, Sequential])
def test_steps_per_epoch_counts_batches(kind):
    model = small_model() if kind is Model else Sequential([layers.Dense(2, input_dim=3)])
    model.compile("sgd", "mse")
    seen = []
    counter = keras.callbacks.LambdaCallback(on_batch_end=lambda batch, logs: seen.append(logs["size"]))
    model.fit_generator(batches(5), steps_per_epoch=3, epochs=2, verbose=0, callbacks=[counter])
    assert seen == [5] * 6
    seen.clear()
    model.fit_generator(batches(5), 5, 2, verbose=0, callbacks=[counter])  # samples, as in Keras 1
    assert seen == [5] * 2
    assert model.predict_generator(batches(5), steps=2).shape == (10, 2)
    evaluated = model.evaluate_generator(batches(5), steps=2)
    np.testing.assert_allclose(
        evaluated, model.evaluate(np.ones((5, 3)), np.zeros((5, 2)), verbose=0), rtol=1e-6
    )


# --- layers and functions that only Keras 2 has --------------------------------------------------


def test_merging_functions_equal_merge():
    a, b = layers.Input(shape=(3,)), layers.Input(shape=(3,))
    made = [layers.add, layers.subtract, layers.multiply, layers.average, layers.maximum, layers.minimum]
    outputs = [function([a, b]) for function in made]
    outputs += [layers.concatenate([a, b]), layers.dot([a, b], axes=1)]
    x, y = np.random.RandomState(0).standard_normal((2, 4, 3)).astype("float32")
    expected = [x + y, x - y, x * y, (x + y) / 2, np.maximum(x, y), np.minimum(x, y)]
    expected += [np.concatenate([x, y], -1), (x * y).sum(-1, keepdims=True)]
    model = Model(inputs=[a, b], outputs=outputs)
    again = Model.from_config(model.get_config())
    for found, also, wanted in zip(model.predict([x, y]), again.predict([x, y]), expected, strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-6)
        np.testing.assert_allclose(also, wanted, rtol=1e-6)


def test_keras_layers_merge_module_can_be_imported():
    from keras.layers.merge import concatenate  # by the path of Keras 2

    assert concatenate is layers.concatenate
    assert inspect.isfunction(layers.merge)  # Keras 1's


@pytest.mark.parametrize("ordering", ["channels_first", "channels_last"])
@pytest.mark.parametrize("border, step, size", [("valid", 2, 3), ("same", 2, 3), ("valid", 3, 2)])
def test_conv2d_transpose_equals_deconvolution(ordering, border, step, size):
    first = ordering == "channels_first"
    x = layers.Input(shape=(2, 4, 5) if first else (4, 5, 2))
    layer = layers.Conv2DTranspose(3, size, strides=step, padding=border, data_format=ordering)
    y = layer(x)
    deconvolution = layers.Deconvolution2D(
        *(3, size, size, y.shape),
        border_mode=border,
        subsample=(step, step),
        dim_ordering="th" if first else "tf",
        weights=layer.get_weights(),
    )
    model = Model(inputs=x, outputs=[y, deconvolution(x)])
    data = np.random.RandomState(0).standard_normal((2, *x.shape[1:])).astype("float32")
    found, wanted = model.predict(data)
    np.testing.assert_allclose(found, wanted, atol=1e-6)


@pytest.mark.parametrize(
    "name, mean, std",
    [
        ("truncated_normal", 0.0, 0.05 * 0.87962566),
        ("he_normal", 0.0, np.sqrt(2 / 300)),
        ("glorot_normal", 0.0, np.sqrt(2 / 500)),
        ("lecun_normal", 0.0, np.sqrt(1 / 300)),
        ("glorot_uniform", 0.0, np.sqrt(2 / 500)),
        ("random_normal", 0.0, 0.05),
        ("random_uniform", 0.0, 0.05 / np.sqrt(3)),
        ({"class_name": "Constant", "config": {"value": 3.0}}, 3.0, 0.0),
    ],
)
def test_initializers_have_the_expected_moments(name, mean, std):
    """Of 60,000 draws, three standard errors of the mean are std / 80, of the deviation std / 110."""
    np.random.seed(0)
    for initializer in (initializers.get(name), layers.Dense(units=3, kernel_initializer=name).init):
        drawn = K.get_value(initializer((300, 200)))
        np.testing.assert_allclose(drawn.mean(), mean, atol=std / 80 + 1e-9)
        np.testing.assert_allclose(drawn.std(), std, rtol=0.015, atol=1e-9)


def test_seeded_initializers_repeat():
    make = initializers.RandomNormal(seed=3)
    np.testing.assert_array_equal(K.get_value(make((2, 3))), K.get_value(make((2, 3))))


def test_keras_2_names_of_regularizers_and_constraints_resolve():
    assert regularizers.l1_l2(0.5, 0.25).get_config() == regularizers.l1l2(0.5, 0.25).get_config()
    assert constraints.max_norm(max_value=3).get_config() == constraints.MaxNorm(m=3).get_config()


def test_image_data_format_sets_the_ordering():
    before = K.image_data_format()
    K.set_image_data_format("channels_last")
    assert K.image_dim_ordering() == "tf" and layers.Conv2D(filters=2, kernel_size=2).dim_ordering == "tf"
    K.set_image_data_format(before)
    with pytest.raises(ValueError, match="channels_first"):
        K.set_image_data_format("tf")


# --- the page ------------------------------------------------------------------------------------


def page():
    """Returns the tables of docs/spellings.md."""
    lines = ["| Keras 1 | Keras 2 = Keras 1 |", "|---|---|"]
    for name, row in table.LAYERS.items():
        lines.append(_line(row.becomes if row.fixed else name, name, row))
    lines += ["", "| method or function | Keras 2 = Keras 1 |", "|---|---|"]
    for path, row in table.CALLS.items():
        lines.append(_line(path.removesuffix(".__init__"), None, row))
    lines += ["", "| name in Keras 2 | here |", "|---|---|"]
    for names in (table.NAMES, table.CLASSES):
        lines += [f"| `{name}` | `{target}` |" for name, target in names.items()]
    lines += ["", "| module | names of later versions, imported on first use |", "|---|---|"]
    for path, later in LATER.items():
        classes = [f"`{name}`" for name, where in later.items() if ":" in where]
        lines += [f"| `{path}` | {', '.join(classes)} |"] if classes else []
    return "\n".join(lines)


def _line(here, name, row):
    words = []
    for keyword in keywords(row.keywords).values():
        if keyword.only is not None:
            words.append(f"`{keyword.new}`: only {' or '.join(keyword.only.split('|'))}")
        elif not keyword.old:
            words.append(f"`{keyword.new}`: without effect")
        elif keyword.is_added:
            words.append(f"`{keyword.new}`")
        elif not keyword.is_shared:
            words.append(f"`{keyword.new}` = `{', '.join(keyword.old)}`")
    fixed = ", ".join(f"{key}={value!r}" for key, value in row.fixed.items())
    text = f"`{here}({fixed})` for `{name}`" if row.fixed else f"`{here}`"
    return f"| {text} | {'; '.join(words) or 'the same'} |"


def test_page_contains_the_table():
    mend = "python tests/spelling/test_spelling.py --update"
    assert page() in PAGE.read_text("utf-8"), f"docs/spellings.md does not match the table: `{mend}`"


def update():
    """Updates the tables of docs/spellings.md."""
    start, end = "<!-- tables -->\n", "\n<!-- end of tables -->"
    text = PAGE.read_text("utf-8")
    before, after = text.partition(start)[0], text.partition(end)[2]
    PAGE.write_text(before + start + page() + end + after, "utf-8")


if __name__ == "__main__":
    if sys.argv[1:] != ["--update"]:
        sys.exit(__doc__)
    update()
