"""Counts what XLA compiles."""

from typing import Any

import jax

_count = 0


def compilations() -> int:
    """Returns how many programs this process has compiled or read from the compile cache so far."""
    return _count


def _listen(event: str, duration_secs: float, **kwargs: Any) -> None:
    global _count
    _count += event.endswith("backend_compile_duration")


jax.monitoring.register_event_duration_secs_listener(_listen)
