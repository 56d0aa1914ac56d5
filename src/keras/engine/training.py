"""Keras 1's module of models and training. It re-exports them from the modules beside it."""

from .. import backend as K  # noqa: F401, programs import these from here
from .. import callbacks as cbks  # noqa: F401
from .. import metrics as metrics_module  # noqa: F401
from .. import objectives as objectives
from .. import optimizers as optimizers
from .._base.progress import Progbar as Progbar
from .container import Container as Container
from .fitting.feeds.workers import GeneratorEnqueuer as GeneratorEnqueuer
from .fitting.losses import collect_metrics as collect_metrics
from .fitting.losses import weighted_objective as weighted_objective
from .fitting.rows import batch_shuffle as batch_shuffle
from .fitting.rows import make_batches as make_batches
from .fitting.rows import slice_X as slice_X
from .fitting.sample_weights import standardize_class_weights as standardize_class_weights
from .fitting.sample_weights import standardize_sample_or_class_weights as standardize_sample_or_class_weights
from .fitting.sample_weights import standardize_sample_weights as standardize_sample_weights
from .fitting.sample_weights import standardize_weights as standardize_weights
from .fitting.standardize import check_array_lengths as check_array_lengths
from .fitting.standardize import standardize_input_data as standardize_input_data
from .fitting.values import check_loss_and_target_compatibility as check_loss_and_target_compatibility
from .model import Model as Model
