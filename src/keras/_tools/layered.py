"""Where the boxes and arrows of a drawn graph go. Knows nothing of models.

The steps are those of Sugiyama, Tagawa and Toda 1981 (IEEE Trans. SMC 11, 109-125): give every box a
rank, order the boxes of a rank so that few arrows cross, then move them to where the arrows are
straight. An arrow over several ranks has a waypoint in each of them, which takes its place in the row
like a box, so that no arrow runs through a box.
"""

import graphlib
from typing import NamedTuple

COLUMN_GAP = 26
ROW_GAP = 32
_WAYPOINT_WIDTH = 10
_PORT_GAP = 16
_TURNS = 300


class Layout(NamedTuple):
    """A drawing; all lengths in one unit, y downwards.

    Attributes:
        corners: list of (x, y), the upper left corner of each box.
        curves: for each arrow a list of cubic curves, each of four points.
        size: (width, height).
    """

    corners: list
    curves: list
    size: tuple


def arrange(sizes, edges):
    """Places boxes and arrows.

    Args:
        sizes: list of (width, height), one for each box. Most arrows go from a box to a later one.
        edges: list of (source, target), different places in `sizes`, no pair twice.
    """
    if not sizes:
        return Layout([], [], (0, 0))
    downward = [(min(edge), max(edge)) for edge in edges]
    ranks = _ranks(len(sizes), downward)
    chains, ranks = _chains(downward, ranks)
    widths = [width for width, _ in sizes] + [_WAYPOINT_WIDTH] * (len(ranks) - len(sizes))
    links = sorted({link for chain in chains for link in zip(chain, chain[1:], strict=False)})
    above, below = _neighbours(len(ranks), links)
    rows = _ordered_rows(ranks, above, below)
    x = _columns(rows, widths, links, above, below, len(sizes))
    tops, bottoms = _row_limits(rows, sizes, x, links)
    corners = [(x[box] - width / 2, tops[ranks[box]]) for box, (width, _) in enumerate(sizes)]
    ports = _ports(chains, x, sizes)
    curves = []
    for chain, edge, downward_edge, port in zip(chains, edges, downward, ports, strict=True):
        points = _waypoints(chain, ranks, x, tops, bottoms, corners, sizes, port)
        points = points if edge == downward_edge else points[::-1]
        curves.append([_bend(start, end) for start, end in zip(points, points[1:], strict=False)])
    return Layout(corners, curves, (max(a + b / 2 for a, b in zip(x, widths, strict=True)), bottoms[-1]))


def _ranks(count, edges):
    """A rank for each box, smaller than those of the boxes it leads to, with short arrows."""
    sources, targets = _neighbours(count, edges)
    ranks = [0] * count
    for box in range(count):
        ranks[box] = max((ranks[source] + 1 for source in sources[box]), default=0)
    for _ in range(4):
        for box in reversed(range(count)):
            if targets[box] and len(targets[box]) >= len(sources[box]):
                ranks[box] = min(ranks[target] for target in targets[box]) - 1
            elif sources[box]:
                ranks[box] = max(ranks[source] for source in sources[box]) + 1
    used = {rank: place for place, rank in enumerate(sorted(set(ranks)))}
    return [used[rank] for rank in ranks]


def _chains(edges, ranks):
    """Each edge as the boxes and waypoints it goes through, and the ranks with those of the waypoints."""
    ranks = list(ranks)
    chains = []
    for source, target in edges:
        between = range(ranks[source] + 1, ranks[target])
        chains.append([source, *range(len(ranks), len(ranks) + len(between)), target])
        ranks += between
    return chains, ranks


def _neighbours(count, links):
    above, below = [[] for _ in range(count)], [[] for _ in range(count)]
    for source, target in links:
        above[target].append(source)
        below[source].append(target)
    return above, below


def _ordered_rows(ranks, above, below):
    """The boxes and waypoints of each rank, from left to right."""
    rows = [[] for _ in range(max(ranks) + 1)]
    for item in _depth_first(ranks, above, below):
        rows[ranks[item]].append(item)
    best, fewest = [list(row) for row in rows], _crossings(rows, below)
    for sweep in range(16):
        if not fewest:
            break
        neighbours = below if sweep % 2 else above
        for row in reversed(rows) if sweep % 2 else rows:
            _sort_by_neighbours(row, rows, ranks, neighbours)
        _swap_pairs(rows, above, below)
        crossings = _crossings(rows, below)
        if crossings < fewest:
            best, fewest = [list(row) for row in rows], crossings
    return best


def _depth_first(ranks, above, below):
    seen = set()
    for start in range(len(ranks)):
        stack = [] if above[start] else [start]
        while stack:
            item = stack.pop()
            if item not in seen:
                seen.add(item)
                yield item
                stack.extend(reversed(below[item]))


def _sort_by_neighbours(row, rows, ranks, neighbours):
    place = {item: i for i, item in enumerate(row)}
    for item in row:
        near = [rows[ranks[other]].index(other) for other in neighbours[item]]
        if near:
            place[item] = sum(near) / len(near)
    row.sort(key=place.__getitem__)


def _swap_pairs(rows, above, below):
    """Swaps items that stand side by side as long as that takes crossings away."""
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


