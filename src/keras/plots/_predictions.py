"""Predictions beside images, and the matrix of confusions."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ._figures import as_pictures, grid, new_figure, show

_RIGHT, _WRONG = "#2c7038", "#b3261e"


def show_predictions(
    images: Any,
    predictions: Any = None,
    truth: Any = None,
    classes: Sequence[str] | None = None,
    columns: int | None = None,
    dim_ordering: str | None = None,
) -> Any:
    """Draws images with what was predicted for them; what differs from the truth is red.

    Args:
        images: array, (samples, height, width), the same with a channels axis, or (samples, pixels).
        predictions: array, (samples, classes) of probabilities, (samples, 1) of the probability of class 1,
            or (samples,) of class numbers; or a model, which predicts them. None draws the images only.
        truth: array of class numbers, (samples,) or (samples, 1), or of one-hot rows, or None.
        classes: list of the names of the classes; None shows their numbers.
        columns: int, images in a row; None chooses.
        dim_ordering: "th" or "tf"; None tells from the shape.

    Returns:
        `matplotlib.figure.Figure`.

    Raises:
        ImportError: matplotlib is not installed.
        ValueError: the arrays do not fit together.
    """
    if hasattr(predictions, "predict"):
        predictions = predictions.predict(np.asarray(images))
    pictures = as_pictures(images, dim_ordering)
    found, chance = _classes_and_chances(predictions, len(pictures), "predictions")
    right, _ = _classes_and_chances(truth, len(pictures), "truth")
    figure, axes = grid(len(pictures), columns, extra=0.35)
    for number, (picture, each) in enumerate(zip(pictures, axes, strict=True)):
        show(each, picture)
        lines, color = [], "black"
        if found is not None:
            percent = "" if chance is None else f" {100 * chance[number]:.0f} %"
            lines.append(f"{_name(classes, found[number])}{percent}")
        if right is not None:
            same = found is None or found[number] == right[number]
            color = "black" if found is None else _RIGHT if same else _WRONG
            if found is None or not same:
                lines.append(f"{'' if found is None else 'is '}{_name(classes, right[number])}")
        each.set_title("\n".join(lines), fontsize=8, color=color)
    return figure


def plot_confusion(
    truth: Any, predictions: Any, classes: Sequence[str] | None = None, normalize: bool = False
) -> Any:
    """Draws how often samples of each class were predicted as each class.

    Args:
        truth: array of class numbers, (samples,) or (samples, 1), or of one-hot rows.
        predictions: the same, or probabilities.
        classes: list of the names of the classes; None shows their numbers.
        normalize: whether to show shares of each true class (a row) in percent in place of counts.

    Returns:
        `matplotlib.figure.Figure`.

    Raises:
        ImportError: matplotlib is not installed.
        ValueError: the arrays differ in length, or `classes` is too short.
    """
    matrix = confusion_matrix(truth, predictions, classes)
    rows = matrix.sum(axis=1, keepdims=True)
    shares = matrix / np.maximum(rows, 1)
    count = len(matrix)
    side = max(3.0, 0.55 * count + 1.4)
    figure = new_figure(side + 0.4, side)
    axes = figure.add_subplot()
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    names = [_name(classes, number) for number in range(count)]
    axes.set_xticks(range(count), names, rotation=45 if max(map(len, names)) > 3 else 0, ha="center")
    axes.set_yticks(range(count), names)
    axes.set_xlabel("predicted")
    axes.set_ylabel("true")
    if count <= 30:
        size = 9 if count <= 12 else 6
        for (row, column), number in np.ndenumerate(matrix):
            text = f"{100 * shares[row, column]:.0f} %" if normalize else str(number)
            color = "white" if shares[row, column] > 0.6 else "black"
            axes.text(column, row, text, ha="center", va="center", fontsize=size, color=color)
    axes.set_title(f"{np.trace(matrix)} of {matrix.sum()} right", fontsize=10)
    return figure


def confusion_matrix(truth: Any, predictions: Any, classes: Sequence[str] | None = None) -> np.ndarray:
    """Returns counts, int array (true class, predicted class), for the arguments of `plot_confusion`."""
    right, _ = _classes_and_chances(truth, None, "truth")
    found, _ = _classes_and_chances(predictions, len(right) if right is not None else None, "predictions")
    if right is None or found is None or not len(right):
        raise ValueError("plot_confusion: wanted true and predicted classes of at least one sample.")
    columns = [np.shape(each)[1] for each in (truth, predictions) if np.ndim(each) == 2]
    count = max(int(right.max()) + 1, int(found.max()) + 1, len(classes or ()), *columns)
    if classes is not None and len(classes) < count:
        raise ValueError(f"plot_confusion: {count} classes occur; classes names {len(classes)}.")
    matrix = np.zeros((count, count), int)
    np.add.at(matrix, (right, found), 1)
    return matrix


def _classes_and_chances(
    values: Any, samples: int | None, who: str
) -> tuple[np.ndarray | None, np.ndarray | None]:
    """Returns the class of each sample, and its probability where it is known."""
    if values is None:
        return None, None
    array = np.asarray(values)
    if array.ndim not in (1, 2) or (samples is not None and len(array) != samples):
        wanted = "" if samples is None else f" of {samples} samples"
        raise ValueError(
            f"{who}: wanted class numbers (samples,) or probabilities (samples, classes){wanted}; "
            f"got an array of shape {array.shape}."
        )
    if array.ndim == 2 and array.shape[1] > 1:
        found = array.argmax(axis=1)
        return found, np.take_along_axis(array, found[:, None], 1)[:, 0]
    flat = array.reshape(len(array))
    if np.issubdtype(flat.dtype, np.floating) and not np.array_equal(flat, np.round(flat)):
        found = (flat > 0.5).astype(int)  # the probability of class 1
        return found, np.where(found == 1, flat, 1 - flat)
    return flat.astype(int), None


def _name(classes: Sequence[str] | None, number: Any) -> str:
    return str(classes[int(number)]) if classes is not None else str(int(number))
