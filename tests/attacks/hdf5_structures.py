"""HDF5 attacks below the level of h5py: chunks, filters, heaps, trees and headers that lie.

The first family writes chunks of wrong sizes through h5py's direct access. The others overwrite fields of a
good file; where a structure has a checksum, it is made right again, as an attacker would do.
"""

import io
import json
import zlib

import h5py
import numpy as np
from hdf5_trials.mutations import read_everything

from attacks.configs import SMALL
from attacks.corpus import Case
from keras._files import hdf5_format
from keras._files.hdf5_reader import open_file
from keras._files.hdf5_reader.checksums import lookup3
from keras._files.hdf5_reader.headers import Kind, read_messages
from keras._files.hdf5_reader.source import Source

_ARRAY = "model_weights/dense/W"
_MANY = [(f"layer_{i}_with_a_long_name", []) for i in range(30)]


def _image(libver="earliest", change=None, rows=4, layers=()):
    """Returns the bytes of a model file whose kernel has some rows, after `change(file)`."""
    config = json.loads(json.dumps(SMALL).replace("[null, 4]", f"[null, {rows}]"))
    weights = [("W", np.ones((rows, 3), "f4")), ("b", np.ones(3, "f4"))]
    with h5py.File("image", "w", driver="core", backing_store=False, libver=libver) as file:
        hdf5_format.write_model_parts(file, config, [("x", []), ("dense", weights), *layers])
        if change:
            change(file)
        file.flush()
        return file.id.get_file_image()


def cases():
    yield from _chunks()
    yield from _strings()
    for case in (*_old_fields(), *_new_fields(), *_dataset_fields()):
        yield Case(case[0], "hdf5 structures", "model", case[1])


# --- chunks ---------------------------------------------------------------------------------------

_GZIP, _LZF = {"compression": "gzip"}, {"compression": "lzf"}
_SHUFFLE, _FLETCHER = {"shuffle": True}, {"fletcher32": True}


def _chunks():
    size = 1_000 * 3 * 4
    full, short = np.ones(size, "u1").tobytes(), bytes(range(100))
    filters = {
        "gzip_left_out": (_GZIP, short, 1),
        "gzip_of_less": (_GZIP, zlib.compress(short), 0),
        "gzip_of_nothing": (_GZIP, zlib.compress(b""), 0),
        "gzip_of_one_byte_less": (_GZIP, zlib.compress(full[:-1]), 0),
        "gzip_of_one_byte_more": (_GZIP, zlib.compress(full + b"x"), 0),
        "gzip_of_a_gigabyte": (_GZIP, _zeros(2**30), 0),
        "gzip_without_end": (_GZIP, zlib.compress(np.random.default_rng(0).bytes(size))[:-20], 0),
        "gzip_of_noise": (_GZIP, short, 0),
        "gzip_and_shuffle_left_out": (_GZIP | _SHUFFLE, short, 3),
        "shuffle_of_less": (_SHUFFLE, short, 0),
        "shuffle_of_no_whole_number": (_SHUFFLE, full[:-1], 0),
        "shuffle_left_out": (_SHUFFLE, short, 1),
        "gzip_and_shuffle_of_less": (_GZIP | _SHUFFLE, zlib.compress(short), 0),
        "checksum_alone": (_FLETCHER, short[:4], 0),
        "half_a_checksum": (_FLETCHER, short[:2], 0),
        "checksum_of_less": (_FLETCHER, bytes(100), 0),
        "checksum_that_is_wrong": (_FLETCHER, full + b"abcd", 0),
        "checksum_left_out": (_FLETCHER, short, 1),
        "lzf_of_less": (_LZF, b"\x04hello", 0),
        "lzf_of_more": (_LZF, b"\x00x" + b"\xe0\xff\x00" * 5_000, 0),
        "lzf_from_before_the_beginning": (_LZF, b"\x00x\xe0\xff\x20", 0),
        "lzf_that_ends_early": (_LZF, b"\x1fx", 0),
        "lzf_left_out": (_LZF, short, 1),
        "lzf_and_shuffle_left_out": (_LZF | _SHUFFLE, short, 3),
        "everything_left_out": (_GZIP | _SHUFFLE | _FLETCHER, short, 7),
        "mask_of_more_filters_than_there_are": (_GZIP, short, 0xFFFFFFFF),
    }
    for name, (options, data, mask) in filters.items():
        yield Case(name, "hdf5 chunks", "model", _image(change=_direct(options, data, mask), rows=1_000))
    # With HDF5 this one ends the process.
    large = _image(change=_direct(_GZIP, short, 1, rows=2**18), rows=2**18)
    yield Case("gzip_left_out_of_3_MB", "hdf5 chunks", "model", large)
    yield Case("gzip_twice", "bombs", "model", _image(change=_gzip_twice))
    yield Case("chunk_larger_than_its_array", "bombs", "model", _image(change=_huge_chunk))


