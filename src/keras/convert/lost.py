"""What a conversion cannot carry over."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Lost:
    """A part of a model that another format cannot hold.

    Attributes:
        what: str, a sentence without a full stop, such as "layer 'h' (Highway): Keras 2 has no such layer".
        blocks: bool, whether the model would predict or mean something else without it. Otherwise only a
            further training would differ, and the rest is worth writing.
    """

    what: str
    blocks: bool = True

    def __str__(self) -> str:
        return self.what


class CannotCarryOver(ValueError):
    """Parts of a model that the target cannot hold; nothing was written.

    Attributes:
        lost: list of `Lost`.
    """

    def __init__(self, target: str, lost: list[Lost]) -> None:
        self.lost = lost
        super().__init__(f"{target} is not written: {'; '.join(map(str, lost))}.")
