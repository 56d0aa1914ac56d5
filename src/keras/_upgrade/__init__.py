"""Programs of Keras 1 in the names of Keras 3.

    names.py        the path of each name in Keras 3, and what Keras 3 has no counterpart of
    arguments.py    the arguments of a call, by the table of spellings read from right to left
    script.py       which parts of a program are replaced
    source.py       the text of a program with parts replaced

The program is read, never run. What has another meaning gets a comment; what cannot be translated stays, with
a comment that says so.
"""

from dataclasses import dataclass

from .. import backend as K
from .script import Script


@dataclass(frozen=True)
class Upgraded:
    """A program in the names of Keras 3.

    Attributes:
        code: the program.
        notes: (line of the old program, text) where the meaning changes.
        lost: (line of the old program, text) where nothing could be written instead.
    """

    code: str
    notes: list[tuple[int, str]]
    lost: list[tuple[int, str]]


def upgrade(code: str, name: str = "program", image_ordering: str | None = None) -> Upgraded:
    """Rewrites a program of Keras 1.

    Args:
        code: the program, in Python 3.
        name: its name, for messages.
        image_ordering: "th" or "tf", which the program expects where it sets none; None for that of `K`.

    Raises:
        ValueError: the code is no Python 3.

    Example:
        >>> upgrade("from keras.layers import Dense\\ny = Dense(2, init='zero')\\n").code
        "from keras.layers import Dense\\ny = Dense(2, kernel_initializer='zeros')\\n"
    """
    script = Script(code, name)
    script.rewritten()  # finds what to say above the statements
    source = script.source
    notes, lost = [], []
    for statement, text, is_lost in script.notes:
        place = source.with_a_line(statement)
        line = f"{source.indentation(place)}# {'NOT TRANSLATED' if is_lost else 'Keras 3'}: {text}\n"
        source.above[place] = source.above.get(place, "") + line
        (lost if is_lost else notes).append((statement.lineno, text))
    first, last = script.imports()
    if first is not None and script.needs_keras and script.paths.get("keras") != "":
        source.above[first] = source.above.get(first, "") + "import keras\n"
    is_th = (image_ordering or K.image_dim_ordering()) == "th"
    if last is not None and is_th and script.has_images and not script.sets_ordering:
        source.below[last] = "\n\nkeras.config.set_image_data_format('channels_first')"
    return Upgraded(script.rewritten(), notes, lost)
