"""What a notebook shows of models, layers, tensors, histories and optimizers."""

import subprocess
import sys
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest

from keras.callbacks import History
from keras.layers import Dense, Input, TimeDistributed
from keras.models import Model, Sequential
from keras.optimizers import SGD, Adam, Optimizer


def parsed(thing):
    """Returns the HTML as a tree; it is well-formed XML, too."""
    return ElementTree.fromstring(thing._repr_html_())


def texts(tree):
    return " ".join(text.strip() for text in tree.itertext() if text.strip())


def nested():
    inner = Sequential([Dense(4, input_dim=6, name="inside")], name="<inner>")
    inner.trainable = False
    x = Input((5, 6), name="x")
    return Model(x, Dense(2, name="top")(TimeDistributed(inner, name="each")(x)), name="outer")


def history(**curves):
    made = History()
    made.on_train_begin()
    for epoch, values in enumerate(zip(*curves.values(), strict=True)):
        made.on_epoch_end(epoch, dict(zip(curves, values, strict=True)))
    return made


def test_model_shows_its_graph_and_summary():
    tree = parsed(nested())
    shown = texts(tree)
    assert (
        "outer (Model) · (None, 5, 6) → (None, 5, 2) · 3 layers · 38 parameters, 10 of them trainable"
        in shown
    )
    assert "Memory: weights 152 bytes" in shown
    titles = [element.text for element in tree.iter() if element.tag.endswith("title")]
    assert "top (Dense)\nin (None, 5, 4)\nout (None, 5, 2)\n10 parameters" in titles


def test_models_inside_fold_open():
    folds = list(parsed(nested()).iter("details"))
    first = folds[0]
    assert first[0].text == "<inner> (Sequential), inside each (TimeDistributed)"
    assert "inside" in texts(first) and "open" not in first.attrib
    # Closed at first: the picture of the outer model does not have the layer.
    svg = next(element for element in parsed(nested()).iter() if element.tag.endswith("svg"))
    assert "1 layers inside" not in texts(svg) and "2 layers inside" not in texts(svg)
    assert "1 layer inside" in texts(svg)


def test_svg_of_a_model_has_the_layers_of_models_inside():
    assert "inside" in texts(ElementTree.fromstring(nested()._repr_svg_()))


def test_empty_sequential_shows_itself():
    assert "no layers yet" in texts(parsed(Sequential()))
    assert Sequential()._repr_svg_() is None


def test_layer_and_tensor():
    model = nested()
    assert "top_W" in texts(parsed(model.get_layer("top"))) and "(4, 2)" in texts(parsed(model.layers[-1]))
    assert "not called yet" in texts(parsed(Dense(3)))
    assert "(None, 5, 2) · float32 · output of top (Dense)" in texts(parsed(model.output))
    assert "Variable" in texts(parsed(model.layers[-1].weights[0]))


def test_optimizer_shows_its_current_values():
    optimizer = Adam(clipnorm=1.0)
    optimizer.lr = 0.25
    assert "lr 0.25" in texts(parsed(optimizer)) and "clipnorm 1" in texts(parsed(optimizer))
    assert repr(SGD(lr=0.5)) == "<SGD lr=0.5, momentum=0, decay=0, nesterov=False>"
    assert repr(Optimizer()) == "<Optimizer>"


def test_history_shows_curves_and_marks_the_best_epoch():
    made = history(val_loss=[3.0, 1.0, 2.0], loss=[3.0, 2.0, 1.0], lr=[0.1, 0.1, 0.1])
    tree = parsed(made)
    assert "3 epochs · best epoch: 2" in texts(tree) and "● validation" in texts(tree)
    assert len([element for element in tree.iter() if element.tag.endswith("svg")]) == 2  # loss and lr
    assert "epoch 2: validation loss 1" in texts(tree)
    assert made.best_epoch == 1
    assert repr(made) == "<History of 3 epochs, val_loss: 2, loss: 1, lr: 0.1, best epoch: 2>"


@pytest.mark.parametrize(
    "values, best",
    [([], None), ([np.nan], None), ([np.nan, 2.0, np.inf], 1), ([5.0], 0), ([2.0, 2.0], 0), ([1e-9, 1e9], 0)],
)
def test_history_of_any_values_is_shown(values, best):
    made = history(loss=values)
    assert made.best_epoch == best
    assert texts(parsed(made)) and repr(made)


def test_history_before_training():
    assert "no epochs yet" in texts(parsed(History())) and repr(History()) == "<History of 0 epochs>"


def test_logs_that_are_not_numbers_are_left_out():
    assert "note" not in texts(parsed(history(loss=[1.0], note=["text"])))


def test_import_keras_imports_none_of_this():
    code = (
        "import sys, keras; sys.exit(bool({'keras._display', 'keras.plots', 'IPython'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
