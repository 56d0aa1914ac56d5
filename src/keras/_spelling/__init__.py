"""Keras 2 spellings (2.0 to 2.3), translated to Keras 1 before any other code sees them.

`table` lists the names, `values` converts the values of arguments, `translate` applies both to one call or
one config, and `accept` wraps the public names with the translation. Layers, models and optimizers know
Keras 1 only.
"""

from .accept import accept as accept
from .later import by_config as by_config
from .later import offered as offered
from .logs import Logs as Logs
from .logs import other_name as other_name
from .own_layers import define_both_names as define_both_names
from .translate import config_as_1x as config_as_1x
from .values import Batches as Batches
from .values import value_as_1x as value_as_1x
