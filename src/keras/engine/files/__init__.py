"""Files of models: saving and loading, names of classes, limits, layouts of earlier versions."""
