"""`python -m keras.distributed`: starts processes, restarts them, and leaves none behind."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import keras

PROGRAM = """
import os, sys, time
number, count = os.environ["KERAS_PROCESS_ID"], os.environ["KERAS_NUM_PROCESSES"]
print("process", number, "of", count, sys.argv[1:])
if number == "1" and sys.argv[1] != "well" and not os.path.exists("failed"):
    open("failed", "w").close()
    if sys.argv[1] == "killed":
        os.kill(os.getpid(), 9)
    if sys.argv[1] == "explained":
        print("keras.distributed: process 1 of 3 is tired.", file=sys.stderr)
    if sys.argv[1] != "waits":
        sys.exit(3)
if sys.argv[1] == "waits":
    print(os.getpid())
    time.sleep(600)
"""


@pytest.fixture
def start(tmp_path):
    (tmp_path / "program.py").write_text(PROGRAM)
    started = []

    def launched(options, what):
        command = [sys.executable, "-m", "keras.distributed", *options.split(), "program.py", what]
        environment = {**os.environ, "PYTHONPATH": str(Path(keras.__file__).parents[1])}
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        started.append(subprocess.Popen(command, cwd=tmp_path, env=environment, **pipes))
        return started[-1]

    yield launched
    for process in started:
        process.kill()
        process.communicate()


def test_lines_have_the_number_of_the_process_in_front(start):
    process = start("--processes 2", "well")
    printed, said = process.communicate()
    assert sorted(printed.splitlines()) == ["[0] process 0 of 2 ['well']", "[1] process 1 of 2 ['well']"]
    assert (process.returncode, said) == (0, "")


@pytest.mark.parametrize(
    "what, said",
    [
        ("killed", "keras.distributed: process 1 of 3 was killed by SIGKILL."),
        ("ends", "keras.distributed: process 1 of 3 ended with code 3."),
        ("explained", "keras.distributed: process 1 of 3 is tired."),
    ],
)
def test_a_failure_is_named_once_and_all_start_again(start, what, said):
    process = start("--processes 3 --restarts 1 --at-least 2", what)
    printed, errors = process.communicate()
    assert errors.splitlines() == [f"{said} Starting again with 2 processes, 0 restarts left."]
    assert f"[1] process 1 of 2 ['{what}']" in printed and process.returncode == 0


def test_without_restarts_a_failure_is_the_end(start):
    process = start("--processes 2", "ends")
    assert process.communicate()[1].endswith("ended with code 3. No restart left.\n")
    assert process.returncode == 1


@pytest.mark.parametrize("by, code", [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_ends_all(start, by, code):
    process = start("--processes 2", "waits")
    words = [process.stdout.readline().split()[1] for _ in range(4)]
    children = [int(word) for word in words if word.isdigit()]
    process.send_signal(by)
    process.wait(timeout=60)
    assert process.returncode == code and len(children) == 2
    for child in children:
        with pytest.raises(ProcessLookupError):
            os.kill(child, 0)
