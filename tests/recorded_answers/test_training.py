"""Small models train with recorded options as in the original (origin: golden/README.md)."""

import numpy as np
import pytest
from recorded import OUTPUT, TRAJECTORY, cases

from keras import backend as K
from keras import optimizers
from keras.models import Model, Sequential


def one(values):
    return values[0] if len(values) == 1 else values


def load(case):
    K.set_image_dim_ordering("th")
    model = (Sequential if case["sequential"] else Model).from_config(case["config"])
    for name in case.get("frozen", ()):
        model.get_layer(name).trainable = False
    model.set_weights(case.list("weight_before"))
    name, kwargs = case["optimizer"]
    names = ("loss", "metrics", "loss_weights", "sample_weight_mode")
    options = {key: case[key] for key in names if case.get(key) is not None}
    model.compile(getattr(optimizers, name)(**kwargs), **options)
    return model


def class_weight(value):
    """Turns recorded pairs (class, weight) into dicts, in lists or by names of outputs."""
    if isinstance(value, dict):
        return {name: class_weight(pairs) for name, pairs in value.items()}
    if value and isinstance(value[0][0], list):
        return [class_weight(pairs) for pairs in value]
    return dict(value)


def sample_weight(case):
    """Returns sample weights in the recorded form: an array, a list with None, or a dict."""
    weighted = case.get("weighted")
    if weighted is None:
        return None
    arrays = iter(case.list("sample_weight"))
    if isinstance(weighted[0], str):
        return {name: next(arrays) for name in weighted}
    return one([next(arrays) if given else None for given in weighted])


def fit_options(case):
    options = {key: case[key] for key in ("batch_size", "nb_epoch")}
    options.update(sample_weight=sample_weight(case), validation_split=case.get("validation_split", 0.0))
    if case.get("class_weight"):
        options["class_weight"] = class_weight(case["class_weight"])
    if case.get("validation_data"):
        data = one(case.list("x")), one(case.list("y")), options["sample_weight"]
        options["validation_data"] = data if data[2] is not None else data[:2]
    return options


@pytest.mark.parametrize("case", cases("training_options"), ids=lambda c: f"{c.number}-{c['tag']}")
def test_training_equals_the_record(case):
    model = load(case)
    assert model.metrics_names == case["metrics_names"]
    x, y = one(case.list("x")), one(case.list("y"))
    evaluated = np.atleast_1d(model.evaluate(x, y, batch_size=case["batch_size"], verbose=0))
    np.testing.assert_allclose(evaluated, case.array("evaluate_before_0"), **OUTPUT)
    history = model.fit(x, y, shuffle=False, verbose=0, **fit_options(case)).history
    assert sorted(history) == case["history_keys"]
    for key, values in history.items():
        np.testing.assert_allclose(values, case.array(f"history_{key}_0"), err_msg=key, **TRAJECTORY)
    for found, expected in zip(model.get_weights(), case.list("weight_after"), strict=True):
        np.testing.assert_allclose(found, expected, **TRAJECTORY)
    predictions = model.predict(x, batch_size=case["batch_size"])
    predictions = predictions if isinstance(predictions, list) else [predictions]
    for found, expected in zip(predictions, case.list("predict"), strict=True):
        np.testing.assert_allclose(found, expected, **TRAJECTORY)
