"""Records keras2/mhcnuggets.json: what models of the package mhcnuggets 2.4.1 predict under Keras 2.3.1.

Needs Keras 2.3.1 on TensorFlow 1.15 (Python 3.7) and the unpacked package, not this project:

    KERAS_BACKEND=tensorflow PYTHONPATH=FOLDER_OF_THE_PACKAGE python record_mhcnuggets.py

Keys: "2.3" for that version as it is, and "2.2" with the gates of Keras 2.0 to 2.2, by which the files were
trained; then the name of a weight file -> predictions for the peptides.
"""

import json
import os

import mhcnuggets.src.models as source
import numpy as np
from mhcnuggets.src.aa_embeddings import AA_SOFTHOT

HERE = os.path.dirname(os.path.abspath(__file__))
SAVES = os.path.join(os.path.dirname(source.__file__), "..", "saves")
PEPTIDES = ["AIAACAMLLV", "ALVCYIVMPV", "ALEPRKEIDV", "SIINFEKL", "GILGFVFTL", "NLVPMVATV", "KLGGALQAKWYX"]
FILES = [
    "test/HLA-A01:01_test_model.h5",
    "production/HLA-A02:01_BA.h5",
    "production/HLA-A02:01_BA_to_HLAp.h5",
    "production/Mamu-A02:01_BA.h5",
]


def tensor(peptides, length=15):
    return np.array([[AA_SOFTHOT[letter] for letter in peptide.rjust(length, "Z")] for peptide in peptides])


def main():
    found, lstm = {}, source.LSTM
    for version in ("2.3", "2.2"):
        if version == "2.2":
            source.LSTM = lambda *args, **kwargs: lstm(*args, recurrent_activation="hard_sigmoid", **kwargs)
        found[version] = {}
        for name in FILES:
            model = source.mhcnuggets_lstm((15, 21))
            model.load_weights(os.path.join(SAVES, name))
            found[version][name] = [float(value) for value in model.predict(tensor(PEPTIDES))[:, 0]]
    with open(os.path.join(HERE, "keras2", "mhcnuggets.json"), "w") as file:
        json.dump({"peptides": PEPTIDES, **found}, file, indent=1)
        file.write("\n")


if __name__ == "__main__":
    main()
