"""`keras.distributed.Layout`: its arguments, and where it puts weights."""

import pytest

import keras
from keras.distributed import Layout

SIZES = {"data": 4, "model": 2}


@pytest.mark.parametrize(
    "layout, shape, spec",
    [
        (Layout(), (8, 6), (None, None)),
        (Layout(weights={"dense_.*_W": (None, "model")}), (8, 6), (None, "model")),
        (Layout(weights={"dense_.*_W": "model"}), (8, 6), ("model", None)),
        (Layout(weights={"dense": (None, "model")}), (8, 6), (None, None)),  # the whole name must fit
        (Layout(weights={".*_W": ("data", None), "dense.*": (None, "model")}), (8, 6), ("data", None)),
        (Layout(weights={"dense_.*_W": (None, "model")}), (8, 7), (None, None)),  # 7 cannot be halved
        (Layout(shard_state=True), (8, 6), (None, None)),  # too small
        (Layout(shard_state=True), (64, 128), (None, "data")),
        (Layout(shard_state=True), (64, 127), ("data", None)),
        (Layout(shard_state=True, weights={".*_W": (None, "model")}), (64, 128), ("data", "model")),
    ],
)
def test_spec_of_a_weight(layout, shape, spec):
    assert layout.spec("dense_1_W", shape, SIZES) == spec


def test_grid_of_devices():
    assert Layout().grid(8) == (8, 1) and Layout(model=2).grid(8) == (4, 2) and Layout(3).grid(8) == (3, 1)


@pytest.mark.parametrize(
    "call, said",
    [
        (lambda: Layout(data=0), "Layout: data must be an int of 1 or more, or -1 for all devices; got 0"),
        (lambda: Layout(model="2"), "model must be an int of 1 or more; got '2'"),
        (lambda: Layout(weights=["W"]), "weights must be a dict such as .* got list"),
        (lambda: Layout(weights={"(": ()}), r"'\(' is not a regular expression for names of weights"),
        (lambda: Layout(weights={"W": ("rows",)}), r"spec of 'W' must be a tuple of .* got \('rows',\)"),
        (lambda: Layout(weights={"W": ("data", "data")}), "spec of 'W' names an axis twice"),
        (lambda: Layout(shard_state=1), "shard_state must be True or False; got 1"),
        (lambda: Layout(model=3).grid(8), "data=-1 x model=3 does not fit 8 devices"),
        (lambda: Layout(data=2).grid(4, all_of_them=True), "data=2 x model=1 does not fit 4 devices"),
        (
            lambda: Layout(weights={".*": (None, None, "model")}).spec("dense_1_W", (2, 2), SIZES),
            r"has 3 axes; the weight 'dense_1_W' that it fits has the shape \(2, 2\). Give at most 2",
        ),
        (lambda: keras.distributed.use("data"), "use: wanted a keras.distributed.Layout; got str"),
        (lambda: keras.distributed.use(Layout(data=64)), "data=64 x model=1 does not fit 1 device"),
    ],
)
def test_errors_name_what_came_and_what_was_wanted(call, said):
    with pytest.raises((ValueError, TypeError), match=said):
        call()
