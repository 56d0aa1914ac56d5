"""A layer or a model for every step of a sequence."""

from typing import Any

from .. import backend as K
from .._graph import Tensor, op
from ..engine import InputSpec, Layer
from ..engine.node import single, to_list
from ..engine.precision import before_narrowing, run_call
from ._options import inputs_of
from ._wrapper import Wrapper


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
