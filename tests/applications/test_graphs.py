"""The models of keras.applications have the layers and the predictions of those of Keras 1.2.2."""

import json

import numpy as np
import pytest
from recorded_applications import ARRAYS, RECORDED, ask

from keras import backend as K
from keras import initializations
from keras.applications.inception_v3 import conv2d_bn
from keras.applications.resnet50 import conv_block, identity_block
from keras.layers import Input

DESCRIBED = {json.dumps(row[:3], sort_keys=True): row[3] for row in RECORDED["models"]}
VARIANTS = list(ask.variants())


@pytest.fixture
def zeros(monkeypatch):
    """Initial weights are zeros, which take no time and, until they are read, no memory."""

    def uniform(shape, scale=0.05, name=None, dim_ordering="th"):
        return K.variable(np.zeros(shape, K.floatx()), name=name)

    monkeypatch.setattr(initializations, "uniform", uniform)


def differences(ours, recorded, place=""):
    """Yields the places where `ours` lacks or changes a recorded value; extra keys of a dict are allowed."""
    if isinstance(recorded, dict) and isinstance(ours, dict):
        for key, value in recorded.items():
            yield from differences(ours.get(key, "missing"), value, f"{place}/{key}")
    elif isinstance(recorded, list) and isinstance(ours, list) and len(ours) == len(recorded):
        for i, (our, their) in enumerate(zip(ours, recorded, strict=True)):
            yield from differences(our, their, f"{place}/{i}")
    elif ours != recorded:
        yield f"{place}: {ours!r}, recorded {recorded!r}"


def test_every_variant_is_recorded():
    assert len(DESCRIBED) == len(VARIANTS) == len(RECORDED["models"])


@pytest.mark.parametrize("name, ordering, arguments", VARIANTS)
def test_graph_equals_the_recorded_one(name, ordering, arguments, zeros):
    recorded = DESCRIBED[json.dumps([name, ordering, arguments], sort_keys=True)]
    ours = json.loads(json.dumps(ask.describe(name, ordering, arguments), default=int))
    found = list(differences(ours, recorded))
    assert not found, "\n".join(found[:10])


# Fifty layers deep, sums of float32 in another order differ more than the 2e-4 of one layer.
@pytest.mark.parametrize("case", ask.PREDICTIONS, ids=lambda case: "-".join(case[:2]))
def test_predictions_equal_the_recorded_ones(case, zeros):
    recorded = ARRAYS["/".join(case[:2])]
    ours = ask.prediction(*case)
    np.testing.assert_allclose(ours, recorded, rtol=1e-3, atol=1e-3 * np.abs(recorded).max())


@pytest.mark.parametrize("ordering, shapes", [("th", [(8, 6, 6), (16, 3, 3), (16, 6, 6)]), ("tf", None)])
def test_blocks_alone(ordering, shapes):  # 1.2.2: shapes and names
    K.set_image_dim_ordering(ordering)
    shapes = [(None, *shape) for shape in shapes or [(6, 6, 8), (3, 3, 16), (6, 6, 16)]]
    x = Input((8, 6, 6) if ordering == "th" else (6, 6, 8))
    results = [
        identity_block(x, 3, [4, 4, 8], stage=2, block="q"),
        conv_block(x, 3, [4, 4, 16], stage=2, block="r"),
        conv_block(x, 3, [4, 4, 16], stage=2, block="s", strides=(1, 1)),
    ]
    assert [K.int_shape(result) for result in results] == shapes
    normal = conv2d_bn(x, 4, 3, 2, name="foo")._keras_history[0]
    assert [normal.name, normal.inbound_nodes[0].inbound_layers[0].name] == ["foo_bn", "foo_conv"]
