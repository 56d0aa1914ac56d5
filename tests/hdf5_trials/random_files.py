"""HDF5 files that h5py writes with random options, and a comparison of what two readers find in them."""

import h5py
import numpy as np

from keras._files.hdf5_reader import open_file
from keras._files.hdf5_reader.attributes import read_strings
from keras._files.hdf5_reader.datatypes import Text

LIBRARY_VERSIONS = ["earliest", "v108", "v110", "v112", "v114", "latest"]
DTYPES = "? i1 u1 <i2 >i2 <u2 <i4 >i4 <u4 <i8 >i8 <u8 >u8 <f2 >f2 <f4 >f4 <f8 >f8".split()


def write(path, seed):
    """Writes a file; everything about it follows from the seed."""
    random = np.random.default_rng(seed)
    options = {
        "libver": LIBRARY_VERSIONS[random.integers(len(LIBRARY_VERSIONS))],
        "track_order": bool(random.integers(2)),
        "userblock_size": int(random.choice([0, 512, 1024, 4096])),
    }
    with h5py.File(path, "w", **options) as file:
        _fill_group(file, random, depth=0)
    return options


def _fill_group(group, random, depth):
    _write_attributes(group, random)
    # More than eight links move to a heap. Groups with many have no groups inside: else there are thousands.
    count = random.choice([0, 1, 4, 40]) if depth else 6
    for i in range(count):
        name = _name(random, i)
        if random.random() < 0.35 and depth < 3 and count < 40:
            _fill_group(group.create_group(name, track_order=bool(random.integers(2))), random, depth + 1)
        else:
            _write_dataset(group, name, random)


def _name(random, i):
    return f"{i}" + random.choice(["", "x" * 40, "é" * 100, "a b", "n" * 3_000, ":0"])


def _write_attributes(item, random):
    for i in range(random.choice([0, 0, 0, 1, 3, 12, 60])):
        value = [
            "text",
            "texte accentué",
            b"bytes",
            np.array([b"one", b"three"]),
            np.array(["x", "longer", ""], dtype=h5py.string_dtype()),
            np.array([b"four", b"5"], dtype=h5py.string_dtype("utf-8", 6)),
            np.float32(1.5),
            np.arange(6).reshape(2, 3),
            True,
            np.array([True, False]),
            np.zeros(0),
            h5py.Empty("f4"),
            h5py.Empty(h5py.string_dtype()),
            np.array([b"n" * 50] * 1_000),
            "long " * 3_000,
        ][random.integers(15)]
        item.attrs[_name(random, i)[:2_000]] = value
    if random.random() < 0.2 and _holds_large_attributes(item):
        item.attrs["large"] = np.array([b"n" * 200] * 1_000)


def _holds_large_attributes(item):
    low, _ = item.file.libver
    return low != "earliest"  # others move them out of the header


def _write_dataset(group, name, random):
    dtype = np.dtype(str(random.choice(DTYPES)))
    shape = tuple(int(n) for n in random.choice([1, 2, 5, 17, 60], size=random.integers(0, 4)))
    if random.random() < 0.1 and shape:
        shape = (0, *shape[1:])
    options = {}
    if shape and 0 not in shape and random.random() < 0.7:
        _choose_chunks(options, shape, random)
    if random.random() < 0.4:
        options["fillvalue"] = dtype.type(1) if dtype.kind == "b" else dtype.type(3)
    created = group.create_dataset(
        name,
        shape,
        dtype,
        track_order=bool(random.integers(2)),
        track_times=bool(random.integers(2)),
        **options,
    )
    values = random.integers(0, 2 if dtype.kind == "b" else 100, shape).astype(dtype)
    if random.random() < 0.8:
        created[...] = values
    elif shape and 0 not in shape:
        created[: shape[0] // 2] = values[: shape[0] // 2]
    if "maxshape" in options and random.random() < 0.3:
        created.resize((shape[0] + 3, *shape[1:]))
        created[-1] = 1
    elif "maxshape" in options and random.random() < 0.3:
        created.resize(tuple(max(n // 2, 1) for n in shape))
    if random.random() < 0.3:
        _write_attributes(created, random)


def _choose_chunks(options, shape, random):
    options["chunks"] = (
        tuple(int(random.integers(1, n + 1)) for n in shape) if random.random() < 0.7 else True
    )
    if (
        np.prod(
            [-(-n // c) for n, c in zip(shape, options["chunks"] if options["chunks"] is not True else shape)]
        )
        > 500
    ):
        options["chunks"] = shape  # else writing takes long
    options |= [{}, {"compression": "gzip"}, {"compression": "lzf"}][random.integers(3)]
    options["shuffle"], options["fletcher32"] = bool(random.integers(2)), bool(random.integers(2))
    growing = random.random()
    if growing < 0.2:
        options["maxshape"] = (None, *shape[1:])
    elif growing < 0.3:
        options["maxshape"] = (None,) * len(shape)
    elif growing < 0.4:
        options["maxshape"] = (shape[0] + 5, *(n + 2 for n in shape[1:]))
    elif growing < 0.5 and len(shape) > 1:
        options["maxshape"] = (shape[0] + 3, *shape[1:-1], None)


def assert_same_contents(path):
    """Compares all names, attributes and arrays that the reader finds with those of h5py.

    Returns:
        The number of arrays.
    """
    with open(path, "rb") as handle, h5py.File(path) as file:
        return _compare_groups(open_file(handle, str(path)), file)


def _compare_groups(ours, group):
    assert sorted(ours._object.links) == sorted(group), group.name
    _compare_attributes(ours._objects, ours._object.attributes, group)
    count = 0
    for name, item in group.items():
        if isinstance(item, h5py.Group):
            count += _compare_groups(ours.group(name), item)
            continue
        _compare_attributes(ours._objects, ours._dataset(name).attributes, item)
        array, expected = ours.array(name), item[()]
        found = array.read()
        assert array.shape == item.shape and array.dtype == found.dtype == item.dtype.newbyteorder("=")
        assert np.array_equal(found, expected), item.name
        assert array.stored_bytes == item.id.get_storage_size()
        count += 1
    return count


def _compare_attributes(objects, ours, item):
    assert sorted(ours) == sorted(item.attrs), item.name
    for name, attribute in ours.items():
        expected = item.attrs[name]
        if isinstance(expected, h5py.Empty):
            assert attribute.space.shape is None
        elif isinstance(attribute.datatype, Text):
            texts = read_strings(objects.source, objects.heap, attribute)
            wanted = np.atleast_1d(expected).tolist()
            assert texts == [text.decode() if isinstance(text, bytes) else text for text in wanted]
            assert attribute.space.shape == np.shape(expected)
        else:
            found = np.frombuffer(attribute.data, attribute.datatype.dtype).reshape(attribute.space.shape)
            assert np.array_equal(found, expected)
