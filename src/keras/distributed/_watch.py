"""Heartbeats between processes, and what happens when a process is lost."""

import os
import selectors
import socket
import sys
import threading
import time
import traceback
from collections.abc import Mapping

import jax

_BEATS_PER_HEARTBEAT = 5
#: How long (seconds) the last line of process 0 has to reach the others.
_LAST_WORDS_SECONDS = 2.0


class Watch:
    """A thread that ends this process when another one is lost.

    Raising an error would not do: the main thread may be blocked anywhere. Each process sends lines. An empty
    line is a sign of life, "bye" announces a normal end, and any other line is the reason why all must end.

    Args:
        process_id: number of this process.
        count: number of processes.
        links: process -> socket; process 0 has one to each other process, the others have one to process 0.
        heartbeat: seconds without a line after which a process is lost.

    Attributes:
        over: whether the watch has ended.
    """

    def __init__(
        self, process_id: int, count: int, links: Mapping[int, socket.socket], heartbeat: float
    ) -> None:
        self.process_id = process_id
        self.count = count
        self.links = dict(links)
        self.heartbeat = heartbeat
        self.over = False
        self._unread = dict.fromkeys(self.links, b"")
        self._lock = threading.RLock()
        self._thread = threading.Thread(target=self._run, name="keras.distributed watch", daemon=True)

    def start(self) -> None:
        """Starts the thread."""
        self._thread.start()

    def leave(self) -> None:
        """Says goodbye: this process ends normally."""
        self._stop("bye")

    def fail(self, why: str) -> None:
        """Tells the others to end, because this process leaves them; `why` is such as "ended"."""
        self._stop(self._line(self.process_id, why))

    def end(self, process: int, why: str) -> None:
        """Tells the others that a process is lost, prints that, and ends this process."""
        self._end(self._line(process, why))

    def explain(self, process: int) -> None:
        """Ends this process, whose connection to `process` is broken, once the reason is known."""
        time.sleep(self.heartbeat)  # meanwhile the thread reads the reason, and ends the process
        self.end(process, "was lost: its connection is closed")

    def report(self, kind: type[BaseException], error: BaseException) -> None:
        """Tells the others of an error that ends this process.

        If it is one of XLA, another process may have been lost: then the thread knows by now, or soon.
        """
        if issubclass(kind, jax.errors.JaxRuntimeError):
            time.sleep(min(self.heartbeat, _LAST_WORDS_SECONDS))
        self.fail(f"ended with {kind.__name__}: {error}")

    def _run(self) -> None:
        period = self.heartbeat / _BEATS_PER_HEARTBEAT
        last_round = time.monotonic()
        heard, sent = dict.fromkeys(self.links, last_round), -period
        with selectors.DefaultSelector() as selector:
            for process, link in self.links.items():
                selector.register(link, selectors.EVENT_READ, process)
            while not self.over and self.links:
                ready = selector.select(period)
                now = time.monotonic()
                if now - last_round > self.heartbeat:
                    self.end(self.process_id, f"(this one) did not run for {now - last_round:.1f} s")
                last_round = now
                for key, _ in ready:
                    heard[key.data] = now
                    if not self._read(key.data):
                        selector.unregister(key.fileobj)
                for process in self.links:
                    if now - heard[process] > self.heartbeat:
                        self.end(process, f"has given no sign of life for {self.heartbeat:g} s")
                if now - sent >= period:
                    sent = now
                    self._tell("")

    def _read(self, process: int) -> bool:
        """Reads the lines of a process; False if it has said goodbye."""
        try:
            received = self.links[process].recv(2**16)
        except OSError:
            received = b""
        if self.over:
            return True
        if not received:
            self.end(process, "was lost: its connection is closed")
        *lines, self._unread[process] = (self._unread[process] + received).split(b"\n")
        for line in filter(None, lines):
            if line == b"bye":
                del self.links[process]
                return False
            self._end(line.decode(errors="replace"))
        return True

    def _line(self, process: int, why: str) -> str:
        why = " ".join(why.split())[:500]  # short enough to arrive in one piece over any network
        return (
            f"keras.distributed: process {process} of {self.count} {why}. All processes end; start them "
            "again with fit(resume_from=the file of the last TrainingCheckpoint)."
        )

    def _tell(self, line: str) -> None:
        for link in list(self.links.values()):
            try:
                link.settimeout(_LAST_WORDS_SECONDS)
                link.sendall(f"{line}\n".encode())
            except OSError:  # reading reports it
                pass

    def _stop(self, line: str) -> None:
        with self._lock:
            if not self.over:
                self.over = True
                self._tell(line)

    def _end(self, line: str) -> None:
        with self._lock:
            if self.over:
                return
            self.over = True
            self._tell(line)
            where = self._stack() if f" process {self.process_id} of {self.count} is stuck" in line else ""
            for stream, text in ((sys.stdout, ""), (sys.stderr, f"{line}\n{where}")):
                try:
                    stream.write(text)
                    stream.flush()
                except (AttributeError, OSError, ValueError):  # there is no stream, or nobody reads it
                    pass
            if self.process_id == 0:
                self._wait_for_the_others()
            os._exit(1)

    @staticmethod
    def _stack() -> str:
        """Where the main thread is."""
        frame = sys._current_frames().get(threading.main_thread().ident or 0)
        return "".join(traceback.format_stack(frame)) if frame else ""

    def _wait_for_the_others(self) -> None:
        """Waits until they have read the reason: closing a connection early may lose its last bytes."""
        deadline = time.monotonic() + _LAST_WORDS_SECONDS
        for link in self.links.values():
            try:
                while (left := deadline - time.monotonic()) > 0:
                    link.settimeout(left)
                    if not link.recv(2**16):
                        break
            except OSError:
                pass