def _direct(options, data, mask, rows=1_000):
    def change(file):
        del file[_ARRAY]
        made = file.create_dataset(_ARRAY, (rows, 3), "f4", chunks=(rows, 3), **options)
        made.id.write_direct_chunk((0, 0), data, filter_mask=mask)

    return change


def _zeros(size):
    packer = zlib.compressobj(9)
    packed = [packer.compress(bytes(2**20)) for _ in range(size >> 20)]
    return b"".join([*packed, packer.flush()])


def _gzip_twice(file):
    del file[_ARRAY]
    creation = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    creation.set_chunk((4, 3))
    creation.set_deflate(9)
    creation.set_filter(h5py.h5z.FILTER_DEFLATE, h5py.h5z.FLAG_MANDATORY, (9,))
    made = h5py.h5d.create(
        file.id, _ARRAY.encode(), h5py.h5t.IEEE_F32LE, h5py.h5s.create_simple((4, 3)), creation
    )
    made.write_direct_chunk((0, 0), zlib.compress(_zeros(2**31), 9))


def _huge_chunk(file):
    del file[_ARRAY]
    made = file.create_dataset(
        _ARRAY, (4, 3), "f4", chunks=(2**24, 3), maxshape=(None, 3), compression="gzip"
    )
    made.id.write_direct_chunk((0, 0), _zeros(2**24 * 12))


# --- strings of any length ------------------------------------------------------------------------


def _strings():
    yield Case("a_string_thousands_of_times", "bombs", "model", _many_references())
    for name, (offset, value, size) in {
        "collection_of_an_exbibyte": (8, 2**60, 8),
        "object_of_an_exbibyte": (24, 2**60, 8),
        "object_of_another_number": (16, 77, 2),
        "collection_of_no_bytes": (8, 0, 8),
    }.items():
        image = _image(change=_names_in_a_heap)
        start = image.index(b"GCOL")
        yield Case(name, "hdf5 structures", "model", _patched(image, start + offset, value, size))
    image = _image(change=_names_in_a_heap)
    data = _attribute(image, "model_weights/dense", "weight_names").data
    for name, (offset, value) in {
        "string_longer_than_its_object": (0, 2**31),
        "string_elsewhere": (4, 2**40),
    }.items():
        position = image.index(data) + offset
        yield Case(name, "hdf5 structures", "model", _patched(image, position, value, 4 if not offset else 8))


def _names_in_a_heap(file):
    group = file["model_weights/dense"]
    group.attrs["weight_names"] = np.array(["W", "b"], dtype=h5py.string_dtype())


def _many_references():
    """A file of a megabyte: 3,900 names, all of which are one string of 900 kB."""

    def change(file):
        group = file["model_weights/dense"]
        text = h5py.string_dtype()
        group.attrs["weight_names"] = np.array([f"w{i}" for i in range(3_900)], dtype=text)
        group.attrs["long"] = np.array(["n" * 900_000], dtype=text)

    image = _image(change=change)
    names = _attribute(image, "model_weights/dense", "weight_names").data
    long = _attribute(image, "model_weights/dense", "long").data
    return image.replace(names, long * 3_900)


# --- fields of structures -------------------------------------------------------------------------


