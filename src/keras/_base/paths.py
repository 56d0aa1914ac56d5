"""The folder in which Keras keeps its files."""

import os
from pathlib import Path


def keras_home() -> Path:
    """Returns the folder for settings, downloaded files and compiled programs.

    It is the value of the environment variable KERAS_HOME, or `~/.keras` if that is unset or empty.
    """
    return Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras")
