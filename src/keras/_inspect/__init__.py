"""What a file holds, found without running anything in it: models, weights and training states of any Keras.

    open_contents(path)    which parts the file has: one module for each format, listed in `contents`
    describe(path)         the same as plain data, for `inspect`: a tree of layers, sizes, suspicions

All formats are read through the readers of `_files` and charged to a `Budget`, as SECURITY.md states.
"""

from .contents import Contents as Contents
from .opening import open_contents as open_contents
from .report import describe as describe
