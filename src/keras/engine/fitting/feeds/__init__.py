"""Feeds, the sources of batches: one file for each kind of data, and the list of kinds."""

from typing import Any

from .arrays import ArrayFeed
from .base import Data, Feed
from .generators import GeneratorFeed
from .iterables import IterableFeed as IterableFeed

#: The kinds of data; the first one that accepts the data takes them.
_KINDS: list[type[Feed]] = [IterableFeed, GeneratorFeed, ArrayFeed]


def register(kind: type[Feed]) -> None:
    """Adds a kind of data, which takes precedence over the kinds that are registered already."""
    _KINDS.insert(0, kind)


def unregister(kind: type[Feed]) -> None:
    """Removes a kind of data."""
    _KINDS.remove(kind)


def feed_of(model: Any, data: Data, purpose: str) -> Feed:
    """Returns the feed for a user's data; see `Feed.of`."""
    kind = next(kind for kind in _KINDS if kind.accepts(data))
    return kind.of(model, data, purpose)
