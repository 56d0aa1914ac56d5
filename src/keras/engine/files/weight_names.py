"""Which array of a file belongs to which weight, by their names.

Within a layer a file lists the arrays in an order that depends on what was frozen when it was written, and in
a new program the automatic numbers in names are others (`dense_7_W` for `dense_1_W`).
"""

import re
from collections.abc import Callable, Sequence
from typing import TypeAlias

_NUMBER = re.compile(r"_(\d+)(?![^_:/])")

#: For each weight, the index of its array.
Places: TypeAlias = list[int]


def matching_places(
    who: str, own: Sequence[str], stored: Sequence[str], by_place: Places, fits: Callable[[Places], bool]
) -> Places:
    """Finds the array of each weight.

    If the names are the same, they decide. If they differ only in numbers, the n-th of a kind is the n-th of
    that kind. Otherwise the place decides, or, where the two rules contradict each other, the shapes.

    Args:
        who: str for messages, such as "layer 'encoder'".
        own: names of the weights, all different.
        stored: names of the arrays, as many and all different.
        by_place: for each weight, the array in its place.
        fits: function from places to bool, whether the shapes agree.

    Raises:
        ValueError: the two rules contradict each other, and the shapes agree with both.
    """
    if set(own) == set(stored):
        index = {name: place for place, name in enumerate(stored)}
        return [index[name] for name in own]
    by_number, certain = _by_number(own, stored)
    if by_number is None or by_number == by_place or not fits(by_number):
        return by_place
    if certain or not fits(by_place):
        return by_number
    first = next(i for i, pair in enumerate(zip(by_place, by_number, strict=True)) if pair[0] != pair[1])
    raise ValueError(
        f"The weights of {who} cannot be matched: in the place of {own[first]!r} the file has "
        f"{stored[by_place[first]]!r}, and by its number it would be {stored[by_number[first]]!r}. Set "
        "`trainable` of the layers inside as it was when the file was written, or give these layers the "
        "names that they have in the file."
    )


def _by_number(own: Sequence[str], stored: Sequence[str]) -> tuple[Places | None, bool]:
    """Returns (places by the numbers in names or None, whether there is only one name of each kind)."""
    own_kinds, stored_kinds = _kinds(own), _kinds(stored)
    if {kind: len(found) for kind, found in own_kinds.items()} != {
        kind: len(found) for kind, found in stored_kinds.items()
    }:
        return None, False
    places = [0] * len(own)
    for kind, found in own_kinds.items():
        for mine, its in zip(found, stored_kinds[kind], strict=True):
            places[mine] = its
    return places, all(len(found) == 1 for found in own_kinds.values())


def _kinds(names: Sequence[str]) -> dict[str, Places]:
    """Returns the name without its numbers -> indices, sorted by these numbers."""
    kinds: dict[str, list[tuple[list[int], int]]] = {}
    for index, name in enumerate(names):
        numbers = [int(number) for number in _NUMBER.findall(name)]
        kinds.setdefault(_NUMBER.sub("", name), []).append((numbers, index))
    return {kind: [index for _, index in sorted(found)] for kind, found in kinds.items()}
