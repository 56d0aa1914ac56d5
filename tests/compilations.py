"""Counts what XLA compiles."""

import jax

_count = 0


def compilations():
    """How many programs were compiled, or taken from the compile cache, in this process until now."""
    return _count


def _listen(event, duration, **_):
    global _count
    _count += event.endswith("backend_compile_duration")


jax.monitoring.register_event_duration_secs_listener(_listen)
