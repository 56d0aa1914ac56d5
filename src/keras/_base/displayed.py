"""What a notebook shows instead of the `repr` of an object."""

from .rooms import room


class Displayed:
    """Base of classes whose objects show themselves in a notebook. A terminal shows their `repr`."""

    def _repr_html_(self) -> str | None:
        return room("_display").html_of(self)
