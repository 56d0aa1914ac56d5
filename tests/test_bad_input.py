"""Mistakes of users, and the messages: who raises, what was passed, what was expected, how to fix it.

The letter of a row tells where the mistake is: I an Input, D a Dense, L another layer or a merge, M a
model, C compile, F fit, P predict and other uses of a trained model. Every error is raised by keras itself,
before any program has run. Case is ignored, since a word may begin a sentence.
"""

import pathlib

import numpy as np
import pytest

import keras
from keras import _graph
from keras import backend as K
from keras.callbacks import EarlyStopping, ModelCheckpoint, ReduceLROnPlateau
from keras.engine.files import building
from keras.layers import (
    LSTM,
    Activation,
    AveragePooling1D,
    BatchNormalization,
    Bidirectional,
    Convolution2D,
    Dense,
    Dropout,
    Embedding,
    Flatten,
    Input,
    MaxPooling2D,
    Merge,
    RepeatVector,
    Reshape,
    TimeDistributed,
    merge,
)
from keras.models import Model, Sequential
from keras.optimizers import SGD, Adam

KERAS = pathlib.Path(keras.__file__).parent
NAN, INF = float("nan"), float("inf")


def table(*rows):
    """Turns rows (id, call, exception, words of the message) into parameters of a test."""
    return pytest.mark.parametrize(
        "call, exception, words", [pytest.param(*row, id=name) for name, *row in rows]
    )


@pytest.fixture
def nothing_runs(monkeypatch):
    def refuse(*args, **kwargs):
        pytest.fail("a program ran before the mistake was found")

    monkeypatch.setattr(_graph.Function, "run", refuse)
    monkeypatch.setattr(_graph.BatchLoop, "run", refuse)


def check(call, exception, words):
    with pytest.raises(exception) as caught:
        call()
    words = [words] if isinstance(words, str) else words
    missing = [word for word in words if word.lower() not in str(caught.value).lower()]
    assert not missing, f"{missing} not in: {caught.value}"
    raised_in = pathlib.Path(caught.traceback[-1].path)
    assert raised_in.is_relative_to(KERAS), f"raised in {raised_in}: {caught.value}"


# --- Input ----------------------------------------------------------------------------------------

A_TUPLE = "shape must be a tuple of ints"


@table(
    ("I1", lambda: Input(shape=(-3,)), ValueError, "negative dimension -3"),
    ("I1-batch", lambda: Input(batch_shape=(None, -3)), ValueError, "negative dimension -3"),
    ("I2", lambda: Input(shape=(0,)), ValueError, "dimension 0"),
    ("I3-float", lambda: Input(shape=(2.5,)), TypeError, (A_TUPLE, "2.5")),
    ("I3-str", lambda: Input(shape="10"), TypeError, (A_TUPLE, "'10'")),
    ("I3-int", lambda: Input(shape=10), TypeError, (A_TUPLE, "got 10")),
    ("I4", lambda: Input(), ValueError, "needs shape or batch_shape"),
    ("I5", lambda: Input(dtype="flaot32"), ValueError, "did you mean 'float32'"),
    ("I5-shape", lambda: Input(shape=(3,), dtype="flaot32"), ValueError, "did you mean 'float32'"),
    ("I6", lambda: Input(tensor=np.zeros((2, 3))), TypeError, ("expected a Keras tensor", "ndarray")),
)
def test_invalid_input_tensor_is_refused(call, exception, words):
    check(call, exception, words)


# --- Dense ----------------------------------------------------------------------------------------


def size_must_be(value):
    return f"output_dim must be a positive int, got {value}"


@table(
    ("D1-negative", lambda: Dense(-1), ValueError, size_must_be("-1")),
    ("D1-zero", lambda: Dense(0), ValueError, size_must_be("0")),
    ("D1-float", lambda: Dense(2.5), ValueError, size_must_be("2.5")),
    ("D1-str", lambda: Dense("10"), ValueError, size_must_be("'10'")),
    ("D2", lambda: Dense(True), ValueError, size_must_be("True")),
    ("D3", lambda: Dense(3, activation="reluu"), ValueError, "did you mean 'relu'"),
    ("D4-activation", lambda: Dense(3, activation=5), TypeError, ("got 5", "sigmoid, silu, softmax")),
    ("D4-init", lambda: Dense(3, init="gloriot"), ValueError, ("'gloriot'", "glorot_uniform", "he_normal")),
    ("D4-list", lambda: Dense(3, init=["zero"]), TypeError, ("['zero']", "glorot_uniform")),
    ("D5", lambda: Dense(3, unknown_kw=1), TypeError, ("Dense", "'unknown_kw'", "output_dim, init")),
    ("D5-close", lambda: Dense(3, activaton="relu"), TypeError, ("'activaton'", "did you mean 'activation'")),
    ("D6", lambda: Dense(3)(Input(shape=(4, None))), ValueError, "last dimension must be known"),
)
def test_invalid_dense_is_refused(call, exception, words):
    check(call, exception, words)


@pytest.mark.parametrize("row", ["D7"])
def test_weights_larger_than_the_memory_are_refused(row, monkeypatch):
    monkeypatch.setattr(building, "physical_memory", lambda: 16 * 10**9)
    dense = Dense(10**10)
    check(lambda: dense(Input(shape=(1,))), MemoryError, ("would need 40 GB", dense.name))
    assert dense.weights == []


