"""Ops as layers: the names that files have for them."""

import json

import numpy as np
import pytest
from recorded import GOLDEN
from scipy.sparse import coo_matrix

from keras import backend as K
from keras.models import model_from_json

RECORDED = json.loads((GOLDEN / "operations_0.1.0.json").read_text())


def array(data):
    return np.array(data["values"], data["dtype"]).reshape(data["shape"])


@pytest.mark.parametrize("entry", RECORDED, ids=lambda entry: entry["op"])
def test_a_file_of_0_1_0_is_read(entry):
    model = model_from_json(json.dumps(entry["model"]))
    arrays = [array(data) for data in entry["inputs"]]
    fed = [coo_matrix(value) for value in arrays] if entry["sparse"] else arrays
    outputs = K.function(model.inputs, model.outputs)(fed)
    for output, data in zip(outputs, entry["outputs"], strict=True):
        expected = array(data)
        assert output.dtype == expected.dtype
        # float32 on another CPU: other kernels.
        np.testing.assert_allclose(output, expected, rtol=1e-5, atol=1e-6)
