"""`TensorBoard`, driven by hand: the calls of its writer; test_tensorboard.py reads event files."""

import sys
import types

import numpy as np
import pytest
from callback_driver import FakeModel

from keras.callbacks import TensorBoard

pytestmark = pytest.mark.usefixtures("fake_backend")


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
