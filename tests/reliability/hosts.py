"""Training on several hosts (F1): not built. The row is here so that it is said."""

from reliability.row import Figure, Row


def not_built(run):
    """F1: nothing to measure."""
    return Figure(
        "not built", False, why_not="training runs in one process, as in Keras 1.2.2; not tried yet"
    )


ROWS = [
    Row(
        "F1",
        "training on several hosts: one is killed, one stops, unequal data",
        "all end with a line that names the host, the last checkpoint restores",
        "JAX: abort after 104 s, or 5 s; a host that stops was not tried",
        not_built,
    )
]
