"""Layers, activations, losses and metrics of today, against their formulas in NumPy; configs and masks.

Where PyTorch is installed, the formulas themselves are compared with it.
"""

import math

import numpy as np
import pytest

import keras
from keras import activations, layers
from keras import backend as K
from keras.models import Model

X = np.random.RandomState(0).randn(2, 5, 8).astype("float32")
CLOSE = {"rtol": 1e-4, "atol": 1e-5}


def run(layer, *arrays, **arguments):
    """Returns the model of a layer called on inputs of the shapes of some arrays, and its predictions."""
    inputs = [layers.Input(array.shape[1:]) for array in arrays]
    model = Model(inputs, layer(*inputs, **arguments))
    return model, model.predict(list(arrays))


def same_after_round_trip(model, *arrays):
    again = Model.from_config(model.get_config())
    again.set_weights(model.get_weights())
    np.testing.assert_allclose(again.predict(list(arrays)), model.predict(list(arrays)), rtol=1e-6)


# --- formulas -------------------------------------------------------------------------------------


def layer_normalized(x):
    centered = x - x.mean(axis=-1, keepdims=True)
    return centered / np.sqrt((centered**2).mean(axis=-1, keepdims=True) + 1e-5)


def rms_normalized(x):
    return x / np.sqrt((x**2).mean(axis=-1, keepdims=True) + 1e-6)


def attention_weights(layer):
    """Returns dict part -> array: the kernels and biases of a layer."""
    names = [f"_{name}_{kind}" for name in ("query", "key", "value", "output") for kind in ("kernel", "bias")]
    return {name: K.get_value(getattr(layer, name)) for name in names}


def attention(weights, query, value, seen=True):
    """Attention with two heads; `seen` (query steps, value steps) says which steps see which."""
    q, k, v = (
        np.einsum("nsi,ihd->nhsd", x, weights[f"_{name}_kernel"]) + weights[f"_{name}_bias"][:, None]
        for name, x in (("query", query), ("key", value), ("value", value))
    )
    scores = np.where(seen, np.einsum("nhqd,nhkd->nhqk", q, k) / math.sqrt(q.shape[-1]), -np.inf)
    shares = np.exp(scores - scores.max(axis=-1, keepdims=True))
    shares /= shares.sum(axis=-1, keepdims=True)
    mixed = np.einsum("nhqk,nhkd->nqhd", shares, v)
    return np.einsum("nqhd,hdo->nqo", mixed, weights["_output_kernel"]) + weights["_output_bias"]


def transposed_convolution(x, kernel, step):
    """Adds a filter for each step of x (samples, steps, channels); kernel (size, filters, channels)."""
    size = len(kernel)
    y = np.zeros((len(x), (x.shape[1] - 1) * step + size, kernel.shape[1]))
    for i in range(x.shape[1]):
        y[:, i * step : i * step + size] += np.einsum("nc,sfc->nsf", x[:, i], kernel)
    return y


ACTIVATIONS = {
    "gelu": lambda x: x * (1 + np.vectorize(math.erf)(x / math.sqrt(2))) / 2,
    "silu": lambda x: x / (1 + np.exp(-x)),
    "mish": lambda x: x * np.tanh(np.log1p(np.exp(x))),
    "selu": lambda x: 1.0507009873554805 * np.where(x > 0, x, 1.6732632423543772 * np.expm1(x)),
}
CAUSAL = np.tril(np.ones((5, 5), bool))


def test_the_formulas_are_those_of_torch():
    torch = pytest.importorskip("torch")
    functions, x = torch.nn.functional, torch.tensor(X)
    np.testing.assert_allclose(layer_normalized(X), functions.layer_norm(x, (8,)), **CLOSE)
    np.testing.assert_allclose(rms_normalized(X), functions.rms_norm(x, (8,), eps=1e-6), **CLOSE)
    for name, formula in ACTIVATIONS.items():
        np.testing.assert_allclose(formula(X), getattr(functions, name)(x), **CLOSE)
    kernel = np.random.RandomState(2).randn(4, 3, 8).astype("float32")
    expected = functions.conv_transpose1d(x.permute(0, 2, 1), torch.tensor(kernel).permute(2, 1, 0), stride=2)
    np.testing.assert_allclose(transposed_convolution(X, kernel, 2), expected.permute(0, 2, 1), **CLOSE)
    layer = layers.MultiHeadAttention(2, 4, bias_initializer="random_normal")
    run(layer, X, X)
    for seen in (np.ones((5, 5), bool), CAUSAL):
        expected = torch_attention(torch, attention_weights(layer), X, ~seen)
        np.testing.assert_allclose(attention(attention_weights(layer), X, X, seen), expected, **CLOSE)


