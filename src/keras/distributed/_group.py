"""Collective operations: every process contributes a value, and all receive the same result."""

import json
import socket
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ._messages import Bytes, receive, send
from ._watch import Watch


class Group:
    """The processes that train one model.

    Every process must make the same calls in the same order. Each call has a `place`, a text that
    identifies it in the program. If it differs, a process is out of step and all of them end.

    Args:
        process_id: number of this process.
        count: number of processes.
        links: process -> socket; process 0 has one to each other process, the others have one to process 0.
        watch: the thread that watches the other processes.
    """

    def __init__(self, process_id: int, count: int, links: Mapping[int, socket.socket], watch: Watch) -> None:
        self.process_id = process_id
        self.count = count
        self.watch = watch
        self._links = dict(links)
        self._lock = threading.Lock()

    def exchange(self, place: str, payload: Bytes, combine: Callable[[list[Bytes]], Bytes]) -> Bytes:
        """Sends bytes to process 0 and returns its result, computed from the bytes of all processes.

        Args:
            place: where the call is made, such as "step 3".
            payload: what this process contributes.
            combine: function of the list of all payloads, ordered by process; called in process 0.

        Raises:
            RuntimeError: the group has ended.
        """
        if self.watch.over:
            raise self._ended()
        peer = 0
        with self._lock:
            try:
                if self.process_id:
                    send(self._links[0], place, payload)
                    return receive(self._links[0])[1]
                payloads = [payload]
                for peer, link in self._links.items():
                    theirs, received = receive(link)
                    if theirs != place:
                        self.watch.end(peer, f"is out of step: it is at {theirs}, process 0 is at {place}")
                    payloads.append(received)
                answer = combine(payloads)
                for peer in self._links:
                    send(self._links[peer], place, answer)
                return answer
            except OSError:
                self.watch.explain(peer)  # ends this process, unless another thread is doing so already
                raise self._ended() from None

    @staticmethod
    def _ended() -> RuntimeError:
        return RuntimeError("keras.distributed: the group of processes has ended; start all of them again.")

    def mean(self, place: str, arrays: Iterable[ArrayLike]) -> list[NDArray[Any]]:
        """Returns the mean over the processes of each floating-point array, and other arrays unchanged.

        Sums are computed in float32, or in float64 if one of the arrays has that type, in the order of the
        processes. All processes receive the same bits.
        """
        arrays = [np.asarray(array) for array in arrays]
        kept = [array.dtype.kind in "iub" for array in arrays]
        floats = [array for array, is_kept in zip(arrays, kept, strict=True) if not is_kept]
        dtype = "float64" if any(array.dtype == "float64" for array in floats) else "float32"
        flat = np.concatenate([np.zeros(0, dtype), *(array.ravel().astype(dtype) for array in floats)])

        def combine(payloads: list[Bytes]) -> Bytes:
            total = np.zeros_like(flat)
            for payload in payloads:
                total += np.frombuffer(payload, dtype)
            return (total / np.asarray(self.count, dtype)).data.cast("B")

        mean = np.frombuffer(self.exchange(place, flat.data.cast("B"), combine), dtype)
        parts = iter(np.split(mean, np.cumsum([array.size for array in floats])[:-1]) if floats else ())
        return [
            array if is_kept else next(parts).reshape(array.shape).astype(array.dtype)
            for array, is_kept in zip(arrays, kept, strict=True)
        ]

    def broadcast(self, place: str, arrays: Iterable[ArrayLike]) -> list[NDArray[Any]]:
        """Returns the arrays of process 0; shapes and types must be the same in all processes."""
        arrays = [np.asarray(array) for array in arrays]
        payload = b"".join(array.tobytes() for array in arrays)
        received = self.exchange(place, payload, lambda payloads: payloads[0])
        starts = np.cumsum([0, *(array.nbytes for array in arrays)])
        return [
            np.frombuffer(received, array.dtype, array.size, start).reshape(array.shape)
            for array, start in zip(arrays, starts, strict=False)
        ]

    def agree(self, place: str, facts: Mapping[str, Any]) -> None:
        """Checks that facts are the same in all processes.

        Args:
            place: where the call is made, such as "fit"; also begins the message.
            facts: name -> value that JSON can hold, or an integer of NumPy.

        Raises:
            ValueError: a fact differs; raised in all processes.
        """

        def compare(payloads: list[Bytes]) -> Bytes:
            first, *others = [json.loads(bytes(payload)) for payload in payloads]
            for process, other in enumerate(others, 1):
                for name, value in first.items():
                    if other[name] != value:
                        return (
                            f"{place}: {name} must be the same in all processes: process {process} has "
                            f"{other[name]}, process 0 has {value}."
                        ).encode()
            return b""

        problem = self.exchange(place, json.dumps(facts, default=int).encode(), compare)
        if problem:
            raise ValueError(bytes(problem).decode())
