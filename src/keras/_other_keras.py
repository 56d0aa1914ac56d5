"""Finds other distributions that provide the package `keras`. It runs before the rest of `import keras`.

Two distributions of one package write into the same folder, so the one that was installed last runs with
files of the other, and uninstalling one takes files away from both.
"""

import os
import re
import sys
import warnings
from collections.abc import Iterable, Iterator

#: The folders that pip leaves for distributions that provide `keras`; this one is keras_classic.
_RECORD = re.compile(r"(keras|keras[_-]nightly)-([^-]+)\.(dist-info|egg-info)", re.IGNORECASE)


def found(folders: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yields (folder, name and version) for each other distribution.

    Args:
        folders: paths, such as `sys.path`; those that are no folders are skipped.
    """
    for folder in dict.fromkeys(folders):
        try:
            names = os.listdir(folder or ".")
        except OSError:
            continue
        for name in names:
            match = _RECORD.fullmatch(name)
            if match:
                yield folder, f"{match[1].lower()} {match[2]}"


def check(package: str, folders: Iterable[str]) -> None:
    """Refuses another `keras` in the folder of this one, and warns of one in another folder.

    Args:
        package: path of the folder of this package.
        folders: the folders that are searched for packages.
    Raises:
        ImportError: the other one is in the same folder; the message says how to choose one.
    """
    own = os.path.realpath(os.path.dirname(os.path.abspath(package)))
    for folder, other in found(folders):
        mend = "Use an environment of its own for each (python -m venv), or keep one: "
        if os.path.realpath(folder or ".") == own:
            raise ImportError(
                f"keras-classic and {other} are both installed in {own}. Both provide the package keras and "
                f"have overwritten each other's files, so neither works. {mend}pip uninstall -y keras "
                "keras-nightly keras-classic, then pip install keras-classic (or keras)."
            )
        warnings.warn(
            f"import keras: this is keras-classic, in {own}; {other} is also installed, in {folder}. "
            f"Programs that want that one, TensorFlow among them, get this one. {mend}pip uninstall keras, "
            "or pip uninstall keras-classic.",
            stacklevel=2,
        )


check(os.path.dirname(__file__), sys.path)
