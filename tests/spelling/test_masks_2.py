"""Layers do with a mask what Keras 2.3.1 recorded: they use it, pass it on, or refuse it.

golden/keras2/masks.npz was written by golden/record_keras_2_masks.py under Keras 2.3.1 on TensorFlow 1.15.
"""

import runpy

import numpy as np
import pytest
from recorded import GOLDEN, OUTPUT

import keras.compat
from keras import backend as K
from keras import layers
from keras.models import Model

RECORDED = np.load(GOLDEN / "keras2" / "masks.npz")
MASKS = runpy.run_path(str(GOLDEN / "keras2_cases.py"))["MASKS"]
X = RECORDED["x"]


def called(layer):
    x = layers.Input(X.shape[1:])
    return x, layer(layers.Masking()(x))


@pytest.mark.parametrize("name", MASKS)
def test_layer_treats_a_mask_as_recorded(name):
    with keras.compat.set_version(2):
        layer = eval(MASKS[name], {"L": layers})  # the text of this repository
        if RECORDED[f"{name}/refused"]:
            with pytest.raises(TypeError, match="does not support masking"):
                called(layer)
            return
        x, y = called(layer)
        model = Model(x, y)
    shapes = [w.shape for w in model.get_weights()]
    model.set_weights([RECORDED[f"{name}/weight_{i}"].reshape(s) for i, s in enumerate(shapes)])
    np.testing.assert_allclose(model.predict(X), RECORDED[f"{name}/output"], **OUTPUT)
    maker, node, place = y._keras_history
    mask, recorded = maker.inbound_nodes[node].output_masks[place], RECORDED[f"{name}/mask"]
    assert (mask is None) == (recorded.size == 0)
    if mask is not None:
        np.testing.assert_array_equal(K.function([x], [mask])([X])[0], recorded)
