"""keras-classic: the functional API of Keras 1 on today's Python, compiled by JAX."""

import sys as _sys

from . import _other_keras as _other_keras  # first: it checks before anything else is loaded
from . import _spelling, _star_imports
from . import activations as activations
from . import backend as backend
from . import callbacks as callbacks
from . import constraints as constraints
from . import datasets as datasets
from . import distributed as distributed
from . import engine as engine
from . import initializations as initializations
from . import initializers as initializers
from . import layers as layers
from . import metrics as metrics
from . import models as models
from . import objectives as objectives
from . import optimizers as optimizers
from . import preprocessing as preprocessing
from . import regularizers as regularizers
from .datasets import imdb as _imdb  # noqa: F401 - `accept` needs these modules
from .datasets import reuters as _reuters  # noqa: F401
from .preprocessing import image as _image  # noqa: F401
from .preprocessing import text as _text  # noqa: F401
from .utils import data_utils as _data_utils  # noqa: F401 - makes `keras.utils.x` available
from .utils import generic_utils as _generic_utils  # noqa: F401
from .utils import io_utils as _io_utils  # noqa: F401
from .utils import layer_utils as _layer_utils  # noqa: F401
from .utils import np_utils as _np_utils  # noqa: F401
from .utils import test_utils as _test_utils  # noqa: F401
from .utils import visualize_util as _visualize_util  # noqa: F401

__version__ = "1.2.2"

_spelling.accept(_sys.modules[__name__])
_star_imports.add(__name__, _sys.modules)
