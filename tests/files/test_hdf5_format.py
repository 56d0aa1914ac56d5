"""HDF5 files. Those in golden/files are from Keras 1.2.2 (see the README there)."""

import hashlib
import os
import subprocess
import sys
import tracemalloc
from pathlib import Path

import h5py
import numpy as np
import pytest

from keras._files.hdf5_format import (
    open_for_reading,
    open_for_writing,
    read_layers,
    read_model_parts,
    weights_group,
    write_layers,
    write_model_parts,
)

FILES = Path(__file__).parents[1] / "golden" / "files"
NAMES = ["sequential", "two_outputs", "nested_shared", "video", "lambda_model"]
W = np.arange(12, dtype=np.float32).reshape(3, 4)
LAYERS = [("input_1", []), ("dense_1", [("dense_1_W:0", W), ("dense_1_b:0", W[0])])]


def values(layers):
    return [(name, [(weight, array.read()) for weight, array in weights]) for name, weights in layers]


def same(one, other):
    """Whether two lists of (name, list of (name, array)) are equal, types of arrays included."""
    one, other = list(one), list(other)
    return [(n, [w for w, _ in ws]) for n, ws in one] == [(n, [w for w, _ in ws]) for n, ws in other] and all(
        a.dtype == b.dtype and np.array_equal(a, b)
        for (_, ws), (_, vs) in zip(one, other)
        for (_, a), (_, b) in zip(ws, vs)
    )


def listing(path):
    """All that is in an HDF5 file: names, types as HDF5 has them, values."""
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


def weights_file(path, layers=LAYERS):
    with open_for_writing(path) as file:
        write_layers(file, layers)
    return path


def file_without_digest(path):
    """A weights file as other versions of Keras write it; one with a digest cannot be changed."""
    with h5py.File(path, "w") as file:
        write_layers(file, LAYERS)
    return path


def read(path):
    with open_for_reading(path) as file:
        return values(read_layers(weights_group(file)))


# Files of the original


@pytest.mark.parametrize("name", NAMES)
def test_a_model_file_is_written_as_the_original_wrote_it(name, tmp_path):
    original, copy = FILES / f"{name}.model.h5", tmp_path / "copy.h5"
    with open_for_reading(original) as file, open_for_writing(copy) as new:
        parts = read_model_parts(file)
        assert parts.keras_version == "1.2.2"
        ((_, state),) = values([("optimizer", parts.optimizer_weights)])
        write_model_parts(new, parts.model_config, values(parts.layers), parts.training_config, state)
    assert listing(copy) == listing(original)


@pytest.mark.parametrize("name", NAMES)
def test_a_weights_file_is_written_as_the_original_wrote_it(name, tmp_path):
    original = FILES / f"{name}.weights.h5"
    copy = weights_file(tmp_path / "copy.h5", read(original))
    assert listing(copy) == listing(original)
    # The oldest superblock, which the h5py of 2016 reads, and no more than the original took.
    assert copy.read_bytes()[512 + 8] == 0
    assert copy.stat().st_size <= 512 + original.stat().st_size


def test_weights_of_a_model_file_are_found():
    assert same(read(FILES / "video.model.h5"), read(FILES / "video.weights.h5"))


def test_a_model_that_was_not_compiled(tmp_path):
    with open_for_writing(tmp_path / "model.h5") as file:
        write_model_parts(file, {"class_name": "Sequential", "config": []}, LAYERS)
    with open_for_reading(tmp_path / "model.h5") as file:
        assert sorted(file) == ["model_weights"]
        parts = read_model_parts(file)
        assert same(values(parts.layers), LAYERS)
    assert parts.model_config == {"class_name": "Sequential", "config": []}
    assert parts.training_config is None and parts.optimizer_weights == []


# Round trips


@pytest.mark.parametrize("dtype", "bool int8 int64 uint32 float16 float32 float64".split())
@pytest.mark.parametrize("shape", [(), (0,), (0, 4), (1,), (2, 3, 4)], ids=str)
def test_round_trip_of_an_array(dtype, shape, tmp_path):
    layers = [("layer", [("weight", np.ones(shape, dtype))])]
    assert same(read(weights_file(tmp_path / "w.h5", layers)), layers)


def test_long_lists_of_names_are_kept_in_parts(tmp_path):
    layers = [(f"{'a_long_name_' * 16}_{i:06}", []) for i in range(3_000)]
    layers[7] = (layers[7][0], [(f"weight_with_a_longer_name_{i:06}", np.float32(i)) for i in range(2_500)])
    path = weights_file(tmp_path / "w.h5", layers)
    with h5py.File(path) as file:
        assert "layer_names" not in file.attrs and {"layer_names0", "layer_names9"} <= set(file.attrs)
    assert same(read(path), layers)


