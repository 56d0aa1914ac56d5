"""Modules that `from keras.layers import *` and its like also brought in Keras 1.

Programs of the time use `np`, `copy` or `warnings` after such a line without importing them.
"""

import copy
import csv
import functools
import inspect
import json
import marshal
import os
import re
import string
import sys
import threading
import time
import types
import warnings
from collections.abc import Mapping
from types import ModuleType

import numpy

_MODULES = {
    module.__name__: module
    for module in (
        *(copy, csv, functools, inspect, json, marshal, os, re),
        *(string, sys, threading, time, warnings),
    )
} | {"np": numpy, "python_types": types}

#: Module of Keras -> the names that it brought, as recorded from the original.
_BROUGHT = {
    "backend": "json np os sys warnings",
    "backend.common": "np",
    "callbacks": "csv json np os time warnings",
    "engine.topology": "copy inspect np os python_types warnings",
    "engine.training": "copy np threading time warnings",
    "initializations": "np",
    "layers": "copy functools inspect np python_types warnings",
    "layers.advanced_activations": "np",
    "layers.convolutional": "functools",
    "layers.convolutional_recurrent": "np warnings",
    "layers.core": "copy inspect np python_types warnings",
    "layers.noise": "np",
    "layers.recurrent": "np",
    "layers.wrappers": "copy",
    "models": "copy json np os warnings",
    "preprocessing.image": "np os re threading warnings",
    "preprocessing.text": "np string sys",
    "regularizers": "warnings",
    "utils.data_utils": "functools os sys",
    "utils.generic_utils": "marshal np python_types sys time",
    "utils.io_utils": "np sys",
    "utils.layer_utils": "copy functools inspect np python_types warnings",
    "utils.np_utils": "np",
    "utils.test_utils": "inspect np",
}


def add(package: str, modules: Mapping[str, ModuleType]) -> None:
    """Adds the names to the modules of a package.

    Args:
        package: "keras".
        modules: dict full name -> module, such as `sys.modules`.
    """
    for name, brought in _BROUGHT.items():
        module = modules[f"{package}.{name}"]
        for own in brought.split():
            vars(module).setdefault(own, _MODULES[own])
