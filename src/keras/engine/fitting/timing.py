"""Where the time of a `fit` went: compilation, data, callbacks, or the steps themselves."""

import time
from collections.abc import Iterable

#: A part is reported if it takes more than this share of the time, and at least so many seconds.
LARGE_SHARE, LEAST_SECONDS = 1 / 3, 1.0

_ADVICE = {
    "compile": "Programs are compiled once for each shape of data: fit again, or train longer, and the "
    "share falls.",
    "data": "The steps wait for data: load them into arrays, or generate batches in more workers.",
    "callbacks": "The steps wait for callbacks: call them less often, or do less in on_batch_end.",
}


class Stopwatch:
    """Measures one `fit`, from its construction on. `note_compilation` is for `hearing_compilations`."""

    def __init__(self) -> None:
        self._start = time.perf_counter()
        self._compiled: list[tuple[float, float]] = []  # (start, end)

    def note_compilation(self, step: str, seconds: float) -> None:
        """Notes a step of a compilation that has just ended."""
        now = time.perf_counter()
        self._compiled.append((now - seconds, now))

    def parts(self, data: float, callbacks: float) -> dict[str, float]:
        """Returns the seconds of each part: "compile", "data", "callbacks", "steps" and "total".

        Args:
            data, callbacks: floats, the seconds that were measured for them.
        """
        compiled, total = covered(self._compiled), time.perf_counter() - self._start
        steps = max(0.0, total - compiled - data - callbacks)
        return {"compile": compiled, "data": data, "callbacks": callbacks, "steps": steps, "total": total}


def covered(spans: Iterable[tuple[float, float]]) -> float:
    """Returns the length of the union of intervals: a compilation may be part of another one.

    Example:
        >>> covered([(1, 2), (0, 3), (4, 5)])
        4.0
    """
    length, reached = 0.0, float("-inf")
    for start, stop in sorted(spans):
        length += max(0.0, stop - max(start, reached))
        reached = max(reached, stop)
    return length


def remark(seconds: dict[str, float]) -> str | None:
    """Returns a line for the user if a part other than the steps is large, else None.

    Args:
        seconds: dict, from `Stopwatch.parts`.

    Example:
        >>> print(remark({"compile": 0.5, "data": 6.0, "callbacks": 0.1, "steps": 3.4, "total": 10.0}))
        Time: 10.0 s, of which data 60%, steps 34%, compile 5%, callbacks 1%. The steps wait for data: ...
    """
    total = seconds["total"]
    parts = sorted(((value, name) for name, value in seconds.items() if name != "total"), reverse=True)
    bound = max(LARGE_SHARE * total, LEAST_SECONDS)
    large = [name for value, name in parts if value > bound and name in _ADVICE]
    if not large:
        return None
    shares = ", ".join(f"{name} {value / total:.0%}" for value, name in parts)
    return f"Time: {total:.1f} s, of which {shares}. {_ADVICE[large[0]]}"
