"""The one way from a class of the core to what was built on it: by name, when a method is called."""

import importlib
from typing import Any


def room(name: str) -> Any:
    """Returns a package of keras that stands above the core, such as "export"; imported by its first use.

    It is for thin methods such as `model.export(...)` that hand on all they get. The core needs none of these
    packages to work.
    """
    return importlib.import_module(f"..{name}", __package__)
