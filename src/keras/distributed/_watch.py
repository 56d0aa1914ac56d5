"""Signs of life between processes, and what is done when one is missing."""

import os
import selectors
import sys
import threading
import time

_BEATS_PER_HEARTBEAT = 5
#: How long (seconds) the last words of process 0 have to reach the others.
_LAST_WORDS_SECONDS = 2.0


class Watch:
    """A thread that ends this process when another one is lost.

    It is no use to raise an error: the main thread may be waiting for anything. Each process sends lines. An
    empty one is a sign of life, "bye" says that it ends in good order, any other is why all are to end.

    Args:
        process_id: int.
        count: int, how many processes there are.
        links: dict process -> socket; process 0 has one to each, the others have one to process 0.
        heartbeat: float, seconds without a line after which a process is lost.
    """

    def __init__(self, process_id, count, links, heartbeat):
        self.process_id = process_id
        self.count = count
        self.links = dict(links)
        self.heartbeat = heartbeat
        self.gone = set()  # those that have said goodbye
        self.over = False
        self._unread = dict.fromkeys(self.links, b"")
        self._lock = threading.RLock()
        self._thread = threading.Thread(target=self._run, name="keras.distributed watch", daemon=True)

    def start(self):
        self._thread.start()

    def leave(self):
        """Says goodbye: this process ends, and nothing is wrong."""
        self._stop("bye")

    def fail(self, why):
        """Tells the others to end, since this process leaves them; why: str, such as "left fit"."""
        self._stop(self._line(self.process_id, why))

    def end(self, process, why):
        """Tells the others that a process is lost, prints that, and ends this process."""
        self._end(self._line(process, why))

    def explain(self, process):
        """Ends this process, whose connection to `process` is broken; says why as soon as that is known."""
        deadline = time.monotonic() + self.heartbeat
        while process not in self.gone and time.monotonic() < deadline:
            time.sleep(0.05)  # the thread learns the reason
        self.end(process, "ended while others were training")

    def _run(self):
        period = self.heartbeat / _BEATS_PER_HEARTBEAT
        looked = time.monotonic()
        heard, sent = dict.fromkeys(self.links, looked), -period
        with selectors.DefaultSelector() as selector:
            for process, link in self.links.items():
                selector.register(link, selectors.EVENT_READ, process)
            while not self.over and self.links:
                ready = selector.select(period)
                now = time.monotonic()
                if now - looked > self.heartbeat:
                    self.end(self.process_id, f"(this one) stood still for {now - looked:.1f} s")
                looked = now
                for key, _ in ready:
                    heard[key.data] = now
                    if not self._hear(key.data):
                        selector.unregister(key.fileobj)
                for process in self.links:
                    if now - heard[process] > self.heartbeat:
                        self.end(process, f"has given no sign of life for {self.heartbeat:g} s")
                if now - sent >= period:
                    sent = now
                    self._tell("")

    def _hear(self, process):
        """Reads what a process says; False if that was its last word."""
        try:
            said = self.links[process].recv(2**16)
        except OSError:
            said = b""
        if self.over:
            return True
        if not said:
            self.end(process, "was lost: its connection is closed")
        *lines, self._unread[process] = (self._unread[process] + said).split(b"\n")
        for line in filter(None, lines):
            if line == b"bye":
                self.gone.add(process)
                del self.links[process]
                return False
            self._end(line.decode(errors="replace"))
        return True

    def _line(self, process, why):
        why = " ".join(why.split())[:500]  # what goes in one piece over any network
        return (
            f"keras.distributed: process {process} of {self.count} {why}. All processes end; start them "
            "again with fit(resume_from=the file of the last TrainingCheckpoint)."
        )

    def _tell(self, line):
        for link in list(self.links.values()):
            try:
                link.settimeout(_LAST_WORDS_SECONDS)
                link.sendall(f"{line}\n".encode())
            except OSError:  # reading will say so
                pass

    def _stop(self, line):
        with self._lock:
            if not self.over:
                self.over = True
                self._tell(line)

    def _end(self, line):
        with self._lock:
            if self.over:
                return
            self.over = True
            self._tell(line)
            for stream, text in ((sys.stdout, ""), (sys.stderr, line + "\n")):
                try:
                    stream.write(text)
                    stream.flush()
                except (AttributeError, OSError, ValueError):  # there is none, or nobody reads it
                    pass
            if self.process_id == 0:
                self._wait_for_the_others()
            os._exit(1)

    def _wait_for_the_others(self):
        """Waits until they have read why: a connection that is cut may take its last words with it."""
        deadline = time.monotonic() + _LAST_WORDS_SECONDS
        for link in self.links.values():
            try:
                while (left := deadline - time.monotonic()) > 0:
                    link.settimeout(left)
                    if not link.recv(2**16):
                        break
            except OSError:
                pass
