"""Models trained on SciPy's sparse matrices; every number is compared with the dense model's."""

import numpy as np
import pytest
from compilations import compilations
from scipy import sparse

from keras import backend as K
from keras.engine.fitting.sparse_rows import SparseRows
from keras.layers import Activation, Dense, Input, InputLayer, merge
from keras.models import Model, Sequential, model_from_json

FORMATS = ("csr", "csc", "coo", "lil", "dok", "bsr", "dia")


def random_matrix(rows=40, columns=6, seed=0):
    return sparse.random(rows, columns, 0.3, format="csr", random_state=seed, dtype="float32")


X = random_matrix()
Y = np.random.RandomState(1).standard_normal((40, 2)).astype("float32")


def two_models():
    """Returns a model for sparse data and one for dense data, with equal weights."""
    models = []
    for is_sparse in (True, False):
        x = Input((6,), sparse=is_sparse)
        model = Model(x, Dense(2)(Dense(3, activation="tanh")(x)))
        model.compile("sgd", "mse", metrics=["mae"])
        models.append(model)
    models[1].set_weights(models[0].get_weights())
    return models


@pytest.mark.parametrize("name", FORMATS)
def test_every_scipy_format_predicts(name):
    ours, dense = two_models()
    np.testing.assert_allclose(ours.predict(X.asformat(name)), dense.predict(X.toarray()), rtol=1e-5)


def test_fit_equals_that_of_the_dense_model():
    ours, dense = two_models()
    histories = []
    for model, x in ((ours, X), (dense, X.toarray())):
        np.random.seed(0)
        histories.append(model.fit(x, Y, 8, 3, verbose=0, validation_split=0.2).history)
    for name in histories[1]:
        np.testing.assert_allclose(histories[0][name], histories[1][name], rtol=1e-5)
    for one, other in zip(ours.get_weights(), dense.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(
        ours.evaluate(X, Y, verbose=0), dense.evaluate(X.toarray(), Y, verbose=0), 1e-5
    )


def test_batches_and_generators_equal_those_of_the_dense_model():
    ours, dense = two_models()
    assert np.isclose(ours.test_on_batch(X, Y)[0], dense.test_on_batch(X.toarray(), Y)[0])
    assert np.isclose(ours.train_on_batch(X, Y)[0], dense.train_on_batch(X.toarray(), Y)[0])
    np.testing.assert_allclose(ours.predict_on_batch(X), dense.predict_on_batch(X.toarray()), rtol=1e-4)
    parts = [(X[i : i + 10], Y[i : i + 10]) for i in range(0, 40, 10)]
    ours.fit_generator(iter(parts * 3), 40, 1, verbose=0)
    dense.fit_generator(iter([(x.toarray(), y) for x, y in parts] * 3), 40, 1, verbose=0)
    np.testing.assert_allclose(ours.predict(X), dense.predict(X.toarray()), rtol=1e-4, atol=1e-6)
    assert np.isclose(
        ours.evaluate_generator(iter(parts * 3), 40)[0], ours.evaluate(X, Y, verbose=0)[0], rtol=1e-5
    )
    np.testing.assert_allclose(ours.predict_generator(iter(parts * 3), 40), ours.predict(X), rtol=1e-5)


def test_sparse_and_dense_inputs_can_be_mixed():
    a, b, c = Input((6,), sparse=True), Input((6,), sparse=True), Input((2,))
    joined = merge([a, b], mode="concat", concat_axis=1)
    assert K.is_sparse(joined) and K.int_shape(joined) == (None, 12)
    model = Model([a, b, c], merge([Dense(2)(joined), c], mode="sum"))
    W, bias = model.get_weights()
    expected = sparse.hstack([X, X]) @ W + bias + Y
    np.testing.assert_allclose(model.predict([X, X, Y], batch_size=16), expected, rtol=1e-4, atol=1e-5)


def test_sparse_input_survives_json(tmp_path):
    model = Sequential([InputLayer(input_shape=(6,), sparse=True), Dense(2)])
    again = model_from_json(model.to_json())
    again.set_weights(model.get_weights())
    np.testing.assert_array_equal(again.predict(X), model.predict(X))
    assert K.is_sparse(again.inputs[0])


def test_sparse_input_accepts_dense_arrays():
    ours, _ = two_models()
    np.testing.assert_allclose(ours.predict(X.toarray()), ours.predict(X))


def test_only_the_rows_of_a_batch_are_read(monkeypatch):
    taken, take = [], SparseRows.__getitem__

    def spy(self, rows):
        part = take(self, rows)
        taken.append(part.shape)
        return part

    def refuse(*_args, **_kwargs):
        raise AssertionError("the matrix was made dense")

    monkeypatch.setattr(SparseRows, "__getitem__", spy)
    for name in ("toarray", "todense"):
        monkeypatch.setattr(sparse.csr_matrix, name, refuse)
    ours, _ = two_models()
    ours.fit(X, Y, 8, 1, verbose=0)
    ours.predict(X, batch_size=8)
    assert taken == [(8, 6)] * 10


def test_other_numbers_of_elements_do_not_recompile():
    ours, _ = two_models()
    ours.fit(X, Y, 8, 1, verbose=0)
    other = random_matrix(seed=5)
    before = compilations()
    ours.fit(other, Y, 8, 3, verbose=0)
    assert compilations() == before


def test_sparse_data_in_dense_places_are_refused():
    ours, dense = two_models()
    with pytest.raises(
        TypeError, match=r"got a sparse matrix of shape \(40, 6\); wanted an array.*sparse=True"
    ):
        dense.predict(X)
    with pytest.raises(TypeError, match="target .* is a sparse matrix; wanted an array"):
        ours.fit(X, sparse.csr_matrix(Y), verbose=0)
    with pytest.raises(ValueError, match=r"shape \(None, 6\), but got array with shape \(40, 5\)"):
        ours.predict(X[:, :5])
    with pytest.raises(ValueError, match=r"sparse input has rank 2"):
        Input((4, 5), sparse=True)
    with pytest.raises(TypeError, match="sparse"):
        Activation("tanh")(Input((6,), sparse=True))


def test_nan_in_a_sparse_matrix_is_named():
    ours, _ = two_models()
    bad = X.tolil()
    bad[7, 2] = np.nan
    with pytest.raises(ValueError, match="x has NaN at row 7 .*1 of 40 rows"):
        ours.fit(bad, Y, verbose=0)
