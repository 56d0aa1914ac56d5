"""The question that precedes the overwriting of a file."""

import sys

from .._base.types import FilePath


def ask_to_proceed_with_overwrite(filepath: FilePath) -> bool:
    """Asks the user at the terminal whether to overwrite a file.

    Args:
        filepath: path of the file, for the question.

    Returns:
        bool, True for yes.

    Raises:
        FileExistsError: there is no terminal; a batch job never waits for an answer.
    """
    if sys.stdin is None or not sys.stdin.isatty():
        raise FileExistsError(
            f"{filepath} already exists and overwrite=False, and there is no terminal to ask at. "
            "Pass overwrite=True, or another path."
        )
    answer = input(f"[WARNING] {filepath} already exists - overwrite? [y/n]")
    while answer not in ("y", "n"):
        answer = input('Enter "y" (overwrite) or "n" (cancel).')
    if answer == "y":
        print("[TIP] Next time specify overwrite=True!")
    return answer == "y"
