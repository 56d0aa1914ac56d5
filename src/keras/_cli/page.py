"""One self-contained page about a file: the graph, and each layer with its options and weights.

The page holds its data as JSON and loads nothing; `page.html` beside this module has its text and its
program. Whatever comes from the file is escaped, or set as text.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import numpy as np

from .._files.atomic import atomic_write
from .._inspect import Contents, open_contents
from .._inspect.report import arrays_by_name, in_words_of_keras_2, statistics
from .._inspect.tree import built, within_law
from .._tools.drawing import Look, draw
from .._tools.model_graph import inner_model
from .._tools.svg_writer import svg_text

_MAX_FILTERS, _MAX_SIDE = 64, 64


def write_page(path: str, found: dict[str, Any], out: str) -> None:
    """Writes the page.

    Args:
        path: the file.
        found: what `describe` returned for it.
        out: path of the page.
    """
    with open_contents(path) as contents:
        # From Keras 2 on, files have kernels channels last, whatever the layer's ordering.
        ordering = found["image_ordering"] if contents.format.endswith("of Keras 1") else "tf"
        arrays = {
            name: [_array(weight, array.read(), ordering) for weight, array in weights]
            for name, weights in _arrays(contents).items()
        }
        graphs = dict(_graphs(path, contents))
    data = {"found": found, "graphs": graphs, "arrays": arrays}
    text = Path(__file__).with_name("page.html").read_text("utf-8")
    text = text.replace("@TITLE@", escape(os.path.basename(path)))
    # "<" would end the element that holds the data.
    text = text.replace("@DATA@", json.dumps(data, default=str).replace("<", "\\u003c"))
    with atomic_write(out) as temporary, open(temporary, "w", encoding="utf-8") as file:
        file.write(text)


def _arrays(contents: Contents) -> dict[str, Any]:
    return arrays_by_name(contents.model, contents) if contents.model else dict(contents.layers)


def _graphs(path: str, contents: Contents) -> Iterator[tuple[str, str]]:
    """Yields (path of a model, its graph as SVG) for the model and those inside it; "" is the outermost."""
    words = in_words_of_keras_2(contents.model, [])
    if words is None:
        return
    numbers = sum(int(np.prod(a.shape)) for _, arrays in contents.layers for _, a in arrays) or None
    with within_law(path, os.path.getsize(path)):
        model, _ = built(words, numbers)
    stack = [("", model)] if model is not None else []
    while stack:
        name, container = stack.pop()
        yield name, svg_text(draw(container, Look(shapes=True, nested=False)))
        for layer in container.layers:
            inner = inner_model(layer)
            if inner is not None:
                stack.append((f"{name}/{layer.name}".lstrip("/"), inner))


def _array(name: str, values: np.ndarray, ordering: str | None) -> dict[str, Any]:
    """Returns what the page shows of an array: its statistics, and its numbers as gray pictures."""
    pictures = [_gray(picture) for picture in _pictures(values, ordering)]
    return {"name": name, "shape": list(values.shape), **statistics(values), "pictures": pictures}


def _pictures(values: np.ndarray, ordering: str | None) -> list[np.ndarray]:
    """Returns the first input of each filter of a kernel, or a matrix as one picture."""
    values = np.nan_to_num(np.asarray(values, "float32"))
    if values.ndim == 4:
        # Where layers differ, the small axes are those of space: few kernels have fewer channels than rows.
        last = ordering == "tf" or (ordering != "th" and sum(values.shape[:2]) <= sum(values.shape[2:]))
        filters = np.moveaxis(values[:, :, 0], -1, 0) if last else values[:, 0]
        return list(filters[:_MAX_FILTERS, :_MAX_SIDE, :_MAX_SIDE])
    if values.ndim == 2 and min(values.shape) > 1:
        steps = [-(-size // _MAX_SIDE) for size in values.shape]
        return [values[:: steps[0], :: steps[1]]]
    return []


def _gray(picture: np.ndarray) -> dict[str, Any]:
    low, high = float(picture.min()), float(picture.max())
    scaled = (picture - low) / ((high - low) or 1.0)
    return {"rows": len(picture), "pixels": np.uint8(255 * scaled).ravel().tolist()}
