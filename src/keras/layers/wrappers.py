"""Layers around layers: TimeDistributed, Bidirectional."""

import copy

from .. import backend as K
from ..engine import InputSpec, Layer
from ..engine.files.registry import layer_from_config
from ..engine.node import to_list
from ..engine.precision import before_narrowing, run_call


class Wrapper(Layer):
    """Base of layers that hold another layer, whose weights, losses and updates are theirs.

    Args:
        layer: the layer inside.
    """

    def __init__(self, layer, **kwargs):
        if not isinstance(layer, Layer):
            raise TypeError(f"{type(self).__name__}: layer must be a layer; got {layer!r}.")
        if kwargs.get("policy") is not None:
            raise TypeError(
                f"{type(self).__name__} computes with the layer inside it and takes no policy; give it to "
                f"that layer, such as Dense(8, policy={kwargs['policy']!r})."
            )
        self.layer = layer
        super().__init__(**kwargs)
        self._policy_in_effect = layer._policy_in_effect

    def _inner_layers(self):
        return [self.layer]

    def build(self, input_shape=None):
        self.built = True

    @property
    def trainable_weights(self):
        if not getattr(self, "trainable", True):
            return []
        return [w for layer in self._inner_layers() for w in layer.trainable_weights]

    @trainable_weights.setter
    def trainable_weights(self, weights):
        pass

    @property
    def non_trainable_weights(self):
        fixed = [w for layer in self._inner_layers() for w in layer.non_trainable_weights]
        if getattr(self, "trainable", True):
            return fixed
        return [w for layer in self._inner_layers() for w in layer.trainable_weights] + fixed

    @non_trainable_weights.setter
    def non_trainable_weights(self, weights):
        pass

    @property
    def constraints(self):
        """Dict weight -> constraint of the layer inside."""
        found = {}
        for layer in self._inner_layers():
            found.update(layer.constraints)
        return found

    @property
    def losses(self):
        """List of all penalties."""
        return [loss for losses in self._losses_by_inputs.values() for loss in losses]

    @property
    def updates(self):
        """List of all updates."""
        return [update for updates in self._updates_by_inputs.values() for update in updates]

    def get_losses_for(self, inputs):
        own = super().get_losses_for(inputs)
        if inputs is not None:
            return own
        return own + [loss for layer in self._inner_layers() for loss in layer.get_losses_for(None)]

    def _adopt(self, layer, inner_input, x):
        """Takes over what a layer inside added for its input, as belonging to the wrapper's input."""
        self.add_update(list(layer.get_updates_for(inner_input)), x)
        self.add_loss(list(layer.get_losses_for(inner_input)), x)

    def _listed_weights(self):
        return [weight for layer in self._inner_layers() for weight in layer._listed_weights()]

    def get_config(self):
        inner = {"class_name": type(self.layer).__name__, "config": self.layer.get_config()}
        return {**super().get_config(), "layer": inner}

    @classmethod
    def from_config(cls, config):
        config = dict(config)
        return cls(layer_from_config(config.pop("layer")), **config)


class TimeDistributed(Wrapper):
    """Applies a layer or a model to every step of a sequence, with one set of weights.

    Args:
        layer: the layer or model; its input is one step.

    Input shape: (samples, steps, ...). Output shape: (samples, steps, *output of the layer).

    Example:
        >>> from keras.layers import Input, Dense, TimeDistributed
        >>> TimeDistributed(Dense(8))(Input(shape=(10, 16))).shape
        (None, 10, 8)
    """

    input_spec = [InputSpec()]  # one input, of any shape

    def __init__(self, layer, **kwargs):
        self.supports_masking = True
        super().__init__(layer, **kwargs)

    def _first_readers(self, place):
        return self.layer._first_readers(place)

    def build(self, input_shape):
        if len(input_shape) < 3:
            raise ValueError(
                f"TimeDistributed {self.name!r} needs input of rank 3 or more, (samples, steps, ...); got "
                f"shape {tuple(input_shape)}."
            )
        self.input_spec = [InputSpec(ndim=len(input_shape))]
        step_shape = (input_shape[0], *input_shape[2:])
        if not self.layer.built:
            self.layer.assert_input_compatibility(K.placeholder(step_shape))
            self.layer.build(step_shape)
            self.layer.built = True
            self.layer._use_initial_weights()
        self.built = True

    def call(self, inputs, mask=None):
        shape = K.int_shape(inputs)
        # All steps of all samples in one batch: one call of the layer.
        steps = K.reshape(inputs, (-1, *(_size(inputs, axis) for axis in range(2, len(shape)))))
        self.layer.assert_input_compatibility(steps)
        y = before_narrowing(run_call(self.layer, steps))
        self.layer._add_activity_losses(to_list(y), steps)
        self._adopt(self.layer, steps, inputs)
        inner = [_size(y, axis) for axis in range(1, K.ndim(y))]
        return K.reshape(y, (-1 if shape[1] is not None else _size(inputs, 0), _size(inputs, 1), *inner))

    def get_output_shape_for(self, input_shape):
        inner = self.layer.get_output_shape_for((input_shape[0], *input_shape[2:]))
        return (inner[0], input_shape[1], *inner[1:])


class Bidirectional(Wrapper):
    """Runs a recurrent layer over the steps in both directions.

    Args:
        layer: the recurrent layer for the forward direction; the backward one is made like it.
        merge_mode: how the two outputs become one: "sum", "mul", "concat", "ave"; None gives both.
        weights: list of arrays to start with, those of the forward layer first.
    """

    _MODES = ("sum", "mul", "ave", "concat", None)
    input_spec = [InputSpec()]  # one input, of any shape

    def __init__(self, layer, merge_mode="concat", weights=None, **kwargs):
        if merge_mode not in self._MODES:
            raise ValueError(f"Bidirectional: merge_mode must be one of {self._MODES}; got {merge_mode!r}.")
        self.forward_layer = copy.copy(layer)
        config = layer.get_config()
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
        self.supports_masking = True
        super().__init__(layer, **kwargs)

    def _inner_layers(self):
        return [self.forward_layer, self.backward_layer]

    def build(self, input_shape):
        for layer in self._inner_layers():
            layer.assert_input_compatibility(K.placeholder(input_shape))
            layer.build(input_shape)
            layer.built = True
            layer._use_initial_weights()
        self.built = True

    def call(self, inputs, mask=None):
        self.forward_layer.assert_input_compatibility(inputs)
        forward = before_narrowing(run_call(self.forward_layer, inputs, mask))
        backward = before_narrowing(run_call(self.backward_layer, inputs, mask))
        for layer in self._inner_layers():
            self._adopt(layer, inputs, inputs)
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

    def compute_mask(self, input, mask):
        if not self.return_sequences:
            return None
        return mask if self.merge_mode else [mask, mask]

    def get_output_shape_for(self, input_shape):
        shape = tuple(self.forward_layer.get_output_shape_for(input_shape))
        if self.merge_mode == "concat":
            return (*shape[:-1], 2 * shape[-1])
        return shape if self.merge_mode else [shape, shape]

    def reset_states(self):
        """Sets the kept states of both directions to zero."""
        for layer in self._inner_layers():
            layer.reset_states()

    def get_config(self):
        return {**super().get_config(), "merge_mode": self.merge_mode}


def _size(x, axis):
    """A size as an int where it is known, else as a tensor."""
    size = K.int_shape(x)[axis]
    return K.shape(x)[axis] if size is None else size
