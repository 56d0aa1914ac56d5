"""safetensors: the weights, with the config of the model and the order of the weights in the metadata."""

import json
from typing import Any

import numpy as np

from .._files.atomic import atomic_write
from .._inspect.safetensors import CONFIG, ORDER
from .arrays import named_arrays
from .lost import Lost
from .npz import training_lost


def lost(model: Any) -> list[Lost]:
    """Returns what the format cannot hold."""
    return training_lost(model)


def write(model: Any, path: str) -> None:
    """Writes a model.

    Raises:
        ImportError: safetensors is not installed.
    """
    try:
        from safetensors import numpy as safetensors
    except ImportError as error:
        raise ImportError("To write .safetensors: pip install keras-classic[convert]") from error
    arrays = {name: np.ascontiguousarray(array) for name, array in named_arrays(model).items()}
    metadata = {
        "format": "np",
        "writer": "keras-classic",
        CONFIG: model.to_json(),
        ORDER: json.dumps({"names": list(arrays)}),
    }
    with atomic_write(path) as temporary:
        safetensors.save_file(arrays, temporary, metadata=metadata)
