"""Configs as text: JSON and YAML, as `to_json`, `to_yaml` and model files carry them.

A config is plain data: None, bools, numbers, strings, and lists and dicts of them. Reading makes
nothing else, whatever the text asks for, and refuses text that would cost far more than its size.

This module imports nothing of keras; PyYAML is imported when it is first needed.
"""

import base64
import functools
import json
import math
import re
import struct

import numpy as np

MAX_JSON_CHARACTERS = 64 * 2**20
MAX_YAML_CHARACTERS = 8 * 2**20  # some 20,000 layers; PyYAML reads about 1 MB a second
MAX_DEPTH = 64
MAX_CONTAINERS = 2_000_000  # a layer has about ten lists and dicts
MAX_ALIASES = 100_000
MAX_ALIASED_NODES = 64  # a tuple of three NumPy ints is 58


def dump_json(config, **options):
    """Writes a config as JSON.

    Args:
        config: dict. Tuples and arrays become lists, NumPy scalars become numbers.
        **options: passed to `json.dumps`, such as `indent` and `sort_keys`.

    Returns:
        str, which Keras 1.2.2 reads too.

    Raises:
        TypeError: something in the config is no plain data; the message says where it is.
        ValueError: a number is NaN, or lists and dicts are nested more than 64 deep.

    Example:
        >>> dump_json({'name': 'input_1', 'batch_input_shape': (None, np.int64(4))})
        '{"name": "input_1", "batch_input_shape": [null, 4]}'
    """
    return json.dumps(_plain(config, "config"), **options)


def load_json(text):
    """Reads a config from JSON.

    Args:
        text: str or UTF-8 bytes, at most 64 MiB.

    Returns:
        dict.

    Raises:
        TypeError: `text` is no text.
        ValueError: the text is not JSON (the message names line and column), is not an object,
            has a key twice or a NaN, or is nested more than 64 deep.

    Example:
        >>> load_json('{"name": "dense_1", "bias": true}')
        {'name': 'dense_1', 'bias': True}
    """
    text = _checked_text(text, MAX_JSON_CHARACTERS)
    _check_nesting(text)
    try:
        config = json.loads(text, object_pairs_hook=_unique, parse_constant=_json_constant)
    except json.JSONDecodeError as error:
        raise ValueError(f"The config is not valid JSON: {error}.") from error
    return _checked_config(config)


def dump_yaml(config, **options):
    """Writes a config as YAML without tags and aliases.

    Args:
        config: dict. Tuples and arrays become lists, NumPy scalars become numbers.
        **options: passed to `yaml.dump`, such as `default_flow_style`.

    Returns:
        str, which Keras 1.2.2 and any other YAML reader read too.

    Raises:
        TypeError: something in the config is no plain data; the message says where it is.
        ValueError: a number is NaN, or lists and dicts are nested more than 64 deep.

    Example:
        >>> print(dump_yaml({'name': 'input_1', 'batch_input_shape': (None, 4)}), end='')
        batch_input_shape: [null, 4]
        name: input_1
    """
    import yaml

    # The style in which PyYAML wrote when Keras 1.2.2 was new.
    options = {"default_flow_style": None, "sort_keys": True, **options}
    return yaml.dump(_plain(config, "config"), Dumper=yaml.SafeDumper, **options)


def load_yaml(text):
    """Reads a config from YAML; nothing is imported, called or made but plain data.

    Keras 1.2.2 let PyYAML write Python tuples, NumPy numbers and aliases of what is there twice.
    These are read as lists and numbers, so the result equals that of `load_json`; any other tag is
    refused. Untagged words mean what they mean to PyYAML (`no` is False), except that times, dates,
    `=` and `<<` are strings.

    Args:
        text: str or UTF-8 bytes, at most 8 MiB.

    Returns:
        dict.

    Raises:
        TypeError: `text` is no text.
        ValueError: the text is not YAML or not a mapping; it has a tag that stands for an object of
            Python, an alias of something large or unfinished, a key twice or a NaN; or it is nested
            more than 64 deep. The message names the line.

    Example:
        >>> load_yaml('pool_size: &id001 !!python/tuple [2, 2]\\nstrides: *id001')
        {'pool_size': [2, 2], 'strides': [2, 2]}
    """
    import yaml

    text = _checked_text(text, MAX_YAML_CHARACTERS)
    try:
        node = _yaml_composer()(text).get_single_node()
    except yaml.YAMLError as error:
        raise ValueError(f"The config is not valid YAML: {error}") from error
    return _checked_config(None if node is None else _decode(node))


# What a config may be


