"""Keras 1's paths of helpers. The modules re-export names from `_base`, `_files`, `_tools` and `engine`.

No other module of the package imports from here, so these may import layers and models. This file imports
none of them; `import keras` does.
"""
