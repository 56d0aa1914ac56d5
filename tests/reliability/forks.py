"""Child processes that have already imported keras: a server process forks itself for every call.

Importing keras takes seconds; a fork takes milliseconds. The server has run no computation, so JAX has
started no threads in it that a fork would lose.
"""

import contextlib
import importlib
import json
import os
import resource
import select
import signal
import subprocess
import sys
import time
import traceback
from dataclasses import dataclass
from typing import Any

_MIB = 2**20


@dataclass(frozen=True)
class Outcome:
    """How a call in a child ended.

    Attributes:
        result: the result of the function, passed as JSON; None if it did not return.
        error: text of the exception with its traceback, or None.
        signal: int, the signal that killed the child; 0 if none did.
        timed_out: bool, whether it was killed by the timeout.
        ready: bool, whether the function called `ready`.
        seconds: float, from the fork to the end.
        peak: float, peak memory of the child in MiB, above that at its start.
    """

    result: Any
    error: str | None
    signal: int
    timed_out: bool
    ready: bool
    seconds: float
    peak: float


class Forks:
    """A process that runs functions in forks of itself, one at a time; a context manager.

    Args:
        *modules: names of modules to import beforehand, besides keras.
        **environment: additional environment variables.

    Example:
        >>> with Forks() as forks:  # doctest: +SKIP
        ...     forks.run("os:getcwd").result
    """

    def __init__(self, *modules, **environment):
        path = os.pathsep.join(path for path in sys.path if path)
        environment = {**os.environ, "PYTHONPATH": path, "JAX_PLATFORMS": "cpu", **environment}
        command = [sys.executable, "-m", "reliability.forks", *modules]
        self._server = subprocess.Popen(
            command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._server.stdin.close()
        self._server.wait()
        self._server.stdout.close()

    def run(self, function, *arguments, timeout=60.0, kill_after=None, address_space=None):
        """Calls a function in a child.

        Args:
            function: str "module:name".
            *arguments: plain data for it.
            timeout: float, seconds after which the child is killed.
            kill_after: float, seconds after the function calls `ready` at which it is killed (-9); or None.
            address_space: int, limit (RLIMIT_AS) on the address space of the child, in MiB above that at
                its start; or None.

        Returns:
            `Outcome`.

        Raises:
            RuntimeError: the server process has ended.
        """
        call = [function, arguments, timeout, kill_after, address_space]
        self._server.stdin.write(json.dumps(call) + "\n")
        self._server.stdin.flush()
        answer = self._server.stdout.readline()
        if not answer:
            raise RuntimeError(f"The process that forks ended with status {self._server.wait()}.")
        return Outcome(**json.loads(answer))


_ready_pipe = None


def ready():
    """Signals, from a function in a child, that it may be killed from now on."""
    if _ready_pipe is not None:
        os.write(_ready_pipe, b"ready\n")


def _serve(modules):
    # If the tests run in the background, all processes would ignore Ctrl-C.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # output of keras must not mix with the answers
    for module in ("keras", *modules):
        importlib.import_module(module)
    for line in sys.stdin:
        answers.write(json.dumps(_call(*json.loads(line))) + "\n")
        answers.flush()


def _call(function, arguments, timeout, kill_after, address_space):
    reader, writer = os.pipe()
    started = time.monotonic()
    child = os.fork()
    if child == 0:
        os.close(reader)
        _work(writer, function, arguments, address_space)
    os.close(writer)
    text, timed_out = _listen(reader, child, started + timeout, kill_after)
    os.close(reader)
    _, status, _ = os.wait4(child, 0)
    *before, last = text.split(b"\n")
    said = json.loads(last) if last.endswith(b"}") else {}
    return {
        "result": said.get("result"),
        "error": said.get("error"),
        "peak": said.get("peak", 0.0),
        "signal": os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0,
        "timed_out": timed_out,
        "ready": b"ready" in before,
        "seconds": time.monotonic() - started,
    }


def _listen(reader, child, deadline, kill_after):
    """Returns all output of the child, which is killed when its time is over."""
    text, timed_out, kill_at = b"", False, None
    while True:
        until = min(deadline, kill_at or deadline)
        if not select.select([reader], [], [], max(0.0, until - time.monotonic()))[0]:
            timed_out = kill_at is None or kill_at > deadline
            os.kill(child, signal.SIGKILL)
            return text, timed_out
        piece = os.read(reader, 1 << 16)
        if not piece:
            return text, timed_out
        text += piece
        if kill_after is not None and kill_at is None and text.startswith(b"ready\n"):
            kill_at = time.monotonic() + kill_after


def _work(writer, function, arguments, address_space):
    """Calls the function in the child, reports the result, and ends the process."""
    global _ready_pipe
    _ready_pipe = writer
    said, before = {}, reset_peak()
    try:
        if address_space is not None:
            limit = _status("VmSize") + address_space * _MIB
            resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
        module, name = function.split(":")
        said["result"] = getattr(importlib.import_module(module), name)(*arguments)
    except BaseException:
        said["error"] = traceback.format_exc()
    said["peak"] = (peak() - before) / _MIB
    os.write(writer, json.dumps(said).encode())
    os._exit(0)


def reset_peak():
    """Resets the peak memory that the kernel records for this process; returns the bytes in use now."""
    with contextlib.suppress(OSError), open("/proc/self/clear_refs", "w") as file:
        file.write("5")
    return _status("VmRSS")


def peak():
    """Returns the peak memory of this process since `reset_peak`, in bytes."""
    return _status("VmHWM")


def _status(field):
    """Returns a size from /proc/self/status in bytes; 0 if there is none."""
    try:
        with open("/proc/self/status") as file:
            return next((int(line.split()[1]) << 10 for line in file if line.startswith(field)), 0)
    except OSError:
        return 0


if __name__ == "__main__":
    # Not under the name __main__: functions in children call `reliability.forks.ready`.
    sys.modules["reliability.forks"] = sys.modules["__main__"]
    _serve(sys.argv[1:])
