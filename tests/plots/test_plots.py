"""keras.plots: what is drawn, and the arrays behind it."""

import sys

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from keras import backend as K
from keras import plots
from keras.callbacks import History
from keras.layers import (
    LSTM,
    Convolution2D,
    Dense,
    Flatten,
    GlobalAveragePooling2D,
    Input,
    TimeDistributed,
    merge,
)
from keras.models import Model, Sequential
from keras.plots._figures import as_pictures
from keras.plots._predictions import confusion_matrix

pytest.importorskip("matplotlib")
PNG = b"\x89PNG"


@pytest.fixture(autouse=True)
def channels_first():
    K.set_image_dim_ordering("th")


def maps(name="maps"):
    """A model without nonlinearity inside: Grad-CAM of it has a closed form."""
    layers = [Convolution2D(4, 2, 2, input_shape=(2, 5, 5), name="conv"), GlobalAveragePooling2D(name="mean")]
    return Sequential([*layers, Dense(3, activation="softmax", name="which")], name=name)


def images(count=2):
    return np.random.RandomState(0).normal(size=(count, 2, 5, 5)).astype("float32")


def history():
    made = History()
    made.on_train_begin()
    for epoch, loss in enumerate([3.0, 1.0, 2.0]):
        made.on_epoch_end(epoch, {"val_loss": loss, "loss": 3.0 - epoch, "acc": 0.5})
    return made


# --- saliency and Grad-CAM -----------------------------------------------------------------------


@pytest.mark.parametrize("index", [2, None])
def test_grad_cam_of_a_linear_head_is_the_weighted_sum_of_the_maps(index):
    model, x = maps(), images()
    features = Model(model.input, model.layers[0].output).predict(x)
    chosen = model.predict(x).argmax(axis=1) if index is None else [index] * len(x)
    heads = model.layers[-1].get_weights()[0]
    wanted = np.stack([np.einsum("kyx,k->yx", f, heads[:, c]) for f, c in zip(features, chosen, strict=True)])
    wanted = np.maximum(wanted, 0)
    wanted /= wanted.max(axis=(1, 2), keepdims=True)
    for layer in ("conv", model.layers[0], None):
        assert_allclose(plots.grad_cam(model, x, layer, index), wanted, rtol=1e-4, atol=1e-5)


def test_paths_tell_the_calls_of_a_shared_model_apart():
    inner = maps("vgg")
    left, right = Input((2, 5, 5)), Input((2, 5, 5))
    outer = Model([left, right], Dense(2)(merge([inner(left), inner(right)], mode="concat")))
    x = [images(4)[:2], images(4)[2:]]
    first, second = (plots.grad_cam(outer, x, f"vgg[{call}]/conv", 0) for call in (1, 2))
    swapped = Model([right, left], outer.output)
    assert first.shape == (2, 4, 4) and not np.allclose(first, second)
    assert_allclose(plots.grad_cam(swapped, x[::-1], "vgg[2]/conv", 0), second, rtol=1e-5)
    with pytest.raises(ValueError, match=r"may be several calls. Say which: vgg\[1\], vgg\[2\]"):
        plots.grad_cam(outer, x, "vgg/conv")
    with pytest.raises(ValueError, match="called several times"):
        plots.grad_cam(outer, x, inner.layers[0])
    with pytest.raises(ValueError, match="has 2 inputs .* got 1"):
        plots.grad_cam(outer, x[0], "vgg[1]/conv")


def test_looking_inside_leaves_losses_and_updates_as_they_were():
    inner = maps("vgg")
    x = Input((2, 5, 5))
    outer = Model(x, inner(x))
    before = len(outer.losses), len(outer.updates), len(inner.inbound_nodes)
    plots.saliency(outer, images(), layer="vgg/conv", index=1)
    assert (len(outer.losses), len(outer.updates), len(inner.inbound_nodes)) == before


def test_saliency_of_a_linear_score_is_the_absolute_weight():
    model = Sequential([Dense(3, input_dim=4, activation="softmax")])
    kernel = model.get_weights()[0]
    assert_allclose(
        plots.saliency(model, np.ones((2, 4)), 1), np.abs(np.stack([kernel[:, 1]] * 2)), rtol=1e-5
    )


def test_saliency_of_a_filter_is_its_kernel():
    model = maps()
    kernel = model.get_weights()[0]  # (filters, channels, rows, columns)
    tower = Model(model.input, model.layers[0].output)
    shown = plots.saliency(Model(tower.input, GlobalAveragePooling2D()(tower.output)), images(1), index=3)
    # Each of the 16 places of the filter adds a sixteenth of its kernel; the corner sees one of them.
    assert_allclose(shown[0, 0, 0], np.abs(kernel[3, :, 0, 0]).max() / 16, rtol=1e-5)


@pytest.mark.parametrize(
    "path, said",
    [
        ("zz", r"nothing is at the path 'zz'. There are: input_1\[0\], each\[0\]"),
        ("each/conv", "runs its model many times"),
        ("last/x", "has no layers inside"),
        ("last", r"shape \(None, 1\); wanted feature maps"),
    ],
)
def test_paths_that_lead_nowhere_are_refused(path, said):
    x = Input((3, 2, 5, 5))
    model = Model(x, Dense(1, name="last")(LSTM(2)(TimeDistributed(maps(), name="each")(x))))
    with pytest.raises(ValueError, match=said):
        plots.grad_cam(model, np.ones((1, 3, 2, 5, 5)), path)


