"""Writing that loses nothing: errors, kills, links, permissions, and who clears up."""

import errno
import os
import signal
import stat
import subprocess
import sys

import pytest

from keras._files import atomic as _atomic
from keras._files.atomic import atomic_write


@pytest.fixture
def target(tmp_path):
    path = tmp_path / "model.h5"
    path.write_text("old")
    return path


def put(path, text):
    with atomic_write(path) as temporary, open(temporary, "w") as file:
        file.write(text)


def test_a_complete_file_takes_the_place_of_the_old_one(target):
    put(target, "new")
    assert target.read_text() == "new"
    assert os.listdir(target.parent) == ["model.h5"]


def test_a_first_file_is_made_with_the_usual_permissions(tmp_path):
    put(str(tmp_path / "new.h5"), "new")
    plain = tmp_path / "plain"
    plain.write_text("")
    assert (tmp_path / "new.h5").stat().st_mode == plain.stat().st_mode


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_an_error_leaves_the_old_file_and_nothing_else(error, target):
    with pytest.raises(error), atomic_write(target) as temporary:
        with open(temporary, "w") as file:
            file.write("half")
        raise error
    assert target.read_text() == "old"
    assert os.listdir(target.parent) == ["model.h5"]


@pytest.mark.skipif(os.name != "posix", reason="needs kill -9")
def test_a_killed_process_leaves_the_old_file(target):
    program = f"""
from keras._files.atomic import atomic_write
import os, signal
with atomic_write({str(target)!r}) as path:
    open(path, "w").write("half")
    os.kill(os.getpid(), signal.SIGKILL)
"""
    done = run(program)
    assert done.wait() == -signal.SIGKILL
    assert target.read_text() == "old" and len(os.listdir(target.parent)) == 2
    # The next one to write in this folder, whatever it writes, clears up.
    put(target.with_name("other.h5"), "new")
    assert sorted(os.listdir(target.parent)) == ["model.h5", "other.h5"]


@pytest.mark.skipif(os.name != "posix", reason="needs locks of POSIX")
def test_what_a_living_process_is_writing_stays(target):
    program = f"""
from keras._files.atomic import atomic_write
with atomic_write({str(target)!r}) as path:
    open(path, "w").write("from the other")
    print("ready", flush=True)
    input()
"""
    other = run(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert other.stdout.readline() == "ready\n"
    put(target, "from here")
    assert target.read_text() == "from here" and len(os.listdir(target.parent)) == 2
    other.communicate("\n")
    assert target.read_text() == "from the other"
    assert os.listdir(target.parent) == ["model.h5"]


def run(program, **options):
    source = os.path.dirname(os.path.dirname(os.path.dirname(_atomic.__file__)))
    environment = {**os.environ, "PYTHONPATH": source}
    return subprocess.Popen([sys.executable, "-c", program], env=environment, **options)


def test_other_hidden_files_stay(target):
    names = [".model.h5.tmp", f".model.h5.{32 * '0'}.tmp", f"model.h5.{32 * '0'}.keras.tmp"]
    for name in names:
        target.with_name(name).write_text("")
    put(target, "new")
    assert sorted(os.listdir(target.parent)) == sorted([*names, "model.h5"])


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_an_error_of_the_disk_names_the_file(step, target, monkeypatch):
    def fail(*_):
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, step, fail)
    with pytest.raises(OSError, match="Cannot write .*model.h5: Input/output error") as error:
        put(target, "new")
    assert error.value.errno == errno.EIO
    assert target.read_text() == "old" and os.listdir(target.parent) == ["model.h5"]


def test_the_file_reaches_the_disk_before_it_is_renamed_and_the_folder_after(target, monkeypatch):
    steps = []
    replace = os.replace
    monkeypatch.setattr(
        os,
        "fsync",
        lambda fd: steps.append("dir" if stat.S_ISDIR(os.fstat(fd).st_mode) else "file"),
    )
    monkeypatch.setattr(os, "replace", lambda *paths: (steps.append("rename"), replace(*paths)))
    put(target, "new")
    assert steps == ["file", "rename"] + ["dir"] * (os.name == "posix")


@pytest.mark.skipif(os.name != "posix", reason="POSIX permissions and links")
def test_permissions_and_links_of_the_old_file_stay(target):
    target.chmod(0o640)
    link = target.with_name("link.h5")
    link.symlink_to(target)
    put(link, "new")
    assert link.is_symlink() and target.read_text() == "new"
    assert stat.S_IMODE(target.stat().st_mode) == 0o640


def test_a_missing_directory_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="no directory .*nowhere"):
        put(tmp_path / "nowhere" / "w.h5", "new")


def test_a_directory_is_not_replaced(tmp_path):
    with pytest.raises(IsADirectoryError, match="pass a file name"):
        put(tmp_path, "new")


@pytest.mark.skipif(os.name != "posix", reason="POSIX devices")
def test_a_device_is_not_replaced():
    with pytest.raises(OSError, match="not a regular file"):
        put(os.devnull, "new")


def test_long_and_foreign_names_work(tmp_path):
    name = "模" * 80 + ".h5"  # 243 bytes; 255 is the most
    put(tmp_path / name, "new")
    assert (tmp_path / name).read_text() == "new"


@pytest.mark.skipif(os.name != "posix", reason="needs locks of POSIX")
@pytest.mark.parametrize("step", ["before it is opened", "before it is locked"])
def test_a_file_taken_for_abandoned_is_made_again(step, target, monkeypatch):
    """As another process does that looks between the making and the locking."""
    left = [1]
    module, name = (os, "open") if step == "before it is opened" else (_atomic.fcntl, "flock")
    real = getattr(module, name)

    def remove_first(what, flags, *rest):
        locking = name == "flock" or flags == os.O_RDONLY | os.O_NOFOLLOW
        if locking and left:
            left.pop()
            for path in target.parent.glob(".*.keras.tmp"):
                path.unlink()
        return real(what, flags, *rest)

    monkeypatch.setattr(module, name, remove_first)
    put(target, "new")
    assert not left and target.read_text() == "new" and os.listdir(target.parent) == ["model.h5"]


@pytest.mark.parametrize("step", ["close", "fsync", "replace"])
def test_ctrl_c_leaves_nothing_half_made(step, target, monkeypatch):
    """It comes when a call of the system is over: making, flushing, renaming."""
    real = getattr(os, step)

    def interrupted(*arguments):
        monkeypatch.undo()
        real(*arguments)
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(os, step, interrupted)
    with pytest.raises(KeyboardInterrupt):
        put(target, "new")
    assert os.listdir(target.parent) == ["model.h5"]
    assert target.read_text() == ("new" if step == "replace" else "old")
