"""Ways to train that Keras 1 does not have.

- `as_function`, `set_params`: a model as a pure function, for `jax.jit`, `grad`, `vmap` and loops of your
  own; also methods of models;
- `fit_many`: many seeds or settings in one program; also a method of models;
- `freeze`: frozen layers whose BatchNormalization keeps its statistics;
- `find_learning_rate`: losses at growing learning rates.
"""

from ._finder import RateSearch as RateSearch
from ._finder import find_learning_rate as find_learning_rate
from ._freezing import freeze as freeze
from ._many import fit_many as fit_many
from ._pure import PureModel as PureModel
from ._pure import as_function as as_function
from ._pure import set_params as set_params