def test_a_model_without_feature_maps_is_refused():
    with pytest.raises(ValueError, match="no layer of feature maps"):
        plots.grad_cam(Sequential([Dense(2, input_dim=3)]), np.ones((1, 3)))
    with pytest.raises(ValueError, match="index 7 is outside of the 2"):
        plots.saliency(Sequential([Dense(2, input_dim=3)]), np.ones((1, 3)), 7)


# --- pictures ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "shape, ordering, wanted",
    [
        ((2, 7, 5), None, (2, 7, 5, 1)),
        ((2, 3, 7, 5), None, (2, 7, 5, 3)),
        ((2, 7, 5, 3), None, (2, 7, 5, 3)),
        ((2, 3, 5, 1), "tf", (2, 3, 5, 1)),
        ((2, 16), None, (2, 4, 4, 1)),
    ],
)
def test_images_of_either_ordering_become_pictures(shape, ordering, wanted):
    assert as_pictures(np.zeros(shape), ordering).shape == wanted


@pytest.mark.parametrize("values, wanted", [([0, 0.5], [0, 0.5]), ([0, 255], [0, 1]), ([-2, 2], [0, 1])])
def test_values_of_pictures_are_scaled_to_the_unit_interval(values, wanted):
    assert_array_equal(as_pictures(np.reshape(values, (1, 1, 2))).ravel(), wanted)


def test_images_of_another_shape_are_refused():
    with pytest.raises(ValueError, match=r"got shape \(2, 5, 7, 8\)"):
        as_pictures(np.zeros((2, 5, 7, 8)))


@pytest.mark.parametrize(
    "truth, found",
    [
        ([0, 1, 1, 2], [0, 1, 2, 2]),
        (np.eye(3)[[0, 1, 1, 2]], np.eye(3)[[0, 1, 2, 2]] * 0.8),
        ([[0], [1], [1], [2]], np.eye(3)[[0, 1, 2, 2]]),
    ],
)
def test_confusions_are_counted_by_true_class(truth, found):
    assert_array_equal(confusion_matrix(truth, found), [[1, 0, 0], [0, 1, 1], [0, 0, 1]])


def test_probabilities_of_class_1_are_classes():
    assert_array_equal(confusion_matrix([0, 1, 1], [[0.2], [0.7], [0.4]]), [[1, 0], [1, 1]])


def titles(figure):
    return [axes.get_title() for axes in figure.axes]


def test_titles_name_the_predicted_class_and_the_true_one_where_it_differs():
    probabilities = [[0.9, 0.1], [0.25, 0.75]]
    figure = plots.show_predictions(np.zeros((2, 4, 4)), probabilities, [0, 0], classes=["cat", "dog"])
    assert titles(figure) == ["cat 90 %", "dog 75 %\nis cat"]
    assert titles(plots.show_predictions(np.zeros((1, 4, 4)), truth=[1])) == ["1"]


def test_a_model_predicts_what_is_shown():
    model = Sequential([Flatten(input_shape=(1, 4, 4)), Dense(2, activation="softmax")])
    x = np.zeros((1, 1, 4, 4))
    wanted = model.predict(x)[0]
    shown = titles(plots.show_predictions(x, model))
    assert shown == [f"{wanted.argmax()} {100 * wanted.max():.0f} %"]


@pytest.mark.parametrize(
    "call, said",
    [
        (lambda: plots.show_predictions(np.zeros((2, 4, 4)), [1]), "predictions: wanted .* of 2 samples"),
        (lambda: plots.plot_confusion([0, 5], [0, 1], classes=["a"]), "6 classes occur; classes names 1"),
        (lambda: plots.plot_weights(Flatten(name="flat")), "'flat' .* has no weights"),
        (lambda: history().plot("val_acc"), "no value 'val_acc'. There are: val_loss, loss, acc"),
        (lambda: History().plot(), "Train first"),
    ],
)
def test_what_cannot_be_drawn_is_refused(call, said):
    with pytest.raises(ValueError, match=said):
        call()


FIGURES = {
    "history": lambda: history().plot(),
    "confusion": lambda: plots.plot_confusion([0, 1], [0, 0], normalize=True),
    "weights of a convolution": lambda: plots.plot_weights(maps().layers[0]),
    "weights of an LSTM": lambda: plots.plot_weights(Sequential([LSTM(2, input_shape=(3, 4))]).layers[0]),
    "predictions": lambda: plots.show_predictions(np.zeros((3, 16)), [0, 1, 1], [0, 1, 0]),
}


@pytest.mark.parametrize("make", FIGURES.values(), ids=FIGURES)
def test_figures_are_shown_by_a_notebook_and_written_to_files(make, tmp_path, monkeypatch):
    monkeypatch.delitem(sys.modules, "matplotlib.pyplot", raising=False)
    figure = make()
    assert figure._repr_png_().startswith(PNG)
    figure.savefig(tmp_path / "figure.png")
    assert (tmp_path / "figure.png").read_bytes().startswith(PNG)


def test_explanations_are_drawn_below_the_images():
    model = Sequential([Convolution2D(2, 3, 3, input_shape=(1, 6, 6)), Flatten(), Dense(2)])
    x = np.zeros((3, 1, 6, 6))
    assert len(plots.plot_grad_cam(model, x).axes) == len(plots.plot_saliency(model, x).axes) == 6


def test_history_has_a_panel_for_each_value_of_the_training():
    assert titles(history().plot()) == ["loss", "acc"]
    assert titles(history().plot(["acc"])) == ["acc"]


def test_missing_matplotlib_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(ImportError, match=r"pip install keras-classic\[plot\]"):
        history().plot()
