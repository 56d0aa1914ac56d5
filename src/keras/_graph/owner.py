"""Who makes the nodes of a graph: the layer whose call is running, for errors at run time."""

from collections.abc import Iterator
from contextlib import contextmanager

_owners: list[str] = []


@contextmanager
def owned_by(name: str) -> Iterator[None]:
    """Context manager: nodes that are made in the block belong to `name`, such as "Layer 'dense_1'"."""
    _owners.append(name)
    try:
        yield
    finally:
        _owners.pop()


def owner() -> str | None:
    """The name of the innermost block, or None outside of all."""
    return _owners[-1] if _owners else None
