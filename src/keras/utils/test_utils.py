"""Keras 1's path of test helpers."""

from .. import backend as K  # noqa: F401 - Keras 1 programs import it from here
from .._tools.testing import get_test_data as get_test_data
from .._tools.testing import keras_test as keras_test
from .._tools.testing import layer_test as layer_test
from ..engine import Input as Input
from ..engine import Model as Model
from ..models import Sequential as Sequential
from ..models import model_from_json as model_from_json
