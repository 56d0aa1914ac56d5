"""Helpers, as in Keras 1.

The modules of this package stand at different levels, because Keras 1 has it so: `generic_utils`,
`io_utils` and `data_utils` import nothing of keras; `np_utils` reads the configuration of the
backend; `layer_utils`, `visualize_util` and `test_utils` sit on top of layers and models. So this
file imports none of them: `import keras` and the modules that need one do.
"""
