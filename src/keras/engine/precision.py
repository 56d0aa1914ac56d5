"""Precision policies: the float type in which a layer computes, and what stays in float32.

In a layer under a mixed policy, products are computed in its `compute_dtype`; weights and sums stay float32.
Its outputs are cast to the narrow type if one of its inputs was narrow or it computed a product. The outputs
of a model are those before that cast. See docs/decisions/0009-mixed-precision.md.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from .. import backend as K
from .._graph import Tensor, computing_in, is_float, is_narrow
from ..backend.common import check_policy, policy_dtype
from ..backend.control import phase_of_call
from .calls import arguments_for, running


def policy_for(layer: Any, given: str | None) -> str | None:
    """Returns the policy of a new layer: the one that it was given, or else that of `K.set_policy`.

    Raises:
        ValueError: there is no policy of that name.
    """
    return check_policy(given, f"{type(layer).__name__} {layer.name!r}") or K.policy()


def compute_dtype(layer: Any) -> str | None:
    """Returns the float type in which a layer computes products, a str; None without a policy."""
    policy = None if layer._keeps_dtypes else layer._policy_in_effect
    return "float32" if policy is not None and layer.computes_in_float32 else policy_dtype(policy)


def run_call(layer: Any, x: Any, mask: Any = None, arguments: Mapping[str, Any] | None = None) -> Any:
    """Returns `layer.call(x, ...)` under the layer's policy. All code runs `call` through this function.

    Args:
        layer: the layer.
        x: tensor or list of tensors.
        mask: the masks of the inputs; not passed to a `call` that takes none.
        arguments: dict of the other arguments that the layer was called with; see `calls.arguments_for`.
    """
    with running(layer), phase_of_call((arguments or {}).get("training")):
        return _call(layer, x, arguments_for(layer, mask, arguments))


def _call(layer: Any, x: Any, kwargs: Mapping[str, Any]) -> Any:
    dtype = compute_dtype(layer)
    if dtype is None:
        return layer.call(x, **kwargs)
    inputs = x if isinstance(x, list) else [x]
    has_narrow = any(isinstance(tensor, Tensor) and is_narrow(tensor) for tensor in inputs)
    if dtype == "float32":
        inputs = [_widened(tensor) for tensor in inputs]
    with computing_in(dtype) as block:
        outputs = layer.call(inputs if isinstance(x, list) else inputs[0], **kwargs)
    narrow = policy_dtype(layer._policy_in_effect)
    if narrow is None or narrow == "float32" or not (has_narrow or block.has_products):
        return outputs
    if isinstance(outputs, list | tuple):
        return [_narrowed(tensor, narrow) for tensor in outputs]
    return _narrowed(outputs, narrow)


def before_narrowing(tensor: Any) -> Any:
    """Returns the tensor that `run_call` cast to this output of a layer, or else the tensor itself."""
    return getattr(tensor, "_narrowed_from", tensor)


def origin(tensor: Any) -> Any:
    """Returns the input of a layer that `run_call` cast to this tensor, or else the tensor itself."""
    return getattr(tensor, "_widened_from", tensor)


def in_float32(layer: Any, tensors: Sequence[Any]) -> Sequence[Any]:
    """Returns tensors in float32 if the layer has a policy: for sums, and for states between steps."""
    if layer._policy_in_effect is None:
        return tensors
    return [_widened(before_narrowing(tensor)) for tensor in tensors]


def float32_outputs(model: Any) -> list[Any]:
    """Returns the outputs of a model for losses, metrics and `predict`: in float32, under any policy."""
    if all(layer._policy_in_effect is None for layer in _all_layers(model)):
        return model.outputs
    return [_widened(before_narrowing(tensor)) for tensor in model.outputs]


def computes_in(model: Any, dtype: str) -> bool:
    """Whether a layer of a model, at any depth, computes in the float type `dtype`."""
    return any(compute_dtype(layer) == dtype for layer in _all_layers(model))


def _all_layers(model: Any) -> list[Any]:
    found, waiting = [], [model]
    while waiting:
        layer = waiting.pop()
        found.append(layer)
        waiting += layer._holders()
    return found


def _widened(tensor: Any) -> Any:
    if not isinstance(tensor, Tensor) or not is_narrow(tensor):
        return tensor
    wide = K.cast(tensor, "float32")
    wide._widened_from = tensor
    # Layers written for Keras 1 read these from their inputs.
    wide._keras_shape = tensor.shape
    wide._uses_learning_phase = wide.node.uses_phase
    return wide


def _narrowed(tensor: Any, dtype: str) -> Any:
    if not isinstance(tensor, Tensor) or not is_float(tensor) or is_narrow(tensor):
        return tensor
    narrow = K.cast(tensor, dtype)
    narrow._narrowed_from = tensor
    return narrow
