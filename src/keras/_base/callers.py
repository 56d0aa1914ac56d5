"""Where a warning points: the line of the program that called into keras."""

import os
import sys

_PACKAGE = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "")


def levels_to_caller():
    """The `stacklevel` with which `warnings.warn` names the line that called into keras.

    How many calls lie between depends on the way in: subclasses, and spellings that are translated.
    """
    level, frame = 1, sys._getframe(1)
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_PACKAGE):
        level, frame = level + 1, frame.f_back
    return level
