"""plot draws models without Graphviz; model_to_dot describes the same graph."""

import subprocess
import sys
import xml.etree.ElementTree as ElementTree

import pytest

from keras._tools import layered
from keras.layers import LSTM, Dense, Input, TimeDistributed, merge
from keras.models import Model, Sequential
from keras.utils.visualize_util import model_to_dot, plot


def two_branches():
    a, b = Input((4,), name="a"), Input((3,), name="b<&>")
    x = merge([Dense(3, name="wide")(a), b], mode="sum", name="sum")
    twice = Dense(3, name="twice")
    return Model([a, b], [Dense(1, name="end")(twice(twice(x))), x])


def nested():
    inner = Sequential([Dense(4, input_dim=6, name="inside")], name="inner")
    x = Input((5, 6))
    return Model(x, LSTM(2)(TimeDistributed(inner, name="each")(x)))


def texts(path):
    return [element.text for element in ElementTree.parse(path).iter() if element.tag.endswith("text")]


def test_svg_names_every_layer(tmp_path):
    plot(two_branches(), to_file=tmp_path / "m.svg")
    shown = texts(tmp_path / "m.svg")
    assert {"a", "b<&>", "wide", "sum", "twice", "end", "InputLayer", "Merge"} <= set(shown)
    assert not any("None" in text for text in shown)


def test_show_shapes_and_show_layer_names(tmp_path):
    plot(two_branches(), str(tmp_path / "m.svg"), show_shapes=True, show_layer_names=False)
    shown = texts(tmp_path / "m.svg")
    assert {"in 2 x (None, 3)", "out (None, 1)"} <= set(shown) and "wide" not in shown


def test_layers_of_nested_models_are_drawn(tmp_path):
    plot(nested(), to_file=str(tmp_path / "m.svg"))
    assert {"each(inner)", "TimeDistributed(Sequential)", "inside"} <= set(texts(tmp_path / "m.svg"))


@pytest.mark.parametrize("name, start", [("m.png", b"\x89PNG"), ("m.pdf", b"%PDF"), ("m", b"\x89PNG")])
def test_other_formats_are_written(name, start, tmp_path):
    pytest.importorskip("matplotlib")
    plot(two_branches(), to_file=str(tmp_path / name), show_shapes=True)
    assert (tmp_path / name).read_bytes().startswith(start)


def test_unknown_format_keeps_the_old_file(tmp_path):
    pytest.importorskip("matplotlib")
    (tmp_path / "m.xyz").write_text("old")
    with pytest.raises(ValueError, match=r"cannot write \.xyz.*png"):
        plot(two_branches(), to_file=str(tmp_path / "m.xyz"))
    assert (tmp_path / "m.xyz").read_text() == "old"


def test_missing_matplotlib_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(ImportError, match=r"keras-classic\[plot\].*\.svg"):
        plot(two_branches(), to_file=str(tmp_path / "m.png"))


def test_import_keras_does_not_import_matplotlib():
    code = "import sys, keras; keras.utils.visualize_util.plot; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_plot_refuses_a_layer(tmp_path):
    with pytest.raises(TypeError, match="wanted a Model or Sequential; got Dense"):
        plot(Dense(3), to_file=str(tmp_path / "m.svg"))


def test_dot_has_the_same_nodes_and_edges():
    pytest.importorskip("pydot")
    dot = model_to_dot(two_branches(), show_shapes=True)
    assert len(dot.get_nodes()) == 6 + 1  # and the defaults
    assert len(dot.get_edges()) == 6


def test_without_pydot_the_answer_is_a_picture_that_names_pydot(monkeypatch):
    monkeypatch.setitem(sys.modules, "pydot", None)
    picture = model_to_dot(two_branches())
    assert picture.create(prog="dot", format="svg").startswith(b"<svg")
    with pytest.raises(AttributeError, match="pip install pydot"):
        picture.get_nodes()


