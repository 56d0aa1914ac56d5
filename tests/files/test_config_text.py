"""Configs as JSON and YAML. Files in golden/files are from Keras 1.2.2 (see the README there)."""

import contextlib
import json
import sys
import tracemalloc
from pathlib import Path

import hypothesis
import hypothesis.strategies as st
import numpy as np
import pytest
import yaml

from keras._base.budget import Budget, OverBudget
from keras._files.config_text import dump_json, dump_yaml, load_json, load_yaml

FILES = Path(__file__).parents[1] / "golden" / "files"
NAMES = ["sequential", "two_outputs", "nested_shared", "video", "lambda_model"]


# Files of the original


@pytest.mark.parametrize("name", NAMES)
def test_yaml_and_json_of_the_original_are_equal(name):
    assert load_yaml((FILES / f"{name}.yaml").read_text()) == load_json((FILES / f"{name}.json").read_text())


@pytest.mark.parametrize("name", NAMES)
def test_json_text_equals_the_original(name):
    text = (FILES / f"{name}.json").read_text()
    assert dump_json(load_json(text)) == text


def test_names_are_read_as_text_and_numpy_numbers_as_numbers():
    config = load_yaml((FILES / "odd_scalars.yaml").read_bytes())["config"]
    names = [layer["name"] for layer in config["layers"]]
    assert names == ["no", "yes", "2001-01-01", "1e-3", "0x10", "011", "12.3"]
    assert [layer["config"]["output_dim"] for layer in config["layers"][4:]] == [3, 3, 3]
    assert config["layers"][6]["config"]["batch_input_shape"] == [None, 3]


# Writing

plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner),
    max_leaves=20,
)


@hypothesis.settings(max_examples=50)
@hypothesis.given(st.dictionaries(st.text(st.characters(codec="utf-8")), plain))
def test_round_trip(config):
    assert load_json(dump_json(config)) == config
    text = dump_yaml(config)
    assert load_yaml(text) == config
    assert yaml.safe_load(text) == config  # and so by the loader of the original


@pytest.mark.parametrize(
    "value, expected",
    [
        ((None, 4), [None, 4]),
        (np.int64(4), 4),
        (np.float32(0.5), 0.5),
        (np.float64(0.5), 0.5),
        (np.bool_(True), True),
        (np.str_("relu"), "relu"),
        (np.array([[1, 2], [3, 4]]), [[1, 2], [3, 4]]),
        (np.array([1, "a", None], dtype=object), [1, "a", None]),
        (float("inf"), float("inf")),
    ],
    ids=repr,
)
def test_numpy_values_are_written_as_plain_data(value, expected):
    for dump, load in [(dump_json, load_json), (dump_yaml, load_yaml)]:
        read = load(dump({"value": value}))["value"]
        assert read == expected and type(read) is type(expected)


@pytest.mark.parametrize("dump", [dump_json, dump_yaml])
@pytest.mark.parametrize(
    "value",
    [len, lambda x: x, object(), 1j, b"bytes", {1, 2}, np.array([b"a"])],
    ids=lambda value: type(value).__name__,
)
def test_error_names_the_place_of_what_is_not_plain_data(dump, value):
    config = {"layers": [{}, {"config": {"function": value}}]}
    with pytest.raises(TypeError, match=r"config\['layers'\]\[1\]\['config'\]\['function'\].* is a .*wanted"):
        dump(config)


@pytest.mark.parametrize("dump", [dump_json, dump_yaml])
def test_unwritable_data_is_refused(dump):
    with pytest.raises(ValueError, match=r"config\['lr'\] is NaN"):
        dump({"lr": float("nan")})
    with pytest.raises(TypeError, match=r"config has the key \(1, 2\)"):
        dump({(1, 2): 3})
    endless = []
    endless.append(endless)
    with pytest.raises(ValueError, match="nested more than 64"):
        dump({"a": endless})


def test_yaml_writes_no_aliases():
    shared = [2, 2]
    assert dump_yaml({"pool_size": shared, "strides": shared}) == "pool_size: [2, 2]\nstrides: [2, 2]\n"


