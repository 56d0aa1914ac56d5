"""Convolutions, pooling and recurrent steps in the forms that XLA runs fastest.

Plain functions of JAX arrays, channels last; `keras.backend` makes ops of them. Each is exact and can be
differentiated twice, in reverse. Why these forms: docs/decisions/0008-kernels.md; their times:
benchmarks/kernels.py.
"""
