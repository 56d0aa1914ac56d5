"""Keras 1's path of downloads, and Keras 2's of `Sequence`."""

from .._base.progress import Progbar as Progbar
from .._base.sequence import Sequence as Sequence
from .._files.download import get_file as get_file
from .._files.download import validate_file as validate_file
