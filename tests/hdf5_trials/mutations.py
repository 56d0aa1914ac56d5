"""Damaged HDF5 files that know the format: changes of exactly the bytes that the reader looks at.

A recording of one good reading tells where the structures of a file are and what they are called. A mutation
overwrites a field in one of them with a value that has a meaning there: the address of another structure, a
size that is one off, doubled or immense, or a turned bit. Checksums are not compared meanwhile: an attacker
would have computed them.
"""

import contextlib
import io
import tracemalloc

import numpy as np

from keras._base.budget import BASE_MEMORY, MEMORY_PER_BYTE
from keras._files.hdf5_reader import open_file
from keras._files.hdf5_reader.attributes import read_strings
from keras._files.hdf5_reader.datatypes import Text
from keras._files.hdf5_reader.source import Source

#: What a damaged file may raise.
DOCUMENTED = (ValueError, OSError, MemoryError)
_ODD_NUMBERS = [0, 1, 2, 3, 7, 8, 0x7F, 0x80, 0xFF, 0xFFFF, 2**31 - 1, 2**32 - 1, 2**60, 2**63, 2**64 - 1]


def read_everything(image):
    """Reads all names, attributes and arrays of a file.

    Args:
        image: bytes of the file.

    Returns:
        (list of arrays, list of strings, list of the documented errors of parts that cannot be read).
    """
    arrays, strings, errors = [], [], []
    root = open_file(io.BytesIO(image), "image")
    _read_group(root, arrays, strings, errors, set())
    return arrays, strings, errors


def _read_group(group, arrays, strings, errors, seen):
    _read_attributes(group._objects, group._object, strings, errors)
    for name in group._object.links:
        strings.append(name)
        with _noting(errors):
            target = group._object.links[name]
            if target in seen:  # groups may link to each other
                continue
            seen.add(target)
            if group._objects.at(target).kind == "Group" and target is not None:
                _read_group(group.group(name), arrays, strings, errors, seen)
            else:
                arrays.append(group.array(name).read())


def _read_attributes(objects, item, strings, errors):
    with _noting(errors):
        for attribute in item.attributes.values():
            strings.append(attribute.name)
            if isinstance(attribute.datatype, Text):
                strings += read_strings(objects.source, objects.heap, attribute)


@contextlib.contextmanager
def _noting(errors):
    """Goes on after a documented error, as a program that tries one part after the other."""
    try:
        yield
    except DOCUMENTED as error:
        errors.append(error)


@contextlib.contextmanager
def _replacing(name, function):
    original = getattr(Source, name)
    setattr(Source, name, function)
    try:
        yield original
    finally:
        setattr(Source, name, original)


def structures(image):
    """Returns the list of (position, length) of all structures that the reader looks at, numbers excepted."""
    found, original = [(0, 96)], Source.read

    def recording(self, address, length, what):
        if what != "a chunk":
            found.append((self.base + (address or 0), length))
        return original(self, address, length, what)

    with _replacing("read", recording):
        read_everything(image)
    return sorted({(position, length) for position, length in found if length})


def mutated(image, places, random):
    """Returns a copy of a file with one to three changes.

    Args:
        image: bytes of a good file.
        places: list of `structures`.
        random: NumPy generator.
    """
    data = bytearray(image)
    for _ in range(random.integers(1, 4)):
        start, length = places[random.integers(len(places))]
        position = start + int(random.integers(length))
        kind = random.random()
        if kind < 0.3:
            data[position] ^= 1 << int(random.integers(8))
            continue
        size = int(random.choice([1, 2, 4, 8]))
        old = int.from_bytes(data[position : position + size], "little")
        if kind < 0.5:
            new = _ODD_NUMBERS[random.integers(len(_ODD_NUMBERS))]
        elif kind < 0.75:
            new = places[random.integers(len(places))][0]  # without a user block this is an address
        else:
            new = [old + 1, old - 1, 2 * old, old // 2, old + 8][random.integers(5)]
        data[position : position + size] = (new % 256**size).to_bytes(size, "little")
    return bytes(data)


def mutations(image, count, seed):
    """Returns a list of `mutated` files that depends on the seed."""
    random, places = np.random.default_rng(seed), structures(image)
    return [mutated(image, places, random) for _ in range(count)]


def checksums_ignored():
    """A context in which files are read as if all their checksums were right."""
    return _replacing("check_sum", lambda self, data, stored, what: None)


def try_mutations(image, count, seed):
    """Reads mutations of a file.

    Returns:
        (how many were read without an error, list of str, one for each undocumented error and each reading
        that took more than the law allows).
    """
    unharmed, problems = 0, []
    allowed = BASE_MEMORY + (MEMORY_PER_BYTE + 1) * len(image)
    for number, changed in enumerate(mutations(image, count, seed)):
        tracemalloc.start()
        try:
            with checksums_ignored():
                _, _, errors = read_everything(changed)
            unharmed += not errors
        except DOCUMENTED:
            pass
        except Exception as error:
            problems.append(f"seed {seed}, mutation {number}: {error!r}")
        if (peak := tracemalloc.get_traced_memory()[1]) > allowed:
            problems.append(f"seed {seed}, mutation {number}: took {peak:,} bytes")
        tracemalloc.stop()
    return unharmed, problems
