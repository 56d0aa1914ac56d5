"""Batches of iterables: the results are those of the same samples in arrays, not shuffled."""

import itertools
import time

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import keras
from keras import backend as K
from keras.callbacks import Callback, TrainingCheckpoint
from keras.layers import Dense
from keras.models import Sequential

X = np.random.RandomState(0).uniform(size=(12, 3)).astype("float32")
Y = np.random.RandomState(1).uniform(size=(12, 1)).astype("float32")
BATCHES = [(X[start : start + 4], Y[start : start + 4]) for start in (0, 4, 8)]


class Numbered(keras.utils.Sequence):
    epochs_ended = 0

    def __len__(self):
        return 3

    def __getitem__(self, index):
        return BATCHES[index]

    def on_epoch_end(self):
        self.epochs_ended += 1


class Again:
    """What loaders and data sets have in common: `__iter__`, and perhaps a length."""

    def __init__(self, batches=BATCHES):
        self.batches = batches

    def __iter__(self):
        return iter(self.batches)


class Known(Again):
    def __len__(self):
        return len(self.batches)


class TensorFlowLike(Again):
    """As `tf.data.Dataset`: no length if it has no end, and tensors with `numpy` and `__array__`."""

    element_spec = None

    def __iter__(self):
        return itertools.cycle(self.batches)

    def cardinality(self):
        return np.int64(-1)


def forever():
    while True:
        yield from BATCHES


def loader():
    torch = pytest.importorskip("torch")
    data = torch.utils.data.TensorDataset(torch.tensor(X), torch.tensor(Y))
    return torch.utils.data.DataLoader(data, batch_size=4)


def rows(form=None):
    datasets = pytest.importorskip("datasets")
    if form == "torch":
        pytest.importorskip("torch")
    data = datasets.Dataset.from_dict({"d_input": X.tolist(), "d": Y[:, 0].tolist()})
    return data.with_format(form) if form else data


KINDS = {
    "list": (lambda: list(BATCHES), {}),
    "Sequence": (Numbered, {}),
    "iterable": (Again, {}),
    "dicts": (lambda: Again([{"d_input": x, "d": y, "more": 0} for x, y in BATCHES]), {}),
    "DataLoader": (loader, {}),
    "Dataset": (rows, {}),
    "Dataset with format": (lambda: rows("torch"), {}),
    "Dataset of arrays": (lambda: rows("numpy"), {}),
    "IterableDataset": (lambda: rows().to_iterable_dataset(), {}),
    "generator": (forever, {"steps": 3}),
    "endless data set": (TensorFlowLike, {"steps": 3}),
    "steps of a finite one": (Known, {"steps": 3}),
}


@pytest.fixture(scope="module")
def model():
    model = Sequential([Dense(1, input_dim=3, name="d")])
    model.compile("sgd", "mse")
    return model


@pytest.fixture(scope="module")
def expected(model):
    weights = model.get_weights()
    data = (X, Y)
    history = model.fit(*data, 4, 2, shuffle=False, verbose=0, validation_data=data).history
    found = history, model.predict(X), weights
    model.set_weights(weights)
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_fit_evaluate_and_predict_take_batches(kind, model, expected):
    make, steps = KINDS[kind]
    history, predicted, weights = expected
    model.set_weights(weights)
    data = make()
    lengths = {"steps_per_epoch": 3, "validation_steps": 3} if steps else {}
    found = model.fit(data, None, 4, 2, 0, shuffle=False, validation_data=make(), **lengths).history
    for name, values in history.items():
        assert_allclose(found[name], values, rtol=1e-5)
    assert_allclose(model.evaluate(make(), None, 4, 0, **steps), history["val_loss"][-1], rtol=1e-5)
    assert_allclose(model.predict(make(), 4, **steps), predicted, rtol=1e-5)
    assert getattr(data, "epochs_ended", 2) == 2


def test_samples_and_steps_are_two_ways_to_say_the_length(model, expected):
    model.set_weights(expected[2])
    found = model.fit(forever(), samples_per_epoch=12, nb_epoch=2, verbose=0).history["loss"]
    assert_allclose(found, expected[0]["loss"], rtol=1e-5)
    model.set_weights(expected[2])
    found = model.fit(forever(), steps_per_epoch=3, epochs=2, verbose=0).history["loss"]
    assert_allclose(found, expected[0]["loss"], rtol=1e-5)


@pytest.mark.parametrize("data, shown", [(Known(), "3/3 ["), (Again(), "3/3 ["), (Numbered(), "3/3 [")])
def test_the_progress_bar_counts_batches(data, shown, model, capsys):
    model.fit(data, nb_epoch=2, verbose=1)
    assert capsys.readouterr().out.count(shown) == 2


