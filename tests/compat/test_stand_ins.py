"""The functions of the stand-ins return what TensorFlow 1.2 and Theano 1.0 returned: `golden/compat.npz`."""

import importlib.util

import numpy as np
import pytest
from recorded import GOLDEN

import keras.compat
from keras import backend as K
from keras._graph import Tensor

_spec = importlib.util.spec_from_file_location("compat_rows", GOLDEN / "compat_rows.py")
rows = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(rows)
RECORDED = np.load(GOLDEN / "compat.npz")
GIVEN = rows.arrays()
FREE = [name for name in GIVEN if name not in rows.VARIABLES]

#: Forms of TensorFlow 0.12, which 1.2 does not take, and the same in 1.2.
SAME = [
    ("tf.concat(1, [x, y])", "tf.concat([x, y], 1)"),
    ("tf.concat(concat_dim=0, values=[x, y])", "tf.concat([x, y], 0)"),
    ("tf.split(1, 5, s)[2]", "tf.split(s, 5, 1)[2]"),
    ("tf.split(split_dim=1, num_split=5, value=s)[2]", "tf.split(s, 5, 1)[2]"),
    ("tf.pack([x, y])", "tf.stack([x, y])"),
    ("tf.unpack(W)[1]", "tf.unstack(W)[1]"),
    ("tf.select(x > 0, x, y)", "tf.where(x > 0, x, y)"),
    ("tf.mul(x, tf.sub(y, tf.neg(x)))", "tf.multiply(x, tf.subtract(y, tf.negative(x)))"),
    ("tf.batch_matmul(s, s, adj_y=True)", "tf.matmul(s, s, transpose_b=True)"),
    ("tf.reverse(s, [False, True, False])", "tf.reverse(s, [1])"),
    ("tf.expand_dims(x, dim=1)", "tf.expand_dims(x, 1)"),
    (
        "tf.nn.softmax_cross_entropy_with_logits(x, p)",
        "tf.nn.softmax_cross_entropy_with_logits(logits=x, labels=p)",
    ),
    (
        "tf.nn.sigmoid_cross_entropy_with_logits(x, p)",
        "tf.nn.sigmoid_cross_entropy_with_logits(logits=x, labels=p)",
    ),
    ("tf.image.resize_images(img, 5, 7)", "tf.image.resize_images(img, (5, 7))"),
    ("tf.identity(x, 'name')", "tf.identity(x)"),
    ("tf.reduce_sum(x, 1, name='sum')", "tf.reduce_sum(x, 1)"),
]


@pytest.fixture
def names(request):
    """Returns the stand-in's modules and the tensors, by the names that rows use."""
    engine = request.param
    found = {"np": np}
    with keras.compat.install(engine):
        if engine == "tensorflow":
            import tensorflow

            found.update(tf=tensorflow, nn=tensorflow.nn)
        else:
            import theano
            import theano.tensor

            found.update(theano=theano, T=theano.tensor)
        for name, array in GIVEN.items():
            dtype = array.dtype.name
            variable = name in rows.VARIABLES
            shape = (None, *array.shape[1:])
            found[name] = K.variable(array, dtype) if variable else K.placeholder(shape, dtype=dtype)
        yield found


def values_of(texts, names):
    """Returns the values of expressions, computed by one program."""
    found = {}
    for text in texts:
        try:
            found[text] = eval(text, names)
        except Exception as error:
            raise AssertionError(text) from error
    tensors = {text: item for text, item in found.items() if isinstance(item, Tensor)}
    compute = K.function([names[name] for name in FREE], list(tensors.values()))
    return found | dict(zip(tensors, compute([GIVEN[name] for name in FREE]), strict=True))


def kind(array):
    return array.dtype.kind.replace("u", "i")


def check(engine, names):
    wrong = []
    for row, value in values_of(getattr(rows, engine.upper()), names).items():
        recorded, value = RECORDED[f"{engine}: {row}".replace("/", "|")], np.asarray(value)
        same = value.shape == recorded.shape and kind(value) == kind(recorded)
        if not same or not np.allclose(value, recorded, rtol=2e-5, atol=2e-6, equal_nan=True):
            wrong.append((row, value, recorded))
    assert not wrong, wrong


@pytest.mark.parametrize("names", ["tensorflow"], indirect=True)
def test_functions_of_tensorflow_return_the_recorded_numbers(names):
    check("tensorflow", names)


@pytest.mark.parametrize("names", ["theano"], indirect=True)
def test_functions_of_theano_return_the_recorded_numbers(names):
    check("theano", names)


@pytest.mark.parametrize("names", ["tensorflow"], indirect=True)
def test_the_forms_of_tensorflow_0_12_are_taken_as_well(names):
    values = values_of([text for pair in SAME for text in pair], names)
    for old, new in SAME:
        np.testing.assert_array_equal(values[old], values[new], err_msg=old)


@pytest.mark.parametrize("names", ["theano"], indirect=True)
def test_theano_convolves_with_mirrored_filters_and_pads_by_half_a_filter(names):
    T = names["T"]
    x, filters = K.variable(GIVEN["th_img"]), K.variable(GIVEN["kernel"].transpose(3, 2, 0, 1)[:, :3])
    mirrored = K.eval(filters)[:, :, ::-1, ::-1]
    plain = K.eval(T.nnet.conv2d(x, filters, filter_flip=False))
    np.testing.assert_array_equal(K.eval(T.nnet.conv2d(x, K.variable(mirrored))), plain)
    padded = T.nnet.conv2d(K.spatial_2d_padding(x, (1, 1), "th"), filters)
    np.testing.assert_array_equal(K.eval(T.nnet.conv2d(x, filters, border_mode="half")), K.eval(padded))
