"""The package mhcnuggets, unchanged: its weight files load, predict as under Keras 2, and its model trains.

golden/keras2/mhcnuggets.json was written by golden/record_mhcnuggets.py. Skipped unless the package is there:
`pip install --no-deps mhcnuggets==2.4.1`, or its unpacked wheel on PYTHONPATH. Its files are of Keras 2.1 and
2.2, whose gates are those of Keras 1: with the defaults of Keras 2.3 the numbers are others, there and here.
"""

import json
from pathlib import Path

import numpy as np
import pytest
from recorded import GOLDEN, OUTPUT

import keras.compat

mhcnuggets = pytest.importorskip("mhcnuggets")
from mhcnuggets.src import aa_embeddings, models  # noqa: E402

SAVES = Path(mhcnuggets.__file__).parent / "saves"
RECORDED = json.loads((GOLDEN / "keras2" / "mhcnuggets.json").read_text())
FILES = sorted(RECORDED["2.3"])


def tensor(peptides, length=15):
    rows = [
        [aa_embeddings.AA_SOFTHOT[letter] for letter in peptide.rjust(length, "Z")] for peptide in peptides
    ]
    return np.array(rows)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("version", ["2.2", "2.3"])
def test_weights_predict_as_recorded(name, version):
    with keras.compat.set_version(2 if version == "2.3" else 1):
        model = models.mhcnuggets_lstm((15, 21))
    model.load_weights(str(SAVES / name))
    predicted, _ = models.get_predictions(tensor(RECORDED["peptides"]), model)
    np.testing.assert_allclose(np.ravel(predicted), RECORDED[version][name], **OUTPUT)


def test_the_test_model_predicts_what_the_package_says():
    lines = (SAVES / "test" / "HLA-A01:01_test_model.predictions").read_text().split()[1:]
    peptides, wanted = zip(*(line.split(",") for line in lines), strict=True)
    model = models.mhcnuggets_lstm((15, 21))
    model.load_weights(str(SAVES / "test" / "HLA-A01:01_test_model.h5"))
    affinities = 50000 ** (1 - model.predict(tensor(peptides))[:, 0])
    np.testing.assert_allclose(affinities, [float(value) for value in wanted], rtol=1e-3)


def test_its_model_trains():
    np.random.seed(0)
    model = models.mhcnuggets_lstm((15, 21), hidden_size=8)
    model.compile(loss="mse", optimizer=keras.optimizers.Adam(lr=0.01))
    x, y = tensor(RECORDED["peptides"]), np.linspace(0, 1, 7)
    losses = model.fit(x, y, epochs=30, batch_size=4, verbose=0).history["loss"]
    assert np.mean(losses[-5:]) < losses[0]
