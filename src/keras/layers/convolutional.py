"""Convolution, padding and resampling layers."""

from ._conv import Convolution2D as Convolution2D
from ._resampling import ZeroPadding1D as ZeroPadding1D
from ._resampling import ZeroPadding2D as ZeroPadding2D
from ._resampling import ZeroPadding3D as ZeroPadding3D

Conv2D = Convolution2D
