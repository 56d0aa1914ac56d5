"""Data of other libraries as x, y and sample_weight: the results are those of the same numbers in NumPy."""

import jax.numpy as jnp
import numpy as np
import pytest
from numpy.testing import assert_allclose

from keras.engine.fitting import foreign
from keras.layers import Dense, Input, merge
from keras.models import Model

X = np.random.RandomState(0).uniform(size=(8, 3)).astype("float32")
Y = np.random.RandomState(1).uniform(size=(8, 1)).astype("float32")
W = np.random.RandomState(2).uniform(size=8).astype("float32")
NAMES = ["p", "q", "r"]


class OnlyArray:
    def __init__(self, array):
        self.array = array

    def __array__(self, dtype=None, copy=None):
        return self.array


class OnlyDlpack:
    def __init__(self, array):
        self.array = array

    def __dlpack__(self, **options):
        return self.array.__dlpack__(**options)

    def __dlpack_device__(self):
        return self.array.__dlpack_device__()


def torch_tensors():
    torch = pytest.importorskip("torch")
    return torch.tensor(X, requires_grad=True), torch.tensor(Y), torch.tensor(W)


def pandas_frames():
    pandas = pytest.importorskip("pandas")
    # The labels of rows have no meaning: samples are found by their places.
    index = np.arange(8)[::-1]
    return (
        pandas.DataFrame(X, columns=NAMES, index=index).astype({"p": "Float32"}),
        pandas.Series(Y[:, 0]),
        pandas.Series(W),
    )


def polars_frames():
    polars = pytest.importorskip("polars")
    return polars.DataFrame(X, schema=NAMES), polars.DataFrame(Y, schema=["y"]), polars.Series(W)


def arrow_tables():
    arrow = pytest.importorskip("pyarrow")
    table = arrow.table({name: X[:, place] for place, name in enumerate(NAMES)})
    return table, arrow.array(Y[:, 0]), arrow.chunked_array([W[:3], W[3:]])


KINDS = {
    "pandas": pandas_frames,
    "polars": polars_frames,
    "arrow": arrow_tables,
    "torch": torch_tensors,
    "jax": lambda: tuple(map(jnp.asarray, (X, Y, W))),
    "__array__": lambda: tuple(map(OnlyArray, (X, Y, W))),
    "__dlpack__": lambda: tuple(map(OnlyDlpack, (X, Y, W))),
    "objects": lambda: tuple(array.astype(object) for array in (X, Y, W)),
    "buffers": lambda: tuple(map(memoryview, (X, Y, W))),
    "structured": lambda: (np.rec.fromarrays(X.T, names=NAMES), Y, W),
    "lists": lambda: (X.tolist(), Y.tolist(), W.tolist()),
    "shards": lambda: ([X[:5], X[5:]], [Y[:2], Y[2:]], W),
}


@pytest.fixture(scope="module")
def model():
    x = Input((3,), name="x")
    model = Model(x, Dense(1, init="one", name="y")(x))
    model.compile("sgd", "mse")
    return model


@pytest.fixture(scope="module")
def two_inputs():
    a, b = Input((1,), name="a"), Input((2,), name="b")
    model = Model([a, b], Dense(1, init="one", name="y")(merge([a, b], mode="concat")))
    model.compile("sgd", "mse")
    return model


