"""Atomic writes under errors, kills, links and permissions, and the removal of abandoned files."""

import contextlib
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


def test_complete_file_replaces_the_old_one(target):
    put(target, "new")
    assert target.read_text() == "new"
    assert os.listdir(target.parent) == ["model.h5"]


def test_new_file_has_the_permissions_of_the_umask(tmp_path):
    put(str(tmp_path / "new.h5"), "new")
    plain = tmp_path / "plain"
    plain.write_text("")
    assert (tmp_path / "new.h5").stat().st_mode == plain.stat().st_mode


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_error_leaves_only_the_old_file(error, target):
    with pytest.raises(error), atomic_write(target) as temporary:
        with open(temporary, "w") as file:
            file.write("half")
        raise error
    assert target.read_text() == "old"
    assert os.listdir(target.parent) == ["model.h5"]


@pytest.mark.skipif(os.name != "posix", reason="needs kill -9")
def test_killed_process_leaves_the_old_file(target):
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
    # The next process that writes to this folder removes the temporary file.
    put(target.with_name("other.h5"), "new")
    assert sorted(os.listdir(target.parent)) == ["model.h5", "other.h5"]


@pytest.mark.skipif(os.name != "posix", reason="needs locks of POSIX")
def test_temporary_file_of_a_living_process_stays(target):
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


def test_other_hidden_files_are_kept(target):
    names = [".model.h5.tmp", f".model.h5.{32 * '0'}.tmp", f"model.h5.{32 * '0'}.keras.tmp"]
    for name in names:
        target.with_name(name).write_text("")
    put(target, "new")
    assert sorted(os.listdir(target.parent)) == sorted([*names, "model.h5"])


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_disk_error_names_the_file(step, target, monkeypatch):
    def fail(*_):
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, step, fail)
    with pytest.raises(OSError, match="Cannot write .*model.h5: Input/output error") as error:
        put(target, "new")
    assert error.value.errno == errno.EIO
    assert target.read_text() == "old" and os.listdir(target.parent) == ["model.h5"]


def test_file_is_synced_before_the_rename_and_folder_after_it(target, monkeypatch):
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
def test_permissions_and_links_of_the_old_file_are_kept(target):
    target.chmod(0o640)
    link = target.with_name("link.h5")
    link.symlink_to(target)
    put(link, "new")
    assert link.is_symlink() and target.read_text() == "new"
    assert stat.S_IMODE(target.stat().st_mode) == 0o640


def test_missing_directory_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="no directory .*nowhere"):
        put(tmp_path / "nowhere" / "w.h5", "new")


def test_directory_is_not_replaced(tmp_path):
    with pytest.raises(IsADirectoryError, match="pass a file name"):
        put(tmp_path, "new")


@pytest.mark.skipif(os.name != "posix", reason="POSIX devices")
def test_device_is_not_replaced():
    with pytest.raises(OSError, match="not a regular file"):
        put(os.devnull, "new")


def test_long_non_ascii_file_name_is_written(tmp_path):
    name = "模" * 80 + ".h5"  # 243 bytes; the limit is 255
    put(tmp_path / name, "new")
    assert (tmp_path / name).read_text() == "new"


@pytest.mark.skipif(os.name != "posix", reason="needs locks of POSIX")
@pytest.mark.parametrize("step", ["before it is opened", "before it is locked"])
def test_temporary_file_removed_before_it_is_locked_is_created_again(step, target, monkeypatch):
    """As by another process that looks for abandoned files before this one is locked."""
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
def test_ctrl_c_leaves_no_incomplete_file(step, target, monkeypatch):
    """The interrupt comes at the end of a system call: creating, flushing, renaming."""
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


# Other systems, simulated


