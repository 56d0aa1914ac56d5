"""Writes a `Graph` as an ONNX file, with the `onnx` library."""

from typing import Any

import jax.numpy as jnp
import numpy as np

from ..._base.types import FilePath
from ..._files.atomic import atomic_write
from ..program import predict_program
from .graph import Graph, Step, Value
from .translate import graph_of

#: The version of ONNX's operators, and of its file format.
OPSET, IR_VERSION = 23, 11
#: The version of graphs that draw random numbers, for which onnxruntime has no newer operators.
OPSET_OF_RANDOM = 21


def write_onnx(model: Any, path: FilePath) -> None:
    """Writes the prediction of a model as an ONNX file.

    Inputs and outputs have the names that they have in the model, and any number of samples. The nodes of a
    layer are named after it.

    Args:
        model: a built `Model` or `Sequential`.
        path: path of the file to create or replace.
    Raises:
        ImportError: the onnx library is not installed.
        ValueError: an op has no form in ONNX, or prediction changes the model's state.
        OSError: the file cannot be written.
    """
    try:
        import onnx
    except ImportError as error:
        raise ImportError(
            "model.export: ONNX files are written by the onnx library: pip install keras-classic[onnx]"
        ) from error
    program = predict_program(model)
    graph = graph_of(program)
    draws = any(step.op_type.startswith("Random") for step in graph.steps)
    proto = onnx.helper.make_model(
        graph_proto(graph, program.name),
        opset_imports=[onnx.helper.make_opsetid("", OPSET_OF_RANDOM if draws else OPSET)],
        ir_version=IR_VERSION,
        producer_name="keras-classic",
    )
    with atomic_write(path) as temporary, open(temporary, "wb") as file:
        file.write(proto.SerializeToString())


def graph_proto(graph: Graph, name: str) -> Any:
    """The graph as a `GraphProto`."""
    from onnx import helper, numpy_helper

    own = graph.initializers if graph.outer is None else {}
    return helper.make_graph(
        [_node_proto(step) for step in graph.steps],
        name,
        [_value_info(value) for value in graph.inputs],
        [_value_info(value) for value in graph.outputs],
        [numpy_helper.from_array(_storable(array), key) for key, array in own.items()],
    )


def _storable(array: np.ndarray) -> np.ndarray:
    """The array; one of bfloat16, which few runtimes compute in, as float32."""
    return np.asarray(array, onnx_dtype(array.dtype), order="C")


def onnx_dtype(dtype: Any) -> "np.dtype[Any]":
    """The type that a file has in place of a type."""
    return np.dtype("float32") if dtype == jnp.bfloat16 else np.dtype(dtype)


def _value_info(value: Value) -> Any:
    from onnx import helper

    shape = None
    if value.shape is not None:
        sizes = enumerate(value.shape)
        shape = [size if size is not None else "samples" if axis == 0 else None for axis, size in sizes]
    return helper.make_tensor_value_info(value.name or "", _type(value.dtype), shape)


def _type(dtype: Any) -> int:
    from onnx import helper

    return helper.np_dtype_to_tensor_dtype(onnx_dtype(dtype))


def _node_proto(step: Step) -> Any:
    from onnx import helper

    attributes = {key: _attribute(step, key, value) for key, value in step.attributes.items()}
    return helper.make_node(step.op_type, step.inputs, step.outputs, step.name, **attributes)


def _attribute(step: Step, key: str, value: Any) -> Any:
    from onnx import numpy_helper

    if isinstance(value, Graph):
        return graph_proto(value, f"{step.name}_{key}")
    if isinstance(value, np.ndarray):
        return numpy_helper.from_array(_storable(value))
    return _type(value) if isinstance(value, np.dtype) else value
