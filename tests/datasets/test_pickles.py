"""Pickles of data sets: what is loaded, and what is refused without running it."""

import collections
import contextlib
import gzip
import os
import pickle
import struct
import tracemalloc

import hypothesis
import hypothesis.strategies as st
import numpy as np
import pytest
from numpy.testing import assert_array_equal

from keras._base.budget import BASE_MEMORY, Budget, OverBudget
from keras.datasets._pickle_machine import Machine
from keras.datasets._pickles import _Arrays, load_pickle

# What Python 2.7 and NumPy 1.11 write for {'data': np.array([[1, 2], [3, 4]], 'uint8'), 'labels': [5, 6]},
# assembled by hand from the opcodes of protocol 2: the format of the files of CIFAR.
PYTHON_2 = (
    b"\x80\x02}q\x01(U\x04dataq\x02cnumpy.core.multiarray\n_reconstruct\nq\x03cnumpy\nndarray\nq\x04K\x00"
    b"\x85q\x05U\x01bq\x06\x87q\x07Rq\x08(K\x01K\x02K\x02\x86q\x09cnumpy\ndtype\nq\x0aU\x02u1q\x0bK\x00K\x01"
    b"\x87q\x0cRq\x0d(K\x03U\x01|q\x0eNNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tq\x0fb\x89U\x04\x01\x02\x03\x04"
    b"q\x10tq\x11bU\x06labelsq\x12]q\x13(K\x05K\x06eu."
)


def read(tmp_path, data):
    (tmp_path / "a.pkl").write_bytes(data)
    return load_pickle(tmp_path / "a.pkl")


def test_array_pickled_by_python_2_loads(tmp_path):
    stored = read(tmp_path, PYTHON_2)
    assert_array_equal(np.asarray(stored["data"]), np.array([[1, 2], [3, 4]], "uint8"))
    assert stored["labels"] == [5, 6]


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize(
    "array",
    [
        np.arange(6, dtype="uint8").reshape(2, 3),
        np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        np.array([1, -2], ">i4"),
        np.array(3.5, "float32"),
        np.zeros((0, 3)),
        np.array([True, False]),
    ],
)
def test_arrays_load(tmp_path, array, protocol):
    found = np.asarray(read(tmp_path, pickle.dumps([array], protocol))[0])
    assert_array_equal(found, array)
    # Up to protocol 4, NumPy itself converts numbers to native byte order.
    assert found.dtype.newbyteorder("=") == array.dtype.newbyteorder("=") and type(found) is np.ndarray


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_plain_values_load(tmp_path, protocol):
    values = ({"a": [1, 2.5, None, True], 3: (b"\xff", "图", 1 << 80)}, np.float64(0.5), np.int32(7))
    assert read(tmp_path, pickle.dumps(values, protocol)) == values


def test_compressed_file_loads(tmp_path):
    (tmp_path / "a.pkl.gz").write_bytes(gzip.compress(pickle.dumps([1])))
    assert load_pickle(tmp_path / "a.pkl.gz") == [1]


class Call:
    """An object whose pickle calls a function."""

    def __init__(self, function, *arguments, state=None):
        self.reduced = (function, arguments) if state is None else (function, arguments, state)

    def __reduce__(self):
        return self.reduced


def named(module, name):
    """Returns a pickle that loads the object of this name."""
    return f"c{module}\n{name}\n.".encode()


RECONSTRUCT = np.array(1).__reduce__()[0]


@pytest.mark.parametrize(
    "data, message",
    [
        (pickle.dumps(Call(os.system, "touch pwned")), "system"),
        (pickle.dumps(Call(eval, "1")), "builtins.eval"),
        (named("builtins", "getattr"), "getattr"),
        (named("numpy", "load"), "numpy.load"),
        (named("numpy.core.multiarray", "fromfile"), "fromfile"),
        (named("numpy", "ndarray.tofile"), "tofile"),
        (named("keras.datasets._pickles", "_Array"), "_Array"),
        (b"\x80\x04\x8c\x05numpy\x8c\x10ndarray.__init__\x93.", "__init__"),
        (pickle.dumps(collections.OrderedDict(a=1)), "OrderedDict"),
        (pickle.dumps({1, 2}, 2), "set"),
        (pickle.dumps(np.array([[1], None], dtype=object)), "type"),
        (pickle.dumps(np.zeros(2, "f4,i4")), "type|records"),
        (pickle.dumps(np.array(["a"])), "type"),
        # an instance of nothing, a persistent id, a function whose attributes are set
        (b"(S'ls'\nios\nsystem\n.", "os.system"),
        (b"Pa\n.", "persistent"),
        (b"\x80\x02cnumpy\ndtype\n}(U\x01aK\x01ub.", "change a function"),
        (b"\x80\x02cnumpy\ndtype\nN}(U\x01aK\x01u\x86b.", "change a function"),
        # shapes that the content does not have
        (PYTHON_2.replace(b"K\x02K\x02\x86", b"K\x02K\x03\x86"), "4 bytes for an array of shape"),
        (PYTHON_2.replace(b"K\x02K\x02\x86", b"J\xff\xff\xff\xffJ\xfc\xff\xff\xff\x86"), "damaged"),
        (PYTHON_2.replace(b"U\x02u1", b"U\x02O8"), "type 'O8'"),
        (PYTHON_2.replace(b"U\x02u1", b"U\x0299"), "type '99'"),
        (PYTHON_2.replace(b"U\x01|", b"U\x01!"), "type 'u1'"),
        (b"", "."),
        (b"no pickle", "."),
    ],
)
def test_pickle_is_refused(tmp_path, monkeypatch, data, message):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match=rf"a\.pkl cannot be read.*({message})"):
        read(tmp_path, data)
    assert os.listdir(tmp_path) == ["a.pkl"]


