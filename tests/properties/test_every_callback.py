"""Properties of every callback in `catalog.CALLBACKS`."""

import contextlib
import http.server
import json
import os
import threading
import urllib.parse

import numpy as np
import pytest
from catalog import CALLBACKS
from compilations import compilations

from keras import backend as K
from keras import callbacks
from keras.callbacks import Callback
from keras.layers import Dense
from keras.models import Sequential

X = np.random.RandomState(0).standard_normal((20, 3)).astype("float32")
Y = X @ np.ones((3, 2), "float32")


@pytest.fixture(scope="module")
def server():
    """Returns the address of a server for `RemoteMonitor`, and the list of the posts it has received."""
    posts = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            posts.append(json.loads(urllib.parse.parse_qs(body)["data"][0]))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as own:
        thread = threading.Thread(target=own.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{own.server_port}", posts
        own.shutdown()
        thread.join()


def name_of(row):
    cls, kwargs = row
    return "-".join([cls.__name__, *(key for key in kwargs if key.startswith("save"))])


@pytest.fixture(params=CALLBACKS, ids=name_of)
def callback(request, tmp_path, server):
    cls, kwargs = request.param
    if cls is callbacks.TensorBoard:
        pytest.importorskip("tensorboardX")
    places = {"FOLDER": str(tmp_path), "SERVER": server[0]}
    for place, value in places.items():
        kwargs = {k: v.replace(place, value) if isinstance(v, str) else v for k, v in kwargs.items()}
    return cls(**kwargs)


@pytest.fixture(scope="module")
def model():
    np.random.seed(3)
    model = Sequential([Dense(2, input_dim=3)])
    model.compile("sgd", "mse")
    return model


def batches():
    while True:
        yield X[:10], Y[:10]


def fit(model, *hooks, **kwargs):
    return model.fit(X, Y, batch_size=10, nb_epoch=2, verbose=0, callbacks=list(hooks), **kwargs)


def test_every_callback_has_a_row():
    classes = {value for value in vars(callbacks).values() if isinstance(value, type)}
    assert {cls for cls in classes if issubclass(cls, Callback)} == {cls for cls, _ in CALLBACKS}


def test_second_fit_and_generator_compile_nothing(model, callback, capsys):
    first = fit(model, callback, validation_data=(X, Y))
    # Validation makes one more program; with a callback that looks at batches so do single steps.
    model.fit_generator(batches(), 20, 2, verbose=0, callbacks=[callback])
    before = compilations()
    second = fit(model, callback, validation_data=(X, Y))
    model.fit_generator(batches(), 20, 2, verbose=0, callbacks=[callback])
    assert compilations() == before
    assert first.epoch == second.epoch == [0, 1]
    assert np.all(np.isfinite(second.history["loss"])) and set(first.history) == set(second.history)


class Breaks(Callback):
    """Raises in a hook, once."""

    def __init__(self, error, hook):
        super().__init__()
        setattr(self, hook, self.raise_once)
        self.error = error

    def raise_once(self, *_args):
        error, self.error = self.error, None
        if error is not None:
            raise error


@pytest.mark.parametrize("error", [KeyboardInterrupt(), ValueError("of the user's own")], ids=repr)
@pytest.mark.parametrize("hook", ["on_epoch_end", "on_batch_end"])
def test_callback_can_be_reused_after_another_one_raised(model, callback, error, hook, capsys):
    with contextlib.suppress(KeyboardInterrupt, ValueError):
        fit(model, callback, Breaks(error, hook))
        raise AssertionError("nothing was raised")
    history = fit(model, callback)
    assert history.epoch == [0, 1] and np.all(np.isfinite(history.history["loss"]))
    assert np.all(np.isfinite(model.predict(X)))


def test_callback_can_be_reused_with_another_model(model, callback, capsys):
    fit(model, callback)
    other = Sequential([Dense(2, input_dim=3)])
    other.compile("sgd", "mse")
    fit(other, callback)
    assert callback.model is other
    assert float(K.get_value(other.optimizer.lr)) > 0


def test_callbacks_leave_the_effects_of_both_fits(model, server, tmp_path, capsys):
    """Two fits in a row, with the callbacks that have an effect outside of the model."""
    csv = callbacks.CSVLogger(str(tmp_path / "log.csv"), append=True)
    saver = callbacks.ModelCheckpoint(str(tmp_path / "{epoch}.h5"))
    monitor = callbacks.RemoteMonitor(server[0])
    server[1].clear()
    for _ in range(2):
        fit(model, csv, saver, monitor)
    lines = (tmp_path / "log.csv").read_text().splitlines()
    assert [line.split(",")[0] for line in lines] == ["epoch", "0", "1", "0", "1"]
    assert [post["epoch"] for post in server[1]] == [0, 1, 0, 1]
    assert {name for name in os.listdir(tmp_path) if name.endswith(".h5")} == {"0.h5", "1.h5"}
