"""The chunks of a dataset, from whichever index lists them (§ III.A.1, VII)."""

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from . import btree_1, btree_2, extensible_array, fixed_array
from .dataspaces import Dataspace
from .errors import Damage
from .layouts import Chunked, Index
from .source import OBJECT_BYTES, Source

_MASK_BYTES = 4
_STEPS_PER_CHUNK = 2  # to list it; what its index charges comes on top


class Chunk(NamedTuple):
    """A chunk in the file.

    Attributes:
        offset: tuple of ints, the place of its first number in the dataset.
        address: int.
        size: int, its bytes in the file.
        mask: int; bit i is set if filter i was left out.
    """

    offset: tuple[int, ...]
    address: int
    size: int
    mask: int


@dataclass(frozen=True)
class _Grid:
    """A dataset and its chunks, as the indexes need them.

    Attributes:
        layout: `Chunked`.
        space: `Dataspace`.
        filtered: bool, whether the dataset has filters.
    """

    layout: Chunked
    space: Dataspace
    filtered: bool

    @property
    def chunk_bytes(self) -> int:
        return math.prod(self.layout.shape) * self.layout.number_size

    def offset_of(self, number: int) -> tuple[int, ...]:
        """Returns the place of the chunk with a number, counted row by row.

        A dataset that may grow is numbered as if it had grown, with the axis without a limit first.
        """
        axes = list(range(len(self.layout.shape)))
        free = [axis for axis in axes if self.space.max_shape[axis] is None]
        order = free + [axis for axis in axes if axis not in free]
        offset = [0] * len(axes)
        for axis in reversed(order[1:]):
            limit = self.space.max_shape[axis]
            if limit is None:
                raise Damage("its chunk index cannot list chunks along two axes without a limit")
            number, place = divmod(number, max(-(-limit // self.layout.shape[axis]), 1))
            offset[axis] = place * self.layout.shape[axis]
        offset[order[0]] = number * self.layout.shape[order[0]]
        return tuple(offset)


def read_chunks(source: Source, layout: Chunked, space: Dataspace, filtered: bool) -> list[Chunk]:
    """Lists the chunks of a dataset.

    Args:
        source: the file.
        layout: `Chunked` layout of the dataset.
        space: its `Dataspace`.
        filtered: bool, whether it has filters.

    Returns:
        List of `Chunk`. All are inside the file and the dataset, at different places in both. What no chunk
        covers was never written.

    Raises:
        Damage: the chunks or their index break the format.
    """
    shape = space.shape or ()
    if len(layout.shape) != len(shape) or 0 in layout.shape:
        raise Damage(f"a dataset of shape {shape} has chunks of shape {layout.shape}")
    if layout.address is None or not space.count:
        return []
    chunks: dict[tuple[int, ...], Chunk] = {}
    for chunk in _READERS[layout.index](source, _Grid(layout, space, filtered)):
        source.budget.take_steps(_STEPS_PER_CHUNK, "chunks")
        source.keep((2 + len(shape)) * OBJECT_BYTES, "chunks")
        source.check(chunk.address, chunk.size, f"the chunk at {chunk.offset}")
        if any(start % step or start >= size for start, step, size in zip(chunk.offset, layout.shape, shape)):
            raise Damage(
                f"a chunk at {chunk.offset} is outside of the dataset or between two places of chunks"
            )
        if chunk.offset in chunks:
            raise Damage(f"there are two chunks at {chunk.offset}")
        chunks[chunk.offset] = chunk
    _check_overlap(list(chunks.values()))
    return list(chunks.values())


def _check_overlap(chunks: list[Chunk]) -> None:
    """Refuses chunks that share bytes: a small file would become a large array many times over."""
    for one, other in itertools.pairwise(sorted(chunks, key=lambda chunk: chunk.address)):
        if one.address + one.size > other.address:
            raise Damage(f"the chunks at {one.offset} and {other.offset} overlap in the file")


def _from_btree_1(source: Source, grid: _Grid) -> Iterator[Chunk]:
    axes = len(grid.layout.shape)
    for key, address in btree_1.entries(source, grid.layout.address, btree_1.CHUNKS, 8 + 8 * (axes + 1)):
        fields = source.cursor_over(key, "a chunk")
        size, mask = fields.uint(4), fields.uint(4)
        offset = tuple(fields.uint(8) for _ in range(axes))
        if fields.uint(8) or address is None:
            raise Damage(f"the chunk at {offset} has no address or begins inside a number")
        yield Chunk(offset, address, size, mask)


def _single(source: Source, grid: _Grid) -> Iterator[Chunk]:
    layout = grid.layout
    assert layout.address is not None  # there are chunks
    size = grid.chunk_bytes if layout.single_size is None else layout.single_size
    yield Chunk((0,) * len(layout.shape), layout.address, size, layout.single_mask)


def _implicit(source: Source, grid: _Grid) -> Iterator[Chunk]:
    """Chunks without filters lie one after the other."""
    layout, shape = grid.layout, grid.space.shape or ()
    assert layout.address is not None
    if grid.filtered or None in grid.space.max_shape:
        raise Damage("it has an implicit chunk index, and filters or no limit of its size")
    # The places are those that it would have if it had grown, and not all of them are used.
    counts = [-(-(limit or 1) // step) for limit, step in zip(grid.space.max_shape, layout.shape)]
    source.check(layout.address, math.prod(counts) * grid.chunk_bytes, "its chunks")
    source.budget.take_steps(math.prod(counts), "chunks")
    for number in range(math.prod(counts)):
        offset = grid.offset_of(number)
        if all(start < size for start, size in zip(offset, shape)):
            yield Chunk(offset, layout.address + number * grid.chunk_bytes, grid.chunk_bytes, 0)


def _from_fixed_array(source: Source, grid: _Grid) -> Iterator[Chunk]:
    return _from_elements(source, grid, fixed_array.elements(source, grid.layout.address, grid.filtered))


def _from_extensible_array(source: Source, grid: _Grid) -> Iterator[Chunk]:
    return _from_elements(source, grid, extensible_array.elements(source, grid.layout.address, grid.filtered))


def _from_elements(source: Source, grid: _Grid, elements: Iterator[tuple[int, bytes]]) -> Iterator[Chunk]:
    """Reads elements of an array: an address and, if there are filters, a size and a mask."""
    never_written = b"\xff" * source.offset_size  # most elements of a large array
    for number, element in elements:
        if element.startswith(never_written):
            continue
        fields = source.cursor_over(element, "an element of a chunk index")
        address = fields.address()
        if address is None:
            raise Damage("an element of a chunk index has no address")
        size, mask = grid.chunk_bytes, 0
        if grid.filtered:
            size, mask = fields.uint(fields.left - _MASK_BYTES), fields.uint(_MASK_BYTES)
        yield Chunk(grid.offset_of(number), address, size, mask)


def _from_btree_2(source: Source, grid: _Grid) -> Iterator[Chunk]:
    steps = grid.layout.shape
    kind = btree_2.FILTERED_CHUNKS if grid.filtered else btree_2.CHUNKS
    for record in btree_2.records(source, grid.layout.address, kind):
        fields = source.cursor_over(record, "a record of a chunk")
        address, size, mask = fields.address(), grid.chunk_bytes, 0
        if grid.filtered:
            size = fields.uint(max(fields.left - _MASK_BYTES - 8 * len(steps), 0))
            mask = fields.uint(_MASK_BYTES)
        offset = tuple(fields.uint(8) * step for step in steps)
        if address is None:
            raise Damage(f"the chunk at {offset} has no address")
        yield Chunk(offset, address, size, mask)


_READERS = {
    Index.BTREE_1: _from_btree_1,
    Index.SINGLE: _single,
    Index.IMPLICIT: _implicit,
    Index.FIXED_ARRAY: _from_fixed_array,
    Index.EXTENSIBLE_ARRAY: _from_extensible_array,
    Index.BTREE_2: _from_btree_2,
}
