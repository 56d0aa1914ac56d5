"""Models from one file format to another, with equal predictions.

    convert_file(source, target)      reads any format of `keras._inspect`, writes any of `formats.FORMATS`
    plan_conversion(source, target)   what that would lose and change; nothing is written
    load(path)                        a file of any format as a model
    formats.py                        the table: suffix, name, what the format cannot hold, how it is written
    NAME_OF_FORMAT.py                 one module for each format
    keras_2_config.py, keras_2_arrays.py   models in the words and the layout of Keras 2, from which 3 follows
    ordering.py                    the other image ordering; kernels from Theano

What a format cannot hold is found before anything is written.
"""

from .formats import FORMATS as FORMATS
from .formats import CannotCarryOver as CannotCarryOver
from .formats import Lost as Lost
from .formats import convert_file as convert_file
from .formats import plan_conversion as plan_conversion
from .loading import load as load
from .loading import load_arrays as load_arrays
from .loading import predictor as predictor
from .loading import random_inputs as random_inputs
