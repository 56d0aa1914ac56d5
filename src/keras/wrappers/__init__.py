"""Adapters of Keras models to the interfaces of other libraries."""
