"""A web server on this machine, for tests of downloads."""

import contextlib
import http.server
import threading


@contextlib.contextmanager
def serve(answers):
    """Serves on 127.0.0.1 until the end of the block.

    Args:
        answers: dict path -> bytes to send with status 200, or a function that is given the request handler
            and answers itself.

    Yields:
        Tuple: URL of the server without a slash at its end, and the list of paths asked for so far.
    """
    asked = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
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

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", asked
        finally:
            server.shutdown()
            thread.join()
