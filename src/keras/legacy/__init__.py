"""Keras 2's path of the decorators that accepted Keras 1's names. They do nothing here: both are accepted."""
