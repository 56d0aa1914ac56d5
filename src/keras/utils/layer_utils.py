"""Keras 1's path of layers from configs, summaries and weight conversion."""

from .._tools.conversion import convert_all_kernels_in_model as convert_all_kernels_in_model
from .._tools.conversion import convert_dense_weights_data_format as convert_dense_weights_data_format
from .._tools.conversion import convert_kernel as convert_kernel
from ..engine.files.registry import layer_from_config as layer_from_config
from ..engine.summary import count_total_params as count_total_params
from ..engine.summary import print_summary as print_summary