# --- other layers and merge -----------------------------------------------------------------------


def image(rows=4, cols=4, channels=3):
    return Input(shape=(channels, rows, cols))


def called_before_on(layer, tensor):
    """Builds the layer for a tensor of this shape."""
    layer(tensor)
    return layer


def a3_b4():
    return [Input(shape=(3,), name="a"), Input(shape=(4,), name="b")]


def branches_3_4():
    return [Sequential([Dense(units, input_dim=2)], name=name) for units, name in ((3, "a"), (4, "b"))]


def embedding():
    """Returns a compiled model of an Embedding with 5 rows and 2 steps."""
    return compiled(Sequential([Embedding(5, 3, input_length=2), Flatten(), Dense(1)]))


def embedding_in(function, *shape):
    """Returns a model with an Embedding of 5 rows, applied to a function of the ids."""
    x = Input(shape=shape, dtype="int32", name="ids")
    return Model(x, function(x))


def embedding_inside():
    inner = embedding_in(Embedding(5, 3), 2)
    return embedding_in(lambda x: Flatten()(inner(x)), 2)


def ids(*values):
    return np.array([[0, value] for value in values])


TARGETS = np.zeros((1, 1))


@table(
    ("L1", lambda: Convolution2D(2, 5, 5)(image()), ValueError, ("output would be empty", "(None, 3, 4, 4)")),
    ("L1-pool2d", lambda: MaxPooling2D((5, 5))(image()), ValueError, "output would be empty"),
    (
        "L1-pool1d",
        lambda: AveragePooling1D(5)(Input(shape=(4, 2))),
        ValueError,
        "output would be empty",
    ),
    (
        "L2-conv",
        lambda: Convolution2D(2, 2, 2, name="c")(Input(shape=(3, 4))),
        ValueError,
        ("expected ndim=4", "(None, 3, 4)", "layer c"),
    ),
    (
        "L2-lstm",
        lambda: LSTM(2, name="l")(Input(shape=(3,))),
        ValueError,
        ("expected ndim=3", "(None, 3)", "layer l"),
    ),
    ("L2-pool", lambda: MaxPooling2D()(Input(shape=(3,))), ValueError, ("expected ndim=4", "(None, 3)")),
    ("L2-flatten", lambda: Flatten()(Input(shape=(3,))), ValueError, ("expected ndim >= 3", "(None, 3)")),
    (
        "L2-repeat",
        lambda: RepeatVector(2)(Input(shape=(3, 4))),
        ValueError,
        ("expected ndim=2", "(None, 3, 4)"),
    ),
    ("L2-steps", lambda: TimeDistributed(Dense(2))(Input(shape=(3,))), ValueError, ("rank 3", "(None, 3)")),
    (
        "L2-both",
        lambda: Bidirectional(LSTM(2))(Input(shape=(3,))),
        ValueError,
        ("expected ndim=3", "(None, 3)"),
    ),
    ("L3-large", lambda: Dropout(1.5), ValueError, ("0 <= p < 1", "1.5")),
    ("L3-one", lambda: Dropout(1), ValueError, ("0 <= p < 1", "got 1")),
    ("L3-negative", lambda: Dropout(-0.1), ValueError, ("0 <= p < 1", "-0.1")),
    ("L3-nan", lambda: Dropout(NAN), ValueError, ("0 <= p < 1", "nan")),
    ("L3-str", lambda: Dropout("0.5"), ValueError, ("0 <= p < 1", "'0.5'")),
    ("L3-none", lambda: Dropout(None), ValueError, ("0 <= p < 1", "None")),
    ("L3-lstm", lambda: LSTM(2, dropout_W=1.5), ValueError, ("0 <= dropout_W < 1", "1.5")),
    ("L4-sum", lambda: merge(a3_b4(), mode="sum"), ValueError, ("'a' (None, 3)", "'b' (None, 4)", "same")),
    (
        "L4-concat",
        lambda: merge([Input(shape=(3, 2), name="a"), Input(shape=(4, 2), name="b")], mode="concat"),
        ValueError,
        ("'a' (None, 3, 2)", "'b' (None, 4, 2)", "axis: -1"),
    ),
    (
        "L4-axis",
        lambda: merge(a3_b4(), mode="concat", concat_axis=7),
        ValueError,
        ("'a' (None, 3)", "axis: 7"),
    ),
    ("L4-dot", lambda: merge(a3_b4(), mode="dot"), ValueError, ("'a' (None, 3)", "'b' (None, 4)")),
    ("L4-layers", lambda: Merge(branches_3_4()), ValueError, ("'a' (None, 3)", "'b' (None, 4)")),
    ("L5", lambda: Reshape((7,))(Input(shape=(6,))), ValueError, ("6 elements into 7", "(7,)")),
    ("L5-free", lambda: Reshape((-1, 4))(Input(shape=(6,))), ValueError, ("6 elements into", "(-1, 4)")),
    ("L6-predict", lambda: embedding().predict(ids(99)), ValueError, "id 99 >= input_dim 5"),
    ("L6-fit", lambda: embedding().fit(ids(99), TARGETS), ValueError, "id 99 >= input_dim 5"),
    ("L6-batch", lambda: embedding().train_on_batch(ids(99), TARGETS), ValueError, "id 99 >= input_dim 5"),
    ("L6-inside", lambda: embedding_inside().predict(ids(99)), ValueError, ("id 99 >= input_dim 5", "'ids'")),
    (
        "L6-moved",
        lambda: embedding_in(lambda x: Embedding(5, 3)(Reshape((2,))(x)), 2, 1).predict(zeros(4, 2, 1) + 99),
        ValueError,
        ("id 99 >= input_dim 5", "'ids'"),
    ),
    (
        "L6-steps",
        lambda: embedding_in(TimeDistributed(embedding_inside()), 4, 2).predict(zeros(3, 4, 2) + 99),
        ValueError,
        ("id 99 >= input_dim 5", "'ids'"),
    ),
    ("L7-negative", lambda: embedding().predict(ids(-1)), ValueError, ("negative id -1", "embedding_1")),
    ("L7-fraction", lambda: embedding().predict(ids(1.7)), ValueError, ("needs ints", "1.7")),
    ("L7-inf", lambda: embedding().predict(ids(INF)), ValueError, ("needs ints", "inf")),
    ("L7-nan", lambda: embedding().predict(ids(NAN)), ValueError, ("needs ints", "nan")),
    ("L8", lambda: BatchNormalization(axis=7)(Input(shape=(3,))), ValueError, "axis 7 of 2-D input"),
    ("L9-str", lambda: Dense(3, name="d")("x"), TypeError, ("layer 'd' got", "str 'x'", "Input(shape")),
    ("L9-array", lambda: Dense(3, name="d")(np.zeros((2, 3))), TypeError, ("layer 'd' got", "predict")),
    ("L9-list", lambda: Dense(3, name="d")(a3_b4()), ValueError, ("layer 'd' got 2 inputs", "merge")),
    ("L9-dropout", lambda: Dropout(0.5, name="d")(a3_b4()), ValueError, "layer 'd' got 2 inputs"),
    ("L9-activation", lambda: Activation("relu", name="d")(a3_b4()), ValueError, "layer 'd' got 2 inputs"),
    ("L9-reshape", lambda: Reshape((3,), name="d")(a3_b4()), ValueError, "layer 'd' got 2 inputs"),
    ("L9-norm", lambda: BatchNormalization(name="d")(a3_b4()), ValueError, "layer 'd' got 2 inputs"),
    ("L9-embedding", lambda: Embedding(3, 2, name="d")(a3_b4()), ValueError, "layer 'd' got 2 inputs"),
    (
        "L9-steps",
        lambda: TimeDistributed(Dense(2, name="d"))([Input(shape=(5, 3)), Input(shape=(5, 4))]),
        ValueError,
        "layer 'd' got 2 inputs",
    ),
    ("L9-both", lambda: Bidirectional(LSTM(2), name="d")(a3_b4()), ValueError, "layer 'd' got 2 inputs"),
    (
        "L10-dense",
        lambda: called_before_on(Dense(2), Input(shape=(3,)))(Input(shape=(4,))),
        ValueError,
        ("was built for", "(None, 3)", "(None, 4)"),
    ),
    (
        "L10-conv",
        lambda: called_before_on(Convolution2D(2, 2, 2), image())(image(channels=1)),
        ValueError,
        ("was built for", "(None, 3,", "(None, 1, 4, 4)"),
    ),
    (
        "L10-lstm",
        lambda: called_before_on(LSTM(2), Input(shape=(5, 3)))(Input(shape=(5, 4))),
        ValueError,
        ("was built for", ", 3)", "(None, 5, 4)"),
    ),
    (
        "L10-norm",
        lambda: called_before_on(BatchNormalization(), Input(shape=(3,)))(Input(shape=(4,))),
        ValueError,
        ("was built for", "(None, 3)", "(None, 4)"),
    ),
    (
        "L10-both",
        lambda: called_before_on(Bidirectional(LSTM(2)), Input(shape=(5, 3)))(Input(shape=(5, 4))),
        ValueError,
        ("was built for", ", 3)", "(None, 5, 4)"),
    ),
    (
        "L10-steps",
        lambda: called_before_on(TimeDistributed(Dense(2)), Input(shape=(5, 3)))(Input(shape=(5, 4))),
        ValueError,
        ("was built for", "(None, 3)", "(None, 4)"),
    ),
    (
        "L10-model",
        lambda: Sequential([Dense(2, input_dim=3)])(Input(shape=(4,))),
        ValueError,
        ("was built for", "(None, 3)", "(None, 4)"),
    ),
    ("L11-mode", lambda: merge(a3_b4(), mode="sumz"), ValueError, ("did you mean 'sum'", "mul, concat, ave")),
    ("L11-one", lambda: merge([Input(shape=(3,))], mode="sum"), ValueError, ("needs 2", "got 1")),
    ("L11-tensor", lambda: merge(Input(shape=(3,)), mode="sum"), TypeError, "needs 2"),
)
def test_invalid_layer_is_refused(call, exception, words, nothing_runs):
    check(call, exception, words)


