"""Parses a command line and runs one command of `commands`."""

import argparse
import os
import sys
import warnings
from collections.abc import Sequence
from typing import NoReturn

from .commands import COMMANDS
from .console import Console

_DESCRIPTION = (
    "Tools for model files of any Keras: look into them, compare them, run them, and convert them. Nothing "
    "stored in a file is ever run. `keras-classic COMMAND --help` explains a command, with examples."
)
_EXIT_CODES = (
    "exit codes: 0 all is well; 1 files differ, or something cannot be carried over; 2 bad input, "
    "with one line that says what and how to mend it"
)


class _Parser(argparse.ArgumentParser):
    """A parser whose errors are one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message} (see {self.prog} --help)\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command line.

    Args:
        arguments: the words after the name of the program; None for those of this process.

    Returns:
        The exit code: 0 good, 1 something differs or cannot be done, 2 bad input.
    """
    args = _parser().parse_args(arguments)
    console = Console(json=getattr(args, "json", False))
    with warnings.catch_warnings():
        warnings.showwarning = _show_warning
        try:
            return args.run(args, console)
        except BrokenPipeError:  # `... | head`
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 0
        except KeyboardInterrupt:
            return 130
        except Exception as error:  # a person at a terminal is shown what is wrong, and no traceback
            print(f"keras-classic {args.command}: {_one_line(error)}", file=sys.stderr)
            return 2


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="keras-classic", description=_DESCRIPTION, epilog=_EXIT_CODES)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND", parser_class=_Parser)
    for module in COMMANDS:
        command = commands.add_parser(
            module.NAME,
            help=module.HELP,
            description=module.__doc__,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            epilog=_EXIT_CODES,
        )
        module.add_arguments(command)
        command.add_argument("--json", action="store_true", help="print JSON, for programs")
        command.set_defaults(run=module.run)
    return parser


def _one_line(error: Exception) -> str:
    text = " ".join(str(error).split())
    known = isinstance(error, OSError | ValueError | TypeError | ImportError | MemoryError)
    return text if known and text else f"{type(error).__name__}: {text}".rstrip(": ")


def _show_warning(message: object, *_: object, **__: object) -> None:
    print(f"warning: {' '.join(str(message).split())}", file=sys.stderr)