def _old_fields():
    """Yields (name, bytes): superblock 0, symbol tables, local heaps, headers of version 1."""
    image = _image(layers=_MANY)
    tree, node, heap = (image.index(name) for name in (b"TREE", b"SNOD", b"HEAP"))
    deep = _image(layers=[(f"layer_{i}", []) for i in range(400)])
    upper = next(i for i in _all(deep, b"TREE") if deep[i + 5] == 1)  # above the leaves
    header = _object(image, _ARRAY).address
    fields = {
        "superblock_ends_later": (image, 40, 2**40, 8),
        "root_behind_the_end": (image, 64, 2**60, 8),
        "root_is_the_superblock": (image, 64, 0, 8),
        "addresses_of_16_bytes": (image, 13, 16, 1),
        "tree_of_255_levels": (image, tree + 5, 255, 1),
        "tree_of_65535_entries": (image, tree + 6, 65_535, 2),
        "tree_of_chunks": (image, tree + 4, 1, 1),
        "tree_to_nowhere": (image, tree + 32, 2**60, 8),
        "tree_without_address": (image, tree + 32, 2**64 - 1, 8),
        "tree_that_contains_itself": (deep, upper + 32, upper, 8),
        "tree_whose_branches_meet": (
            deep,
            upper + 48,
            int.from_bytes(deep[upper + 32 : upper + 40], "little"),
            8,
        ),
        "node_of_65535_links": (image, node + 6, 65_535, 2),
        "name_behind_its_heap": (image, node + 8, 2**60, 8),
        "link_to_nowhere": (image, node + 16, 2**60, 8),
        "link_to_a_node": (image, node + 16, node, 8),
        "link_to_the_superblock": (image, node + 16, 0, 8),
        "heap_of_an_exbibyte": (image, heap + 8, 2**60, 8),
        "heap_without_names": (image, heap + 8, 1, 8),
        "heap_elsewhere": (image, heap + 24, 2**60, 8),
        "header_of_4_GB": (image, header + 8, 2**32 - 1, 4),
        "message_of_64_kB": (image, header + 18, 65_535, 2),
        "header_of_version_9": (image, header, 9, 1),
    }
    for name, (source, position, value, size) in fields.items():
        yield name, _patched(source, position, value, size)
    # The first message becomes a continuation in the block that it is in.
    loop = (0x10).to_bytes(2, "little") + (16).to_bytes(2, "little") + bytes(4)
    loop += (header + 16).to_bytes(8, "little") + (200).to_bytes(8, "little")
    yield "header_that_continues_itself", image[: header + 16] + loop + image[header + 16 + len(loop) :]


def _new_fields():
    """Yields (name, bytes): headers, heaps and trees with checksums, which are right."""

    def many(file):
        for i in range(30):
            file.attrs[f"attribute_{i}"] = np.zeros(2_000)

    image = _image("latest", change=many, layers=_MANY)
    header = _object(image, _ARRAY).address
    heap, tree, leaf, block = (image.index(name) for name in (b"FRHP", b"BTHD", b"BTLF", b"FHDB"))
    fields = {
        "new_header_of_255_bytes": (header + 6, 255, 1),
        "new_message_of_64_kB": (header + 8, 65_535, 2),
        "heap_ids_of_64_kB": (heap + 5, 65_535, 2),
        "heap_of_no_columns": (heap + 110, 0, 2),
        "heap_of_65535_columns": (heap + 110, 65_535, 2),
        "heap_blocks_of_no_bytes": (heap + 112, 0, 8),
        "heap_blocks_of_an_exbibyte": (heap + 112, 2**60, 8),
        "heap_offsets_of_65535_bits": (heap + 128, 65_535, 2),
        "heap_without_root": (heap + 132, 2**64 - 1, 8),
        "heap_whose_root_is_itself": (heap + 132, heap, 8),
        "heap_of_65535_rows": (heap + 140, 65_535, 2),
        "block_of_another_heap": (block + 5, 8, 8),
        "new_tree_of_65535_levels": (tree + 12, 65_535, 2),
        "new_tree_of_one_level": (tree + 12, 1, 2),
        "new_tree_of_empty_records": (tree + 10, 0, 2),
        "new_tree_of_4_GB_nodes": (tree + 6, 2**32 - 1, 4),
        "new_tree_of_65535_records": (tree + 24, 65_535, 2),
        "new_tree_whose_root_is_itself": (tree + 16, tree, 8),
        "leaf_of_another_kind": (leaf + 5, 11, 1),
        "ids_behind_the_heap": (leaf + 10, 2**48 - 1, 7),
    }
    checked = _checked_blocks(image)
    for name, (position, value, size) in fields.items():
        yield name, _with_checksums(_patched(image, position, value, size), checked)


