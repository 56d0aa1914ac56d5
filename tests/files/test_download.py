"""Downloads from a server on this machine, and archives that are refused.

"1.2.2" marks an answer of Keras 1.2.2 (Python 3.6). The attacks on archives are those of CVE-2007-4559,
CVE-2025-4517, CVE-2025-8194, CVE-2025-12060 and of the pull requests 23010 and 23101 of Keras.
"""

import concurrent.futures
import gzip
import hashlib
import io
import os
import random
import tarfile
import time
import urllib.error
import urllib.request

import pytest
from loopback import serve

from keras._files import download
from keras._files.archives import extract_tar
from keras.utils.data_utils import get_file, validate_file

CONTENT = bytes(range(256)) * 1000
MD5, SHA256 = hashlib.md5(CONTENT).hexdigest(), hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """A new folder of Keras for each test, and no proxy before this machine."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("no_proxy", "*")
    return tmp_path / "home"


def files(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


# --- downloads ----------------------------------------------------------------------------------


def test_a_file_is_downloaded_once(home):
    with serve({"/a": CONTENT}) as (url, asked):
        paths = [get_file("name.bin", f"{url}/a") for _ in range(2)]
    assert paths == [str(home / "datasets" / "name.bin")] * 2 and asked == ["/a"]
    assert (home / "datasets" / "name.bin").read_bytes() == CONTENT


def test_cache_subdir(home):  # 1.2.2
    with serve({"/a": CONTENT}) as (url, _):
        assert get_file("a", f"{url}/a", cache_subdir="models") == str(home / "models" / "a")


def test_a_file_put_there_by_hand_needs_no_connection(home):
    (home / "datasets").mkdir(parents=True)
    (home / "datasets" / "a").write_bytes(CONTENT)
    assert get_file("a", "http://127.0.0.1:9/a", md5_hash=MD5) == str(home / "datasets" / "a")


@pytest.mark.parametrize("digest", [MD5, SHA256, MD5.upper()])
def test_a_hash_that_fits(digest):
    with serve({"/a": CONTENT}) as (url, _):
        assert validate_file(get_file("a", f"{url}/a", md5_hash=digest), digest)


def test_a_download_with_another_hash_is_not_kept(home):  # 1.2.2 keeps it
    with serve({"/a": CONTENT}) as (url, _), pytest.raises(ValueError, match=f"{MD5}; wanted {'0' * 32}"):
        get_file("a", f"{url}/a", md5_hash="0" * 32)
    assert files(home) == []


def test_a_file_with_another_hash_is_downloaded_anew(home):  # 1.2.2
    (home / "datasets").mkdir(parents=True)
    (home / "datasets" / "a").write_bytes(b"old")
    with serve({"/a": CONTENT}) as (url, _):
        get_file("a", f"{url}/a", md5_hash=MD5)
    assert (home / "datasets" / "a").read_bytes() == CONTENT


def test_a_file_with_another_hash_stays_until_there_is_a_new_one(home):
    (home / "datasets").mkdir(parents=True)
    (home / "datasets" / "a").write_bytes(b"old")
    with pytest.raises(OSError):
        get_file("a", "http://127.0.0.1:9/a", md5_hash=MD5)
    assert (home / "datasets" / "a").read_bytes() == b"old"


@pytest.mark.parametrize("digest", ["", "auto", "0" * 40, "g" * 32])
def test_what_is_no_hash_is_refused(digest):
    with pytest.raises(ValueError, match="32 hexadecimal digits .MD5. or 64 .SHA-256."):
        get_file("a", "http://127.0.0.1:9/a", md5_hash=digest)


@pytest.mark.parametrize("tenths", range(10))
def test_a_connection_that_ends_leaves_nothing(home, tenths):
    def answer(request):
        request.send_response(200)
        request.send_header("Content-Length", str(len(CONTENT)))
        request.end_headers()
        request.wfile.write(CONTENT[: len(CONTENT) * tenths // 10])

    with serve({"/a": answer}) as (url, _), pytest.raises(OSError, match="cannot download"):
        get_file("a", f"{url}/a")
    assert files(home) == []


def test_a_download_of_unknown_size():
    def answer(request):
        request.send_response(200)
        request.end_headers()
        request.wfile.write(CONTENT)

    with serve({"/a": answer}) as (url, _):
        assert validate_file(get_file("a", f"{url}/a"), MD5)


def test_a_server_that_says_nothing(home, monkeypatch):
    monkeypatch.setattr(download, "_TIMEOUT", 0.1)
    with (
        serve({"/a": lambda request: time.sleep(0.5)}) as (url, _),
        pytest.raises(OSError, match="timed out"),
    ):
        get_file("a", f"{url}/a")
    assert files(home) == []


@pytest.mark.parametrize("path, said", [("/missing", "HTTP status 404"), (":0/", "")])
def test_an_error_names_the_url_and_where_to_put_the_file(home, path, said):
    with serve({}) as (url, _), pytest.raises(OSError) as caught:
        get_file("a", f"{url}{path}" if said else "http://127.0.0.1:9/")
    message = str(caught.value)
    assert said in message and "127.0.0.1" in message and str(home / "datasets" / "a") in message


def redirect(target):
    def answer(request):
        request.send_response(302)
        request.send_header("Location", target)
        request.end_headers()

    return answer


def test_a_redirection_is_followed():
    with serve({"/a": redirect("/b"), "/b": CONTENT}) as (url, asked):
        assert validate_file(get_file("a", f"{url}/a"), MD5) and asked == ["/a", "/b"]


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://127.0.0.1/a", "data:,a"])
def test_a_redirection_elsewhere_is_refused(home, target):
    with serve({"/a": redirect(target)}) as (url, _), pytest.raises(OSError, match="cannot download"):
        get_file("a", f"{url}/a")
    assert files(home) == []


def test_a_redirection_from_https_to_http_is_refused():
    request = urllib.request.Request("https://example.org/a")
    with pytest.raises(urllib.error.URLError, match="refused"):
        download._SafeRedirects().redirect_request(request, None, 302, "", {}, "http://example.org/a")


@pytest.mark.parametrize("origin", ["ftp://127.0.0.1/a", "data:,a", "a.bin", "C:/a.bin"])
def test_other_urls_are_refused(origin):
    with pytest.raises(ValueError, match="http, https, file"):
        get_file("a", origin)


def test_many_at_once(home):
    with serve({"/a": CONTENT}) as (url, _), concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: get_file("a", f"{url}/a", md5_hash=MD5), range(8)))
    assert files(home) == ["datasets/a"] and validate_file(home / "datasets" / "a", MD5)


def test_a_file_url(tmp_path):  # 1.2.2
    (tmp_path / "a").write_bytes(CONTENT)
    assert validate_file(get_file("a", (tmp_path / "a").as_uri()), MD5)


# --- archives -----------------------------------------------------------------------------------


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


def extract(tmp_path, data):
    """What comes out of an archive as "set": {path: content}; nothing else is left in the folder."""
    (tmp_path / "set.tar.gz").write_bytes(data)
    try:
        extract_tar(tmp_path / "set.tar.gz", str(tmp_path / "set"))
    finally:
        assert set(os.listdir(tmp_path)) <= {"set", "set.tar.gz"}
        assert not any(path.is_symlink() for path in tmp_path.rglob("*"))
    return {name: (tmp_path / name).read_bytes() for name in files(tmp_path) if name != "set.tar.gz"}


FORMATS = [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT, tarfile.USTAR_FORMAT]


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("name", ["set/a", "./set/a", "set/" + "d" * 90 + "/" + "f" * 70])
def test_the_folder_in_an_archive(tmp_path, form, name):  # 1.2.2
    found = extract(tmp_path, archive(member("set", type=tarfile.DIRTYPE), member(name, b"abc"), form=form))
    assert found == {name.removeprefix("./"): b"abc"}


@pytest.mark.parametrize("form", FORMATS[:2])
def test_long_names_that_are_not_ascii(tmp_path, form):
    name = "set/" + "图" * 60
    assert extract(tmp_path, archive(member(name, b"abc"), form=form)) == {name: b"abc"}


def test_an_archive_without_such_a_folder_becomes_one(tmp_path):  # 1.2.2 gives a path that is not there
    found = extract(tmp_path, archive(member("a/b", b"1"), member("c", b"2")))
    assert found == {"set/a/b": b"1", "set/c": b"2"}


def test_get_file_takes_an_archive_apart_once(home):
    with serve({"/t": archive(member("set/a", b"abc"))}) as (url, asked):
        paths = [get_file("set", f"{url}/t", untar=True) for _ in range(2)]
    assert paths == [str(home / "datasets" / "set")] * 2 and asked == ["/t"]
    assert files(home) == ["datasets/set.tar.gz", "datasets/set/a"]


def test_modes_in_an_archive_are_not_used(tmp_path):
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
def test_what_is_refused(tmp_path, members, said, form):
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
def test_headers_that_are_refused(tmp_path, headers, said):
    with pytest.raises(ValueError, match=said):
        extract(tmp_path, archive(member("set/a", b"abc", pax_headers=headers)))


def test_a_header_for_all_members_is_refused(tmp_path):
    with pytest.raises(ValueError, match="all members"):
        extract(tmp_path, archive(member("set/a", b"abc"), pax_headers={"path": "b"}))


def test_a_negative_size_is_refused(tmp_path):  # CVE-2025-8194: tarfile never ends
    info, _ = member("set/a")
    block = bytearray(info.tobuf(tarfile.GNU_FORMAT))
    block[124:136] = b"\xff" * 12
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    with pytest.raises(ValueError, match="where a number should stand"):
        extract(tmp_path, gzip.compress(bytes(block) + bytes(1024)))


def test_more_than_the_archive_could_hold_is_refused_before_it_is_written(tmp_path):
    info, _ = member("set/a", size=1 << 40)
    with pytest.raises(ValueError, match="100 times its size"):
        extract(tmp_path, gzip.compress(info.tobuf(tarfile.GNU_FORMAT)))


def test_a_bomb_after_the_end_is_refused(tmp_path):
    with pytest.raises(ValueError, match="100 times its size"):
        extract(tmp_path, gzip.compress(bytes(100 << 20)))


def test_too_many_members_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("keras._files.archives._MAX_MEMBERS", 5)
    with pytest.raises(ValueError, match="more than 5 members"):
        extract(tmp_path, archive(*(member(f"set/{n}") for n in range(6))))


WHOLE = archive(member("set/a", b"abc" * 5000), member("set/b", random.Random(0).randbytes(3000)))


@pytest.mark.parametrize("tenths", range(10))
def test_a_truncated_archive_is_refused(tmp_path, tenths):
    with pytest.raises(ValueError, match="damaged"):
        extract(tmp_path, WHOLE[: len(WHOLE) * tenths // 10 + 1])


@pytest.mark.parametrize("place", range(40, len(WHOLE), len(WHOLE) // 20))
def test_a_changed_archive_is_refused(tmp_path, place):
    changed = bytearray(WHOLE)
    changed[place] ^= 1
    with pytest.raises(ValueError):
        extract(tmp_path, bytes(changed))


def test_an_archive_cut_before_it_was_compressed_is_refused(tmp_path):  # tarfile takes it for the end
    with pytest.raises(ValueError, match="damaged"):
        extract(tmp_path, gzip.compress(gzip.decompress(WHOLE)[:900]))
