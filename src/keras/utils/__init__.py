"""Keras 1's paths for helpers. Each module hands on names whose code is in `_base`, `_files` or `_tools`.

Nothing inside the package imports from here, so these modules may stand on top of layers and models. This
file imports none of them: `import keras` does.
"""
