"""Seals a file of this library anew, after another program has changed it.

Files written here begin with their SHA-256, and a file that no longer matches it is refused. If you changed
the file yourself, with h5py or an editor of HDF5, `repair` checks that it can be read and writes the new
SHA-256. A file without one gets none unless --seal is given.

examples:
  keras-classic repair model.h5
  keras-classic repair old.h5 --output sealed.h5 --seal
"""

import argparse
import io
import os

from ..._files.atomic import atomic_write
from ..._files.digest import BLOCK_BYTES, seal
from ..._files.hdf5_reader import open_file
from ..._inspect import open_contents
from ..console import Console

NAME = "repair"
HELP = "seal a file anew after editing it with other tools"
_MARK, _SIGNATURE = b"keras-classic 1\n", b"\x89HDF\r\n\x1a\n"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of the command."""
    parser.add_argument("file", help="an HDF5 file")
    parser.add_argument("--output", metavar="NEW.h5", help="where to write; by default the file is replaced")
    parser.add_argument("--seal", action="store_true", help="seal a file that has no SHA-256 yet")


def run(args: argparse.Namespace, console: Console) -> int:
    """Runs the command."""
    if not os.path.isfile(args.file):
        raise FileNotFoundError(f"{args.file}: there is no such file.")
    with open(args.file, "rb") as file:
        data = bytearray(file.read())
    target = args.output or args.file
    state = _state(data)
    if state == "other":
        raise ValueError(f"{args.file} is no HDF5 file, or begins with more than a seal of keras-classic.")
    if state == "plain" and not args.seal:
        _check(bytes(data), args.file)
        console.result({"file": args.file, "sealed": False, "written": None})
        console.line(f"{args.file} has no SHA-256 and needs no repair; --seal adds one.")
        return 0
    if state == "plain":
        _check_readable(args.file)
        data = _with_block(bytes(data))
    before = bytes(data[:BLOCK_BYTES])
    seal(memoryview(data))
    _check(bytes(data[BLOCK_BYTES:]), args.file)
    changed = bytes(data[:BLOCK_BYTES]) != before
    if changed or args.output:
        with atomic_write(target) as temporary, open(temporary, "wb") as file:
            file.write(data)
        with open_contents(target):  # as every loader will open it
            pass
    console.result({"file": args.file, "sealed": True, "written": target if changed or args.output else None})
    console.line(
        f"written: {target}, sealed anew" if changed or args.output else f"{args.file} is sealed and whole."
    )
    return 0


def _state(data: bytearray) -> str:
    if data.startswith(_SIGNATURE):
        return "plain"
    if data[BLOCK_BYTES:].startswith(_SIGNATURE):
        return "sealed"
    return "other"


def _check(data: bytes, name: str) -> None:
    """Raises OSError if the HDF5 data themselves are damaged."""
    try:
        open_file(io.BytesIO(data), name).children()
    except OSError as error:
        raise OSError(f"{name} is damaged, and cannot be repaired: {error}") from error


def _check_readable(name: str) -> None:
    """Raises an error that names the file if it cannot be read as it is."""
    with open_contents(name):
        pass


def _with_block(data: bytes) -> bytearray:
    """Returns the file with room for a seal. HDF5 addresses count from the superblock, so they stay right."""
    return bytearray(BLOCK_BYTES) + bytearray(data)
