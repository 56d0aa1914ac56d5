"""Models and training: the public address of what the modules beside this one hold."""

from .. import backend as K  # noqa: F401, programs import these from here
from .. import callbacks as cbks  # noqa: F401
from .. import metrics as metrics_module  # noqa: F401
from .. import objectives as objectives
from .. import optimizers as optimizers
from ..utils.generic_utils import Progbar as Progbar
from .batches import batch_shuffle as batch_shuffle
from .batches import make_batches as make_batches
from .batches import slice_X as slice_X
from .compile import collect_metrics as collect_metrics
from .compile import weighted_objective as weighted_objective
from .container import Container as Container
from .data import check_array_lengths as check_array_lengths
from .data import check_loss_and_target_compatibility as check_loss_and_target_compatibility
from .data import standardize_input_data as standardize_input_data
from .model import Model as Model
from .queue import GeneratorEnqueuer as GeneratorEnqueuer
from .sample_weights import standardize_class_weights as standardize_class_weights
from .sample_weights import standardize_sample_or_class_weights as standardize_sample_or_class_weights
from .sample_weights import standardize_sample_weights as standardize_sample_weights
from .sample_weights import standardize_weights as standardize_weights
