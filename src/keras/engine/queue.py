"""Batches from a generator, made ahead of time by threads or by spawned processes that are watched."""

import multiprocessing
import pickle
import queue
import threading
import time
import traceback
import warnings

import numpy as np

from ..utils.generic_utils import levels_to_caller

_END = "end"
_ERROR = "error"
_ITEM = "item"


class GeneratorEnqueuer:
    """Runs a generator in the background and keeps its next items in a queue.

    A generator that raises, ends, or dies with its process is known to `get` at once: it never waits for
    an item that cannot come.

    Args:
        generator: iterator of batches.
        pickle_safe: whether to use processes instead of threads. They are spawned, as a forked process
            with JAX in it can hang, so the generator must be picklable, and each process has a copy of
            its own; where it is not, threads are used, with a warning.
    """

    def __init__(self, generator, pickle_safe=False):
        self._generator = generator
        self._pickled = _pickle(generator) if pickle_safe else None
        self._lock = threading.Lock()
        self._workers = []
        self._stopped = None
        self.queue = None

    def start(self, nb_worker=1, max_q_size=10, wait_time=0.05):
        """Starts the workers.

        Args:
            nb_worker: int > 0, how many. Threads take turns at the generator.
            max_q_size: int > 0, how many items are kept.
            wait_time: float, seconds between two looks at whether a worker is alive.
        """
        self.wait_time = wait_time
        if self._pickled is not None:
            context = multiprocessing.get_context("spawn")
            self.queue, self._stopped = context.Queue(maxsize=max_q_size), context.Event()
            seeds = np.random.randint(2**31 - 1, size=nb_worker).tolist()
            self._workers = [
                context.Process(
                    target=_work_in_process,
                    args=(self._pickled, self.queue, self._stopped, seed),
                    daemon=True,
                )
                for seed in seeds
            ]
        else:
            self.queue, self._stopped = queue.Queue(maxsize=max_q_size), threading.Event()
            self._workers = [threading.Thread(target=self._work, daemon=True) for _ in range(nb_worker)]
        for worker in self._workers:
            worker.start()

    def _work(self):
        _fill(self._generator, self.queue, self._stopped, self._lock)

    def is_running(self):
        """Whether the workers were started and not stopped."""
        return self._stopped is not None and not self._stopped.is_set()

    def get(self):
        """The next item of the generator.

        Raises:
            StopIteration: if the generator has ended.
            RuntimeError: if a worker process died.
            Exception: what the generator raised, with the text of its traceback.
        """
        while True:
            try:
                kind, value = self.queue.get(timeout=max(self.wait_time, 0.01))
            except queue.Empty:
                self._check_workers()
                continue
            if kind == _ITEM:
                return value
            if kind == _ERROR:
                error, text = value
                error.add_note(f"Raised by the generator, in a worker:\n{text}")
                raise error
            raise StopIteration

    def _check_workers(self):
        dead = [worker for worker in self._workers if not worker.is_alive()]
        codes = [getattr(worker, "exitcode", 0) for worker in dead]
        for worker, code in zip(dead, codes, strict=True):
            if code:
                raise RuntimeError(
                    f"Worker process {worker.pid} of the generator died with exit code {code} "
                    "(a negative number is the signal that killed it). Is there enough memory?"
                )
        if len(dead) == len(self._workers) and self.queue.empty():
            raise StopIteration

    def stop(self, timeout=None):
        """Stops the workers and forgets the items that are left.

        Args:
            timeout: float, seconds to wait for each worker; 1 if None.
        """
        self._stopped.set()
        end = time.monotonic() + (1 if timeout is None else timeout)
        for worker in self._workers:
            while worker.is_alive() and time.monotonic() < end:
                _drain(self.queue)  # a worker may wait for room
                worker.join(0.02)
            if worker.is_alive() and hasattr(worker, "terminate"):
                worker.terminate()
        _drain(self.queue)


def _fill(generator, items, stopped, lock):
    """Puts a generator's items into a queue until it ends, fails, or nobody wants more."""
    while not stopped.is_set():
        try:
            with lock:
                item = _ITEM, next(generator)
        except StopIteration:
            item = _END, None
        except BaseException as error:
            item = _ERROR, (error, traceback.format_exc())
        while not stopped.is_set():
            try:
                items.put(item, timeout=0.05)
                break
            except queue.Full:
                continue
        if item[0] != _ITEM:
            return


def _work_in_process(pickled, items, stopped, seed):
    np.random.seed(seed)
    try:
        generator = pickle.loads(pickled)
    except BaseException as error:
        items.put((_ERROR, (RuntimeError(f"The generator could not be unpickled: {error!r}"), "")))
        return
    _fill(generator, items, stopped, threading.Lock())


def _pickle(generator):
    try:
        return pickle.dumps(generator)
    except Exception as error:
        warnings.warn(
            f"pickle_safe=True, but the generator cannot be pickled ({error}); threads are used. Make it an "
            "object of a class with __next__, defined in a module.",
            stacklevel=levels_to_caller(),
        )
        return None


def _drain(items):
    try:
        while True:
            items.get_nowait()
    except (queue.Empty, OSError, ValueError):
        pass