@pytest.mark.parametrize("row", ["L6-other-model"])
def test_ids_are_checked_by_the_model_that_reads_them(row):
    x = Input(shape=(2,), dtype="int32")
    large, small = (Model(x, Embedding(rows, 3)(x)) for rows in (100, 5))
    assert large.predict(ids(99)).shape == (1, 2, 3)
    check(lambda: small.predict(ids(99)), ValueError, "id 99 >= input_dim 5")


# --- models ---------------------------------------------------------------------------------------


def disconnected():
    a, b = Input(shape=(3,), name="first"), Input(shape=(3,), name="forgotten")
    return Model(input=a, output=merge([Dense(2)(a), Dense(2)(b)]))


def same_names():
    a = Input(shape=(3,))
    return Model(input=a, output=Dense(2, name="twin")(Dropout(0.5, name="twin")(a)))


def same_names_and_classes():
    a = Input(shape=(3,))
    return Model(input=a, output=Dense(2, name="twin")(Dense(4, name="twin")(a)))


def model_of(output):
    return Model(input=Input(shape=(3,)), output=output)


def listed_twice():
    a = Input(shape=(3,), name="a")
    return Model(input=[a, a], output=Dense(2)(a))


FIT = np.zeros((4, 3)), np.zeros((4, 1))


