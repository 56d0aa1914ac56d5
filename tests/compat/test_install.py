"""Installing the stand-ins of keras.compat, what they refuse, and their sessions, shapes and programs."""

import importlib
import subprocess
import sys
import types

import numpy as np
import pytest

import keras.compat
from keras import backend as K
from keras._graph import Tensor
from keras.layers import Dense, Input, Lambda
from keras.models import Model


@pytest.fixture
def tf():
    with keras.compat.install("tensorflow"):
        yield importlib.import_module("tensorflow")


@pytest.fixture
def theano():
    with keras.compat.install("theano"):
        yield importlib.import_module("theano")


def test_nothing_is_installed_by_an_import_of_keras():
    code = (
        "import sys, keras; print([n for n in ('keras.compat', 'tensorflow', 'theano') if n in sys.modules])"
    )
    command = [sys.executable, "-c", f"import sys; sys.path[:0] = {sys.path!r}; {code}"]
    assert subprocess.run(command, capture_output=True, text=True).stdout.strip() == "[]"


@pytest.mark.parametrize("name", ["tensorflow", "theano"])
def test_a_block_installs_a_stand_in_and_leaves_nothing_behind(name):
    attributes, of_k = set(vars(Tensor)), set(dir(K))
    with keras.compat.install(name):
        assert importlib.import_module(name).__name__.startswith("keras.compat.")
        with pytest.raises(
            ModuleNotFoundError, match=f"no module '{name}.contrib.slim'|no module '{name}.contrib'"
        ):
            importlib.import_module(f"{name}.contrib.slim")
        assert keras.compat.install(name) is keras.compat.install(name)
    assert not [module for module in sys.modules if module.split(".")[0] == name]
    assert set(vars(Tensor)) == attributes and set(dir(K)) == of_k
    keras.compat.uninstall(name)  # a second time: nothing to do


def test_a_real_module_that_is_imported_already_is_kept(monkeypatch):
    real = types.ModuleType("theano")
    monkeypatch.setitem(sys.modules, "theano", real)
    with pytest.raises(RuntimeError, match="theano is imported already.*before the first import"):
        keras.compat.install("theano")
    assert sys.modules["theano"] is real
    with pytest.raises(ValueError, match="'cntk'; wanted one of tensorflow, theano"):
        keras.compat.install("cntk")


@pytest.mark.parametrize(
    "name, said",
    [
        ("reduce_summ", "has no 'reduce_summ'.*It has reduce_sum"),
        ("batch_flatten", "K has .*batch_flatten"),
        ("while_loop", "tf.scan with a fixed number of steps"),
        ("train", r"keras\.optimizers"),
    ],
)
def test_a_missing_name_says_what_there_is(tf, name, said):
    with pytest.raises(AttributeError, match=said):
        getattr(tf, name)
    assert not hasattr(tf.nn, "dynamic_rnn")
    with pytest.raises(ImportError):
        exec(f"from tensorflow import {name}")


@pytest.mark.parametrize(
    "call",
    [
        lambda tf, x: tf.boolean_mask(x, x > 0),
        lambda tf, x: tf.where(x > 0),
        lambda tf, x: tf.nn.top_k(x, tf.reduce_max(tf.to_int32(x))),
        lambda tf, x: tf.image.non_max_suppression(x, x[:, 0], 10),
    ],
)
def test_sizes_that_depend_on_values_are_refused_with_what_to_write(tf, call):
    with pytest.raises(NotImplementedError, match="known only when the program runs"):
        call(tf, K.placeholder((4, 4)))


def test_names_that_programs_ask_for(tf, theano):
    assert (
        tf.__version__.split(".")[:2] == ["1", "2"] and tf.float32 == "float32" == K.placeholder((1,)).dtype
    )
    assert isinstance(K.ones((2,)), tf.Tensor) and isinstance(K.ones((2,)), theano.tensor.TensorVariable)
    config = tf.ConfigProto(allow_soft_placement=True, gpu_options=tf.GPUOptions(allow_growth=True))
    config.gpu_options.per_process_gpu_memory_fraction = 0.3
    K.set_session(tf.Session(config=config))
    with tf.device("/gpu:0"), tf.name_scope("a"), tf.get_default_graph().as_default():
        assert K.eval(tf.zeros([2]) + 1).tolist() == [1, 1]
    assert theano.config.floatX == "float32"