@pytest.mark.parametrize("kind", KINDS)
def test_every_method_takes_data_of_other_libraries(kind, model):
    x, y, weights = KINDS[kind]()
    before = model.get_weights()
    expected = model.test_on_batch(X, Y, W)
    assert_allclose(model.predict(x), model.predict(X))
    assert_allclose(model.predict_on_batch(x), model.predict(X))
    assert_allclose(model.evaluate(x, y, verbose=0, sample_weight=weights), expected, rtol=1e-5)
    assert_allclose(model.test_on_batch(x, y, weights), expected, rtol=1e-5)
    assert_allclose(model.train_on_batch(x, y, weights), expected, rtol=1e-5)
    model.set_weights(before)
    history = model.fit(x, y, nb_epoch=1, verbose=0, sample_weight=weights, validation_data=(x, y, weights))
    assert_allclose(history.history["loss"], expected, rtol=1e-5)
    assert_allclose(history.history["val_loss"][0], model.test_on_batch(X, Y, W), rtol=1e-5)
    model.set_weights(before)


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_a_frame_gives_its_columns_to_inputs_and_outputs_by_name(library, model, two_inputs):
    library = pytest.importorskip(library)
    frame = library.DataFrame({"y": Y[:, 0], "a": X[:, 0], "c": ["text"] * 8})
    pair = {"a": frame, "b": X[:, 1:]}
    assert_allclose(
        two_inputs.predict({"a": frame["a"], "b": library.DataFrame(X[:, 1:])}),
        two_inputs.predict([X[:, 0], X[:, 1:]]),
    )
    expected = model.evaluate(X, Y, verbose=0)
    assert_allclose(model.evaluate(X, frame, verbose=0), expected)
    with pytest.raises(ValueError, match="column.* 'c'"):
        two_inputs.predict(pair)
    with pytest.raises(ValueError, match="no data provided for \"b\".*got \\['y', 'a', 'c'\\]"):
        two_inputs.predict(frame)


def test_one_table_may_hold_inputs_and_targets(model):
    arrays = {"x": X, "y": Y, "more": X}
    assert_allclose(model.evaluate(arrays, verbose=0), model.evaluate(X, Y, verbose=0))
    with pytest.raises(ValueError, match="needs y.*'x', 'more'"):
        model.evaluate({"x": X, "more": Y}, verbose=0)


def test_columns_that_are_no_numbers_are_all_named(model):
    pandas = pytest.importorskip("pandas")
    days = pandas.date_range("2020-01-01", periods=8)
    frame = pandas.DataFrame({"good": W, "kind": pandas.Categorical(["u", "v"] * 4), "when": days})
    with pytest.raises(ValueError, match="input 'x': 2 of 3 columns.*'kind'.*'when'.*datetime64.*one-hot"):
        model.predict(frame)


def test_a_missing_value_is_named_with_its_row(model):
    with pytest.raises(ValueError, match="row 1 is missing.*fillna"):
        model.predict(np.array([[1, 2, 3], [1, None, 3]], dtype=object))


@pytest.mark.parametrize("wrapped", [lambda x: x, list], ids=["array", "rows"])
def test_masked_arrays_are_refused_with_what_to_do(wrapped, model):
    with pytest.raises((TypeError, ValueError), match="filled|numpy.array"):
        model.predict(wrapped(np.ma.masked_array(X, mask=X > 0.5)))
    with pytest.raises(TypeError, match="sample_weight: got a masked array"):
        model.test_on_batch(X, Y, np.ma.masked_array(W))


def test_tensors_without_values_are_refused_with_their_device(model):
    torch = pytest.importorskip("torch")
    with pytest.raises(TypeError, match="input 'x': a torch.Tensor on the device meta.*x.cpu"):
        model.predict(torch.zeros(4, 3, device="meta"))
    with pytest.raises(TypeError, match="sparse torch.Tensor.*to_dense"):
        model.predict(torch.tensor(X).to_sparse())


def test_values_of_bfloat16_are_kept():
    torch = pytest.importorskip("torch")
    array = foreign.as_array(torch.tensor(X, dtype=torch.bfloat16), "x")
    assert array.dtype == "float32"
    assert_allclose(array, torch.tensor(X).bfloat16().tolist())


def test_lazy_tables_are_refused_with_how_to_compute_them(model):
    polars = pytest.importorskip("polars")
    with pytest.raises(TypeError, match="LazyFrame that is not computed yet.*x.collect"):
        model.predict(polars.DataFrame(X).lazy())


@pytest.mark.parametrize("data, said", [("data.npy", "numpy.load"), (object(), "of type object")])
def test_what_is_no_array_is_refused(data, said, model):
    with pytest.raises(ValueError, match=said):
        model.predict(data)
