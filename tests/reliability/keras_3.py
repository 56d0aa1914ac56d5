"""The same measurements with Keras 3.

`ask` runs this file under a Python with Keras 3. The functions below `# there` run there, each call in a
process of its own, and return JSON. There `keras` is Keras 3, so it is imported inside the functions.
"""

import gc
import hashlib
import json
import os
import signal
import subprocess
import sys


def ask(python, name, *arguments, timeout, **environment):
    """Calls a function of this file under another Python.

    Args:
        python: path of a Python with Keras 3 and JAX.
        name: str, the function.
        *arguments: plain data for it.
        timeout: float, seconds after which the process and its children are killed.
        **environment: additional environment variables.

    Returns:
        (result of the function, "") or (None, how it ended): "hangs" or "signal 9".

    Raises:
        RuntimeError: the function raised an error.
    """
    with start(python, name, *arguments, **environment) as child:
        try:
            said, errors = child.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)  # its workers too, which hold its pipes open
            return None, "hangs"
    if child.returncode < 0:
        return None, f"signal {-child.returncode}"
    if child.returncode:
        raise RuntimeError(errors)
    return json.loads(said.splitlines()[-1]), ""


def start(python, name, *arguments, **environment):
    """Starts the process for `ask`; returns a `subprocess.Popen`."""
    command = [python, os.path.abspath(__file__), name, json.dumps(arguments)]
    settings = {"KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu", "PYTHONPATH": "", **environment}
    return subprocess.Popen(
        command,
        env={**os.environ, **settings},
        start_new_session=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


# --- there ----------------------------------------------------------------------------------------


def _model(units=16):
    import keras

    keras.utils.set_random_seed(0)
    inner = [keras.layers.Dense(units, activation="relu"), keras.layers.Dropout(0.2)]
    ends = [keras.layers.BatchNormalization(), keras.layers.Dense(2)]
    model = keras.Sequential([keras.Input((8,)), *inner, *ends])
    model.compile("adam", "mse", metrics=["mae"])
    return model


def _data():
    import numpy as np

    x = np.random.RandomState(0).rand(100, 8).astype("float32")
    return x, np.random.RandomState(1).rand(100, 2).astype("float32")


def save(path):
    """Saves a model that is not compiled: a .h5 file with the loss "mse" does not load."""
    import keras

    model = _model(units=2000)
    keras.Sequential([keras.Input((8,)), *model.layers]).save(path)


def save_for_ever(path):
    model = _model(units=12_000)  # as many weights as our model has in B1
    model.save(path)
    print("ready", flush=True)
    while True:
        model.save(path)


def loads(path):
    import keras

    try:
        keras.models.load_model(path, compile=False)
    except Exception:
        return False
    return True


def load_all(good, folder, count, progress):
    """Loads files 0 .. count - 1 of a folder; writes a letter for each: (r)ight, (w)rong or (e)rror."""
    import keras

    def state(path):
        model = keras.models.load_model(path, compile=False)
        return model.to_json(), [weight.tobytes() for weight in model.get_weights()]

    wanted, suffix = state(good), os.path.splitext(good)[1]
    with open(progress, "ab", buffering=0) as file:
        for number in range(os.path.getsize(progress), count):
            signal.alarm(10)  # kills
            try:
                file.write(b"r" if state(os.path.join(folder, f"{number}{suffix}")) == wanted else b"w")
            except Exception:
                file.write(b"e")
            signal.alarm(0)


def train_anew():
    model, (x, y) = _model(), _data()
    model.fit(x, y, epochs=3, verbose=0)
    return hashlib.sha256(b"".join(weight.tobytes() for weight in model.get_weights())).hexdigest()


def growth(name, times):
    """Returns the growth in MB after the first tenth of the calls."""
    import ctypes

    import keras

    model, (x, y) = _model(), _data()

    def build():
        _model().fit(x, y, batch_size=50, epochs=1, verbose=0)
        keras.backend.clear_session()

    works = {
        "predict": lambda: model.predict(x, batch_size=100, verbose=0),
        "fit": lambda: model.fit(x, y, epochs=1, verbose=0),
        "build and fit": build,
    }

    def megabytes():
        gc.collect()
        ctypes.CDLL(None).malloc_trim(0)
        with open("/proc/self/statm") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6

    warm = max(3, times // 10)
    for _ in range(warm):
        works[name]()
    before = megabytes()
    for _ in range(times - warm):
        works[name]()
    return megabytes() - before


def compiled(sizes):
    """Counts the compiled programs of fit, fit again, fit with a new rate, predict, train_on_batch."""
    import jax

    compilations = []
    jax.monitoring.register_event_duration_secs_listener(
        lambda event, *_, **__: compilations.append(event) if "backend_compile" in event else None
    )
    model, (x, y) = _model(), _data()
    counts = []

    def count(work):
        before = len(compilations)
        work()
        counts.append(len(compilations) - before)

    count(lambda: model.fit(x, y, batch_size=32, epochs=1, verbose=0))
    count(lambda: model.fit(x, y, batch_size=32, epochs=2, verbose=0))
    model.optimizer.learning_rate = 0.5
    count(lambda: model.fit(x, y, batch_size=32, epochs=1, verbose=0))
    count(lambda: [model.predict(x[:n], batch_size=64, verbose=0) for n in range(1, 65)])
    count(lambda: [model.train_on_batch(x[:n], y[:n]) for n in range(1, sizes + 1)])
    return counts


def fail(fault, processes, method):
    """Trains on data whose second batch fails; returns the text of the error, or None."""
    import numpy as np

    import keras

    class Faulty(keras.utils.PyDataset):
        def __len__(self):
            return 3

        def __getitem__(self, index):
            if index == 1 and fault == "raise":
                raise KeyError("lost key")
            if index == 1 and fault == "kill":
                os.kill(os.getpid(), signal.SIGKILL)
            if index == 1 and fault == "exit":
                os._exit(3)
            return np.ones((4, 8), "float32"), np.ones((4, 2), "float32")

    data = Faulty(workers=2, use_multiprocessing=processes)
    try:
        getattr(_model(), method)(data, verbose=0)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return None


if __name__ == "__main__":
    answer = globals()[sys.argv[1]](*json.loads(sys.argv[2]))
    print(json.dumps(answer), flush=True)
    os._exit(0)  # hanging workers would keep the process alive