def test_options_reach_the_writers():
    assert dump_json({"b": 1, "a": 2}, sort_keys=True) == '{"a": 2, "b": 1}'
    assert dump_yaml({"a": [1]}, default_flow_style=False) == "a:\n- 1\n"


# Reading JSON


@pytest.mark.parametrize(
    "text, said",
    [
        ("{", "not valid JSON: .*line 1 column 2"),
        ("", "not valid JSON: .*line 1 column 1"),
        ('{"a": 1} trailing', "not valid JSON: .*column 10"),
        ("[]", "a list; wanted an object"),
        ("null", "a NoneType; wanted an object"),
        ('{"a": NaN}', "has a NaN"),
        ('{"a": {"b": 1, "b": 2}}', "key 'b' twice"),
        ('{"a":\n' + "[" * 64, "nested more than 64 .* at line 2, character 69"),
        ('{"a": "' + '\\"[' * 100, "Unterminated string"),
        ('{"a": ' + "9" * 5000 + "}", "limit"),
        (b"\xff\xfe{}", "not UTF-8"),
        ('{"a": [' + "[]," * 2**22 + "[]]}", "values would take [0-9,]* bytes of memory"),
        ('{"a": [' + '{"":0},' * 2**20 + "0]}", "values would take [0-9,]* bytes of memory"),
        ("{" + ",".join(f'"{i % 20_000}": 0' for i in range(40_000)) + "}", "has the key '0' twice"),
    ],
    ids=lambda value: repr(value[:20]),
)
def test_malformed_json_is_refused(text, said):
    with pytest.raises(ValueError, match=said):
        load_json(text)


def test_valid_json_is_accepted():
    assert load_json(b'{"a": "\xc3\xa9"}') == {"a": "é"}
    assert load_json('{"max_value": Infinity}') == {"max_value": float("inf")}
    deep = '{"a": ' + "[" * 63 + "]" * 63 + "}"
    assert json.loads(deep) == load_json(deep)
    assert load_json('{"a": "' + "[" * 100 + '"}') == {"a": "[" * 100}


@pytest.mark.parametrize("text", ['"' * 10**6, '"' + '\\"' * 10**6, "\\" * 10**6, '{"a": "' + "[" * 10**6])
def test_hostile_json_is_refused(text):  # in time linear in its length, or this test would take hours
    with pytest.raises(ValueError):
        load_json(text)


@pytest.mark.parametrize("load", [load_json, load_yaml])
@pytest.mark.parametrize("value", [None, {"a": 1}, 3])
def test_loaders_refuse_values_that_are_not_text(load, value):
    with pytest.raises(TypeError, match="Wanted the text of a config.*got a"):
        load(value)


# Reading YAML


@pytest.mark.parametrize(
    "text, value",
    [
        ("12:30:45", "12:30:45"),
        ("12:30.5", "12:30.5"),
        ("2016-12-01", "2016-12-01"),
        ("=", "="),
        ("<<", "<<"),
        ("no", False),
        ("'no'", "no"),
        ("~", None),
        ("0x1F", 31),
        ("-017", -15),
        ("1_000", 1000),
        ("1.0e-08", 1e-8),
        ("1e-8", "1e-8"),  # as PyYAML writes the text 1e-8
        ("-.inf", float("-inf")),
        ("!!python/tuple [1, !!python/tuple []]", [1, []]),
        ("!!python/unicode 'relu'", "relu"),
        ("!!python/long '12'", 12),
        ("[&a [1, 2], *a, *a]", [[1, 2], [1, 2], [1, 2]]),
    ],
)
def test_yaml_scalars_have_their_types(text, value):
    read = load_yaml(f"a: {text}")["a"]
    assert read == value and type(read) is type(value)


@pytest.mark.parametrize("dtype", "b1 i1 i2 i4 i8 u1 u2 u4 u8 f2 f4 f8".split())
@pytest.mark.parametrize("value", [0, 1, 100])
def test_yaml_numpy_number_is_read(dtype, value):
    number = np.dtype(dtype).type(value)
    text = yaml.dump({"a": number}, Dumper=yaml.Dumper)
    assert "_core.multiarray.scalar" in text  # as NumPy 2 has it
    read = load_yaml(text)["a"]
    assert read == number and type(read) is type(number.item())


