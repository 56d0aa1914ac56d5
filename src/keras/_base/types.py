"""Names for annotations: what public functions take and give, where no class says it."""

import os
from collections.abc import Mapping
from typing import Any, TypeAlias

#: Sizes of the axes; None where a size is not known before a program runs.
Shape: TypeAlias = tuple[int | None, ...]
#: The arguments of a layer, model, optimizer ... as plain data, as `get_config` gives them.
Config: TypeAlias = dict[str, Any]
#: A class or function by the name that files have for it.
CustomObjects: TypeAlias = Mapping[str, Any]
#: A path on the disk.
FilePath: TypeAlias = str | os.PathLike[str]
#: A symbolic `Tensor` for who calls an op; inside the op, the JAX array that the tensor stands for. One
#: parameter cannot have both types for a checker, so it has neither.
TensorLike: TypeAlias = Any
#: Anything that NumPy makes an array of, or a SciPy matrix, or data on the disk that is indexed like one.
ArrayLike: TypeAlias = Any
