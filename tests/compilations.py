"""Counts what XLA compiles."""

import jax

_count = 0


def compilations():
    """Returns how many programs this process has compiled or read from the compile cache so far."""
    return _count


def _listen(event, duration, **_):
    global _count
    _count += event.endswith("backend_compile_duration")


jax.monitoring.register_event_duration_secs_listener(_listen)
