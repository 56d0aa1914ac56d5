"""`Merge` and `merge`: several tensors into one."""

import difflib
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Self

from .. import backend as K
from .._base.types import Config, Shape
from .._graph import Tensor, apply
from .files.functions import (
    called_with,
    function_from_config,
    functions_to_config,
    naming_globals,
    note_captured,
)
from .files.registry import register
from .layer import Layer
from .node import to_list

_MODES = ("sum", "mul", "concat", "ave", "cos", "dot", "max")


class Merge(Layer):
    """Combines the outputs of several layers into one tensor.

    Args:
        layers: list of layers whose outputs are merged at once, as the first layer of a Sequential; None
            for a Merge that is called on a list of tensors.
        mode: "sum", "mul", "ave" or "max" (element by element, for inputs of the same shape), "concat",
            "dot", "cos", or a function from a list of tensors to one.
        concat_axis: int, the axis of "concat"; 0 is that of the samples.
        dot_axes: int or pair of ints, the axes to sum over in "dot" and "cos"; 0 is that of the samples.
        output_shape: for a function: tuple (of one sample) or function of the input shapes; None infers it.
        output_mask: for a function: mask or function of the input masks.
        arguments: dict of more keyword arguments for the function.
        node_indices, tensor_indices: lists of int, which outputs of `layers` to take; all 0 if None.
        name: str.
        policy: as in `Layer`.
    """

    #: The nodes of a config say which layers are merged.
    _not_in_config = (*Layer._not_in_config, "layers", "node_indices", "tensor_indices")

    def __init__(
        self,
        layers: Sequence[Layer] | None = None,
        mode: str | Callable[..., Any] = "sum",
        concat_axis: int = -1,
        dot_axes: int | Sequence[int] = -1,
        output_shape: Any = None,
        output_mask: Any = None,
        arguments: Mapping[str, Any] | None = None,
        node_indices: list[int] | None = None,
        tensor_indices: list[int] | None = None,
        name: str | None = None,
        policy: str | None = None,
    ) -> None:
        super().__init__(name=name, policy=policy)
        self.layers = layers
        self.mode: Any = mode
        self.concat_axis = concat_axis
        self.dot_axes: Sequence[int] = [dot_axes, dot_axes] if isinstance(dot_axes, int) else dot_axes
        self._check_axes()
        self._output_shape: Any = tuple(output_shape) if isinstance(output_shape, list) else output_shape
        self.node_indices = node_indices
        self.tensor_indices = tensor_indices
        self._output_mask = output_mask
        self.arguments = arguments or {}
        self.supports_masking = True
        self._check_mode()
        if layers:
            node_indices = node_indices or [0] * len(layers)
            self._check_shapes(
                [layer.get_output_shape_at(i) for layer, i in zip(layers, node_indices, strict=True)],
                [layer.name for layer in layers],
            )
            self.built = True
            self.add_inbound_node(layers, node_indices, tensor_indices)
        else:
            self.built = False

    @property
    def computes_in_float32(self) -> bool:
        """Whether it computes in float32 under a mixed policy; "cos" does, as it multiplies squared norms."""
        return self.mode == "cos"

    def _check_axes(self) -> None:
        for argument, axes, count in (("concat_axis", [self.concat_axis], 1), ("dot_axes", self.dot_axes, 2)):
            whole = isinstance(axes, list | tuple) and all(hasattr(axis, "__index__") for axis in axes)
            if not whole or len(axes) != count:
                wanted = "an int or a pair of ints" if count == 2 else "an int"
                raise ValueError(f"Merge {self.name!r}: {argument} must be {wanted}; got {axes!r:.100}.")

    def _check_mode(self) -> None:
        if not callable(self.mode) and self.mode not in _MODES:
            close = difflib.get_close_matches(str(self.mode), _MODES, n=1)
            hint = f" Did you mean {close[0]!r}?" if close else ""
            raise ValueError(
                f"Merge {self.name!r}: unknown mode {self.mode!r}.{hint} Modes: {', '.join(_MODES)}, or a "
                "function."
            )

    def _check_shapes(self, shapes: Sequence[Shape], names: Sequence[str]) -> None:
        if len(shapes) < 2:
            raise ValueError(
                f"Merge {self.name!r} needs 2 or more inputs to merge; got {len(shapes)} ({names})."
            )
        if callable(self.mode):
            return
        listed = ", ".join(f"{name!r} {shape}" for name, shape in zip(names, shapes, strict=True))
        if self.mode in ("sum", "mul", "ave", "max") and not _all_agree(shapes):
            raise ValueError(
                f"Only layers of same output shape can be merged using {self.mode} mode. "
                f"Merge {self.name!r} got {listed}."
            )
        if self.mode == "concat":
            self._check_concat(shapes, listed)
        if self.mode in ("dot", "cos"):
            self._check_dot(shapes, listed)

    def _check_concat(self, shapes: Sequence[Shape], listed: str) -> None:
        rank = len(shapes[0])
        if any(len(shape) != rank for shape in shapes) or not -rank <= self.concat_axis < rank:
            raise ValueError(
                f'"concat" mode can only merge layers of the same rank along one of their axes. Merge '
                f"{self.name!r} got {listed}; concat axis: {self.concat_axis}."
            )
        axis = self.concat_axis % rank
        if not _all_agree([shape[:axis] + shape[axis + 1 :] for shape in shapes]):
            raise ValueError(
                '"concat" mode can only merge layers with matching output shapes except for the concat '
                f"axis. Merge {self.name!r} got {listed}; concat axis: {self.concat_axis}."
            )

    def _check_dot(self, shapes: Sequence[Shape], listed: str) -> None:
        if len(shapes) != 2:
            raise ValueError(f'Merge {self.name!r}: mode "{self.mode}" takes exactly 2 inputs; got {listed}.')
        sizes = []
        for shape, axis in zip(shapes, self.dot_axes, strict=True):
            if not -len(shape) <= axis < len(shape):
                raise ValueError(f"Merge {self.name!r}: no axis {axis} in {shape}; dot_axes of {listed}.")
            sizes.append(shape[axis])
        if None not in sizes and sizes[0] != sizes[1]:
            raise ValueError(
                f'Merge {self.name!r}: mode "{self.mode}" needs axes of the same size; dot_axes '
                f"{self.dot_axes} have sizes {sizes} in {listed}."
            )

    def build(self, input_shape: Sequence[Shape]) -> None:
        names = [f"input {i}" for i in range(len(input_shape))]
        self._check_shapes([tuple(shape) for shape in input_shape], names)
        self.built = True

    def __call__(self, inputs: Sequence[Tensor], mask: Any = None, **arguments: Any) -> Tensor | Any:
        if not isinstance(inputs, list | tuple):
            raise TypeError(
                f"Merge {self.name!r} must be called on a list of tensors (it needs 2 or more); "
                f"got {inputs!r}."
            )
        if not self.built:
            self._check_tensors(list(inputs))
            names = [_source_name(tensor) for tensor in inputs]
            self._check_shapes([K.int_shape(tensor) for tensor in inputs], names)
        return super().__call__(list(inputs), mask, **arguments)

    def call(self, inputs: Any, mask: Any = None) -> Any:
        if callable(self.mode):
            note_captured(
                self,
                mode=self.mode,
                output_shape=self._output_shape,
                output_mask=self._output_mask,
                arguments=self.arguments,
            )
            with naming_globals(self):
                return apply(self.mode, inputs, **self.arguments)
        return _COMBINE[self.mode](self, inputs)

    def get_output_shape_for(self, input_shape: Any) -> Shape:
        shapes: list[Any] = [tuple(shape) for shape in input_shape]
        if callable(self.mode):
            return self._shape_of_function(shapes)
        first = shapes[0]
        if self.mode in ("sum", "mul", "ave", "max"):
            return tuple(
                next((s for s in sizes if s is not None), None) for sizes in zip(*shapes, strict=True)
            )
        if self.mode == "concat":
            sizes = [shape[self.concat_axis] for shape in shapes]
            result = list(first)
            result[self.concat_axis] = None if None in sizes else sum(sizes)
            return tuple(result)
        rest = [
            [size for i, size in enumerate(shape) if i not in (0, axis % len(shape))]
            for shape, axis in zip(shapes, self.dot_axes, strict=True)
        ]
        if self.mode == "cos" and len(first) > 2:
            return (first[0], 1, *rest[0], *rest[1])
        return (first[0], *rest[0], *rest[1]) if rest[0] or rest[1] else (first[0], 1)

    def _shape_of_function(self, shapes: list[Shape]) -> Any:
        if self._output_shape is None:
            return _infer_merged_shape(self, shapes)
        if callable(self._output_shape):
            shape_of: Callable[..., Any] = self._output_shape
            with naming_globals(self):
                return tuple(shape_of(shapes))
        return (shapes[0][0], *self._output_shape)

    def declared_output_shapes(self, input_shape: Any) -> list[Shape] | None:
        if callable(self.mode) and self._output_shape is None:
            return None
        return super().declared_output_shapes(input_shape)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        if mask is None or all(m is None for m in to_list(mask)):
            return None
        if callable(self.mode):
            with naming_globals(self):
                return self._output_mask(mask) if callable(self._output_mask) else self._output_mask
        if self.mode in ("dot", "cos"):
            return None
        if self.mode == "concat":
            masks = [_as_wide(x, m) for x, m in zip(inputs, mask, strict=True)]
            return K.all(K.concatenate(masks, axis=self.concat_axis), axis=-1)
        return K.all(K.stack([m for m in mask if m is not None]), axis=0)

    def get_config(self) -> Config:
        config = {
            "name": self.name,
            **functions_to_config(self, mode=self.mode),
            "concat_axis": self.concat_axis,
            "dot_axes": self.dot_axes if self.dot_axes[0] != self.dot_axes[1] else self.dot_axes[0],
            **functions_to_config(self, output_shape=self._output_shape, output_mask=self._output_mask),
            "arguments": called_with(self, "arguments", self.arguments),
        }
        return config if self.policy is None else {**config, "policy": self.policy}

    @classmethod
    def from_config(cls, config: Config) -> Self:
        """Makes a layer from the result of `get_config`.

        Raises:
            ValueError: a function in it is byte code and code is not allowed, or its name is not known.
        """
        config = dict(config)
        for key in ("mode", "output_shape", "output_mask"):
            kind = config.pop(f"{key}_type", "raw")
            config[key] = function_from_config(config.get(key), kind, f"Merge: {key}")
        return cls(**config)


