"""Reliability as figures: each row of the table is a measurement with a bar that it has to meet.

    python tasks.py reliability                 every row in full, then the table (Markdown)
    python tasks.py reliability --quick B1 B3   some rows with small counts, as the test suite runs them
    python tasks.py reliability --keras3 /path/to/python
                                                measure Keras 3 beside, where a row knows how

**How to add a row.** Write a module here with a list `ROWS` of `Row(id, what, bar, keras_3, measure)`, and
name the module in `table.py`. `measure(run)` does the work and returns a `Figure`: what to print under
"ours", and whether the bar is met. It takes small counts where `run.quick` is true (a few seconds; the test
suite calls every row like that) and writes only under `run.folder`. Work that may crash, hang or be killed
belongs in a child: `forks.py` gives children that have imported keras already. See `damage.py` for a short
example.
"""
