"""Records one case of models.json again, from running statistics that are positive.

Needs the original (Keras 1.2.2 on TensorFlow 1.2, Python 3.6), not this project:

    KERAS_BACKEND=tensorflow python rerecord_models.py inception_residual

Graph, data, order of the batches and the other first weights are those of the case; its answers are replaced.
"""

import json
import os
import sys

import numpy as np
from original import FOLDER, order_updates

from keras import backend as K
from keras.models import Model


def answers(case, array):
    """Returns name -> array of what the case records. `array` returns an array of the case by its name."""
    K.set_image_dim_ordering("th")
    model = Model.from_config(case["config"])
    weights = [array(f"weight_before_{i}") for i in range(case["arrays"]["weight_before"])]
    for weight, value in zip([w for layer in model.layers for w in layer.weights], weights):
        if "running_std" in weight.name:
            np.abs(value, out=value)
    model.set_weights(weights)
    model.compile(optimizer=case["optimizer"], loss=case["loss"], metrics=case["metrics"])
    x, y, batch = array("x_0"), array("y_0"), case["batch_size"]
    found = {f"weight_before_{i}": value for i, value in enumerate(weights)}
    found["evaluate_before"] = np.atleast_1d(model.evaluate(x, y, batch_size=batch, verbose=0))
    logs = model.fit(x, y, batch_size=batch, nb_epoch=case["nb_epoch"], shuffle=False, verbose=0).history
    for key, values in logs.items():
        found.update({f"history_{key}_{i}": np.asarray(value) for i, value in enumerate(values)})
    found.update({f"weight_after_{i}": value for i, value in enumerate(model.get_weights())})
    found["predict_0"] = model.predict(x, batch_size=batch)
    return found


if __name__ == "__main__":
    order_updates()
    with open(os.path.join(FOLDER, "models.json")) as file:
        (case,) = [case for case in json.load(file) if case.get("tag") == sys.argv[1]]
    path = os.path.join(FOLDER, "models.npz")
    arrays = dict(np.load(path))
    found = answers(case, lambda name: arrays["{}/{}".format(case["id"], name)])
    for name, value in found.items():
        key = "{}/{}".format(case["id"], name)
        arrays[key] = value.astype(arrays[key].dtype).reshape(arrays[key].shape)
        assert np.isfinite(arrays[key]).all(), key
    np.savez_compressed(path, **arrays)
    print(sorted(found))
