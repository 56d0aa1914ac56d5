"""Keras 1's module of layers, nodes and containers. It re-exports them from the modules beside it."""

from .. import backend as K  # noqa: F401, programs import it from here
from .. import initializations as initializations
from .._base.byte_code import func_dump as func_dump
from .._base.byte_code import func_load as func_load
from .._files.overwrite import ask_to_proceed_with_overwrite as ask_to_proceed_with_overwrite
from .container import Container as Container
from .container import get_source_inputs as get_source_inputs
from .input_layer import Input as Input
from .input_spec import InputSpec as InputSpec
from .layer import InputLayer as InputLayer
from .layer import Layer as Layer
from .layer import Operation as Operation
from .merge import Merge as Merge
from .merge import merge as merge
from .node import Node as Node
from .node import object_list_uid as object_list_uid
from .node import to_list as to_list
