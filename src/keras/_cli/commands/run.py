"""Predicts with a file, and writes the predictions.

examples:
  keras-classic run model.h5 --input x.npy --output y.npy
  keras-classic run weights.h5 --model model.json --input x.npy --output y.npy
  keras-classic run two_inputs.h5 --input a.npy b.npy --output y.npz
"""

import argparse

import numpy as np

from ..._files.atomic import atomic_write
from ...convert import load_arrays, predictor
from ..console import Console

NAME = "run"
HELP = "predict with a file"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of the command."""
    parser.add_argument("file", help="a model, an .onnx or a .stablehlo file")
    parser.add_argument(
        "--input", nargs="+", required=True, metavar="x.npy", help="one .npy for each input, or one .npz"
    )
    parser.add_argument(
        "--output", required=True, metavar="y.npy", help="where to write: .npy, or .npz for several"
    )
    parser.add_argument("--model", metavar="model.json", help="the config, for a file with weights alone")


def run(args: argparse.Namespace, console: Console) -> int:
    """Runs the command."""
    suffix = args.output.lower()[-4:]
    if suffix not in (".npy", ".npz"):
        raise ValueError(f"--output {args.output}: wanted a name that ends in .npy or .npz.")
    outputs = predictor(args.file, args.model)(load_arrays(args.input))
    if suffix == ".npy" and len(outputs) > 1:
        raise ValueError(
            f"The model has {len(outputs)} outputs; wanted --output with .npz, which holds several."
        )
    with atomic_write(args.output) as temporary, open(temporary, "wb") as file:
        if suffix == ".npy":
            np.save(file, outputs[0])
        else:
            np.savez(file, *outputs)
    shapes = [list(output.shape) for output in outputs]
    console.result({"output": args.output, "shapes": shapes})
    console.line(f"written: {args.output}, {', '.join(str(tuple(shape)) for shape in shapes)}")
    return 0