def test_yaml_big_endian_numpy_number_is_read():
    text = yaml.dump({"a": np.int16(258)}, Dumper=yaml.Dumper)
    assert load_yaml(text.replace("<", "'>'").replace("AgE=", "AQI=")) == {"a": 258}


def test_yaml_numpy_number_of_python_2_is_read():
    text = (
        "a: !!python/object/apply:numpy.core.multiarray.scalar\n"
        "- !!python/object/apply:numpy.dtype\n"
        "  args: [i8, 0, 1]\n"
        "  state: !!python/tuple [3, <, null, null, null, -1, -1, 0]\n"
        '- "6\\0\\0\\0\\0\\0\\0\\0"\n'
    )
    assert load_yaml(text) == {"a": 54}


def test_yaml_alias_becomes_a_copy():
    config = load_yaml("b: [&a [1], *a]")
    config["b"][0].append(2)
    assert config == {"b": [[1, 2], [1]]}


NUMPY = "!!python/object/apply:numpy.core.multiarray.scalar"
DTYPE = "!!python/object/apply:numpy.dtype {args: [%s, 0, 1], state: [3, <, null, null, null, -1, -1, 0]}"
REFUSED_TAGS = [
    "!!python/object/apply:os.system ['touch made']",
    "!!python/object/new:os.system ['touch made']",
    "!!python/object:collections.OrderedDict {}",
    "!!python/object/apply:subprocess.check_output [[touch, made]]",
    "!!python/name:os.system",
    "!!python/module:os",
    "!!python/object/apply:numpy.dtype {args: [i8, 0, 1], state: []}",
    "!!python/bytes 'YQ=='",
    "!!python/complex 1+2j",
    "!!binary YQ==",
    "!!set {a}",
    "!!omap [a: 1]",
    "!!timestamp 2016-12-01",
    "!local x",
    "!<tag:example.com,2016:x> x",
    "!!map [1]",
    "!!str {a: 1}",
    "!!python/tuple x",
]


@pytest.mark.parametrize("value", REFUSED_TAGS)
def test_yaml_tags_that_create_objects_are_refused(value, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    tag = value.split()[0].removeprefix("!<").removesuffix(">")
    modules = set(sys.modules)
    with pytest.raises(ValueError) as error:
        load_yaml(f"a: 1\nb:\n  c: {value}\n")
    assert tag in str(error.value) and "line 3" in str(error.value)
    assert not list(tmp_path.iterdir()) and set(sys.modules) == modules


@pytest.mark.parametrize(
    "value",
    [
        f"{NUMPY} []",
        f"{NUMPY} [i8, !!binary NgAAAAAAAAA=]",
        f"{NUMPY} [{DTYPE % 'i8'}, !!binary NgAA]",
        f"{NUMPY} [{DTYPE % 'i8'}, !!binary '*']",
        f"{NUMPY} [{DTYPE % 'i8'}, 3]",
        f"{NUMPY} [{DTYPE % 'O8'}, !!binary NgAAAAAAAAA=]",
        f"{NUMPY} [{DTYPE % '[i8]'}, !!binary NgAAAAAAAAA=]",
        f"{NUMPY} [!!python/object/apply:numpy.dtype {{}}, !!binary NgAAAAAAAAA=]",
        f"{NUMPY} [!!python/object/apply:numpy.dtype x, !!binary NgAAAAAAAAA=]",
        f"{NUMPY} [!!python/object/apply:os.system [id], !!binary NgAAAAAAAAA=]",
    ],
)
def test_malformed_numpy_number_is_refused(value):
    with pytest.raises(ValueError, match="malformed NumPy number.*line 2"):
        load_yaml(f"a: 1\nb: {value}\n")


LAUGHS = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n" for before, name in zip("abcdefgh", "bcdefghi")
)


