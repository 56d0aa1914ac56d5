"""Writing the layout of Keras 1 files."""

import os

import h5py
import numpy as np
import pytest
from hdf5_samples import FILES, LAYERS, NAMES, W, read, run, same, values, weights_file

from keras._files.hdf5_format import open_for_reading, open_for_writing, read_model_parts, write_model_parts


def listing(path):
    """Returns the contents of an HDF5 file: names, HDF5 types and values."""
    found = {}

    def attributes(name, item):
        for key in item.attrs:
            stored = item.attrs.get_id(key)
            kind = stored.get_type()
            text = (kind.get_cset(), kind.get_strpad()) if isinstance(kind, h5py.h5t.TypeStringID) else None
            value = np.asarray(item.attrs[key]).tolist()
            found[name, key] = (str(stored.dtype), stored.shape, kind.get_size(), text, value)

    def visit(name, item):
        attributes(name, item)
        if isinstance(item, h5py.Dataset):
            found[name] = (item.dtype.str, item.shape, item.chunks, item[()].tolist())

    with h5py.File(path, "r") as file:
        attributes("/", file)
        file.visititems(visit)
    return found


@pytest.mark.parametrize("name", NAMES)
def test_model_file_equals_the_original(name, tmp_path):
    original, copy = FILES / f"{name}.model.h5", tmp_path / "copy.h5"
    with open_for_reading(original) as file, open_for_writing(copy) as new:
        parts = read_model_parts(file)
        assert parts.keras_version == "1.2.2"
        ((_, state),) = values([("optimizer", parts.optimizer_weights)])
        write_model_parts(new, parts.model_config, values(parts.layers), parts.training_config, state)
    assert listing(copy) == listing(original)


@pytest.mark.parametrize("name", NAMES)
def test_weights_file_equals_the_original(name, tmp_path):
    original = FILES / f"{name}.weights.h5"
    copy = weights_file(tmp_path / "copy.h5", read(original))
    assert listing(copy) == listing(original)
    # The oldest superblock, which the h5py of 2016 reads, and no more than the original took.
    assert copy.read_bytes()[512 + 8] == 0
    assert copy.stat().st_size <= 512 + original.stat().st_size


def test_uncompiled_model_has_no_training_config(tmp_path):
    with open_for_writing(tmp_path / "model.h5") as file:
        write_model_parts(file, {"class_name": "Sequential", "config": []}, LAYERS)
    with h5py.File(tmp_path / "model.h5") as file:
        assert sorted(file) == ["model_weights"]
    with open_for_reading(tmp_path / "model.h5") as file:
        parts = read_model_parts(file)
        assert same(values(parts.layers), LAYERS)
    assert parts.model_config == {"class_name": "Sequential", "config": []}
    assert parts.training_config is None and parts.optimizer_weights == []


@pytest.mark.parametrize("dtype", "bool int8 int64 uint32 float16 float32 float64".split())
@pytest.mark.parametrize("shape", [(), (0,), (0, 4), (1,), (2, 3, 4)], ids=str)
def test_array_survives_a_round_trip(dtype, shape, tmp_path):
    layers = [("layer", [("weight", np.ones(shape, dtype))])]
    assert same(read(weights_file(tmp_path / "w.h5", layers)), layers)


def test_long_lists_of_names_are_split_over_attributes(tmp_path):
    layers = [(f"{'a_long_name_' * 16}_{i:06}", []) for i in range(3_000)]
    layers[7] = (layers[7][0], [(f"weight_with_a_longer_name_{i:06}", np.float32(i)) for i in range(2_500)])
    path = weights_file(tmp_path / "w.h5", layers)
    with h5py.File(path) as file:
        assert "layer_names" not in file.attrs and {"layer_names0", "layer_names9"} <= set(file.attrs)
    assert same(read(path), layers)


@pytest.mark.parametrize(
    "layers, error, said",
    [
        ([("a", []), ("a", [])], ValueError, "name 'a' occurs twice in layer_names"),
        ([("a", [("w", W), ("w", W)])], ValueError, "/a: the name 'w' occurs twice in weight_names"),
        ([("a", [("b", W)]), ("a/b", [("w", W)])], ValueError, "conflicts with a name before it"),
        ([("a", [("w", np.array(["x"]))])], TypeError, "Weight 'w' of /a is an array of <U1"),
        ([("a", [("w", np.array([None]))])], TypeError, "Weight 'w' of /a is an array of object"),
        ([("a", [("w", 1j)])], TypeError, "Weight 'w' of /a is an array of complex128"),
        *[
            ([(name, [])], ValueError, "has the name")
            for name in [
                "",
                ".",
                "..",
                "/a",
                "a/",
                "a//b",
                "a/../b",
                "a\\b",
                "a\0",
                "a\n",
                "\ud800",
                3,
                "a" * 256,
            ]
        ],
    ],
    ids=lambda value: repr(value)[:30],
)
def test_unwritable_data_is_refused(layers, error, said, tmp_path):
    path = weights_file(tmp_path / "w.h5")
    before = path.read_bytes()
    with pytest.raises(error, match=said):
        weights_file(path, layers)
    assert os.listdir(tmp_path) == ["w.h5"] and path.read_bytes() == before


@pytest.mark.parametrize("where", ["", "missing/w.h5"])
def test_unwritable_path_is_named(where, tmp_path):
    with pytest.raises(OSError) as error:
        weights_file(tmp_path / where)
    assert str(tmp_path / where) in str(error.value)


FULL_DISK = """
import resource, sys
import numpy as np
from keras._files.hdf5_format import open_for_writing, write_layers
resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, -1))
for shape in [(10**6,), (1000,)]:
    try:
        with open_for_writing(sys.argv[1]) as file:
            write_layers(file, [(f"a{i}", [("w", np.ones(shape))]) for i in range(10)])
    except OSError as error:
        print(error)
"""


def test_full_disk_leaves_the_old_file(tmp_path):
    pytest.importorskip("resource")
    path = weights_file(tmp_path / "w.h5")
    before = path.read_bytes()
    said = run(FULL_DISK, str(path))
    assert said == 2 * f"[Errno 27] Cannot write {path}: File too large\n"
    assert os.listdir(tmp_path) == ["w.h5"] and path.read_bytes() == before
