"""Convolution, padding, cropping and resampling layers."""

from .. import activations as activations
from .. import backend as K  # noqa: F401, programs import it from here
from .. import constraints as constraints
from .. import initializations as initializations
from .. import regularizers as regularizers
from .._base.lengths import conv_input_length as conv_input_length
from .._base.lengths import conv_output_length as conv_output_length
from ..engine import InputSpec as InputSpec
from ..engine import Layer as Layer
from ._conv import Convolution2D as Convolution2D
from ._conv1d import AtrousConvolution1D as AtrousConvolution1D
from ._conv1d import Convolution1D as Convolution1D
from ._conv3d import Convolution3D as Convolution3D
from ._conv_transpose import Conv2DTranspose as Conv2DTranspose
from ._conv_variants import AtrousConvolution2D as AtrousConvolution2D
from ._conv_variants import Deconvolution2D as Deconvolution2D
from ._conv_variants import SeparableConvolution2D as SeparableConvolution2D
from ._cropping import Cropping1D as Cropping1D
from ._cropping import Cropping2D as Cropping2D
from ._cropping import Cropping3D as Cropping3D
from ._resampling import UpSampling1D as UpSampling1D
from ._resampling import UpSampling2D as UpSampling2D
from ._resampling import UpSampling3D as UpSampling3D
from ._resampling import ZeroPadding1D as ZeroPadding1D
from ._resampling import ZeroPadding2D as ZeroPadding2D
from ._resampling import ZeroPadding3D as ZeroPadding3D
from .pooling import AveragePooling1D as AveragePooling1D
from .pooling import AveragePooling2D as AveragePooling2D
from .pooling import AveragePooling3D as AveragePooling3D
from .pooling import MaxPooling1D as MaxPooling1D
from .pooling import MaxPooling2D as MaxPooling2D
from .pooling import MaxPooling3D as MaxPooling3D

Conv1D = Convolution1D
Conv2D = Convolution2D
Conv3D = Convolution3D
Deconv2D = Deconvolution2D
AtrousConv1D = AtrousConvolution1D
AtrousConv2D = AtrousConvolution2D
SeparableConv2D = SeparableConvolution2D