def test_big_endian_arrays_are_read_in_native_order(tmp_path):
    array = read(weights_file(tmp_path / "w.h5", [("a", [("w", W.astype(">f4"))])]))[0][1][0][1]
    assert array.dtype.isnative and np.array_equal(array, W)


def test_names_with_slashes_spaces_and_accents(tmp_path):
    layers = [("block/dense", [("block/dense/W:0", W)]), ("couche d'entrée", [("W", W)])]
    assert same(read(weights_file(tmp_path / "w.h5", layers)), layers)


def test_packed_files_are_read(tmp_path):
    """As h5repack makes them."""
    with h5py.File(tmp_path / "w.h5", "w") as file:
        file.attrs["layer_names"] = ["dense_1"]  # str, as other programs write it
        group = file.create_group("dense_1")
        group.attrs["weight_names"] = np.array(["W"], dtype=h5py.string_dtype("ascii"))
        packed = dict(compression="gzip", shuffle=True, fletcher32=True)
        group.create_dataset("W", data=np.zeros((100, 100), "f4"), **packed)
    assert same(read(tmp_path / "w.h5"), [("dense_1", [("W", np.zeros((100, 100), "f4"))])])


# The digest


def test_the_digest_stands_before_the_file(tmp_path):
    content = weights_file(tmp_path / "w.h5").read_bytes()
    digest = hashlib.sha256(content[512:]).hexdigest()
    assert content[:512] == f"keras-classic 1\nsha256 {digest}\n".encode().ljust(512, b"\0")
    assert content[512:520] == b"\x89HDF\r\n\x1a\n"
    with h5py.File(tmp_path / "w.h5") as file:  # any HDF5 reader passes over it
        assert file.userblock_size == 512 and list(file.attrs["layer_names"]) == [b"input_1", b"dense_1"]


def test_without_its_first_512_bytes_a_file_is_as_keras_1_wrote_it(tmp_path):
    path = weights_file(tmp_path / "w.h5")
    path.write_bytes(path.read_bytes()[512:])
    assert same(read(path), LAYERS)


@pytest.mark.parametrize("place", [0, 20, 400, 512, 600, -1])
def test_a_turned_bit_anywhere_is_found(place, tmp_path):
    content = bytearray(weights_file(tmp_path / "w.h5").read_bytes())
    content[place] ^= 1
    (tmp_path / "w.h5").write_bytes(content)
    with pytest.raises(OSError, match="Cannot load .*w.h5: .*the file is damaged"):
        read(tmp_path / "w.h5")


def test_a_file_that_another_program_changed_says_what_to_do(tmp_path):
    with h5py.File(weights_file(tmp_path / "w.h5"), "r+") as file:
        file["dense_1/dense_1_b:0"][0] = 3
    with pytest.raises(OSError, match="leave out its first 512 bytes"):
        read(tmp_path / "w.h5")


# Refused at writing