def _plain(value, path, depth=0):
    """Copies `value` as plain data; `path` says where it stands in the config."""
    if isinstance(value, (np.generic, np.ndarray)):
        value = value.tolist()
    if value is None or isinstance(value, bool):
        return value
    for kind in (str, int, float):
        if isinstance(value, kind):
            if value != value:
                raise ValueError(f"{path} is NaN, which means nothing in a config.")
            return kind(value)  # also from a subclass, which PyYAML would refuse
    if not isinstance(value, (list, tuple, dict)):
        raise TypeError(
            f"{path} is a {type(value).__name__} ({value!r:.80}), which cannot be written to a "
            "file; wanted None, bool, int, float, str, list, tuple, dict or a NumPy array. "
            "Put a name in its place that custom_objects knows."
        )
    if depth == MAX_DEPTH:
        raise ValueError(f"{path:.200} is nested more than {MAX_DEPTH} lists and dicts deep.")
    if isinstance(value, dict):
        return {
            _plain_key(key, path): _plain(item, f"{path}[{key!r}]", depth + 1) for key, item in value.items()
        }
    return [_plain(item, f"{path}[{i}]", depth + 1) for i, item in enumerate(value)]


def _plain_key(key, path):
    if isinstance(key, (tuple, list, dict)):
        raise TypeError(f"{path} has the key {key!r:.80}; wanted a str, number or None.")
    return _plain(key, f"a key of {path}")


def _checked_text(text, limit):
    if not isinstance(text, (str, bytes)):
        raise TypeError(
            f"Wanted the text of a config, a str; got a {type(text).__name__}. For a dict, use from_config."
        )
    if len(text) > limit:
        raise ValueError(f"The config has {len(text)} characters; {limit} is the most that is read.")
    try:
        return text.decode("utf-8") if isinstance(text, bytes) else text
    except UnicodeDecodeError as error:
        raise ValueError(f"The config is not UTF-8 text: {error}.") from error


def _checked_config(config):
    if not isinstance(config, dict):
        raise ValueError(
            f"The config is a {type(config).__name__}; wanted an object (a dict), as to_json and "
            "to_yaml write it."
        )
    return config


def _unique(pairs):
    """The dict of `pairs`; two equal keys would let two readers see two configs."""
    result = dict(pairs)
    if len(result) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"The config has the key {twice!r:.80} twice in one object.")
    return result


# JSON

# Each match ends in a bracket that is not inside a string, or at the end of the text. Wherever it
# begins it succeeds without backtracking, so a search takes time in proportion to the text.
_BRACKET = re.compile(r'(?:[^"\[\]{}]++|"(?:[^"\\]++|\\.)*+"?)*+([\[\]{}]|\Z)', re.DOTALL)


def _check_nesting(text):
    """Refuses what would overflow the stack or the memory of the parser."""
    if text.count("[") + text.count("{") > MAX_CONTAINERS:
        raise ValueError(f"The config has more than {MAX_CONTAINERS} lists and objects.")
    depth = 0
    for match in _BRACKET.finditer(text):
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(match[1], 0)
        if depth > MAX_DEPTH:
            line = text.count("\n", 0, match.end()) + 1
            raise ValueError(
                f"The config is nested more than {MAX_DEPTH} lists and objects deep, at line {line}, "
                f"character {match.end() - 1}."
            )


def _json_constant(name):
    # Python writes and reads these three words, JSON itself has none of them.
    if name == "NaN":
        raise ValueError("The config has a NaN; wanted a number.")
    return float(name)


# YAML

_TAG = "tag:yaml.org,2002:"
_APPLY = "python/object/apply:"


@functools.cache
def _yaml_composer():
    """Makes the class that turns YAML text into nodes, with bounded nesting and aliases."""
    import yaml

    class Composer(yaml.SafeLoader):
        def __init__(self, text):
            super().__init__(text)
            self.depth = 0
            self.aliases = 0
            self.sizes = {}  # id of a finished node -> how many nodes it unfolds to

        def compose_node(self, parent, index):
            event = self.peek_event()
            if isinstance(event, yaml.AliasEvent):
                self._check_alias(event)
                return super().compose_node(parent, index)
            deeper = isinstance(event, yaml.CollectionStartEvent)
            self.depth += deeper
            if self.depth > MAX_DEPTH:
                raise _bad(event, f"is nested more than {MAX_DEPTH} lists and mappings deep")
            node = super().compose_node(parent, index)
            self.depth -= deeper
            self.sizes[id(node)] = 1 + sum(self.sizes[id(child)] for child in _children(node))
            return node

        def _check_alias(self, event):
            node = self.anchors.get(event.anchor)
            if node is None:
                return  # PyYAML has a message for that
            self.aliases += 1
            if id(node) not in self.sizes:
                raise _bad(event, f"has the alias *{event.anchor} inside what it stands for")
            if self.sizes[id(node)] > MAX_ALIASED_NODES:
                raise _bad(event, f"repeats something large by the alias *{event.anchor}")
            if self.aliases > MAX_ALIASES:
                raise _bad(event, f"has more than {MAX_ALIASES} aliases")

        def resolve(self, kind, value, implicit):
            tag = super().resolve(kind, value, implicit)
            if kind is not yaml.ScalarNode or not implicit[0]:
                return tag
            # YAML 1.1 reads 12:30:45 as 45045, and 2016-12-01 as a date. PyYAML writes neither so.
            odd = tag.removeprefix(_TAG) in ("timestamp", "merge", "value") or ":" in value
            return _TAG + "str" if odd else tag

    return Composer


