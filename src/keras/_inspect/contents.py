"""`Contents`: the parts of an open file, whatever its format."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from .._base.budget import Budget
from .._base.types import Config


class AnyArray(Protocol):
    """An array of a file that may not have been read yet; `StoredArray` of HDF5 is one."""

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape according to the file."""
        ...

    @property
    def dtype(self) -> np.dtype:
        """The dtype of what `read` returns."""
        ...

    def read(self) -> np.ndarray:
        """Reads the array."""
        ...


@dataclass(frozen=True)
class LazyArray:
    """An array that a function reads."""

    shape: tuple[int, ...]
    dtype: np.dtype
    read: Callable[[], np.ndarray]


#: Names of weights and their arrays, in order.
Arrays = list[tuple[str, AnyArray]]


@dataclass
class Contents:
    """The parts of a file; none of the arrays is read yet.

    Attributes:
        kind: str, what the file is: "a model", "weights", "a training state", "a config", "arrays".
        format: str, such as "HDF5 of Keras 1".
        model: {"class_name": ..., "config": ...} or None.
        layers: list of (layer name, its arrays); layers without arrays may be among them.
        training: dict of the arguments of `compile`, or None.
        optimizer: the arrays of the optimizer's state.
        state: dict of plain data about a training, such as its epoch; empty if the file is none.
        writer: str, the program that wrote the file, or None if it does not say so.
        backend: str such as "tensorflow", or None.
        sealed: bool, whether the file has a SHA-256 of its own, which matches.
        budget: what the file may still cost, for those who build its model; None for HDF5.
    """

    kind: str
    format: str
    model: Config | None = None
    layers: list[tuple[str, Arrays]] = field(default_factory=list)
    training: Config | None = None
    optimizer: Arrays = field(default_factory=list)
    state: dict[str, Any] = field(default_factory=dict)
    writer: str | None = None
    backend: str | None = None
    sealed: bool = False
    budget: Budget | None = None
