"""The functional API: layers build graphs, models run them. The names here are those of Keras 1."""

from .topology import Input as Input
from .topology import InputLayer as InputLayer
from .topology import InputSpec as InputSpec
from .topology import Layer as Layer
from .topology import Merge as Merge
from .topology import get_source_inputs as get_source_inputs
from .topology import merge as merge
from .training import Model as Model
