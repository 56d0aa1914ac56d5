"""K: the backend of Keras 1, whose functions work on symbolic tensors and on arrays alike.

Called on symbolic tensors, a function records a node of the graph; called on arrays, it computes. `K.op`
makes an op of a function of your own.
"""

import sys as _sys
from typing import TYPE_CHECKING

from .._graph import Function as Function
from .._graph import op as op
from .._graph import show as show
from .._graph import use_compile_cache as _use_compile_cache
from .._host.heap import share_memory as _share_memory
from .common import _EPSILON as _EPSILON
from .common import _FLOATX as _FLOATX
from .common import backend as backend
from .common import cast_to_floatx as cast_to_floatx
from .common import epsilon as epsilon
from .common import floatx as floatx
from .common import get_uid as get_uid
from .common import image_data_format as image_data_format
from .common import image_dim_ordering as image_dim_ordering
from .common import keras_home as _keras_home
from .common import legacy_weight_ordering as legacy_weight_ordering
from .common import policy as policy
from .common import reset_uids as reset_uids
from .common import set_epsilon as set_epsilon
from .common import set_floatx as set_floatx
from .common import set_image_data_format as set_image_data_format
from .common import set_image_dim_ordering as set_image_dim_ordering
from .common import set_legacy_weight_ordering as set_legacy_weight_ordering
from .common import set_policy as set_policy
from .control import foldl as foldl
from .control import foldr as foldr
from .control import in_test_phase as in_test_phase
from .control import in_train_phase as in_train_phase
from .control import learning_phase as learning_phase
from .control import map_fn as map_fn
from .control import set_learning_phase as set_learning_phase
from .control import switch as switch
from .conv import atrous_conv2d as atrous_conv2d
from .conv import conv1d as conv1d
from .conv import conv2d as conv2d
from .conv import conv3d as conv3d
from .conv import deconv2d as deconv2d
from .conv import separable_conv2d as separable_conv2d
from .ctc import ctc_batch_cost as ctc_batch_cost
from .ctc import ctc_decode as ctc_decode
from .execution import clear_session as clear_session
from .execution import eval as eval
from .execution import function as function
from .execution import gradients as gradients
from .execution import print_tensor as print_tensor
from .linalg import batch_dot as batch_dot
from .linalg import dot as dot
from .linalg import transpose as transpose
from .math import abs as abs
from .math import all as all
from .math import any as any
from .math import arange as arange
from .math import argmax as argmax
from .math import argmin as argmin
from .math import clip as clip
from .math import cos as cos
from .math import equal as equal
from .math import exp as exp
from .math import greater as greater
from .math import greater_equal as greater_equal
from .math import lesser as lesser
from .math import lesser_equal as lesser_equal
from .math import log as log
from .math import max as max
from .math import maximum as maximum
from .math import mean as mean
from .math import min as min
from .math import minimum as minimum
from .math import not_equal as not_equal
from .math import pow as pow
from .math import prod as prod
from .math import round as round
from .math import sign as sign
from .math import sin as sin
from .math import sqrt as sqrt
from .math import square as square
from .math import std as std
from .math import stop_gradient as stop_gradient
from .math import sum as sum
from .math import var as var
from .more import bias_add as bias_add
from .more import constant as constant
from .more import conv2d_transpose as conv2d_transpose
from .more import conv3d_transpose as conv3d_transpose
from .more import conv_transpose as conv_transpose
from .more import cumprod as cumprod
from .more import cumsum as cumsum
from .more import depthwise_conv1d as depthwise_conv1d
from .more import depthwise_conv2d as depthwise_conv2d
from .more import eager as eager
from .more import enlarge_linearly as enlarge_linearly
from .more import gelu as gelu
from .more import identity as identity
from .more import is_placeholder as is_placeholder
from .more import is_tensor as is_tensor
from .more import is_variable as is_variable
from .more import less as less
from .more import less_equal as less_equal
from .more import local_conv1d as local_conv1d
from .more import local_conv2d as local_conv2d
from .more import logsumexp as logsumexp
from .more import manual_variable_initialization as manual_variable_initialization
from .more import normalize_data_format as normalize_data_format
from .more import separable_conv1d as separable_conv1d
from .more import size as size
from .more import slice as slice
from .more import symbolic as symbolic
from .more import top_k_values as top_k_values
from .more import truncated_normal as truncated_normal
from .nn import batch_normalization as batch_normalization
from .nn import binary_crossentropy as binary_crossentropy
from .nn import categorical_crossentropy as categorical_crossentropy
from .nn import elu as elu
from .nn import hard_sigmoid as hard_sigmoid
from .nn import in_top_k as in_top_k
from .nn import l2_normalize as l2_normalize
from .nn import normalize_batch_in_training as normalize_batch_in_training
from .nn import relu as relu
from .nn import sigmoid as sigmoid
from .nn import softmax as softmax
from .nn import softplus as softplus
from .nn import softsign as softsign
from .nn import sparse_categorical_crossentropy as sparse_categorical_crossentropy
from .nn import tanh as tanh
from .pool import pool2d as pool2d
from .pool import pool3d as pool3d
from .random import dropout as dropout
from .random import random_binomial as random_binomial
from .random import random_normal as random_normal
from .random import random_uniform as random_uniform
from .random import set_random_seed as set_random_seed
from .rnn import rnn as rnn
from .shapes import asymmetric_spatial_2d_padding as asymmetric_spatial_2d_padding
from .shapes import asymmetric_temporal_padding as asymmetric_temporal_padding
from .shapes import batch_flatten as batch_flatten
from .shapes import concatenate as concatenate
from .shapes import expand_dims as expand_dims
from .shapes import flatten as flatten
from .shapes import gather as gather
from .shapes import one_hot as one_hot
from .shapes import permute_dimensions as permute_dimensions
from .shapes import repeat as repeat
from .shapes import repeat_elements as repeat_elements
from .shapes import reshape as reshape
from .shapes import resize_images as resize_images
from .shapes import resize_volumes as resize_volumes
from .shapes import reverse as reverse
from .shapes import spatial_2d_padding as spatial_2d_padding
from .shapes import spatial_3d_padding as spatial_3d_padding
from .shapes import squeeze as squeeze
from .shapes import stack as stack
from .shapes import temporal_padding as temporal_padding
from .shapes import tile as tile
from .variables import batch_get_value as batch_get_value
from .variables import batch_set_value as batch_set_value
from .variables import cast as cast
from .variables import count_params as count_params
from .variables import dtype as dtype
from .variables import eye as eye
from .variables import get_value as get_value
from .variables import get_variable_shape as get_variable_shape
from .variables import int_shape as int_shape
from .variables import is_keras_tensor as is_keras_tensor
from .variables import is_sparse as is_sparse
from .variables import moving_average_update as moving_average_update
from .variables import ndim as ndim
from .variables import ones as ones
from .variables import ones_like as ones_like
from .variables import placeholder as placeholder
from .variables import random_normal_variable as random_normal_variable
from .variables import random_uniform_variable as random_uniform_variable
from .variables import set_value as set_value
from .variables import shape as shape
from .variables import to_dense as to_dense
from .variables import update as update
from .variables import update_add as update_add
from .variables import update_sub as update_sub
from .variables import variable as variable
from .variables import zeros as zeros
from .variables import zeros_like as zeros_like

_BACKEND = backend()  # old programs compare it
# 1.2.2 had a module for each engine, which programs import, or reach through K.
tensorflow_backend = theano_backend = _sys.modules[__name__]
_sys.modules.update(
    dict.fromkeys((f"{__name__}.tensorflow_backend", f"{__name__}.theano_backend"), theano_backend)
)

if not TYPE_CHECKING:  # type checkers would take any name for one of this module

    def __getattr__(name):
        hint = ""
        if name in ("get_session", "set_session"):
            hint = (
                ". There are no sessions here: K.eval(x) computes a value, K.function(inputs, outputs) makes "
                "a program. For old programs, keras.compat.install('tensorflow') adds stand-ins for sessions"
            )
        raise AttributeError(
            f"module {__name__!r} has no attribute {name!r}{hint}", name=name, obj=theano_backend
        )


_share_memory()
_use_compile_cache(_keras_home() / "compiled")
