"""Getting data ready for a model: sequences, texts and images, as in Keras 1.

Each sub-module is imported when it is asked for; `import keras` brings none of them.
"""
