"""The HDF5 files of Keras 1.2.2: the layout of weights and models, independent of the layers in them.

    /                          attributes keras_version, model_config, training_config (JSON)
        model_weights/         attribute layer_names; a weights file has its contents at the root
            dense_1/           attribute weight_names
                dense_1_W:0    the array
        optimizer_weights/     attribute weight_names, arrays; absent if there are none

Files written here begin with their SHA-256, which is compared before anything else is read; files of other
versions of Keras have none.

Nothing in a file is trusted: the reader follows no link out of the file, loads no filter, and reads no array
before the caller has seen its shape and asked for it.

Modules:
    stored: what the layout requires of a reader of HDF5: the interfaces `StoredGroup` and `StoredArray`.
    opening: checks a file and opens it with the reader, `_files.hdf5_reader`. Another one is put in here.
    h5py_reader: the same interfaces for groups that a program opened itself with h5py.
    reading, writing: the layout above, in both directions.
    rules: names and types of numbers that files may have.

h5py is imported when it is first needed, which is for writing.
"""

from .opening import open_for_reading as open_for_reading
from .reading import ModelParts as ModelParts
from .reading import Writer as Writer
from .reading import read_arrays as read_arrays
from .reading import read_layers as read_layers
from .reading import read_model_parts as read_model_parts
from .reading import read_names as read_names
from .reading import weights_group as weights_group
from .reading import writer_of as writer_of
from .stored import NamedArrays as NamedArrays
from .stored import StoredArray as StoredArray
from .stored import StoredGroup as StoredGroup
from .stored import StoredLayers as StoredLayers
from .writing import FORMAT_VERSION as FORMAT_VERSION
from .writing import open_for_writing as open_for_writing
from .writing import open_in_memory as open_in_memory
from .writing import write_arrays as write_arrays
from .writing import write_layers as write_layers
from .writing import write_model_parts as write_model_parts
from .writing import write_names as write_names
