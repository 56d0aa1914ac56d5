"""All layers. A new one is a class in one of the files, an export here, and a row in tests/catalog.py."""

from .. import activations as activations
from .. import backend as K  # noqa: F401, programs import it from here
from .. import constraints as constraints
from .. import initializations as initializations
from .. import regularizers as regularizers

# Functions that programs import from here, because Keras 1 has them beside the layers.
from .._base.byte_code import func_dump as func_dump
from .._base.byte_code import func_load as func_load
from .._base.lengths import conv_input_length as conv_input_length
from .._base.lengths import conv_output_length as conv_output_length
from .._base.names import get_from_module as get_from_module
from ..engine import Input as Input
from ..engine import InputLayer as InputLayer
from ..engine import InputSpec as InputSpec
from ..engine import Layer as Layer
from ..engine import Merge as Merge
from ..engine import merge as merge
from ..engine.files.registry import register as _register
from ._merging import Add as Add
from ._merging import Average as Average
from ._merging import Concatenate as Concatenate
from ._merging import Dot as Dot
from ._merging import Maximum as Maximum
from ._merging import Minimum as Minimum
from ._merging import Multiply as Multiply
from ._merging import Subtract as Subtract
from ._merging import add as add
from ._merging import average as average
from ._merging import concatenate as concatenate
from ._merging import dot as dot
from ._merging import maximum as maximum
from ._merging import minimum as minimum
from ._merging import multiply as multiply
from ._merging import subtract as subtract
from .advanced_activations import ELU as ELU
from .advanced_activations import LeakyReLU as LeakyReLU
from .advanced_activations import ParametricSoftplus as ParametricSoftplus
from .advanced_activations import PReLU as PReLU
from .advanced_activations import ReLU as ReLU
from .advanced_activations import Softmax as Softmax
from .advanced_activations import SReLU as SReLU
from .advanced_activations import ThresholdedReLU as ThresholdedReLU
from .convolutional import AtrousConv1D as AtrousConv1D
from .convolutional import AtrousConv2D as AtrousConv2D
from .convolutional import AtrousConvolution1D as AtrousConvolution1D
from .convolutional import AtrousConvolution2D as AtrousConvolution2D
from .convolutional import Conv1D as Conv1D
from .convolutional import Conv2D as Conv2D
from .convolutional import Conv2DTranspose as Conv2DTranspose
from .convolutional import Conv3D as Conv3D
from .convolutional import Convolution1D as Convolution1D
from .convolutional import Convolution2D as Convolution2D
from .convolutional import Convolution3D as Convolution3D
from .convolutional import Cropping1D as Cropping1D
from .convolutional import Cropping2D as Cropping2D
from .convolutional import Cropping3D as Cropping3D
from .convolutional import Deconv2D as Deconv2D
from .convolutional import Deconvolution2D as Deconvolution2D
from .convolutional import SeparableConv2D as SeparableConv2D
from .convolutional import SeparableConvolution2D as SeparableConvolution2D
from .convolutional import UpSampling1D as UpSampling1D
from .convolutional import UpSampling2D as UpSampling2D
from .convolutional import UpSampling3D as UpSampling3D
from .convolutional import ZeroPadding1D as ZeroPadding1D
from .convolutional import ZeroPadding2D as ZeroPadding2D
from .convolutional import ZeroPadding3D as ZeroPadding3D
from .convolutional_recurrent import ConvLSTM2D as ConvLSTM2D
from .convolutional_recurrent import ConvRecurrent2D as ConvRecurrent2D
from .core import Activation as Activation
from .core import ActivityRegularization as ActivityRegularization
from .core import Dense as Dense
from .core import Dropout as Dropout
from .core import Flatten as Flatten
from .core import Highway as Highway
from .core import Lambda as Lambda
from .core import Masking as Masking
from .core import MaxoutDense as MaxoutDense
from .core import Permute as Permute
from .core import RepeatVector as RepeatVector
from .core import Reshape as Reshape
from .core import SpatialDropout1D as SpatialDropout1D
from .core import SpatialDropout2D as SpatialDropout2D
from .core import SpatialDropout3D as SpatialDropout3D
from .core import TimeDistributedDense as TimeDistributedDense
from .embeddings import Embedding as Embedding
from .local import LocallyConnected1D as LocallyConnected1D
from .local import LocallyConnected2D as LocallyConnected2D
from .noise import GaussianDropout as GaussianDropout
from .noise import GaussianNoise as GaussianNoise
from .normalization import BatchNormalization as BatchNormalization
from .pooling import AveragePooling1D as AveragePooling1D
from .pooling import AveragePooling2D as AveragePooling2D
from .pooling import AveragePooling3D as AveragePooling3D
from .pooling import GlobalAveragePooling1D as GlobalAveragePooling1D
from .pooling import GlobalAveragePooling2D as GlobalAveragePooling2D
from .pooling import GlobalAveragePooling3D as GlobalAveragePooling3D
from .pooling import GlobalMaxPooling1D as GlobalMaxPooling1D
from .pooling import GlobalMaxPooling2D as GlobalMaxPooling2D
from .pooling import GlobalMaxPooling3D as GlobalMaxPooling3D
from .pooling import MaxPooling1D as MaxPooling1D
from .pooling import MaxPooling2D as MaxPooling2D
from .pooling import MaxPooling3D as MaxPooling3D
from .recurrent import GRU as GRU
from .recurrent import LSTM as LSTM
from .recurrent import CuDNNGRU as CuDNNGRU
from .recurrent import CuDNNLSTM as CuDNNLSTM
from .recurrent import Recurrent as Recurrent
from .recurrent import SimpleRNN as SimpleRNN
from .recurrent import time_distributed_dense as time_distributed_dense
from .wrappers import Bidirectional as Bidirectional
from .wrappers import TimeDistributed as TimeDistributed
from .wrappers import Wrapper as Wrapper

#: The classes above, by the names that files have for them.
LAYERS = {
    name: value
    for name, value in list(globals().items())
    if isinstance(value, type) and issubclass(value, Layer)
}
_register(**LAYERS)
