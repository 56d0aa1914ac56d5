"""Where Keras keeps its files."""

import os
from pathlib import Path


def keras_home():
    """The folder for settings, downloaded files and compiled programs, as a Path.

    It is what the environment variable KERAS_HOME names, and else `~/.keras`.
    """
    return Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras")
