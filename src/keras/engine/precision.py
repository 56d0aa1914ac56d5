"""What a policy means: in which float type a layer computes, and where float32 comes back.

In a layer under a mixed policy, products compute in its `compute_dtype`; weights, and all that is added up,
stay float32. Its outputs are cast to the narrow type for the layers behind it, where one of its inputs was
narrow or it made a product. A model's outputs are what they were before that. See
docs/decisions/0009-mixed-precision.md.
"""

from .. import backend as K
from .._graph import Tensor, computing_in, is_float, is_narrow
from ..backend.common import check_policy, policy_dtype


def policy_for(layer, given):
    """The policy that a new layer has: the one given to it, or else that of `K.set_policy`.

    Raises:
        ValueError: if there is no policy of that name.
    """
    return check_policy(given, f"{type(layer).__name__} {layer.name!r}") or K.policy()


def compute_dtype(layer):
    """The float type of a layer's products, a str; None where no policy says it."""
    policy = None if layer._keeps_dtypes else layer._policy_in_effect
    return "float32" if policy is not None and layer.computes_in_float32 else policy_dtype(policy)


def run_call(layer, x, *args, **kwargs):
    """`layer.call(x, ...)` under the layer's policy. Every call of a layer's `call` goes through here.

    Args:
        x: tensor or list of tensors.
    """
    dtype = compute_dtype(layer)
    if dtype is None:
        return layer.call(x, *args, **kwargs)
    inputs = x if isinstance(x, list) else [x]
    has_narrow = any(isinstance(tensor, Tensor) and is_narrow(tensor) for tensor in inputs)
    if dtype == "float32":
        inputs = [_widened(tensor) for tensor in inputs]
    with computing_in(dtype) as block:
        outputs = layer.call(inputs if isinstance(x, list) else inputs[0], *args, **kwargs)
    narrow = policy_dtype(layer._policy_in_effect)
    if narrow == "float32" or not (has_narrow or block.has_products):
        return outputs
    if isinstance(outputs, list | tuple):
        return [_narrowed(tensor, narrow) for tensor in outputs]
    return _narrowed(outputs, narrow)


def before_narrowing(tensor):
    """The tensor that a layer computed, before `run_call` made this one of it; itself where it did not."""
    return getattr(tensor, "_narrowed_from", tensor)


def origin(tensor):
    """The input of a layer that its `call` got as this tensor: itself, or what it was cast from."""
    return getattr(tensor, "_widened_from", tensor)


def in_float32(layer, tensors):
    """Tensors of a layer under a policy in float32: what is carried from step to step, or summed up."""
    if layer._policy_in_effect is None:
        return tensors
    return [_widened(before_narrowing(tensor)) for tensor in tensors]


def float32_outputs(model):
    """The outputs of a model as losses, metrics and `predict` want them: in float32, under any policy."""
    if all(layer._policy_in_effect is None for layer in _all_layers(model)):
        return model.outputs
    return [_widened(before_narrowing(tensor)) for tensor in model.outputs]


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


def _widened(tensor):
    if not isinstance(tensor, Tensor) or not is_narrow(tensor):
        return tensor
    wide = K.cast(tensor, "float32")
    wide._widened_from = tensor
    # What layers of the time look up on their inputs.
    wide._keras_shape = tensor.shape
    wide._uses_learning_phase = wide.node.uses_phase
    return wide


def _narrowed(tensor, dtype):
    if not isinstance(tensor, Tensor) or not is_float(tensor) or is_narrow(tensor):
        return tensor
    narrow = K.cast(tensor, dtype)
    narrow._narrowed_from = tensor
    return narrow