@pytest.mark.parametrize(
    "text, said",
    [
        (LAUGHS, r"repeated by the alias \*. at line [0-9]*, would take"),
        ("a: &a [*a]", r"alias \*a inside the value that it refers to, at line 1"),
        ("a: &a\n  b: {c: *a}", r"alias \*a inside the value that it refers to, at line 2"),
        (
            f"a: &a {list(range(500))}\nb: [{'*a ,' * 3000}]",
            r"repeated by the alias \*a at line 2, would take",
        ),
        ("a: &a 1\nb: [" + "*a ," * 200_000 + "]", "values would take .* steps"),
        ("a: [" + "1," * 250_000 + "]", "values would take .* steps"),
        (f"a: {{{2**61 - 1}: 1, {2**62 - 2}: 2}}", "a number of 61 bits as a key; wanted a name, at line 1"),
        ("a: *b", "undefined alias"),
        ("a: 1\nb: 2\na: 3", "key 'a' twice .*line 3"),
        ("a: {[1]: 2}", "list or mapping as a key, at line 1"),
        ("a: .nan", "float '.nan'.*line 1"),
        (f"a: {NUMPY} [{DTYPE % 'f4'}, !!binary AADAfw==]", "NaN.*line 1"),
        ("a: !!int x", "malformed int 'x', at line 1"),
        ("a: !!int 1" + ":1" * 10**5, "malformed int"),
        ("a: !!int ''", "malformed int"),
        ("a: " + "9" * 5000, "malformed int"),
        ("a: !!float x", "wanted a number"),
        ("a: !!bool maybe", "malformed bool"),
        ("a:\n  " + "[" * 65, "nested more than 64 .*line 2"),
        ("- " * 10**5, "nested more than 64"),
        ("? " * 10**5, "nested more than 64"),
        ("- 1", "a list; wanted an object"),
        ("", "a NoneType; wanted an object"),
        ("a: [", "not valid YAML.*line 1"),
        ("a: 1\n---\nb: 2", "not valid YAML"),
        ("a: \x00", "not valid YAML"),
        (b"a: \xff", "not UTF-8"),
        ("#" * 2**23, "values would take .* steps"),
    ],
    ids=lambda value: repr(value[:20]),
)
def test_malformed_yaml_is_refused(text, said):
    with pytest.raises(ValueError, match=f"(?s){said}"):
        load_yaml(text)


@hypothesis.settings(max_examples=300)
@hypothesis.given(st.text(alphabet="ab01.:-,?&*!|>'\"%@`#~{}[]<= \n\t\\/pythontulesrx") | st.binary())
def test_any_text_loads_or_raises_value_error(text):
    for load in (load_json, load_yaml):
        with contextlib.suppress(ValueError):
            load(text)


# What is charged for a text is at least what its reading takes.

leaves = st.sampled_from(
    ["1", "999", "-1.5e3", '""', '"abc"', '"\\n"', '"\N{CJK UNIFIED IDEOGRAPH-6A21}"', "[]", "{}", "null"]
)
texts = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, min_size=1, max_size=3).map(lambda items: f"[{','.join(items)}]")
        | inner.map(lambda item: f'{{"":{item}}}')
    ),
    max_leaves=6,
)


@hypothesis.settings(max_examples=20, deadline=None)
@hypothesis.given(texts)
def test_memory_charged_for_json_is_at_least_what_it_takes(value):
    text = f'{{"a": [{",".join([value] * 3_000)}]}}'.encode()
    budget = Budget("f", len(text))
    before = budget.memory
    tracemalloc.start()
    config = load_json(text, budget)
    taken = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(config["a"]) == 3_000 and taken < before - budget.memory + 2**16


@hypothesis.settings(max_examples=12, deadline=None)
@hypothesis.given(texts)
def test_memory_charged_for_yaml_is_at_least_what_it_takes(value):
    text = f"a: [{', '.join([value.replace(':', ': ')] * 200)}]"
    budget = Budget("f", len(text))
    before = budget.memory
    load_yaml("a: 1")  # imports PyYAML
    tracemalloc.start()
    load_yaml(text, budget)
    taken = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert taken < before - budget.memory + 2**16


def test_a_yaml_text_over_the_budget_is_pointed_to_json():
    with pytest.raises(OverBudget, match=r"JSON of any size is read: write the config with to_json\(\)"):
        load_yaml("a: [" + "1, " * 600_000 + "1]")
