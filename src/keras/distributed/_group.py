"""What processes do together: all give something, all get the same back."""

import json
import threading
from typing import Any

import numpy as np

from ._messages import receive, send


class Group:
    """The processes that train one model.

    Every process must make the same calls in the same order. Each call has a `place`, a text that says where
    in the program it is made; where it differs, a process is out of step and all end.

    Args:
        process_id: int.
        count: int, how many processes there are.
        links: dict process -> socket; process 0 has one to each, the others have one to process 0.
        watch: `Watch`.
    """

    def __init__(self, process_id, count, links, watch):
        self.process_id = process_id
        self.count = count
        self.watch = watch
        self._links = dict(links)
        self._lock = threading.Lock()

    def exchange(self, place, payload, combine) -> Any:
        """Gives bytes, and gets what process 0 makes of those of all.

        Args:
            place: str, such as "step 3".
            payload: bytes.
            combine: function of the list of all payloads, by process, that gives bytes; runs in process 0.
        """
        if self.watch.over:
            raise RuntimeError(
                "keras.distributed: the group of processes has ended; start all of them again."
            )
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
                self.watch.explain(peer)

    def mean(self, place, arrays):
        """The mean over the processes of each array of a float type; the others as they are.

        Sums are computed in float32, or float64 if an array is, in the order of the processes. All get the
        same bits.
        """
        arrays = [np.asarray(array) for array in arrays]
        kinds = [array.dtype.kind in "iub" for array in arrays]
        floats = [array for array, kept in zip(arrays, kinds, strict=True) if not kept]
        dtype = "float64" if any(array.dtype == "float64" for array in floats) else "float32"
        flat = np.concatenate([np.zeros(0, dtype), *(array.ravel().astype(dtype) for array in floats)])

        def combine(payloads):
            total = np.zeros_like(flat)
            for payload in payloads:
                total += np.frombuffer(payload, dtype)
            return (total / np.asarray(self.count, dtype)).data.cast("B")

        mean = np.frombuffer(self.exchange(place, flat.data.cast("B"), combine), dtype)
        parts = iter(np.split(mean, np.cumsum([array.size for array in floats])[:-1]) if floats else ())
        return [
            array if kept else next(parts).reshape(array.shape).astype(array.dtype)
            for array, kept in zip(arrays, kinds, strict=True)
        ]

    def broadcast(self, place, arrays):
        """The arrays of process 0; those given elsewhere must have the same shapes and types."""
        arrays = [np.asarray(array) for array in arrays]
        payload = b"".join(array.tobytes() for array in arrays)
        received = self.exchange(place, payload, lambda payloads: payloads[0])
        starts = np.cumsum([0, *(array.nbytes for array in arrays)])
        return [
            np.frombuffer(received, array.dtype, array.size, start).reshape(array.shape)
            for array, start in zip(arrays, starts, strict=False)
        ]

    def agree(self, place, facts):
        """Raises ValueError, in all processes, if a fact is not the same in all.

        Args:
            place: str, for the message too, such as "fit".
            facts: dict name -> value, both plain; NumPy's integers will do.
        """

        def compare(payloads):
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
            raise ValueError(problem.decode())
