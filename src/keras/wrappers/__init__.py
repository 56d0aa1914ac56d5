"""Models of Keras in the shape of other libraries."""
