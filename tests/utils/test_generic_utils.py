"""Names to objects, functions to text, and the progress bar.

Texts of the bar marked "1.2.2" were recorded from Keras 1.2.2 (Python 3.6) with a clock set by
hand.
"""

import io
import json
import sys

import numpy as np
import pytest

from keras.utils import generic_utils
from keras.utils.generic_utils import (
    CustomObjectScope,
    Progbar,
    custom_object_scope,
    func_dump,
    func_load,
    get_custom_objects,
    get_from_module,
    make_tuple,
)

KNOWN = {"relu": abs, "tanh": np.tanh, "dict": dict}


def find(identifier, **kwargs):
    return get_from_module(identifier, KNOWN, "activation function", **kwargs)


# --- names to objects ---------------------------------------------------------------------------


def test_a_string_gives_the_object_of_that_name():
    assert find("relu") is abs


def test_instantiate_calls_the_object_with_kwargs():
    assert find("dict", instantiate=True, kwargs={"a": 1}) == {"a": 1}
    assert find("dict", instantiate=True) == {}


def test_a_dictionary_brings_its_own_arguments_and_stays_as_it_was():
    config = {"name": "dict", "a": 1}
    assert find(config) == {"a": 1}
    assert config == {"name": "dict", "a": 1}  # 1.2.2 took 'name' out of the caller's dictionary


@pytest.mark.parametrize("given", [None, len, KNOWN["tanh"], object()])
def test_objects_come_back_unchanged(given):
    assert find(given) is given


def test_custom_objects_win():
    with custom_object_scope({"relu": max}):
        assert find("relu") is max
    assert find("relu") is abs


def test_unknown_name_says_kind_name_nearest_and_all_names():
    with pytest.raises(ValueError) as caught:
        find("reluu")
    for part in ("activation function", "'reluu'", "Did you mean 'relu'?", "dict, relu, tanh"):
        assert part in str(caught.value)


def test_a_name_like_no_other_gets_no_hint():
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
def test_only_the_table_is_searched_never_a_module(name):
    with pytest.raises(ValueError, match="Invalid"):
        find(name)


def test_scope_puts_back_what_was_known_even_after_an_error():
    get_custom_objects()["mine"] = 1
    try:
        with pytest.raises(KeyError), CustomObjectScope({"mine": 2, "other": 3}, {"other": 4}):
            assert get_custom_objects() == {"mine": 2, "other": 4}
            raise KeyError
        assert get_custom_objects() == {"mine": 1}
    finally:
        get_custom_objects().clear()


def test_make_tuple():
    assert make_tuple(1, "a") == (1, "a")


# --- functions to text --------------------------------------------------------------------------


def make_function():
    factor = 3

    def scale(x, power=2):
        return factor * x**power

    return scale


def test_a_dumped_function_works_again_also_through_json():
    stored = json.loads(json.dumps(func_dump(make_function())))
    assert func_load(stored, allow_code=True)(2) == 12


def test_dump_gives_code_defaults_and_closure():
    code, defaults, closure = func_dump(make_function())
    assert isinstance(code, str)
    assert (defaults, closure) == ((2,), (3,))


def test_globals_are_those_of_the_caller():
    code = func_dump(lambda x: np.sqrt(x))[0]
    assert func_load(code, globs={"np": np}, allow_code=True)(4) == 2
    with pytest.raises(NameError):
        func_load(code, allow_code=True)(4)


@pytest.mark.parametrize("allow", [{}, {"allow_code": False}, {"allow_code": None}])
def test_load_refuses_unless_told(allow, monkeypatch):
    monkeypatch.setattr(generic_utils.marshal, "loads", lambda _: pytest.fail("code was read"))
    with pytest.raises(ValueError, match="would run code.*allow_code=True"):
        func_load(*func_dump(make_function()), **allow)


def test_code_of_another_python_is_refused_by_its_version():
    mark, _, magic, body = func_dump(make_function())[0].split(":")
    with pytest.raises(ValueError, match=r"Python 3\.6 .*which cannot run it"):
        func_load(":".join([mark, "3.6", "330d0d0a", body]), allow_code=True)


@pytest.mark.parametrize("code", ["ã\x01\x00\x00", "", 5, None, "a:b:c:d"])
def test_code_without_a_mark_is_refused(code):  # such as the original Keras wrote
    with pytest.raises(ValueError, match="does not say"):
        func_load(code, allow_code=True)


@pytest.mark.parametrize("body", [lambda body: body[:-8], lambda body: "6QUAAAA=", lambda body: "?"])
def test_damaged_code_is_refused(body):  # cut short; the number 5; not base64
    head, _, code = func_dump(make_function())[0].rpartition(":")
    with pytest.raises(ValueError, match="damaged"):
        func_load(f"{head}:{body(code)}", allow_code=True)


@pytest.mark.parametrize("given", [len, dict, np.sqrt, 5])
def test_only_python_functions_can_be_dumped(given):
    with pytest.raises(TypeError, match="func_dump"):
        func_dump(given)


# --- progress bar -------------------------------------------------------------------------------


class Terminal(io.StringIO):
    def isatty(self):
        return True


Notebook = type("OutStream", (io.StringIO,), {"__module__": "ipykernel.iostream"})


