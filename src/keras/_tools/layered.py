"""Layered layout of a directed graph: positions of boxes and arrows. Independent of models.

The steps follow Sugiyama, Tagawa and Toda 1981 (IEEE Trans. SMC 11, 109-125): assign a rank to every box,
order the boxes of each rank so that few arrows cross, then shift them to straighten the arrows. An arrow
over several ranks has a waypoint in each of them, which occupies space in the row like a box, so that no
arrow runs through a box.
"""

import graphlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple, TypeAlias

Point: TypeAlias = tuple[float, float]
#: A cubic curve: its start, two control points and its end.
Curve: TypeAlias = tuple[Point, Point, Point, Point]
#: Two boxes, or a box or waypoint and one in the next rank.
_Link: TypeAlias = tuple[int, int]
#: For each item, the linked items in the rank above or below.
_Neighbors: TypeAlias = list[list[int]]
#: The items of each rank, from left to right.
_Rows: TypeAlias = list[list[int]]
#: The row and the position of the first item of a block.
_Block: TypeAlias = tuple[int, int]
_Gaps: TypeAlias = dict[tuple[_Block, _Block], float]

COLUMN_GAP = 26
ROW_GAP = 32
_WAYPOINT_WIDTH = 10
_PORT_GAP = 16
_ITERATIONS = 300


class Layout(NamedTuple):
    """Positions of boxes and arrows; all lengths have the same unit, y runs downwards.

    Attributes:
        corners: upper left corner of each box.
        curves: for each arrow, the curves that it consists of.
        size: (width, height).
    """

    corners: list[Point]
    curves: list[list[Curve]]
    size: tuple[float, float]


def arrange(sizes: Sequence[tuple[float, float]], edges: Sequence[_Link]) -> Layout:
    """Lays out boxes and arrows.

    Args:
        sizes: (width, height) of each box. Most arrows should go from a box to a later one.
        edges: (source, target), two different indices of `sizes`; no pair twice.
    """
    if not sizes:
        return Layout([], [], (0, 0))
    downward = [(min(edge), max(edge)) for edge in edges]
    ranks = _ranks(len(sizes), downward)
    chains, ranks = _chains(downward, ranks)
    widths = [width for width, _ in sizes] + [_WAYPOINT_WIDTH] * (len(ranks) - len(sizes))
    links = sorted({link for chain in chains for link in pairwise(chain)})
    above, below = _neighbors(len(ranks), links)
    rows = _ordered_rows(ranks, above, below)
    x = _columns(rows, widths, links, above, below, len(sizes))
    tops, bottoms = _row_limits(rows, sizes, x, links)
    corners = [(x[box] - width / 2, tops[ranks[box]]) for box, (width, _) in enumerate(sizes)]
    ports = _ports(chains, x, sizes)
    curves = []
    for chain, edge, downward_edge, port in zip(chains, edges, downward, ports, strict=True):
        points = _waypoints(chain, ranks, x, tops, bottoms, corners, sizes, port)
        points = points if edge == downward_edge else points[::-1]
        curves.append([_bend(start, end) for start, end in pairwise(points)])
    return Layout(corners, curves, (max(a + b / 2 for a, b in zip(x, widths, strict=True)), bottoms[-1]))


def _ranks(count: int, edges: Sequence[_Link]) -> list[int]:
    """Returns a rank for each box, smaller than those of its targets, such that arrows are short."""
    sources, targets = _neighbors(count, edges)
    ranks = [0] * count
    for box in range(count):
        ranks[box] = max((ranks[source] + 1 for source in sources[box]), default=0)
    for _ in range(4):
        for box in reversed(range(count)):
            if targets[box] and len(targets[box]) >= len(sources[box]):
                ranks[box] = min(ranks[target] for target in targets[box]) - 1
            elif sources[box]:
                ranks[box] = max(ranks[source] for source in sources[box]) + 1
    used = {rank: number for number, rank in enumerate(sorted(set(ranks)))}
    return [used[rank] for rank in ranks]


def _chains(edges: Sequence[_Link], ranks: Sequence[int]) -> tuple[list[list[int]], list[int]]:
    """Returns the boxes and waypoints of each edge, and the ranks extended by those of the waypoints."""
    ranks = list(ranks)
    chains = []
    for source, target in edges:
        between = range(ranks[source] + 1, ranks[target])
        chains.append([source, *range(len(ranks), len(ranks) + len(between)), target])
        ranks += between
    return chains, ranks


def _neighbors(count: int, links: Iterable[_Link]) -> tuple[_Neighbors, _Neighbors]:
    """Returns the sources and the targets of each item."""
    above: _Neighbors = [[] for _ in range(count)]
    below: _Neighbors = [[] for _ in range(count)]
    for source, target in links:
        above[target].append(source)
        below[source].append(target)
    return above, below


