"""Parts of one's own in the 1.x idiom, saved and loaded again through custom_objects.

A layer with weights and masks, an activation, objective, metric, regularizer, constraint, initialisation,
optimizer and callback.
"""

import os

import numpy as np

from keras import activations, constraints, initializations
from keras import backend as K
from keras.callbacks import Callback
from keras.constraints import Constraint
from keras.engine.topology import InputSpec, Layer
from keras.layers import LSTM, Dense, Input, Masking
from keras.models import Model, load_model, model_from_json
from keras.optimizers import Optimizer
from keras.regularizers import Regularizer


def my_init(shape, name=None):
    return initializations.normal(shape, scale=0.1, name=name)


class Antirectifier(Layer):
    """Centered, normed, positive and negative parts side by side, times a learnt scale."""

    def __init__(self, init="one", weights=None, W_constraint=None, activation="linear", **kwargs):
        self.supports_masking = True
        self.init = initializations.get(init)
        self.activation = activations.get(activation)
        self.W_constraint = constraints.get(W_constraint)
        self.initial_weights = weights
        self.input_spec = [InputSpec(ndim="2+")]
        super().__init__(**kwargs)

    def build(self, input_shape):
        self.input_spec = [InputSpec(dtype=K.floatx(), shape=(None,) + tuple(input_shape[1:]))]
        self.W = self.init((input_shape[-1],), name=f"{self.name}_W")
        self.trainable_weights = [self.W]
        self.constraints = {}
        if self.W_constraint:
            self.constraints[self.W] = self.W_constraint
        if self.initial_weights is not None:
            self.set_weights(self.initial_weights)
            del self.initial_weights

    def call(self, x, mask=None):
        x = x - K.mean(x, axis=-1, keepdims=True)
        x = self.activation(K.l2_normalize(x, axis=-1) * self.W)
        return K.concatenate([K.relu(x), K.relu(-x)], axis=-1)

    def get_output_shape_for(self, input_shape):
        shape = list(input_shape)
        shape[-1] *= 2
        return tuple(shape)

    def get_config(self):
        config = {
            "init": self.init.__name__,
            "activation": self.activation.__name__,
            "W_constraint": self.W_constraint.get_config() if self.W_constraint else None,
        }
        base_config = super().get_config()
        return dict(list(base_config.items()) + list(config.items()))


class MeanOverTime(Layer):
    """Mean of the steps that the mask lets through; takes the mask off."""

    def __init__(self, **kwargs):
        self.supports_masking = True
        super().__init__(**kwargs)

    def call(self, x, mask=None):
        if mask is None:
            return K.mean(x, axis=1)
        mask = K.cast(mask, K.floatx())
        return K.sum(x * K.expand_dims(mask), axis=1) / K.sum(mask, axis=1, keepdims=True)

    def get_output_shape_for(self, input_shape):
        return (input_shape[0], input_shape[2])

    def compute_mask(self, x, mask=None):
        return None


class L2Smooth(Regularizer):
    """Penalty on differences between neighbouring rows."""

    def __init__(self, weight=0.01):
        self.weight = weight

    def __call__(self, x):
        return self.weight * K.sum(K.square(x[1:, :] - x[:-1, :]))

    def get_config(self):
        return {"name": self.__class__.__name__, "weight": self.weight}


class Clip(Constraint):
    def __init__(self, c=0.1):
        self.c = K.cast_to_floatx(c)

    def __call__(self, p):
        return K.clip(p, -self.c, self.c)

    def get_config(self):
        return {"name": self.__class__.__name__, "c": float(self.c)}


class SignSGD(Optimizer):
    """Steps of fixed size, smaller by and by; the old get_updates(params, constraints, loss)."""

    def __init__(self, lr=0.01, decay=0.1, **kwargs):
        super().__init__(**kwargs)
        self.iterations = K.variable(0.0)
        self.lr = K.variable(lr)
        self.decay = K.variable(decay)
        self.weights = [self.iterations]  # what is saved with the model

    def get_updates(self, params, constraints, loss):
        grads = self.get_gradients(loss, params)
        lr = self.lr * (1.0 / (1.0 + self.decay * self.iterations))
        self.updates = [K.update_add(self.iterations, 1)]
        for p, g in zip(params, grads):
            new_p = p - lr * K.sign(g)
            if p in constraints:
                c = constraints[p]
                new_p = c(new_p)
            self.updates.append(K.update(p, new_p))
        return self.updates

    def get_config(self):
        config = {"lr": float(K.get_value(self.lr)), "decay": float(K.get_value(self.decay))}
        base_config = super().get_config()
        return dict(list(base_config.items()) + list(config.items()))


