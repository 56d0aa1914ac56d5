"""Prepares data for a model: sequences, texts and images, as in Keras 1."""
