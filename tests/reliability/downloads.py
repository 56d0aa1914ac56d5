"""Downloads from a misbehaving server (I1): no partial file may appear under the final name."""

import contextlib
import hashlib
import io
import multiprocessing
import os
import random
import signal
import time

from loopback import serve

from keras._files import download
from reliability import forks
from reliability.row import Figure, Row

CONTENT = bytes(range(256)) * 4_000
SHA256 = hashlib.sha256(CONTENT).hexdigest()


def _answer(handler, content, length=None, **headers):
    handler.send_response(200)
    for name, value in {"Content-Length": length, **headers}.items():
        if value is not None:
            handler.send_header(name.replace("_", "-"), str(value))
    handler.end_headers()
    # The client may have disconnected.
    with contextlib.suppress(OSError):
        handler.wfile.write(content)
    handler.close_connection = True


def _drop_after(tenths):
    content = CONTENT[: len(CONTENT) * tenths // 10]
    return lambda handler: _answer(handler, content, len(CONTENT))


def _redirect(target):
    def answer(handler):
        handler.send_response(302)
        handler.send_header("Location", target)
        handler.end_headers()

    return answer


def _slowly(handler):
    """Sends a hundred pieces in two seconds."""
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(CONTENT)))
    handler.end_headers()
    with contextlib.suppress(OSError):
        for start in range(0, len(CONTENT), len(CONTENT) // 100):
            handler.wfile.write(CONTENT[start : start + len(CONTENT) // 100])
            time.sleep(0.02)


def _stalls(handler):
    _answer(handler, CONTENT[:1000], len(CONTENT))
    time.sleep(3)


def _half_of_the_chunks(handler):
    _answer(
        handler, b"3e8\r\n" + CONTENT[:1000] + b"\r\n3e8\r\n" + CONTENT[:500], Transfer_Encoding="chunked"
    )


# Path -> (answer, requested hash, expected error)
BAD = {
    **{f"/drop_{tenths}": (_drop_after(tenths), None, "OSError") for tenths in range(10)},
    "/other_content": (b"other", SHA256, "ValueError"),
    "/other_content_of_the_same_size": (CONTENT[::-1], SHA256, "ValueError"),
    "/says_less_than_it_sends": (lambda h: _answer(h, CONTENT, 1000), SHA256, "ValueError"),
    "/says_more_than_it_sends": (lambda h: _answer(h, CONTENT, 10 * len(CONTENT)), None, "OSError"),
    "/chunks": (_half_of_the_chunks, None, "OSError"),
    "/to_a_file": (_redirect("file:///etc/passwd"), None, "OSError"),
    "/to_ftp": (_redirect("ftp://127.0.0.1/x"), None, "OSError"),
    "/to_itself": (_redirect("/to_itself"), None, "OSError"),
    "/stalls": (_stalls, None, "OSError"),
    "/missing": (None, None, "OSError"),
}


def _get(url, home, digest, patience=1.0):
    """Downloads to another home; returns (error, whether it is documented, text), or None."""
    os.environ.update(KERAS_HOME=home, no_proxy="*")
    download._TIMEOUT = patience
    forks.ready()
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            download.get_file("file", url, md5_hash=digest)
    except Exception as error:
        return type(error).__name__, isinstance(error, OSError | ValueError), str(error)
    return None


def _get_eight_times(url, home):
    context = multiprocessing.get_context("fork")
    with context.Pool(8) as pool:
        return pool.starmap(_get, [(url, home, SHA256, 30.0)] * 8)


def _partial_files(home):
    """Returns the path of the file if it is incomplete."""
    path = os.path.join(home, "datasets", "file")
    if not os.path.exists(path):
        return []
    with open(path, "rb") as file:
        return [] if file.read() == CONTENT else [path]


def measure(run):
    problems, count, kills = [], 0, run.count(full=200, quick=5)
    answers = {path: answer for path, (answer, _, _) in BAD.items()} | {"/good": CONTENT, "/slow": _slowly}
    with serve(answers) as (url, _), forks.Forks("reliability.downloads") as children:

        def check(what, home, expected, outcome):
            nonlocal count
            count += 1
            wrong = [] if expected(outcome) else [f"{what}: {outcome}"]
            problems.extend(wrong + [f"{what}: a partial file" for _ in _partial_files(home)])

        for path, (_, digest, error) in BAD.items():
            home = str(run.folder / path[1:])
            outcome = children.run("reliability.downloads:_get", url + path, home, digest)
            check(path, home, lambda o, error=error: _is_refused(o, error), outcome)
            left = os.listdir(os.path.join(home, "datasets"))
            problems += [f"{path}: {left} is left"] if left else []
        home, random_numbers = str(run.folder / "killed"), random.Random(1)
        for i in range(kills):
            delay = random_numbers.uniform(0, 2)
            call = ("reliability.downloads:_get", url + "/slow", home, SHA256)
            outcome = children.run(*call, kill_after=delay)
            check(f"kill {i}", home, lambda o: o.signal == signal.SIGKILL or o.result is None, outcome)
            with contextlib.suppress(FileNotFoundError):
                os.unlink(os.path.join(home, "datasets", "file"))
        outcome = children.run("reliability.downloads:_get_eight_times", url + "/slow", home, timeout=120)
        check("eight at once", home, lambda o: o.result == [None] * 8, outcome)
        left = os.listdir(os.path.join(home, "datasets"))
        problems += [f"after all: {left}"] if left != ["file"] else []
    ours = f"{count - len(problems)} of {count} downloads end as they should; 0 partial files"
    return Figure(ours, not problems, problems=tuple(problems))


def _is_refused(outcome, error):
    kind, documented, text = outcome.result or (None, False, "")
    return documented and (kind == error or error == "OSError") and "get_file" in text


ROWS = [
    Row(
        "I1",
        "get_file: the connection drops at every 10 %, wrong hash and size, redirections, a stalled server, "
        "200 kills, 8 processes at once",
        "0 partial files, clear errors",
        "file:// is followed; the message on a wrong hash says 'auto'",
        measure,
    )
]
