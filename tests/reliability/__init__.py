"""Reliability in figures: each row of the table is a measurement with a bar to meet.

    python tasks.py reliability                 measures every row in full, then prints the table (Markdown)
    python tasks.py reliability --quick B1 B3   measures some rows with small counts, as the test suite does
    python tasks.py reliability --keras3 /path/to/python
                                                also measures Keras 3, for the rows that can

**How to add a row.** Write a module here with a list `ROWS` of `Row(id, what, bar, keras_3, measure)`, and
add the module to `table.py`. `measure(run)` does the work and returns a `Figure`: the text for the column
"ours", and whether the bar is met. It uses small counts if `run.quick` is true (a few seconds; the test suite
calls every row like that) and writes only under `run.folder`. Work that may crash, hang or be killed belongs
in a child process: `forks.py` provides children that have already imported keras. See `damage.py` for a short
example.
"""