def merge(
    inputs: Sequence[Tensor],
    mode: str | Callable[..., Any] = "sum",
    concat_axis: int = -1,
    dot_axes: int | Sequence[int] = -1,
    output_shape: Any = None,
    output_mask: Any = None,
    arguments: Mapping[str, Any] | None = None,
    name: str | None = None,
) -> Tensor:
    """Combines a list of tensors into one.

    Args:
        inputs: list of two or more tensors.
        mode, concat_axis, dot_axes, output_shape, output_mask, arguments, name: as in `Merge`.
    Returns:
        Tensor.
    Raises:
        ValueError: the mode is unknown, or the shapes do not fit it.

    Example:
        >>> from keras.layers import Input, merge
        >>> a, b = Input(shape=(32,)), Input(shape=(64,))
        >>> merge([a, b], mode="concat").shape
        (None, 96)
    """
    layer = Merge(
        mode=mode,
        concat_axis=concat_axis,
        dot_axes=dot_axes,
        output_shape=output_shape,
        output_mask=output_mask,
        arguments=arguments,
        name=name,
    )
    return layer(inputs)


def _total(layer: Merge, inputs: Sequence[Any]) -> Any:
    result = inputs[0]
    for x in inputs[1:]:
        result = result + x
    return result


def _product(layer: Merge, inputs: Sequence[Any]) -> Any:
    result = inputs[0]
    for x in inputs[1:]:
        result = result * x
    return result


