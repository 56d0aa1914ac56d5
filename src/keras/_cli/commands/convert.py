"""Writes a model in another format, with equal predictions.

The suffix of OUT chooses the format; --to names one. What the new format cannot hold is listed first. If the
result would be another model, nothing is written and the exit code is 1. What only a further training needs,
such as the optimizer's state, is left out, or refused as well with --strict.

formats (--to):
{formats}

examples:
  keras-classic convert old.h5 new.keras
  keras-classic convert old.h5 new.h5 --to keras2
  keras-classic convert weights.h5 model.safetensors --model model.json
  keras-classic convert theano.h5 model.h5 --theano-kernels --image-ordering tf
"""

import argparse

from ...convert import FORMATS, CannotCarryOver, plan_conversion
from ..console import Console

NAME = "convert"
HELP = "write a model in another format"

__doc__ = (__doc__ or "").replace(
    "{formats}",
    "\n".join(
        f"  {name:<12} {found.suffixes or '(--to)':<12} {found.describes}" for name, found in FORMATS.items()
    ),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of the command."""
    parser.add_argument("source", metavar="IN", help="the file to read")
    parser.add_argument("target", metavar="OUT", help="the file to write; an existing one is replaced")
    parser.add_argument("--to", choices=list(FORMATS), help="the format, if the suffix does not tell")
    parser.add_argument("--model", metavar="model.json", help="the config, if IN holds weights alone")
    parser.add_argument(
        "--image-ordering",
        choices=("th", "tf"),
        help="convert all layers to channels first (th) or last (tf)",
    )
    parser.add_argument(
        "--theano-kernels", action="store_true", help="the weights come from Theano: rotate the kernels"
    )
    parser.add_argument("--strict", action="store_true", help="write nothing if anything would be left out")


def run(args: argparse.Namespace, console: Console) -> int:
    """Runs the command."""
    plan = plan_conversion(
        args.source, args.target, args.to, args.image_ordering, args.theano_kernels, args.model
    )
    blocked = any(item.blocks for item in plan.lost) or (args.strict and bool(plan.lost))
    for item in plan.lost:
        console.line(f"{'cannot be carried over' if item.blocks else 'left out'}: {item}", style="yellow")
    for note in plan.notes:
        console.line(f"note: {note}")
    if not blocked:
        try:
            plan.write()
        except CannotCarryOver as error:
            console.line(str(error), style="red")
            blocked = True
    console.result(
        {
            "source": args.source,
            "target": args.target,
            "format": plan.format.describes,
            "written": not blocked,
            "lost": [{"what": item.what, "blocks": item.blocks} for item in plan.lost],
            "notes": plan.notes,
        }
    )
    if blocked:
        console.line(f"{args.target} is not written.", style="bold red")
        return 1
    console.line(f"written: {args.target}, {plan.format.describes}", style="green")
    return 0
