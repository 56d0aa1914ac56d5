"""Callbacks: objects that look on while a model trains, and may step in.

The training loop calls every callback at the start and end of training, of each epoch and of each
batch, with a dictionary `logs` of what is known then:

- batch begin: 'batch' (number in the epoch, from 0), 'size' (samples in it);
- batch end: these and the loss and metrics of the batch;
- epoch end: the averages over the epoch (from `BaseLogger`), and 'val_...' of the validation data.

Epochs are counted from 0, also in file names and messages, as in Keras 1.2.2.

A callback that remembers something from one hook to the next names it in `state_attributes`; a
`TrainingCheckpoint` then writes it down, and training that is resumed goes on with it.
"""

from .. import backend as K  # noqa: F401, programs import these from here
from .._base.progress import Progbar as Progbar
from ._base import BaseLogger as BaseLogger
from ._base import Callback as Callback
from ._base import History as History
from ._base import LambdaCallback as LambdaCallback
from ._base import ProgbarLogger as ProgbarLogger
from ._checkpoints import ModelCheckpoint as ModelCheckpoint
from ._checkpoints import TrainingCheckpoint as TrainingCheckpoint
from ._control import EarlyStopping as EarlyStopping
from ._control import LearningRateScheduler as LearningRateScheduler
from ._control import ReduceLROnPlateau as ReduceLROnPlateau
from ._list import CallbackList as CallbackList
from ._logs import CSVLogger as CSVLogger
from ._logs import RemoteMonitor as RemoteMonitor
from ._logs import TensorBoard as TensorBoard