def _largest(layer: Merge, inputs: Sequence[Any]) -> Any:
    result = inputs[0]
    for x in inputs[1:]:
        result = K.maximum(result, x)
    return result


def _cosine(layer: Merge, inputs: Sequence[Any]) -> Any:
    """a . b / sqrt(a . a * b . b), the denominator at least `K.epsilon()`."""
    a, b = inputs
    first, second = layer.dot_axes
    # The norms are products of each input with itself along its own axis.
    squares = K.batch_dot(a, a, [first, first]) * K.batch_dot(b, b, [second, second])
    norm = K.maximum(K.sqrt(squares), K.epsilon())
    return K.expand_dims(K.batch_dot(a, b, layer.dot_axes) / norm, 1)


_COMBINE: dict[str, Callable[[Merge, Any], Any]] = {
    "sum": _total,
    "mul": _product,
    "ave": lambda layer, inputs: _total(layer, inputs) / len(inputs),
    "max": _largest,
    "concat": lambda layer, inputs: K.concatenate(inputs, axis=layer.concat_axis),
    "dot": lambda layer, inputs: K.batch_dot(inputs[0], inputs[1], layer.dot_axes),
    "cos": _cosine,
}


def _all_agree(shapes: Sequence[Shape]) -> bool:
    """Whether the shapes are equal, except for unknown sizes."""
    if len({len(shape) for shape in shapes}) > 1:
        return False
    return all(len({s for s in sizes if s is not None}) <= 1 for sizes in zip(*shapes, strict=True))


def _as_wide(x: Any, mask: Any) -> Any:
    """Returns the mask of an input of a concatenation, with the rank of the input; ones if there is none."""
    if mask is None:
        return K.ones_like(x, dtype="uint8")
    mask = K.cast(mask, "uint8")
    return K.expand_dims(mask) if K.ndim(mask) < K.ndim(x) else mask


def _infer_merged_shape(layer: Merge, shapes: Iterable[Shape]) -> Shape:
    tensors = [K.placeholder(shape) for shape in shapes]
    return K.int_shape(apply(layer.mode, tensors, **layer.arguments))


def _source_name(tensor: Any) -> str:
    history = getattr(tensor, "_keras_history", None)
    return history[0].name if history else tensor.name


register(Merge)
