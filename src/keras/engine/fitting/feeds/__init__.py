"""Where batches come from, a file for each kind of data."""
