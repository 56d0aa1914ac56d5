"""Layers that wrap another layer: TimeDistributed, Bidirectional."""

import copy
from collections.abc import Sequence
from typing import Any, Self

from .. import backend as K
from .._base.types import ArrayLike, Config, Shape
from .._graph import Tensor, Variable, op
from ..engine import InputSpec as InputSpec
from ..engine import Layer
from ..engine.files.entries import entry_of
from ..engine.files.registry import layer_from_config
from ..engine.node import single, to_list
from ..engine.precision import before_narrowing, run_call
from ._options import inputs_of


class Wrapper(Layer):
    """Base of the layers that wrap another layer and have its weights, losses and updates.

    Args:
        layer: the wrapped layer.

    Raises:
        TypeError: if `layer` is not a layer, or a policy is passed.
    """

    def __init__(self, layer: Layer, **kwargs: Any) -> None:
        if not isinstance(layer, Layer):
            raise TypeError(f"{type(self).__name__}: layer must be a layer; got {layer!r}.")
        if kwargs.get("policy") is not None:
            raise TypeError(
                f"{type(self).__name__} computes with the wrapped layer and takes no policy; pass it to "
                f"that layer, such as Dense(8, policy={kwargs['policy']!r})."
            )
        self.layer = layer
        self.uses_learning_phase = layer.uses_learning_phase
        super().__init__(**kwargs)
        self._policy_in_effect = layer._policy_in_effect

    def _inner_layers(self) -> list[Any]:
        return [self.layer]

    def _described_layers(self) -> list[Any]:
        return [self.layer]

    def build(self, input_shape: Shape | None = None) -> None:
        self.built = True

    @property
    def trainable_weights(self) -> list[Variable]:
        """List of the variables that training changes."""
        if not getattr(self, "trainable", True):
            return []
        return [w for layer in self._inner_layers() for w in layer.trainable_weights]

    @trainable_weights.setter
    def trainable_weights(self, weights: Sequence[Variable]) -> None:
        pass  # they are those of the wrapped layer

    @property
    def non_trainable_weights(self) -> list[Variable]:
        """List of the variables that training leaves alone; all of them if `trainable` is False."""
        fixed = [w for layer in self._inner_layers() for w in layer.non_trainable_weights]
        if getattr(self, "trainable", True):
            return fixed
        return [w for layer in self._inner_layers() for w in layer.trainable_weights] + fixed

    @non_trainable_weights.setter
    def non_trainable_weights(self, weights: Sequence[Variable]) -> None:
        pass  # they are those of the wrapped layer

    @property
    def constraints(self) -> dict[Variable, Any]:
        """Dict weight -> constraint, those of the wrapped layer."""
        found = {}
        for layer in self._inner_layers():
            found.update(layer.constraints)
        return found

    @property
    def losses(self) -> list[Tensor]:
        """List of all penalties."""
        return [loss for losses in self._losses_by_inputs.values() for loss in losses]

    @property
    def updates(self) -> list[Any]:
        """List of all updates."""
        return [update for updates in self._updates_by_inputs.values() for update in updates]

    def get_losses_for(self, inputs: Any) -> list[Tensor]:
        own = super().get_losses_for(inputs)
        if inputs is not None:
            return own
        return own + [loss for layer in self._inner_layers() for loss in layer.get_losses_for(None)]

    def _adopt(self, layer: Layer, inner_input: Any, x: Any) -> None:
        """Makes the losses and updates of a wrapped layer for its input those of the wrapper for `x`."""
        self.add_update(list(layer.get_updates_for(inner_input)), x)
        self.add_loss(list(layer.get_losses_for(inner_input)), x)

    def _listed_weights(self) -> list[Variable]:
        return [weight for layer in self._inner_layers() for weight in layer._listed_weights()]

    def get_config(self) -> Config:
        return {**super().get_config(), "layer": entry_of(self.layer)}

    @classmethod
    def from_config(cls, config: Config) -> Self:
        config = dict(config)
        return cls(layer_from_config(config.pop("layer")), **config)