def _dataset_fields():
    """Yields (name, bytes): shape, type and place of the numbers of an array."""
    image = _image()
    messages = {message.kind: message.data for message in _messages(image, _ARRAY)}
    header = _object(image, _ARRAY).address
    place = {kind: image.index(data, header) for kind, data in messages.items()}
    shape, kind, layout = place[Kind.DATASPACE], place[Kind.DATATYPE], place[Kind.LAYOUT]
    fields = {
        "rank_of_255": (shape + 1, 255, 1),
        "shape_of_2_to_the_62": (shape + 8, 2**62, 8),
        "shape_that_overflows": (shape + 8, 2**63, 8),
        "shape_twice_as_large": (shape + 8, 8, 8),
        "numbers_of_2_GB": (kind + 4, 2**31, 4),
        "numbers_of_no_bytes": (kind + 4, 0, 4),
        "compound_numbers": (kind, 0x16, 1),
        "layout_of_a_virtual_array": (layout + 1, 3, 1),
        "layout_of_an_unknown_kind": (layout + 1, 9, 1),
        "array_behind_the_end": (layout + 2, 2**60, 8),
        "array_half_behind_the_end": (layout + 2, len(image) - 20, 8),
        "array_of_other_bytes": (layout + 10, 2**60, 8),
    }
    for name, (position, value, size) in fields.items():
        yield name, _patched(image, position, value, size)
    chunked = _image(change=lambda file: _chunked(file))
    tree = next(i for i in _all(chunked, b"TREE") if chunked[i + 4] == 1)
    key = 8 + 4 * 8  # of chunks of two axes: size, mask, three offsets; an address follows
    first, second = tree + 24, tree + 24 + key
    for name, (position, value, size) in {
        "chunks_at_the_same_place": (second + 8, 0, 8),
        "chunks_with_the_same_bytes": (
            second + 32,
            int.from_bytes(chunked[first + 32 : first + 40], "little"),
            8,
        ),
        "chunk_outside_of_the_array": (second + 8, 2**40, 8),
        "chunk_between_two_places": (second + 8, 1, 8),
        "chunk_without_bytes": (first, 0, 4),
        "chunk_of_4_GB": (first, 2**32 - 1, 4),
        "chunk_behind_the_end": (first + 32, 2**60, 8),
        "chunk_in_the_middle_of_a_number": (first + 24, 2, 8),
        "chunks_of_no_numbers": (chunked.index(_messages_of(chunked, Kind.LAYOUT)) + 11, 0, 4),
        "chunks_of_other_numbers": (chunked.index(_messages_of(chunked, Kind.LAYOUT)) + 19, 8, 4),
    }.items():
        yield name, _patched(chunked, position, value, size)


def _chunked(file):
    del file[_ARRAY]
    file.create_dataset(_ARRAY, data=np.ones((4, 3), "f4"), chunks=(2, 3), compression="gzip")


# --- tools ----------------------------------------------------------------------------------------


def _patched(image, position, value, size):
    return image[:position] + value.to_bytes(size, "little") + image[position + size :]


def _all(image, name):
    position = image.find(name)
    while position >= 0:
        yield position
        position = image.find(name, position + 1)


def _object(image, path):
    return open_file(io.BytesIO(image), "image")._dataset(path)


def _messages(image, path):
    found = _object(image, path)
    return read_messages(found.source, found.address)


def _messages_of(image, kind):
    return next(message.data for message in _messages(image, _ARRAY) if message.kind == kind)


def _attribute(image, group, name):
    root = open_file(io.BytesIO(image), "image")
    return root.group(group)._object.attributes[name]


def _checked_blocks(image):
    """Returns the list of (position, length) of the blocks that end with their checksum."""
    found, original = [], Source.checked

    def recording(self, address, length, what):
        found.append((address, length))
        return original(self, address, length, what)

    Source.checked = recording
    try:
        read_everything(image)
    finally:
        Source.checked = original
    return found


def _with_checksums(image, blocks):
    data = bytearray(image)
    for position, length in blocks:
        end = position + length
        data[end - 4 : end] = lookup3(bytes(data[position : end - 4])).to_bytes(4, "little")
    return bytes(data)
