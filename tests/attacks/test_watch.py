"""The watch notices each kind of forbidden action."""

import contextlib
import ctypes
import marshal
import os
import subprocess
import sys

import pytest

if sys.platform != "linux":
    pytest.skip("needs fork and inotify", allow_module_level=True)

from reliability.forks import Forks

from attacks import watch

ACTIONS = {
    "marker": lambda outside: os.mkdir(os.path.join(outside, "marker")),
    "python": lambda outside: open(os.path.join(outside, "secret")).close(),
    "library": lambda outside: ctypes.CDLL(None).open(os.path.join(outside, "secret").encode(), os.O_RDONLY),
    "program": lambda outside: subprocess.run(["true"]),
    "byte code": lambda outside: marshal.loads(marshal.dumps(1)),
    "module": lambda outside: __import__("antigravity"),
    "nothing": lambda outside: None,
}
NOTICED = {
    "marker": "made outside/marker",
    "python": "opened",
    "library": "a library opened a file outside",
    "program": "subprocess.Popen",
    "byte code": "marshal.loads",
    "module": "import",
    "nothing": "",
}


def perform_all(folder):
    """Performs each action under the watch; returns dict action -> what was noticed."""
    sys.modules["webbrowser"] = None  # keeps the module antigravity from opening a page
    watched = watch.Watch(folder)
    found = {}
    for name, perform in ACTIONS.items():
        watched.begin("json")
        with contextlib.suppress(OSError, ImportError):
            perform(os.path.join(folder, "outside"))
        found[name] = " ".join(watched.end())
    return found


def test_every_action_is_noticed(tmp_path):
    (tmp_path / "inside").mkdir()
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret").write_text("")
    with Forks("attacks.test_watch") as forks:
        outcome = forks.run("attacks.test_watch:perform_all", str(tmp_path))
    assert outcome.error is None, outcome.error
    for name, said in NOTICED.items():
        assert said in outcome.result[name] and bool(outcome.result[name]) == bool(said), (
            name,
            outcome.result,
        )
