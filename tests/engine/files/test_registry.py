"""Names in files: what a load finds in custom objects, at every door, and in other threads."""

import threading

import numpy as np
import pytest

from keras import activations, constraints, initializations, metrics, objectives, optimizers, regularizers
from keras import backend as K
from keras.layers import Activation, Dense, Input, Lambda, Layer, TimeDistributed, merge
from keras.models import Model, Sequential, load_model, model_from_config, model_from_json, model_from_yaml
from keras.optimizers import SGD
from keras.regularizers import Regularizer
from keras.utils import generic_utils
from keras.utils.generic_utils import CustomObjectScope, get_custom_objects


class MyLayer(Layer):
    def call(self, x, mask=None):
        return x * 2


class MySGD(SGD):
    pass


class MyPenalty(Regularizer):
    def __call__(self, x):
        return K.sum(x) * 0


class MyNorm:
    name = "MyNorm"

    def __call__(self, p):
        return p

    def get_config(self):
        return {"name": "MyNorm"}


def my_activation(x):
    return K.relu(x)


def my_init(shape, name=None):
    return K.variable(np.ones(shape), name=name)


def my_loss(y_true, y_pred):
    return K.mean(K.square(y_pred - y_true), axis=-1)


def my_metric(y_true, y_pred):
    return K.mean(y_pred)


def my_mode(inputs):
    return inputs[0] + inputs[1]


def my_function(x):
    return x + 1


def my_shape(shapes):
    return shapes[0]


OWN = [
    MyLayer,
    MySGD,
    MyPenalty,
    MyNorm,
    my_activation,
    my_init,
    my_loss,
    my_metric,
    my_mode,
    my_function,
    my_shape,
]
NAMES = {item.__name__: item for item in OWN}


def model():
    """A model with an own object behind each kind of name."""
    x = Input((4, 3))
    dense = Dense(3, init=my_init, activation=my_activation, W_regularizer=MyPenalty(), W_constraint=MyNorm())
    y = Activation(my_activation)(TimeDistributed(dense)(MyLayer()(x)))
    y = merge([y, TimeDistributed(MyLayer())(y)], mode=my_mode, output_shape=my_shape)
    net = Model(x, Lambda(my_function, output_shape=(4, 3))(y))
    net.compile(MySGD(0.5), my_loss, metrics=[my_metric])
    return net


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    path = tmp_path_factory.mktemp("files") / "model.h5"
    net = model()
    net.save(path)
    return path, net


@pytest.fixture(autouse=True)
def no_names_stay():
    yield
    assert not get_custom_objects()


def loads(saved):
    """The doors by which a model comes in, each a function of `custom_objects`."""
    path, net = saved
    config = {"class_name": "Model", "config": net.get_config()}
    return {
        "load_model": lambda names=None: load_model(path, names),
        "model_from_json": lambda names=None: model_from_json(net.to_json(), names),
        "model_from_yaml": lambda names=None: model_from_yaml(net.to_yaml(), names),
        "model_from_config": lambda names=None: model_from_config(config, names),
        "from_config": lambda names=None: Model.from_config(config["config"], names),
    }


DOORS = ["load_model", "model_from_json", "model_from_yaml", "model_from_config", "from_config"]


@pytest.mark.parametrize("door", DOORS)
def test_every_kind_of_name_is_found_in_the_call_and_not_after_it(door, saved):
    load = loads(saved)[door]
    again = load(NAMES)
    assert again.get_config() == saved[1].get_config()
    with pytest.raises(ValueError, match="my_|My"):
        load()
    with CustomObjectScope(NAMES):
        assert load().get_config() == saved[1].get_config()


def test_each_name_is_needed(saved):
    path, _ = saved
    for name in NAMES:
        names = {other: value for other, value in NAMES.items() if other != name}
        with pytest.raises(ValueError, match=f"model.h5: .*{name!r}"):
            load_model(path, names)


def test_compiled_model_has_the_own_optimizer_loss_and_metric(saved):
    again = load_model(saved[0], NAMES)
    assert type(again.optimizer) is MySGD and again.metrics_names == ["loss", "my_metric"]
    assert again.loss_functions == [my_loss]


