"""The question before a file is overwritten."""

import sys


def ask_to_proceed_with_overwrite(filepath):
    """Asks the user at the terminal whether a file may be overwritten.

    Args:
        filepath: path of the file, for the question.

    Returns:
        bool, the answer.

    Raises:
        FileExistsError: there is no terminal to ask at, so a batch job never waits for an answer.
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
