"""The HTML of each kind of object."""

from typing import Any

from .. import backend as K
from .._graph import Tensor, Variable
from .._tools.drawing import Look, draw
from .._tools.model_graph import inner_model, layers_of, nodes_of, notes_of
from .._tools.svg_writer import svg_text
from ..callbacks import History
from ..engine.container import Container
from ..engine.layer import Layer
from ..engine.summary import expanded, memory_text, trainable_mark
from ..optimizers import Optimizer
from .curves import chart
from .page import box, folded, heading, scrolled, table


def html_of(thing: Any) -> str | None:
    """Returns the HTML of a model, layer, tensor, history or optimizer; None for anything else."""
    for kind, show in _KINDS:
        if isinstance(thing, kind):
            return box(show(thing))
    return None


def svg_of(model: Container) -> str | None:
    """Returns the picture of a model, with the layers of models inside; None if it has no layers."""
    return svg_text(draw(model, Look(shapes=True))) if model.inputs else None


def _model(model: Container) -> str:
    title = f"{model.name} ({type(model).__name__})"
    if not model.inputs:
        return heading(title, "no layers yet: model.add(Dense(10, input_shape=(784,)))")
    inputs, outputs = model.internal_input_shapes, model.internal_output_shapes
    way = " → ".join(", ".join(map(str, shapes)) for shapes in (inputs, outputs))
    facts = [way, f"{len(model.layers)} layers", _parameters(model)]
    return heading(title, *facts) + _graph(model) + folded("Summary", _summary(model))


def _graph(model: Container) -> str:
    """Returns the picture of a model, followed by those of the models inside, which open on a click."""
    parts = [scrolled(svg_text(draw(model, Look(nested=False))))]
    for layer in layers_of(nodes_of(model)):
        inside = inner_model(layer)
        if inside is not None and inside.inputs:
            wrapped = "" if inside is layer else f", inside {layer.name} ({type(layer).__name__})"
            parts.append(folded(f"{inside.name} ({type(inside).__name__}){wrapped}", _graph(inside)))
    return "".join(parts)


def _summary(model: Container) -> str:
    layers = getattr(model, "flattened_layers", model.layers)
    rows, trained = [], set(model.trainable_weights)
    for depth, layer, _ in expanded(layers, model.container_nodes):
        shape = getattr(layer, "output_shape", "multiple")
        name = f"{'  ' * depth}{layer.name} ({type(layer).__name__})"
        rows.append((name, shape, f"{layer.count_params():,}", trainable_mark(layer, trained)))
    headings = ["Layer (type)", "Output shape", "Parameters", "Trainable"]
    return table(headings, rows, numeric=[2]) + f"<div>{memory_text(layers, model.container_nodes)}</div>"


def _parameters(layer: Layer) -> str:
    count = layer.count_params()
    trained = sum(K.count_params(weight) for weight in layer.trainable_weights)
    return f"{count:,} parameters" + ("" if trained == count else f", {trained:,} of them trainable")


def _layer(layer: Layer) -> str:
    title = f"{layer.name} ({type(layer).__name__})"
    if not layer.inbound_nodes:
        return heading(title, "not called yet: it has no shapes and no weights")
    _, *facts = notes_of(layer, layer.inbound_nodes)
    rows = [(w.name, w.shape, str(w.dtype)) for w in layer.weights if isinstance(w, Variable)]
    return heading(title, *facts) + (table(["Weight", "Shape", "Dtype"], rows) if rows else "")


def _tensor(tensor: Tensor) -> str:
    layer = getattr(tensor, "_keras_history", (None,))[0]
    origin = [f"output of {layer.name} ({type(layer).__name__})"] if layer is not None else []
    kind = "sparse " if tensor.sparse else ""
    return heading(
        tensor.name, f"{kind}{type(tensor).__name__}", str(tensor.shape), str(tensor.dtype), *origin
    )


def _optimizer(optimizer: Optimizer) -> str:
    rows = optimizer._shown_arguments()
    steps = getattr(optimizer, "iterations", None)
    count = int(K.get_value(steps)) if steps is not None else 0
    return heading(type(optimizer).__name__, *([f"{count} steps counted"] if count else [])) + table(
        [], rows, [1]
    )


def _history(history: History) -> str:
    curves, best = history._curves(), history.best_epoch
    if not curves:
        return heading("History", "no epochs yet")
    count = len(history.epoch)
    facts = [f"{count} epochs" if count != 1 else "1 epoch"]
    if best is not None:
        facts.append(f"best epoch: {best + 1}")
    names = [name for name in curves if not (name.startswith("val_") and name[4:] in curves)]
    charts = [chart(name, curves[name], curves.get(f"val_{name}", []), best) for name in names]
    rows = [
        (name, *[f"{value:.4g}" for value in _first_last_best(curve, best)]) for name, curve in curves.items()
    ]
    numbers = table(["", "First", "Last", "Best epoch"], rows, numeric=[1, 2, 3])
    return heading("History", *facts) + f"<div>{''.join(charts)}</div>" + folded("Numbers", numbers)


def _first_last_best(curve: list[tuple[int, float]], best: int | None) -> list[float]:
    return [curve[0][1], curve[-1][1], next((value for epoch, value in curve if epoch == best), float("nan"))]


_KINDS: list[tuple[type, Any]] = [
    (Container, _model),
    (Layer, _layer),
    (Tensor, _tensor),
    (Optimizer, _optimizer),
    (History, _history),
]
