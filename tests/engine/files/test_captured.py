"""A Lambda computes after loading with the values that its function found at the call."""

import copy
import json

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from keras import backend as K
from keras.engine.files.captured import decoded, encoded, global_names
from keras.layers import Dense, Input, Lambda, Merge, merge
from keras.models import Model, Sequential, load_model, model_from_config, model_from_json, model_from_yaml

X = np.arange(12, dtype="float32").reshape(3, 4)


def over(function_of_input, mode="concat"):
    i = Input((4,))
    return Model(i, merge(function_of_input(i), mode=mode))


def from_closures():
    return over(lambda i: [Lambda(lambda x: x[:, j : j + 1])(i) for j in range(3)])  # noqa: B023


def from_globals():
    def layers(i):
        global place
        outputs = []
        for place in range(3):
            outputs.append(Lambda(lambda x: x[:, place : place + 1])(i))  # noqa: B023
        return outputs

    return over(layers)


def from_everything():
    def layers(i):
        array, pair, items, outputs = np.arange(4, dtype="float32"), (2, 1), [], []
        for j in range(3):
            items.append(j)
            f = lambda x, n=j, *, k=array: x * n + len(items) * (array + array) + k + pair[0]  # noqa: E731
            outputs.append(Lambda(f)(i))
        items.append(100)
        return outputs

    return over(layers, "sum")


def from_arguments():
    def layers(i):
        arguments, outputs = {}, []
        for j in range(3):
            arguments["j"] = j
            outputs.append(Lambda(lambda x, j: x * j, arguments=arguments)(i))
        return outputs

    return over(layers, "sum")


def from_merge():
    i = Input((4,))
    outputs = []
    for j in range(3):
        mode = lambda z: z[0] * j + z[1]  # noqa: B023, E731
        outputs.append(merge([i, i], mode=mode, output_shape=lambda s: s[0]))
    return Model(i, merge(outputs, mode="sum"))


def in_a_stack():
    n = 3
    return Sequential([Lambda(lambda x: x * n, input_shape=(4,)), Dense(2)])


CASES = [from_closures, from_globals, from_everything, from_arguments, from_merge, in_a_stack]


@pytest.mark.parametrize("make", CASES)
def test_functions_find_the_same_values_after_loading(make, tmp_path):
    model = make()
    before = model.predict(X)
    model.save(tmp_path / "m.h5")
    assert_array_equal(load_model(tmp_path / "m.h5", allow_code=True).predict(X), before)
    config = model.get_config()
    for made in (
        model_from_json(model.to_json(), allow_code=True),
        model_from_yaml(model.to_yaml(), allow_code=True),
        type(model).from_config(config),
        type(model).from_config(copy.deepcopy(config)),
        model_from_config({"class_name": type(model).__name__, "config": config}),
    ):
        made.set_weights(model.get_weights())
        assert_array_equal(made.predict(X), before)


def test_text_and_files_stay_guarded(tmp_path):
    model = in_a_stack()
    model.save(tmp_path / "m.h5")
    for load in (
        lambda: load_model(tmp_path / "m.h5"),
        lambda: model_from_json(model.to_json()),
        lambda: model_from_yaml(model.to_yaml()),
        lambda: Sequential.from_config(json.loads(json.dumps(model.get_config()))),
    ):
        with pytest.raises(ValueError, match="byte code"):
            load()


def double(x):
    return 2 * x


def test_configs_of_this_process_need_no_permission():
    for function in (double, lambda x: x * 3):
        layer = Lambda(function)
        assert Lambda.from_config(layer.get_config()).function is function
        assert Lambda.from_config(copy.deepcopy(layer.get_config())).function is function
    mode = lambda z: z[0] + z[1]  # noqa: E731
    assert Merge.from_config(Merge(mode=mode).get_config()).mode is mode


def check_refused(model, tmp_path, *words):
    """Refused as text, while a config of this process has the functions themselves."""
    for save in (model.to_json, model.to_yaml, lambda: model.save(tmp_path / "m.h5")):
        with pytest.raises(ValueError) as caught:
            save()
        assert all(word in str(caught.value) for word in words), caught.value
    made = Model.from_config(model.get_config())
    assert_array_equal(made.predict(X), model.predict(X))


