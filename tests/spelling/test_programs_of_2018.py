"""Code in the manner of 2017 to 2019: what such programs do in their first lines runs unchanged."""

import json

import numpy as np
import pytest

import keras
from keras import backend as K
from keras import layers
from keras.callbacks import EarlyStopping, ReduceLROnPlateau
from keras.models import Model, Sequential, clone_model, load_model
from keras.preprocessing.text import Tokenizer, tokenizer_from_json

X, Y = np.random.RandomState(0).rand(8, 4).astype("float32"), np.eye(3)[[0, 1, 2, 0, 1, 2, 0, 1]]


class Projection(layers.Layer):
    """The custom layer of Keras 2's guide."""

    def __init__(self, output_dim, **kwargs):
        self.output_dim = output_dim
        super(Projection, self).__init__(**kwargs)  # noqa: UP008

    def build(self, input_shape):
        shape = (input_shape[1], self.output_dim)
        self.kernel = self.add_weight(name="kernel", shape=shape, initializer="uniform", trainable=True)
        super(Projection, self).build(input_shape)  # noqa: UP008

    def call(self, x):
        return K.dot(x, self.kernel)

    def compute_output_shape(self, input_shape):
        return (input_shape[0], self.output_dim)


def classifier():
    return Sequential([layers.Dense(3, activation="softmax", input_shape=(4,))])


def test_custom_layer_without_mask_trains():
    model = keras.Sequential([Projection(3, input_shape=(4,))])
    model.compile("sgd", "mse")
    model.fit(X, Y, epochs=1, verbose=0)
    assert model.output_shape == (None, 3)
    assert model.layers[0].get_output_shape_for((None, 4)) == (None, 3)


def test_compute_output_shape_follows_the_classes():
    class Wider(Projection):
        def compute_output_shape(self, input_shape):
            return (*super().compute_output_shape(input_shape), 1)

    assert Wider(3).get_output_shape_for((None, 4)) == (None, 3, 1)
    assert layers.Dense(3).compute_output_shape((None, 4)) == (None, 3)


class Doubled(layers.Layer):
    def call(self, inputs, training=None):
        return K.in_train_phase(2 * inputs, inputs, training=training)


@pytest.mark.parametrize("training, factor", [(True, 2), (False, 1), (None, 1)])
def test_training_fixes_the_phase_of_a_call_and_is_saved(training, factor):
    x = layers.Input((4,))
    model = Model(x, Doubled()(x, training=training))
    again = Model.from_config(model.get_config(), custom_objects={"Doubled": Doubled})
    for made in (model, again):
        np.testing.assert_allclose(made.predict(X), factor * X)


def test_training_reaches_layers_of_keras_and_nested_models():
    x = layers.Input((500,))
    ones = np.ones((1, 500))
    inner = Model(x, layers.Dropout(0.5)(x))
    assert (Model(x, inner(x, training=True)).predict(ones) == 0).any()
    assert (inner.predict(ones) == 1).all()


def test_batch_normalization_called_for_testing_moves_no_mean():
    x = layers.Input((4,))
    layer = layers.BatchNormalization()
    model = Model(x, layer(x, training=False))
    model.compile("sgd", "mse")
    model.fit(X, X, epochs=1, verbose=0)
    np.testing.assert_array_equal(K.get_value(layer.moving_mean), 0)


def test_unknown_and_tensor_arguments_of_a_call_are_refused():
    x = layers.Input((4,))
    with pytest.raises(TypeError, match="called with speed=, which its call"):
        layers.Dense(3)(x, speed=2)

    class Scaled(layers.Layer):
        def call(self, inputs, by=None):
            return inputs * by

    with pytest.raises(TypeError, match=r"call the layer on a list, layer\(\[x, by\]\)"):
        Scaled()(x, by=layers.Input((4,)))


@pytest.mark.parametrize(
    "args, kwargs",
    [
        (("w", (4,)), {"initializer": "zeros"}),
        (("w", (4,), "float32", "zeros"), {}),
        (((4,), "zero"), {"name": "w"}),
        (
            (),
            {"shape": (4,), "name": "w", "initializer": keras.initializers.Constant(0.0), "dtype": "float32"},
        ),
    ],
)
def test_add_weight_takes_the_order_of_either_version(args, kwargs):
    layer = layers.Layer()
    weight = layer.add_weight(*args, **kwargs)
    assert weight.shape == (4,) and weight.name == "w" and not K.get_value(weight).any()
    assert layer.trainable_weights == [weight]


