"""Spellings of Keras 2 (2.0 to 2.3), turned into those of Keras 1 before anything else sees them.

`table` is the written table; `values` says what values of Keras 2 are in Keras 1; `translate` applies both
to one call or one config; `accept` puts that in front of the public names, in one place. Layers, models and
optimizers know Keras 1 only.
"""

from .accept import accept as accept
from .translate import config_as_1x as config_as_1x
from .values import Batches as Batches
from .values import value_as_1x as value_as_1x