@table(
    ("M1", disconnected, ValueError, ("disconnected", "'forgotten'", "'first'")),
    ("M2", same_names, ValueError, ("'twin'", "Dense", "Dropout", "unique")),
    ("M2-class", same_names_and_classes, ValueError, ("'twin'", "(None, 4)", "(None, 2)")),
    ("M3-empty", lambda: model_of([]), ValueError, "list of outputs is empty"),
    ("M3-numpy", lambda: model_of(np.zeros(3)), TypeError, ("output 0 is ndarray", "wanted a tensor")),
    ("M3-layer", lambda: model_of(Dense(3)), TypeError, ("output 0 is Dense", "wanted a tensor")),
    ("M3-none", lambda: model_of(None), TypeError, "output 0 is NoneType"),
    ("M3-variable", lambda: model_of(K.zeros((3,))), ValueError, ("output 0 is", "not computed from")),
    ("M3-input", lambda: Model(input=[], output=Input(shape=(3,))), ValueError, "list of inputs is empty"),
    ("M4", listed_twice, ValueError, ("'a'", "listed twice")),
    ("M5-add", lambda: Sequential().add("dense"), TypeError, ("such as Dense(", "'dense'")),
    ("M5-class", lambda: Sequential([Dense]), TypeError, "instance of class Layer"),
    ("M5-shape", lambda: Sequential([Dense(3)]), ValueError, "input_shape=("),
    ("M5-fit", lambda: Sequential().fit(*FIT), TypeError, ("model is empty", "model.add(")),
    ("M5-predict", lambda: Sequential().predict(FIT[0]), TypeError, ("model is empty", "model.add(")),
    ("M5-compile", lambda: Sequential().compile("sgd", "mse"), TypeError, ("model is empty", "model.add(")),
)
def test_invalid_model_is_refused(call, exception, words, nothing_runs):
    check(call, exception, words)


@pytest.mark.parametrize(
    "output_of", [pytest.param(lambda a: Dense(2)(a), id="M6"), pytest.param(lambda a: a, id="M6-no-layer")]
)
def test_unused_input_warns(output_of):
    a, b = Input(shape=(3,), name="used"), Input(shape=(3,), name="idle")
    with pytest.warns(UserWarning, match="input 'idle' is not used by any output") as caught:
        Model(input=[a, b], output=output_of(a))
    assert [warning.filename for warning in caught] == [__file__]


# --- compile --------------------------------------------------------------------------------------


def dense(units=1, loss="mse", optimizer="sgd", **options):
    """Returns a compiled model of one Dense layer on 3 features."""
    return compiled(Sequential([Dense(units, input_dim=3, name="out")]), loss, optimizer, **options)


def compiled(model, loss="mse", optimizer="sgd", **options):
    model.compile(optimizer=optimizer, loss=loss, **options)
    return model


def two_outputs(loss="mse", **options):
    x = Input(shape=(3,), name="x")
    return compiled(Model(x, [Dense(1, name="a")(x), Dense(1, name="b")(x)]), loss, **options)


def own_loss(y_true, y_pred):
    return K.mean(K.square(y_pred - y_true), axis=-1)


def uncompiled():
    return Sequential([Dense(1, input_dim=3)])


def compiled_in_vain():
    """Returns a model whose only call of `compile` failed."""
    model = uncompiled()
    with pytest.raises(ValueError):
        model.compile("sgd", "msee")
    return model


X, Y = FIT