def torch_attention(torch, weights, x, hidden):
    other = torch.nn.MultiheadAttention(8, 2, batch_first=True)
    parts = {name: torch.tensor(value) for name, value in weights.items()}
    with torch.no_grad():
        names = ("query", "key", "value")
        other.in_proj_weight.copy_(torch.cat([parts[f"_{n}_kernel"].reshape(8, 8).T for n in names]))
        other.in_proj_bias.copy_(torch.cat([parts[f"_{n}_bias"].reshape(-1) for n in names]))
        other.out_proj.weight.copy_(parts["_output_kernel"].reshape(8, 8).T)
        other.out_proj.bias.copy_(parts["_output_bias"])
        x = torch.tensor(x)
        return other(x, x, x, need_weights=False, attn_mask=torch.tensor(hidden))[0].numpy()


# --- what is tested -------------------------------------------------------------------------------


def test_layer_normalization_is_its_formula():
    model, y = run(layers.LayerNormalization(epsilon=1e-5), X)
    np.testing.assert_allclose(y, layer_normalized(X), **CLOSE)
    same_after_round_trip(model, X)
    with pytest.raises(ValueError, match="0 is the axis of the samples"):
        run(layers.LayerNormalization(axis=0), X)


def test_rms_normalization_is_its_formula():
    model, y = run(layers.RMSNormalization(), X)
    np.testing.assert_allclose(y, rms_normalized(X), **CLOSE)
    same_after_round_trip(model, X)


def test_attention_is_its_formula():
    layer, other = layers.MultiHeadAttention(2, 4, bias_initializer="random_normal"), X[:, :3] + 1
    model, y = run(layer, X, other)
    np.testing.assert_allclose(y, attention(attention_weights(layer), X, other), **CLOSE)
    same_after_round_trip(model, X, other)


def test_causal_attention_sees_no_later_step():
    layer = layers.MultiHeadAttention(2, 4)
    model, y = run(layer, X, X, use_causal_mask=True)
    np.testing.assert_allclose(y, attention(attention_weights(layer), X, X, CAUSAL), **CLOSE)
    same_after_round_trip(model, X, X)


def test_attention_does_not_see_masked_steps_and_passes_the_mask_on():
    ids, words = layers.Input((5,), dtype="int32"), layers.Embedding(4, 8, mask_zero=True)
    attended = layers.MultiHeadAttention(2, 4)(words(ids), words(ids))
    model, sentence = Model(ids, attended), np.array([[1, 2, 3, 0, 0]])
    before = model.predict(sentence)[:, :3]
    (table,) = words.get_weights()
    words.set_weights([table + 5 * np.eye(4)[:, :1]])  # the vector of word 0 only
    np.testing.assert_allclose(model.predict(sentence)[:, :3], before, rtol=1e-6)
    short = Model(ids, layers.LSTM(3)(attended))  # which needs the mask
    assert short.predict(sentence).shape == (1, 3)


def test_attention_takes_a_mask_of_pairs_of_steps():
    mask, x, layer = layers.Input((5, 5)), layers.Input((5, 8)), layers.MultiHeadAttention(2, 4)
    y = Model([x, mask], layer(x, x, attention_mask=mask)).predict([X, np.tril(np.ones((2, 5, 5)))])
    np.testing.assert_allclose(y, attention(attention_weights(layer), X, X, CAUSAL), **CLOSE)


def test_attention_refuses_a_mask_that_no_layer_made():
    x, mask = layers.Input((5, 8)), K.constant(CAUSAL.astype("float32"))
    layer = layers.MultiHeadAttention(2, 4)
    with pytest.raises(ValueError, match="attention_mask is a tensor that no layer made"):
        layer(x, x, attention_mask=mask)
    made = layers.Lambda(lambda x: K.ones_like(x[:, :1, :1]) * mask)(x)
    model = Model(x, layer(x, x, attention_mask=made))
    causal = Model(x, layer(x, x, use_causal_mask=True))
    np.testing.assert_allclose(model.predict(X), causal.predict(X), rtol=1e-6)
    assert len(model.trainable_weights) == 8


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activation_is_its_formula(name):
    np.testing.assert_allclose(K.eval(activations.get(name)(K.variable(X))), ACTIVATIONS[name](X), **CLOSE)