def _ordered_rows(ranks: Sequence[int], above: _Neighbors, below: _Neighbors) -> _Rows:
    """Orders the boxes and waypoints of each rank from left to right."""
    rows: _Rows = [[] for _ in range(max(ranks) + 1)]
    for item in _depth_first(ranks, above, below):
        rows[ranks[item]].append(item)
    best, fewest = [list(row) for row in rows], _crossings(rows, below)
    for sweep in range(16):
        if not fewest:
            break
        neighbors = below if sweep % 2 else above
        for row in reversed(rows) if sweep % 2 else rows:
            _sort_by_neighbors(row, rows, ranks, neighbors)
        _swap_pairs(rows, above, below)
        crossings = _crossings(rows, below)
        if crossings < fewest:
            best, fewest = [list(row) for row in rows], crossings
    return best


def _depth_first(ranks: Sequence[int], above: _Neighbors, below: _Neighbors) -> Iterator[int]:
    seen: set[int] = set()
    for start in range(len(ranks)):
        stack = [] if above[start] else [start]
        while stack:
            item = stack.pop()
            if item not in seen:
                seen.add(item)
                yield item
                stack.extend(reversed(below[item]))


def _sort_by_neighbors(row: list[int], rows: _Rows, ranks: Sequence[int], neighbors: _Neighbors) -> None:
    """Sorts a row by the mean position of the neighbors of each item."""
    key: dict[int, float] = {item: i for i, item in enumerate(row)}
    for item in row:
        near = [rows[ranks[other]].index(other) for other in neighbors[item]]
        if near:
            key[item] = sum(near) / len(near)
    row.sort(key=key.__getitem__)


def _swap_pairs(rows: _Rows, above: _Neighbors, below: _Neighbors) -> None:
    """Swaps adjacent items where that removes crossings."""
    for number, row in enumerate(rows):
        upper = {item: i for i, item in enumerate(rows[number - 1])} if number else {}
        lower = {item: i for i, item in enumerate(rows[number + 1])} if number + 1 < len(rows) else {}
        for i in range(len(row) - 1):
            left, right = row[i], row[i + 1]
            now, swapped = 0, 0
            for order, sides in ((upper, above), (lower, below)):
                pairs = [(order[a], order[b]) for a in sides[left] for b in sides[right]]
                now += sum(a > b for a, b in pairs)
                swapped += sum(a < b for a, b in pairs)
            if swapped < now:
                row[i], row[i + 1] = right, left


def _crossings(rows: _Rows, below: _Neighbors) -> int:
    """Counts the crossings of links between adjacent rows."""
    count = 0
    for upper, lower in pairwise(rows):
        index = {item: i for i, item in enumerate(lower)}
        ends = [index[other] for item in upper for other in sorted(below[item], key=index.__getitem__)]
        count += sum(a > b for i, a in enumerate(ends) for b in ends[i + 1 :])
    return count


def _columns(
    rows: _Rows,
    widths: Sequence[float],
    links: Sequence[_Link],
    above: _Neighbors,
    below: _Neighbors,
    boxes: int,
) -> list[float]:
    """Returns the x coordinate of the center of each box and waypoint.

    Items on a straight line (a chain of boxes, a long arrow) move as one block. The sum of
    weight * distance**2 over the links is minimized without overlaps, iteratively: each block moves half of
    the way to the weighted mean of its neighbors, then overlapping blocks move apart, heavy ones less.
    """
    block = _blocks(rows, above, below)
    pulls = _pulls(links, block, boxes)
    mass = {name: sum(weight for _, weight in near) or 0.1 for name, near in pulls.items()}
    gaps = _gaps(rows, widths, block)
    order = _left_to_right(pulls, gaps)
    x = _apart(dict.fromkeys(pulls, 0.0), order, gaps)
    for _ in range(_ITERATIONS):
        force = {name: sum(weight * (x[other] - x[name]) for other, weight in pulls[name]) for name in x}
        for name in x:
            x[name] += 0.5 * force[name] / mass[name]
        for (left, right), gap in gaps.items():
            overlap = x[left] + gap - x[right]
            if overlap > 0:
                share = overlap / (mass[left] + mass[right])
                x[left] -= share * mass[right]
                x[right] += share * mass[left]
    x = _apart(x, order, gaps)
    centers = [x[block[item]] for item in range(len(widths))]
    left = min(center - width / 2 for center, width in zip(centers, widths, strict=True))
    return [center - left for center in centers]


def _blocks(rows: _Rows, above: _Neighbors, below: _Neighbors) -> dict[int, _Block]:
    """Returns the block of each item.

    A block continues where an item has a single target that has no other source.
    """
    block: dict[int, _Block] = {}
    for number, row in enumerate(rows):
        index = {item: i for i, item in enumerate(rows[number - 1])} if number else {}
        straight = {
            i: index[above[item][0]]
            for i, item in enumerate(row)
            if len(above[item]) == 1 and len(below[above[item][0]]) == 1
        }
        for i, item in enumerate(row):
            block[item] = number, i
            if i in straight and not any(
                (straight[i] - start) * (i - j) < 0 for j, start in straight.items()
            ):
                block[item] = block[above[item][0]]
    return block


