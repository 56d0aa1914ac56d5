"""Callbacks that write down or send what is known of the training."""

import csv
import http.client
import json
import os
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterable

import numpy as np

from .. import backend as K
from ._base import Callback, warn
from ._graph_def import graph_def


class RemoteMonitor(Callback):
    """Posts the logs of each epoch to a server, as one form field that holds JSON.

    Args:
        root: str, address of the server.
        path: str, path at the server.
        field: str, name of the form field.
        headers: dict of HTTP headers; None means to accept and announce JSON.
    """

    def __init__(
        self,
        root="http://localhost:9000",
        path="/publish/epoch/end/",
        field="data",
        headers=None,
    ):
        super().__init__()
        self.root = root
        self.path = path
        self.field = field
        if headers is None:
            headers = {"Accept": "application/json", "Content-Type": "application/json"}
        self.headers = headers

    def on_epoch_end(self, epoch, logs=None):
        report = json.dumps({"epoch": epoch, **(logs or {})}, default=float)  # NumPy numbers
        request = urllib.request.Request(
            self.root + self.path,
            data=urllib.parse.urlencode({self.field: report}).encode(),
            headers=self.headers,
        )
        try:
            # Without a time limit, a server that hangs would stop the training.
            urllib.request.urlopen(request, timeout=10).close()
        except urllib.error.HTTPError as error:
            error.close()  # the server was reached; what it answers is its own affair
        except (OSError, http.client.HTTPException):
            warn(f"could not reach RemoteMonitor root server at {self.root}", UserWarning)


class TensorBoard(Callback):
    """Writes logs for TensorBoard, without TensorFlow: look with `tensorboard --logdir=./logs`.

    Needs the package tensorboardX: `pip install keras-classic[tensorboard]`.

    Args:
        log_dir: str, directory of the log files.
        histogram_freq: int, number of epochs between two histograms of each weight; 0 for none.
        write_graph: bool, write the graph of the model's layers when training starts.
        write_images: bool, write each weight of rank 1 or 2 as an image too, with the histograms.

    Raises:
        ImportError: when training starts, tensorboardX is not installed.
    """

    def __init__(self, log_dir="./logs", histogram_freq=0, write_graph=True, write_images=False):
        super().__init__()
        self.log_dir = log_dir
        self.histogram_freq = histogram_freq
        self.write_graph = write_graph
        self.write_images = write_images

    def set_model(self, model):
        super().set_model(model)
        try:
            from tensorboardX import SummaryWriter
        except ImportError as error:
            raise ImportError(
                "The TensorBoard callback needs the package tensorboardX. Install it with "
                "`pip install keras-classic[tensorboard]`."
            ) from error
        self.writer = SummaryWriter(self.log_dir)
        if self.write_graph:
            self._write_graph()

    def on_epoch_end(self, epoch, logs=None):
        for name, value in (logs or {}).items():
            if name not in ("batch", "size"):
                self.writer.add_scalar(name, float(value), epoch)
        if self.histogram_freq and epoch % self.histogram_freq == 0:
            self._write_weights(epoch)
        self.writer.flush()

    def on_train_end(self, _):
        self.writer.close()

    def _write_graph(self):
        from tensorboardX.proto.event_pb2 import Event

        depths = self.model.nodes_by_depth
        nodes = [node for depth in sorted(depths, reverse=True) for node in depths[depth]]
        event = Event(graph_def=graph_def(nodes).SerializeToString())
        self.writer.file_writer.add_event(event)

    def _write_weights(self, epoch):
        for weight in (weight for layer in self.model.layers for weight in layer.weights):
            value = np.asarray(K.get_value(weight), dtype="float64")
            self.writer.add_histogram(weight.name, value, epoch)
            image = np.squeeze(value)
            if self.write_images and image.ndim in (1, 2):
                self.writer.add_image(weight.name, _grey(image), epoch, dataformats="HW")


class CSVLogger(Callback):
    """Writes the logs of each epoch as a line of a CSV file; columns: epoch, then sorted names.

    Args:
        filename: str, path of the file.
        separator: str, one character between columns.
        append: bool, continue a file (the header is written if it is empty) instead of replacing.

    Example:
        >>> csv_logger = CSVLogger('training.log', separator=';')
    """

    def __init__(self, filename, separator=",", append=False):
        super().__init__()
        self.filename = filename
        self.sep = separator
        self.append = append
        self.keys = None
        self.writer = None
        self.csv_file = None

    def on_train_begin(self, logs=None):
        if self.csv_file is not None:
            self.csv_file.close()  # where the training before was broken off
        keep = self.append or (self.params or {}).get("resumed")
        self.csv_file = open(self.filename, "a" if keep else "w", newline="")
        self.append_header = self.csv_file.tell() == 0
        self.writer = None

    def get_state(self):
        started = self.writer is not None
        return {"keys": self.keys if started else None, "bytes": self.csv_file.tell()}

    def set_state(self, state):
        # Lines after the state are of epochs that will come again.
        self.csv_file.truncate(min(state["bytes"], self.csv_file.tell()))
        self.csv_file.seek(0, os.SEEK_END)
        self.append_header = self.csv_file.tell() == 0
        if state["keys"] is not None:
            self._start_writer(state["keys"])

    def on_epoch_end(self, epoch, logs=None):
        logs = logs or {}
        if self.writer is None:
            self._start_writer(sorted(logs))
        self.writer.writerow({"epoch": epoch, **{key: _cell(logs[key]) for key in self.keys}})
        self.csv_file.flush()

    def _start_writer(self, keys):
        self.keys = keys
        self.writer = csv.DictWriter(self.csv_file, ["epoch", *keys], delimiter=self.sep)
        if self.append_header:
            self.writer.writeheader()

    def on_train_end(self, logs=None):
        self.csv_file.close()
        self.writer = None


def _grey(weight):
    """A weight as image: bytes, wider than high; 0 is mid-grey if there are negative values."""
    image = np.atleast_2d(weight).astype(float)
    if image.shape[0] > image.shape[1]:
        image = image.T
    largest = np.max(np.abs(image), initial=0) or 1.0
    if np.min(image, initial=0) < 0:
        return np.uint8(127 + 127 * image / largest)
    return np.uint8(255 * image / largest)


def _cell(value):
    """A value as CSV cell: sequences become text in brackets."""
    if isinstance(value, Iterable) and np.ndim(value) > 0:
        return f'"[{", ".join(map(str, value))}]"'
    return value
