"""Small data sets of Keras 1, downloaded when they are first asked for.

Each sub-module is imported when it is asked for; `import keras` brings none of them.
"""