def test_attributes_have_the_names_of_keras_2():
    x = layers.Input((5, 4))
    dense, lstm = layers.Dense(3), layers.LSTM(units=3)
    dense(x), lstm(x)
    assert (dense.units, dense.use_bias, K.int_shape(dense.kernel)) == (3, True, (4, 3))
    assert dense.bias is dense.b and dense.get_config()["bias"] is True
    assert layers.Dense(3, use_bias=False).bias is None and layers.Dense(3, bias=False).bias is False
    assert lstm.kernel.shape == (4, 12) and lstm.recurrent_kernel.shape == (3, 12) and lstm.units == 3
    conv = layers.Conv2D(3, (2, 4), padding="same")
    assert (conv.filters, conv.kernel_size, conv.padding, conv.strides) == (3, (2, 4), "same", (1, 1))
    assert conv.data_format == "channels_first" and layers.Dropout(0.3).rate == 0.3


def test_configs_are_found_under_the_names_of_keras_2():
    config = layers.Dense(3).get_config()
    assert config["units"] == config["output_dim"] == 3 and "units" not in list(config)
    json.dumps(config)


def test_metrics_are_found_under_both_names():
    model = classifier()
    model.compile("adam", "categorical_crossentropy", metrics=["accuracy"])
    stopping = EarlyStopping(monitor="val_accuracy", patience=1, mode="max", restore_best_weights=True)
    slower = ReduceLROnPlateau(monitor="val_loss", min_delta=1e-4)
    history = model.fit(X, Y, validation_split=0.5, epochs=2, verbose=0, callbacks=[stopping, slower]).history
    assert history["val_accuracy"] == history["val_acc"] and "accuracy" in history
    assert np.isfinite(stopping.best) and set(history) == {"loss", "acc", "val_loss", "val_acc", "lr"}


def test_best_weights_are_restored_whether_or_not_they_reach_the_baseline():
    """As in Keras 3; Keras 2.3 restores none if no epoch reaches the baseline."""
    model = classifier()
    model.compile(keras.optimizers.SGD(learning_rate=5.0), "categorical_crossentropy")
    stopping = EarlyStopping("loss", restore_best_weights=True, baseline=0.0, patience=3)
    history = model.fit(X, Y, epochs=3, verbose=0, callbacks=[stopping]).history["loss"]
    assert stopping.best == min(history)
    for weight, best in zip(model.get_weights(), stopping.best_weights, strict=True):
        np.testing.assert_array_equal(weight, best)


def test_summary_calls_print_fn():
    lines = []
    classifier().summary(print_fn=lines.append)
    assert any("Total params: 15" in line for line in lines)


def test_losses_and_metrics_are_objects_that_files_keep(tmp_path):
    model = classifier()
    loss = keras.losses.CategoricalCrossentropy(label_smoothing=0.1)
    model.compile("adam", loss, metrics=["accuracy", keras.metrics.AUC(name="auc")])
    model.fit(X, Y, epochs=1, verbose=0)
    model.save(str(tmp_path / "model.h5"))
    again = load_model(str(tmp_path / "model.h5"))
    np.testing.assert_allclose(again.evaluate(X, Y, verbose=0), model.evaluate(X, Y, verbose=0), rtol=1e-6)
    assert again.metrics_names == ["loss", "acc", "auc"]


class LargestError(keras.metrics.Metric):
    def __init__(self, name="largest_error", **kwargs):
        super().__init__(name=name, **kwargs)
        self.largest = self.add_weight("largest", initializer="zeros")

    def update_state(self, y_true, y_pred, sample_weight=None):
        self.largest.assign(K.maximum(self.largest, K.max(K.abs(y_true - y_pred))))

    def result(self):
        return self.largest


def test_custom_metric_is_over_all_data_and_begins_anew():
    model = classifier()
    model.compile("sgd", "mse", metrics=[LargestError()])
    for _ in range(2):
        value = model.evaluate(X, Y, batch_size=3, verbose=0)[1]
        np.testing.assert_allclose(value, np.abs(model.predict(X) - Y).max(), rtol=1e-6)
    history = model.fit(X, Y, batch_size=3, epochs=2, verbose=0, validation_data=(X, Y)).history
    np.testing.assert_allclose(
        history["val_largest_error"][-1], np.abs(model.predict(X) - Y).max(), rtol=1e-5
    )


def test_weighted_metrics_count_the_weights():
    model = classifier()
    model.compile("sgd", "mse", weighted_metrics=["mse"])
    weights = np.arange(8.0)
    value = model.evaluate(X, Y, batch_size=3, sample_weight=weights, verbose=0)[1]
    errors = ((model.predict(X) - Y) ** 2).mean(axis=1)
    np.testing.assert_allclose(value, (errors * weights).sum() / weights.sum(), rtol=1e-5)


def test_a_loss_of_the_model_needs_no_targets():
    x = layers.Input((4,))
    y = layers.Dense(2)(x)
    model = Model(x, y)
    model.add_loss(K.mean(K.square(y)))
    model.add_metric(K.mean(y), name="mean", aggregation="mean")
    model.compile(optimizer="sgd")
    history = model.fit(X, epochs=3, verbose=0).history
    assert history["loss"][-1] < history["loss"][0] and len(history["mean"]) == 3
    with pytest.raises(ValueError, match="no loss was given"):
        classifier().compile("sgd")


