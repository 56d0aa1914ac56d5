"""The place of each weight in a tree of dicts: the names of its layers from the outside in, then its own."""

from typing import Any

from .._base.trees import Path
from .._graph import Variable


def weight_paths(model: Any) -> dict[Variable, Path]:
    """Returns the path of each weight of a model. A weight that several layers share has the first place.

    Args:
        model: a `Container`. One inside it is a level of its own; all other layers, wrappers included, list
            their weights under their own names, as weight files do.

    Example:
        >>> from keras.layers import Dense, Input
        >>> from keras.models import Model
        >>> x = Input(shape=(3,))
        >>> model = Model(input=x, output=Dense(2, name="out")(x))
        >>> list(weight_paths(model).values())
        [('out', 'out_W'), ('out', 'out_b')]
    """
    paths: dict[Variable, Path] = {}
    _add(model, (), paths, set())
    return paths


def _add(container: Any, above: Path, paths: dict[Variable, Path], taken: set[Path]) -> None:
    for layer in container._holders():
        inside = (*above, layer.name)
        if hasattr(layer, "layers_by_depth"):
            _add(layer, inside, paths, taken)
            continue
        for weight in layer.weights:
            if weight not in paths:
                paths[weight] = free_path((*inside, str(weight.name)), taken)


def free_path(path: Path, taken: set[Path]) -> Path:
    """Returns a path, with a number after it if it is taken; the result is taken then."""
    found, number = path, 1
    while found in taken:
        number += 1
        found = (*path[:-1], f"{path[-1]}_{number}")
    taken.add(found)
    return found
