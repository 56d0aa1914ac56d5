"""Batches from a generator, made ahead of time by threads or by spawned processes that are watched."""

import contextlib
import multiprocessing
import pickle
import queue
import random
import signal
import threading
import time
import traceback
import warnings

import numpy as np

from ...._base.callers import levels_to_caller

#: How long (seconds) a batch may take before the generator is taken to hang.
BATCH_TIMEOUT = 600.0

_START, _ITEM, _END, _ERROR, _DEATH = "start", "item", "end", "error", "death"


class GeneratorEnqueuer:
    """Runs a generator in the background and keeps its next items in a queue.

    Items come in one order, that of the generator, whatever the number of workers. A generator that
    raises, ends, hangs, or dies with its process is known to `get`: it never waits for an item that
    cannot come.

    A generator may offer more than `__next__`, as the iterators of `keras.preprocessing.image` do:

    - `get_state()` and `set_state(state)`, plain data: where it is. Training that is resumed then goes on
      from there; without them the batches that were used are made again and dropped.
    - `skip()`: go past the next item without making it. Processes then share the work: each makes every
      n-th item. Without it each process runs a whole copy of the generator.

    Args:
        generator: iterator of batches.
        pickle_safe: whether to use processes instead of threads. They are spawned, as a forked process
            with JAX in it can hang, so the generator must be picklable, and each process has a copy of
            its own; where it is not, threads are used, with a warning.
        timeout: float, seconds that `get` waits for an item; None waits for ever. The time that a process
            needs to start does not count.
        keep_positions: whether `position` will be asked for.
    """

    def __init__(self, generator, pickle_safe=False, timeout=BATCH_TIMEOUT, keep_positions=False):
        self._generator = generator
        self._pickled = _pickle(generator) if pickle_safe else None
        self._timeout = timeout
        self._keep_positions = keep_positions
        self._lock = threading.Lock()
        self._threads, self._processes = [], []
        self._started = []  # an event for each process
        self._stopped = None
        self._queues = []
        self._number = self._drawn = 0  # of the next item of `get`; how many threads have made
        self._seed = self._position = None

    @property
    def queue(self):
        """The queue of the next items, or the first of several; None before `start`."""
        return self._queues[0] if self._queues else None

    def start(self, nb_worker=1, max_q_size=10, wait_time=0.05):
        """Starts the workers, or starts them again after `pause`.

        Args:
            nb_worker: int > 0, how many. Threads take turns at the generator.
            max_q_size: int > 0, how many items are kept.
            wait_time: not used: nothing has to be looked at again and again.
        """
        if self._processes:
            return
        self._stopped = threading.Event()
        if self._pickled is not None:
            self._start_processes(nb_worker, max_q_size)
        else:
            if not self._queues:
                self._position = _position(self._generator, self._drawn)
                self._queues = [queue.Queue(maxsize=max_q_size)]
            self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(nb_worker)]
        for worker in self._threads:
            worker.start()

    def _start_processes(self, workers, max_q_size):
        if self._seed is None:
            self._seed = int(np.random.randint(2**31 - 1))
        context = multiprocessing.get_context("spawn")
        self._queues = [queue.Queue(maxsize=-(-max_q_size // workers)) for _ in range(workers)]
        for worker, items in enumerate(self._queues):
            receiver, sender = context.Pipe(duplex=False)
            place = worker, workers, self._number
            process = context.Process(
                target=_work_in_process, args=(self._pickled, sender, self._seed, *place), daemon=True
            )
            process.start()
            sender.close()  # so that the end of the process is the end of what is received
            started = threading.Event()
            args = process, receiver, items, started, self._stopped
            self._processes.append(process)
            self._started.append(started)
            self._threads.append(threading.Thread(target=_receive, args=args, daemon=True))

    def _work(self):
        while not self._stopped.is_set():
            # Held until the item is in the queue: the order stays that of the generator.
            with self._lock:
                if self._stopped.is_set():
                    return
                kind, value = _next_item(self._generator)
                self._drawn += 1
                position = _position(self._generator, self._drawn) if self._keep_positions else None
                _put(self._queues[0], (kind, value, position), self._stopped)
            if kind != _ITEM:
                return

    def is_running(self):
        """Whether the workers were started and not stopped."""
        return self._stopped is not None and not self._stopped.is_set()

    def get(self):
        """The next item of the generator.

        Raises:
            StopIteration: if the generator has ended.
            TimeoutError: if no item came in time.
            RuntimeError: if a worker process died.
            Exception: what the generator raised, with the text of its traceback.
        """
        turn = self._number % len(self._queues)
        if self._started:
            self._started[turn].wait()
        try:
            kind, value, position = self._queues[turn].get(timeout=self._timeout)
        except queue.Empty:
            raise TimeoutError(
                f"The generator hangs: its item {self._number} did not come within {self._timeout:g} seconds"
                f"{self._who()}. If it needs longer, pass batch_timeout=seconds (None: no limit) to "
                "fit_generator, evaluate_generator or predict_generator."
            ) from None
        if kind == _ITEM:
            self._number += 1
            self._position = position
            return value
        if kind == _DEATH:
            pid, code = value
            raise RuntimeError(
                f"Worker process {pid} of the generator died with exit code {code} before item "
                f"{self._number} (a negative number is the signal that killed it). Is there enough memory? "
                "A script that starts processes needs `if __name__ == '__main__':`."
            )
        if kind == _ERROR:
            error, text = value
            error.add_note(f"Raised by the generator, in a worker:\n{text}")
            raise error
        raise StopIteration

    def _who(self):
        if not self._processes:
            return ""
        return f" from process {self._processes[self._number % len(self._processes)].pid}"

    # --- where it is

    def position(self):
        """Where the generator was after the last item of `get`: (state of NumPy's generator, plain data)."""
        if self._pickled is None:
            return self._position
        place = {"number": self._number, "seed": self._seed, "workers": len(self._processes)}
        return np.random.get_state(), place

    def go_to(self, place):
        """Goes to a place that `position` told; before `start`."""
        self._number = self._drawn = place["number"]
        self._seed = place.get("seed")
        if (self._seed is None) != (self._pickled is None):
            raise ValueError("resume_from: pass the same pickle_safe as in the training that is resumed.")
        if self._pickled is not None:
            return
        if place["state"] is not None:
            self._generator.set_state(place["state"])
        else:
            for _ in range(self._number):
                next(self._generator)

    # --- the end

    def pause(self):
        """Stops threads and keeps the items that are left for the next `start`; processes go on."""
        if not self._processes:
            self._stopped.set()
            for thread in self._threads:
                thread.join()

    def stop(self, timeout=None):
        """Stops the workers and forgets the items that are left.

        Args:
            timeout: float, seconds to wait for threads; 1 if None. One that does not come back from the
                generator is left alone, as a thread cannot be ended.
        """
        if self._stopped is None:
            return
        self._stopped.set()
        for process in self._processes:
            process.kill()
            process.join()
        end = time.monotonic() + (1 if timeout is None else timeout)
        for thread in self._threads:
            thread.join(max(0, end - time.monotonic()))
        for items in self._queues:
            with contextlib.suppress(queue.Empty):
                while True:
                    items.get_nowait()


def _position(generator, number):
    state = generator.get_state() if hasattr(generator, "get_state") else None
    return np.random.get_state(), {"number": number, "state": state}


def _next_item(generator):
    try:
        return _ITEM, next(generator)
    except StopIteration:
        return _END, None
    except BaseException as error:
        return _ERROR, (error, traceback.format_exc())


def _put(items, item, stopped):
    """Puts an item into a queue as soon as there is room, unless nobody wants more."""
    while not stopped.is_set():
        with contextlib.suppress(queue.Full):
            items.put(item, timeout=0.05)
            return


def _receive(process, receiver, items, started, stopped):
    """Puts what a process sends into a queue; at last, that it has died."""
    with receiver:
        try:
            while not stopped.is_set():
                kind, value = pickle.loads(receiver.recv_bytes())
                started.set()
                if kind != _START:
                    _put(items, (kind, value, None), stopped)
        except (EOFError, OSError):
            process.join()
            _put(items, (_DEATH, (process.pid, process.exitcode), None), stopped)
        except BaseException as error:
            text = f"What process {process.pid} of the generator sent cannot be unpickled: {error!r}"
            _put(items, (_ERROR, (RuntimeError(text), ""), None), stopped)
        finally:
            started.set()


# --- in a worker process --------------------------------------------------------------------------


def _work_in_process(pickled, sender, seed, worker, workers, first):
    """Sends the items worker, worker + workers, ... of a generator, beginning with item `first`."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which then stops this process
    with contextlib.suppress(BrokenPipeError):
        try:
            generator = pickle.loads(pickled)
        except BaseException as error:
            sender.send_bytes(_as_bytes(_ERROR, (error, traceback.format_exc())))
            return
        sender.send_bytes(_as_bytes(_START, None))
        for number, (kind, value) in _own_items(generator, seed, worker, workers, first):
            if number >= first:
                sender.send_bytes(_as_bytes(kind, value))


def _own_items(generator, seed, worker, workers, first):
    """Pairs (number, item) of the items that a worker makes."""
    shared = hasattr(generator, "skip")
    _set_seed(seed + worker)
    number = 0 if shared else worker
    while True:
        if shared:
            # The draws for an item depend on its number only, not on the worker that makes it.
            _set_seed(seed + number)
        if shared and (number % workers != worker or number < first):
            generator.skip()
        else:
            item = _next_item(generator)
            yield number, item
            if item[0] != _ITEM:
                return
        number += 1 if shared else workers


def _set_seed(seed):
    np.random.seed(seed % 2**32)
    random.seed(seed)


def _as_bytes(kind, value):
    """A message to the parent; what cannot be pickled becomes an error that can."""
    try:
        data = pickle.dumps((kind, value), pickle.HIGHEST_PROTOCOL)
        if kind == _ERROR:
            pickle.loads(data)  # an exception with arguments of its own may not survive this
        return data
    except Exception as error:
        if kind == _ERROR:
            told = RuntimeError(f"{type(value[0]).__name__}: {value[0]}"), value[1]
        else:
            told = TypeError(f"The generator made what cannot be sent between processes: {error}"), ""
        return pickle.dumps((_ERROR, told))


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
