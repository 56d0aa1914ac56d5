"""Keras 1's path for pictures of models."""

from .._tools.pictures import model_to_dot as model_to_dot
from .._tools.pictures import plot as plot