class TimeDistributed(Wrapper):
    """Applies a layer or a model to every step of a sequence, with the same weights.

    Args:
        layer: the layer or model; its input is one step.

    Input shape: (samples, steps, ...), or a list of them with as many steps for a layer or model with several
    inputs. Output shape: (samples, steps, *output of the layer), or a list of them for several outputs.

    Masks: a mask of the steps, (samples, steps), is passed on. A mask that the layer makes for one step, as
    `Embedding(mask_zero=True)` does, is passed on for all steps, (samples, steps, ...); the next
    TimeDistributed layer receives it. Where a layer ends it, such as an LSTM that returns its last output, a
    step counts if any part of it does.

    Example:
        >>> from keras.layers import Input, Dense, TimeDistributed
        >>> TimeDistributed(Dense(8))(Input(shape=(10, 16))).shape
        (None, 10, 8)
    """

    input_spec = inputs_of()
    supports_masking = True

    def __init__(self, layer: Layer, **kwargs: Any) -> None:
        super().__init__(layer, **kwargs)

    @property
    def _axes_before_image(self) -> int:
        return self.layer._axes_before_image + 1

    @property
    def _image_ordering(self) -> str | None:
        return self.layer._image_ordering

    def _first_readers(self, place: int) -> list[Layer]:
        return self.layer._first_readers(place)

    def assert_input_compatibility(self, input: Any) -> None:
        if self.built:  # `build` made a spec for each input
            super().assert_input_compatibility(input)

    def build(self, input_shape: Any) -> None:
        shapes = to_list(input_shape)
        input_shape = single(shapes)
        for shape in shapes:
            if len(shape) < 3:
                raise ValueError(
                    f"TimeDistributed {self.name!r} needs input of rank 3 or more, (samples, steps, ...); "
                    f"got shape {tuple(shape)}."
                )
        steps = {shape[1] for shape in shapes} - {None}
        if len(steps) > 1:
            raise ValueError(
                f"TimeDistributed {self.name!r}: its inputs must have the same number of steps; got shapes "
                f"{', '.join(str(tuple(shape)) for shape in shapes)}."
            )
        self.input_spec = [InputSpec(ndim=len(shape)) for shape in shapes]
        if not self.layer.built:
            of_step = [(shape[0], *shape[2:]) for shape in shapes]
            inner = _alike(input_shape, of_step)
            self.layer.assert_input_compatibility(_alike(input_shape, list(map(K.placeholder, of_step))))
            self.layer.build(inner)
            self.layer.built = True
            self.layer._use_initial_weights()
        self.built = True

    #: (keys of the last inputs and their masks, masks of the outputs); `compute_mask` follows `call`.
    _last_masks: Any = (None, None)

    def call(self, inputs: Any, mask: Any = None) -> Any:
        # One call of the layer, with the steps of all samples as one batch.
        steps = self._steps_of(inputs)
        within = self._masks_within(inputs, mask)
        self.layer.assert_input_compatibility(steps)
        ys = [before_narrowing(y) for y in to_list(run_call(self.layer, steps, within))]
        masks = self._masks_of(steps, within, mask, inputs)
        self._last_masks = _keys(inputs, mask), masks if len(masks) == len(ys) else [None] * len(ys)
        self.layer._add_activity_losses(ys, to_list(steps))
        self._adopt(self.layer, steps, inputs)
        return single([self._as_steps(y, _leading(inputs)) for y in ys])

    def _steps_of(self, inputs: Any) -> Any:
        """Returns the steps of each input as one batch; all have as many, also if no shape says so."""
        leading = _leading(inputs)
        alike = [x if x is leading else _with_steps_of(x, leading) for x in to_list(inputs)]
        return _alike(inputs, [self._as_batch(x) for x in alike])

    def _as_batch(self, x: Tensor) -> Tensor:
        return K.reshape(x, (-1, *_inner(x)))

    def _as_steps(self, y: Tensor, x: Tensor) -> Tensor:
        samples = -1 if K.int_shape(x)[1] is not None else _size(x, 0)
        inner = [_size(y, axis) for axis in range(1, K.ndim(y))]
        return K.reshape(y, (samples, _size(x, 1), *inner))

    def _masks_within(self, inputs: Any, mask: Any) -> Any:
        """Returns the masks of the parts of each step, for the layer; None where it takes none."""
        takes_masks = self.layer.supports_masking or self._makes_masks()
        masks = [
            self._as_batch(one) if one is not None and K.ndim(one) > 2 and takes_masks else None
            for one in _masks(inputs, mask)
        ]
        return _alike(inputs, masks)

    def _makes_masks(self) -> bool:
        return type(self.layer).compute_mask is not Layer.compute_mask

    def _masks_of(self, steps: Any, within: Any, mask: Any, inputs: Any) -> list[Any]:
        """Returns the masks of the outputs, from those of the layer and of the steps."""
        made: list[Any] = [None]
        if any(one is not None for one in to_list(within)) or self._makes_masks():
            made = to_list(self.layer.compute_mask(steps, within))
        by_step = None  # a step counts if it does in all inputs
        for one in _masks(inputs, mask):
            while one is not None and K.ndim(one) > 2:
                one = K.any(one, axis=-1)
            by_step = _both(by_step, one)
        leading = _leading(inputs)
        return [_both(by_step, None if own is None else self._as_steps(own, leading)) for own in made]

    def compute_mask(self, input: Any, mask: Any = None) -> Any:
        keys, masks = self._last_masks
        if keys != _keys(input, mask):
            masks = self._masks_of(self._steps_of(input), self._masks_within(input, mask), mask, input)
        return single(masks)

    def get_output_shape_for(self, input_shape: Any) -> Any:
        shapes = input_shape if isinstance(input_shape, list) else [input_shape]
        inner = self.layer.get_output_shape_for(
            _alike(input_shape, [(shape[0], *shape[2:]) for shape in shapes])
        )
        steps = next((shape[1] for shape in shapes if shape[1] is not None), None)
        return single([(shape[0], steps, *shape[1:]) for shape in to_list(inner)])


