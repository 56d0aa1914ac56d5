"""The size of the compile cache is limited."""

import os

from keras._host.compile_cache import prune


def test_oldest_files_are_removed_first(tmp_path):
    for age, name in enumerate("abcd"):
        (tmp_path / name).write_bytes(bytes(100))
        os.utime(tmp_path / name, (age, age))
    (tmp_path / "folder").mkdir()
    prune(tmp_path, 250)
    assert sorted(os.listdir(tmp_path)) == ["c", "d", "folder"]


def test_a_missing_folder_is_ignored(tmp_path):
    prune(tmp_path / "missing", 0)
    assert not (tmp_path / "missing").exists()
