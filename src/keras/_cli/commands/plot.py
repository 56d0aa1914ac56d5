"""Draws the model in a file.

The suffix of OUT is the format: .svg needs nothing, .png and .pdf need matplotlib (keras-classic[plot]).

examples:
  keras-classic plot model.h5 model.svg
  keras-classic plot model.json model.png --no-shapes
"""

import argparse

from ..._tools.pictures import plot
from ...convert import load
from ..console import Console

NAME = "plot"
HELP = "draw the model in a file"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of the command."""
    parser.add_argument("file", help="a file with a model or its config")
    parser.add_argument("out", metavar="OUT.svg|png", help="the picture")
    parser.add_argument("--model", metavar="model.json", help="the config, for a file with weights alone")
    parser.add_argument("--no-shapes", action="store_true", help="leave out the shapes")


def run(args: argparse.Namespace, console: Console) -> int:
    """Runs the command."""
    plot(load(args.file, args.model), to_file=args.out, show_shapes=not args.no_shapes)
    console.result({"written": args.out})
    console.line(f"written: {args.out}")
    return 0