def test_large_shape_allocates_nothing(tmp_path):
    reduced = pickle.dumps(Call(RECONSTRUCT, np.ndarray, (1 << 40,), b"b"))
    assert np.asarray(read(tmp_path, reduced)).size == 0


def test_length_beyond_the_file_is_refused(tmp_path):
    with pytest.raises(ValueError):
        read(tmp_path, b"\x80\x04\x8e" + struct.pack("<Q", 1 << 60) + b"abc.")


@pytest.mark.parametrize("size", range(0, len(PYTHON_2), 7))
def test_truncated_file_is_refused(tmp_path, size):
    with pytest.raises(ValueError, match="cannot be read"):
        read(tmp_path, PYTHON_2[:size])


def test_decompressed_size_is_charged(tmp_path):
    (tmp_path / "a.pkl.gz").write_bytes(gzip.compress(pickle.dumps(bytes(220 * 2**20)), 1))
    with pytest.raises(ValueError, match="contents would take"):
        load_pickle(tmp_path / "a.pkl.gz")


def test_missing_file_raises_file_not_found(tmp_path):
    with pytest.raises(FileNotFoundError):
        load_pickle(tmp_path / "a.pkl")


def test_random_damage_raises_value_error_or_loads(tmp_path):
    generator = np.random.default_rng(0)
    whole = pickle.dumps(([[1, 2], [3]], np.arange(5), {"a": b"b"}), 2)
    for _ in range(300):
        data = bytearray(whole)
        data[generator.integers(len(data))] = generator.integers(256)
        with contextlib.suppress(ValueError):
            read(tmp_path, bytes(data))


# Machines for attackers: any program of the opcodes for data ends, and takes what it may take.

OPCODES = [
    *[
        b"(",
        b"0",
        b"1",
        b"N",
        b"\x88",
        b"I1\n",
        b"I01\n",
        b"L5L\n",
        b"F1.5\n",
        b"K\x05",
        b"M\x05\x01",
        b"\x8a\x01\x05",
    ],
    *[
        b"S'a'\n",
        b"Va\n",
        b"U\x01a",
        b"X\x01\x00\x00\x00a",
        b"C\x01a",
        b"]",
        b"}",
        b")",
        b"l",
        b"d",
        b"t",
        b"\x85",
    ],
    *[
        b"\x86",
        b"\x87",
        b"a",
        b"e",
        b"s",
        b"u",
        b"q\x00",
        b"q\x01",
        b"\x94",
        b"h\x00",
        b"h\x01",
        b"g1\n",
        b"R",
        b"b",
    ],
    *[
        b"cnumpy\ndtype\n",
        b"cnumpy\nndarray\n",
        b"cnumpy.core.multiarray\n_reconstruct\n",
        b"\x93",
        b"\x8f",
        b"2",
    ],
]


@hypothesis.settings(max_examples=300, deadline=None)
@hypothesis.given(st.lists(st.sampled_from(OPCODES), max_size=40), st.integers(1, 30))
def test_any_program_ends_within_the_law(program, times):
    data, budget = b"".join(program * times) + b".", Budget("f", 0)
    tracemalloc.start()
    with contextlib.suppress(pickle.UnpicklingError, ValueError, TypeError):
        Machine(data, _Arrays(budget), budget).run()
    assert tracemalloc.get_traced_memory()[1] < BASE_MEMORY
    tracemalloc.stop()
    assert budget.steps >= 0 and budget.memory >= 0


def test_lists_that_occur_often_are_charged_as_often():
    """[[x, x], [x, x]] with 40 levels has 200 bytes and 2**40 places, which copies of it visit."""
    budget = Budget("f", 200)
    value = b"]q\x00" + b"".join(b"0](h%ch%ceq%c" % (i, i, i + 1) for i in range(40)) + b"."
    with pytest.raises(OverBudget, match="values would take"):
        Machine(value, _Arrays(budget), budget).run()


def test_the_cost_of_numbers_is_that_of_memory():
    """What is charged for a million numbers is at least what Python takes for them."""
    data = pickle.dumps(list(range(300, 300_300)), 2)
    budget = Budget("f", len(data))
    before = budget.memory
    tracemalloc.start()
    assert Machine(data, _Arrays(budget), budget).run() == list(range(300, 300_300))
    assert tracemalloc.get_traced_memory()[1] < before - budget.memory < 3 * 20 * len(data)
    tracemalloc.stop()
