"""`multi_gpu_model` of Keras 2."""

import warnings
from typing import Any

from .._base.callers import levels_to_caller


def multi_gpu_model(
    model: Any, gpus: Any = None, cpu_merge: bool = True, cpu_relocation: bool = False
) -> Any:
    """Returns the model itself, which computes on one device, with a warning.

    Args:
        model: a model.
        gpus, cpu_merge, cpu_relocation: ignored; results do not depend on them.
    """
    warnings.warn(
        "multi_gpu_model: the model runs on one device; keras.distributed.use() takes all devices.",
        stacklevel=levels_to_caller(),
    )
    return model
