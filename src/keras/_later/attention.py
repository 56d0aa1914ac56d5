"""MultiHeadAttention, in Keras 3's names."""

from typing import Any

from .. import backend as K
from .._base.types import Shape
from .._graph import Tensor
from ..engine.layer import ensure_keras_history
from ..engine.node import to_list
from ..layers._options import Fraction, LayerWithOptions, Option, PositiveInt
from ._fields import Init, Limit, Penalty


class MultiHeadAttention(LayerWithOptions):
    """Attention of several heads: for each step of the query, a mean of the values, weighted by their keys.

    It is called on tensors, `layer(query, value)` or `layer(query, value, key)`; without a key, the value is
    the key. `layer([query, value, key])` is the same.

    Args:
        num_heads: int, the number of heads.
        key_dim: int, the size of the query and key of each head.
        value_dim: int, the size of the value of each head; None for `key_dim`.
        dropout: float, the fraction of the weights to drop in training.
        use_bias: bool, whether the four projections have a bias.
        output_shape: int, the size of the output; None for that of the query.
        kernel_initializer, bias_initializer, kernel_regularizer, bias_regularizer, activity_regularizer,
            kernel_constraint, bias_constraint: of the projections, as those of `Dense`.

    Called with `use_causal_mask=True`, a step of the query sees only the steps of the value up to its own.
    Masked steps of the value, such as an Embedding with mask_zero marks, are not seen; the output has the
    mask of the query. `attention_mask`, a tensor (samples, query steps, value steps) or (query steps, value
    steps), is 0 or False where a step must not be seen.

    Input shape: (samples, steps, features) each. Output shape: (samples, query steps, features).

    Reference:
        Vaswani et al. 2017, arXiv:1706.03762.

    Example:
        >>> from keras.layers import Input, MultiHeadAttention
        >>> x = Input(shape=(10, 16))
        >>> MultiHeadAttention(num_heads=4, key_dim=8)(x, x, use_causal_mask=True).shape
        (None, 10, 16)
    """

    num_heads: PositiveInt
    key_dim: PositiveInt
    value_dim: Option[int | None]
    dropout: Fraction
    use_bias: Option[bool]
    kernel_initializer: Init
    bias_initializer: Init
    kernel_regularizer: Penalty
    bias_regularizer: Penalty
    activity_regularizer: Penalty
    kernel_constraint: Limit
    bias_constraint: Limit
    supports_masking = True

    def __init__(
        self,
        num_heads: int,
        key_dim: int,
        value_dim: int | None = None,
        dropout: float = 0.0,
        use_bias: bool = True,
        output_shape: int | None = None,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        self._store_options(locals())
        self._size = output_shape
        super().__init__(**kwargs)
        self.uses_learning_phase = self.dropout > 0

    def __call__(
        self,
        query: Any,
        value: Any = None,
        key: Any = None,
        attention_mask: Any = None,
        mask: Any = None,
        **arguments: Any,
    ) -> Any:
        """Calls the layer on tensors; see the class.

        Args:
            query, value, key: tensors (samples, steps, features); `query` may be a list of them.
            attention_mask: tensor, or None.
            mask: masks of query, value and key, or None for those that came with the tensors.
            **arguments: `use_causal_mask`, and those of `Layer`.
        """
        tensors = list(query) if isinstance(query, list | tuple) else [query]
        tensors += [tensor for tensor in (value, key) if tensor is not None]
        if len(tensors) == 1:
            tensors = [tensors[0], tensors[0]]
        if attention_mask is not None:
            self._check_tensors([attention_mask])
            if not ensure_keras_history([attention_mask]):  # the weights would belong to no model
                raise ValueError(
                    f"MultiHeadAttention {self.name!r}: attention_mask is a tensor that no layer made. For "
                    "a mask that all samples share pass use_causal_mask=True, or let a layer make it: "
                    "Lambda(lambda x: K.ones_like(x[:, :1, :1]) * mask)(query)."
                )
            tensors = [*tensors, tensors[1]][:3] + [attention_mask]
        return super().__call__(tensors, mask, **arguments)

    def build(self, input_shape: Any) -> None:
        query, value = input_shape[0][-1], input_shape[1][-1]
        key = input_shape[2][-1] if len(input_shape) > 2 else value
        heads, size, value_size = self.num_heads, self.key_dim, self.value_dim or self.key_dim
        output = self._size or query
        for name, inputs, outputs, bias in (
            ("query", (query,), (heads, size), (heads, size)),
            ("key", (key,), (heads, size), (heads, size)),
            ("value", (value,), (heads, value_size), (heads, value_size)),
            ("output", (heads, value_size), (output,), (output,)),
        ):
            setattr(
                self, f"_{name}_kernel", self._add(f"{name}_kernel", (*inputs, *outputs), inputs, "kernel")
            )
            added = self._add(f"{name}_bias", bias, (), "bias") if self.use_bias else None
            setattr(self, f"_{name}_bias", added)
        self.built = True

    def _add(self, name: str, shape: tuple[int, ...], inputs: tuple[int, ...], kind: str) -> Any:
        init = getattr(self, f"{kind}_initializer")
        if kind == "kernel":
            init = _as_matrix(init, len(inputs))
        return self.add_weight(
            shape,
            init,
            name=f"{self.name}_{name}",
            regularizer=getattr(self, f"{kind}_regularizer"),
            constraint=getattr(self, f"{kind}_constraint"),
        )

    def _projected(self, x: Tensor, name: str) -> Tensor:
        """Returns a projection of x for each head, (samples, heads, steps, size)."""
        kernel, bias = getattr(self, f"_{name}_kernel"), getattr(self, f"_{name}_bias")
        sizes: Any = K.int_shape(kernel)
        features, heads, size = sizes
        y = K.dot(x, K.reshape(kernel, (features, heads * size)))
        if bias is not None:
            y = y + K.reshape(bias, (heads * size,))
        y = K.reshape(y, (-1, K.shape(x)[1], heads, size))
        return K.permute_dimensions(y, (0, 2, 1, 3))

    def call(self, inputs: Any, mask: Any = None, use_causal_mask: bool = False) -> Tensor:
        query, value, *rest = inputs
        key = rest[0] if rest else value
        q, k, v = (self._projected(x, name) for x, name in ((query, "query"), (key, "key"), (value, "value")))
        scores = K.batch_dot(q, K.permute_dimensions(k, (0, 1, 3, 2)), axes=(3, 2)) / self.key_dim**0.5
        seen = self._seen(query, value, rest[1:], to_list(mask), use_causal_mask)
        if seen is not None:
            scores = scores + (1.0 - seen) * -1e9
        weights = K.softmax(scores)
        if seen is not None:  # a step that sees nothing has no output, not the mean of what it must not see
            weights = weights * seen
        if self.dropout:
            weights = K.in_train_phase(K.dropout(weights, self.dropout), weights)
        y = K.permute_dimensions(K.batch_dot(weights, v, axes=(3, 2)), (0, 2, 1, 3))
        kernel, bias = getattr(self, "_output_kernel"), getattr(self, "_output_bias")  # noqa: B009 - set in build
        sizes: Any = K.int_shape(kernel)
        heads, size, output = sizes
        y = K.reshape(y, (-1, K.shape(query)[1], heads * size))
        y = K.dot(y, K.reshape(kernel, (heads * size, output)))
        return y if bias is None else y + bias

    def _seen(self, query: Tensor, value: Tensor, given: list[Any], masks: list[Any], causal: bool) -> Any:
        """Returns 1 where a step of the query sees one of the value, (samples, 1, query, value), or None."""
        parts = []
        of_value = [mask for mask in masks[1:3] if mask is not None]
        parts += [K.expand_dims(K.expand_dims(K.cast(mask, K.floatx()), 1), 1) for mask in of_value]
        if given:
            mask = K.cast(given[0], K.floatx())
            parts.append(K.expand_dims(mask, 1) if K.ndim(mask) == 3 else mask)
        if causal:
            rows = K.expand_dims(K.cumsum(K.ones_like(query[0, :, 0])), 1)
            columns = K.expand_dims(K.cumsum(K.ones_like(value[0, :, 0])), 0)
            causal_mask = K.cast(K.greater_equal(rows, columns), K.floatx())
            parts.append(K.expand_dims(K.expand_dims(causal_mask, 0), 0))
        seen = None
        for part in parts:
            seen = part if seen is None else seen * part
        return seen

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        return to_list(mask)[0] if mask is not None else None

    def get_output_shape_for(self, input_shape: Any) -> Shape:
        query = input_shape[0]
        return (*query[:-1], self._size or query[-1])

    def get_config(self) -> Any:
        config = super().get_config()
        return {**config, "output_shape": self._size}


def _as_matrix(init: Any, inputs: int) -> Any:
    """Returns an initialization that draws a kernel as the matrix of all its inputs and outputs."""

    def make(shape: tuple[int, ...], name: str | None = None) -> Any:
        rows = 1
        for size in shape[:inputs]:
            rows *= size
        columns = 1
        for size in shape[inputs:]:
            columns *= size
        return K.variable(K.get_value(init((rows, columns))).reshape(shape), name=name)

    return make
