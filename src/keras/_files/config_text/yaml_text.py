"""Configs as YAML, in two steps: text to nodes, by a bounded composer; nodes to plain data, by a table."""

import base64
import functools
import math
import re
import struct
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..._base.budget import Budget, OverBudget
from ..._base.types import Config
from .plain_data import MAX_DEPTH, MAX_DIGITS, checked_config, checked_text, plain_copy

if TYPE_CHECKING:
    import yaml

# PyYAML is written in Python, and takes about 40 us and 700 bytes for each value, 2 us and 12 bytes for each
# character: several seconds for a megabyte of values. The C parser that PyYAML may have is not used, because
# nothing native reads a stranger's text. So about 1.2 MB of a config are within the law, or 1,500 layers, as
# building them takes as much again.
# Each value has a separator beside it. A half is charged before anything is read, so that most texts that
# cost too much are refused at once; the rest with the value. PyYAML looks at all open brackets for each one.
_SEPARATORS = ",:-?[{&!%"
_STEPS_PER_SEPARATOR, _STEPS_PER_NODE = 6, 3
_BYTES_PER_SEPARATOR, _BYTES_PER_CHARACTER = 800, 12
_MAX_KEY = 2**60  # Python gives equal hashes to equal numbers modulo 2**61 - 1


def dump_yaml(config: Config, **options: Any) -> str:
    """Writes a config as YAML without tags and aliases.

    Args:
        config: dict. Tuples and arrays become lists, NumPy scalars become numbers.
        **options: passed to `yaml.dump`, such as `default_flow_style`.

    Returns:
        str, which Keras 1.2.2 and any other YAML reader can read.

    Raises:
        TypeError: something in the config is not plain data; the message says where it is.
        ValueError: a number is NaN, or lists and dicts are nested more than 64 deep.

    Example:
        >>> print(dump_yaml({'name': 'input_1', 'batch_input_shape': (None, 4)}), end='')
        batch_input_shape: [null, 4]
        name: input_1
    """
    import yaml

    # The style in which PyYAML wrote when Keras 1.2.2 was new.
    options = {"default_flow_style": None, "sort_keys": True, **options}
    return yaml.dump(plain_copy(config), Dumper=yaml.SafeDumper, **options)


