"""Keras 1's path of labels, simple scores, kernel conversion and lengths."""

from .. import backend as K  # noqa: F401 - Keras 1 programs import it from here
from .._base.labels import accuracy as accuracy
from .._base.labels import binary_logloss as binary_logloss
from .._base.labels import categorical_probas_to_classes as categorical_probas_to_classes
from .._base.labels import multiclass_logloss as multiclass_logloss
from .._base.labels import normalize as normalize
from .._base.labels import probas_to_classes as probas_to_classes
from .._base.labels import to_categorical as to_categorical
from .._base.lengths import conv_input_length as conv_input_length
from .._base.lengths import conv_output_length as conv_output_length
from .._tools.conversion import convert_kernel as convert_kernel
