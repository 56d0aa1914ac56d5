"""The callback that writes event files for TensorBoard."""

from typing import Any

import numpy as np

from .. import backend as K
from ._base import NO_LOGS, Callback, Logs
from ._facts import Promise
from ._graph_def import graph_def


class TensorBoard(Callback):
    """Writes event files for TensorBoard, without TensorFlow. View them with `tensorboard --logdir=./logs`.

    Needs the package tensorboardX: `pip install keras-classic[tensorboard]`.

    Args:
        log_dir: str, path of the directory of the event files.
        histogram_freq: int, number of epochs between two histograms of each weight and, with validation data,
            of each layer's output for them, under the name "LAYER_out"; 0 for none.
        write_graph: bool, whether to write the graph of the model's layers when training starts.
        write_images: bool, whether to write each weight of rank 1 or 2 also as an image, together with the
            histograms.

    Raises:
        ImportError: when training starts, tensorboardX is not installed.
    """

    _promises = Promise.DATA_UNCHANGED | Promise.LOGS_KNOWN

    def __init__(
        self,
        log_dir: str = "./logs",
        histogram_freq: int = 0,
        write_graph: bool = True,
        write_images: bool = False,
    ) -> None:
        super().__init__()
        self.log_dir = log_dir
        self.histogram_freq = histogram_freq
        self.write_graph = write_graph
        self.write_images = write_images
        self._outputs: tuple[list[Any], Any] | None = None

    def set_model(self, model: Any) -> None:
        super().set_model(model)
        try:
            from tensorboardX import SummaryWriter
        except ImportError as error:
            raise ImportError(
                "The TensorBoard callback needs the package tensorboardX. Install it with "
                "`pip install keras-classic[tensorboard]`."
            ) from error
        self.writer: Any = SummaryWriter(self.log_dir)
        if self.write_graph:
            self._write_graph()

    def on_epoch_end(self, epoch: int, logs: Logs = NO_LOGS) -> None:
        for name, value in (logs or {}).items():
            if name not in ("batch", "size"):
                self.writer.add_scalar(name, float(value), epoch)
        if self.histogram_freq and epoch % self.histogram_freq == 0:
            self._write_weights(epoch)
            self._write_outputs(epoch)
        self.writer.flush()

    def on_train_end(self, _: Logs) -> None:
        self.writer.close()

    def _write_graph(self) -> None:
        # protobuf makes its classes at import time, where type checkers do not see them.
        from tensorboardX.proto.event_pb2 import Event  # pyright: ignore[reportAttributeAccessIssue]

        depths = self.model.nodes_by_depth
        nodes = [node for depth in sorted(depths, reverse=True) for node in depths[depth]]
        event = Event(graph_def=graph_def(nodes).SerializeToString())
        self.writer.file_writer.add_event(event)

    def _write_weights(self, epoch: int) -> None:
        for weight in (weight for layer in self.model.layers for weight in layer.weights):
            value = np.asarray(K.get_value(weight), dtype="float64")
            self.writer.add_histogram(weight.name, value, epoch)
            image = np.squeeze(value)
            if self.write_images and image.ndim in (1, 2):
                self.writer.add_image(weight.name, _grey_image(image), epoch, dataformats="HW")

    def _write_outputs(self, epoch: int) -> None:
        data = getattr(self.model, "validation_data", None)  # set by fit, not by fit_generator
        if not data:
            return
        outputs = {
            f"{layer.name}_out": layer.output for layer in self.model.layers if hasattr(layer, "output")
        }
        tensors = [
            tensor for tensor in outputs.values() if K.is_keras_tensor(tensor) and not K.is_sparse(tensor)
        ]
        names = [name for name, output in outputs.items() if any(output is tensor for tensor in tensors)]
        keys = [tensor.key for tensor in tensors]
        if self._outputs is None or self._outputs[0] != keys:  # compiled once, for several fits
            self._outputs = keys, K.function(self.model.inputs, tensors)
        values = self._outputs[1](data[: len(self.model.inputs)])
        for name, value in zip(names, values, strict=True):
            self.writer.add_histogram(name, np.asarray(value, dtype="float64"), epoch)


def _grey_image(weight: np.ndarray) -> np.ndarray:
    """Scales a weight to a grey image: bytes, wider than high; 0 is mid-grey if there are negative values."""
    image = np.atleast_2d(weight).astype(float)
    if image.shape[0] > image.shape[1]:
        image = image.T
    largest = np.max(np.abs(image), initial=0) or 1.0
    if np.min(image, initial=0) < 0:
        return (127 + 127 * image / largest).astype(np.uint8)
    return (255 * image / largest).astype(np.uint8)
