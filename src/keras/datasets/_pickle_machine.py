"""Runs the program that a pickle is, with the opcodes for data only, and charges each before it is run.

Python's own machine, in C, cannot be bounded: one byte makes a set of 216 bytes, one number makes a memo of
gigabytes, and the hash of a key may visit nested tuples exponentially often. This one knows lists, tuples,
dicts, numbers and strings, which it makes itself, and the objects that a `Builder` makes. Keys of dicts are
strings and small numbers, whose hashes cost nothing and do not collide.

Reference:
    The opcodes are described in Python's `pickletools`.
"""

import codecs
import pickle
import re
import struct
from collections.abc import Callable
from typing import Any, ClassVar, Protocol

from .._base.budget import Budget

# Ints of 1, 2 and 4 bytes that follow each other. An int takes at most 17 bytes for each byte of the pickle,
# with its places on the stack and in a list.
_INTS = re.compile(rb"(?:K.|M..|J....){1,4096}", re.DOTALL)
_BYTES_PER_INT_BYTE, _INT_BYTES_PER_STEP = 17, 30
# Ints that are appended to a list one by one, as Python 2 wrote. I00 and I01 are False and True.
_APPENDED_INTS = re.compile(rb"(?:I(?:0|-?[1-9]\d{0,17})\na){1,4096}")
_BYTES_PER_OPCODE = 64  # an empty container, a place on the stack, a mark, an entry of the memo
_BYTES_PER_ITEM = {list: 9, tuple: 8, dict: 110}
_MAX_DIGITS = 4_000
_MAX_KEY = 2**60  # Python gives equal hashes to equal numbers modulo 2**61 - 1
_CONTAINERS = (list, tuple, dict)


class Builder(Protocol):
    """What a machine calls for everything that is not plain."""

    def find(self, module: str, name: str) -> Any:
        """Returns the object of this name; raises UnpicklingError if it is not one that may be used."""

    def call(self, function: Any, arguments: tuple[Any, ...]) -> Any:
        """Calls what `find` returned."""

    def set_state(self, made: Any, state: Any) -> None:
        """Gives what `call` returned its state."""


