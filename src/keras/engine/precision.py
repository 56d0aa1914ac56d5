"""What a policy means: in which float type a layer computes, and where float32 comes back.

A layer under a policy casts what comes in to its `compute_dtype`, and reads its trained weights in that type.
What comes out is what it computed: that type, or float32 where the last step needed float32 (a softmax, a
sigmoid). See docs/decisions/0009-mixed-precision.md.
"""

import numpy as np

from .. import backend as K
from .._graph import Tensor, computing_in, is_float, is_narrow
from ..backend.common import check_policy, policy_dtype


def policy_for(layer, given):
    """The policy that a new layer has: the one given to it, or else that of `K.set_policy`.

    Raises:
        ValueError: if there is no policy of that name.
        TypeError: if one is given to a layer that only calls other layers.
    """
    who = f"{type(layer).__name__} {layer.name!r}"
    if given is not None and layer._keeps_dtypes:
        raise TypeError(
            f"{who} computes nothing of its own, so it takes no policy; got {given!r}. Give it to the layers "
            f"inside, such as TimeDistributed(Dense(8, policy={given!r}))."
        )
    return check_policy(given, who) or K.policy()


def compute_dtype(layer):
    """The float type in which a layer's `call` computes, a str; None where it takes tensors as they come."""
    if layer._policy_in_effect is None or layer._keeps_dtypes or layer._only_moves:
        return None
    return "float32" if layer.computes_in_float32 else policy_dtype(layer._policy_in_effect)


def run_call(layer, x, *args, **kwargs):
    """`layer.call(x, ...)` in the float type of the layer. All calls of a layer's `call` go through here.

    Args:
        x: tensor or list of tensors.
    """
    dtype = compute_dtype(layer)
    if dtype is None:
        return layer.call(x, *args, **kwargs)
    tensors = x if isinstance(x, list) else [x]
    if any(tensor.sparse for tensor in tensors if isinstance(tensor, Tensor)):
        dtype = "float32"  # products of sparse matrices have no narrow form
    tensors = [_cast(tensor, dtype) for tensor in tensors]
    variables = layer._trainable_weights
    with computing_in(None if dtype == "float32" else np.dtype(dtype), variables):
        return layer.call(tensors if isinstance(x, list) else tensors[0], *args, **kwargs)


def as_computed(layer, tensors):
    """Tensors besides the inputs, such as kept states, in the float type in which the layer computes."""
    dtype = compute_dtype(layer)
    return [tensor if dtype is None else _cast(tensor, dtype) for tensor in tensors]


def origin(tensor):
    """The input of a layer that `call` got as this tensor: itself, or what it was cast from."""
    return getattr(tensor, "_cast_from", tensor)


def widened(layer, tensor):
    """An output of a layer in float32, if the layer is under a policy: for sums over it."""
    narrow = layer._policy_in_effect is not None and is_narrow(tensor)
    return K.cast(tensor, "float32") if narrow else tensor


def float32_outputs(model):
    """The outputs of a model as losses, metrics and `predict` want them: in float32, under any policy."""
    if not any(policy_dtype(layer._policy_in_effect) for layer in _all_layers(model)):
        return list(model.outputs)
    return [K.cast(tensor, "float32") if is_narrow(tensor) else tensor for tensor in model.outputs]


def computes_in(model, dtype):
    """Whether a layer of a model, or one inside another, computes in a float type (a str)."""
    return any(compute_dtype(layer) == dtype for layer in _all_layers(model))


def _all_layers(model):
    found, waiting = [], [model]
    while waiting:
        layer = waiting.pop()
        found.append(layer)
        waiting += layer._inner_layers()
    return found


def _cast(tensor, dtype):
    if not isinstance(tensor, Tensor) or not is_float(tensor) or str(tensor.dtype) == dtype:
        return tensor
    made = K.cast(tensor, dtype)
    made._cast_from = tensor
    # What layers of the time look up on their inputs.
    made._keras_shape = tensor.shape
    made._uses_learning_phase = made.node.uses_phase
    return made
