"""The command that measures the rows and prints the table; see the docstring of the package."""

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]


def main(arguments):
    """Measures rows and prints the table. Returns 1 if a bar is missed without a known reason."""
    parser = argparse.ArgumentParser("reliability", description="Measures reliability, row by row.")
    parser.add_argument("rows", nargs="*", metavar="ROW", help="ids of rows, such as B1; all if none")
    parser.add_argument("--quick", action="store_true", help="small counts, as in the test suite")
    parser.add_argument("--keras3", metavar="PYTHON", help="a Python with Keras 3, which is measured too")
    options = parser.parse_args(arguments)
    try:
        rows = by_ids(options.rows)
    except ValueError as error:
        parser.error(str(error))
    results = []
    for row in rows:
        started = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="reliability-") as folder:
            figure = row.measure(Run(Path(folder), options.quick, options.keras3))
        results.append((row, figure))
        verdict = "good" if figure.good else "known" if figure.as_expected else "NOT GOOD"
        print(f"{row.id}: {figure.ours} ({verdict}, {time.monotonic() - started:.0f} s)", file=sys.stderr)
        for problem in figure.problems[:20]:
            print(f"    {problem}", file=sys.stderr)
    print(as_markdown(results))
    return 0 if all(figure.as_expected for _, figure in results) else 1


if __name__ == "__main__":
    # This checkout is measured, here and in child processes, whatever version is installed.
    sys.path[:0] = [str(TESTS.parent / "src"), str(TESTS)]
    os.environ["PYTHONPATH"] = os.pathsep.join(sys.path[:2])
    os.environ.setdefault("JAX_PLATFORMS", "cpu")
    from reliability.row import Run
    from reliability.table import as_markdown, by_ids

    sys.exit(main(sys.argv[1:]))
