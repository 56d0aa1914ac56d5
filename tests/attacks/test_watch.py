"""The watch sees what it is there to see."""

import ctypes
import marshal
import os
import subprocess
import sys

import pytest
from reliability.forks import Forks

from attacks import watch

DEEDS = {
    "marker": lambda outside: os.mkdir(os.path.join(outside, "marker")),
    "python": lambda outside: open(os.path.join(outside, "secret")).close(),
    "library": lambda outside: ctypes.CDLL(None).open(os.path.join(outside, "secret").encode(), os.O_RDONLY),
    "program": lambda outside: subprocess.run(["true"]),
    "byte code": lambda outside: marshal.loads(marshal.dumps(1)),
    "module": lambda outside: __import__("antigravity"),
    "nothing": lambda outside: None,
}
SEEN = {
    "marker": "made outside/marker",
    "python": "opened",
    "library": "a library opened a file outside",
    "program": "subprocess.Popen",
    "byte code": "marshal.loads",
    "module": "import",
    "nothing": "",
}


def deeds(folder):
    """Does each deed under watch; returns dict deed -> what was seen."""
    sys.modules["webbrowser"] = None  # the module is not to open a page
    watched = watch.Watch(folder)
    found = {}
    for name, deed in DEEDS.items():
        watched.begin("json")
        try:
            deed(os.path.join(folder, "outside"))
        except (OSError, ImportError):
            pass
        found[name] = " ".join(watched.end())
    return found


@pytest.mark.skipif(sys.platform != "linux", reason="inotify")
def test_every_deed_is_seen(tmp_path):
    (tmp_path / "inside").mkdir()
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret").write_text("")
    with Forks("attacks.test_watch") as forks:
        outcome = forks.run("attacks.test_watch:deeds", str(tmp_path))
    assert outcome.error is None, outcome.error
    for name, said in SEEN.items():
        assert said in outcome.result[name] and bool(outcome.result[name]) == bool(said), (
            name,
            outcome.result,
        )
