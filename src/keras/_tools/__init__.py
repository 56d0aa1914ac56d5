"""Diagrams of models, weight conversion and test helpers, built on the library and not used by its core."""
