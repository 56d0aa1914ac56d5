"""Results of models and functions belong to the caller, who may write to them, as Q-learning does."""

import numpy as np
import pytest

from keras import backend as K
from keras.layers import Dense
from keras.models import Sequential

MODEL_CALLS = {
    "predict": lambda model, x: model.predict(x),
    "predict in batches": lambda model, x: model.predict(x, batch_size=2),
    "predict_on_batch": lambda model, x: model.predict_on_batch(x),
    "K.function": lambda model, x: K.function([model.input], [model.output])([x])[0],
    "get_weights": lambda model, x: model.get_weights()[0],
    "K.eval": lambda model, x: K.eval(model.weights[0] * 2),
}


@pytest.mark.parametrize("call", MODEL_CALLS.values(), ids=MODEL_CALLS)
def test_results_can_be_changed_in_place(call):
    model = Sequential([Dense(3, input_dim=3)])
    answer = call(model, np.ones((3, 3)))
    answer[0, 1] = 7.0
    assert answer[0, 1] == 7.0 and (call(model, np.ones((3, 3)))[0, 1] != 7.0)
