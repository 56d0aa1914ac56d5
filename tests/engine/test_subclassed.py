"""Models that a program defines by a class with layers in `__init__` and a method `call`."""

import numpy as np
import pytest

from keras import backend as K
from keras import layers as L
from keras.callbacks import ModelCheckpoint
from keras.models import Model
from keras.utils import Sequence

RANDOM = np.random.RandomState(0)
X, Y = RANDOM.rand(12, 4).astype("float32"), np.eye(3)[RANDOM.randint(0, 3, 12)]


class Classifier(Model):
    """The subclassed model of Keras 2.2's documentation, in form."""

    def __init__(self, units=5, drops=False):
        super().__init__(name="classifier")
        self.last = L.Dense(3, activation="softmax")  # set first, used last
        self.hidden = [L.Dense(units, activation="relu"), L.Dense(units, activation="tanh")]
        self.drop = L.Dropout(0.9) if drops else None

    def call(self, inputs, training=None):
        x = inputs
        for layer in self.hidden:
            x = layer(x)
        if self.drop is not None:
            x = self.drop(x, training=training)
        return self.last(x)


class TwoInputs(Model):
    def __init__(self):
        super().__init__()
        self.one, self.other = L.Dense(2), L.Dense(2)

    def call(self, inputs):
        a, b = inputs
        return [self.one(a), self.other(K.concatenate([a, b])) + 1]


def compiled(model):
    model.compile(optimizer="adam", loss="categorical_crossentropy", metrics=["accuracy"])
    return model


def test_it_is_the_functional_model_of_the_same_layers():
    model = compiled(Classifier())
    history = model.fit(X, Y, epochs=3, verbose=0).history
    assert history["loss"][-1] < history["loss"][0] and "acc" in history
    x = y = L.Input((4,))
    for layer in (*model.hidden, model.last):
        y = layer(y)
    np.testing.assert_array_equal(Model(x, y).predict(X), model.predict(X))
    assert model.count_params() == 4 * 5 + 5 + 5 * 5 + 5 + 5 * 3 + 3
    assert model.output_shape == (None, 3) and len(model.trainable_weights) == 6


def test_its_weights_are_in_the_order_of_its_attributes():
    model = Classifier()
    model.build((None, 4))
    assert model.layers[1:] == [model.last, *model.hidden]
    assert [w.shape for w in model.get_weights()] == [(5, 3), (3,), (4, 5), (5,), (5, 5), (5,)]


def test_weights_go_through_files(tmp_path):
    model, path = compiled(Classifier()), str(tmp_path / "weights.h5")
    model.fit(X, Y, epochs=1, verbose=0, callbacks=[ModelCheckpoint(path, save_weights_only=True)])
    again = Classifier()
    again.build((None, 4))
    again.load_weights(path)
    np.testing.assert_array_equal(again.predict(X), model.predict(X))


@pytest.mark.parametrize("how", ["save", "get_config", "to_json"])
def test_what_only_python_can_describe_is_not_saved(how, tmp_path):
    model = Classifier()
    model.build((None, 4))
    with pytest.raises(NotImplementedError, match="save_weights"):
        getattr(model, how)(*([str(tmp_path / "m.h5")] if how == "save" else []))
    assert not list(tmp_path.iterdir())
    graph = Model(model.inputs, model.outputs)  # as the message says
    again = Model.from_config(graph.get_config())
    again.set_weights(graph.get_weights())
    np.testing.assert_array_equal(again.predict(X), model.predict(X))


def test_training_is_the_learning_phase():
    model = Classifier(drops=True)
    assert np.array_equal(model.predict(X), model.predict(X))
    phases = K.function([*model.inputs, K.learning_phase()], model.outputs)
    assert not np.allclose(phases([X, 1])[0], phases([X, 0])[0])


def test_several_inputs_and_outputs():
    model = TwoInputs()
    model.compile("sgd", "mse")
    model.train_on_batch([X, X], [Y[:, :2], Y[:, 1:]])
    assert [y.shape for y in model.predict([X, X])] == [(12, 2), (12, 2)]


