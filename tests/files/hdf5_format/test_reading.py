"""Reading the layout of Keras 1 files."""

import h5py
import numpy as np
import pytest
from hdf5_samples import FILES, LAYERS, W, read, same, values, weights_file

from keras._base.budget import Budget
from keras._files.hdf5_format import (
    open_for_reading,
    read_layers,
    read_model_parts,
    weights_group,
    write_model_parts,
    writer_of,
)
from keras.engine.files.keras_2_weights import LoadedArray


def test_weights_are_read_from_a_model_file():
    assert same(read(FILES / "video.model.h5"), read(FILES / "video.weights.h5"))


def test_big_endian_arrays_are_read_in_native_order(tmp_path):
    array = read(weights_file(tmp_path / "w.h5", [("a", [("w", W.astype(">f4"))])]))[0][1][0][1]
    assert array.dtype.isnative and np.array_equal(array, W)


def test_names_with_slashes_spaces_and_accents(tmp_path):
    layers = [("block/dense", [("block/dense/W:0", W)]), ("couche d'entrée", [("W", W)])]
    assert same(read(weights_file(tmp_path / "w.h5", layers)), layers)


def test_compressed_data_sets_are_read(tmp_path):
    """Compressed as by h5repack."""
    with h5py.File(tmp_path / "w.h5", "w") as file:
        file.attrs["layer_names"] = ["dense_1"]  # str, as other programs write it
        group = file.create_group("dense_1")
        group.attrs["weight_names"] = np.array(["W"], dtype=h5py.string_dtype("ascii"))
        packed = {"compression": "gzip", "shuffle": True, "fletcher32": True}
        group.create_dataset("W", data=np.zeros((100, 100), "f4"), **packed)
    assert same(read(tmp_path / "w.h5"), [("dense_1", [("W", np.zeros((100, 100), "f4"))])])


def test_weights_file_is_not_a_model_file(tmp_path):
    said = r"video.weights.h5 holds weights but no model.*load_weights"
    with open_for_reading(FILES / "video.weights.h5") as file, pytest.raises(ValueError, match=said):
        read_model_parts(file)


def test_other_hdf5_files_are_refused(tmp_path):
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["x"] = W
        for reader in (read_model_parts, read_layers):
            with pytest.raises(
                ValueError, match="other.h5 is not a Keras model/weights file: .* no attribute"
            ):
                reader(file)


def test_files_of_keras_0_are_refused(tmp_path):
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
def test_malformed_config_in_a_model_file_is_refused(attribute, value, said, tmp_path):
    with h5py.File(tmp_path / "m.h5", "w") as file:
        write_model_parts(file, {}, LAYERS, {})
        file.attrs[attribute] = value
        with pytest.raises(ValueError, match=f"m.h5: attribute {attribute}.*{said}"):
            read_model_parts(file)


class GroupInMemory:
    """A reader of another kind: a group is (dict of children, dict of attributes)."""

    filename, path, file_bytes = "memory", "/", 10**6
    budget = Budget(filename, file_bytes)

    def __init__(self, children, attributes):
        self.children, self.attributes = children, attributes

    def has_child(self, name):
        return name in self.children

    def group(self, name):
        return self.children[name]

    def array(self, name):
        return LoadedArray(self.children[name])

    def has_attribute(self, name):
        return name in self.attributes

    def text(self, attribute):
        return self.attributes.get(attribute)

    def names(self, attribute):
        return self.attributes[attribute]


def test_the_layout_is_read_through_any_reader():
    """`reading` needs nothing of h5py, so another reader of HDF5 can be added as one module."""
    dense = GroupInMemory({"W": W, "b": W[0]}, {"weight_names": ["W", "b"]})
    layers = GroupInMemory({"dense_1": dense}, {"layer_names": ["dense_1"], "keras_version": "1.2.2"})
    file = GroupInMemory({"model_weights": layers}, {"model_config": '{"class_name": "Model"}'})
    parts = read_model_parts(file)
    assert parts.model_config == {"class_name": "Model"} and parts.optimizer_weights == []
    assert same(values(parts.layers), [("dense_1", [("W", W), ("b", W[0])])])
    assert weights_group(file) is layers and writer_of(layers) == ("1.2.2", None)
