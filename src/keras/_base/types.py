"""Type aliases for arguments and results of public functions."""

import os
from collections.abc import Mapping
from typing import Any, TypeAlias

#: Sizes of the axes; None for a size that is not known before a program runs.
Shape: TypeAlias = tuple[int | None, ...]
#: The arguments of a layer, model or optimizer as plain data, as `get_config` returns them.
Config: TypeAlias = dict[str, Any]
#: Classes and functions by the names that files use for them.
CustomObjects: TypeAlias = Mapping[str, Any]
#: A path of a file or folder.
FilePath: TypeAlias = str | os.PathLike[str]
#: A symbolic `Tensor` for the caller of an op; inside the op, the JAX array in its place. No type checker
#: accepts both for one parameter, so it is unchecked.
TensorLike: TypeAlias = Any
#: Anything that NumPy converts to an array, a SciPy matrix, or data on disk that is indexed like an array.
ArrayLike: TypeAlias = Any
