"""What files mean: saving, class names, limits, layouts of former versions."""
