"""Helpers for layers: from configs, tables, kernels of another backend."""

from .. import backend as K
from ..engine.registry import layer_from_config as layer_from_config
from ..engine.summary import count_total_params as count_total_params
from ..engine.summary import print_summary as print_summary
from .np_utils import convert_kernel

#: As in Keras 1.2.2; the names are compared, so that layers of the user's with these names count.
_CONVOLUTIONS = ("Convolution1D", "Convolution2D", "Convolution3D", "AtrousConvolution2D", "Deconvolution2D")


def convert_all_kernels_in_model(model):
    """Turns the kernels of all convolutions from Theano's kind to TensorFlow's, or back, in place.

    Theano convolves, TensorFlow and this package cross-correlate: weights that were trained on Theano
    need this once. See `np_utils.convert_kernel`.

    Args:
        model: a `Model` or `Sequential`; models inside it are left alone, as in Keras 1.2.2.
    """
    for layer in model.layers:
        if type(layer).__name__ in _CONVOLUTIONS:
            ordering = getattr(layer, "dim_ordering", "tf")  # Convolution1D has its kernel in "tf" order
            K.set_value(layer.W, convert_kernel(K.get_value(layer.W), ordering))
