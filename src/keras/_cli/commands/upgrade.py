"""Rewrites a program of Keras 1 in the names of Keras 3, with comments where the meaning changes.

The program is read, never run. What Keras 3 has no counterpart of stays as it is, under a comment "NOT
TRANSLATED"; it is listed, and the exit code is 1. The new program is printed, or written to NEW.py.

examples:
  keras-classic upgrade train.py > train_3.py
  keras-classic upgrade train.py train_3.py
"""

import argparse
import sys
import tokenize

from ..._files.atomic import atomic_write
from ..._upgrade import upgrade
from ..console import Console

NAME = "upgrade"
HELP = "rewrite a program of Keras 1 for Keras 3"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of the command."""
    parser.add_argument("script", metavar="SCRIPT.py", help="a program of Keras 1, in Python 3")
    parser.add_argument("out", metavar="NEW.py", nargs="?", help="where to write; by default it is printed")
    parser.add_argument(
        "--image-ordering",
        choices=("th", "tf"),
        help="the ordering that the program expects and does not set; by default that of keras.json",
    )


def run(args: argparse.Namespace, console: Console) -> int:
    """Runs the command."""
    with tokenize.open(args.script) as file:  # in the encoding that its first lines may name
        encoding, made = file.encoding, upgrade(file.read(), args.script, args.image_ordering)
    if args.out:
        with atomic_write(args.out) as temporary, open(temporary, "w", encoding=encoding) as file:
            file.write(made.code)
    console.result(
        {
            "written": args.out,
            "code": made.code,
            "notes": [{"line": line, "what": text} for line, text in made.notes],
            "lost": [{"line": line, "what": text} for line, text in made.lost],
        }
    )
    if not console.json:
        if not args.out:
            print(made.code, end="")
        for line, text in made.lost:
            print(f"{args.script}, line {line}: not translated: {text}", file=sys.stderr)
        if args.out:
            console.line(f"written: {args.out}, with {len(made.notes)} comments on changed meanings")
    return 1 if made.lost else 0
