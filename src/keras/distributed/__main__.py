"""`python -m keras.distributed --processes 4 train.py`: starts and watches the processes of one machine.

Each line that they print gets the number of its process in front. If one ends with an error, so do the others
(see `Watch`); the reason is printed once, and all can be started again. A program that begins with
`resume_from` the file of its `TrainingCheckpoint`, if there is one, continues.
"""

import argparse
import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from types import FrameType
from typing import IO

#: How long (seconds) the processes have to end by themselves, before they are killed.
_GRACE = 3.0
#: How a line begins with which a process says why all end.
_REASON = "keras.distributed: process "


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a program in several processes; returns the exit code: 0 if all ended well."""
    parser = argparse.ArgumentParser(prog="python -m keras.distributed", description=__doc__)
    parser.add_argument(
        "--processes", type=int, default=2, metavar="N", help="how many to start (default: 2)"
    )
    parser.add_argument(
        "--restarts", type=int, default=0, metavar="N", help="how often to start again after a failure"
    )
    parser.add_argument(
        "--at-least", type=int, metavar="N", help="start one process fewer each time, down to N"
    )
    parser.add_argument("program", nargs=argparse.REMAINDER, help="a Python program and its arguments")
    options = parser.parse_args(arguments)
    if options.processes < 1 or not options.program:
        parser.error("wanted a program, and --processes of 1 or more")
    for ending in (signal.SIGTERM, signal.SIGINT):
        signal.signal(ending, _terminate)
    count = options.processes
    for left in range(options.restarts, -1, -1):
        reason = run(count, options.program)
        if reason is None:
            return 0
        if options.at_least is not None:
            count = max(min(count, options.at_least), count - 1)
        then = (
            f"Starting again with {count} processes, {left - 1} restarts left."
            if left
            else "No restart left."
        )
        print(f"{reason} {then}", file=sys.stderr, flush=True)
    return 1


def _terminate(number: int, _: FrameType | None) -> None:
    sys.exit(128 + number)


def run(count: int, program: Sequence[str]) -> str | None:
    """Runs a program in several processes until all have ended.

    Args:
        count: how many.
        program: path of a Python program, and its arguments.

    Returns:
        None if all ended well, else why the first did not, as a sentence.
    """
    said: list[str] = []
    readers: list[threading.Thread] = []
    try:
        with _started(count, program) as children:
            for number, child in enumerate(children):
                for stream, target in ((child.stdout, sys.stdout), (child.stderr, sys.stderr)):
                    readers.append(threading.Thread(target=_forward, args=(number, stream, target, said)))
                    readers[-1].daemon = True
                    readers[-1].start()
            while (failed := _failed(children)) is None and any(child.poll() is None for child in children):
                time.sleep(0.02)
            if failed is not None:  # the others end by themselves, and say why
                _wait(children, _GRACE)
    finally:
        for reader in readers:
            reader.join(0.5)
    failed = _failed(children) if failed is None else failed
    if failed is None:
        return None
    code = children[failed].returncode
    how = f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"
    return said[0] if said else f"{_REASON}{failed} of {count} {how}."


def _failed(children: Sequence[subprocess.Popen[bytes]]) -> int | None:
    return next((number for number, child in enumerate(children) if child.poll()), None)


@contextlib.contextmanager
def _started(count: int, program: Sequence[str]) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Starts the processes; none of them is left afterwards."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"127.0.0.1:{server.getsockname()[1]}"
    children: list[subprocess.Popen[bytes]] = []
    try:
        for number in range(count):
            environment = {
                "KERAS_COORDINATOR_ADDRESS": address,
                "KERAS_NUM_PROCESSES": str(count),
                "KERAS_PROCESS_ID": str(number),
                "PYTHONUNBUFFERED": "1",
            }
            children.append(
                subprocess.Popen(
                    [sys.executable, *program],
                    env={**os.environ, **environment},
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    start_new_session=True,  # Ctrl-C at the terminal reaches this process only
                )
            )
        yield children
    finally:
        for child in children:
            if child.poll() is None:
                child.terminate()
        _wait(children, _GRACE)
        for child in children:
            child.kill()
            child.wait()


def _wait(children: Sequence[subprocess.Popen[bytes]], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    for child in children:
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(max(0.0, deadline - time.monotonic()))


def _forward(number: int, stream: IO[bytes], target: IO[str], said: list[str]) -> None:
    """Prints the lines of a process; those that say why all end are kept instead."""
    for line in stream:
        text = line.decode(errors="replace").rstrip("\r\n")
        if text.startswith(_REASON):
            said.append(text.partition(" All processes end")[0])
        else:
            print(f"[{number}] {text}", file=target, flush=True)


if __name__ == "__main__":
    sys.exit(main())
