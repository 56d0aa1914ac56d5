"""Every layer is converted to Keras 3 and back with equal predictions, or refused for a reason listed here.

python tests/convert/test_every_layer.py FOLDER     writes ours_catalog.keras, for record_keras3_files.py
"""

import sys
from pathlib import Path

import numpy as np
import pytest
from catalog import LAYERS

from keras import backend as K
from keras._inspect.from_keras_3 import model_as_keras_2
from keras.convert import FORMATS, load
from keras.layers import (
    LSTM,
    Activation,
    Add,
    BatchNormalization,
    Bidirectional,
    Deconvolution2D,
    Dense,
    Dropout,
    Input,
    LayerNormalization,
    Masking,
    MultiHeadAttention,
    TimeDistributed,
    UpSampling2D,
)
from keras.models import Model, Sequential

#: Class (and option) in the catalog -> why neither Keras 2 nor 3 can hold it, or Keras 3 alone cannot.
NOWHERE = {
    "Layer": "no such layer",
    "Lambda": "its function is code of this program",
    "MaxoutDense": "no such layer",
    "Highway": "no such layer",
    "TimeDistributedDense": "no such layer",
    "ParametricSoftplus": "no such layer",
    "SReLU": "no such layer",
    "Merge,mode=cos": "no merge of mode 'cos'",
    "BatchNormalization,mode": "only Keras 1 has",
    "Embedding,input_dim=30,output_dim=3,dropout": "only Keras 1 has",
}
NOT_IN_3 = {
    "LocallyConnected1D": "no such layer",
    "LocallyConnected2D": "no such layer",
    "ThresholdedReLU": "no such layer",
}
NOT_IN_2 = dict.fromkeys(
    ("LayerNormalization", "RMSNormalization", "MultiHeadAttention", "Conv1DTranspose"), "no such layer"
)
REFUSED = {"keras2": {**NOWHERE, **NOT_IN_2}, "keras3": {**NOWHERE, **NOT_IN_3}}


def model_of(row):
    given = [Input(shape, dtype="int32" if row.ids else None) for shape in row.shapes]
    return Model(given, row.layer()(given if row.several else given[0]))


def reasons(model, format):
    return [str(item) for item in FORMATS[format].lost(model) if item.blocks]


@pytest.mark.parametrize("format", ["keras2", "keras3"])
def test_a_layer_is_refused_only_for_a_reason_that_is_listed(format):
    for row in LAYERS:
        wanted = [
            why for name, why in REFUSED[format].items() if f"{row},".startswith((name + ",", name + "="))
        ]
        found = reasons(model_of(row), format)
        assert bool(wanted) == bool(found), (str(row), found)
        assert not wanted or wanted[0] in found[0], (str(row), found)


def convertible(format):
    """All rows that the format can hold, side by side, with weights other than the first; and their data."""
    given, outputs, data = [], [], []
    for row in LAYERS:
        if not reasons(model_of(row), format):
            own = [Input(shape, dtype="int32" if row.ids else None) for shape in row.shapes]
            outputs.append(row.layer()(own if row.several else own[0]))
            given += own
            data += row.data()
    model = Model(given, outputs)
    random = np.random.RandomState(5)
    for weight in model.weights:
        K.set_value(weight, random.uniform(0.1, 0.5, weight.shape))
    return model, data


@pytest.mark.parametrize("format, name", [("keras3", "m.keras"), ("keras2", "m.h5")])
def test_all_layers_that_are_not_refused_come_back_as_they_were(format, name, tmp_path):
    """Predictions are compared where Keras 3 has recorded them: ours_catalog.keras in test_convert.py."""
    model, _ = convertible(format)
    FORMATS[format].write(model, str(tmp_path / name))
    K.set_image_dim_ordering("tf")  # that of the program does not matter
    again = load(tmp_path / name)
    assert again.output_shape == model.output_shape
    # Other versions put the gates of a layer side by side, so the arrays may be others.
    found, wanted = (np.sort(np.concatenate([w.ravel() for w in m.get_weights()])) for m in (again, model))
    np.testing.assert_allclose(found, wanted, rtol=1e-6)


# --- what only a model has ------------------------------------------------------------------------


def masked(layer, steps=(5, 3), several=False):
    x, y = Input(steps), Input(steps)
    first, second = Masking()(x), Masking()(y)
    return Model([x, y], [layer([first, second] if several else first), second])


