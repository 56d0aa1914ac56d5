"""Ops as layers: the names that files have for them."""

import json

import numpy as np
import pytest
from recorded import GOLDEN
from scipy.sparse import coo_matrix

from keras import backend as K
from keras._graph import operators
from keras.backend import saved_ops
from keras.backend.saved_ops import FORMER, OPS, find_op
from keras.layers import Input
from keras.models import Model, model_from_json

RECORDED = json.loads((GOLDEN / "operations_0.1.0.json").read_text())


def array(data):
    return np.array(data["values"], data["dtype"]).reshape(data["shape"])


def predicted(model, entry):
    arrays = [array(data) for data in entry["inputs"]]
    fed = [coo_matrix(value) for value in arrays] if entry["sparse"] else arrays
    return K.function(model.inputs, model.outputs)(fed)


def named_ops(data):
    """The names of ops in a config, at any depth."""
    if isinstance(data, dict):
        own = [data["op"]] if "op" in data else []
        return own + [name for value in data.values() for name in named_ops(value)]
    return [name for value in data for name in named_ops(value)] if isinstance(data, list) else []


@pytest.mark.parametrize("entry", RECORDED, ids=lambda entry: entry["op"])
def test_a_file_of_0_1_0_is_read_and_written_with_the_names_of_today(entry):
    model = model_from_json(json.dumps(entry["model"]))
    outputs = predicted(model, entry)
    for output, data in zip(outputs, entry["outputs"], strict=True):
        expected = array(data)
        assert output.dtype == expected.dtype
        # The record may be from a CPU whose float32 kernels round differently.
        np.testing.assert_allclose(output, expected, rtol=1e-5, atol=1e-6)
    names = [find_op(name).facts.saved_as for name in named_ops(entry["model"])]
    written = json.loads(model.to_json())
    assert named_ops(written) == names and not set(names) & set(FORMER)
    # Apart from the names of ops nothing changes, not even the names of layers.
    text = json.dumps(entry["model"], sort_keys=True)
    for name, op in FORMER.items():
        text = text.replace(f'"op": "{name}"', f'"op": "{op.facts.saved_as}"')
    assert json.dumps(written, sort_keys=True) == text


def test_the_record_has_every_op_of_0_1_0_that_a_file_may_name():
    since = {"spread_depthwise"}
    assert {find_op(entry["op"]).facts.saved_as for entry in RECORDED} == set(OPS) - since


def test_every_op_has_a_public_name_of_its_own():
    assert all(op.facts.saved_as == name and name.isidentifier() for name, op in OPS.items())
    assert all(not name.startswith("_") for name in OPS)
    assert len({id(op) for op in OPS.values()}) == len(OPS)
    assert not set(FORMER) & set(OPS)


def test_names_of_0_1_0_give_layers_the_names_that_they_had():
    assert all(former.strip("_") == op.facts.saved_as for former, op in FORMER.items())


def test_no_two_ops_claim_one_name():
    modules = (operators, *saved_ops._MODULES)
    values = [value for module in modules for value in vars(module).values() if saved_ops.is_op(value)]
    names = [op.facts.saved_as for op in {id(op): op for op in values}.values()]
    assert sorted(names) == sorted(set(names))


@pytest.mark.parametrize("function", [K.abs, abs, lambda x: K.pow(x, a=3), lambda x: x**3])
def test_operators_and_k_functions_that_share_a_name_are_one_op(function):
    x = Input((3,))
    model = Model(x, function(x))
    again = model_from_json(model.to_json())
    data = np.array([[-2.0, 0.5, 3.0]], "float32")
    np.testing.assert_array_equal(again.predict(data), model.predict(data))


def test_a_users_op_cannot_be_saved_under_any_name():
    @K.op
    def relu(x):
        return 2 * x

    x = Input((3,))
    with pytest.raises(ValueError, match="cannot be saved: it is the function 'relu'"):
        Model(x, relu(x)).to_json()


@pytest.mark.parametrize("name", ["_one_of_no_file", "gelu", "", None, [], {}])
def test_an_unknown_op_is_named(name):
    with pytest.raises(ValueError, match="unknown op"):
        find_op(name)
