"""The formats that are written, by suffix, and the conversion of one file."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .._base.types import FilePath
from .._inspect import open_contents
from . import exported, hdf5_keras_1, hdf5_keras_2, keras_3, npz, ordering, safetensors, text
from .loading import load
from .lost import CannotCarryOver as CannotCarryOver
from .lost import Lost as Lost


@dataclass(frozen=True)
class Format:
    """A format to write.

    Attributes:
        suffixes: str, the suffixes that mean it; empty if it must be named.
        describes: str, what it is.
        lost: function from a model to what the format cannot hold.
        write: function (model, path).
    """

    suffixes: str
    describes: str
    lost: Callable[[Any], list[Lost]]
    write: Callable[[Any, str], None]


#: By the name that `--to` takes; of formats with the same suffix, the first is meant.
FORMATS: dict[str, Format] = {
    "keras1": Format(".h5 .hdf5", "HDF5 of Keras 1.2.2", hdf5_keras_1.lost, hdf5_keras_1.write),
    "keras2": Format("", "HDF5 of Keras 2", hdf5_keras_2.lost, hdf5_keras_2.write),
    "keras3": Format(".keras", "the archive of Keras 3", keras_3.lost, keras_3.write),
    "weights": Format(".weights.h5", "HDF5 weights of Keras 1.2.2", npz.lost, hdf5_keras_1.write_weights),
    "safetensors": Format(
        ".safetensors", "weights, config in the metadata", safetensors.lost, safetensors.write
    ),
    "npz": Format(".npz", "arrays of NumPy, with the config", npz.lost, npz.write),
    "onnx": Format(".onnx", "ONNX", exported.lost, exported.write_onnx),
    "stablehlo": Format(".stablehlo", "a program of jax.export", exported.lost, exported.write_stablehlo),
    "json": Format(".json", "the config alone", text.lost, text.write_json),
    "yaml": Format(".yaml .yml", "the config alone", text.lost, text.write_yaml),
}


@dataclass
class Conversion:
    """A conversion that is planned, and not written yet.

    Attributes:
        model: the model to write.
        format: the format of the target.
        target: str, the path.
        lost: list of `Lost`.
        notes: list of str, what was changed so that predictions stay the same.
    """

    model: Any
    format: Format
    target: str
    lost: list[Lost] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def write(self) -> None:
        """Writes the target, or nothing.

        Raises:
            CannotCarryOver: the target would be another model.
            OSError: the file cannot be written.
        """
        blocking = [item for item in self.lost if item.blocks]
        if blocking:
            raise CannotCarryOver(self.target, blocking)
        self.format.write(self.model, self.target)


def plan_conversion(
    source: FilePath,
    target: FilePath,
    to: str | None = None,
    image_ordering: str | None = None,
    theano_kernels: bool = False,
    architecture: FilePath | None = None,
) -> Conversion:
    """Plans the conversion of a file; `write()` of the result writes it.

    Args:
        source: a file of any format that `keras._inspect` reads.
        target: path of the new file, whose suffix chooses the format.
        to: str, a key of `FORMATS`, if the suffix does not tell.
        image_ordering: "th" or "tf", to which all layers of images are converted: kernels stay, the axes of
            inputs and feature maps move, and the rows of the Dense after a Flatten are reordered.
        theano_kernels: bool, whether the weights were trained on Theano, whose convolutions mirror their
            kernels; they are rotated.
        architecture: a file with the model's config, if the source has weights alone.

    Returns:
        `Conversion`.

    Raises:
        OSError, ValueError: the source cannot be read, or no format has the suffix.

    Example:
        >>> plan_conversion("old.h5", "new.keras").lost  # doctest: +SKIP
        []
    """
    name = os.fsdecode(target)
    chosen = format_of(name, to)
    model = load(source, architecture)
    plan = Conversion(model, chosen, name)
    with open_contents(source) as contents:
        if contents.optimizer and not contents.format.endswith("of Keras 1"):
            plan.lost.append(Lost(f"the optimizer's state ({len(contents.optimizer)} arrays)", blocks=False))
    if theano_kernels:
        plan.notes += ordering.rotate_kernels(model)
    if image_ordering is not None:
        plan.model, notes, lost = ordering.in_ordering(model, image_ordering)
        plan.notes += notes
        plan.lost += lost
    if not any(item.blocks for item in plan.lost):
        plan.lost += chosen.lost(plan.model)
    if chosen is FORMATS["keras3"]:
        plan.notes += keras_3.notes(plan.model)
    return plan


def convert_file(source: FilePath, target: FilePath, to: str | None = None, **options: Any) -> Conversion:
    """Writes a file in another format.

    Args:
        source, target, to, options: as of `plan_conversion`.

    Returns:
        The `Conversion` that was done: what was lost, and what was changed to keep the predictions.

    Raises:
        OSError, ValueError: the source cannot be read, no format has the suffix, or the target cannot be
            written.
        CannotCarryOver: the target would be another model; nothing is written.

    Example:
        >>> convert_file("old.h5", "new.keras")  # doctest: +SKIP
    """
    conversion = plan_conversion(source, target, to, **options)
    conversion.write()
    return conversion


def format_of(path: str, to: str | None) -> Format:
    """Returns the format for a path.

    Raises:
        ValueError: neither the suffix nor `to` names one.
    """
    if to is not None:
        if to not in FORMATS:
            raise ValueError(f"There is no format {to!r}; wanted one of {', '.join(FORMATS)}.")
        return FORMATS[to]
    by_length = sorted(
        ((suffix, found) for found in FORMATS.values() for suffix in found.suffixes.split()),
        key=lambda pair: -len(pair[0]),
    )
    for suffix, found in by_length:
        if path.lower().endswith(suffix):
            return found
    raise ValueError(
        f"{path}: its suffix names no format; wanted one of {', '.join(sorted(s for s, _ in by_length))}, or "
        "--to with the name of a format."
    )
