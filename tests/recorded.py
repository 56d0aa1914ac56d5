"""Reads the recorded answers of Keras 1.2.2 in `tests/golden` (see the README there)."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

GOLDEN = Path(__file__).parent / "golden"

#: Tolerances for outputs, and for gradients and trajectories: float32 on other kernels.
OUTPUT = {"rtol": 2e-4, "atol": 2e-5}
TRAJECTORY = {"rtol": 1e-3, "atol": 1e-4}


class Case:
    """A recorded case: its JSON entries as items, its arrays by name.

    An array with NaN is refused: a comparison of NaN with NaN cannot fail. Where NaN is the answer that is
    meant, such as for the logarithm of a negative number, the entry "nan" of the case lists the names of the
    arrays.
    """

    def __init__(self, data: dict[str, Any], arrays: Mapping[str, np.ndarray], number: int | str) -> None:
        self.data = data
        self._arrays = arrays
        self.number = number

    def __getitem__(self, key: str) -> Any:
        return self.data[key]

    def get(self, key: str, default: Any = None) -> Any:
        return self.data.get(key, default)

    def array(self, name: str) -> np.ndarray:
        array = self._arrays[f"{self.number}/{name}"]
        if array.dtype.kind == "f" and name not in self.get("nan", ()):
            assert not np.isnan(array).any(), f"case {self.number}: the recorded {name!r} has NaN"
        return array

    def whole(self) -> np.ndarray:
        """Returns the array of a case that has only one."""
        return self._arrays[str(self.number)]

    def list(self, name: str) -> list[np.ndarray]:
        return [self.array(f"{name}_{i}") for i in range(self.data["arrays"][name])]


def cases(kind: str) -> list[Case]:
    """Returns all cases of a file, such as "layers"."""
    data = json.loads((GOLDEN / f"{kind}.json").read_text())
    arrays = np.load(GOLDEN / f"{kind}.npz")
    return [Case(item, arrays, item.get("id", i)) for i, item in enumerate(data)]
