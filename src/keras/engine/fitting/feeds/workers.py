"""`GeneratorEnqueuer`: runs a generator ahead in threads or in spawned processes."""

import contextlib
import contextvars
import multiprocessing
import pickle
import queue
import threading
import time
import warnings
from collections.abc import Mapping
from multiprocessing.process import BaseProcess
from typing import Any

import numpy as np

from ...._base.callers import levels_to_caller
from ...._base.custom_objects import get_custom_objects
from .worker_process import ERROR, ITEM, START, next_item, work_in_process

#: How long (seconds) a batch may take before the generator is considered to hang.
BATCH_TIMEOUT = 600.0

#: A kind of message, beside those of a worker process: (id, exit code) of a process that has died.
_DEATH = "death"


class GeneratorEnqueuer:
    """Runs a generator in the background and keeps its next items in a queue.

    The items keep the order of the generator, whatever the number of workers. If the generator raises,
    ends or hangs, or its process dies, `get` raises; it never waits for an item that cannot come.

    A generator may have more methods than `__next__`, as the iterators of `keras.preprocessing.image` do:

    - `get_state()` and `set_state(state)`: its position, as plain data. A resumed training then continues
      from there; without them the batches that were already used are generated again and dropped.
    - `skip()`: advances past the next item without computing it. Processes then share the work: each of n
      processes computes every n-th item. Without it each process runs a whole copy of the generator.

    Args:
        generator: iterator of batches.
        pickle_safe: whether to use processes instead of threads. They are spawned, as a forked process
            with JAX in it can hang, so the generator must be picklable, and each process has its own
            copy. If it cannot be pickled, threads are used, with a warning.
        timeout: float, seconds that `get` waits for an item; None waits without limit. The time that a
            process needs to start does not count.
        keep_positions: whether `position` will be called.
    """

    def __init__(
        self,
        generator: Any,
        pickle_safe: bool = False,
        timeout: float | None = BATCH_TIMEOUT,
        keep_positions: bool = False,
    ) -> None:
        self._generator = generator
        self._pickled = _pickle(generator) if pickle_safe else None
        self._timeout = timeout
        self._keep_positions = keep_positions
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._processes: list[BaseProcess] = []
        self._started: list[threading.Event] = []  # one for each process
        self._stopped: threading.Event | None = None
        self._queues: list[queue.Queue] = []
        self._number = 0  # of the next item of `get`
        self._drawn = 0  # how many items threads have taken from the generator
        self._seed: int | None = None
        self._position: Any = None

    @property
    def queue(self) -> Any:
        """The queue of the next items, or the first of several; None before `start`."""
        return self._queues[0] if self._queues else None

    def start(self, nb_worker: int = 1, max_q_size: int = 10, wait_time: float = 0.05) -> None:
        """Starts the workers, or starts them again after `pause`.

        Args:
            nb_worker: int > 0, how many. Threads take turns at the generator.
            max_q_size: int > 0, how many items are kept.
            wait_time: ignored, as workers do not poll; old programs pass it.
        """
        if self._processes:
            return
        self._stopped = stopped = threading.Event()
        if self._pickled is not None:
            self._start_processes(nb_worker, max_q_size, stopped)
        else:
            if not self._queues:
                self._position = _position(self._generator, self._drawn)
                self._queues = [queue.Queue(maxsize=max_q_size)]
            # In the context of the caller, so that the generator finds the custom objects of its scopes.
            self._threads = [
                threading.Thread(
                    target=contextvars.copy_context().run, args=(self._work, stopped), daemon=True
                )
                for _ in range(nb_worker)
            ]
        for worker in self._threads:
            worker.start()

    def _start_processes(self, workers: int, max_q_size: int, stopped: threading.Event) -> None:
        if self._seed is None:
            self._seed = int(np.random.randint(2**31 - 1))
        context = multiprocessing.get_context("spawn")
        self._queues = [queue.Queue(maxsize=-(-max_q_size // workers)) for _ in range(workers)]
        for worker, items in enumerate(self._queues):
            receiver, sender = context.Pipe(duplex=False)
            place = worker, workers, self._number
            process = context.Process(
                target=work_in_process, args=(self._pickled, sender, self._seed, *place), daemon=True
            )
            process.start()
            sender.close()  # the receiver then sees the end of the stream when the process ends
            started = threading.Event()
            args = process, receiver, items, started, stopped
            self._processes.append(process)
            self._started.append(started)
            self._threads.append(threading.Thread(target=_receive, args=args, daemon=True))

    def _work(self, stopped: threading.Event) -> None:
        while not stopped.is_set():
            # Held until the item is in the queue, to keep the order of the generator.
            with self._lock:
                if stopped.is_set():
                    return
                kind, value = next_item(self._generator)
                self._drawn += kind == ITEM
                position = _position(self._generator, self._drawn) if self._keep_positions else None
                if not _put(self._queues[0], (kind, value, position), stopped):
                    # Paused while there was no room: one more, for the next `start`.
                    self._queues[0].maxsize += 1
                    self._queues[0].put((kind, value, position))
                    self._queues[0].maxsize -= 1
            if kind != ITEM:
                return

    def is_running(self) -> bool:
        """Whether the workers were started and not stopped."""
        return self._stopped is not None and not self._stopped.is_set()

    def get(self) -> Any:
        """Returns the next item of the generator.

        Raises:
            StopIteration: the generator has ended.
            TimeoutError: no item came in time.
            RuntimeError: a worker process died.
            Exception: what the generator raised, with the text of its traceback as a note.
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
        if kind == ITEM:
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
        if kind == ERROR:
            error, text = value
            error.add_note(f"Raised by the generator, in a worker:\n{text}")
            raise error
        raise StopIteration

    def _who(self) -> str:
        if not self._processes:
            return ""
        return f" from process {self._processes[self._number % len(self._processes)].pid}"

    # --- positions

    def position(self) -> tuple[Any, Any]:
        """Returns the position after the last item of `get`: (state of NumPy's generator, plain data)."""
        if self._pickled is None:
            return self._position
        place = {"number": self._number, "seed": self._seed, "workers": len(self._processes)}
        return np.random.get_state(), place

    def check_position(self, place: Any, most: int) -> None:
        """Checks a position that a file holds.

        Args:
            place: plain data.
            most: int, the largest number of items that can have been taken.

        Raises:
            ValueError: it is not what `position` returns, or its number is too large.
        """
        wanted = {"number", "seed", "workers"} if self._pickled is not None else {"number", "state"}
        if not isinstance(place, dict):
            raise ValueError(f"the position of the generator is {place!r:.80}; wanted a dict")
        if place.keys() != wanted:
            raise ValueError(
                f"the position of the generator has {sorted(place)}; wanted {sorted(wanted)}: pass the same "
                "pickle_safe as in the training that is resumed"
            )
        for name in place.keys() - {"state"}:
            value, limit = place[name], most if name == "number" else 2**31
            unused = name == "seed" and value is None and place["number"] == 0
            if not unused and (type(value) is not int or not 0 <= value <= limit):
                raise ValueError(
                    f"the {name} of the generator's position is {value!r:.80}; wanted an int from 0 to "
                    f"{limit}"
                )

    def go_to(self, place: dict[str, Any]) -> None:
        """Moves to a position, which `check_position` accepts. Call it before `start`."""
        self._number = self._drawn = place["number"]
        self._seed = place.get("seed")
        if self._pickled is not None:
            return
        if place["state"] is not None:
            self._generator.set_state(place["state"])
        else:
            for _ in range(self._number):
                next(self._generator)

    # --- the end

    def pause(self) -> None:
        """Stops threads and keeps the remaining items for the next `start`. Processes keep running."""
        if not self._processes and self._stopped is not None:
            self._stopped.set()
            for thread in self._threads:
                thread.join()

    def stop(self, timeout: float | None = None) -> None:
        """Stops the workers and drops the remaining items.

        Args:
            timeout: float, seconds to wait for threads; None is 1. A thread that does not return from the
                generator keeps running, as no thread can be ended from outside.
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


def _position(generator: Any, number: int) -> tuple[Any, dict[str, Any]]:
    state = generator.get_state() if hasattr(generator, "get_state") else None
    return np.random.get_state(), {"number": number, "state": state}


def _put(items: queue.Queue, item: Any, stopped: threading.Event) -> bool:
    """Puts an item into a queue as soon as there is room; returns False if the workers are stopped before."""
    while not stopped.is_set():
        with contextlib.suppress(queue.Full):
            items.put(item, timeout=0.05)
            return True
    return False


def _receive(
    process: BaseProcess,
    receiver: Any,
    items: queue.Queue,
    started: threading.Event,
    stopped: threading.Event,
) -> None:
    """Puts the messages of a process into a queue, then one that says how the process ended."""
    with receiver:
        try:
            while not stopped.is_set():
                kind, value = pickle.loads(receiver.recv_bytes())
                started.set()
                if kind != START:
                    _put(items, (kind, value, None), stopped)
        except (EOFError, OSError):
            process.join()
            _put(items, (_DEATH, (process.pid, process.exitcode), None), stopped)
        except BaseException as error:
            text = f"A message of process {process.pid} of the generator cannot be unpickled: {error!r}"
            _put(items, (ERROR, (RuntimeError(text), ""), None), stopped)
        finally:
            started.set()


def _pickle(generator: Any) -> bytes | None:
    """Returns the generator as bytes for a process, with the custom objects that apply here."""
    try:
        return pickle.dumps((_pickled_apart(get_custom_objects()), generator))
    except Exception as error:
        warnings.warn(
            f"pickle_safe=True, but the generator cannot be pickled ({error}); threads are used. Make it an "
            "object of a class with __next__, defined in a module.",
            stacklevel=levels_to_caller(),
        )
        return None


def _pickled_apart(objects: Mapping[str, Any]) -> dict[str, bytes]:
    """Returns the pickle of each object that has one: classes and functions of modules, but no lambdas."""
    found = {}
    for name, value in objects.items():
        with contextlib.suppress(Exception):
            found[name] = pickle.dumps(value)
    return found
