"""Adapters of Keras models to the interfaces of other libraries."""

from .._spelling import offered

__getattr__ = offered("wrappers")
