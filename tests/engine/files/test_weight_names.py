"""Names decide which array is which weight's; where they do not, nothing is guessed."""

import h5py
import numpy as np
import pytest
from numpy.testing import assert_array_equal

from keras.engine.files.weight_names import matching_places
from keras.layers import BatchNormalization, Dense, Input
from keras.models import Model, Sequential

SWAPPED = [2, 3, 0, 1]


def match(own, stored, fits=lambda places: True):
    return matching_places("layer 'inner'", own, stored, list(range(len(own))), fits)


@pytest.mark.parametrize(
    "own, stored, places",
    [
        (["a_W", "a_b", "c_W", "c_b"], ["c_W", "c_b", "a_W", "a_b"], SWAPPED),  # the same names
        (["d_1_W", "d_2_W"], ["d_7_W", "d_9_W"], [0, 1]),  # the n-th of a kind
        (["d_9_W", "d_10_W"], ["d_1_W", "d_2_W"], [0, 1]),  # numbers, not text
        (["bn_1_gamma", "bn_1_beta"], ["bn_4_beta", "bn_4_gamma"], [1, 0]),  # one of each kind
        (["a_W", "b_W"], ["c_W", "d_W"], [0, 1]),  # other names: the place
        (["W", "W_1"], ["W_1", "W"], [1, 0]),
    ],
)
def test_names_decide(own, stored, places):
    assert match(own, stored) == places


def test_shapes_decide_between_place_and_number():
    own, stored = ["d_1_W", "d_2_W"], ["d_4_W", "d_3_W"]
    assert match(own, stored, fits=lambda places: places == [1, 0]) == [1, 0]
    assert match(own, stored, fits=lambda places: places == [0, 1]) == [0, 1]


def test_a_contradiction_is_refused():
    with pytest.raises(ValueError, match="layer 'inner'.*'d_1_W'.*'d_4_W'.*'d_3_W'.*`trainable`.*names"):
        match(["d_1_W", "d_2_W"], ["d_4_W", "d_3_W"])


def edit(path, change):
    """Changes a file as another program would: without the checksum in front."""
    path.write_bytes(path.read_bytes()[512:])
    with h5py.File(path, "a") as file:
        change(file)


def auto_named(frozen):
    inner = Sequential([Dense(3, input_dim=3), Dense(3)], name="inner")
    inner.layers[0].trainable = not frozen
    x = Input((3,))
    return Model(x, Dense(1, name="top")(inner(x)))


def test_a_file_of_other_numbers_without_an_order_is_refused(tmp_path):
    """As earlier versions and Keras 1.2.2 write it: nothing tells a frozen layer from another structure."""
    auto_named(frozen=True).save_weights(tmp_path / "w.h5")
    edit(tmp_path / "w.h5", lambda file: file["inner"].attrs.pop("unfrozen_weight_names"))
    model = auto_named(frozen=False)
    before = model.get_weights()
    with pytest.raises(ValueError, match="'inner' cannot be matched"):
        model.load_weights(tmp_path / "w.h5")
    for value, got in zip(before, model.get_weights(), strict=True):
        assert_array_equal(got, value)


def test_an_order_of_other_names_is_refused(tmp_path):
    auto_named(frozen=True).save_weights(tmp_path / "w.h5")
    names = [b"a", b"b", b"c", b"d"]
    edit(tmp_path / "w.h5", lambda file: file["inner"].attrs.create("unfrozen_weight_names", names))
    with pytest.raises(ValueError, match="different names"):
        auto_named(frozen=False).load_weights(tmp_path / "w.h5")


@pytest.mark.parametrize("name", ["norm", None])
def test_weights_of_one_layer_in_another_order_are_matched(name, tmp_path):
    model, other = (Sequential([BatchNormalization(input_shape=(3,), name=name)]) for _ in range(2))
    model.set_weights([np.full(3, value) for value in (1.0, 2.0, 3.0, 4.0)])
    model.save_weights(tmp_path / "w.h5")

    def reverse(file):
        group = file[model.layers[0].name]
        group.attrs.modify("weight_names", group.attrs["weight_names"][::-1])

    edit(tmp_path / "w.h5", reverse)
    other.load_weights(tmp_path / "w.h5")
    for value, got in zip(model.get_weights(), other.get_weights(), strict=True):
        assert_array_equal(got, value)


@pytest.mark.parametrize("dtype", ["uint64", "int32", "bool"])
@pytest.mark.parametrize("by_name", [False, True])
def test_arrays_of_another_kind_are_refused(dtype, by_name, tmp_path):
    model = Sequential([Dense(2, input_dim=3, name="dense")])
    model.save_weights(tmp_path / "w.h5")

    def replace(file):
        del file["dense"]["dense_W:0"]
        file["dense"]["dense_W:0"] = np.ones((3, 2), dtype)

    edit(tmp_path / "w.h5", replace)
    with pytest.raises(ValueError, match=f"'dense_W' of layer 'dense' is float32.*{dtype}"):
        model.load_weights(tmp_path / "w.h5", by_name=by_name)