class Machine:
    """Runs one pickle.

    Args:
        data: bytes of the pickle.
        builder: `Builder`.
        budget: `Budget` of the file.
    """

    def __init__(self, data: bytes, builder: Builder, budget: Budget) -> None:
        self._data = data
        self._place = 0
        self._builder = builder
        self._budget = budget
        self._stack: list[Any] = []
        self._marks: list[int] = []  # heights of the stack
        self._memo: dict[int, Any] = {}

    def run(self) -> Any:
        """Returns the object that the pickle describes.

        Raises:
            pickle.UnpicklingError: it uses something that is not data, or is damaged.
            OverBudget: it makes more than a file of its size may make.
        """
        while True:
            if self._read_ints():
                continue
            code = self._take(1)
            if code == b".":
                value = self._pop()
                _charge_repeats(value, self._budget)
                return value
            run = self._OPCODES.get(code)
            if run is None:
                raise pickle.UnpicklingError(_REFUSED.get(code, f"it has the opcode {code!r}"))
            self._budget.take_steps(1, "opcodes")
            self._budget.take_memory(_BYTES_PER_OPCODE, "objects")
            run(self)

    def _read_ints(self) -> bool:
        """Runs the opcodes of ints from here on, which may be millions; returns whether there were any."""
        data, start = self._data, self._place
        if found := _INTS.match(data, start):
            self._charge_ints(found.end() - start)
            push, place, end = self._stack.append, start, found.end()
            while place < end:
                if data[place] == 75:  # K
                    push(data[place + 1])
                    place += 2
                elif data[place] == 77:  # M
                    push(data[place + 1] | data[place + 2] << 8)
                    place += 3
                else:
                    push(int.from_bytes(data[place + 1 : place + 5], "little", signed=True))
                    place += 5
        elif (found := _APPENDED_INTS.match(data, start)) and self._stack:
            self._charge_ints(found.end() - start)
            _of_kind(self._stack[-1], list).extend(map(int, found[0][1:-2].split(b"\naI")))
        else:
            return False
        self._place = found.end()
        return True

    def _charge_ints(self, length: int) -> None:
        self._budget.take_steps(length // _INT_BYTES_PER_STEP + 1, "numbers")
        self._budget.take_memory(_BYTES_PER_INT_BYTE * length, "numbers")

    # --- arguments of opcodes

    def _take(self, count: int) -> bytes:
        end = self._place + count
        if end > len(self._data):
            raise pickle.UnpicklingError("it ends too early")
        taken, self._place = self._data[self._place : end], end
        return taken

    def _skip(self, count: int) -> None:
        self._take(count)

    def _take_line(self) -> bytes:
        end = self._data.find(b"\n", self._place)
        if end < 0:
            raise pickle.UnpicklingError("it ends too early")
        line, self._place = self._data[self._place : end], end + 1
        return line

    def _take_number(self, count: int) -> int:
        return int.from_bytes(self._take(count), "little")

    def _take_digits(self) -> int:
        digits = self._take_line()
        if len(digits) > _MAX_DIGITS:
            raise pickle.UnpicklingError(f"it has a number of {len(digits)} digits")
        return int(digits.removesuffix(b"L"))

    def _take_sized(self, size_bytes: int, bytes_per_byte: int) -> bytes:
        """Returns what follows its own length; charges the copies that are made of it."""
        size = self._take_number(size_bytes)
        self._budget.take_memory(bytes_per_byte * min(size, len(self._data)), "strings")
        return self._take(size)

    # --- the stack

    def _push(self, value: Any) -> None:
        self._stack.append(value)

    def _pop(self) -> Any:
        if len(self._stack) <= (self._marks[-1] if self._marks else 0):
            raise pickle.UnpicklingError("it takes from an empty stack")
        return self._stack.pop()

    def _pop_mark(self) -> list[Any]:
        """Returns what was pushed since the last mark."""
        if not self._marks:
            raise pickle.UnpicklingError("it has no mark where one is needed")
        height = self._marks.pop()
        items = self._stack[height:]
        del self._stack[height:]
        return items

    def _top(self, kind: type) -> Any:
        value = self._pop()
        self._push(_of_kind(value, kind))
        return value

    def _charge_items(self, kind: type, count: int) -> None:
        self._budget.take_memory(_BYTES_PER_ITEM[kind] * count, "objects")

    # --- what opcodes do

    def _mark(self) -> None:
        self._marks.append(len(self._stack))

    def _pop_top(self) -> None:
        # Pickles of recursive tuples pop a mark in this way.
        if self._marks and self._marks[-1] == len(self._stack):
            self._marks.pop()
        else:
            self._pop()

    def _drop_mark(self) -> None:
        self._pop_mark()

    def _int(self) -> None:
        line = self._data[self._place : self._place + 3]
        value = self._take_digits()
        self._push(line == b"01\n" if line in (b"00\n", b"01\n") else value)

    def _float(self) -> None:
        self._push(float(self._take_line()))

    def _binary_float(self) -> None:
        self._push(struct.unpack(">d", self._take(8))[0])

    def _long(self, size_bytes: int) -> None:
        self._push(int.from_bytes(self._take_sized(size_bytes, 2), "little", signed=True))

    def _string(self) -> None:
        line = self._take_line().strip()
        if len(line) < 2 or line[:1] not in (b"'", b'"') or line[:1] != line[-1:]:
            raise pickle.UnpicklingError("it has a damaged string")
        self._budget.take_memory(3 * len(line), "strings")
        self._push(codecs.escape_decode(line[1:-1])[0].decode("latin1"))

    def _unicode(self) -> None:
        line = self._take_line()
        self._budget.take_memory(5 * len(line), "strings")
        self._push(line.decode("raw-unicode-escape"))

    def _put(self, index: int) -> None:
        if not self._stack:
            raise pickle.UnpicklingError("it remembers nothing")
        self._memo[index] = self._stack[-1]

    def _get(self, index: int) -> None:
        if index not in self._memo:
            raise pickle.UnpicklingError(f"it recalls object {index}, which it has not remembered")
        self._push(self._memo[index])

    def _tuple(self, items: list[Any]) -> None:
        self._charge_items(tuple, len(items))
        self._push(tuple(items))

    def _short_tuple(self, count: int) -> None:
        items = [self._pop() for _ in range(count)]
        self._tuple(items[::-1])

    def _append(self) -> None:
        self._extend([self._pop()])

    def _extend(self, items: list[Any]) -> None:
        self._charge_items(list, len(items))
        self._top(list).extend(items)

    def _set_item(self) -> None:
        value, key = self._pop(), self._pop()
        self._set_items([key, value])

    def _set_items(self, items: list[Any]) -> None:
        self._charge_items(dict, len(items))
        target = self._top(dict)
        if len(items) % 2:
            raise pickle.UnpicklingError("it has a key without a value")
        for key, value in zip(items[::2], items[1::2], strict=True):
            target[_checked_key(key)] = value

    def _list_of_mark(self) -> None:
        items = self._pop_mark()
        self._push([])
        self._extend(items)

    def _dict_of_mark(self) -> None:
        items = self._pop_mark()
        self._push({})
        self._set_items(items)

    def _global(self) -> None:
        module, name = self._take_line(), self._take_line()
        self._push(self._builder.find(module.decode(), name.decode()))

    def _stack_global(self) -> None:
        name, module = self._pop(), self._pop()
        self._push(self._builder.find(_of_kind(module, str), _of_kind(name, str)))

    def _instance(self) -> None:
        self._global()
        raise pickle.UnpicklingError("it makes an object of a class")

    def _reduce(self) -> None:
        arguments, function = self._pop(), self._pop()
        self._push(self._builder.call(function, _of_kind(arguments, tuple)))

    def _build(self) -> None:
        state = self._pop()
        if not self._stack:
            raise pickle.UnpicklingError("it has a state of nothing")
        self._builder.set_state(self._stack[-1], state)

    _OPCODES: ClassVar[dict[bytes, Callable[["Machine"], None]]] = {
        b"\x80": lambda m: m._skip(1),  # the number of the protocol
        b"\x95": lambda m: m._skip(8),  # the length of a frame
        b"(": _mark,
        b"0": _pop_top,
        b"1": _drop_mark,
        b"N": lambda m: m._push(None),
        b"\x88": lambda m: m._push(True),
        b"\x89": lambda m: m._push(False),
        b"I": _int,
        b"L": lambda m: m._push(m._take_digits()),
        b"\x8a": lambda m: m._long(1),
        b"\x8b": lambda m: m._long(4),
        b"F": _float,
        b"G": _binary_float,
        b"S": _string,
        b"T": lambda m: m._push(m._take_sized(4, 2).decode("latin1")),
        b"U": lambda m: m._push(m._take_sized(1, 2).decode("latin1")),
        b"V": _unicode,
        b"X": lambda m: m._push(m._take_sized(4, 5).decode("utf-8", "surrogatepass")),
        b"\x8c": lambda m: m._push(m._take_sized(1, 5).decode("utf-8", "surrogatepass")),
        b"\x8d": lambda m: m._push(m._take_sized(8, 5).decode("utf-8", "surrogatepass")),
        b"B": lambda m: m._push(m._take_sized(4, 1)),
        b"C": lambda m: m._push(m._take_sized(1, 1)),
        b"\x8e": lambda m: m._push(m._take_sized(8, 1)),
        b"\x96": lambda m: m._push(bytearray(m._take_sized(8, 2))),
        b"]": lambda m: m._push([]),
        b"}": lambda m: m._push({}),
        b")": lambda m: m._push(()),
        b"l": _list_of_mark,
        b"d": _dict_of_mark,
        b"t": lambda m: m._tuple(m._pop_mark()),
        b"\x85": lambda m: m._short_tuple(1),
        b"\x86": lambda m: m._short_tuple(2),
        b"\x87": lambda m: m._short_tuple(3),
        b"a": _append,
        b"e": lambda m: m._extend(m._pop_mark()),
        b"s": _set_item,
        b"u": lambda m: m._set_items(m._pop_mark()),
        b"p": lambda m: m._put(m._take_digits()),
        b"q": lambda m: m._put(m._take_number(1)),
        b"r": lambda m: m._put(m._take_number(4)),
        b"\x94": lambda m: m._put(len(m._memo)),
        b"g": lambda m: m._get(m._take_digits()),
        b"h": lambda m: m._get(m._take_number(1)),
        b"j": lambda m: m._get(m._take_number(4)),
        b"c": _global,
        b"\x93": _stack_global,
        b"i": _instance,
        b"R": _reduce,
        b"b": _build,
    }


_REFUSED = {
    **dict.fromkeys([b"P", b"Q"], "it has a persistent id; only data are read"),
    **dict.fromkeys([b"\x8f", b"\x90", b"\x91"], "it has a set; only lists, tuples and dicts are read"),
    **dict.fromkeys([b"o", b"\x81", b"\x92"], "it makes an object of a class; only data are read"),
}


def _of_kind(value: Any, kind: type) -> Any:
    if type(value) is not kind:
        raise pickle.UnpicklingError(f"it has a {type(value).__name__} in place of a {kind.__name__}")
    return value


def _checked_key(key: Any) -> Any:
    if type(key) in (str, bytes, bool, float, type(None)) or (type(key) is int and abs(key) < _MAX_KEY):
        return key
    raise pickle.UnpicklingError(
        f"it has a {type(key).__name__} as a key of a dict; wanted a string or a number below 2**60"
    )


def _charge_repeats(root: Any, budget: Budget) -> None:
    """Charges the places that an object has if each list, tuple and dict is counted as often as it occurs.

    Whoever copies the object, or makes an array of it, visits all of them.
    """
    sizes: dict[int, int] = {}  # id of a finished container -> places
    stack = [root] if isinstance(root, _CONTAINERS) else []
    begun: set[int] = set()
    while stack:
        value = stack[-1]
        children = value.values() if type(value) is dict else value
        inner = [child for child in children if type(child) in _CONTAINERS]
        if id(value) not in begun:
            begun.add(id(value))
            waiting = [child for child in inner if id(child) not in sizes]
            if any(id(child) in begun for child in waiting):
                raise pickle.UnpicklingError("it has a list, tuple or dict that contains itself")
            stack += waiting
            continue
        stack.pop()
        if id(value) not in sizes:
            sizes[id(value)] = len(value) + sum(sizes[id(child)] for child in inner)
    places = sizes.get(id(root), 0)
    budget.take_steps(places // 16, "values")
    budget.take_memory(8 * places, "values")