@table(
    ("C1-fit", lambda: uncompiled().fit(X, Y), RuntimeError, "call compile()"),
    ("C1-evaluate", lambda: uncompiled().evaluate(X, Y), RuntimeError, "call compile()"),
    ("C1-train", lambda: uncompiled().train_on_batch(X, Y), RuntimeError, "call compile()"),
    ("C1-test", lambda: uncompiled().test_on_batch(X, Y), RuntimeError, "call compile()"),
    ("C1-in-vain", lambda: compiled_in_vain().fit(X, Y), RuntimeError, "call compile()"),
    ("C2-optimizer", lambda: dense(optimizer="adamm"), ValueError, "did you mean 'adam'"),
    ("C2-class", lambda: dense(optimizer=Adam), ValueError, ("wanted a name or an instance", "Adam(")),
    ("C2-loss", lambda: dense(loss="msee"), ValueError, "did you mean 'mse'"),
    ("C2-metrics", lambda: dense(metrics=["acuracy"]), ValueError, "did you mean 'accuracy'"),
    (
        "C2-own-loss",
        lambda: dense(loss=own_loss, metrics=["acuracy"]),
        ValueError,
        "did you mean 'accuracy'",
    ),
    ("C2-str", lambda: dense(metrics="accuracy"), TypeError, ("metrics must be a list", "'accuracy'")),
    ("C2-keyword", lambda: dense(metric=["accuracy"]), TypeError, "'metric'"),
    ("C3", lambda: dense(loss=["mse", "mae"]), ValueError, "2 losses for 1 output (out)"),
    ("C3-few", lambda: two_outputs(loss=["mse"]), ValueError, "1 loss for 2 outputs (a, b)"),
    ("C4", lambda: two_outputs(loss={"a": "mse", "c": "mse"}), ValueError, ("'c'", "['a', 'b']")),
    ("C4-missing", lambda: two_outputs(loss={"a": "mse"}), ValueError, ("'b'", "['a', 'b']")),
    ("C5", lambda: dense(loss=None), ValueError, "no loss"),
    ("C5-list", lambda: two_outputs(loss=["mse", None]), ValueError, ("no loss", "'b'")),
    ("C5-dict", lambda: two_outputs(loss={"a": None, "b": "mse"}), ValueError, ("no loss", "'a'")),
    ("C6-lr", lambda: SGD(lr=-1), ValueError, ("lr must be finite > 0", "-1")),
    ("C6-nan", lambda: SGD(lr=NAN), ValueError, ("lr must be finite > 0", "nan")),
    ("C6-clipnorm", lambda: SGD(clipnorm=-1), ValueError, ("clipnorm must be finite > 0", "-1")),
    ("C6-clipvalue", lambda: Adam(clipvalue=NAN), ValueError, ("clipvalue must be finite > 0", "nan")),
    ("C7-weights", lambda: dense(loss_weights=[1, 2]), ValueError, "2 loss_weights for 1 output (out)"),
    ("C7-weights-dict", lambda: dense(loss_weights={"o": 1}), ValueError, ("'o'", "['out']")),
    ("C7-weights-number", lambda: dense(loss_weights=2), TypeError, ("list or a dict", "got 2")),
    (
        "C7-mode",
        lambda: dense(sample_weight_mode="temporary"),
        ValueError,
        ('None or "temporal"', "temporary"),
    ),
    (
        "C7-modes",
        lambda: two_outputs(sample_weight_mode=["temporal"]),
        ValueError,
        "1 sample_weight_mode for 2 outputs (a, b)",
    ),
    (
        "C7-temporal",
        lambda: dense(sample_weight_mode="temporal"),
        ValueError,
        ("'temporal'", "'out'", "(samples, steps, ...)"),
    ),
)
def test_invalid_compile_is_refused(call, exception, words, nothing_runs):
    check(call, exception, words)


@pytest.mark.parametrize("row", ["C1-predict"])
def test_predict_needs_no_compile(row):
    """As in 1.2.2; programs of the time load a model and predict."""
    assert uncompiled().predict_classes(X, verbose=0).shape == (4, 1)


@pytest.mark.parametrize("row", ["C8"])
def test_optimizer_shared_by_two_models_warns(row):
    """Only a warning, since GAN programs of the time do this, and train."""
    optimizer = SGD()
    first = Model(x := Input(shape=(3,)), Dense(1)(x), name="first")
    second = Model(x, Dense(1)(x), name="second")
    first.compile(optimizer, "mse")
    first.compile(optimizer, "mae")
    with pytest.warns(UserWarning, match="already used by model 'first'") as caught:
        second.compile(optimizer, "mse")
    assert [warning.filename for warning in caught] == [__file__]
    assert second.optimizer is optimizer


# --- fit ------------------------------------------------------------------------------------------


def fit(x=X, y=Y, units=1, loss="mse", **options):
    return dense(units, loss).fit(x, y, **options)


def fit_classes(y, loss="sparse_categorical_crossentropy", **options):
    """Trains a model of 3 classes."""
    return fit(X, y, 3, loss, **options)


def fit_weighted(class_weight, y=(0, 1, 2, 1), **options):
    return fit_classes(np.array(y), class_weight=class_weight, **options)


def two_inputs():
    a, b = Input(shape=(3,), name="left"), Input(shape=(3,), name="right")
    return compiled(Model([a, b], Dense(1, name="out")(merge([a, b]))))


def with_value(array, row, value):
    changed = array.copy()
    changed[row] = value
    return changed


def zeros(*shape):
    return np.zeros(shape)


ONE_HOT = np.eye(3)[[0, 1, 2, 1]]
WEIGHT_ONE = {0: 1, 1: 1, 2: 1}
A_CHECKPOINT = "no-such-folder/weights.h5"


