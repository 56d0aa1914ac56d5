"""The forms in which programs of the time pass inputs and outputs to K.function."""

import numpy as np
import pytest

from keras import backend as K
from keras.backend.control import reset_learning_phase
from keras.layers import Dense, Dropout
from keras.models import Sequential

X = np.ones((8, 3))


@pytest.mark.parametrize(
    "inputs, outputs, values",
    [
        (lambda m: m.input, lambda m: m.output, [X]),
        (lambda m: [m.input], lambda m: m.output, X),
        (lambda m: (m.input,), lambda m: (m.output,), (X,)),
        (lambda m: [m.inputs, K.learning_phase()], lambda m: m.outputs, [X, 0]),
        (lambda m: [m.input, K.learning_phase], lambda m: [m.layers[-1]], [X, False]),
        (lambda m: m.layers[0], lambda m: m, [X]),
    ],
)
def test_tensors_tuples_layers_and_the_uncalled_learning_phase(inputs, outputs, values):
    model = Sequential([Dense(2, input_dim=3), Dropout(0.5)])
    (found,) = K.function(inputs(model), outputs(model))(values)
    np.testing.assert_allclose(found, model.predict(X), rtol=1e-6)


def test_a_fixed_learning_phase_among_the_inputs_has_no_effect():
    K.set_learning_phase(0)
    try:
        model = Sequential([Dropout(0.5, input_shape=(3,))])
        (found,) = K.function([model.input, K.learning_phase()], [model.output])([X, 1])
    finally:
        reset_learning_phase()
    np.testing.assert_array_equal(found, X)


def test_another_input_is_refused():
    with pytest.raises(TypeError, match="K.function: inputs must be tensors; got str 'x'"):
        K.function(["x"], [K.placeholder((2,))])
