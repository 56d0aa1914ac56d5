"""Logs to CSV files, servers and TensorBoard, driven by hand; event files are read in test_tensorboard.py.

"1.2.2" marks an answer of Keras 1.2.2 to the same calls.
"""

import contextlib
import http.server
import json
import sys
import threading
import types
import urllib.parse
import warnings

import numpy as np
import pytest
from callback_driver import FakeModel

from keras.callbacks import (
    CSVLogger,
    RemoteMonitor,
    TensorBoard,
)

pytestmark = pytest.mark.usefixtures("fake_backend")


def write_csv(path, **kwargs):
    logger = CSVLogger(str(path), **kwargs)
    logger.on_train_begin()
    logger.on_epoch_end(0, {"loss": 0.5, "acc": np.float32(0.25), "size": [1, 2]})
    logger.on_epoch_end(1, {"loss": 0.5, "acc": np.array(0.125), "size": (3,), "new": 1})
    logger.on_train_end()


CSV_ROWS = ['0,0.25,0.5,"""[1, 2]"""', '1,0.125,0.5,"""[3]"""']


def test_csv_columns_are_those_of_the_first_epoch(tmp_path):  # 1.2.2: sorted; sequences in brackets
    write_csv(tmp_path / "log.csv")
    assert (tmp_path / "log.csv").read_text().splitlines() == ["epoch,acc,loss,size", *CSV_ROWS]


def test_csv_appends_without_a_second_header(tmp_path):  # 1.2.2
    for _ in range(2):
        write_csv(tmp_path / "log.csv", append=True)
    lines = (tmp_path / "log.csv").read_text().splitlines()
    assert lines == ["epoch,acc,loss,size", *CSV_ROWS, *CSV_ROWS]


def test_csv_without_append_replaces_the_file(tmp_path):
    for _ in range(2):
        write_csv(tmp_path / "log.csv", separator=";")
    lines = (tmp_path / "log.csv").read_text().splitlines()
    assert len(lines) == 3 and lines[0] == "epoch;acc;loss;size"


def test_csv_line_is_flushed_at_the_end_of_an_epoch(tmp_path):
    logger = CSVLogger(str(tmp_path / "log.csv"))
    logger.on_train_begin()
    logger.on_epoch_end(0, {"loss": 0.5})
    assert (tmp_path / "log.csv").read_text().splitlines()[1] == "0,0.5"
    logger.on_train_end()


def test_csv_logger_can_be_reused(tmp_path):  # 1.2.2 wrote to the closed file
    logger = CSVLogger(str(tmp_path / "log.csv"), append=True)
    for _ in range(2):
        logger.on_train_begin()
        logger.on_epoch_end(0, {"loss": 0.5})
        logger.on_train_end()
    assert (tmp_path / "log.csv").read_text().splitlines() == ["epoch,loss", "0,0.5", "0,0.5"]


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


class FakeWriter:
    def __init__(self, log_dir):
        self.log_dir, self.calls = log_dir, []

    def __getattr__(self, name):
        return lambda *args, **kwargs: self.calls.append((name, *args))


@pytest.fixture
def fake_tensorboard(monkeypatch):
    module = types.SimpleNamespace(SummaryWriter=FakeWriter)
    monkeypatch.setitem(sys.modules, "tensorboardX", module)


def board(**kwargs):
    callback = TensorBoard("logs", write_graph=False, **kwargs)
    callback.set_model(FakeModel())
    for epoch in range(3):
        callback.on_epoch_end(epoch, {"loss": np.float32(0.5), "batch": 1, "size": 2})
    callback.on_train_end({})
    return callback.writer.calls


def test_tensorboard_writes_scalars(fake_tensorboard):
    calls = board()
    assert [call for call in calls if call[0] != "flush"] == [
        *[("add_scalar", "loss", 0.5, epoch) for epoch in range(3)],
        ("close",),
    ]


def test_tensorboard_writes_histograms_every_histogram_freq_epochs(fake_tensorboard):
    calls = [call for call in board(histogram_freq=2) if call[0] == "add_histogram"]
    assert [(name, epoch) for _, name, _, epoch in calls] == [
        (name, epoch) for epoch in (0, 2) for name in ("dense_1_W", "dense_1_b")
    ]


def test_tensorboard_images_are_landscape_and_grey(fake_tensorboard):
    calls = [call for call in board(histogram_freq=3, write_images=True) if call[0] == "add_image"]
    images = [image.tolist() for _, _, image, _ in calls]
    assert images == [[[0, 127, 255], [255, 63, 0]], [[0, 254]]]


def test_missing_tensorboardx_error_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorboardX", None)
    with pytest.raises(ImportError, match=r"pip install keras-classic\[tensorboard\]"):
        TensorBoard().set_model(FakeModel())


def test_tensorboard_writes_event_files(tmp_path):
    pytest.importorskip("tensorboardX")
    callback = TensorBoard(str(tmp_path), histogram_freq=1, write_graph=False, write_images=True)
    callback.set_model(FakeModel())
    callback.on_epoch_end(0, {"loss": 0.5})
    callback.on_train_end({})
    [events] = tmp_path.iterdir()
    content = events.read_bytes()
    assert all(tag in content for tag in (b"loss", b"dense_1_W", b"dense_1_b"))