def _pulls(
    links: Sequence[_Link], block: Mapping[int, _Block], boxes: int
) -> dict[_Block, list[tuple[_Block, float]]]:
    """Returns the (linked block, weight) of each block."""
    pulls: dict[_Block, list[tuple[_Block, float]]] = {name: [] for name in block.values()}
    for source, target in links:
        upper, lower = block[source], block[target]
        if upper != lower:
            # Boxes stay aligned, and long arrows bend around them.
            weight = 0.2 if max(source, target) >= boxes else 1
            pulls[upper].append((lower, weight))
            pulls[lower].append((upper, weight))
    return pulls


def _gaps(rows: _Rows, widths: Sequence[float], block: Mapping[int, _Block]) -> _Gaps:
    """Returns (block, block to its right) -> smallest allowed distance."""
    gaps: _Gaps = {}
    for row in rows:
        for left, right in pairwise(row):
            pair = block[left], block[right]
            gaps[pair] = max(gaps.get(pair, 0), (widths[left] + widths[right]) / 2 + COLUMN_GAP)
    return gaps


def _left_to_right(blocks: Iterable[_Block], gaps: _Gaps) -> list[_Block]:
    """Orders blocks such that each follows those to its left. Blocks do not cross, so the order exists."""
    lefts: dict[_Block, list[_Block]] = {name: [] for name in blocks}
    for left, right in gaps:
        lefts[right].append(left)
    return list(graphlib.TopologicalSorter(lefts).static_order())


def _apart(wanted: Mapping[_Block, float], order: Sequence[_Block], gaps: _Gaps) -> dict[_Block, float]:
    """Returns positions without overlaps: the mean of pushing all blocks to the right and to the left."""
    rightmost, leftmost = dict(wanted), dict(wanted)
    lefts: dict[_Block, list[tuple[_Block, float]]] = {name: [] for name in wanted}
    rights: dict[_Block, list[tuple[_Block, float]]] = {name: [] for name in wanted}
    for (left, right), gap in gaps.items():
        lefts[right].append((left, gap))
        rights[left].append((right, gap))
    for name in order:
        rightmost[name] = max([wanted[name], *(rightmost[left] + gap for left, gap in lefts[name])])
    for name in reversed(order):
        leftmost[name] = min([wanted[name], *(leftmost[right] - gap for right, gap in rights[name])])
    return {name: (leftmost[name] + rightmost[name]) / 2 for name in wanted}


def _row_limits(
    rows: _Rows, sizes: Sequence[tuple[float, float]], x: Sequence[float], links: Sequence[_Link]
) -> tuple[list[float], list[float]]:
    """Returns the y coordinates of the top and the bottom of each row."""
    rank_of = {item: number for number, row in enumerate(rows) for item in row}
    slants = [0.0] * len(rows)
    for source, target in links:
        slants[rank_of[source]] = max(slants[rank_of[source]], abs(x[source] - x[target]))
    tops, bottoms, y = [], [], 0.0
    for row, slant in zip(rows, slants, strict=True):
        tops.append(y)
        y += max((sizes[item][1] for item in row if item < len(sizes)), default=0)
        bottoms.append(y)
        y += ROW_GAP + min(0.06 * slant, ROW_GAP)  # room for arrows that reach far to the side
    return tops, bottoms


def _ports(
    chains: Sequence[Sequence[int]], x: Sequence[float], sizes: Sequence[tuple[float, float]]
) -> list[float]:
    """Returns where each edge ends, relative to the center of its lower box: side by side."""
    ports = [0.0] * len(chains)
    for box, (width, _) in enumerate(sizes):
        ending = [i for i, chain in enumerate(chains) if chain[-1] == box]
        ending.sort(key=lambda i: x[chains[i][-2]])
        gap = min(_PORT_GAP, 0.8 * width / max(len(ending), 1))
        for number, i in enumerate(ending):
            ports[i] = (number - (len(ending) - 1) / 2) * gap
    return ports


def _waypoints(
    chain: Sequence[int],
    ranks: Sequence[int],
    x: Sequence[float],
    tops: Sequence[float],
    bottoms: Sequence[float],
    corners: Sequence[Point],
    sizes: Sequence[tuple[float, float]],
    port: float,
) -> list[Point]:
    """Returns the points through which an edge runs."""
    source, *between, target = chain
    end = x[target] + port
    points = [(x[source], corners[source][1] + sizes[source][1]), (x[source], bottoms[ranks[source]])]
    for item in between:
        points += [(x[item], tops[ranks[item]]), (x[item], bottoms[ranks[item]])]
    points.append((end, tops[ranks[target]]))
    # The bottom of a box as high as its row is the bottom of the row: one point, not two.
    return [point for i, point in enumerate(points) if not i or point[1] > points[i - 1][1] + 0.01]


def _bend(start: Point, end: Point) -> Curve:
    """Returns a curve that leaves and arrives vertically."""
    middle = (start[1] + end[1]) / 2
    return start, (start[0], middle), (end[0], middle), end
