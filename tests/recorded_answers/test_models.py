"""Recorded models train, evaluate and predict as in the original (origin: golden/README.md)."""

import numpy as np
import pytest
from recorded import OUTPUT, TRAJECTORY, cases

from keras import backend as K
from keras.models import Model

ALL = cases("models")


def load(case):
    K.set_image_dim_ordering("th")
    model = Model.from_config(case["config"])
    model.set_weights(case.list("weight_before"))
    return model


def data(case, name):
    arrays = case.list(name)
    return arrays[0] if len(arrays) == 1 else arrays


@pytest.mark.parametrize("case", [c for c in ALL if c["kind"] == "fit"], ids=lambda c: c["tag"])
def test_training_equals_the_record(case):
    model = load(case)
    model.compile(
        optimizer=case["optimizer"],
        loss=case["loss"],
        metrics=case["metrics"],
        loss_weights=case.get("loss_weights"),
        sample_weight_mode=case.get("sample_weight_mode"),
    )
    assert model.metrics_names == case["metrics_names"]
    x, y = data(case, "x"), data(case, "y")
    options = {}
    for name in ("sample_weight", "class_weight"):
        if name in case["arrays"]:
            count = case["arrays"][name]
            options[name] = case.array(name) if count is None else case.list(name)
        elif case.get(name) is not None:
            options[name] = dict(case[name])
    before = model.evaluate(x, y, batch_size=case["batch_size"], verbose=0)
    np.testing.assert_allclose(before, case.array("evaluate_before"), **OUTPUT)
    history = model.fit(
        x,
        y,
        batch_size=case["batch_size"],
        nb_epoch=case["nb_epoch"],
        validation_split=case.get("validation_split", 0.0),
        shuffle=False,
        verbose=0,
        **options,
    )
    assert sorted(history.history) == case["history_keys"]
    for key, values in history.history.items():
        np.testing.assert_allclose(values, case.list(f"history_{key}"), err_msg=key, **TRAJECTORY)
    for found, expected in zip(model.get_weights(), case.list("weight_after"), strict=True):
        np.testing.assert_allclose(found, expected, **TRAJECTORY)
    predictions = model.predict(x, batch_size=case["batch_size"])
    predictions = predictions if isinstance(predictions, list) else [predictions]
    for found, expected in zip(predictions, case.list("predict"), strict=True):
        np.testing.assert_allclose(found, expected, **TRAJECTORY)


@pytest.mark.parametrize("case", [c for c in ALL if c["kind"] == "stateful"], ids=lambda c: f"{c.number}")
def test_stateful_predictions_equal_the_record(case):
    model = load(case)
    x, y = data(case, "x"), data(case, "y")
    batch = case["batch_size"]
    predictions = [model.predict(x, batch_size=batch)]
    predictions.append(model.predict(x, batch_size=batch))
    model.reset_states()
    predictions.append(model.predict(x, batch_size=batch))
    for found, expected in zip(predictions, case.list("predict"), strict=True):
        np.testing.assert_allclose(found, expected, **OUTPUT)
    assert y is not None