def _crossings(rows, below):
    count = 0
    for upper, lower in zip(rows, rows[1:], strict=False):
        place = {item: i for i, item in enumerate(lower)}
        ends = [place[other] for item in upper for other in sorted(below[item], key=place.__getitem__)]
        count += sum(a > b for i, a in enumerate(ends) for b in ends[i + 1 :])
    return count


def _columns(rows, widths, links, above, below, boxes):
    """The x coordinate of the middle of each box and waypoint.

    What lies on a straight line (a chain of boxes, a long arrow) is moved as one block. Sought is the
    least sum of weight * distance**2 over the links, without overlaps: in turns, each block goes half of
    the way to the mean of those it is linked to, and blocks that overlap move apart, heavy ones less.
    """
    block = _blocks(rows, above, below)
    pulls = _pulls(links, block, boxes)
    mass = {name: sum(weight for _, weight in near) or 0.1 for name, near in pulls.items()}
    gaps = _gaps(rows, widths, block)
    order = _left_to_right(pulls, gaps)
    x = _apart(dict.fromkeys(pulls, 0.0), order, gaps)
    for _ in range(_TURNS):
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
    places = [x[block[item]] for item in range(len(widths))]
    left = min(at - width / 2 for at, width in zip(places, widths, strict=True))
    return [at - left for at in places]


def _blocks(rows, above, below):
    """For each item the name of its block, which is the row and place of the block's first item.

    A block goes on where one item leads to a single one that nothing else leads to.
    """
    block = {}
    for number, row in enumerate(rows):
        place = {item: i for i, item in enumerate(rows[number - 1])} if number else {}
        straight = {
            i: place[above[item][0]]
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


def _pulls(links, block, boxes):
    """For each block a list of (other block, weight)."""
    pulls = {name: [] for name in block.values()}
    for source, target in links:
        upper, lower = block[source], block[target]
        if upper != lower:
            # Boxes stay in line with each other, and long arrows go around.
            weight = 0.2 if max(source, target) >= boxes else 1
            pulls[upper].append((lower, weight))
            pulls[lower].append((upper, weight))
    return pulls


def _gaps(rows, widths, block):
    """Dict (block, block to its right) -> least distance."""
    gaps = {}
    for row in rows:
        for left, right in zip(row, row[1:], strict=False):
            pair = block[left], block[right]
            gaps[pair] = max(gaps.get(pair, 0), (widths[left] + widths[right]) / 2 + COLUMN_GAP)
    return gaps


def _left_to_right(blocks, gaps):
    """The blocks, each behind those to its left. Straight lines that do not cross have such an order."""
    lefts = {name: [] for name in blocks}
    for left, right in gaps:
        lefts[right].append(left)
    return list(graphlib.TopologicalSorter(lefts).static_order())


def _apart(wanted, order, gaps):
    """Places without overlaps: the mean of pushing everything to the right and to the left."""
    rightmost, leftmost = dict(wanted), dict(wanted)
    lefts, rights = {name: [] for name in wanted}, {name: [] for name in wanted}
    for (left, right), gap in gaps.items():
        lefts[right].append((left, gap))
        rights[left].append((right, gap))
    for name in order:
        rightmost[name] = max([wanted[name], *(rightmost[left] + gap for left, gap in lefts[name])])
    for name in reversed(order):
        leftmost[name] = min([wanted[name], *(leftmost[right] - gap for right, gap in rights[name])])
    return {name: (leftmost[name] + rightmost[name]) / 2 for name in wanted}


def _row_limits(rows, sizes, x, links):
    """The y coordinates of the upper and lower end of each row."""
    rank_of = {item: number for number, row in enumerate(rows) for item in row}
    slants = [0.0] * len(rows)
    for source, target in links:
        slants[rank_of[source]] = max(slants[rank_of[source]], abs(x[source] - x[target]))
    tops, bottoms, y = [], [], 0.0
    for row, slant in zip(rows, slants, strict=True):
        tops.append(y)
        y += max((sizes[item][1] for item in row if item < len(sizes)), default=0)
        bottoms.append(y)
        y += ROW_GAP + min(0.06 * slant, ROW_GAP)  # room for arrows that go far to the side
    return tops, bottoms


def _ports(chains, x, sizes):
    """How far from the middle of its lower box each edge ends: side by side, not on one point."""
    ports = [0.0] * len(chains)
    for box, (width, _) in enumerate(sizes):
        ending = [i for i, chain in enumerate(chains) if chain[-1] == box]
        ending.sort(key=lambda i: x[chains[i][-2]])
        gap = min(_PORT_GAP, 0.8 * width / max(len(ending), 1))
        for place, i in enumerate(ending):
            ports[i] = (place - (len(ending) - 1) / 2) * gap
    return ports


def _waypoints(chain, ranks, x, tops, bottoms, corners, sizes, port):
    source, *between, target = chain
    end = x[target] + port
    points = [(x[source], corners[source][1] + sizes[source][1]), (x[source], bottoms[ranks[source]])]
    for item in between:
        points += [(x[item], tops[ranks[item]]), (x[item], bottoms[ranks[item]])]
    points.append((end, tops[ranks[target]]))
    # A box as high as its row leaves nothing between the box and the end of the row.
    return [point for i, point in enumerate(points) if not i or point[1] > points[i - 1][1] + 0.01]


def _bend(start, end):
    """A curve that leaves and arrives vertically."""
    middle = (start[1] + end[1]) / 2
    return start, (start[0], middle), (end[0], middle), end
