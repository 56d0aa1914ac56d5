"""Stand-ins for the engines of Keras 1, so that programs that call these directly run unchanged.

    import keras.compat

    keras.compat.install("tensorflow")  # before the program imports it

Nothing here is imported with keras, and nothing is installed unless a program asks for it: docs/compat.md.
"""

import importlib
import sys
from collections.abc import Callable
from importlib.abc import MetaPathFinder
from types import ModuleType, TracebackType
from typing import Any, Never, Self

from .. import backend as K
from .._graph import Tensor
from .._spelling.version import choose as choose_version
from .._spelling.version import version as chosen_version
from ._tensors import METHODS

#: Name -> the modules of its stand-in: name for programs -> name of the module here.
_MODULES: dict[str, dict[str, str]] = {
    "tensorflow": {
        "tensorflow": "tensorflow",
        "tensorflow.nn": "tensorflow_nn",
        "tensorflow.image": "tensorflow_image",
    },
    "theano": {
        "theano": "theano",
        "theano.tensor": "theano_tensor",
        "theano.tensor.nnet": "theano_nnet",
        "theano.tensor.shared_randomstreams": "theano_random",
        "theano.sandbox": "theano_random",
        "theano.sandbox.rng_mrg": "theano_random",
    },
}
_installed: dict[str, "Installation"] = {}


def install(name: str) -> "Installation":
    """Lets `import tensorflow`, or `import theano`, find the stand-in.

    Tensors get the methods that the engine's tensors have, such as `get_shape` or `dimshuffle`, and K the
    functions `get_session` and `set_session` of TensorFlow. `uninstall` undoes all of it.

    Args:
        name: "tensorflow" or "theano".
    Returns:
        A context manager that uninstalls the stand-in at the end of its block; it may be ignored.
    Raises:
        ValueError: there is no such stand-in.
        RuntimeError: the real module is imported already.

    Example:
        >>> import keras.compat
        >>> from keras import backend as K
        >>> with keras.compat.install("tensorflow"):
        ...     import tensorflow as tf
        ...     print(K.eval(tf.reduce_sum(K.ones((2, 3)), reduction_indices=1)))
        [3. 3.]
    """
    if name not in _MODULES:
        raise ValueError(f"compat.install: got {name!r}; wanted one of {', '.join(_MODULES)}.")
    if name not in _installed:
        real = sys.modules.get(name)
        if real is not None:
            raise RuntimeError(
                f"compat.install({name!r}): {name} is imported already, from "
                f"{getattr(real, '__file__', None)}. Install the stand-in before the first import of {name}."
            )
        _installed[name] = Installation(name)
    return _installed[name]


def set_version(version: int) -> "Version":
    """Chooses the version of Keras whose meaning a call has that is valid in both, 1 or 2.

    After `set_version(2)`, such a call has the meaning and the defaults of Keras 2.3: `Conv2D(8, 3, 3)` has
    steps of 3, images are channels last, the gates of `LSTM(8)` are logistic, optimizers have `epsilon` 1e-7,
    `fit` trains one epoch. Calls with a name that only one version has are not concerned. Objects that exist
    are not changed. The page "Spellings of Keras 2" lists all of it.

    Args:
        version: 1 or 2.
    Returns:
        A context manager that restores the version before at the end of its block; it may be ignored.
    Raises:
        ValueError: for another version.

    Example:
        >>> import keras.compat
        >>> from keras.layers import Conv2D, Input
        >>> with keras.compat.set_version(2):
        ...     Conv2D(8, 3, 3)(Input(shape=(9, 9, 1))).shape  # doctest: +SKIP
        (None, 3, 3, 8)
    """
    if version not in (1, 2):
        raise ValueError(f"compat.set_version: got {version!r}; wanted 1 or 2.")
    before = Version()
    choose_version(version)
    K.set_image_dim_ordering("tf" if version == 2 else "th")
    return before


class Version:
    """The chosen version and its image ordering, restored at the end of a `with` block."""

    def __init__(self) -> None:
        self._version, self._ordering = chosen_version(), K.image_dim_ordering()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        choose_version(self._version)
        K.set_image_dim_ordering(self._ordering)


def uninstall(name: str) -> None:
    """Undoes `install(name)`; does nothing if the stand-in is not installed.

    Modules that imported the stand-in keep it.
    """
    installation = _installed.pop(name, None)
    if installation is not None:
        installation.undo()


class Installation:
    """An installed stand-in. As a context manager it uninstalls it at the end of the block."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._undo: list[Callable[[], Any]] = []
        for known_as, module in _MODULES[name].items():
            sys.modules[known_as] = found = importlib.import_module(f"{__name__}.{module}")
            self._set(found, "__path__", [])  # a package, so that the finder is asked for its modules
            self._undo.append(lambda key=known_as: sys.modules.pop(key, None))
        finder = _NoOtherModules(name)
        sys.meta_path.insert(0, finder)
        self._undo.append(lambda: sys.meta_path.remove(finder))
        for key, method in METHODS[name].items():
            self._set(Tensor, key, method)
        if name == "tensorflow":
            for key in ("get_session", "set_session"):
                self._set(K, key, getattr(sys.modules[f"{__name__}.tensorflow_session"], key))

    def _set(self, owner: Any, key: str, value: Any) -> None:
        if key not in vars(owner):
            setattr(owner, key, value)
            self._undo.append(lambda: delattr(owner, key))

    def undo(self) -> None:
        """Removes what the installation added."""
        while self._undo:
            self._undo.pop()()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        uninstall(self.name)


class _NoOtherModules(MetaPathFinder):
    """Says which modules a stand-in has, where a program imports another one of its package."""

    def __init__(self, name: str) -> None:
        self.name = name

    def find_spec(self, fullname: str, path: Any = None, target: ModuleType | None = None) -> None:
        if fullname.startswith(f"{self.name}."):
            _refuse(fullname, self.name)


def _refuse(fullname: str, name: str) -> Never:
    raise ModuleNotFoundError(
        f"The stand-in of keras.compat for {name} has no module {fullname!r}; it has "
        f"{', '.join(_MODULES[name])}.",
        name=fullname,
    )