@table(
    ("F1-wide", lambda: fit(y=zeros(4, 3)), ValueError, ("(None, 1)", "(4, 3)", "'out'")),
    ("F1-narrow", lambda: fit(y=zeros(4, 1), units=3), ValueError, ("(None, 3)", "(4, 1)", "'out'")),
    ("F1-flat", lambda: fit(y=zeros(4), units=3), ValueError, ("(None, 3)", "(4, 1)")),
    ("F1-hinge", lambda: fit(y=zeros(4, 3), loss="hinge"), ValueError, ("(None, 1)", "(4, 3)")),
    ("F1-evaluate", lambda: dense().evaluate(X, zeros(4, 3)), ValueError, ("(None, 1)", "(4, 3)")),
    ("F1-batch", lambda: dense().train_on_batch(X, zeros(4, 3)), ValueError, ("(None, 1)", "(4, 3)")),
    ("F2", lambda: fit(y=zeros(4, 1, 1)), ValueError, ("(None, 1)", "(4, 1, 1)")),
    ("F3", lambda: fit(y=zeros(5, 1)), ValueError, ("[4]", "[5]", "same number of samples")),
    ("F4", lambda: fit(x=zeros(4, 2)), ValueError, ("(None, 3)", "(4, 2)", "out_input")),
    ("F4-str", lambda: fit(x=np.array([["a", "b", "c"]] * 4)), ValueError, ("dtype", "wanted real numbers")),
    ("F4-complex", lambda: fit(x=zeros(4, 3) * 1j), ValueError, ("complex", "wanted real numbers")),
    ("F4-dates", lambda: fit(x=zeros(4, 3).astype("M8[s]")), ValueError, ("datetime", "wanted real numbers")),
    ("F4-number", lambda: fit(x=5), ValueError, ("single value, 5", "array of samples")),
    ("F4-word", lambda: fit(x="five"), ValueError, ("single value, five", "array of samples")),
    ("F5", lambda: fit(x=zeros(0, 3), y=zeros(0, 1)), ValueError, "0 samples"),
    ("F5-list", lambda: fit(x=[], y=[]), ValueError, "0 samples"),
    ("F5-x", lambda: fit(x=zeros(0, 3)), ValueError, "0 samples"),
    ("F6-y", lambda: fit(y=with_value(Y, 0, NAN)), ValueError, ("y has NaN at row 0", "'out'")),
    ("F6-x", lambda: fit(x=with_value(X, 2, INF)), ValueError, ("x has inf at row 2", "out_input")),
    ("F6-evaluate", lambda: dense().evaluate(X, with_value(Y, 3, NAN)), ValueError, "y has NaN at row 3"),
    ("F6-float64", lambda: fit(x=with_value(X, 1, 1e39)), ValueError, ("x has inf at row 1", "float32")),
    (
        "F6-validation",
        lambda: fit(validation_data=(X, with_value(Y, 1, NAN))),
        ValueError,
        ("validation_data", "y has NaN at row 1"),
    ),
    (
        "F7-list",
        lambda: fit(x=[[1, 2], [3]], y=[1, 2]),
        ValueError,
        ("row 1 has length 1, expected 2", "pad_sequences"),
    ),
    (
        "F7-object",
        lambda: fit(x=np.array([[1, 2], [3]], dtype=object)),
        ValueError,
        "row 1 has length 1, expected 2",
    ),
    ("F7-deep", lambda: fit(x=[[[1, 2], [3]], [[1], [2, 3]]]), ValueError, "same shape"),
    ("F7-none", lambda: fit(x=np.array([[None] * 3] * 4)), ValueError, ("NoneType", "wanted numbers")),
    ("F8-zero", lambda: fit(batch_size=0), ValueError, ("positive int", "0")),
    ("F8-negative", lambda: fit(batch_size=-4), ValueError, ("positive int", "-4")),
    ("F8-float", lambda: fit(batch_size=2.5), ValueError, ("positive int", "2.5")),
    ("F8-predict", lambda: dense().predict(X, batch_size=0), ValueError, "positive int"),
    ("F8-evaluate", lambda: dense().evaluate(X, Y, batch_size=0), ValueError, "positive int"),
    ("F9-negative", lambda: fit(nb_epoch=-1), ValueError, ("nb_epoch", "0 or more", "-1")),
    ("F9-float", lambda: fit(nb_epoch=1.5), ValueError, ("nb_epoch", "int", "1.5")),
    ("F9-initial", lambda: fit(nb_epoch=2, initial_epoch=5), ValueError, ("initial_epoch 5", "nb_epoch 2")),
    ("F10-large", lambda: fit(validation_split=1.5), ValueError, ("0 <= v < 1", "1.5")),
    ("F10-negative", lambda: fit(validation_split=-0.5), ValueError, ("0 <= v < 1", "-0.5")),
    ("F10-nan", lambda: fit(validation_split=NAN), ValueError, ("0 <= v < 1", "nan")),
    ("F10-str", lambda: fit(validation_split="0.2"), ValueError, ("0 <= v < 1", "'0.2'")),
    ("F11-train", lambda: fit(validation_split=0.9), ValueError, ("4 samples", "leaves 0 to train", "4 to")),
    ("F11-validate", lambda: fit(validation_split=1e-20), ValueError, ("4 samples", "0 to validate")),
    (
        "F11-empty",
        lambda: fit(validation_data=(zeros(0, 3), zeros(0, 1))),
        ValueError,
        ("validation_data", "0 samples"),
    ),
    ("F12-one", lambda: fit(validation_data=(X,)), ValueError, ("(x, y) or (x, y, w)", "1 item")),
    ("F12-four", lambda: fit(validation_data=(X, Y, Y, Y)), ValueError, ("(x, y) or (x, y, w)", "4 items")),
    ("F12-array", lambda: fit(validation_data=X), ValueError, ("(x, y) or (x, y, w)", "ndarray")),
    ("F13-large", lambda: fit_classes(np.array([0, 1, 7, 2])), ValueError, ("label 7", "classes 0..2")),
    ("F13-negative", lambda: fit_classes(np.array([0, -1, 1, 2])), ValueError, ("label -1", "classes 0..2")),
    ("F13-fraction", lambda: fit_classes(np.array([0, 0.5, 1, 2])), ValueError, ("integer labels", "0.5")),
    (
        "F14",
        lambda: fit_classes(np.array([0, 1, 2, 1]), "categorical_crossentropy"),
        ValueError,
        ("to_categorical", "sparse_categorical_crossentropy", "(4, 1)"),
    ),
    (
        "F15",
        lambda: fit(y=np.array([0, 9, 1, 1]), loss="binary_crossentropy"),
        ValueError,
        ("targets in 0..1", "9"),
    ),
    ("F16-missing", lambda: fit_weighted({0: 1, 1: 1}), ValueError, ("class_weight", "class 2", "[0, 1]")),
    ("F16-unknown", lambda: fit_weighted({**WEIGHT_ONE, 7: 1}), ValueError, ("unknown class 7", "0..2")),
    (
        "F16-unknown-one-hot",
        lambda: fit_classes(ONE_HOT, "categorical_crossentropy", class_weight={**WEIGHT_ONE, 7: 1}),
        ValueError,
        ("unknown class 7", "0..2"),
    ),
    (
        "F16-unknown-binary",
        lambda: fit(loss="binary_crossentropy", class_weight={0: 1, 1: 1, 2: 1}),
        ValueError,
        ("unknown class 2", "0..1"),
    ),
    ("F16-string-keys", lambda: fit_weighted({"cat": 1, "dog": 1}), ValueError, ("must be ints", "'cat'")),
    (
        "F16-regression",
        lambda: fit(y=np.array([0.1, 0.2, 0.3, 0.4]), class_weight={0: 1}),
        ValueError,
        ("class_weight", "regression", "sample_weight"),
    ),
    ("F16-list", lambda: fit_weighted([1, 1, 1]), TypeError, ("dict class -> weight", "[1, 1, 1]")),
    ("F16-auto", lambda: fit_weighted("auto"), TypeError, ("dict class -> weight", "'auto'")),
    ("F16-nan", lambda: fit_weighted({**WEIGHT_ONE, 1: NAN}), ValueError, ("class 1", "nan")),
    ("F16-negative", lambda: fit_weighted({**WEIGHT_ONE, 1: -2}), ValueError, ("class 1", "-2")),
    (
        "F16-outputs",
        lambda: two_outputs().fit(X, [Y, Y], class_weight={"c": {0: 1}}),
        ValueError,
        ("'c'", "['a', 'b']"),
    ),
    ("F17-length", lambda: fit(sample_weight=np.ones(3)), ValueError, ("sample weights: [3]", "[4]")),
    ("F17-rank", lambda: fit(sample_weight=np.ones((4, 2))), ValueError, ("(4, 2)", "(4,)", "temporal")),
    ("F17-nan", lambda: fit(sample_weight=np.array([1, NAN, 1, 1])), ValueError, ("NaN", "row 1")),
    ("F17-negative", lambda: fit(sample_weight=np.array([1, 1, -1, 1])), ValueError, ("negative", "row 2")),
    ("F17-str", lambda: fit(sample_weight=np.array(["a"] * 4)), ValueError, ("sample_weight", "numbers")),
    ("F18", lambda: fit(callbacks=["EarlyStopping"]), TypeError, ("got str", "'EarlyStopping'")),
    ("F18-class", lambda: fit(callbacks=[EarlyStopping]), TypeError, "object, not the class"),
    ("F18-single", lambda: fit(callbacks=EarlyStopping("loss")), TypeError, ("list", "EarlyStopping")),
    ("F19", lambda: fit(callbacks=[EarlyStopping()]), ValueError, ("EarlyStopping", "'val_loss'", "'loss'")),
    (
        "F19-plateau",
        lambda: fit(callbacks=[ReduceLROnPlateau()]),
        ValueError,
        ("ReduceLROnPlateau", "'val_loss'", "validation_split"),
    ),
    (
        "F19-best",
        lambda: fit(callbacks=[ModelCheckpoint("best.h5", save_best_only=True)]),
        ValueError,
        ("ModelCheckpoint", "'val_loss'"),
    ),
    (
        "F20-folder",
        lambda: fit(callbacks=[ModelCheckpoint(A_CHECKPOINT)]),
        FileNotFoundError,
        ("no-such-folder", "os.makedirs"),
    ),
    (
        "F20-key",
        lambda: fit(callbacks=[ModelCheckpoint("{epoch}-{val_acc}.h5")]),
        ValueError,
        ("'val_acc'", "they have epoch"),
    ),
    ("F21-one", lambda: two_inputs().fit(X, Y), ValueError, ("2 (left, right)", "(4, 3)")),
    ("F21-key", lambda: two_inputs().fit({"left": X, "rihgt": X}, Y), ValueError, ("'right'", "'rihgt'")),
    ("F21-list", lambda: two_inputs().fit([X, X, X], Y), ValueError, ("2 arrays (left, right)", "got 3")),
    ("F21-single", lambda: fit(x=[X, X]), ValueError, ("2 arrays", "one array")),
)
def test_invalid_training_data_are_refused(call, exception, words, nothing_runs):
    check(call, exception, words)