def test_it_is_a_layer_of_other_models():
    inner, x = Classifier(), L.Input((4,))
    outer = Model(x, L.Dense(2)(inner(x)))
    assert len(outer.trainable_weights) == 8 and len(inner.trainable_weights) == 6
    outer.compile("sgd", "mse")
    before = inner.get_weights()[0]
    outer.fit(X, Y[:, :2], epochs=1, verbose=0)
    assert (inner.get_weights()[0] != before).any()


class Batches(Sequence):
    def __len__(self):
        return 3

    def __getitem__(self, index):
        return X[4 * index : 4 * index + 4], Y[4 * index : 4 * index + 4]


def test_a_sequence_tells_the_shape_and_a_generator_does_not():
    model = compiled(Classifier())
    model.fit_generator(Batches(), epochs=1, verbose=0)
    model = compiled(Classifier())
    with pytest.raises(ValueError, match=r"Make the graph first: model\.build"):
        model.fit_generator(iter([(X, Y)]), 12, 1)
    model.build((None, 4))
    model.fit_generator(iter([(X, Y)] * 2), 12, 1, verbose=0)


def test_before_the_graph_attributes_say_what_to_do():
    with pytest.raises(AttributeError, match=r"has no 'layers' before its graph is made"):
        _ = Classifier().layers
    with pytest.raises(AttributeError, match=r"model\.build\(\(None, 4\)\)"):
        Classifier().summary()


def test_a_model_without_tensors_and_call_is_refused():
    for make in (Model, type("Empty", (Model,), {})):
        with pytest.raises(TypeError, match="needs its input and output"):
            make()


def test_control_flow_on_tensors_is_refused():
    class Branching(Model):
        def call(self, x, training=None):
            return x if K.sum(x) > 0 else -x

    with pytest.raises(TypeError, match="bool|truth|if"):
        Branching().build((None, 4))


def test_weights_that_no_layer_has_are_refused():
    class Scaled(Model):
        def __init__(self):
            super().__init__()
            self.scale = self.add_weight(name="scale", shape=(4,), initializer="ones")

        def call(self, x):
            return x * self.scale

    with pytest.raises(ValueError, match="Make a layer with that weight"):
        Scaled().build((None, 4))


def test_only_a_sequence_needs_no_length():
    model = compiled(Classifier())
    model.build((None, 4))
    assert model.predict_generator(Batches()).shape == (12, 3)
    np.testing.assert_allclose(
        model.evaluate_generator(Batches()), model.evaluate(X, Y, verbose=0), rtol=1e-5
    )
    with pytest.raises(TypeError, match="need the number of samples"):
        model.fit_generator(iter([(X, Y)]), epochs=1)


class AsksForThePhase(Model):
    def __init__(self):
        super().__init__()
        self.norm, self.drop, self.last = L.BatchNormalization(momentum=0.5), L.Dropout(0.5), L.Dense(3)

    def call(self, inputs, training=False):
        x = self.norm(inputs, training=training)
        if training:
            x = self.drop(x, training=training)
        return self.last(x)


def test_if_training_is_asked_in_each_phase():
    model = AsksForThePhase()
    model.compile("sgd", "mse")
    model.train_on_batch(X, np.zeros((len(X), 3)))
    mean, std = (K.get_value(w) for w in (model.norm.running_mean, model.norm.running_std))
    # One update: half of the start, and half of the statistics of the batch.
    np.testing.assert_allclose(mean, 0.5 * X.mean(0), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(std, 0.5 + 0.5 * X.var(0), rtol=1e-5)
    gamma, beta, kernel, bias = (
        K.get_value(w) for w in (model.norm.gamma, model.norm.beta, *model.last.weights)
    )
    normal = gamma * (X - mean) / np.sqrt(std + model.norm.epsilon) + beta
    np.testing.assert_allclose(model.predict(X), normal @ kernel + bias, rtol=1e-4, atol=1e-5)
    train = K.function([*model.inputs, K.learning_phase()], model.outputs)
    assert not np.allclose(train([X, 1])[0], train([X, 1])[0])  # other elements are dropped
    np.testing.assert_array_equal(train([X, 0])[0], train([X, 0])[0])
