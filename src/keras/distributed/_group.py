"""Small messages: what every process contributes, and one answer for all."""

import json
import socket
import threading
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ._messages import Bytes, receive, send
from ._watch import Watch


class Group:
    """The processes that run one program.

    Every process must make the same calls in the same order. Each call has a `place`, a text that
    identifies it in the program. If it differs, a process is out of step and all of them end.

    Args:
        process_id: number of this process.
        count: number of processes.
        links: process -> socket; process 0 has one to each other process, the others have one to process 0.
        watch: the thread that watches the other processes.
        patience: seconds after which a process that does not come to the place of the others is stuck.
    """

    def __init__(
        self,
        process_id: int,
        count: int,
        links: Mapping[int, socket.socket],
        watch: Watch,
        patience: float,
    ) -> None:
        self.process_id = process_id
        self.count = count
        self.watch = watch
        self._links = dict(links)
        self._lock = threading.Lock()
        for link in self._links.values():  # process 0 knows first who is missing
            link.settimeout(patience + (watch.heartbeat if process_id else 0))

    def exchange(self, place: str, payload: Bytes, combine: Callable[[list[Bytes]], Bytes]) -> Bytes:
        """Sends bytes to process 0 and returns its answer, computed from the bytes of all processes.

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
            except TimeoutError:
                self.watch.end(peer, f"is stuck: it does not come to {place}, where others wait")
            except OSError:
                self.watch.explain(peer)  # ends this process, unless another thread is doing so already
            except ValueError as error:
                self.watch.end(peer, f"sent something else than a message: {error}")
            except BaseException as error:  # such as Ctrl-C: half a message may be on its way
                self.watch.fail(f"left the others at {place}: {type(error).__name__}")
                raise
            raise self._ended()

    @staticmethod
    def _ended() -> RuntimeError:
        return RuntimeError("keras.distributed: the group of processes has ended; start all of them again.")

    def meet(self, place: str, number: int = 0) -> int:
        """Waits until all processes have come to a place, and returns the least of their numbers."""
        return int(self.exchange(place, b"%d" % number, lambda payloads: b"%d" % min(map(int, payloads))))

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
                for name in [*first, *other]:
                    if other.get(name) != first.get(name):
                        return (
                            f"{place}: {name} must be the same in all processes: process {process} has "
                            f"{other.get(name)}, process 0 has {first.get(name)}."
                        ).encode()
            return b""

        problem = self.exchange(place, json.dumps(facts, default=int).encode(), compare)
        if problem:
            raise ValueError(bytes(problem).decode())

    def share_generator(self) -> None:
        """Sets NumPy's generator in all processes to its state in process 0: all draw the same numbers."""
        name, keys, *numbers = np.random.get_state()
        own = json.dumps([np.asarray(keys).tolist(), *numbers]).encode()
        keys, place, has_gauss, gauss = json.loads(
            bytes(self.exchange("the start", own, lambda all_of: all_of[0]))
        )
        np.random.set_state((str(name), np.array(keys, "uint32"), place, has_gauss, gauss))
