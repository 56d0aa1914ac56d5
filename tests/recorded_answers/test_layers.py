"""Every recorded layer has the outputs, gradients and updates of the original (origin: golden/README.md)."""

import re

import numpy as np
import pytest
from recorded import OUTPUT, TRAJECTORY, cases

from keras import backend as K
from keras import layers
from keras.engine import Input
from keras.utils.layer_utils import layer_from_config


def name_of(case):
    extras = {**case["kwargs"], **case["options"]}
    return f"{case.number}-{case['layer']}-" + ",".join(f"{k}={v}" for k, v in extras.items())


def without_number(name):
    """Turns lstm_12_W_i into lstm_W_i."""
    return re.sub(r"_\d+(?=_)", "", name)


BUILT = [
    case for file in ("layers", "layer_options") for case in cases(file) if hasattr(layers, case["layer"])
]


def build(case):
    """Builds the layer of a case; returns (layer, inputs, output, input of the layer itself)."""
    options = case["options"]
    K.set_image_dim_ordering(options.get("ordering", "tf"))
    dtype = "int32" if "int_max" in options else "float32"
    shapes = [[None, *shape[1:]] if "any_batch" in options else shape for shape in case["input_shapes"]]
    inputs = [Input(batch_shape=tuple(shape), dtype=dtype) for shape in shapes]
    x = inputs[0] if len(inputs) == 1 else inputs
    if "mask" in options:
        x = layers.Masking(options["mask"])(x)
    kwargs = dict(case["kwargs"])
    if "output_shape" in kwargs:
        size = case["input_shapes"][0][0]
        kwargs["output_shape"] = [size if n is None else n for n in kwargs["output_shape"]]
    if case["layer"] in ("TimeDistributed", "Bidirectional"):
        kwargs["layer"] = layer_from_config(kwargs["layer"])
    layer = getattr(layers, case["layer"])(**kwargs)
    return layer, inputs, layer(x)


@pytest.mark.parametrize("case", BUILT, ids=name_of)
def test_outputs_gradients_and_updates_equal_the_record(case):
    layer, inputs, output = build(case)
    layer.set_weights(case.list("weight"))
    names = [without_number(weight.name) for weight in layer.weights]
    assert names == [without_number(name[: -len(":0")]) for name in case["weight_names"]]

    sources = {f"weight_{i}": weight for i, weight in enumerate(layer.weights)}
    sources.update({f"input_{i}": tensor for i, tensor in enumerate(inputs)})
    cotangent = case.array("cotangent")
    samples = None if "any_batch" in case["options"] else len(cotangent)
    factors = K.placeholder((samples, *cotangent.shape[1:]))
    weighted = K.sum(output * factors)
    gradients = K.gradients(weighted, [sources[name] for name in case["grad_of"]])
    train = case["options"].get("train", 0)
    runs = case["options"].get("runs", 1)
    updates = layer.updates if train or runs > 1 else []
    function = K.function([*inputs, factors, K.learning_phase()], [output, *gradients], updates=updates)
    for _ in range(runs):
        result, *derivatives = function([*case.list("input"), cotangent, train])

    if case["kwargs"].get("mode") == "cos":
        # The original says (3, 1) and computes (3, 1, 1); what is computed counts.
        assert result.shape == case.array("output").shape
    else:
        assert result.shape == tuple(case["output_shape"])
    np.testing.assert_allclose(result, case.array("output"), **OUTPUT)
    for name, found, expected in zip(case["grad_of"], derivatives, case.list("grad"), strict=True):
        np.testing.assert_allclose(found, expected, err_msg=name, **TRAJECTORY)
    if case["layer"] == "TimeDistributed" and train and "any_batch" in case["options"]:
        # The original loses the updates of the layer inside; here they are made (docs/differences.md).
        assert any((f != e).any() for f, e in zip(layer.get_weights(), case.list("weight"), strict=True))
        return
    after = case.list("weight_after" if "weight_after" in case["arrays"] else "weight")
    for found, expected in zip(layer.get_weights(), after, strict=True):
        np.testing.assert_allclose(found, expected, **TRAJECTORY)


@pytest.mark.parametrize("case", BUILT, ids=name_of)
def test_layer_survives_its_config(case):
    """A layer rebuilt from its config has the same config and output shape."""
    layer, inputs, output = build(case)
    again = type(layer).from_config(layer.get_config())
    # As in the original, `input_dim` in a config is another spelling of the input shape.
    added = dict.fromkeys(("batch_input_shape", "input_dtype"))
    if layer.stateful:  # ... and the other way around
        added.update(dict.fromkeys(("input_dim", "input_length")))
    assert {**again.get_config(), **added} == {**layer.get_config(), **added}
    x = inputs[0] if len(inputs) == 1 else inputs
    assert K.int_shape(again(x)) == K.int_shape(output)