@pytest.fixture
def clock(monkeypatch):
    class Clock:
        now = 1000.0

    monkeypatch.setattr(generic_utils.time, "monotonic", lambda: Clock.now)
    return Clock


@pytest.fixture
def output(monkeypatch):
    def use(stream):
        monkeypatch.setattr(sys, "stdout", stream)
        return stream

    return use


def test_bar_text_on_a_terminal(clock, output):  # 1.2.2
    out = output(Terminal())
    progbar = Progbar(1000)
    clock.now += 0.33
    progbar.update(32, [("loss", 0.5), ("acc", 0.5)])
    clock.now += 1
    progbar.update(1000, [("loss", 0.25), ("acc", 1e-5)])
    drawn = [line.rstrip() for line in out.getvalue().split("\r")]
    assert drawn[1] == "  32/1000 [..............................] - ETA: 9s - loss: 0.5000 - acc: 0.5000"
    assert drawn[2] == "1000/1000 [==============================] - 1s - loss: 0.2580 - acc: 0.0160"


@pytest.mark.parametrize(
    "current, bar",
    [
        (0, " 0/10 [..........]"),
        (1, " 1/10 [>.........]"),
        (5, " 5/10 [====>.....]"),
        (10, "10/10 [==========]"),
    ],
)
def test_bar_and_arrow(current, bar, output):  # 1.2.2
    out = output(Terminal())
    Progbar(10, width=10).update(current, force=True)
    assert out.getvalue().strip("\r\n").startswith(bar)


def test_values_are_averaged_by_units(output):
    out = output(Terminal())
    progbar = Progbar(4)
    progbar.add(1, [("loss", 1.0)])
    progbar.add(3, [("loss", 5.0)])
    assert out.getvalue().rstrip().endswith(" - loss: 4.0000")


def test_small_values_have_an_exponent(output):  # 1.2.2
    out = output(Terminal())
    Progbar(1).update(1, [("a", 0.001), ("b", -0.2), ("c", -1e-4)])
    assert out.getvalue().endswith(" - a: 1.0000e-03 - b: -0.2000 - c: -1.0000e-04\n")


def test_a_shorter_line_wipes_the_longer_one_before(clock, output):
    out = output(Terminal())
    progbar = Progbar(100)
    clock.now += 100
    progbar.update(1)
    clock.now += 1
    progbar.update(99)
    first, second = out.getvalue().split("\r")[1:]
    assert len(first) == len(second) and second.endswith(" ")


@pytest.mark.parametrize("stream, redraws", [(Terminal, 11), (Notebook, 6)])
def test_redraws_per_second_are_few(stream, redraws, clock, output):
    out = output(stream())
    progbar = Progbar(10_000)
    for step in range(1000):
        clock.now = 1000 + step / 999
        progbar.update(step + 1, [("loss", 1.0)])
    assert 0 < out.getvalue().count("\r") <= redraws


def test_a_longer_interval_is_kept(clock, output):
    out = output(Terminal())
    progbar = Progbar(100, interval=2)
    for step in range(5):
        clock.now += 1
        progbar.update(step)
    assert out.getvalue().count("\r") == 3


def test_the_end_is_always_drawn_and_once(clock, output):
    out = output(Terminal())
    progbar = Progbar(10)
    progbar.update(9)
    progbar.update(10)
    progbar.update(10)
    assert out.getvalue().count("10/10") == out.getvalue().count("\n") == 1


def test_a_notebook_gets_no_backspaces(output):
    out = output(Notebook())
    progbar = Progbar(2)
    progbar.add(1)
    progbar.add(1)
    assert "\b" not in out.getvalue() and out.getvalue().startswith("\r")


def test_a_log_file_gets_one_line_and_no_control_characters(output):
    out = output(io.StringIO())
    progbar = Progbar(100)
    for _ in range(100):
        progbar.add(1, [("loss", 0.5)])
    assert out.getvalue() == ("100/100 [==============================] - 0s - loss: 0.5000\n")


def test_a_log_file_gets_the_line_of_an_unfinished_epoch_when_forced(output):
    out = output(io.StringIO())
    progbar = Progbar(100)
    progbar.update(50)
    progbar.update(60, force=True)
    assert out.getvalue().count("\n") == 1 and out.getvalue().startswith(" 60/100")


def test_verbose_2_prints_only_the_end(output):  # 1.2.2: a negative value has an exponent here
    out = output(Terminal())
    progbar = Progbar(2, verbose=2)
    progbar.add(1, [("loss", 0.5), ("gain", -3.0)])
    progbar.add(1, [("loss", 0.25), ("gain", -3.0)])
    assert out.getvalue() == "0s - loss: 0.3750 - gain: -3.0000e+00\n"


def test_verbose_0_prints_nothing(output):
    out = output(Terminal())
    Progbar(1, verbose=0).update(1, [("loss", 1.0)], force=True)
    assert out.getvalue() == ""


def test_without_standard_output_nothing_fails(output):  # pythonw has none
    output(None)
    Progbar(1).update(1)


def test_target_0_draws_a_full_bar(output):  # 1.2.2 took the logarithm of 0
    out = output(Terminal())
    Progbar(0).update(0, force=True)
    assert out.getvalue().startswith("\r0/0 [====")
