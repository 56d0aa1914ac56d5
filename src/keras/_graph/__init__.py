"""A symbolic tensor graph over JAX. It does not depend on Keras: layers and models are built on it.

In reading order:

- building a graph: `tensor` (tensors, nodes, leaves), `facts` (what an op declares), `op` (ops record nodes),
  `operators` (Python operators), `infer` (shapes and dtypes), `precision` (mixed precision), `sparse`;
- computing values: `walk` (traversal), `evaluate` (nodes to values), `gradient`, `subgraph` (loop bodies);
- compiled programs: `function`, `batch_loop` (many runs in one program), `layout` (channels last), `update`;
- debugging: `verify`, `show`.
"""

from .._host.compile_cache import use_compile_cache as use_compile_cache
from . import operators as _operators  # noqa: F401 - adds Python operators to Tensor
from .batch_loop import BatchLoop as BatchLoop
from .evaluate import needs_keys as needs_keys
from .facts import Op as Op
from .facts import OpFacts as OpFacts
from .function import Function as Function
from .function import environment_of as environment_of
from .function import values_of as values_of
from .gradient import gradients as gradients
from .infer import clear_inferred as clear_inferred
from .infer import shapes_for as shapes_for
from .op import apply as apply
from .op import constant as constant
from .op import identity as identity
from .op import op as op
from .op import product_op as product_op
from .op import random_op as random_op
from .op import record as record
from .op import replay as replay
from .op import shape_op as shape_op
from .op import wide_op as wide_op
from .owner import owned_by as owned_by
from .precision import computing_in as computing_in
from .precision import is_float as is_float
from .precision import is_narrow as is_narrow
from .run import Run as Run
from .show import show as show
from .sparse import SparseMatrix as SparseMatrix
from .sparse import densify as densify
from .sparse import is_sparse as is_sparse
from .subgraph import Subgraph as Subgraph
from .tensor import Node as Node
from .tensor import Tensor as Tensor
from .tensor import Variable as Variable
from .tensor import copied as copied
from .tensor import noting_updates as noting_updates
from .tensor import phase as phase
from .tensor import placeholder as placeholder
from .tensor import samples_placeholder as samples_placeholder
from .update import whole_update as whole_update
from .verify import verify as verify
from .walk import ancestors as ancestors
from .walk import depends_on as depends_on
from .walk import leaves as leaves
