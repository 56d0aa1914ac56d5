"""TimeDistributed: masks that the inner layer makes, and models with several outputs."""

import numpy as np
import pytest

from keras.engine import Layer
from keras.layers import LSTM, Dense, Embedding, Flatten, Input, Masking, TimeDistributed
from keras.models import Model

WORDS = np.random.RandomState(0).randint(1, 7, (2, 3, 5))
WORDS[0, 0, 2:] = 0
WORDS[1, 2] = 0  # a sentence of padding


def test_the_mask_of_an_embedding_reaches_the_layers_of_words_and_of_sentences():
    words, sentence = Input((3, 5), dtype="int32"), Input((5,), dtype="int32")
    embedded = TimeDistributed(Embedding(7, 4, mask_zero=True))(words)
    model = Model(words, LSTM(2)(TimeDistributed(LSTM(3))(embedded)))
    # The same, sentence by sentence; Masking leaves out the sentence of padding.
    encoder = Model(sentence, LSTM(3)(Embedding(7, 4, mask_zero=True)(sentence)))
    vectors = Input((3, 3))
    document = Model(vectors, LSTM(2)(Masking()(vectors)))
    weights = model.get_weights()
    encoder.set_weights(weights[: len(encoder.get_weights())])
    document.set_weights(weights[len(encoder.get_weights()) :])
    encoded = np.stack([encoder.predict(sentences) for sentences in WORDS])
    encoded[1, 2] = 0
    np.testing.assert_allclose(model.predict(WORDS), document.predict(encoded), rtol=1e-5, atol=1e-6)


def mask_of(y, x, data):
    from keras import backend as K

    layer, node, place = y._keras_history
    return K.function([x], [layer.inbound_nodes[node].output_masks[place]])([data])[0]


@pytest.mark.parametrize(
    "inner",
    [
        lambda: Embedding(7, 4, mask_zero=True),
        lambda: Model(x := Input((5,), dtype="int32"), Embedding(7, 4, mask_zero=True)(x)),
        lambda: Model(
            x := Input((5,), dtype="int32"),
            LSTM(2, return_sequences=True)(Embedding(7, 4, mask_zero=True)(x)),
        ),
    ],
)
def test_the_mask_of_the_inner_layer_or_model_is_that_of_all_steps(inner):
    words = Input((3, 5), dtype="int32")
    found = mask_of(TimeDistributed(inner())(words), words, WORDS)
    np.testing.assert_array_equal(found, WORDS != 0)


def test_a_layer_that_takes_no_masks_leaves_that_of_the_steps():
    words = Input((3, 5), dtype="int32")
    flat = TimeDistributed(Flatten())(TimeDistributed(Embedding(7, 4, mask_zero=True))(words))
    np.testing.assert_array_equal(mask_of(flat, words, WORDS), (WORDS != 0).any(-1))


class OnlyX(Layer):
    def call(self, x):
        return x * 2


def test_a_mask_of_the_steps_is_passed_on_and_not_to_the_layer():  # as in 1.2.2
    x = Input((3, 2))
    data = np.ones((1, 3, 2))
    data[0, 1] = 0
    y = TimeDistributed(OnlyX())(Masking()(x))
    assert mask_of(y, x, data).tolist() == [[True, False, True]]


def test_a_model_with_two_outputs_has_two_sequences():
    step, x = Input((5,)), Input((4, 5))
    inner = Model(step, [Dense(2)(step), Dense(3)(step)])
    model = Model(x, TimeDistributed(inner)(x))
    assert model.output_shape == [(None, 4, 2), (None, 4, 3)]
    data = np.random.RandomState(0).rand(2, 4, 5)
    outputs = [output.reshape(8, -1) for output in model.predict(data)]
    for found, expected in zip(outputs, inner.predict(data.reshape(8, 5)), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-6)
    twin = Model.from_config(model.get_config())
    twin.compile("sgd", "mse")
    twin.train_on_batch(data, [np.ones((2, 4, 2)), np.ones((2, 4, 3))])
