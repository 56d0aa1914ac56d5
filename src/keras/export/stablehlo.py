"""StableHLO: one file with a model's prediction as a program, and its weights, for every platform of JAX."""

import contextlib
from collections.abc import Iterator
from typing import Any

import jax
import jax.export
import numpy as np

from .._base.types import FilePath
from .._files.atomic import atomic_write
from .._graph.sizes import SAMPLES, Size
from .._host.platform import for_any_device
from .program import Program, nodes_of, predict_program

#: The platforms whose programs a file holds.
PLATFORMS = ("cpu", "cuda", "tpu")


def write_stablehlo(model: Any, path: FilePath) -> None:
    """Writes the prediction of a model as a file that `jax.export.deserialize` reads.

    The program takes the inputs of the model in their order, with any number of samples, and returns its
    output, or a list of outputs. It is written for CPU, CUDA and TPU.

    Args:
        model: a built `Model` or `Sequential`.
        path: path of the file to create or replace.
    Raises:
        ValueError: the model has a state that prediction changes.
        OSError: the file cannot be written.
    """
    data = exported(predict_program(model)).serialize()
    with atomic_write(path) as temporary, open(temporary, "wb") as file:
        file.write(data)


def exported(program: Program) -> jax.export.Exported:
    """The program for all `PLATFORMS`, with a symbol for each unknown size."""
    drawn = [f"{n.name} ({n.owner})" for n in nodes_of(program.outputs) if n.seed is not None]
    if drawn:
        raise ValueError(
            f"Model {program.name!r} draws random numbers in prediction: {', '.join(drawn)}. A StableHLO "
            "file would draw the same ones each time. Pass them in as an input, use K.in_train_phase, or "
            "export to ONNX, which draws new ones."
        )
    weights = [variable.value for variable in program.function.read]

    def predict(*inputs: jax.Array) -> Any:
        outputs, _ = program.function.program([], weights, list(inputs), np.uint32(0), 0)
        return outputs[0] if len(outputs) == 1 else outputs

    predict.__name__ = predict.__qualname__ = program.name
    export = jax.export.export(jax.jit(predict), platforms=PLATFORMS)
    with for_any_device(), _without_source_paths():
        try:
            return export(*_arguments(program, "{name}_{axis}"))
        except (TypeError, ValueError) as error:
            if not any(isinstance(size, Size) for tensor in program.inputs for size in tensor.sizes[1:]):
                raise
            return _with_equal_sizes(export, program, error)


@contextlib.contextmanager
def _without_source_paths() -> Iterator[None]:
    """Keeps the paths of this machine's files out of the program; the names of the layers stay in it."""
    option = "jax_traceback_in_locations_limit"
    limit = getattr(jax.config, option)
    jax.config.update(option, 0)
    try:
        yield
    finally:
        jax.config.update(option, limit)


def _with_equal_sizes(export: Any, program: Program, error: Exception) -> jax.export.Exported:
    """The program in which unknown sizes of the same axis are equal, such as those of tensors to be added."""
    try:
        return export(*_arguments(program, "size_{axis}"))
    except (TypeError, ValueError):
        raise ValueError(
            f"Model {program.name!r} cannot be exported to StableHLO with inputs of unknown sizes; give all "
            f"sizes but the number of samples in Input(shape=...). JAX says: {error}"
        ) from error


def _arguments(program: Program, symbol: str) -> list[jax.ShapeDtypeStruct]:
    """The inputs' shapes, with `symbol`, made of an input's name and an axis, for each unknown size.

    All inputs have the same number of samples.
    """
    scope, arguments = jax.export.SymbolicScope(), []
    for number, tensor in enumerate(program.inputs):
        sizes = [
            "samples"
            if size == SAMPLES
            else symbol.format(name=f"input{number}", axis=axis)
            if isinstance(size, Size)
            else str(size)
            for axis, size in enumerate(tensor.sizes)
        ]
        shape = jax.export.symbolic_shape(",".join(sizes), scope=scope)
        arguments.append(jax.ShapeDtypeStruct(shape, tensor.dtype))
    return arguments