def test_threads_without_names_never_find_those_of_others(saved):
    load, failures, ended = loads(saved)["model_from_json"], [], threading.Event()

    def without():
        while not ended.is_set():
            try:
                load()
                failures.append("found")
            except ValueError:
                pass

    thread = threading.Thread(target=without)
    thread.start()
    try:
        for _ in range(10):
            assert load(NAMES).get_config() == saved[1].get_config()
    finally:
        ended.set()
        thread.join()
    assert not failures


@pytest.mark.parametrize(
    "register", [lambda: get_custom_objects(), lambda: generic_utils._GLOBAL_CUSTOM_OBJECTS]
)
def test_names_registered_for_the_program_are_found_in_threads_that_start_later(register, saved):
    register().update(NAMES)
    try:
        found = []
        thread = threading.Thread(target=lambda: found.append(load_model(saved[0])))
        thread.start()
        thread.join()
        assert found[0].get_config() == saved[1].get_config()
    finally:
        get_custom_objects().clear()


@pytest.mark.parametrize(
    "module, name",
    [
        (activations, "my_activation"),
        (initializations, "my_init"),
        (objectives, "my_loss"),
        (metrics, "my_metric"),
        (optimizers, "MySGD"),
        (regularizers, "MyPenalty"),
        (constraints, "MyNorm"),
    ],
)
def test_every_get_finds_names_of_its_own_thread_only(module, name):
    def get():
        found = module.get(name)
        return found if found is NAMES[name] else type(found)

    results = []

    def in_thread():
        try:
            results.append(get())
        except ValueError as error:
            results.append(error)

    with CustomObjectScope(NAMES):
        assert get() is NAMES[name]
        thread = threading.Thread(target=in_thread)
        thread.start()
        thread.join()
    assert isinstance(results[0], ValueError)


def test_optimizer_from_config_takes_names():
    config = {"class_name": "MySGD", "config": {"lr": 0.5}}
    assert type(optimizers.optimizer_from_config(config, {"MySGD": MySGD})) is MySGD
    with pytest.raises(ValueError, match="Invalid optimizer: 'MySGD'"):
        optimizers.optimizer_from_config(config)


@pytest.mark.parametrize("make", [lambda d: Sequential([d]), lambda d: Model(*[x := Input((3,)), d(x)][:2])])
def test_class_that_asks_for_custom_objects_gets_them(make):
    """As in 1.2.2 for the layers of a Model; there, those of a Sequential get None."""
    got = []

    class Asking(Dense):
        @classmethod
        def from_config(cls, config, custom_objects=None):
            got.append(custom_objects)
            return super().from_config(config)

    text = make(Asking(2, input_dim=3)).to_json()
    model_from_json(text, {"Asking": Asking})
    assert got == [{"Asking": Asking}]


def test_what_a_load_registers_stays():
    """Of a module that registers its layers when it is imported, which it is only once."""

    class Registers(Dense):
        @classmethod
        def from_config(cls, config):
            get_custom_objects()["registered"] = my_activation
            return super().from_config(config)

    try:
        model_from_json(Sequential([Registers(2, input_dim=3)]).to_json(), {"Registers": Registers})
        assert get_custom_objects() == {"registered": my_activation}
    finally:
        get_custom_objects().clear()


@pytest.mark.parametrize("wrong", [5, "MyLayer", [MyLayer], {MyLayer: "MyLayer"}])
def test_custom_objects_of_another_form_are_the_callers_mistake_and_no_error_of_the_file(wrong, saved):
    for door, load in loads(saved).items():
        with pytest.raises(TypeError, match="^custom_objects: got .*wanted a dict of names"):
            load(wrong)
            raise AssertionError(door)


def test_generator_in_a_worker_thread_finds_the_names_of_its_caller():
    def batches():
        while True:
            yield np.full((2, 3), "own" in get_custom_objects(), "float32"), np.zeros((2, 1))

    net = Sequential([Dense(1, input_dim=3, init="one")])
    net.compile("sgd", "mse")
    with CustomObjectScope({"own": MyLayer}):
        assert net.evaluate_generator(batches(), 2) == 9  # (1 + 1 + 1) ** 2
