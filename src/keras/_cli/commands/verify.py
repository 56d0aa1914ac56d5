"""Compares what two files predict, side by side, on the same data.

A and B are models of any format that `inspect` reads, .onnx (with onnxruntime), .stablehlo, or a .npy file
with recorded predictions. Without --data, reproducible random numbers are used.

examples:
  keras-classic verify old.h5 new.keras --data x.npy
  keras-classic verify model.h5 model.onnx
  keras-classic verify weights.h5 expected.npy --model model.json --data x.npy
"""

import argparse
from typing import Any

import numpy as np

from ...convert import load, load_arrays, predictor, random_inputs
from ..console import Console

NAME = "verify"
HELP = "compare the predictions of two files"
_SHOWN = 8


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of the command."""
    parser.add_argument("a", metavar="A", help="the first file")
    parser.add_argument("b", metavar="B", help="the second file")
    parser.add_argument("--data", nargs="+", metavar="x.npy", help="a .npy for each input, or a .npz")
    parser.add_argument("--model", metavar="model.json", help="the config, for a file with weights alone")
    parser.add_argument(
        "--tolerance", type=float, default=1e-5, metavar="T",
        help="largest difference, relative to 1 or to the largest prediction (default 1e-5)",
    )  # fmt: skip


def run(args: argparse.Namespace, console: Console) -> int:
    """Runs the command."""
    inputs = load_arrays(args.data) if args.data else random_inputs(load(args.a, args.model), rows=8)
    found = [predictor(path, args.model)(inputs) for path in (args.a, args.b)]
    if [a.shape for a in found[0]] != [b.shape for b in found[1]]:
        shapes = [[list(array.shape) for array in arrays] for arrays in found]
        console.result({"equal": False, "shapes": shapes})
        console.line(f"differ: A has outputs of shapes {shapes[0]}, B of {shapes[1]}", style="red")
        return 1
    outputs = [_compared(*pair) for pair in zip(*found, strict=True)]
    equal = all(output["difference"] <= args.tolerance * output["scale"] for output in outputs)
    console.result({"equal": equal, "tolerance": args.tolerance, "outputs": outputs})
    _print(found, outputs, console)
    verdict = "equal" if equal else "differ"
    largest = max(output["difference"] for output in outputs)
    console.line(
        f"{verdict}: the largest difference is {largest:.3g}", style="green" if equal else "bold red"
    )
    return 0 if equal else 1


def _compared(a: np.ndarray, b: np.ndarray) -> dict[str, Any]:
    a, b = np.asarray(a, "float64"), np.asarray(b, "float64")
    same = (a == b) | (np.isnan(a) & np.isnan(b))
    difference = np.where(same, 0.0, np.abs(a - b))
    largest = float(np.nan_to_num(difference, nan=np.inf).max()) if a.size else 0.0
    return {
        "shape": list(a.shape),
        "difference": largest,
        "mean_difference": float(np.nanmean(difference)) if a.size else 0.0,
        "scale": max(1.0, float(np.nanmax(np.abs(a)))) if a.size and np.isfinite(a).any() else 1.0,
    }


def _print(found: list[list[np.ndarray]], outputs: list[dict[str, Any]], console: Console) -> None:
    for number, (a, b, output) in enumerate(zip(*found, outputs, strict=True)):
        console.line(
            f"output {number}, shape {tuple(output['shape'])}, difference {output['difference']:.3g}"
        )
        rows = zip(_rows(a), _rows(b), strict=True)
        console.table(["row", "A", "B"], [(i, x, y) for i, (x, y) in enumerate(rows)])


def _rows(array: np.ndarray) -> list[str]:
    """Returns the first numbers of the first rows as text."""
    rows = np.asarray(array, "float64").reshape(len(array), -1)[:_SHOWN] if array.ndim else [array.reshape(1)]
    return [
        " ".join(f"{value:.5g}" for value in row[:_SHOWN]) + (" ..." if len(row) > _SHOWN else "")
        for row in rows
    ]
