"""Downloads from a server on this machine. "1.2.2" marks an answer of Keras 1.2.2 (Python 3.6)."""

import concurrent.futures
import hashlib
import io
import tarfile
import time
import urllib.error
import urllib.request

import pytest
from loopback import serve

from keras._files import download
from keras.utils.data_utils import get_file, validate_file

CONTENT = bytes(range(256)) * 1000
MD5, SHA256 = hashlib.md5(CONTENT).hexdigest(), hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """Uses a new folder of Keras for each test, and no proxy for this machine."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("no_proxy", "*")
    return tmp_path / "home"


def files(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_file_is_downloaded_once(home):
    with serve({"/a": CONTENT}) as (url, asked):
        paths = [get_file("name.bin", f"{url}/a") for _ in range(2)]
    assert paths == [str(home / "datasets" / "name.bin")] * 2 and asked == ["/a"]
    assert (home / "datasets" / "name.bin").read_bytes() == CONTENT


def test_cache_subdir_is_used(home):  # 1.2.2
    with serve({"/a": CONTENT}) as (url, _):
        assert get_file("a", f"{url}/a", cache_subdir="models") == str(home / "models" / "a")


def test_file_placed_by_hand_is_not_downloaded(home):
    (home / "datasets").mkdir(parents=True)
    (home / "datasets" / "a").write_bytes(CONTENT)
    assert get_file("a", "http://127.0.0.1:9/a", md5_hash=MD5) == str(home / "datasets" / "a")


@pytest.mark.parametrize("digest", [MD5, SHA256, MD5.upper()])
def test_matching_hash_is_accepted(digest):
    with serve({"/a": CONTENT}) as (url, _):
        assert validate_file(get_file("a", f"{url}/a", md5_hash=digest), digest)


def test_download_with_a_wrong_hash_is_not_kept(home):  # 1.2.2 keeps it
    with serve({"/a": CONTENT}) as (url, _), pytest.raises(ValueError, match=f"{MD5}; wanted {'0' * 32}"):
        get_file("a", f"{url}/a", md5_hash="0" * 32)
    assert files(home) == []


def test_file_with_another_hash_is_downloaded_again(home):  # 1.2.2
    (home / "datasets").mkdir(parents=True)
    (home / "datasets" / "a").write_bytes(b"old")
    with serve({"/a": CONTENT}) as (url, _):
        get_file("a", f"{url}/a", md5_hash=MD5)
    assert (home / "datasets" / "a").read_bytes() == CONTENT


def test_file_with_another_hash_stays_until_the_download_is_complete(home):
    (home / "datasets").mkdir(parents=True)
    (home / "datasets" / "a").write_bytes(b"old")
    with pytest.raises(OSError):
        get_file("a", "http://127.0.0.1:9/a", md5_hash=MD5)
    assert (home / "datasets" / "a").read_bytes() == b"old"


@pytest.mark.parametrize("digest", ["", "auto", "0" * 40, "g" * 32])
def test_invalid_hash_is_refused(digest):
    with pytest.raises(ValueError, match="32 hexadecimal digits .MD5. or 64 .SHA-256."):
        get_file("a", "http://127.0.0.1:9/a", md5_hash=digest)


@pytest.mark.parametrize("tenths", range(10))
def test_broken_connection_leaves_no_file(home, tenths):
    def answer(request):
        request.send_response(200)
        request.send_header("Content-Length", str(len(CONTENT)))
        request.end_headers()
        request.wfile.write(CONTENT[: len(CONTENT) * tenths // 10])

    with serve({"/a": answer}) as (url, _), pytest.raises(OSError, match="cannot download"):
        get_file("a", f"{url}/a")
    assert files(home) == []


def test_download_of_unknown_size_is_complete():
    def answer(request):
        request.send_response(200)
        request.end_headers()
        request.wfile.write(CONTENT)

    with serve({"/a": answer}) as (url, _):
        assert validate_file(get_file("a", f"{url}/a"), MD5)


def test_silent_server_times_out(home, monkeypatch):
    monkeypatch.setattr(download, "_TIMEOUT", 0.1)
    with (
        serve({"/a": lambda request: time.sleep(0.5)}) as (url, _),
        pytest.raises(OSError, match="timed out"),
    ):
        get_file("a", f"{url}/a")
    assert files(home) == []


@pytest.mark.parametrize("path, said", [("/missing", "HTTP status 404"), (":0/", "")])
def test_download_error_names_the_url_and_the_destination(home, path, said):
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


def test_redirection_is_followed():
    with serve({"/a": redirect("/b"), "/b": CONTENT}) as (url, asked):
        assert validate_file(get_file("a", f"{url}/a"), MD5) and asked == ["/a", "/b"]


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://127.0.0.1/a", "data:,a"])
def test_redirection_to_other_schemes_is_refused(home, target):
    with serve({"/a": redirect(target)}) as (url, _), pytest.raises(OSError, match="cannot download"):
        get_file("a", f"{url}/a")
    assert files(home) == []


def test_redirection_from_https_to_http_is_refused():
    request = urllib.request.Request("https://example.org/a")
    with pytest.raises(urllib.error.URLError, match="refused"):
        download._SafeRedirects().redirect_request(request, None, 302, "", {}, "http://example.org/a")


@pytest.mark.parametrize("origin", ["ftp://127.0.0.1/a", "data:,a", "a.bin", "C:/a.bin"])
def test_unsupported_url_schemes_are_refused(origin):
    with pytest.raises(ValueError, match="http, https, file"):
        get_file("a", origin)


def test_concurrent_downloads_of_one_file(home):
    with serve({"/a": CONTENT}) as (url, _), concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: get_file("a", f"{url}/a", md5_hash=MD5), range(8)))
    assert files(home) == ["datasets/a"] and validate_file(home / "datasets" / "a", MD5)


def test_file_url_is_copied(tmp_path):  # 1.2.2
    (tmp_path / "a").write_bytes(CONTENT)
    assert validate_file(get_file("a", (tmp_path / "a").as_uri()), MD5)


def test_get_file_extracts_an_archive_once(home):
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        member = tarfile.TarInfo("set/a")
        member.size = 3
        tar.addfile(member, io.BytesIO(b"abc"))
    with serve({"/t": packed.getvalue()}) as (url, asked):
        paths = [get_file("set", f"{url}/t", untar=True) for _ in range(2)]
    assert paths == [str(home / "datasets" / "set")] * 2 and asked == ["/t"]
    assert files(home) == ["datasets/set.tar.gz", "datasets/set/a"]
