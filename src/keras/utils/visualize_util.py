"""Keras 1's path of diagrams of models."""

from .._tools.pictures import model_to_dot as model_to_dot
from .._tools.pictures import plot as plot
