"""An argument that a class of the user's keeps out of its config is refused when a model is saved."""

import numpy as np
import pytest

from keras import backend as K
from keras.layers import LSTM, Bidirectional, Dense, Input, Layer, TimeDistributed
from keras.models import Model, Sequential
from keras.optimizers import SGD
from keras.regularizers import Regularizer


class Scale(Layer):
    def __init__(self, factor=1.0, **kwargs):
        self.factor = factor
        super().__init__(**kwargs)

    def call(self, x, mask=None):
        return x * self.factor


class SavedScale(Scale):
    def get_config(self):
        return {**super().get_config(), "factor": self.factor}


class Required(Layer):
    def __init__(self, factor, **kwargs):
        super().__init__(**kwargs)


class FromKeywords(Layer):
    def __init__(self, **kwargs):
        self.factor = kwargs.pop("factor", 1.0)
        super().__init__(**kwargs)


class Derived(Layer):
    """Its config has another argument, which its `from_config` knows how to read."""

    def __init__(self, half, **kwargs):
        self.whole = 2 * half
        super().__init__(**kwargs)

    def get_config(self):
        return {**super().get_config(), "whole": self.whole}

    @classmethod
    def from_config(cls, config):
        return cls(config.pop("whole") // 2, **config)


class Passing(Dense):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)


class Gained(Dense):
    def __init__(self, output_dim, gain=1, **kwargs):
        super().__init__(output_dim, **kwargs)


class Several(Layer):
    def __init__(self, *factors, **kwargs):
        super().__init__(**kwargs)


ON_FOUR = {"input_shape": (4,), "name": "mine"}


@pytest.mark.parametrize(
    "make, argument",
    [
        (lambda: Scale(2.0, **ON_FOUR), "factor=2.0"),
        (lambda: Scale(factor=2.0, **ON_FOUR), "factor=2.0"),
        (lambda: Required(1.0, **ON_FOUR), "factor=1.0"),
        (lambda: FromKeywords(factor=2.0, **ON_FOUR), "factor=2.0"),
        (lambda: Gained(3, 2, **ON_FOUR), "gain=2"),
        (lambda: Several(2.0, 3.0, **ON_FOUR), r"factors=\(2.0, 3.0\)"),
        (lambda: Gained(output_dim=3, gain=2, **ON_FOUR), "gain=2"),
    ],
)
def test_a_forgotten_argument_of_a_layer_is_refused(make, argument, tmp_path):
    layer = make()
    model = Sequential([layer])
    steps = Input((3, 4))
    inner = Model(steps, TimeDistributed(layer)(steps))
    for save in (
        model.to_json,
        model.to_yaml,
        model.get_config,
        inner.to_json,
        lambda: model.save(tmp_path / "m"),
    ):
        with pytest.raises(ValueError, match=f"'mine' cannot be saved: .*{argument}, which .* get_config"):
            save()


@pytest.mark.parametrize(
    "make",
    [
        lambda: Scale(1.0, **ON_FOUR),
        lambda: Scale(1, **ON_FOUR),
        lambda: Scale(**ON_FOUR),
        lambda: SavedScale(2.0, **ON_FOUR),
        lambda: Derived(2, **ON_FOUR),
        lambda: Passing(3, "uniform", **ON_FOUR),
        lambda: Passing(units=3, kernel_initializer="uniform", **ON_FOUR),
        lambda: Passing(3, weights=[np.ones((4, 3)), np.zeros(3)], trainable=False, **ON_FOUR),
        lambda: Gained(3, 1.0, input_dim=4),
    ],
)
def test_arguments_that_a_config_has_or_implies_are_accepted(make):
    layer = make()
    model = Sequential([layer])
    made = Sequential.from_config(
        model.get_config(),
        custom_objects={type(layer).__name__: type(layer)},
    )
    assert made.layers[0].get_config() == layer.get_config()


def test_forgotten_arguments_of_regularizers_and_optimizers_are_refused(tmp_path):
    class Penalty(Regularizer):
        def __init__(self, k=1.0):
            self.k = k

        def __call__(self, x):
            return self.k * K.sum(K.square(x))

    class Boosted(SGD):
        def __init__(self, lr=0.1, boost=1.0, **kwargs):
            super().__init__(lr, **kwargs)

    with pytest.raises(ValueError, match="Penalty cannot be saved.*k=2.0"):
        Sequential([Dense(2, input_dim=3, W_regularizer=Penalty(2.0))]).to_json()
    model = Sequential([Dense(2, input_dim=3)])
    model.compile(Boosted(0.2, boost=2.0), "mse")
    with pytest.raises(ValueError, match="The optimizer cannot be saved.*boost=2.0"):
        model.save(tmp_path / "m.h5")
    model.compile(Boosted(0.2, clipnorm=1.0), "mse")
    model.save(tmp_path / "m.h5")


def test_the_backward_layer_of_bidirectional_has_the_same_arguments():
    class Gated(LSTM):
        def __init__(self, output_dim, gate=1.0, **kwargs):
            super().__init__(output_dim, **kwargs)

    with pytest.raises(ValueError, match="gate=2.0"):
        Bidirectional(Gated(3, gate=2.0))
