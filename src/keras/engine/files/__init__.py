"""Models in files: saving and loading, names of classes, limits, layouts of earlier versions."""
