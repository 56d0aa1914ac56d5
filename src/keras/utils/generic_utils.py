"""Keras 1's path of custom objects, stored functions and the progress bar."""

from .._base.byte_code import func_dump as func_dump
from .._base.byte_code import func_load as func_load
from .._base.names import CustomObjectScope as CustomObjectScope
from .._base.names import custom_object_scope as custom_object_scope
from .._base.names import get_custom_objects as get_custom_objects
from .._base.names import get_from_module as get_from_module
from .._base.names import make_tuple as make_tuple
from .._base.progress import Progbar as Progbar
