"""The small data sets of Keras 1, downloaded on first use."""
