"""`RemoteMonitor`, with a local server.

"1.2.2" marks an answer of Keras 1.2.2 to the same calls.
"""

import contextlib
import http.server
import json
import threading
import urllib.parse
import warnings

import numpy as np
import pytest

from keras.callbacks import RemoteMonitor


@contextlib.contextmanager
def serve(status=200):
    posts = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            posts.append((self.path, self.headers["Content-Type"], urllib.parse.parse_qs(body)))
            self.send_response(status)
            self.end_headers()

        def log_message(self, *args):
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", posts
    server.shutdown()
    thread.join()
    server.server_close()


def test_remote_monitor_posts_a_form_field_with_json():  # 1.2.2's requests.post sent the same
    with serve() as (root, posts):
        RemoteMonitor(root).on_epoch_end(3, {"loss": np.float32(0.5)})
    [(path, kind, fields)] = posts
    assert (path, kind) == ("/publish/epoch/end/", "application/json")
    assert json.loads(fields["data"][0]) == {"epoch": 3, "loss": 0.5}


def test_remote_monitor_ignores_the_status_of_the_answer():
    with serve(status=500) as (root, posts), warnings.catch_warnings():
        warnings.simplefilter("error")
        RemoteMonitor(root, path="/p", field="f", headers={}).on_epoch_end(0, {})
    assert posts[0][0] == "/p" and "f" in posts[0][2]


def test_remote_monitor_warns_if_the_server_is_unreachable():  # 1.2.2
    with pytest.warns(UserWarning, match="could not reach RemoteMonitor root server at http"):
        RemoteMonitor("http://127.0.0.1:9").on_epoch_end(0, {})