def test_named_functions_whose_closure_has_changed_are_refused(tmp_path):
    def layers(i):
        outputs = []
        for j in range(3):

            def pick(x):
                return x[:, j : j + 1]  # noqa: B023

            outputs.append(Lambda(pick)(i))
        return outputs

    check_refused(over(layers), tmp_path, "'pick'", "'j'", "arguments=")


def test_two_functions_of_one_name_are_refused(tmp_path):
    def picker(j):
        def pick(x):
            return x[:, j : j + 1]

        return pick

    check_refused(over(lambda i: [Lambda(picker(j))(i) for j in range(3)]), tmp_path, "two", "'pick'")


def test_losses_of_one_name_are_refused_unless_they_are_one_function_written_twice(tmp_path):
    i = Input((4,))
    model = Model(i, [Dense(1)(i), Dense(1)(i)])
    model.compile("sgd", [lambda t, p: K.mean(p - t, axis=-1), lambda t, p: K.mean(t - p, axis=-1)])
    with pytest.raises(ValueError, match="losses have different functions named '<lambda>'"):
        model.save(tmp_path / "m.h5")
    first = lambda t, p: K.mean(p, axis=-1)  # noqa: E731
    model.compile("sgd", [first, lambda t, p: K.mean(p, axis=-1)])
    model.save(tmp_path / "m.h5")


def test_configs_of_this_process_know_the_functions_of_options():
    model = Sequential([Dense(2, activation=lambda x, n=n: n * x, input_shape=(2,)) for n in (2.0, 3.0)])
    made = Sequential.from_config(model.get_config())
    made.set_weights(model.get_weights())
    np.testing.assert_array_equal(made.predict(np.eye(2)), model.predict(np.eye(2)))


def test_functions_of_layers_with_names_of_others_are_refused(tmp_path):
    def scaled(n):
        def act(x):
            return n * x

        return act

    def relu(x):
        return K.maximum(x, 0.1 * x)

    i = Input((4,))
    two = Model(i, Dense(2, activation=scaled(2))(Dense(2, activation=scaled(3))(i)))
    one = Model(i, Dense(2, activation=relu, name="leaky")(i))
    for model, message in ((two, "two .* named 'act'"), (one, "'leaky'.*activation.*'relu'.*Rename")):
        for save in (model.to_json, lambda model=model: model.save(tmp_path / "m.h5")):
            with pytest.raises(ValueError, match=message):
                save()
    act = scaled(2)
    same = Model(i, Dense(2, activation=act)(Dense(2, activation=act)(i)))
    assert model_from_json(same.to_json(), custom_objects={"act": act}).layers[2].activation is act


def test_what_text_cannot_hold_is_refused(tmp_path):
    engine = K
    i = Input((4,))
    model = Model(i, Lambda(lambda x: engine.square(x), name="square")(i))
    check_refused(model, tmp_path, "'square'", "'engine'", "module", "custom_objects")


def test_a_layer_called_with_different_values_is_refused():
    i, j = Input((4,)), 1
    layer = Lambda(lambda x: x * j, name="times")
    first = layer(i)
    j = 2
    model = Model(i, merge([first, layer(i)], mode="sum"))
    with pytest.raises(ValueError, match="'times'.*different values of 'j'"):
        model.to_json()


def test_a_missing_global_is_named(tmp_path):
    i = Input((4,))
    model = Model(i, Lambda(lambda x: double(x), name="twice")(i))
    model.save(tmp_path / "m.h5")
    with pytest.raises(ValueError, match="'twice'.*'double'.*custom_objects={'double': double}") as caught:
        load_model(tmp_path / "m.h5", allow_code=True)
    assert isinstance(caught.value, NameError)
    loaded = load_model(tmp_path / "m.h5", custom_objects={"double": double}, allow_code=True)
    assert_allclose(loaded.predict(X), 2 * X)


@pytest.mark.parametrize(
    "value",
    [(1, (2, "a")), [1, [None, True]], {"tuple": (1,), "n": {"dict": 2.5}}, np.float32(0.5), np.arange(3)],
)
def test_encoded_values_survive_json(value):
    again = decoded(json.loads(json.dumps(encoded(value))))
    assert type(again) is type(value)
    np.testing.assert_equal(again, value)


def test_names_of_globals_are_those_that_code_reads():
    code = (lambda x: [double(y) + len(x.shape) + K.sum(y) for y in x]).__code__
    assert set(global_names(code)) == {"double", "K"}