def load_yaml(text: str | bytes, budget: Budget | None = None) -> Config:
    """Reads a config from YAML. Imports and calls nothing, and creates nothing but plain data.

    Keras 1.2.2 let PyYAML write Python tuples, NumPy numbers, and aliases of repeated values. They are read
    as lists, numbers and copies, so that the result equals that of `load_json`; any other tag is refused.
    Untagged words have the meaning that PyYAML gives them (`no` is False), except that times, dates, `=` and
    `<<` are strings.

    Args:
        text: str or UTF-8 bytes.
        budget: `Budget` of the file that holds the text; None if the text is all that there is.

    Returns:
        dict.

    Raises:
        TypeError: `text` is neither str nor bytes.
        ValueError: the text is not YAML or not a mapping; it has a tag for a Python object, an alias of
            something unfinished, a duplicate key or a NaN; or it is nested more than 64 deep. The message
            names the line.
        OverBudget: reading it would take more memory or steps than `budget` has left. As a rule, more than
            1.2 MB of text do; JSON of any size is read.

    Example:
        >>> load_yaml('pool_size: &id001 !!python/tuple [2, 2]\\nstrides: *id001')
        {'pool_size': [2, 2], 'strides': [2, 2]}
    """
    import yaml

    budget = budget or Budget("The config", len(text) if isinstance(text, str | bytes) else 0)
    text = checked_text(text, budget)
    separators = sum(text.count(character) for character in _SEPARATORS)
    try:
        budget.take_steps(_STEPS_PER_SEPARATOR * separators + len(text) // 2, "values")
        budget.take_memory(_BYTES_PER_SEPARATOR * separators + _BYTES_PER_CHARACTER * len(text), "values")
        node = _composer()(text, budget).get_single_node()
    except OverBudget as error:
        raise OverBudget(f"{error} JSON of any size is read: write the config with to_json().") from None
    except yaml.YAMLError as error:
        raise ValueError(f"The config is not valid YAML: {error}") from error
    return checked_config(None if node is None else _decode(node))


_TAG = "tag:yaml.org,2002:"
_APPLY = "python/object/apply:"


@functools.cache
def _composer() -> "Callable[[str, Budget], yaml.SafeLoader]":
    """Returns the class that turns YAML text into nodes, and charges nodes and aliases to a budget."""
    import yaml

    class Composer(yaml.SafeLoader):
        def __init__(self, text: str, budget: Budget) -> None:
            super().__init__(text)
            self.depth = 0
            self.budget = budget
            self.expansion = _Expansion(budget)

        def compose_node(self, parent: Any, index: Any) -> Any:
            event = self.peek_event()
            if isinstance(event, yaml.AliasEvent):
                self.expansion.check_alias(event, self.anchors.get(event.anchor))
                return super().compose_node(parent, index)
            deeper = isinstance(event, yaml.CollectionStartEvent)
            self.depth += deeper
            self.budget.take_steps(_STEPS_PER_NODE + self.depth // 4, "values")
            if self.depth > MAX_DEPTH:
                raise _error(event, f"is nested more than {MAX_DEPTH} lists and mappings deep")
            node = super().compose_node(parent, index)
            self.depth -= deeper
            self.expansion.add(node)
            return node

        def resolve(self, kind: Any, value: Any, implicit: Any) -> Any:
            tag = super().resolve(kind, value, implicit)
            is_plain = kind is yaml.ScalarNode and implicit[0]
            return _tag_of_plain_scalar(tag, value) if is_plain else tag

    return Composer


class _Expansion:
    """Charges the nodes that a text would have if each alias were replaced by its value."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._sizes: dict[int, int] = {}  # id of a finished node -> number of nodes in it

    def add(self, node: Any) -> None:
        """Records a finished node."""
        self._sizes[id(node)] = 1 + sum(self._sizes[id(child)] for child in _children(node))

    def check_alias(self, event: Any, node: Any) -> None:
        """Refuses an alias of a node that is unfinished, and charges the copy of any other."""
        if node is None:
            return  # PyYAML reports this
        if id(node) not in self._sizes:
            raise _error(event, f"has the alias *{event.anchor} inside the value that it refers to")
        size = self._sizes[id(node)]
        what = f"values, repeated by the alias *{event.anchor:.80} at line {event.start_mark.line + 1},"
        self._budget.take_steps(size, what)
        self._budget.take_memory(100 * size, what)


def _tag_of_plain_scalar(tag: str, value: str) -> str:
    """Returns the tag of a scalar without quotes; what YAML 1.1 takes for a time or date is a string."""
    # It reads 12:30:45 as 45045 and 2016-12-01 as a date. PyYAML never writes such scalars without quotes.
    is_text = tag.removeprefix(_TAG) in ("timestamp", "merge", "value") or ":" in value
    return _TAG + "str" if is_text else tag


def _children(node: Any) -> list[Any]:
    if node.id == "mapping":
        return [child for pair in node.value for child in pair]
    return node.value if node.id == "sequence" else []


def _error(node: Any, problem: str) -> ValueError:
    """Returns the error for a YAML node or event."""
    return ValueError(f"The config {problem}, at line {node.start_mark.line + 1}.")


def _decode(node: Any) -> Any:
    """Returns the plain data of a YAML node. Aliases are decoded again in each place: nothing is shared."""
    tag = node.tag.removeprefix(_TAG)
    decode = _DECODERS.get((node.id, tag))
    if decode is None:
        name = node.tag if tag == node.tag else f"!!{tag}"
        raise _error(node, f"has a {node.id} with the tag {name:.200}, which is not plain data")
    return decode(node)


def _decode_text(node: Any) -> str:
    return node.value


def _decode_bool(node: Any) -> bool:
    word = node.value.lower()
    if word not in ("yes", "true", "on", "no", "false", "off"):
        raise _error(node, f"has the malformed bool {node.value!r:.80}")
    return word in ("yes", "true", "on")


def _decode_int(node: Any) -> int:
    text = node.value.replace("_", "")
    if len(text) > MAX_DIGITS:
        raise _error(node, f"has the malformed int of {len(text)} digits (the limit is {MAX_DIGITS})")
    octal = re.fullmatch("[-+]?0[0-7]+", text)  # YAML 1.1 writes octal numbers without Python's "o"
    try:
        return int(text, 8 if octal else 0)
    except ValueError:
        raise _error(node, f"has the malformed int {node.value!r:.80}") from None


def _decode_float(node: Any) -> float:
    text = re.sub(r"\.(?=inf|nan)", "", node.value.replace("_", "").lower())
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if math.isnan(number):
        raise _error(node, f"has the float {node.value!r:.80}; wanted a number")
    return number


def _decode_sequence(node: Any) -> list[Any]:
    return [_decode(item) for item in node.value]


def _decode_mapping(node: Any) -> dict[Any, Any]:
    result = {}
    for key_node, value_node in node.value:
        if key_node.id != "scalar":
            raise _error(key_node, "has a list or mapping as a key")
        key = _decode(key_node)
        if isinstance(key, int) and abs(key) > _MAX_KEY:
            raise _error(key_node, f"has a number of {key.bit_length()} bits as a key; wanted a name")
        if key in result:
            raise _error(key_node, f"has the key {key!r:.80} twice in one mapping")
        result[key] = _decode(value_node)
    return result


# Type codes of NumPy scalars -> those of the module struct.
_STRUCT_CODES = {
    "b1": "?",
    "i1": "b",
    "i2": "h",
    "i4": "i",
    "i8": "q",
    "u1": "B",
    "u2": "H",
    "u4": "I",
    "u8": "Q",
    "f2": "e",
    "f4": "f",
    "f8": "d",
}


def _decode_numpy_scalar(node: Any) -> Any:
    """Decodes a NumPy number, which PyYAML writes as a call: scalar(dtype(args) with state, bytes)."""
    try:
        dtype, data = node.value
        if dtype.tag != _TAG + _APPLY + "numpy.dtype":
            raise ValueError(f"a dtype with the tag {dtype.tag:.200}")
        fields = {key.value: value for key, value in dtype.value}
        code = _STRUCT_CODES[_decode(fields["args"])[0]]
        order = {"<": "<", ">": ">", "|": "<"}[_decode(fields["state"])[1]]
        # Python 2 wrote bytes as text if they were valid text.
        raw = base64.b64decode(data.value) if data.tag == _TAG + "binary" else _decode(data).encode()
        (number,) = struct.unpack(order + code, raw)
    except (AttributeError, LookupError, TypeError, ValueError, struct.error) as error:
        raise _error(node, f"has a malformed NumPy number ({error!r})") from error
    if math.isnan(number):
        raise _error(node, "has a NaN; wanted a number")
    return number


# (kind of node, tag) -> function that decodes it; other nodes are refused.
_DECODERS: dict[tuple[str, str], Callable[[Any], Any]] = {
    ("scalar", "null"): lambda node: None,
    ("scalar", "bool"): _decode_bool,
    ("scalar", "int"): _decode_int,
    ("scalar", "float"): _decode_float,
    ("scalar", "str"): _decode_text,
    ("sequence", "seq"): _decode_sequence,
    ("mapping", "map"): _decode_mapping,
    ("sequence", "python/tuple"): _decode_sequence,
    ("sequence", _APPLY + "numpy.core.multiarray.scalar"): _decode_numpy_scalar,
    ("sequence", _APPLY + "numpy._core.multiarray.scalar"): _decode_numpy_scalar,  # NumPy 2
    # Keras 1.2.2 on Python 2 wrote text and long ints with these tags.
    ("scalar", "python/unicode"): _decode_text,
    ("scalar", "python/str"): _decode_text,
    ("scalar", "python/long"): _decode_int,
}