def test_a_session_computes_tensors_and_updates(tf):
    x, w = tf.placeholder(tf.float32, [None, 2]), tf.Variable([1.0, 2.0])
    session = K.get_session()
    session.run(tf.global_variables_initializer())
    total = {"sum": tf.reduce_sum(x * w), "all": [x, None]}
    found = session.run(total, feed_dict={x: [[1, 1], [2, 0]], K.learning_phase(): 0})
    assert found["sum"] == 5 and found["all"][0].tolist() == [[1, 1], [2, 0]] and found["all"][1] is None
    assert session.run(tf.assign_add(w, [1.0, 1.0])).tolist() == [2, 3]
    assert session.run(w).tolist() == w.eval().tolist() == [2, 3]
    session.run([tf.assign(w, w * 2), tf.assign_sub(w, [1.0, 1.0])][0])
    assert K.get_value(w).tolist() == [4, 6]
    with pytest.raises(ValueError, match=r"tf\.assign"):
        session.run((w, w * 2))


def test_shapes_have_the_methods_of_tensorflow(tf):
    x = K.placeholder((None, 4, 3))
    shape = x.get_shape()
    assert shape.as_list() == [None, 4, 3] and shape.ndims == len(shape) == 3 and not shape.is_fully_defined()
    assert shape[1].value == shape[1] == 4 and int(shape[1] * 2 + shape[2]) == 11 and shape[0].value is None
    assert shape[1:].as_list() == [4, 3] and str(shape[0]) == "?"
    with pytest.raises(TypeError, match=r"tf\.shape"):
        int(shape[0])
    x.set_shape([8, 4, None])
    with pytest.raises(ValueError, match="cannot have the shape"):
        x.set_shape([8, 5, 3])


def test_stand_ins_work_in_models_of_any_batch_size(tf):
    x = Input(shape=(3,))
    tiled = Lambda(lambda x: tf.tile(tf.expand_dims(K.ones((2, 3)), 0), [tf.shape(x)[0], 1, 1]))(x)
    assert K.int_shape(tiled) == (None, 2, 3)
    model = Model(x, [Dense(2)(x), tiled])
    model.compile("sgd", "mse")
    model.train_on_batch(np.ones((5, 3)), [np.ones((5, 2)), np.ones((5, 2, 3))])
    assert model.predict(np.ones((7, 3)))[1].shape == (7, 2, 3)


def test_random_numbers_are_drawn_at_each_run(tf, theano):
    K.set_random_seed(3)
    draws = [
        tf.random_normal([2000], 1.0, 2.0),
        tf.truncated_normal([2000], 1.0, 2.0),
        tf.random_uniform([2000], -1.0, 3.0),
        importlib.import_module("theano.sandbox.rng_mrg")
        .MRG_RandomStreams(7)
        .normal((2000,), avg=1.0, std=2.0),
        tf.nn.dropout(tf.ones([2000]), 0.5),
    ]
    program = K.function([], draws)
    one, other = np.array(program([])), np.array(program([]))
    assert (one != other).any(axis=1).all()
    np.testing.assert_allclose(one.mean(axis=1), 1.0, atol=0.2)  # four standard errors of the widest
    assert np.abs(one[1] - 1).max() <= 4 and one[2].min() >= -1 and one[2].max() < 3
    ints = K.eval(tf.random_uniform([500], 0, 3, dtype=tf.int32))
    assert sorted(set(ints.tolist())) == [0, 1, 2]
    assert sorted(K.eval(tf.random_shuffle(tf.range(9))).tolist()) == list(range(9))


def test_functions_of_theano(theano):
    T = importlib.import_module("theano.tensor")
    x, w = T.matrix("x"), theano.shared(np.float32(1), borrow=True)
    step = theano.function([x], T.sum(x * w), updates=[(w, w + 1)], allow_input_downcast=True)
    assert step(np.ones((3, 2))) == 6 and step(np.ones((3, 2))) == 12
    assert theano.function([x], [x, x * 2], on_unused_input="ignore")(np.ones((1, 1)))[1].tolist() == [[2]]
    with pytest.raises(NotImplementedError, match="givens"):
        theano.function([], x, givens={x: w})
    with pytest.raises(NotImplementedError, match="taps"):
        theano.scan(lambda a: a, sequences={"input": x, "taps": [-1, 0]})
    with pytest.raises(AttributeError, match="has no 'nonzero'.*mask"):
        T.nonzero  # noqa: B018