MODELS = {
    "different masks, which Keras 3 combines otherwise": lambda: masked(Add(), several=True),
    "at masked steps Keras 3 returns zeros": lambda: masked(Bidirectional(LSTM(2, return_sequences=True))),
    "which Keras 3 treats otherwise": lambda: masked(MultiHeadAttention(2, 2), several=True),
    "its own phase": lambda: Model(x := Input((4,)), Dropout(0.5)(x, training=True)),
    "bilinear": lambda: Sequential([UpSampling2D(interpolation="bilinear", input_shape=(3, 4, 4))]),
    "another slope": lambda: Sequential([Activation("hard_sigmoid", input_shape=(4,))]),
    "no slash": lambda: Sequential([Dense(2, input_dim=2, name="a/b")]),
    "class is of this program": lambda: Sequential([type("Mine", (Dense,), {})(2, input_dim=2)]),
}


@pytest.mark.parametrize("said", MODELS)
def test_what_would_predict_something_else_in_keras_3_is_refused(said):
    (reason,) = reasons(MODELS[said](), "keras3")
    assert said in reason


def test_masks_that_keras_3_treats_alike_are_no_loss():
    for layer in (LSTM(2), LayerNormalization(), TimeDistributed(Dense(2)), Bidirectional(LSTM(2))):
        assert reasons(masked(layer), "keras3") == []
    (found,) = FORMATS["keras3"].lost(masked(BatchNormalization()))
    assert not found.blocks and "statistics" in str(found)


@pytest.mark.parametrize("border_mode", ["valid", "same"])
@pytest.mark.parametrize("rows", [4, 5, 6, 7, 8])
def test_a_deconvolution_is_a_transposed_convolution_of_the_same_size(border_mode, rows):
    """Of 3 rows, filters of 3 and steps of 2, Keras 2.3 and 3 make 7 + output_padding rows for "valid", and
    5 + output_padding for "same", with 0 or 1: `deconv_length` of Keras 2.3."""
    sizes = {"valid": (7, 8), "same": (5, 6)}[border_mode]
    layer = Deconvolution2D(2, 3, 3, (None, 2, rows, 3), subsample=(2, 1), border_mode=border_mode)
    try:
        model = Model(x := Input((1, 3, {"valid": 1, "same": 3}[border_mode])), layer(x))
    except ValueError:  # no convolution maps so many rows to 3
        assert rows not in sizes
        return
    found = reasons(model, "keras3")
    assert (found == []) == (rows in sizes)


# --- files of Keras 3 -----------------------------------------------------------------------------


def entry(class_name, module="keras.layers", **config):
    own = {"module": module, "class_name": class_name, "config": {"name": "d", **config}, "name": "d"}
    history = {"class_name": "__keras_tensor__", "config": {"keras_history": ["x", 0, 0]}}
    given = {"class_name": "InputLayer", "config": {"name": "x", "batch_shape": [None, 4]}, "name": "x"}
    layers = [{**given, "inbound_nodes": []}, {**own, "inbound_nodes": [{"args": [history], "kwargs": {}}]}]
    places = {"input_layers": ["x", 0, 0], "output_layers": ["d", 0, 0]}
    return {
        "class_name": "Functional",
        "module": "keras",
        "config": {"name": "m", "layers": layers, **places},
    }


@pytest.mark.parametrize(
    "config, said",
    [
        (entry("GroupNormalization", groups=2), "no such layer of Keras 3"),
        (entry("Relu", "keras.src.ops.nn"), "no such operation of Keras 3"),
        (entry("Conv2D", filters=2, groups=2), "groups=2, which only Keras 3 has"),
        (entry("Dense", units=2, activation="hard_sigmoid"), "its slope is 1/6 in Keras 3"),
        (entry("Dense", units=2, dtype="mixed_bfloat16"), "computes in mixed_bfloat16"),
        (entry("UpSampling2D", interpolation="bilinear"), "other places of the image"),
        (entry("GlobalMaxPooling2D", keepdims=True), "keepdims=True, which only Keras 3 has"),
    ],
)
def test_what_keras_3_alone_has_is_refused(config, said):
    with pytest.raises(ValueError, match=said):
        model_as_keras_2(config)


if __name__ == "__main__":
    FORMATS["keras3"].write(convertible("keras3")[0], str(Path(sys.argv[1]) / "ours_catalog.keras"))
