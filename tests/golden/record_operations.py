"""Records operations_0.1.0.json: models whose steps are ops, one for each op that a file may name.

Needs keras-classic 0.1.0 (commit 4cce29e): the names that version wrote must stay readable.

    PYTHONPATH=<checkout of 4cce29e>/src python record_operations.py

Each entry has the op's name as that version wrote it, the model as `Model.to_json` gave it, inputs, and the
outputs that the model predicted.
"""

import json
import os
from pathlib import Path

import numpy as np
from scipy.sparse import coo_matrix

os.environ["KERAS_COMPILE_CACHE"] = "0"
from keras import backend as K
from keras._graph.operators import OPERATORS
from keras.layers import Input
from keras.models import Model, model_from_json

FILE = Path(__file__).with_name("operations_0.1.0.json")
random = np.random.RandomState(7)


def floats(*shape):
    return np.round(random.uniform(0.1, 0.9, shape), 2).astype("float32")


def signed(*shape):
    return floats(*shape) - np.float32(0.5)


def ints(*shape, below=3):
    return random.randint(0, below, shape).astype("int32")


A = (2, 3)
SEQUENCE, IMAGE = (2, 3, 2), (2, 2, 4, 4)

#: Name of the op -> (function of tensors, arrays for them). All arrays of a case have the same first size.
CASES = {
    **{name: (OPERATORS[name], floats(*A), floats(*A)) for name in "add sub mul truediv pow".split()},
    **{name: (OPERATORS[name], 5 * floats(*A), floats(*A)) for name in "floordiv mod".split()},
    **{name: (OPERATORS[name], ints(*A), ints(*A)) for name in "lt le gt ge and_ or_ xor".split()},
    **{name: (OPERATORS[name], signed(*A)) for name in "neg pos abs".split()},
    "invert": (OPERATORS["invert"], ints(*A)),
    "matmul": (OPERATORS["matmul"], floats(2, 2, 3), floats(2, 3, 2)),
    "getitem": (lambda x: x[..., None, ::2, 1], floats(*SEQUENCE)),
    **{
        name: (getattr(K, name), signed(*A))
        for name in (
            "argmax argmin cos elu exp expand_dims flatten hard_sigmoid relu round sigmoid sign sin "
            "softmax softplus softsign square stop_gradient tanh transpose"
        ).split()
    },
    **{name: (getattr(K, name), floats(*A)) for name in "batch_flatten log shape sqrt print_tensor".split()},
    **{
        name: (lambda x, n=name: getattr(K, n)(x, axis=[1], keepdims=True), floats(*A))
        for name in "max mean min prod sum var".split()
    },
    **{name: (lambda x, n=name: getattr(K, n)(x, 1), ints(*A, below=2)) for name in "all any".split()},
    **{
        name: (getattr(K, name), ints(*A), ints(*A))
        for name in "equal greater greater_equal lesser lesser_equal not_equal".split()
    },
    **{name: (getattr(K, name), floats(*A), floats(*A)) for name in "maximum minimum".split()},
    "batch_dot": (lambda x, y: K.batch_dot(x, y, (2, 2)), floats(*SEQUENCE), floats(*SEQUENCE)),
    "batch_normalization": (K.batch_normalization, *(floats(*A) for _ in range(5))),
    "clip": (lambda x: K.clip(x, 0.3, 0.6), floats(*A)),
    "concatenate": (lambda x, y: K.concatenate([x, y], axis=1), floats(*A), floats(*A)),
    "dot": (K.dot, floats(2, 2), floats(2, 3)),
    "gather": (K.gather, floats(3, 2), ints(3)),
    "in_top_k": (lambda p, t: K.in_top_k(p, t, 2), floats(2, 4), ints(2)),
    "l2_normalize": (lambda x: K.l2_normalize(x, -1), floats(*A)),
    "normalize_batch_in_training": (
        lambda x, g, b: K.normalize_batch_in_training(x, g, b, [0])[0],
        floats(3, 3),
        floats(3),
        floats(3),
    ),
    "permute_dimensions": (lambda x: K.permute_dimensions(x, (0, 2, 1)), floats(*SEQUENCE)),
    "repeat": (lambda x: K.repeat(x, 2), floats(*A)),
    "repeat_elements": (lambda x: K.repeat_elements(x, 2, axis=1), floats(*A)),
    "reshape": (lambda x: K.reshape(x, (-1, 3, 1)), floats(*A)),
    "reverse": (lambda x: K.reverse(x, [1]), floats(*A)),
    "squeeze": (lambda x: K.squeeze(x, 1), floats(2, 1, 3)),
    "stack": (lambda x, y: K.stack([x, y]), floats(*A), floats(*A)),
    "tile": (lambda x: K.tile(x, (1, 2)), floats(*A)),
    "_arange": (lambda x: x * K.cast(K.arange(K.shape(x)[1]), "float32"), floats(*A)),
    "_binary_crossentropy": (K.binary_crossentropy, floats(*A), floats(*A)),
    "_binomial": (lambda x: x + K.random_binomial((3,), 0.5, seed=3), floats(*A)),
    "_cast": (lambda x: K.cast(x, "int32"), 5 * floats(*A)),
    "_categorical_crossentropy": (K.categorical_crossentropy, floats(*A), floats(*A)),
    "_conv": (lambda x, w: K.conv2d(x, w, (2, 1), "same"), floats(*IMAGE), floats(2, 2, 3, 2)),
    "_deconv": (lambda x, w: K.deconv2d(x, w, (2, 2, 5, 5)), floats(*IMAGE), floats(2, 2, 2, 2)),
    "_depthwise": (K.separable_conv2d, floats(*IMAGE), floats(2, 2, 2, 2), floats(2, 4, 1, 1)),
    "_dropout": (lambda x: K.dropout(x, 0.4, seed=5), floats(2, 8)),
    "_full_like": (K.ones_like, floats(*A)),
    "_max_pool": (lambda x: K.pool2d(x, (2, 2), (2, 2)), floats(*IMAGE)),
    "_mean_pool": (lambda x: K.pool2d(x, (2, 2), (1, 2), "same", pool_mode="avg"), floats(*IMAGE)),
    "_normal": (lambda x: x + K.random_normal((3,), 1.0, 0.5, seed=3), floats(*A)),
    "_one_hot": (lambda x: K.one_hot(x, 4), ints(2)),
    "_pad": (lambda x: K.temporal_padding(x, 1), floats(*SEQUENCE)),
    # Of shapes, as the learning phase belongs to no layer and cannot be saved.
    "_select_phase": (lambda x: K.OPS["_select_phase"](K.shape(x)[1] - 3, x, 2 * x), floats(*A)),
    "_sparse_categorical_crossentropy": (K.sparse_categorical_crossentropy, floats(*A), ints(2)),
    "_switch": (K.switch, ints(*A, below=2), floats(*A), floats(*A)),
    "_to_dense": (K.to_dense, floats(*A) * ints(*A, below=2)),
    "_uniform": (lambda x: x + K.random_uniform((3,), 1.0, 3.0, seed=3), floats(*A)),
}
#: Functions of K that this version wrote under the name of an operator.
TWICE = [("abs", (K.abs, signed(*A))), ("pow", (lambda x: K.pow(x, 3), signed(*A)))]


