"""Event files of the `TensorBoard` callback, read back."""

import struct

import numpy as np
import pytest

from keras.callbacks import TensorBoard
from keras.layers import Dense, Input, merge
from keras.models import Model, Sequential

pytest.importorskip("tensorboardX")
from tensorboardX.proto.event_pb2 import Event
from tensorboardX.proto.graph_pb2 import GraphDef

X, Y = np.ones((8, 3)), np.zeros((8, 2))


def events(folder):
    """Returns the events in a folder. 12 bytes, the length first, precede each event; 4 follow."""
    for path in sorted(folder.iterdir()):
        content, place = path.read_bytes(), 0
        while place < len(content):
            (size,) = struct.unpack_from("<Q", content, place)
            yield Event.FromString(content[place + 12 : place + 12 + size])
            place += size + 16


def graphs(folder):
    return [GraphDef.FromString(event.graph_def) for event in events(folder) if event.graph_def]


def fit(model, folder, **kwargs):
    model.compile("sgd", "mse")
    callback = TensorBoard(str(folder), **kwargs)
    return model.fit(X, Y, nb_epoch=3, verbose=0, callbacks=[callback], validation_data=(X, Y))


def test_graph_has_a_node_for_each_layer(tmp_path):
    a = Input((3,), name="a")
    shared = Dense(3, name="shared one")
    b = shared(shared(a))
    model = Model(a, Dense(2, name="out")(merge([a, b], mode="concat", name="joined")))
    fit(model, tmp_path)
    [graph] = graphs(tmp_path)
    assert [(node.name, node.op, list(node.input)) for node in graph.node] == [
        ("a", "InputLayer", []),
        ("shared_one", "Dense", ["a"]),
        ("shared_one_2", "Dense", ["shared_one"]),
        ("joined", "Merge", ["a", "shared_one_2"]),
        ("out", "Dense", ["joined"]),
    ]
    shapes = [[dim.size for dim in node.attr["_output_shapes"].list.shape[0].dim] for node in graph.node]
    assert shapes == [[-1, 3], [-1, 3], [-1, 3], [-1, 6], [-1, 2]]
    assert {node.attr["dtype"].type for node in graph.node} == {1}  # DT_FLOAT


def test_graph_shows_an_inner_model_as_one_node(tmp_path):
    inner = Sequential([Dense(3, input_dim=3)], name="inner")
    model = Sequential([Dense(3, input_dim=3, name="first"), inner, Dense(2, name="last")])
    fit(model, tmp_path)
    [graph] = graphs(tmp_path)
    rows = {node.name: list(node.input) for node in graph.node}
    assert rows["inner"] == ["first"] and rows["last"] == ["inner"] and len(rows) == 4


def test_write_graph_false_writes_no_graph(tmp_path):
    fit(Sequential([Dense(2, input_dim=3)]), tmp_path, write_graph=False)
    assert graphs(tmp_path) == []


def test_scalars_histograms_and_images_can_be_read_back(tmp_path):
    model = Sequential([Dense(2, input_dim=3, name="d")])
    history = fit(model, tmp_path, histogram_freq=2, write_images=True).history
    values = [(event.step, value) for event in events(tmp_path) for value in event.summary.value]
    for name in ("loss", "val_loss"):
        found = [(step, v.simple_value) for step, v in values if v.tag == name]
        assert [step for step, _ in found] == [0, 1, 2]
        np.testing.assert_allclose([value for _, value in found], history[name], rtol=1e-6)
    histograms = [(step, v.tag, v.histo) for step, v in values if v.HasField("histo")]
    assert [(step, tag) for step, tag, _ in histograms] == [
        (step, tag) for step in (0, 2) for tag in ("d_W", "d_b", "d_out")
    ]
    last = {tag: histogram for _, tag, histogram in histograms}
    W, b = model.get_weights()
    assert last["d_W"].num == W.size and np.isclose(last["d_W"].max, W.max())
    assert np.isclose(last["d_b"].sum, b.sum())
    images = [(v.tag, v.image.height, v.image.width) for _, v in values if v.HasField("image")]
    assert images == [("d_W", 2, 3), ("d_b", 1, 2)] * 2  # wider than high
