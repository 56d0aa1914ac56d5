"""Where the boxes and arrows of a drawn graph go. Knows nothing of models.

The steps are those of Sugiyama, Tagawa and Toda 1981 (IEEE Trans. SMC 11, 109-125): give every box a
rank, order the boxes of a rank so that few arrows cross, then move them to where the arrows are
straight. An arrow over several ranks has a waypoint in each of them, which takes its place in the row
like a box, so that no arrow runs through a box.
"""

from typing import NamedTuple

COLUMN_GAP = 26
ROW_GAP = 32
_WAYPOINT_WIDTH = 10
_PORT_GAP = 16


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
    x = _columns(rows, widths, above, below, len(sizes))
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


def _columns(rows, widths, above, below, boxes):
    """The x coordinate of the middle of each box and waypoint."""
    x = [0.0] * len(widths)
    for row in rows:
        _place(row, [0.0] * len(row), [1.0] * len(row), widths, x)
    both = [a + b for a, b in zip(above, below, strict=True)]
    for sweep in range(48):
        neighbours = (above, below)[sweep % 2] if sweep < 24 else both
        for row in reversed(rows) if sweep % 2 else rows:
            wanted, weights = [], []
            for item in row:
                pulls = [(_pull(item, other, boxes), x[other]) for other in neighbours[item]]
                weight = sum(pull for pull, _ in pulls)
                wanted.append(sum(p * at for p, at in pulls) / weight if weight else x[item])
                weights.append(weight or 0.1)
            _place(row, wanted, weights, widths, x)
    left = min(at - width / 2 for at, width in zip(x, widths, strict=True))
    return [at - left for at in x]


def _pull(item, other, boxes):
    """How much an arrow wants to be straight: long ones more."""
    return (1, 3, 8)[(item >= boxes) + (other >= boxes)]


def _place(row, wanted, weights, widths, x):
    """Puts a row as near as can be (least weighted squares) to the wanted places, without overlaps.

    With the widths taken off, places must not decrease: neighbours that would are pooled at their mean.
    """
    offsets, reach = [], 0.0
    for i, item in enumerate(row):
        if i:
            reach += (widths[row[i - 1]] + widths[item]) / 2 + COLUMN_GAP
        offsets.append(reach)
    pools = []
    for target, weight, offset in zip(wanted, weights, offsets, strict=True):
        pools.append([target - offset, weight, 1])
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            place, total, count = pools.pop()
            before = pools[-1]
            before[0] = (before[0] * before[1] + place * total) / (before[1] + total)
            before[1] += total
            before[2] += count
    places = [place for place, _, count in pools for _ in range(count)]
    for item, place, offset in zip(row, places, offsets, strict=True):
        x[item] = place + offset


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
