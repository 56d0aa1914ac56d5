"""Both readers, of files and of groups that h5py opened: what they refuse, without memory beforehand."""

import contextlib
import os
import tracemalloc

import h5py
import numpy as np
import pytest
from hdf5_samples import W, file_without_digest, read, run, weights_file

import keras._files.hdf5_reader  # noqa: F401 - imported by the first open otherwise, within what a test measures
from keras._files.hdf5_format import open_for_reading, read_layers, weights_group, write_layers


def names_of_wrong_type(file):
    file.attrs["layer_names"] = 3.0


def names_in_a_table(file):
    file.attrs["layer_names"] = [[b"dense_1"]]


def names_twice(file):
    file.attrs["layer_names"] = [b"dense_1", b"dense_1"]


def name_of_a_path(file):
    file.attrs["layer_names"] = [b"../../dense_1"]


def name_from_the_root(file):
    file["dense_1"].attrs["weight_names"] = [b"/dense_1/dense_1_W:0"]


def name_not_utf8(file):
    file.attrs["layer_names"] = [b"\xff"]


def name_without_data(file):
    file["dense_1"].attrs["weight_names"] = [b"dense_1_U:0"]


def name_through_an_array(file):
    file["dense_1"].attrs["weight_names"] = [b"dense_1_W:0/x"]


def layer_is_an_array(file):
    del file["dense_1"]
    file["dense_1"] = W


def weight_is_a_group(file):
    del file["dense_1/dense_1_W:0"]
    file.create_group("dense_1/dense_1_W:0")


def layer_without_names(file):
    del file["dense_1"].attrs["weight_names"]


def soft_link(file):
    file["dense_1/elsewhere"] = file["dense_1/dense_1_W:0"]
    del file["dense_1/dense_1_W:0"]
    file["dense_1/dense_1_W:0"] = h5py.SoftLink("/dense_1/elsewhere")


def external_link_to_an_array(file):
    del file["dense_1/dense_1_W:0"]
    file["dense_1/dense_1_W:0"] = h5py.ExternalLink("pipe", "/dense_1/dense_1_W:0")


def external_link_to_a_layer(file):
    del file["dense_1"]
    file["dense_1"] = h5py.ExternalLink("pipe", "/dense_1")


def external_link_on_the_way(file):
    file["way"] = h5py.ExternalLink("pipe", "/")
    file.attrs["layer_names"] = [b"way/dense_1"]


def external_link_to_all_weights(file):
    del file.attrs["layer_names"]
    file["model_weights"] = h5py.ExternalLink("pipe", "/")


def replace_weight(file, **options):
    del file["dense_1/dense_1_W:0"]
    return file["dense_1"].create_dataset("dense_1_W:0", **options)


def external_storage(file):
    replace_weight(file, shape=(3, 4), dtype="f4", external=[("pipe", 0, 48)])


def virtual_dataset(file):
    del file["dense_1/dense_1_W:0"]
    layout = h5py.VirtualLayout((3, 4), "f4")
    layout[:] = h5py.VirtualSource("pipe", "x", (3, 4))
    file["dense_1"].create_virtual_dataset("dense_1_W:0", layout)


def array_of_objects(file):
    replace_weight(file, data=["a", "b"])


def array_of_references(file):
    replace_weight(file, shape=(3, 4), dtype=h5py.ref_dtype)


def array_of_records(file):
    replace_weight(file, data=np.zeros(3, "f4,f4"))


def array_without_space(file):
    del file["dense_1/dense_1_W:0"]
    file["dense_1/dense_1_W:0"] = h5py.Empty("f4")


def huge_never_written(file):
    replace_weight(file, shape=(2**50,), chunks=(2**10,), dtype="f4", compression="gzip")


def huge_with_one_chunk(file):
    replace_weight(file, shape=(2**40,), chunks=(2**10,), dtype="f4", compression="gzip")[0] = 1


def unknown_filter(file):
    options = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    options.set_chunk((3, 4))
    options.set_filter(40_000, h5py.h5z.FLAG_OPTIONAL)
    del file["dense_1/dense_1_W:0"]
    space = h5py.h5s.create_simple((3, 4))
    h5py.h5d.create(file["dense_1"].id, b"dense_1_W:0", h5py.h5t.IEEE_F32LE, space, options)


