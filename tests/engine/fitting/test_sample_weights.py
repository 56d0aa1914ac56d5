"""Weights of steps and pixels, and of classes: the loss is the formula of Keras 1, computed with NumPy."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from keras.engine.fitting.sample_weights import standardize_weights
from keras.layers import Activation, Input
from keras.models import Model, Sequential

R = np.random.RandomState(0)
IMAGES = R.uniform(size=(4, 2, 3, 2)).astype("float32")
MASKS = R.uniform(size=(4, 2, 3, 2)).astype("float32")
PIXELS = R.uniform(size=(4, 2, 3)) * (R.uniform(size=(4, 2, 3)) > 0.3)


def weighted(scores, weights):
    """Mean of weighted scores, divided by the share of the weights that are not 0, as Keras 1 does."""
    return np.mean(scores * weights) / np.mean(weights != 0)


def identity(shape, loss="mse", **options):
    model = Sequential([Activation("linear", input_shape=shape)])
    model.compile("sgd", loss, **options)
    return model


@pytest.mark.parametrize("mode", [None, "temporal"])
def test_weights_of_pixels(mode):
    model = identity((2, 3, 2), sample_weight_mode=mode)
    scores = np.mean((IMAGES - MASKS) ** 2, axis=-1)
    expected = weighted(scores, PIXELS)
    found = model.fit(IMAGES, MASKS, nb_epoch=1, verbose=0, sample_weight=PIXELS).history["loss"]
    assert_allclose(found, expected, rtol=1e-5)
    assert_allclose(model.test_on_batch(IMAGES, MASKS, PIXELS), expected, rtol=1e-5)
    # After that, data without weights count as before.
    assert_allclose(model.evaluate(IMAGES, MASKS, verbose=0), scores.mean(), rtol=1e-5)


def test_weights_of_pixels_only_in_the_validation():
    model = identity((2, 3, 2))
    scores = np.mean((IMAGES - MASKS) ** 2, axis=-1)
    data = (IMAGES, MASKS, PIXELS)
    history = model.fit(IMAGES, MASKS, nb_epoch=1, verbose=0, validation_data=data).history
    assert_allclose(history["loss"], scores.mean(), rtol=1e-5)
    assert_allclose(history["val_loss"], weighted(scores, PIXELS), rtol=1e-5)


def test_class_weights_of_steps():
    labels = R.randint(3, size=(4, 5, 1))
    given = R.dirichlet(np.ones(3), (4, 5)).astype("float32")
    scores = -np.log(np.take_along_axis(given, labels, axis=-1))[..., 0]
    expected = weighted(scores, np.array([1.0, 2.0, 0.5])[labels[..., 0]])
    for y, loss in (
        (labels, "sparse_categorical_crossentropy"),
        (np.eye(3)[labels[..., 0]], "categorical_crossentropy"),
    ):
        model = identity((5, 3), loss)
        history = model.fit(given, y, nb_epoch=1, verbose=0, class_weight={0: 1.0, 1: 2.0, 2: 0.5}).history
        assert_allclose(history["loss"], expected, rtol=1e-4)


def test_class_weights_by_the_names_of_outputs():
    x = Input((2,))
    model = Model(x, [Activation("linear", name=name)(x) for name in ("a", "b")])
    model.compile("sgd", "categorical_crossentropy")
    p = R.dirichlet(np.ones(2), 6).astype("float32")
    labels = np.array([0, 1, 1, 0, 1, 0])
    scores = -np.log(p[np.arange(6), labels])
    y = np.eye(2)[labels]
    history = model.fit(p, [y, y], nb_epoch=1, verbose=0, class_weight={"b": {0: 1, 1: 3}}).history
    assert_allclose(history["a_loss"], scores.mean(), rtol=1e-5)
    assert_allclose(history["b_loss"], weighted(scores, np.array([1, 3])[labels]), rtol=1e-5)
    with pytest.raises(ValueError, match="class_weight.*unknown outputs .'c'."):
        model.fit(p, [y, y], nb_epoch=1, class_weight={"c": {0: 1}})


@pytest.mark.parametrize(
    "weights, said",
    [
        (np.ones((4, 2)), "shape .4, 2.; wanted rank 1.*sample_weight_mode='temporal'"),
        (np.ones((4, 2, 2)), "shape .4, 2, 2. for targets with shape .4, 2, 3, 2.; wanted .4, 2, 3."),
        (-PIXELS - 1, "negative at row 0"),
        (np.full((4, 2, 3), np.inf), "NaN or inf at row 0"),
    ],
)
def test_weights_that_fit_no_targets_are_refused(weights, said):
    with pytest.raises(ValueError, match=said):
        standardize_weights(MASKS, weights)


def test_class_weights_need_classes():
    with pytest.raises(ValueError, match="classes .ints.; these have fractions"):
        standardize_weights(MASKS[..., :1], class_weight={0: 1.0})
    with pytest.raises(ValueError, match="no weight for class 1"):
        standardize_weights(np.ones((2, 5, 1)), class_weight={0: 1.0})