def huber(y_true, y_pred):
    d = K.abs(y_true - y_pred)
    small = K.cast(d < 1.0, K.floatx())
    return K.mean(small * 0.5 * K.square(d) + (1 - small) * (d - 0.5), axis=-1)


def worst_error(y_true, y_pred):
    return K.max(K.abs(y_true - y_pred))


def sides(y_true, y_pred):
    """A dictionary of metrics."""
    return {"over": K.mean(K.cast(K.greater(y_pred, y_true), "float32")), "mean_pred": K.mean(y_pred)}


class LossHistory(Callback):
    def on_train_begin(self, logs={}):
        self.losses, self.rates = [], []

    def on_batch_end(self, batch, logs={}):
        self.losses.append(float(logs.get("loss")))

    def on_epoch_end(self, epoch, logs={}):
        self.rates.append(float(K.get_value(self.model.optimizer.lr)))
        K.set_value(self.model.optimizer.lr, 0.5 * K.get_value(self.model.optimizer.lr))


custom_objects = {
    "Antirectifier": Antirectifier, "MeanOverTime": MeanOverTime, "SignSGD": SignSGD, "L2Smooth": L2Smooth,
    "Clip": Clip, "huber": huber, "worst_error": worst_error, "sides": sides, "my_init": my_init,
}  # fmt: skip


def main(folder):
    rng = np.random.RandomState(7)
    inp = Input(shape=(5, 3))
    x = Masking(mask_value=0.0)(inp)
    x = LSTM(4, return_sequences=True)(x)
    x = Antirectifier(activation="tanh", name="anti")(x)
    x = MeanOverTime()(x)
    x = Dense(3, init=my_init, W_regularizer=L2Smooth(0.1), W_constraint=Clip(0.3), activation=K.tanh)(x)
    assert K.int_shape(x) == (None, 3)
    model = Model(inp, Dense(1, name="out")(x))
    model.set_weights([rng.uniform(-0.4, 0.4, w.shape) for w in model.get_weights()])
    model.get_layer("anti").set_weights([np.ones(4)])
    model.compile(SignSGD(lr=0.02, clipvalue=1.0), huber, metrics=[worst_error, sides, "mae"])
    assert sorted(model.metrics_names) == sorted(
        ["loss", "worst_error", "over", "mean_pred", "mean_absolute_error"]
    )

    X = rng.normal(size=(32, 5, 3))
    X[::3, 3:] = 0  # masked
    y = X.sum(axis=(1, 2)).reshape(-1, 1) / 3
    before = model.evaluate(X, y, verbose=0)
    history = LossHistory()
    model.fit(X, y, nb_epoch=6, batch_size=8, shuffle=False, verbose=0, callbacks=[history])
    after = dict(zip(model.metrics_names, model.evaluate(X, y, verbose=0)))
    assert after["loss"] < before[0]
    assert len(history.losses) == 24
    np.testing.assert_allclose(history.rates, 0.02 / 2 ** np.arange(6), rtol=1e-6)
    kernel = model.layers[-2].get_weights()[0]
    assert np.abs(kernel).max() <= 0.3 + 1e-6
    # The value by hand: predictions in NumPy terms, and the penalty on the kernel.
    d = np.abs(model.predict(X) - y)
    by_hand = np.mean(np.where(d < 1, 0.5 * d**2, d - 0.5)) + 0.1 * np.sum((kernel[1:] - kernel[:-1]) ** 2)
    np.testing.assert_allclose(after["loss"], by_hand, rtol=1e-4)

    path = os.path.join(folder, "custom.h5")
    model.save(path)
    loaded = load_model(path, custom_objects=custom_objects)
    np.testing.assert_allclose(loaded.predict(X), model.predict(X), rtol=1e-5, atol=1e-6)
    assert isinstance(loaded.optimizer, SignSGD)
    losses = [float(m.train_on_batch(X, y)[0]) for m in (model, loaded)]
    np.testing.assert_allclose(losses[0], losses[1], rtol=1e-5)
    np.testing.assert_allclose(loaded.predict(X), model.predict(X), rtol=1e-4, atol=1e-5)

    clone = model_from_json(model.to_json(), custom_objects=custom_objects)
    clone.set_weights(model.get_weights())
    np.testing.assert_allclose(clone.predict(X), model.predict(X), rtol=1e-5, atol=1e-6)
    return {"before": [float(value) for value in before]}