def test_transposed_convolution_of_steps_is_its_formula():
    layer = layers.Conv1DTranspose(3, 4, strides=2)
    _, y = run(layer, X)
    np.testing.assert_allclose(y, transposed_convolution(X, K.get_value(layer.kernel), 2), **CLOSE)


def test_huber_and_focal_losses():
    y, p = np.array([[0.0, 1.0], [1.0, 0.0]]), np.array([[0.2, 0.7], [0.6, 0.5]])
    error = np.abs(y - p)
    huber = np.where(error < 0.25, error**2 / 2, 0.25 * error - 0.25**2 / 2).mean()
    np.testing.assert_allclose(K.eval(keras.losses.Huber(0.25)(y, p)), huber, rtol=1e-5)
    right = np.where(y > 0, p, 1 - p)
    focal = (-((1 - right) ** 2) * np.log(right)).mean()
    np.testing.assert_allclose(K.eval(keras.losses.BinaryFocalCrossentropy()(y, p)), focal, rtol=1e-4)
    q = p / p.sum(axis=1, keepdims=True)
    focal = (-0.25 * (1 - q) ** 2 * y * np.log(q)).sum(axis=1).mean()
    np.testing.assert_allclose(K.eval(keras.losses.CategoricalFocalCrossentropy()(y, p)), focal, rtol=1e-4)
    cosine = -(y * p).sum(axis=1) / np.linalg.norm(y, axis=1) / np.linalg.norm(p, axis=1)
    np.testing.assert_allclose(K.eval(keras.losses.CosineSimilarity()(y, p)), cosine.mean(), rtol=1e-5)


def test_f1_and_iou_are_over_all_data():
    labels, p = np.eye(3)[[0, 1, 2, 1, 1]], np.eye(3)[[0, 1, 1, 2, 1]] * 0.8 + 0.1
    x = layers.Input((3,))
    model = Model(x, layers.Activation("linear")(x))
    model.compile("sgd", "mse", metrics=[keras.metrics.F1Score(average="macro")])
    value = model.evaluate(p, labels, batch_size=2, verbose=0)[1]
    np.testing.assert_allclose(value, (1 + 2 * 2 / 6 + 0) / 3, rtol=1e-6)
    x = layers.Input((1,))
    model = Model(x, layers.Activation("linear")(x))
    model.compile("sgd", "mse", metrics=[keras.metrics.MeanIoU(num_classes=2)])
    value = model.evaluate(np.array([[0], [1], [0], [1]]), np.array([[0], [0], [1], [1]]), 3, verbose=0)[1]
    np.testing.assert_allclose(value, 1 / 3, rtol=1e-6)


@pytest.mark.parametrize("layer", ["LayerNormalization", "RMSNormalization"])
def test_normalization_computes_in_float32_under_a_mixed_policy(layer):
    made = getattr(layers, layer)(policy="mixed_bfloat16")
    assert made.compute_dtype == "float32"


def test_alpha_dropout_keeps_mean_and_variance():
    x = layers.Input((20000,))
    data = np.random.RandomState(1).randn(1, 20000)
    y = Model(x, layers.AlphaDropout(0.3)(x, training=True)).predict(data)
    np.testing.assert_allclose([y.mean(), y.std()], [0, 1], atol=0.05)


def test_losses_and_metrics_are_found_by_their_class_names_alone():
    """What else stands in their modules, such as `K`, is not one of them."""
    for module, made in ((keras.losses, keras.losses.Huber(2.0)), (keras.metrics, keras.metrics.AUC(5))):
        entry = module.serialize(made)
        again = module.deserialize(entry)
        assert type(again) is type(made) and module.serialize(again) == entry
        with pytest.raises(ValueError, match="no (loss|metric) is named 'np'"):
            module.deserialize({"class_name": "np", "config": {}})


def test_a_focal_loss_refuses_smoothing_above_one():
    with pytest.raises(
        ValueError, match=r"CategoricalFocalCrossentropy: label_smoothing must be in \[0, 1\]"
    ):
        keras.losses.CategoricalFocalCrossentropy(label_smoothing=2)