def record(name, function, *arrays):
    sparse = name == "_to_dense"
    inputs = [
        Input(batch_shape=array.shape, dtype=str(array.dtype), sparse=sparse, name=f"input_{i}")
        for i, array in enumerate(arrays, start=1)
    ]
    model = Model(inputs, function(*inputs))
    text = model.to_json()
    assert f'"op": "{name}"' in text, name
    outputs = predicted(model, arrays, sparse)
    for output, again in zip(outputs, predicted(model_from_json(text), arrays, sparse), strict=True):
        np.testing.assert_array_equal(output, again, err_msg=name)
    return {
        "op": name,
        "sparse": sparse,
        "model": json.loads(text),
        "inputs": [as_data(array) for array in arrays],
        "outputs": [as_data(output) for output in outputs],
    }


def predicted(model, arrays, sparse):
    fed = [coo_matrix(array) for array in arrays] if sparse else list(arrays)
    return K.function(model.inputs, model.outputs)(fed)


def as_data(array):
    # str: the fewest digits from which float32 has the same number again.
    values = [float(str(value)) if array.dtype == "float32" else value.item() for value in array.ravel()]
    return {"dtype": str(array.dtype), "shape": array.shape, "values": values}


if __name__ == "__main__":
    missing = {*OPERATORS, *K.OPS} - set(CASES)
    assert not missing and set(CASES) == {*OPERATORS, *K.OPS}, missing
    entries = [record(name, *case) for name, case in [*sorted(CASES.items()), *TWICE]]
    lines = ",\n".join(json.dumps(entry) for entry in entries)
    FILE.write_text(f"[\n{lines}\n]\n")