def test_without_fcntl_files_are_written_and_temporary_ones_stay(target, monkeypatch):
    """Simulates Windows: no locks, no O_NOFOLLOW, and folders that cannot be opened."""
    other = target.with_name(f".other.h5.{32 * '0'}.keras.tmp")
    other.write_text("possibly of a living process")
    real = os.open

    def open_of_windows(path, *arguments):
        if os.path.isdir(path):
            raise PermissionError(errno.EACCES, "Permission denied")
        return real(path, *arguments)

    with monkeypatch.context() as windows:
        windows.setattr(_atomic, "fcntl", None)
        windows.setattr(os, "name", "nt")
        windows.setattr(os, "open", open_of_windows)
        windows.delattr(os, "O_NOFOLLOW", raising=False)
        with atomic_write(str(target)) as temporary, open(temporary, "w") as file:
            file.write("new")
    assert target.read_text() == "new"
    assert sorted(os.listdir(target.parent)) == sorted([other.name, "model.h5"])


@pytest.mark.skipif(os.name != "posix", reason="needs locks of POSIX")
@pytest.mark.parametrize("supported", [True, False])
def test_macos_flushes_the_cache_of_the_drive(supported, target, monkeypatch):
    """By F_FULLFSYNC, or by fsync on drives without that command."""
    steps = []

    def fcntl(handle, command):
        assert command == 51
        if not supported:
            raise OSError(errno.ENOTSUP, "Operation not supported")
        steps.append("full")

    monkeypatch.setattr(_atomic.fcntl, "F_FULLFSYNC", 51, raising=False)
    monkeypatch.setattr(_atomic.fcntl, "fcntl", fcntl)
    monkeypatch.setattr(os, "fsync", lambda handle: steps.append("fsync"))
    put(target, "new")
    assert target.read_text() == "new"
    assert steps == ["full" if supported else "fsync"] * 2  # the file and its folder


@pytest.mark.skipif(os.name != "posix", reason="only POSIX flushes folders")
@pytest.mark.parametrize("code, refused", [(errno.EINVAL, False), (errno.EIO, True)])
def test_file_systems_that_flush_no_folders_are_accepted(code, refused, target, monkeypatch):
    real = os.fsync

    def fsync(handle):
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            raise OSError(code, os.strerror(code))
        real(handle)

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(OSError, match="Cannot write .*model.h5") if refused else contextlib.nullcontext():
        put(target, "new")
    assert target.read_text() == "new" and os.listdir(target.parent) == ["model.h5"]


WINDOWS_LIKE = """
import os, signal, sys
import multiprocessing, h5py, jax, numpy, yaml  # they have branches of their own
sys.modules["fcntl"] = sys.modules["resource"] = None
sys.platform = "win32"  # not os.name, by which pathlib would make a WindowsPath
for name in "fork sysconf O_NOFOLLOW O_DIRECTORY link fchmod chown mkfifo getuid sched_getaffinity".split():
    if hasattr(os, name):
        delattr(os, name)
for name in "SIGKILL SIGALRM SIGCHLD SIGUSR1 SIGHUP setitimer".split():
    if hasattr(signal, name):
        delattr(signal, name)
from keras.layers import Dense
from keras.models import Sequential, load_model
model = Sequential([Dense(2, input_dim=3)])
model.compile("sgd", "mse")
model.save("model.h5")
model.save("model.h5")
assert len(load_model("model.h5").get_weights()) == 2
print(os.listdir("."))
"""


def test_models_are_saved_and_loaded_without_posix_calls(tmp_path):
    program = run(WINDOWS_LIKE, cwd=tmp_path, stdout=subprocess.PIPE, text=True)
    assert program.communicate()[0] == "['model.h5']\n"


# Links, owners, names


@pytest.mark.skipif(os.name != "posix", reason="POSIX links")
def test_loop_of_links_is_refused_and_stays(tmp_path):
    one, two = tmp_path / "one.h5", tmp_path / "two.h5"
    one.symlink_to(two)
    two.symlink_to(one)
    with pytest.raises(OSError, match="Cannot write .*one.h5: Too many levels of symbolic links") as error:
        put(one, "new")
    assert error.value.errno == errno.ELOOP
    assert one.is_symlink() and two.is_symlink() and len(os.listdir(tmp_path)) == 2


