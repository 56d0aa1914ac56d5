"""Archives that are extracted, and archives that are refused.

"1.2.2" marks an answer of Keras 1.2.2 (Python 3.6). The attacks are those of CVE-2007-4559, CVE-2025-4517,
CVE-2025-8194, CVE-2025-12060 and of the pull requests 23010 and 23101 of Keras.
"""

import gzip
import io
import os
import random
import tarfile

import pytest

from keras._files.archives import extract_tar


def files(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def member(name, content=b"", **fields):
    info = tarfile.TarInfo(name)
    info.size = len(content)
    for field, value in fields.items():
        setattr(info, field, value)
    return info, content


def archive(*members, form=tarfile.PAX_FORMAT, **options):
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz", format=form, **options) as tar:
        for info, content in members:
            tar.addfile(info, io.BytesIO(content))
    return file.getvalue()


def extract(tmp_path, data, beside=()):
    """Extracts an archive to "set"; returns {path: content} after checking that nothing else is left.

    `beside` are the names that may be found beside "set".
    """
    (tmp_path / "set.tar.gz").write_bytes(data)
    try:
        extract_tar(tmp_path / "set.tar.gz", str(tmp_path / "set"))
    finally:
        assert set(os.listdir(tmp_path)) <= {"set", "set.tar.gz", *beside}
        assert not any(path.is_symlink() for path in tmp_path.rglob("*"))
    return {name: (tmp_path / name).read_bytes() for name in files(tmp_path) if name != "set.tar.gz"}


FORMATS = [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT, tarfile.USTAR_FORMAT]


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("name", ["set/a", "./set/a", "set/" + "d" * 90 + "/" + "f" * 70])
def test_folder_in_an_archive_becomes_the_target(tmp_path, form, name):  # 1.2.2
    found = extract(tmp_path, archive(member("set", type=tarfile.DIRTYPE), member(name, b"abc"), form=form))
    assert found == {name.removeprefix("./"): b"abc"}


@pytest.mark.parametrize("form", FORMATS[:2])
def test_long_non_ascii_names_are_extracted(tmp_path, form):
    name = "set/" + "图" * 60
    assert extract(tmp_path, archive(member(name, b"abc"), form=form)) == {name: b"abc"}


def test_archive_without_that_folder_is_extracted_beside_it(tmp_path):  # 1.2.2
    found = extract(tmp_path, archive(member("a/b", b"1"), member("c", b"2")), beside=("a", "c"))
    assert found == {"a/b": b"1", "c": b"2"}


def test_archive_replaces_no_file_beside_it(tmp_path):  # 1.2.2 replaces any
    (tmp_path / "c").write_bytes(b"mine")
    found = extract(tmp_path, archive(member("a", b"1"), member("c", b"2")), beside=("a", "c"))
    assert found == {"a": b"1", "c": b"mine"}


def test_modes_in_an_archive_are_ignored(tmp_path):
    extract(tmp_path, archive(member("set/a", b"abc", mode=0o4777)))
    assert (tmp_path / "set" / "a").stat().st_mode & 0o7111 == 0


@pytest.mark.parametrize(
    "members, said",
    [
        ([member("../a", b"x")], "lead out"),
        ([member("set/../../a", b"x")], "lead out"),
        ([member("/tmp/a", b"x")], "lead out"),
        ([member("set\\..\\a", b"x")], "lead out"),
        ([member("d/" * 70 + "a", b"x")], "too deep"),
        ([member("set/l", type=tarfile.SYMTYPE, linkname="a")], "symbolic link"),
        ([member("set/l", type=tarfile.SYMTYPE, linkname="/"), member("set/l/a", b"x")], "symbolic link"),
        ([member("set/l", type=tarfile.LNKTYPE, linkname="set/a")], "hard link"),
        ([member("../l", type=tarfile.LNKTYPE, linkname="set/a")], "hard link"),
        ([member("set/l", type=tarfile.SYMTYPE, linkname="a" * 200)], "link"),
        ([member("set/d", type=tarfile.CHRTYPE)], "device"),
        ([member("set/d", type=tarfile.BLKTYPE)], "device"),
        ([member("set/p", type=tarfile.FIFOTYPE)], "pipe"),
        ([member("set/s", type=tarfile.GNUTYPE_SPARSE)], "sparse"),
        ([member("set/q", type=b"Q")], "unknown kind"),
        ([member("set/a", b"1"), member("set/a", b"2")], "twice"),
        ([member("set/a", b"1"), member("set/a/b", b"2")], "twice"),
        ([member("set/a/b", b"1"), member("set/a", b"2")], "twice"),
    ],
)
@pytest.mark.parametrize("form", FORMATS[:2])
def test_unsafe_member_is_refused(tmp_path, members, said, form):
    with pytest.raises(ValueError, match=said):
        extract(tmp_path, archive(*members, form=form))


@pytest.mark.parametrize(
    "headers, said",
    [
        ({"GNU.sparse.major": "1"}, "sparse"),
        ({"size": "-512"}, "size '-512'"),
        ({"size": "9" * 30}, "size '999"),
        ({"path": "../a"}, "lead out"),
        ({"comment": "c" * (2 << 20)}, "header of"),
    ],
)
def test_malformed_header_is_refused(tmp_path, headers, said):
    with pytest.raises(ValueError, match=said):
        extract(tmp_path, archive(member("set/a", b"abc", pax_headers=headers)))


def test_global_header_is_refused(tmp_path):
    with pytest.raises(ValueError, match="all members"):
        extract(tmp_path, archive(member("set/a", b"abc"), pax_headers={"path": "b"}))


def test_negative_size_is_refused(tmp_path):  # CVE-2025-8194: tarfile never ends
    info, _ = member("set/a")
    block = bytearray(info.tobuf(tarfile.GNU_FORMAT))
    block[124:136] = b"\xff" * 12
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    with pytest.raises(ValueError, match="in place of a number"):
        extract(tmp_path, gzip.compress(bytes(block) + bytes(1024)))


def test_size_beyond_the_archive_is_refused_before_writing(tmp_path):
    info, _ = member("set/a", size=1 << 40)
    with pytest.raises(ValueError, match="contents would take .* bytes on disk"):
        extract(tmp_path, gzip.compress(info.tobuf(tarfile.GNU_FORMAT)))


def test_bomb_after_the_end_is_refused(tmp_path):
    with pytest.raises(ValueError, match="contents would take .* bytes on disk"):
        extract(tmp_path, gzip.compress(bytes(100 << 20)))


def test_pax_header_of_many_records_is_refused(tmp_path):
    """Records of nothing but their length. Cutting each off the rest took 13 s for 350,000 of them."""
    header = b"3 \n" * (2**20 // 3)
    block = tarfile.TarInfo("pax")
    block.type, block.size = tarfile.XHDTYPE, len(header)
    member = block.tobuf() + header + bytes(-len(header) % 512)
    with pytest.raises(ValueError, match="records of pax headers would take"):
        extract(tmp_path, gzip.compress(member * 4))


def test_folders_in_folders_are_charged_one_by_one(tmp_path, monkeypatch):
    """An archive of a few kilobytes can name 64 new folders with each header."""
    monkeypatch.setattr("keras._base.budget.BASE_STEPS", 20_000)
    members = [member(f"{i}/" + "d/" * 62, type=tarfile.DIRTYPE) for i in range(20)]
    with pytest.raises(ValueError, match="folders would take 130 steps"):
        extract(tmp_path, archive(*members))


def test_files_are_charged_one_by_one(tmp_path, monkeypatch):
    monkeypatch.setattr("keras._base.budget.BASE_STEPS", 20_000)
    with pytest.raises(ValueError, match="files would take 70 steps"):
        extract(tmp_path, archive(*(member(f"set/{n}") for n in range(600))))


WHOLE = archive(member("set/a", b"abc" * 5000), member("set/b", random.Random(0).randbytes(3000)))


@pytest.mark.parametrize("tenths", range(10))
def test_truncated_archive_is_refused(tmp_path, tenths):
    with pytest.raises(ValueError, match="damaged"):
        extract(tmp_path, WHOLE[: len(WHOLE) * tenths // 10 + 1])


@pytest.mark.parametrize("place", range(40, len(WHOLE), len(WHOLE) // 20))
def test_damaged_archive_is_refused(tmp_path, place):
    changed = bytearray(WHOLE)
    changed[place] ^= 1
    with pytest.raises(ValueError):
        extract(tmp_path, bytes(changed))


def test_archive_truncated_before_compression_is_refused(tmp_path):  # tarfile takes it for the end
    with pytest.raises(ValueError, match="damaged"):
        extract(tmp_path, gzip.compress(gzip.decompress(WHOLE)[:900]))
