"""The callback that posts logs to a server."""

import http.client
import json
import urllib.error
import urllib.parse
import urllib.request

from ._base import NO_LOGS, Callback, Logs, warn
from ._facts import Promise

_TIMEOUT_SECONDS = 10


class RemoteMonitor(Callback):
    """Posts the logs of each epoch to a server, as JSON in one form field.

    Warns, and training continues, if the server cannot be reached within 10 seconds.

    Args:
        root: str, address of the server.
        path: str, path on the server.
        field: str, name of the form field.
        headers: dict of HTTP headers; None sends and accepts 'application/json'.
    """

    _promises = Promise.DATA_UNCHANGED | Promise.LOGS_KNOWN

    def __init__(
        self,
        root: str = "http://localhost:9000",
        path: str = "/publish/epoch/end/",
        field: str = "data",
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__()
        self.root = root
        self.path = path
        self.field = field
        if headers is None:
            headers = {"Accept": "application/json", "Content-Type": "application/json"}
        self.headers = headers

    def on_epoch_end(self, epoch: int, logs: Logs = NO_LOGS) -> None:
        report = json.dumps({"epoch": epoch, **(logs or {})}, default=float)  # NumPy numbers
        request = urllib.request.Request(
            self.root + self.path,
            data=urllib.parse.urlencode({self.field: report}).encode(),
            headers=self.headers,
        )
        try:
            # Without a timeout, a server that hangs would stop the training.
            urllib.request.urlopen(request, timeout=_TIMEOUT_SECONDS).close()
        except urllib.error.HTTPError as error:
            error.close()  # the server was reached; Keras 1.2.2 ignores its answer
        except (OSError, http.client.HTTPException):
            warn(f"could not reach RemoteMonitor root server at {self.root}", UserWarning)
