"""Python functions as text."""

import json
import marshal

import numpy as np
import pytest

from keras._base.byte_code import func_dump, func_load


def make_function():
    factor = 3

    def scale(x, power=2):
        return factor * x**power

    return scale


def test_dumped_function_is_restored_through_json():
    stored = json.loads(json.dumps(func_dump(make_function())))
    assert func_load(stored, allow_code=True)(2) == 12


def test_dump_returns_code_defaults_and_closure():
    code, defaults, closure = func_dump(make_function())
    assert isinstance(code, str)
    assert (defaults, closure) == ((2,), (3,))


def test_globals_are_passed_by_the_caller():
    code = func_dump(lambda x: np.sqrt(x))[0]
    assert func_load(code, globs={"np": np}, allow_code=True)(4) == 2
    with pytest.raises(NameError):
        func_load(code, allow_code=True)(4)


@pytest.mark.parametrize("allow", [{}, {"allow_code": False}, {"allow_code": None}])
def test_load_requires_allow_code(allow, monkeypatch):
    monkeypatch.setattr(marshal, "loads", lambda _: pytest.fail("code was read"))
    with pytest.raises(ValueError, match="would run code.*allow_code=True"):
        func_load(*func_dump(make_function()), **allow)


def test_code_of_another_python_version_is_refused():
    mark, _, _, body = func_dump(make_function())[0].split(":")
    with pytest.raises(ValueError, match=r"Python 3\.6 .*which cannot run it"):
        func_load(":".join([mark, "3.6", "330d0d0a", body]), allow_code=True)


@pytest.mark.parametrize("code", ["ã\x01\x00\x00", "", 5, None, "a:b:c:d"])
def test_code_without_a_mark_is_refused(code):  # such as the original Keras wrote
    with pytest.raises(ValueError, match="does not record"):
        func_load(code, allow_code=True)


@pytest.mark.parametrize("body", [lambda body: body[:-8], lambda body: "6QUAAAA=", lambda body: "?"])
def test_damaged_code_is_refused(body):  # cut short; the number 5; not base64
    head, _, code = func_dump(make_function())[0].rpartition(":")
    with pytest.raises(ValueError, match="damaged"):
        func_load(f"{head}:{body(code)}", allow_code=True)


@pytest.mark.parametrize("given", [len, dict, np.sqrt, 5])
def test_func_dump_refuses_builtin_functions(given):
    with pytest.raises(TypeError, match="func_dump"):
        func_dump(given)
