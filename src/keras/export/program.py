"""What is exported of a model: the prediction, as a graph from its inputs to its outputs."""

from collections.abc import Collection, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from .._graph import Function, Node, Tensor, phase
from .._graph.evaluate import Environment
from .._graph.tensor import Key
from .._graph.walk import ancestors

#: The learning phase in which models are exported.
TEST = {phase.key: np.int32(0)}


class Program(NamedTuple):
    """The prediction of a model.

    Attributes:
        name: the name of the model.
        function: the `Function` that predicts.
        inputs, outputs: lists of tensors.
        input_names, output_names: their names in the model.
    """

    name: str
    function: Function
    inputs: list[Tensor]
    outputs: list[Tensor]
    input_names: list[str]
    output_names: list[str]


def predict_program(model: Any) -> Program:
    """The prediction of a model as a `Program`.

    Raises:
        ValueError: the model is not built, or prediction changes its state.
    """
    if not getattr(model, "inputs", None) or not getattr(model, "outputs", None):
        raise ValueError(
            f"Model {model.name!r} has no layers with a known input shape: build it before it is exported, "
            "by giving its first layer input_shape=(...)."
        )
    model._make_predict_function()
    function = model.predict_function
    if not isinstance(function, Function):
        raise ValueError(
            f"Model {model.name!r} has a predict function of its own, {function!r}, which is no graph. "
            "Export a Model with the same inputs and outputs."
        )
    if function.updates:
        names = ", ".join(sorted({variable.name for variable in function.updated}))
        raise ValueError(
            f"Model {model.name!r} keeps a state from one prediction to the next ({names}), which a file "
            "cannot. Build it with stateful=False, and copy the weights with set_weights(get_weights())."
        )
    outputs = [output for output in function.outputs if isinstance(output, Tensor)]
    return Program(
        model.name,
        function,
        function.inputs,
        outputs,
        list(model.input_names),
        list(model.output_names),
    )


def nodes_of(tensors: Sequence[Tensor], known: Collection[Key] = ()) -> Iterator[Node]:
    """The nodes from which tensors are computed in prediction, those in the bodies of loops included.

    Args:
        known: keys of the tensors at which the graph begins.
    """
    for node in ancestors(tensors, known, Environment(TEST).reads):
        yield node
        if node.body is not None:
            body: Any = node.body
            yield from nodes_of(body.outputs, {tensor.key for tensor in [*body.inputs, *body.captured]})