@pytest.mark.parametrize("row", ["F6-off"])
def test_check_numerics_false_accepts_nan(row):
    loss = dense().evaluate(X, with_value(Y, 0, NAN), verbose=0, check_numerics=False)
    assert np.isnan(loss)


@pytest.mark.parametrize(
    "y, loss, class_weight",
    [
        pytest.param([0, 1, 1, 0], "binary_crossentropy", {0.0: 1, 1.0: 2}, id="F16-whole-floats"),
        pytest.param([-1, 1, 1, -1], "hinge", {-1: 1, 1: 2}, id="F16-minus-one"),
        pytest.param([0, 0, 0, 0], "binary_crossentropy", {0: 1, 1: 2}, id="F16-absent-class"),
    ],
)
def test_valid_class_weights_are_accepted(y, loss, class_weight):
    dense(loss=loss).train_on_batch(X, np.array(y), class_weight=class_weight)


# --- predict and the rest -------------------------------------------------------------------------


def images():
    return compiled(Sequential([Flatten(input_shape=(3, 8, 8)), Dense(1)]))


@table(
    ("P1-width", lambda: dense().predict(zeros(4, 2)), ValueError, ("(None, 3)", "(4, 2)")),
    ("P1-unbatched", lambda: dense().predict(zeros(3)), ValueError, "add a batch axis"),
    ("P1-image", lambda: images().predict(zeros(3, 8, 8)), ValueError, ("(3, 8, 8)", "add a batch axis")),
    ("P1-batch", lambda: dense().predict_on_batch(zeros(3)), ValueError, "add a batch axis"),
    ("P2-empty", lambda: dense().predict(zeros(0, 3)), ValueError, "0 samples"),
    ("P2-list", lambda: dense().predict([]), ValueError, "0 samples"),
    ("P2-none", lambda: dense().predict(None), ValueError, ("got None", "out_input")),
    ("P3-evaluate", lambda: dense().evaluate(X, None), ValueError, ("needs y", "'out'")),
    ("P3-fit", lambda: dense().fit(X, None), ValueError, ("needs y", "'out'")),
    (
        "P4-count",
        lambda: dense().layers[0].set_weights([zeros(3, 1)]),
        ValueError,
        ("'out'", "(3, 1)", "(1,)"),
    ),
    (
        "P4-shape",
        lambda: dense().layers[0].set_weights([zeros(2, 1), zeros(1)]),
        ValueError,
        ("'out'", "(3, 1)", "(2, 1)"),
    ),
    (
        "P4-model",
        lambda: dense().set_weights([zeros(2, 1), zeros(1)]),
        ValueError,
        ("out_W", "(3, 1)", "(2, 1)"),
    ),
    (
        "P4-initial",
        lambda: Sequential([Dense(1, input_dim=3, weights=[zeros(2, 1), zeros(1)], name="out")]),
        ValueError,
        ("'out'", "(3, 1)", "(2, 1)"),
    ),
)
def test_invalid_prediction_data_are_refused(call, exception, words, nothing_runs):
    check(call, exception, words)


LARGE = 2**24 + 1


@pytest.mark.parametrize(
    "call",
    [
        pytest.param(lambda: dense().predict(np.full((4, 3), LARGE)), id="P5-predict"),
        pytest.param(lambda: dense().evaluate(np.full((4, 3), -LARGE), Y, verbose=0), id="P5-negative"),
        pytest.param(lambda: dense().evaluate(X, np.full((4, 1), LARGE), verbose=0), id="P5-y"),
    ],
)
def test_ints_that_lose_precision_warn(call):
    with pytest.warns(UserWarning, match=f"{LARGE}.* precision"):
        call()


@pytest.mark.parametrize("value", [pytest.param(value, id=f"P5-{value}") for value in (2**24, 2**30, 255)])
def test_ints_that_floats_represent_do_not_warn(value, recwarn):
    dense().predict(np.full((4, 3), value))
    assert not recwarn.list


def test_dict_of_data_may_have_extra_keys():
    """As in 1.2.2, where one dict may hold inputs and outputs."""
    model = two_inputs()
    everything = {"left": X, "right": X, "out": Y}
    assert model.predict(everything).shape == (4, 1)