def test_encoder_decoder_passes_states():
    source, target = layers.Input((5, 2)), layers.Input((None, 3))
    _, *states = layers.LSTM(4, return_state=True)(source)
    decoder = layers.LSTM(4, return_sequences=True, return_state=True)
    outputs, _, _ = decoder(target, initial_state=states)
    model = Model([source, target], outputs)
    given = [layers.Input((4,)), layers.Input((4,))]
    step = Model([target, *given], decoder(target, initial_state=given))
    a, b = np.random.rand(2, 5, 2), np.random.rand(2, 3, 3)
    whole = model.predict([a, b])
    values = Model(source, states).predict(a)
    for i in range(3):
        output, *values = step.predict([b[:, i : i + 1], *values])
        np.testing.assert_allclose(output[:, 0], whole[:, i], rtol=1e-5, atol=1e-6)
    again = Model.from_config(model.get_config())
    again.set_weights(model.get_weights())
    np.testing.assert_allclose(again.predict([a, b]), whole, rtol=1e-6)


def test_bidirectional_returns_and_takes_states():
    x = layers.Input((5, 2))
    layer = layers.Bidirectional(layers.GRU(3, return_state=True, return_sequences=True))
    outputs = layer(x)
    assert [K.int_shape(y) for y in outputs] == [(None, 5, 6), (None, 3), (None, 3)]
    assert K.int_shape(layer(x, initial_state=outputs[1:])[0]) == (None, 5, 6)


class MinimalCell(layers.Layer):
    def __init__(self, units, **kwargs):
        self.units = self.state_size = units
        super().__init__(**kwargs)

    def build(self, input_shape):
        self.kernel = self.add_weight(
            shape=(input_shape[-1], self.units), initializer="uniform", name="kernel"
        )
        self.recurrent = self.add_weight(
            shape=(self.units, self.units), initializer="uniform", name="recurrent"
        )
        self.built = True

    def call(self, inputs, states):
        output = K.dot(inputs, self.kernel) + K.dot(states[0], self.recurrent)
        return output, [output]

    def get_config(self):
        return {**super().get_config(), "units": self.units}


def test_cells_of_programs_run_and_are_saved():
    x = layers.Input((None, 2))
    model = Model(x, layers.RNN([MinimalCell(3), MinimalCell(4)])(x))
    again = Model.from_config(model.get_config(), custom_objects={"MinimalCell": MinimalCell})
    again.set_weights(model.get_weights())
    data = np.random.rand(2, 5, 2)
    np.testing.assert_allclose(again.predict(data), model.predict(data), rtol=1e-6)
    model.compile("sgd", "mse")
    model.fit(data, np.zeros((2, 4)), epochs=1, verbose=0)


def test_tokenizer_as_json():
    tokenizer = Tokenizer(num_words=4, oov_token="<unk>")
    tokenizer.fit_on_texts(["a b c", "a b"])
    again = tokenizer_from_json(tokenizer.to_json())
    assert again.texts_to_sequences(["a z c"]) == tokenizer.texts_to_sequences(["a z c"]) == [[2, 1, 1]]
    assert tokenizer.index_word[1] == "<unk>" and again.sequences_to_texts([[2, 3]]) == ["a b"]


def test_cloned_model_has_new_weights():
    model = classifier()
    again = clone_model(model)
    assert again.output_shape == model.output_shape
    assert not np.array_equal(again.get_weights()[0], model.get_weights()[0])
    x = layers.Input((4,))
    assert clone_model(model, input_tensors=x).inputs[0] is x


def test_cudnn_layers_are_plain_ones():
    lstm, gru = layers.CuDNNLSTM(3, return_sequences=True), layers.CuDNNGRU(3)
    assert type(lstm) is layers.LSTM and type(gru) is layers.GRU and gru.reset_after
    assert lstm.inner_activation.__name__ == "sigmoid"


def test_names_of_keras_itself():
    assert keras.Model is Model and keras.Input is layers.Input and keras.wrappers.scikit_learn
    assert keras.applications.vgg16.VGG16 and keras.datasets.mnist and keras.utils.to_categorical
    assert keras.optimizers.Adam(lr=0.1, amsgrad=True).get_config()["amsgrad"] is True


def test_losses_as_functions_without_reduction():
    loss = keras.losses.MeanAbsoluteError(reduction="none")
    np.testing.assert_allclose(K.eval(loss(np.ones((2, 3)), np.zeros((2, 3)))), [1, 1])
    with pytest.raises(ValueError, match="reduction must be one of"):
        keras.losses.Hinge(reduction="all")
