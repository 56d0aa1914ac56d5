"""Small HDF5 files, each with some structures of the format; together they have all that the reader knows."""

import functools

import h5py
import numpy as np

_NUMBERS = np.arange(48, dtype="f4").reshape(6, 8)


def old_groups(file):
    """Superblock 0, symbol tables, local heaps, old attributes."""
    file.attrs["layer_names"] = [b"dense", b"dropout"]
    file.attrs["config"] = '{"of": "any length"}'
    for i in range(40):  # more than a node of links holds
        file.create_group(f"group_{i}")
    file["group_0"].attrs["names"] = np.array(["one", "two"], dtype=h5py.string_dtype())
    file["group_0/W"] = _NUMBERS
    file["group_0/b"] = np.array([True, False])


def old_chunks(file):
    """A B-tree of version 1 and all filters."""
    for i, options in enumerate(_filters()):
        file.create_dataset(f"W{i}", data=_NUMBERS, chunks=(2, 3), fillvalue=7, **options)
    file.create_dataset("large", data=np.arange(300.0), chunks=(2,))


def new_groups(file):
    """Superblock 3, compact links, large attributes in a fractal heap."""
    group = file.create_group("few", track_order=True)
    group.attrs["text"] = "some text"
    group["W"] = _NUMBERS.astype(">f8")
    group["scalar"] = np.int64(3)
    file.attrs["large"] = np.array([b"n" * 50] * 1_400)


def many_links_and_attributes(file):
    """Links and attributes in fractal heaps of several blocks, found through B-trees of version 2."""
    for i in range(60):
        file.attrs[f"attribute_{i}"] = np.arange(i)
    group = file.create_group("many")
    for i in range(150):
        group.create_group(f"{i}" + "x" * 40)


def single_chunk(file):
    for i, options in enumerate(_filters()):
        file.create_dataset(f"W{i}", data=_NUMBERS, chunks=(6, 8), **options)


def implicit_index(file):
    creation = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    creation.set_chunk((2, 3))
    creation.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
    space = h5py.h5s.create_simple((6, 8))
    made = h5py.h5d.create(file.id, b"W", h5py.h5t.IEEE_F32LE, space, creation)
    h5py.Dataset(made)[...] = _NUMBERS


def fixed_array(file):
    for i, options in enumerate(_filters()):
        file.create_dataset(f"W{i}", data=_NUMBERS, chunks=(2, 3), **options)
    file.create_dataset("pages", (5_000,), "i1", chunks=(2,))[3_000:3_100] = 1


def extensible_array(file):
    for i, options in enumerate(_filters()):
        file.create_dataset(f"W{i}", data=_NUMBERS, chunks=(2, 3), maxshape=(6, None), **options)
    file.create_dataset("super_blocks", (600,), "i1", chunks=(1,), maxshape=(None,))[...] = 1
    pages = file.create_dataset("pages", (200_000,), "i1", chunks=(1,), maxshape=(None,))
    pages[150_000] = 1


def btree_2(file):
    for i, options in enumerate(_filters()):
        file.create_dataset(f"W{i}", data=_NUMBERS, chunks=(1, 1), maxshape=(None, None), **options)
    file.create_dataset("levels", (30, 40), "i1", chunks=(1, 1), maxshape=(None, None))[...] = 1


def compact(file):
    creation = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    creation.set_layout(h5py.h5d.COMPACT)
    space = h5py.h5s.create_simple((6, 8))
    made = h5py.h5d.create(file.id, b"W", h5py.h5t.IEEE_F32LE, space, creation)
    h5py.Dataset(made)[...] = _NUMBERS


def _filters():
    gzip, lzf = {"compression": "gzip"}, {"compression": "lzf"}
    everything = {"shuffle": True, "fletcher32": True}
    return [{}, gzip, lzf, everything, gzip | everything, lzf | everything]


#: Writers and the version of HDF5 whose structures they show.
WRITERS = {
    old_groups: "earliest",
    old_chunks: "earliest",
    new_groups: "latest",
    many_links_and_attributes: "latest",
    single_chunk: "latest",
    implicit_index: "latest",
    fixed_array: "latest",
    extensible_array: "latest",
    btree_2: "latest",
    compact: "earliest",
}


@functools.cache
def image(writer):
    """Returns the bytes of one of these files."""
    with h5py.File("image", "w", driver="core", backing_store=False, libver=WRITERS[writer]) as file:
        writer(file)
        file.flush()
        return file.id.get_file_image()
