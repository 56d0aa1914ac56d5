"""`Sequential` and `Model`, and models from files and configs."""

from .. import backend as K  # noqa: F401 - Keras 1 programs import it from here
from .. import optimizers as optimizers
from .._files.overwrite import ask_to_proceed_with_overwrite as ask_to_proceed_with_overwrite
from ..engine.container import get_source_inputs as get_source_inputs
from ..engine.input_layer import Input as Input
from ..engine.layer import Layer as Layer
from ..engine.merge import Merge as Merge
from ..engine.model import Model as Model
from ..engine.node import Node as Node
from ..optimizers import optimizer_from_config as optimizer_from_config
from ._loading import load_model as load_model
from ._loading import model_from_config as model_from_config
from ._loading import model_from_json as model_from_json
from ._loading import model_from_yaml as model_from_yaml
from ._loading import save_model as save_model
from ._sequential import Sequential as Sequential
