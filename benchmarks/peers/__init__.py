"""One module for each way of writing the models; each has `trainer(peer, workload, sizes)`.

A trainer has `epoch()`, which trains on all batches once, in a new order, and waits for the last one;
`predict(rows)`, which gives the outputs for the first rows; and `parameters`, their number.
"""
