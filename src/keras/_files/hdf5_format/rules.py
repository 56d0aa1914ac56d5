"""What names and numbers a file may have, for reading and writing."""

from typing import Any

import numpy as np

#: Part of the messages about files that are something else.
NOT_KERAS = "not a Keras model/weights file"
_MAX_NAME_BYTES = 255


def check_name(name: Any, where: str) -> None:
    """Refuses names that are invalid in HDF5, or would be dangerous as a path.

    Args:
        name: the name.
        where: the place of the name, for messages.

    Raises:
        ValueError: the name is refused.
    """
    parts = name.split("/") if isinstance(name, str) else [""]
    if (
        not all(part not in ("", ".", "..") and part.isprintable() for part in parts)
        or "\\" in name
        or len(name.encode()) > _MAX_NAME_BYTES
    ):
        raise ValueError(
            f"{where} has the name {name!r:.300}; wanted 1 to {_MAX_NAME_BYTES} printable characters "
            "without backslash, '..', and '/' at either end."
        )


def is_number(dtype: np.dtype) -> bool:
    """Returns whether arrays of this type are read and written: bools, ints, and floats of up to 64 bits."""
    # float128 differs between machines.
    return dtype.kind in "fiub" and dtype.itemsize <= 8
