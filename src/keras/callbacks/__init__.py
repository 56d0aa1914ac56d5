"""Callbacks: objects that observe the training of a model, and may control it.

The training loop calls the hooks of every callback at the start and the end of the training, of each epoch
and of each batch. It passes a dict `logs` of what is known at that moment:

- at the start of a batch, 'batch' (number of the batch in its epoch, from 0) and 'size' (number of samples);
- at the end of a batch, also its loss and metrics;
- at the end of an epoch, the averages over the epoch (from `BaseLogger`), and the validation results, whose
  names start with 'val_'.

Epochs are counted from 0, also in file names and messages, as in Keras 1.2.2.

A callback that keeps state between hooks names it in `state_attributes`. A `TrainingCheckpoint` then saves
the state, and a resumed training continues with it.
"""

from .. import backend as K  # noqa: F401, programs import these from here
from .._base.progress import Progbar as Progbar
from ._base import Callback as Callback
from ._base import LambdaCallback as LambdaCallback
from ._checkpoints import BackupAndRestore as BackupAndRestore
from ._checkpoints import ModelCheckpoint as ModelCheckpoint
from ._checkpoints import TrainingCheckpoint as TrainingCheckpoint
from ._control import EarlyStopping as EarlyStopping
from ._control import LearningRateScheduler as LearningRateScheduler
from ._control import ReduceLROnPlateau as ReduceLROnPlateau
from ._control import TerminateOnNaN as TerminateOnNaN
from ._csv_logger import CSVLogger as CSVLogger
from ._epoch_metrics import EpochMetrics as EpochMetrics
from ._list import CallbackList as CallbackList
from ._profile import Profile as Profile
from ._remote_monitor import RemoteMonitor as RemoteMonitor
from ._standard import BaseLogger as BaseLogger
from ._standard import History as History
from ._standard import ProgbarLogger as ProgbarLogger
from ._tensorboard import TensorBoard as TensorBoard
from ._tracker import Tracker as Tracker
