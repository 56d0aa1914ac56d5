"""Convolutions, pooling and recurrent steps in the forms that XLA runs fastest.

The functions take JAX arrays with channels last; `keras.backend` makes ops of them. Each is exact and can be
differentiated twice in reverse mode. The reasons for these forms: docs/decisions/0008-kernels.md; their
times: benchmarks/kernels.py.
"""
