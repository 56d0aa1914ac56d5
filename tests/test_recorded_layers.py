"""Every recorded layer gives the original's outputs, gradients and updates (origin: golden/README.md)."""

import numpy as np
import pytest
from recorded import OUTPUT, TRAJECTORY, cases

from keras import backend as K
from keras import layers
from keras.engine import Input


def name_of(case):
    extras = {**case["kwargs"], **case["options"]}
    return f"{case.number}-{case['layer']}-" + ",".join(f"{k}={v}" for k, v in extras.items())


BUILT = [case for case in cases("layers") if hasattr(layers, case["layer"])]


def build(case):
    """The layer of a case, called on inputs; gives (layer, inputs, output, input the layer saw)."""
    options = case["options"]
    K.set_image_dim_ordering(options.get("ordering", "tf"))
    dtype = "int32" if "int_max" in options else "float32"
    inputs = [Input(batch_shape=tuple(shape), dtype=dtype) for shape in case["input_shapes"]]
    x = inputs[0] if len(inputs) == 1 else inputs
    if "mask" in options:
        x = layers.Masking(options["mask"])(x)
    kwargs = dict(case["kwargs"])
    if case["layer"] == "Deconvolution2D":
        size = case["input_shapes"][0][0]
        kwargs["output_shape"] = [size if n is None else n for n in kwargs["output_shape"]]
    if case["layer"] in ("TimeDistributed", "Bidirectional"):
        kwargs["layer"] = layers.layer_from_config(kwargs["layer"])
    layer = getattr(layers, case["layer"])(**kwargs)
    return layer, inputs, layer(x)


@pytest.mark.parametrize("case", BUILT, ids=name_of)
def test_layer(case):
    layer, inputs, output = build(case)
    layer.set_weights(case.list("weight"))
    names = [weight.name.split("_", 2)[-1] for weight in layer.weights]
    assert names == [name[:-2].split("_", 2)[-1] for name in case["weight_names"]]

    sources = {f"weight_{i}": weight for i, weight in enumerate(layer.weights)}
    sources.update({f"input_{i}": tensor for i, tensor in enumerate(inputs)})
    weighted = K.sum(output * K.variable(case.array("cotangent")))
    gradients = K.gradients(weighted, [sources[name] for name in case["grad_of"]])
    train = case["options"].get("train", 0)
    updates = layer.updates if train else []
    function = K.function([*inputs, K.learning_phase()], [output, *gradients], updates=updates)
    result, *derivatives = function([*case.list("input"), train])

    if case["kwargs"].get("mode") == "cos":
        # The original says (3, 1) and computes (3, 1, 1); what is computed counts.
        assert result.shape == case.array("output").shape
    else:
        assert result.shape == tuple(case["output_shape"])
    np.testing.assert_allclose(result, case.array("output"), **OUTPUT)
    for name, found, expected in zip(case["grad_of"], derivatives, case.list("grad"), strict=True):
        np.testing.assert_allclose(found, expected, err_msg=name, **TRAJECTORY)
    for found, expected in zip(layer.get_weights(), case.list("weight_after"), strict=True):
        np.testing.assert_allclose(found, expected, **TRAJECTORY)


@pytest.mark.parametrize("case", BUILT, ids=name_of)
def test_config_round_trip(case):
    """A layer made again from its config has the same config and output shape."""
    layer, inputs, output = build(case)
    again = type(layer).from_config(layer.get_config())
    # As in the original, `input_dim` in a config stands for the input shape, too.
    added = {key: None for key in ("batch_input_shape", "input_dtype")}
    assert {**again.get_config(), **added} == {**layer.get_config(), **added}
    x = inputs[0] if len(inputs) == 1 else inputs
    assert K.int_shape(again(x)) == K.int_shape(output)
