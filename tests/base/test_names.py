"""Objects by name."""

import numpy as np
import pytest

from keras._base.custom_objects import custom_object_scope
from keras._base.names import get_from_module, make_tuple

KNOWN = {"relu": abs, "tanh": np.tanh, "dict": dict}


def find(identifier, **kwargs):
    return get_from_module(identifier, KNOWN, "activation function", **kwargs)


def test_string_is_resolved_to_the_object_of_that_name():
    assert find("relu") is abs


def test_instantiate_passes_kwargs():
    assert find("dict", instantiate=True, kwargs={"a": 1}) == {"a": 1}
    assert find("dict", instantiate=True) == {}


def test_dictionary_has_its_own_arguments_and_is_not_changed():
    config = {"name": "dict", "a": 1}
    assert find(config) == {"a": 1}
    assert config == {"name": "dict", "a": 1}  # 1.2.2 took 'name' out of the caller's dictionary


@pytest.mark.parametrize("given", [None, len, KNOWN["tanh"], object()])
def test_objects_are_returned_unchanged(given):
    assert find(given) is given


def test_custom_objects_take_precedence():
    with custom_object_scope({"relu": max}):
        assert find("relu") is max
    assert find("relu") is abs


def test_unknown_name_error_has_kind_nearest_and_all_names():
    with pytest.raises(ValueError) as caught:
        find("reluu")
    for part in ("activation function", "'reluu'", "Did you mean 'relu'?", "dict, relu, tanh"):
        assert part in str(caught.value)


def test_dissimilar_name_has_no_hint():
    with pytest.raises(ValueError, match="Known names") as caught:
        find("zzzzz")
    assert "Did you mean" not in str(caught.value)


@pytest.mark.parametrize("given", [5, 0.5, True, np.float32(1), b"relu", ["relu"]])
def test_plain_values_are_refused_with_the_list_of_names(given):
    with pytest.raises(TypeError, match="Known names: dict, relu, tanh"):
        find(given)


@pytest.mark.parametrize("given", [{}, {"name": "reluu"}, {"class_name": "relu"}])
def test_dictionaries_without_a_known_name_are_refused(given):
    with pytest.raises(ValueError, match="activation function"):
        find(given)


@pytest.mark.parametrize("name", ["np", "sys", "_look_up", "__builtins__", "get_from_module"])
def test_only_the_table_is_searched_and_no_module(name):
    with pytest.raises(ValueError, match="Invalid"):
        find(name)


def test_make_tuple_returns_a_tuple_of_that_length():
    assert make_tuple(1, "a") == (1, "a")
