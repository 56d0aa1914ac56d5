"""Reliability as figures: each row of the table is a measurement and the bar that it must meet.

    python tasks.py reliability                 every row in full, then the table (Markdown)
    python tasks.py reliability --quick B1 B3   some rows with small counts, as the test suite runs them
    python tasks.py reliability --keras3 /path/to/python
                                                also measure Keras 3, for the rows that support it

**How to add a row.** Write a module here with a list `ROWS` of `Row(id, what, bar, keras_3, measure)`, and
name the module in `table.py`. `measure(run)` does the work and returns a `Figure`: the text for the column
"ours", and whether the bar is met. If `run.quick` is true it uses small counts (a few seconds; the suite
calls every row like this). It writes only under `run.folder`. Work that may crash, hang or be killed belongs
in a child process: `forks.py` provides children that have already imported keras. See `damage.py` for a short
example.
"""
