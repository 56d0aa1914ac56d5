"""The table: all rows, in the order of their ids."""

import importlib

_MODULES = """
    attack_files bad_input changed_configs damage downloads fuzz hosts interrupted protection resume
    round_trip steady workers
"""
ROWS = sorted(
    (row for name in _MODULES.split() for row in importlib.import_module(f"reliability.{name}").ROWS),
    key=lambda row: row.id,
)


def by_ids(ids):
    """Returns the rows with these ids, or all rows if there are none.

    Raises:
        ValueError: an id is unknown.
    """
    unknown = set(ids) - {row.id for row in ROWS}
    if unknown:
        raise ValueError(f"No row {sorted(unknown)}; there are {[row.id for row in ROWS]}.")
    return [row for row in ROWS if not ids or row.id in ids]


def as_markdown(results):
    """Returns the table as Markdown.

    Args:
        results: list of (`Row`, `Figure`).
    """
    lines = ["| Row | What | Ours | Bar | Keras 3.15.1 |", "| --- | --- | --- | --- | --- |"]
    for row, figure in results:
        ours = figure.ours if figure.good else f"**Not met:** {figure.ours}"
        if figure.why_not:
            ours += f" ({figure.why_not})"
        cells = [row.id, row.what, ours, row.bar, figure.keras_3 or row.keras_3]
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines)