@pytest.mark.skipif(os.name != "posix", reason="POSIX links")
def test_link_to_a_file_that_does_not_exist_yet_creates_it(tmp_path):
    link = tmp_path / "link.h5"
    link.symlink_to(tmp_path / "target.h5")
    put(link, "new")
    assert link.is_symlink() and (tmp_path / "target.h5").read_text() == "new"


@pytest.mark.skipif(os.name != "posix", reason="POSIX links")
def test_other_names_of_a_file_keep_the_old_one_with_a_warning(target):
    other = target.with_name("other.h5")
    os.link(target, other)
    with pytest.warns(UserWarning, match="has 2 names .hard links.*the others keep the old file"):
        put(target, "new")
    assert target.read_text() == "new" and other.read_text() == "old"
    put(target, "newer")  # has one name by now: no warning


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root gives files away")
def test_owner_and_group_of_the_old_file_are_kept(target):
    os.chown(target, 1234, 2345)
    target.chmod(0o4640)
    put(target, "new")
    status = target.stat()
    assert (status.st_uid, status.st_gid, stat.S_IMODE(status.st_mode)) == (1234, 2345, 0o4640)


def test_owner_that_cannot_be_kept_is_no_error(target, monkeypatch):
    def chown(*_):
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "chown", chown, raising=False)
    put(target, "new")
    assert target.read_text() == "new"


def test_name_with_a_zero_byte_is_refused_by_name(tmp_path):
    with pytest.raises(ValueError, match=r"Cannot write .*a.x00b.*zero byte"):
        put(f"{tmp_path}/a\0b.h5", "new")
    assert not os.listdir(tmp_path)


def test_name_of_255_bytes_is_written(tmp_path):
    name = "n" * 252 + ".h5"
    put(tmp_path / name, "new")
    assert os.listdir(tmp_path) == [name]


@pytest.mark.skipif(os.name != "posix", reason="Windows words this in another way")
def test_name_that_is_too_long_is_refused_before_anything_is_written(tmp_path):
    with (
        pytest.raises(OSError, match="Cannot write .*: File name too long"),
        atomic_write(tmp_path / ("n" * 256)),
    ):
        raise AssertionError("nothing must be written")


# Readers and locks


@pytest.mark.skipif(os.name != "posix", reason="needs locks of POSIX")
def test_lock_of_the_writer_lets_readers_lock_the_new_file(target, monkeypatch):
    """HDF5 asks for a shared lock on what it opens for reading; the writer's lock outlives the rename."""
    replace, locked = os.replace, []

    def replace_and_lock(*paths):
        replace(*paths)
        with open(target) as file:
            _atomic.fcntl.flock(file, _atomic.fcntl.LOCK_SH | _atomic.fcntl.LOCK_NB)
            locked.append(file.read())

    monkeypatch.setattr(os, "replace", replace_and_lock)
    put(target, "new")
    assert locked == ["new"]


@pytest.mark.parametrize("refusals, written", [(3, "new"), (100, "old")])
def test_rename_waits_for_readers_on_windows(refusals, written, target, monkeypatch):
    """Simulates Windows, where a file that a program has open cannot be replaced."""
    replace, calls, waits = os.replace, [], []

    def replace_of_windows(*paths):
        calls.append(paths)
        if len(calls) <= refusals:
            raise PermissionError(errno.EACCES, "Access is denied")
        replace(*paths)

    with monkeypatch.context() as windows:
        windows.setattr(os, "name", "nt")
        windows.setattr(os, "replace", replace_of_windows)
        windows.setattr(_atomic.time, "sleep", waits.append)
        refused = pytest.raises(OSError, match="Cannot write .*model.h5: Access is denied")
        with refused if refusals == 100 else contextlib.nullcontext():
            put(str(target), "new")
    assert target.read_text() == written and os.listdir(target.parent) == ["model.h5"]
    assert waits == _atomic._WAITS[: min(refusals, len(_atomic._WAITS))]