@pytest.mark.parametrize(
    "layers, error, said",
    [
        ([("a", []), ("a", [])], ValueError, "name 'a' is there twice in layer_names"),
        ([("a", [("w", W), ("w", W)])], ValueError, "/a: the name 'w' is there twice in weight_names"),
        ([("a", [("b", W)]), ("a/b", [("w", W)])], ValueError, "cannot stand beside"),
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
def test_not_written(layers, error, said, tmp_path):
    path = weights_file(tmp_path / "w.h5")
    before = path.read_bytes()
    with pytest.raises(error, match=said):
        weights_file(path, layers)
    assert os.listdir(tmp_path) == ["w.h5"] and path.read_bytes() == before


@pytest.mark.parametrize("where", ["", "missing/w.h5"])
def test_nothing_can_be_written_there(where, tmp_path):
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


def test_a_full_disk_leaves_the_former_file(tmp_path):
    pytest.importorskip("resource")
    path = weights_file(tmp_path / "w.h5")
    before = path.read_bytes()
    said = run(FULL_DISK, str(path))
    assert said == 2 * f"[Errno 27] Cannot write {path}: File too large\n"
    assert os.listdir(tmp_path) == ["w.h5"] and path.read_bytes() == before


def run(code, *arguments):
    """What a new process prints that runs `code`."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", code, *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


# Refused at reading


@pytest.mark.parametrize("case", ["missing", "empty", "text", "half", "directory", "pipe"])
def test_no_keras_file(case, tmp_path):
    path = tmp_path / "model.h5"
    whole = (FILES / "sequential.model.h5").read_bytes()
    if case == "directory":
        path.mkdir()
    elif case == "pipe":
        os.mkfifo(path)
    elif case != "missing":
        path.write_bytes(
            {"empty": b"", "text": b"not a model\n" * 100, "half": whole[: len(whole) // 2]}[case]
        )
    kind = {"missing": FileNotFoundError, "directory": IsADirectoryError}.get(case, OSError)
    with pytest.raises(kind) as error, open_for_reading(path):
        pass
    assert str(path) in str(error.value) and "not a Keras model/weights file" in str(error.value)


def test_every_truncated_file_is_refused(tmp_path):
    whole, path = (FILES / "sequential.weights.h5").read_bytes(), tmp_path / "w.h5"
    for length in range(0, len(whole), 97):
        path.write_bytes(whole[:length])
        with pytest.raises(OSError, match="w.h5"):
            read(path)


def test_weights_only(tmp_path):
    with open_for_reading(FILES / "video.weights.h5") as file:
        with pytest.raises(ValueError, match=r"video.weights.h5 holds weights but no model.*load_weights"):
            read_model_parts(file)


def test_other_hdf5_files(tmp_path):
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["x"] = W
        for reader in (read_model_parts, read_layers):
            with pytest.raises(
                ValueError, match="other.h5 is not a Keras model/weights file: .* no attribute"
            ):
                reader(file)


def test_files_of_keras_0(tmp_path):
    with h5py.File(tmp_path / "old.h5", "w") as file:
        file.attrs["nb_layers"] = 1
        file.create_group("layer_0").attrs["nb_params"] = 1
        file["layer_0/param_0"] = W
        with pytest.raises(ValueError, match="old.h5 was written by Keras 0"):
            read_layers(weights_group(file))


@pytest.mark.parametrize("attribute", ["model_config", "training_config"])
@pytest.mark.parametrize(
    "value, said",
    [("{", "line 1 column 2"), ("[]", "wanted an object"), (3, "not text"), (["{}"], "not text")],
)
def test_bad_config_in_a_model_file(attribute, value, said, tmp_path):
    with h5py.File(tmp_path / "m.h5", "w") as file:
        write_model_parts(file, {}, LAYERS, {})
        file.attrs[attribute] = value
        with pytest.raises(ValueError, match=f"m.h5: attribute {attribute}.*{said}"):
            read_model_parts(file)


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
    names_twice: "a name twice",
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


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
def test_attack_is_refused(attack, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    os.mkfifo("pipe")  # whoever opens it waits for ever
    with h5py.File(file_without_digest(tmp_path / "w.h5"), "r+") as file:
        attack(file)
    assert os.path.getsize("w.h5") < 100_000
    tracemalloc.start()
    try:
        with open_for_reading("w.h5") as file, pytest.raises(ValueError, match="w.h5.*" + ATTACKS[attack]):
            read_layers(weights_group(file))
        assert tracemalloc.get_traced_memory()[1] < 2**20  # NumPy counts its arrays here
    finally:
        tracemalloc.stop()


def test_one_array_in_many_places_is_refused(tmp_path):
    with h5py.File(tmp_path / "w.h5", "w") as file:
        names = [f"layer_{i}" for i in range(100)]
        write_layers(file, [(name, [("w", np.zeros(1))]) for name in names])
        file["large"] = np.ones(100_000)
        for name in names:
            del file[name]["w"]
            file[name]["w"] = file["large"]
    with pytest.raises(ValueError, match="w.h5: an array stands in several places"):
        read(tmp_path / "w.h5")


def test_arrays_that_are_packed_well_are_refused_together(tmp_path):
    with h5py.File(tmp_path / "w.h5", "w") as file:
        write_layers(file, [("layer", [(f"w{i}", np.zeros(1)) for i in range(40)])])
        for i in range(40):
            del file["layer"][f"w{i}"]
            file["layer"].create_dataset(f"w{i}", data=np.zeros(2**20, "f4"), compression="gzip")
    with pytest.raises(ValueError, match="w.h5: its arrays would take 167,772,160 bytes"):
        read(tmp_path / "w.h5")


def test_shapes_are_known_before_anything_is_read(tmp_path):
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


def test_a_damaged_number_type_is_named(tmp_path):
    odd = h5py.h5t.IEEE_F32LE.copy()
    odd.set_ebias(2**20)  # one flipped bit; no NumPy type is like it
    with h5py.File(file_without_digest(tmp_path / "w.h5"), "r+") as file:
        del file["dense_1/dense_1_b:0"]
        h5py.h5d.create(file["dense_1"].id, b"dense_1_b:0", odd, h5py.h5s.create_simple((4,)))
    with pytest.raises(OSError, match="The file is damaged: .*w.h5.*/dense_1/dense_1_b:0"):
        read(tmp_path / "w.h5")


def test_h5py_and_yaml_are_imported_on_use():
    code = "import sys, keras._files.hdf5_format as _; print({'h5py', 'yaml'} & set(sys.modules))"
    assert run(code) == "set()\n"
