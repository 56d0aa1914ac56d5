"""Keras 1's path of arrays in HDF5 files."""

from .._files.hdf5_arrays import HDF5Matrix as HDF5Matrix
from .._files.hdf5_arrays import load_array as load_array
from .._files.hdf5_arrays import save_array as save_array
from .._files.overwrite import ask_to_proceed_with_overwrite as ask_to_proceed_with_overwrite
