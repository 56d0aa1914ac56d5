"""What was loaded holds bytes of the file alone, never other memory of the process.

A child process runs with all memory poisoned that malloc hands out: whatever is not written first shows.
"""

import os
import subprocess
import sys

import pytest
from attacks.hdf5_structures import cases
from hdf5_trials import mutations, small_files

_FREED = 0x5A
POISON = bytes([_FREED ^ 0xFF]) * 8  # what glibc writes into new memory

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs glibc, whose malloc can poison memory")


def in_poisoned_memory(code):
    """Returns what a child process prints whose new memory is full of `POISON`."""
    environment = {
        **os.environ,
        "MALLOC_PERTURB_": str(_FREED),
        "PYTHONMALLOC": "malloc",
        "PYTHONPATH": os.pathsep.join([os.path.dirname(__file__), *sys.path]),
    }
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def disclosures():
    """Reads attacks and mutations; returns (how many arrays were read, how many held poison)."""
    images = [case.content for case in cases() if case.family.startswith("hdf5")]
    for seed in range(15):
        images += mutations.mutations(small_files.image(small_files.old_chunks), 10, seed)
        images += mutations.mutations(small_files.image(small_files.fixed_array), 10, seed)
    arrays = found = 0
    with mutations.checksums_ignored():
        for image in images:
            try:
                read, strings, _ = mutations.read_everything(image)
            except mutations.DOCUMENTED:
                continue
            arrays += len(read)
            held = [array.tobytes() for array in read] + [text.encode("utf-8", "replace") for text in strings]
            found += sum(POISON in data for data in held)
    return arrays, found


def test_no_memory_of_the_process_is_loaded():
    arrays, found = map(
        int, in_poisoned_memory("import test_disclosure as t; print(*t.disclosures())").split()
    )
    assert arrays > 200 and found == 0


def test_poison_would_show():
    code = "import numpy, test_disclosure as t; print(t.POISON in numpy.empty(100_000, 'u1').tobytes())"
    assert in_poisoned_memory(code) == "True"
