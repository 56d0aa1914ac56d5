"""`model.export` to ONNX: predictions of onnxruntime compared with `predict`, and the form of the graphs."""

from collections import Counter

import numpy as np
import pytest
from catalog import LAYERS
from export.catalog_model import catalog_model
from numpy.testing import assert_allclose

from keras import backend as K
from keras.layers import (
    GRU,
    LSTM,
    Activation,
    BatchNormalization,
    Convolution2D,
    Dense,
    Embedding,
    Flatten,
    GlobalAveragePooling2D,
    Input,
    Lambda,
    MaxPooling2D,
    SimpleRNN,
    UpSampling2D,
    merge,
)
from keras.models import Model, Sequential

onnx = pytest.importorskip("onnx")
onnxruntime = pytest.importorskip("onnxruntime")


def written(model, folder):
    """Returns the path of the exported model, after ONNX's own check."""
    path = folder / "model.onnx"
    model.export(path)
    onnx.checker.check_model(onnx.load(path), full_check=True)
    return path


def run(path, data):
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    names = [given.name for given in session.get_inputs()]
    return session.run(None, dict(zip(names, data, strict=True)))


def operators(path):
    return Counter(node.op_type for node in onnx.load(path).graph.node)


def test_every_layer_predicts_the_same(tmp_path):
    model, data = catalog_model(loose=True)
    results = run(written(model, tmp_path), data)
    for row, result, wanted in zip(LAYERS, results, model.predict(data), strict=True):
        assert_allclose(result, wanted, atol=1e-5, err_msg=str(row))


@pytest.mark.parametrize("name", ["gelu", "silu", "mish"])
def test_activations_of_today_predict_the_same(name, tmp_path):
    x = Input((4,))
    model, data = Model(x, Activation(name)(x)), np.linspace(-3, 3, 8, dtype="float32").reshape(2, 4)
    assert_allclose(run(written(model, tmp_path), [data])[0], model.predict(data), atol=1e-6)


def image_model():
    x = Input(shape=(8, 8, 3), name="image")
    y = Convolution2D(4, 3, 3, border_mode="same", name="conv")(x)
    y = Activation("relu", name="relu")(BatchNormalization(name="norm")(y))
    y = merge([y, Convolution2D(4, 1, 1, name="side")(x)], mode="sum", name="sum")
    y = UpSampling2D(name="larger")(MaxPooling2D(name="pool")(y))
    y = Dense(2, activation="softmax", name="classes")(GlobalAveragePooling2D(name="mean")(y))
    return Model(x, y)


def test_image_model_with_channels_last_transposes_only_its_input(tmp_path):
    K.set_image_dim_ordering("tf")
    model = image_model()
    path = written(model, tmp_path)
    assert operators(path) == {
        **dict.fromkeys(("Transpose", "BatchNormalization", "Relu", "Add", "MaxPool", "Resize"), 1),
        **dict.fromkeys(("ReduceMean", "Gemm", "Softmax"), 1),
        "Conv": 2,
    }
    x = np.random.standard_normal((3, 8, 8, 3)).astype("float32")
    assert_allclose(run(path, [x])[0], model.predict(x), atol=1e-6)


def test_names_are_those_of_layers_and_weights(tmp_path):
    K.set_image_dim_ordering("tf")
    graph = onnx.load(written(image_model(), tmp_path)).graph
    assert [given.name for given in graph.input] == ["image"]
    assert graph.input[0].type.tensor_type.shape.dim[0].dim_param == "samples"
    assert [given.name for given in graph.output] == ["classes"]
    assert {"conv/Conv", "norm/BatchNormalization", "relu/Relu", "sum/Add", "classes/Gemm"} <= {
        node.name for node in graph.node
    }
    weights = {array.name for array in graph.initializer}
    assert {"conv_W", "conv_b", "norm_gamma", "norm_running_std", "classes_W", "classes_b"} <= weights


@pytest.mark.parametrize("layer, operator", [(LSTM, "LSTM"), (GRU, "GRU"), (SimpleRNN, "RNN")])
def test_recurrent_layers_are_operators_of_onnx_unless_steps_are_masked(tmp_path, layer, operator):
    x = Input(shape=(None,), dtype="int32")
    plain = layer(2, go_backwards=True, dropout_U=0.5)(Embedding(5, 3)(x))
    path = written(Model(x, plain), tmp_path)
    assert operators(path)[operator] == 1 and sum(operators(path).values()) <= 6
    masked = Model(x, layer(2, go_backwards=True)(Embedding(5, 3, mask_zero=True)(x)))
    path = written(masked, tmp_path)
    assert operators(path)[operator] == 0 and operators(path)["Scan"] == 1
    ids = np.array([[1, 2, 0, 3], [0, 0, 4, 1]], "int32")
    assert_allclose(run(path, [ids])[0], masked.predict(ids), atol=1e-6)


