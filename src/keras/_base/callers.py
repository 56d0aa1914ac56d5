"""The line that a warning points to: the one in the user's program that called into keras."""

import os
import sys

_PACKAGE = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "")


def levels_to_caller() -> int:
    """Returns the `stacklevel` with which `warnings.warn` names the line that called into keras.

    The number of calls in between varies: subclasses and the translation of spellings add some.
    """
    level, frame = 1, sys._getframe(1)
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_PACKAGE):
        level, frame = level + 1, frame.f_back
    return level