def test_the_line_of_old_notebooks_works_without_graphviz(monkeypatch):
    pytest.importorskip("pydot")
    monkeypatch.setenv("PATH", "")
    dot = model_to_dot(two_branches(), show_shapes=True)
    for svg in (dot.create(prog="dot", format="svg"), dot.create_svg()):
        assert {"in 2 x (None, 3)", "wide"} <= {
            e.text for e in ElementTree.fromstring(svg).iter() if e.tag.endswith("text")
        }


def test_plot_returns_what_a_notebook_shows(tmp_path):
    picture = plot(two_branches(), to_file=tmp_path / "m.svg")
    assert picture._repr_svg_() == (tmp_path / "m.svg").read_text("utf-8")
    assert plot(two_branches(), to_file=None)._repr_svg_().startswith("<svg")


def test_boxes_show_shapes_and_parameters_under_the_mouse():
    root = ElementTree.fromstring(plot(two_branches(), to_file=None)._repr_svg_())
    notes = [element.text for element in root.iter() if element.tag.endswith("title")]
    assert "wide (Dense)\nin (None, 4)\nout (None, 3)\n15 parameters" in notes
    frozen = two_branches()
    frozen.get_layer("wide").trainable = False
    assert "15 parameters, frozen" in plot(frozen, to_file=None)._repr_svg_()


# --- the layout ----------------------------------------------------------------------------------

GRAPHS = {
    "one": (1, []),
    "chain": (4, [(0, 1), (1, 2), (2, 3)]),
    "diamond": (5, [(0, 1), (0, 2), (0, 3), (1, 4), (2, 4), (3, 4)]),
    "residual": (4, [(0, 1), (1, 2), (2, 3), (0, 3)]),
    "backward": (3, [(0, 1), (1, 2), (2, 0)]),
    "unconnected": (3, []),
    "two to two": (4, [(0, 3), (1, 2), (0, 2)]),
}


@pytest.mark.parametrize("count, edges", GRAPHS.values(), ids=GRAPHS)
def test_boxes_do_not_overlap_and_arrows_reach_them(count, edges):
    sizes = [(40 + 30 * (i % 3), 20 + 10 * (i % 2)) for i in range(count)]
    corners, curves, (width, height) = layered.arrange(sizes, edges)
    boxes = [(x, y, x + w, y + h) for (x, y), (w, h) in zip(corners, sizes, strict=True)]
    for i, (left, top, right, bottom) in enumerate(boxes):
        assert left >= -1e-6 and top >= 0 and right <= width + 1e-6 and bottom <= height
        for other in boxes[:i]:
            assert right < other[0] or other[2] < left or bottom < other[1] or other[3] < top
    for (source, target), way in zip(edges, curves, strict=True):
        for (x, y), box in ((way[0][0], boxes[source]), (way[-1][-1], boxes[target])):
            assert box[0] <= x <= box[2] and min(abs(y - box[1]), abs(y - box[3])) < 0.02


def test_arrows_do_not_cross_boxes():
    sizes = [(60, 20)] * 6
    edges = [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (0, 5), (1, 4), (0, 3)]
    corners, curves, _ = layered.arrange(sizes, edges)
    for way in curves:
        for start, _, _, end in way:
            for x, y in corners:
                inside = [x < px < x + 60 and y + 1 < py < y + 19 for px, py in (start, end)]
                middle = (start[0] + end[0]) / 2, (start[1] + end[1]) / 2
                inside.append(x < middle[0] < x + 60 and y + 1 < middle[1] < y + 19)
                assert not any(inside)


def test_avoidable_crossings_are_avoided():
    corners, _, _ = layered.arrange([(30, 10)] * 6, [(0, 5), (1, 4), (2, 3)])
    x = [corner[0] for corner in corners]
    assert sorted([0, 1, 2], key=x.__getitem__) == sorted([2, 1, 0], key=lambda i: x[5 - i])