def test_nested_and_shared_models_are_written_at_each_place(tmp_path):
    inner = Sequential([Dense(3, input_dim=3, activation="tanh", name="inner")])
    a, b = Input(shape=(3,), name="a"), Input(shape=(3,), name="b")
    model = Model([a, b], [merge([inner(a), inner(b)], mode="concat"), a])
    path = written(model, tmp_path)
    names = [node.name for node in onnx.load(path).graph.node]
    assert [name for name in names if "Gemm" in name] == ["inner/Gemm", "inner/Gemm_1"]
    data = [np.random.standard_normal((2, 3)).astype("float32") for _ in range(2)]
    for result, wanted in zip(run(path, data), model.predict(data), strict=True):
        assert_allclose(result, wanted, atol=1e-6)


EXPRESSIONS = {
    "arithmetic": lambda x: (x * 2 - 1) / (K.square(x) + 1) ** 2 + abs(-x) // 0.3 + x % 0.4,
    "comparisons": lambda x: K.cast(K.greater(x, 0) & K.not_equal(x, 1), "float32") + K.sign(x),
    "functions": lambda x: K.exp(K.sin(x)) + K.log(K.sqrt(K.abs(x)) + 1) + K.round(3 * x) + K.cos(x),
    "activations": lambda x: K.relu(x, 0.1, 0.5) + K.elu(x, 0.5) + K.softplus(x) + K.hard_sigmoid(x),
    "clip": lambda x: K.clip(x, -0.5, 0.5) + K.relu(x, max_value=0.2) + K.minimum(x, 0.1),
    "reductions": lambda x: (
        K.var(x, axis=-1, keepdims=True) + K.std(x, axis=1, keepdims=True) + K.prod(x, 2, True)
    ),
    "l2_normalize": lambda x: K.l2_normalize(x, axis=-1),
    "positions": lambda x: K.cast(K.argmax(x, axis=1) + K.argmin(x, axis=1), "float32"),
    "any": lambda x: K.cast(K.any(x > 1, axis=-1), "float32") + K.cast(K.all(x > -1, axis=-1), "float32"),
    "index": lambda x: x[:, ::-1, 1:] + x[:, -1:, None, 0],
    "pieces": lambda x: K.concatenate([K.reverse(x, 1), K.repeat_elements(x, 2, 1), K.tile(x, (1, 1, 1))], 1),
    "sizes": lambda x: K.reshape(x, (K.shape(x)[0], -1)) * K.cast(K.shape(x)[1] - 1, "float32"),
    "stack": lambda x: K.permute_dimensions(K.stack([x, 2 * x]), (1, 0, 3, 2)),
    "one_hot": lambda x: K.one_hot(K.cast(K.round(x), "int32"), 2),
    "products": lambda x: K.batch_dot(x, K.permute_dimensions(x, (0, 2, 1))) + K.dot(x, K.ones((3, 4))),
    "switch": lambda x: K.switch(K.greater(x, 0), x, K.zeros_like(x)),
    "flat": lambda x: K.expand_dims(K.batch_flatten(x), 1),
}


def test_functions_of_k_compute_the_same(tmp_path):
    x = Input(shape=(4, 3))
    model = Model(x, [Lambda(function, name=name)(x) for name, function in EXPRESSIONS.items()])
    data = np.random.standard_normal((3, 4, 3)).astype("float32")
    results = run(written(model, tmp_path), [data])
    for name, result, wanted in zip(EXPRESSIONS, results, model.predict(data), strict=True):
        assert_allclose(result, wanted, atol=2e-5, err_msg=name)


def test_ops_without_a_rule_are_listed_and_nothing_is_written(tmp_path):
    @K.op
    def relu(x):  # the name of an op of this library
        return x + 1

    x = Input(shape=(3,))
    y = Lambda(lambda t: relu(t), name="own")(Dense(3)(x))
    model = Model(x, Lambda(lambda t: K.categorical_crossentropy(t, t), name="loss")(y))
    with pytest.raises(ValueError, match=r"no rule for relu \(Layer 'own'\), categorical_crossentropy"):
        model.export(tmp_path / "model.onnx")
    assert not list(tmp_path.iterdir())


def test_random_numbers_of_prediction_are_drawn_anew_by_each_run(tmp_path):
    x = Input(shape=(1000,))
    model = Model(x, Lambda(lambda t: t + K.random_normal(K.shape(t), mean=3.0, std=2.0))(x))
    session = onnxruntime.InferenceSession(written(model, tmp_path), providers=["CPUExecutionProvider"])
    given = {session.get_inputs()[0].name: np.zeros((4, 1000), "float32")}
    first, second = session.run(None, given)[0], session.run(None, given)[0]
    assert_allclose([first.mean(), first.std()], [3, 2], atol=0.15)
    assert not np.array_equal(first, second)


def test_models_in_other_float_types_are_exported(tmp_path):
    K.set_policy("mixed_bfloat16")
    x = np.random.standard_normal((3, 4)).astype("float32")
    model = Sequential([Dense(5, input_dim=4, activation="relu"), Dense(2)])
    assert_allclose(run(written(model, tmp_path), [x])[0], model.predict(x), atol=0.05)


def test_flatten_and_reshape_keep_any_number_of_samples(tmp_path):
    model = Sequential([Convolution2D(2, 2, 2, input_shape=(1, 3, 3)), Flatten(), Dense(1)])
    path = written(model, tmp_path)
    for samples in (1, 7):
        x = np.ones((samples, 1, 3, 3), "float32")
        assert_allclose(run(path, [x])[0], model.predict(x), rtol=1e-5)
