"""A local web server for tests of downloads."""

import contextlib
import http.server
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any


@contextlib.contextmanager
def serve(answers: Mapping[str, bytes | Callable[[Any], None]]) -> Iterator[tuple[str, list[str]]]:
    """Serves on 127.0.0.1 until the end of the block.

    Args:
        answers: dict from paths to bytes, which are sent with status 200, or to functions, which receive the
            request handler and send the answer.

    Yields:
        URL of the server without a trailing slash, and the list of paths requested so far.
    """
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            answer = answers.get(self.path)
            if callable(answer):
                answer(self)
            elif answer is None:
                self.send_error(404)
            else:
                self.send_response(200)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

        def log_message(self, *_: Any) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", asked
        finally:
            server.shutdown()
            thread.join()