ATTACKS = {
    names_of_wrong_type: "wanted a list of names",
    names_in_a_table: "wanted a list of names",
    names_twice: "a duplicate name",
    name_of_a_path: "has the name '../../dense_1'",
    name_from_the_root: "has the name '/dense_1",
    name_not_utf8: "has the name",
    name_without_data: "has no 'dense_1_U:0'",
    name_through_an_array: "has no 'dense_1_W:0/x'",
    layer_is_an_array: "is a Dataset; wanted Group",
    weight_is_a_group: "is a Group; wanted Dataset",
    layer_without_names: "has no attribute weight_names",
    soft_link: "soft or external link",
    external_link_to_an_array: "soft or external link",
    external_link_to_a_layer: "soft or external link",
    external_link_on_the_way: "soft or external link",
    external_link_to_all_weights: "soft or external link",
    external_storage: "in another file",
    virtual_dataset: "in another file",
    array_of_objects: "wanted bools, ints or floats",
    array_of_references: "wanted bools, ints or floats",
    array_of_records: "wanted bools, ints or floats",
    array_without_space: "wanted bools, ints or floats",
    huge_never_written: "the file holds only 0 bytes",
    huge_with_one_chunk: "the file holds only",
    unknown_filter: r"HDF5 filters \[40000\]",
}


@contextlib.contextmanager
def opened_by_h5py(path):
    """What a program does that passes a group to `load_weights_from_hdf5_group`."""
    with h5py.File(path, "r") as file:
        yield file


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs a pipe, at which a reader would wait")
@pytest.mark.parametrize("opened", [open_for_reading, opened_by_h5py], ids=["ours", "h5py"])
@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
def test_attack_is_refused(attack, opened, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    os.mkfifo("pipe")  # opening it would block for ever
    with h5py.File(file_without_digest(tmp_path / "w.h5"), "r+") as file:
        attack(file)
    assert os.path.getsize("w.h5") < 100_000
    tracemalloc.start()
    try:
        with opened("w.h5") as file, pytest.raises(ValueError, match="w.h5.*" + ATTACKS[attack]):
            read_layers(weights_group(file))
        assert tracemalloc.get_traced_memory()[1] < 2**20  # NumPy counts its arrays here
    finally:
        tracemalloc.stop()


def test_h5py_is_not_needed_to_read_a_file(tmp_path):
    """Its import takes longer than reading a small file."""
    path = weights_file(tmp_path / "w.h5")
    code = (
        "import sys; from keras._files.hdf5_format import *\n"
        "with open_for_reading(sys.argv[1]) as file:\n"
        "    arrays = [array.read() for _, pairs in read_layers(weights_group(file)) for _, array in pairs]\n"
        "print(len(arrays), 'h5py' in sys.modules)"
    )
    assert run(code, str(path)) == "2 False\n"


def test_array_linked_under_many_names_is_refused(tmp_path):
    with h5py.File(tmp_path / "w.h5", "w") as file:
        names = [f"layer_{i}" for i in range(100)]
        write_layers(file, [(name, [("w", np.zeros(1))]) for name in names])
        file["large"] = np.ones(100_000)
        for name in names:
            del file[name]["w"]
            file[name]["w"] = file["large"]
    with pytest.raises(ValueError, match="w.h5: an array is stored under several names"):
        read(tmp_path / "w.h5")


def test_heavily_compressed_arrays_are_refused(tmp_path):
    with h5py.File(tmp_path / "w.h5", "w") as file:
        write_layers(file, [("layer", [(f"w{i}", np.zeros(1)) for i in range(40)])])
        for i in range(40):
            del file["layer"][f"w{i}"]
            file["layer"].create_dataset(f"w{i}", data=np.zeros(2**20, "f4"), compression="gzip")
    with pytest.raises(ValueError, match="w.h5: its arrays would take 167,772,160 bytes"):
        read(tmp_path / "w.h5")


def test_shapes_are_known_before_values_are_read(tmp_path):
    large = np.ones(2**20, np.float32)
    weights_file(tmp_path / "w.h5", [("a", [("w", large)])])
    with open_for_reading(tmp_path / "w.h5") as file:
        tracemalloc.start()
        try:
            (_, ((_, array),)), *_ = read_layers(file)
            assert (array.shape, array.dtype) == ((2**20,), np.float32)
            assert tracemalloc.get_traced_memory()[1] < 2**20
            assert np.array_equal(array.read(), large)
            assert tracemalloc.get_traced_memory()[1] >= large.nbytes
        finally:
            tracemalloc.stop()


def test_damaged_number_type_is_named(tmp_path):
    odd = h5py.h5t.IEEE_F32LE.copy()
    odd.set_ebias(2**20)  # one flipped bit; no NumPy type is like it
    with h5py.File(file_without_digest(tmp_path / "w.h5"), "r+") as file:
        del file["dense_1/dense_1_b:0"]
        h5py.h5d.create(file["dense_1"].id, b"dense_1_b:0", odd, h5py.h5s.create_simple((4,)))
    with pytest.raises(OSError, match="The file is damaged: .*w.h5.*/dense_1/dense_1_b:0"):
        read(tmp_path / "w.h5")
