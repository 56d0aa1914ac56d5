"""Bad input (G1): each mistake in the list has a test whose id begins with that of the mistake."""

import collections
import re
import subprocess
import sys
from pathlib import Path

from reliability.row import Figure, Row

# Where pytest has to run: processes that tests start import their module through its package.
ROOT = Path(__file__).resolve().parents[2]
FILES = ["tests/test_bad_input.py", "tests/test_bad_files.py", "tests/engine/fitting/feeds/test_workers.py"]
#: Number of mistakes of each kind: Input, Dense, layers, models, compile, fit, generators, predict, files.
COUNTS = {"I": 6, "D": 7, "L": 11, "M": 6, "C": 8, "F": 21, "G": 4, "P": 5, "S": 10}
ROW_IDS = [f"{kind}{number}" for kind, count in COUNTS.items() for number in range(1, count + 1)]


def mistakes(run):
    """Measures G1: runs the tests of all mistakes. A quick run only collects them, as the suite runs them."""
    options = ["--collect-only", "-q"] if run.quick else ["-rA", "--tb=line"]
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *options]
    done = subprocess.run(
        [*command, *FILES], cwd=ROOT, capture_output=True, text=True, timeout=120 if run.quick else 900
    )
    found = collections.defaultdict(list)
    for line in done.stdout.splitlines():
        match = re.search(r"\[(?:.*-)?([A-Z]\d+)(?:-.*)?\]$", line.partition(" - ")[0])
        if match and match[1] in ROW_IDS and ("::" in line):
            found[match[1]].append(line)
    problems = [f"{row}: no test" for row in ROW_IDS if row not in found]
    problems += [line for lines in found.values() for line in lines if line.startswith(("FAILED", "ERROR"))]
    cases = sum(map(len, found.values()))
    good = len(ROW_IDS) - len({problem.partition(":")[0] for problem in problems})
    return Figure(f"{good} of {len(ROW_IDS)} rows, {cases} cases", not problems, None, tuple(problems))


ROWS = [
    Row("G1", "bad input named: who, what came, what was wanted", "all 78 rows", "84 of 127 cases", mistakes)
]