def _alike(given: Any, items: list[Any]) -> Any:
    """Returns a list of items if `given` is a list, else the only one."""
    return items if isinstance(given, list) else items[0]


@op
def _with_steps_of(x: Any, other: Any) -> Any:
    """Returns x; that it has as many samples and steps as `other` then follows for unknown sizes."""
    if x.shape[:2] != other.shape[:2]:
        raise ValueError(
            f"TimeDistributed: inputs must have the same number of steps; got {x.shape} and {other.shape}."
        )
    return x


def _leading(inputs: Any) -> Tensor:
    """Returns the first input whose number of steps is known, or else the first one."""
    tensors = to_list(inputs)
    return next((x for x in tensors if K.int_shape(x)[1] is not None), tensors[0])


def _inner(x: Tensor) -> list[Any]:
    """Returns the sizes of a step."""
    return [_size(x, axis) for axis in range(2, K.ndim(x))]


def _masks(inputs: Any, mask: Any) -> list[Any]:
    """Returns a mask or None for each input."""
    return [None] * len(to_list(inputs)) if mask is None else to_list(mask)


def _keys(inputs: Any, mask: Any) -> tuple[Any, ...]:
    return (*(x.key for x in to_list(inputs)), *(id(one) for one in to_list(mask)))


class Bidirectional(Wrapper):
    """Runs a recurrent layer over the steps in both directions.

    Args:
        layer: the recurrent layer for the forward direction. The backward layer has the same options.
        merge_mode: how to combine the two outputs: "sum", "mul", "concat", "ave"; None to return both.
        weights: list of arrays, the initial weights, those of the forward layer first.

    Raises:
        ValueError: if there is no such merge_mode.
    """

    _MODES = ("sum", "mul", "ave", "concat", None)
    input_spec = inputs_of()
    supports_masking = True

    def __init__(
        self,
        layer: Any,
        merge_mode: str | None = "concat",
        weights: Sequence[ArrayLike] | None = None,
        **kwargs: Any,
    ) -> None:
        if merge_mode not in self._MODES:
            raise ValueError(f"Bidirectional: merge_mode must be one of {self._MODES}; got {merge_mode!r}.")
        self.forward_layer = copy.copy(layer)
        self.forward_layer._init_collections()  # its own, also if the given layer is used elsewhere
        self.forward_layer.inbound_nodes, self.forward_layer.outbound_nodes = [], []
        config = entry_of(layer)["config"]
        config["go_backwards"] = not config["go_backwards"]
        self.backward_layer = layer.__class__.from_config(config)
        self.forward_layer.name = "forward_" + self.forward_layer.name
        self.backward_layer.name = "backward_" + self.backward_layer.name
        self.merge_mode = merge_mode
        if weights:
            half = len(weights) // 2
            self.forward_layer.initial_weights = weights[:half]
            self.backward_layer.initial_weights = weights[half:]
        self.stateful = layer.stateful
        self.return_sequences = layer.return_sequences
        super().__init__(layer, **kwargs)

    def _inner_layers(self) -> list[Any]:
        return [self.forward_layer, self.backward_layer]

    def _described_layers(self) -> list[Any]:
        return []  # it makes two layers of its own from the options of the given one

    def __call__(self, x: Any, mask: Any = None, initial_state: Any = None, **arguments: Any) -> Any:
        """Calls the layer on a sequence.

        Args:
            x: tensor (samples, steps, ...), or a list of it and the initial states of both directions.
            mask: tensor (samples, steps); None takes the mask that came with the input.
            initial_state: list of tensors, the states of the forward layer and those of the backward layer.
            **arguments: as in `Layer`.
        """
        if initial_state is not None:
            x = [x, *initial_state]
        return super().__call__(x, mask, **arguments)

    def assert_input_compatibility(self, input: Any) -> None:
        count = len(input) if isinstance(input, list) else 1
        states = 2 * getattr(self.forward_layer, "nb_states", 0)
        if count not in (1, 1 + states):
            raise ValueError(
                f"Bidirectional layer {self.name!r} got {count} inputs; it takes a sequence, or a sequence "
                f"and {states} initial states, half for each direction. Join several inputs with merge."
            )
        super().assert_input_compatibility(_first(input))

    def _shape_to_build(self, shapes: Any) -> Any:
        return _first(shapes)

    def declared_output_shapes(self, input_shape: Any) -> Any:
        return super().declared_output_shapes(_first(input_shape))

    def build(self, input_shape: Shape) -> None:
        for layer in self._inner_layers():
            layer.assert_input_compatibility(K.placeholder(input_shape))
            layer.build(input_shape)
            layer.built = True
            layer._use_initial_weights()
        self.built = True

    def call(self, inputs: Any, mask: Any = None) -> Any:
        states = inputs[1:] if isinstance(inputs, list) else []
        inputs, mask, half = _first(inputs), _first(mask), len(states) // 2
        self.forward_layer.assert_input_compatibility(inputs)
        results = []
        for layer, own in ((self.forward_layer, states[:half]), (self.backward_layer, states[half:])):
            given = [inputs, *own] if states else inputs
            results.append([before_narrowing(y) for y in to_list(run_call(layer, given, mask))])
            self._adopt(layer, inputs, inputs)
        (forward, *forward_states), (backward, *backward_states) = results
        outputs = to_list(self._merged(forward, backward))
        return single([*outputs, *forward_states, *backward_states])

    def _merged(self, forward: Tensor, backward: Tensor) -> Any:
        """Returns the outputs of the two directions as one, or both."""
        if self.return_sequences:
            backward = K.reverse(backward, 1)
        if self.merge_mode == "concat":
            return K.concatenate([forward, backward])
        if self.merge_mode == "sum":
            return forward + backward
        if self.merge_mode == "ave":
            return (forward + backward) / 2
        if self.merge_mode == "mul":
            return forward * backward
        return [forward, backward]

    def compute_mask(self, input: Any, mask: Any) -> Any:
        own = _first(mask) if self.return_sequences else None
        outputs = [own] if self.merge_mode else [own, own]
        if getattr(self.forward_layer, "return_state", False):
            outputs += [None] * (2 * self.forward_layer.nb_states)
        return single(outputs) if self.return_sequences or len(outputs) > 2 else None

    def get_output_shape_for(self, input_shape: Shape) -> Any:
        shape = tuple(self.forward_layer.get_output_shape_for(input_shape))
        if self.merge_mode == "concat":
            return (*shape[:-1], 2 * shape[-1])
        return shape if self.merge_mode else [shape, shape]

    def reset_states(self) -> None:
        """Sets the kept states of both directions to zero."""
        for layer in self._inner_layers():
            layer.reset_states()

    def get_config(self) -> Config:
        return {**super().get_config(), "merge_mode": self.merge_mode}


def _first(items: Any) -> Any:
    """Returns the part for the sequence of a list for the sequence and its initial states."""
    return items[0] if isinstance(items, list) else items


def _both(of_steps: Tensor | None, within: Tensor | None) -> Tensor | None:
    """Returns the mask of the parts of all steps, (samples, steps, ...), without those of masked steps."""
    if of_steps is None or within is None:
        return of_steps if within is None else within
    for _ in range(K.ndim(within) - 2):
        of_steps = K.expand_dims(of_steps)
    return K.cast(of_steps, "bool") & K.cast(within, "bool")


def _size(x: Tensor, axis: int) -> Any:
    """Returns a size as an int if it is known, else as a tensor."""
    size = K.int_shape(x)[axis]
    return K.shape(x)[axis] if size is None else size