def test_rows_found_by_number_are_shuffled_and_others_are_not(model):
    seen = []

    class Recorded(Numbered):
        def __getitem__(self, index):
            seen.append(index)
            return super().__getitem__(index)

    np.random.seed(0)
    model.fit(Recorded(), nb_epoch=4, verbose=0)
    epochs = [seen[start : start + 3] for start in range(0, 12, 3)]
    assert all(sorted(epoch) == [0, 1, 2] for epoch in epochs)
    assert epochs != [[0, 1, 2]] * 4


def test_the_next_batch_is_prepared_while_a_step_runs(model):
    made = []

    class Slow(Again):
        def __iter__(self):
            for batch in self.batches:
                made.append(batch)
                yield batch

    class Looks(Callback):
        def on_batch_end(self, batch, logs=None):
            if batch == 0:
                end = time.monotonic() + 10
                while len(made) < 2 and time.monotonic() < end:
                    time.sleep(0.001)
                assert len(made) >= 2

    model.fit(Slow(), nb_epoch=1, verbose=0, callbacks=[Looks()])


class Dies(Callback):
    def __init__(self, batches):
        super().__init__()
        self.left = batches

    def on_batch_end(self, batch, logs=None):
        self.left -= 1
        if not self.left:
            raise KeyboardInterrupt


class Random(Numbered):
    """Batches with draws of NumPy's generator, which the thread makes ahead of the steps."""

    def __getitem__(self, index):
        return X[:4] + np.random.uniform(size=(4, 3)), Y[:4] + index


@pytest.mark.parametrize("make", [Random, Known])
@pytest.mark.parametrize("stop", [2, 3, 4])
def test_a_training_on_batches_is_resumed_exactly(make, stop, tmp_path):
    path = tmp_path / "training.h5"

    def fit(*callbacks, **options):
        K.clear_session()
        np.random.seed(7)
        model = Sequential([Dense(1, input_dim=3)])
        model.compile("sgd", "mse")
        model.fit(
            make(),
            nb_epoch=2,
            verbose=0,
            callbacks=[*callbacks, TrainingCheckpoint(path, batches=1)],
            **options,
        )
        return model.get_weights()

    whole = fit()
    with pytest.raises(KeyboardInterrupt):
        fit(Dies(stop))
    for one, other in zip(fit(resume_from=path), whole, strict=True):
        assert_array_equal(one, other)


REFUSED = {
    "targets twice": (lambda m: m.fit(Again(), Y), TypeError, "hold their targets.*leave out y"),
    "one pass": (lambda m: m.fit(iter(BATCHES), nb_epoch=2), ValueError, "one pass only.*steps_per_epoch"),
    "one validation": (
        lambda m: m.fit(X, Y, nb_epoch=2, validation_data=forever()),
        ValueError,
        "validation_data: .*validation_steps",
    ),
    "no end": (lambda m: m.fit(itertools.cycle(BATCHES), nb_epoch=1), ValueError, "no end.*steps_per_epoch"),
    "no end said": (lambda m: m.fit(TensorFlowLike(), nb_epoch=1), ValueError, "no end.*steps_per_epoch"),
    "too short": (
        lambda m: m.fit(iter(BATCHES), steps_per_epoch=5, nb_epoch=1, verbose=0),
        ValueError,
        "ended after 3 batches.*wanted 5",
    ),
    "empty": (lambda m: m.fit(Again([]), nb_epoch=1, verbose=0), ValueError, "gave no batches"),
    "no pair": (
        lambda m: m.fit(Again([X]), nb_epoch=1, verbose=0),
        ValueError,
        "Batch 0: got ndarray",
    ),
    "shape": (
        lambda m: m.fit(Again([BATCHES[0], (X[:, :2], Y)]), nb_epoch=1, verbose=0),
        ValueError,
        "Batch 1: .*shape .12, 2.",
    ),
    "values": (lambda m: m.evaluate(Again([(X, Y * np.nan)]), verbose=0), ValueError, "Batch 0: y has NaN"),
    "steps of arrays": (lambda m: m.fit(X, Y, steps_per_epoch=2), ValueError, "2 batches.*data in arrays"),
    "split": (lambda m: m.fit(Again(), validation_split=0.5), ValueError, "cannot be split.*validation_data"),
    "two lengths": (
        lambda m: m.fit(Again(), steps_per_epoch=1, samples_per_epoch=3),
        ValueError,
        "steps_per_epoch=1 and samples_per_epoch=3",
    ),
    "zero steps": (lambda m: m.fit(Again(), steps_per_epoch=0), ValueError, "steps_per_epoch must be.*got 0"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_meant_is_refused(case, model):
    call, kind, said = REFUSED[case]
    with pytest.raises(kind, match=said):
        call(model)


def test_single_samples_are_refused_with_the_loader(model):
    torch = pytest.importorskip("torch")
    data = torch.utils.data.TensorDataset(torch.tensor(X), torch.tensor(Y))
    with pytest.raises(TypeError, match="single samples.*DataLoader"):
        model.fit(data, nb_epoch=1)
