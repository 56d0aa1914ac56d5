"""A reader of HDF5 for files from strangers, in Python and NumPy alone.

It reads what Keras and h5py write with their ordinary options: groups, attributes of text and numbers, and
arrays of bools, ints and floats in all layouts and with h5py's own filters. It never writes. No other code
parses a byte of the file; the only native code that sees its contents is zlib, with a limit on its output.

How an HDF5 file is made up, from the outside in:

    superblock ──► object header of the root group
                     ├─ attributes: a name, a datatype, a dataspace (the shape) and a value
                     └─ links: a name and the address of another object header, which is a group or a dataset
                                  dataset: datatype, dataspace, filters, and a layout that says where its
                                  numbers lie: in the header, in one piece, or in chunks that an index lists

Every object is an *object header*: a list of messages, each of one kind. What does not fit into a header
lies in a *heap* (long strings, many attributes or links) and is found through a *B-tree*. HDF5 has an old
and a new form of most structures; `libver` of h5py chooses.

Rules that hold in every module:
    - A file may claim anything. Every address and length is compared with the size of the file
      (`Source.read`), and every field with the end of its block (`Cursor`).
    - Work and memory are charged to a `Budget` before they are done or taken.
    - No structure is visited twice where the format has a tree, so no walk is endless.
    - An array is made of the fill value and filled by pieces whose size is exactly right. It never holds
      memory that was not written.
    - `Damage` is raised for what breaks the format, `Unsupported` for what is refused.

Modules, in the order of a first reading:
    source, cursor, checksums, errors: bytes of the file, and fields in them.
    superblock, headers: the first block, and the messages of an object.
    datatypes, dataspaces, fill_values: what a value is.
    links, symbol_tables, attributes: the contents of a group.
    btree_1, btree_2, global_heap, fractal_heap: where headers keep what is large.
    layouts, chunk_indexes, fixed_array, extensible_array, filters, lzf: where the numbers of a dataset are.
    arrays, groups: the interface, as `hdf5_format.stored` describes it.

Reference:
    HDF5 File Format Specification, version 3.0, The HDF Group. "§ IV.A.2.c" in a docstring is its section.
"""

from .groups import Group as Group
from .groups import open_file as open_file
