"""Properties of reading HDF5 files whose structures were changed.

For each small file of `hdf5_trials` and any change of what the reader looks at: it ends, with a documented
error if with one, and takes no more memory and steps than a file of this size may. More trials are row H1
of the reliability table.
"""

import numpy as np
import pytest
from hdf5_trials import mutations, small_files

from keras._base.budget import BASE_STEPS, STEPS_PER_BYTE
from keras._files.hdf5_reader.source import Source


@pytest.mark.parametrize("writer", small_files.WRITERS, ids=lambda writer: writer.__name__)
def test_changed_structures_raise_documented_errors_at_the_cost_of_their_size(writer):
    _, problems = mutations.try_mutations(small_files.image(writer), 15, seed=0)
    assert not problems, "\n".join(problems)


def test_mutations_reach_far_into_files():
    """If all of them ended at the first structure, the property would say little."""
    image = small_files.image(small_files.old_chunks)
    random, places = np.random.default_rng(0), mutations.structures(image)
    arrays = [_arrays(mutations.mutated(image, places, random)) for _ in range(20)]
    assert sum(count > 0 for count in arrays) > 10


def _arrays(image):
    try:
        return len(mutations.read_everything(image)[0])
    except mutations.DOCUMENTED:
        return 0


@pytest.mark.parametrize("writer", small_files.WRITERS, ids=lambda writer: writer.__name__)
def test_a_file_that_ends_early_is_refused(writer):
    image = small_files.image(writer)
    for length in np.linspace(0, len(image) - 1, 12, dtype=int):
        with pytest.raises(OSError):
            mutations.read_everything(image[:length])


@pytest.mark.parametrize("writer", small_files.WRITERS, ids=lambda writer: writer.__name__)
def test_every_read_is_charged_to_the_budget(writer, monkeypatch):
    """Steps bound the time of what is read, so no loop may read without taking some."""
    charged = []
    original = Source.read

    def counting(self, address, length, what):
        before = self.budget.steps
        data = original(self, address, length, what)
        charged.append(before - self.budget.steps)
        return data

    monkeypatch.setattr(Source, "read", counting)
    image = small_files.image(writer)
    mutations.read_everything(image)
    assert min(charged) >= 1 and sum(charged) < BASE_STEPS + STEPS_PER_BYTE * len(image)
