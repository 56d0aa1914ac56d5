"""The progress bar."""

import sys
import time
from collections.abc import Iterable
from typing import Any

# Minimum time between two redraws, in seconds. A notebook sends each redraw over a socket.
_REDRAW_SECONDS = {"terminal": 0.1, "notebook": 0.2, "log": float("inf")}


class Progbar:
    """A progress bar with running averages of values.

    The bar is one line that is redrawn at most ten times a second on a terminal and five times a second in
    a notebook, which keeps only the last state. Anywhere else, such as in a log file or a pipe, it is one
    line without control characters, written when the work is done.

    Args:
        target: int, total number of units of work (samples, steps); None if it is not known.
        width: int, width of the bar in characters.
        verbose: 1 draws the bar, 2 writes a line of numbers at the end, 0 writes nothing.
        interval: float, minimum time between two redraws in seconds.

    Example:
        >>> progbar = Progbar(20, verbose=2)
        >>> progbar.update(10, [('loss', 2.0)])
        >>> progbar.update(20, [('loss', 4.0)])
        0s - loss: 3.0000
    """

    def __init__(self, target: Any, width: int = 30, verbose: int = 1, interval: float = 0.05) -> None:
        self.target = target
        self.width = width
        self.verbose = verbose
        self.interval = interval
        self.seen_so_far = 0
        # name -> [sum of value * units, units], in order of appearance
        self.sum_values: dict[str, list[Any]] = {}
        self.start = time.monotonic()
        self.last_update = 0.0
        self.total_width = 0
        self._place = _output_place()
        self._shown: Any = None  # the notebook's handle of the line
        self._delay = 0.0
        self._pause = max(interval, _REDRAW_SECONDS[self._place])

    @property
    def unique_values(self) -> list[str]:
        """The names of the values, in order of appearance."""
        return list(self.sum_values)

    def update(
        self, current: Any, values: Iterable[tuple[str, Any]] | None = None, force: bool = False
    ) -> None:
        """Updates the number of finished units and the values.

        Args:
            current: int, number of units that are done, out of `target`.
            values: list of `(name, value)`. A value is the mean over the units done since the last call;
                the bar shows the mean over all units.
            force: bool, whether to redraw even if no redraw is due.
        """
        units = current - self.seen_so_far
        was_done = self.target is not None and self.seen_so_far >= self.target
        self.seen_so_far = current
        for name, value in values or ():
            total = self.sum_values.setdefault(name, [0, 0])
            total[0] += value * units
            total[1] += units

        if not self.verbose:
            return
        now = time.monotonic()
        done = self.target is not None and current >= self.target
        finishes = done and not was_done
        if self.verbose == 1 and (finishes or force or now - self.last_update >= self._pause):
            self.last_update = now
            self._draw(current, now - self.start)
        elif self.verbose == 2 and done:
            print(f"{int(now - self.start)}s{self._averages()}")

    def add(self, n: Any, values: Iterable[tuple[str, Any]] | None = None) -> None:
        """Adds `n` finished units; `values` as in `update`."""
        self.update(self.seen_so_far + n, values)

    def show(self, text: str) -> None:
        """Shows a text in place of the bar until the next redraw: what the work is waiting for.

        A log file does not get it.
        """
        if self.verbose == 1 and self._place != "log":
            self._write(text, done=False)

    def delay(self, seconds: float) -> None:
        """Leaves out a time in the estimate of what is left: it was not spent on units of work."""
        self._delay += seconds

    def _draw(self, current: Any, elapsed: float) -> None:
        line = self._bar(current) + self._clock(current, elapsed) + self._averages()
        self._write(line, done=self.target is not None and current >= self.target)

    def _write(self, line: str, done: bool) -> None:
        if self._place == "log":
            print(line, flush=True)
        elif self._place == "notebook" and _in_kernel():
            self._display(line)
        else:
            # Spaces erase the rest of a longer line before it.
            print("\r" + line.ljust(self.total_width), end="\n" if done else "", flush=True)
            self.total_width = len(line)

    def _display(self, line: str) -> None:
        # Not "\r": saved notebooks, and HTML made of them, would show all states.
        from IPython.display import display

        if self._shown is None:
            self._shown = display({"text/plain": line}, raw=True, display_id=True)
        else:
            self._shown.update({"text/plain": line}, raw=True)

    def _bar(self, current: Any) -> str:
        if self.target is None:
            return f"{int(current)}/?"
        digits = len(str(int(self.target)))
        filled = int(self.width * current / self.target) if self.target else self.width
        tip = "" if filled <= 0 else ">" if current < self.target else "="
        bar = ("=" * (filled - 1) + tip).ljust(self.width, ".")
        return f"{int(current):{digits}d}/{int(self.target)} [{bar}]"

    def _clock(self, current: Any, elapsed: float) -> str:
        if self.target is None or current >= self.target:
            return f" - {int(elapsed)}s"
        left = max(0.0, elapsed - self._delay) / current * (self.target - current) if current else 0
        return f" - ETA: {int(left)}s"

    def _averages(self) -> str:
        text = ""
        for name, (total, units) in self.sum_values.items():
            mean = total / max(1, units)
            # Keras 1.2.2 takes the absolute value with verbose=1 only; verbose=2 writes all negative values
            # with an exponent. Scripts parse these logs, so both are kept.
            size = abs(mean) if self.verbose == 1 else mean
            text += f" - {name}: {mean:.4f}" if size > 1e-3 else f" - {name}: {mean:.4e}"
        return text


def _output_place() -> str:
    """Returns the kind of standard output: 'terminal', 'notebook' or 'log'."""
    if type(sys.stdout).__module__.partition(".")[0] == "ipykernel":
        return "notebook"
    is_terminal = getattr(sys.stdout, "isatty", lambda: False)
    return "terminal" if is_terminal() else "log"


def _in_kernel() -> bool:
    """Whether this process is the kernel of a notebook, whose displays can be updated."""
    ipython = sys.modules.get("IPython")
    return ipython is not None and getattr(ipython.get_ipython(), "kernel", None) is not None