def _children(node):
    if node.id == "mapping":
        return [child for pair in node.value for child in pair]
    return node.value if node.id == "sequence" else []


def _bad(node, problem):
    """The error for a YAML node or event."""
    return ValueError(f"The config {problem}, at line {node.start_mark.line + 1}.")


def _decode(node):
    """The plain data of a YAML node. An alias is decoded where it stands, so nothing is shared."""
    tag = node.tag.removeprefix(_TAG)
    decode = _DECODERS.get((node.id, tag))
    if decode is None:
        name = node.tag if tag == node.tag else f"!!{tag}"
        raise _bad(node, f"has a {node.id} with the tag {name:.200}, which is not plain data")
    return decode(node)


def _decode_text(node):
    return node.value


def _decode_bool(node):
    word = node.value.lower()
    if word not in ("yes", "true", "on", "no", "false", "off"):
        raise _bad(node, f"has the malformed bool {node.value!r:.80}")
    return word in ("yes", "true", "on")


def _decode_int(node):
    text = node.value.replace("_", "")
    octal = re.fullmatch("[-+]?0[0-7]+", text)  # so YAML 1.1 writes it, and Python does not
    try:
        return int(text, 8 if octal else 0)
    except ValueError:
        raise _bad(node, f"has the malformed int {node.value!r:.80}") from None


def _decode_float(node):
    text = re.sub(r"\.(?=inf|nan)", "", node.value.replace("_", "").lower())
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if math.isnan(number):
        raise _bad(node, f"has the float {node.value!r:.80}; wanted a number")
    return number


def _decode_sequence(node):
    return [_decode(item) for item in node.value]


def _decode_mapping(node):
    result = {}
    for key_node, value_node in node.value:
        if key_node.id != "scalar":
            raise _bad(key_node, "has a list or mapping as a key")
        key = _decode(key_node)
        if key in result:
            raise _bad(key_node, f"has the key {key!r:.80} twice in one mapping")
        result[key] = _decode(value_node)
    return result


# The type codes of NumPy scalars and those of the module struct.
_STRUCT_CODES = dict(
    b1="?", i1="b", i2="h", i4="i", i8="q", u1="B", u2="H", u4="I", u8="Q", f2="e", f4="f", f8="d"
)


def _decode_numpy_scalar(node):
    """A NumPy number, written by PyYAML as a call: scalar(dtype(args) with state, bytes)."""
    try:
        dtype, data = node.value
        if dtype.tag != _TAG + _APPLY + "numpy.dtype":
            raise ValueError(f"a dtype with the tag {dtype.tag:.200}")
        fields = {key.value: value for key, value in dtype.value}
        code = _STRUCT_CODES[_decode(fields["args"])[0]]
        order = {"<": "<", ">": ">", "|": "<"}[_decode(fields["state"])[1]]
        if data.tag == _TAG + "binary":
            raw = base64.b64decode(data.value)
        else:  # Python 2 wrote bytes that happen to be text as text
            raw = _decode(data).encode()
        (number,) = struct.unpack(order + code, raw)
    except (AttributeError, LookupError, TypeError, ValueError, struct.error) as error:
        raise _bad(node, f"has a malformed NumPy number ({error!r})") from error
    if math.isnan(number):
        raise _bad(node, "has a NaN; wanted a number")
    return number


# (kind of node, tag) -> function that makes its data; what is not here is refused.
_DECODERS = {
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
    # Keras 1.2.2 on Python 2 wrote its text and long ints so.
    ("scalar", "python/unicode"): _decode_text,
    ("scalar", "python/str"): _decode_text,
    ("scalar", "python/long"): _decode_int,
}
