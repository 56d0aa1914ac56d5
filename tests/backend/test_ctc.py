"""Connectionist temporal classification, compared with recorded answers and with sums over all alignments."""

import itertools
import json

import jax
import numpy as np
import pytest
from compilations import compilations
from recorded import GOLDEN, TRAJECTORY

from keras import backend as K

RECORDED = json.loads((GOLDEN / "ctc.json").read_text())
each_entry = pytest.mark.parametrize("entry", RECORDED, ids=lambda e: str(np.shape(e["probabilities"])))


def padded(labels, steps):
    """Pads the original's labels, which are as long as the longest, to the number of steps."""
    labels = np.asarray(labels)
    return np.pad(labels, ((0, 0), (0, steps - labels.shape[1])), constant_values=-1)


@each_entry
def test_decoding_equals_the_original(entry):
    steps, classes = np.shape(entry["probabilities"])[1:]
    y, lengths = K.placeholder((None, None, classes)), K.placeholder((None,), dtype="int32")
    asked = [K.ctc_decode(y, lengths, *setting) for *setting, _, _ in entry["decoded"]]
    outputs = [tensor for labels, scores in asked for tensor in [*labels, scores]]
    results = iter(K.function([y, lengths], outputs)([entry["probabilities"], entry["lengths"]]))
    for _, _, paths, labels, scores in entry["decoded"]:
        assert len(labels) == paths
        for expected in labels:
            np.testing.assert_array_equal(next(results), padded(expected, steps))
        np.testing.assert_allclose(next(results), scores, rtol=1e-3, atol=1e-3)  # sums of many logarithms


@each_entry
def test_cost_and_gradient_equal_the_original(entry):
    samples, _, classes = np.shape(entry["probabilities"])
    y, lengths = K.placeholder((samples, None, classes)), K.placeholder((samples, None), dtype="int32")
    outputs, expected = [], []
    for labels, counts, cost, gradient in entry["costs"]:
        result = K.ctc_batch_cost(np.array(labels), y, lengths, np.array(counts))
        outputs += [result, *K.gradients(K.sum(result), [y])]
        expected += [cost, gradient]
    values = [entry["probabilities"], np.array(entry["lengths"])[:, None]]
    for found, recorded in zip(K.function([y, lengths], outputs)(values), expected, strict=True):
        np.testing.assert_allclose(found, recorded, **TRAJECTORY)


def probabilities_of_sequences(steps):
    """Returns {label sequence: probability}, summed over all alignments; steps: (number, classes)."""
    blank, found = steps.shape[1] - 1, {}
    for path in itertools.product(range(steps.shape[1]), repeat=len(steps)):
        joined = [label for label, _ in itertools.groupby(path)]
        sequence = tuple(label for label in joined if label != blank)
        chance = np.prod([step[label] for step, label in zip(steps, path, strict=True)])
        found[sequence] = found.get(sequence, 0) + chance
    return found


def random_steps(seed, steps=5, classes=4):
    values = np.random.RandomState(seed).uniform(0.01, 1, (steps, classes))
    return values / values.sum(axis=1, keepdims=True)


def decode(steps, lengths, *options):
    function = jax.jit(lambda steps, lengths: K.ctc_decode(steps, lengths, False, *options))
    return function(np.asarray(steps, "float32"), np.asarray(lengths))


def joined(sequence):
    """Merges equal neighbours, as `ctc_decode` does in its results."""
    return [label for label, _ in itertools.groupby(sequence)]


def kept(labels):
    return [int(label) for label in labels if label >= 0]


def test_wide_beam_finds_the_best_sequences():
    samples = [random_steps(seed) for seed in range(4)]
    labels, scores = decode(np.stack(samples), [5] * 4, 300, 3)
    for sample, steps in enumerate(samples):
        chances = probabilities_of_sequences(steps)
        best = sorted(chances, key=chances.get, reverse=True)[:3]
        assert [kept(path[sample]) for path in labels] == [joined(sequence) for sequence in best]
        expected = np.log([chances[sequence] for sequence in best]) - np.log(steps.max(axis=1)).sum()
        np.testing.assert_allclose(scores[sample], expected, rtol=1e-4, atol=1e-5)


def textbook_beam(steps, width):
    """Returns a dict from sequences to log probabilities, by beam search (Graves 2012, algorithm 7.4)."""
    blank = steps.shape[1] - 1
    beam = {(): (1.0, 0.0)}  # sequence -> probability of ending in a blank, in the last label
    for step in steps:
        grown = {}
        for sequence, (in_blank, in_label) in beam.items():
            total = in_blank + in_label
            add(grown, sequence, total * step[blank], in_label * step[sequence[-1]] if sequence else 0)
            for label in range(blank):
                before = in_blank if sequence and sequence[-1] == label else total
                add(grown, (*sequence, label), 0, before * step[label])
        best = sorted(grown, key=lambda s: sum(grown[s]), reverse=True)[:width]
        beam = {sequence: grown[sequence] for sequence in best}
    return {sequence: np.log(sum(parts)) for sequence, parts in beam.items()}


def add(grown, sequence, in_blank, in_label):
    old = grown.get(sequence, (0, 0))
    grown[sequence] = (old[0] + in_blank, old[1] + in_label)


@pytest.mark.parametrize("width", [2, 5])
def test_narrow_beam_equals_the_textbook_algorithm(width):
    samples = [random_steps(seed, steps=12) for seed in range(4)]
    labels, scores = decode(np.stack(samples), [12] * 4, width, width)
    for sample, steps in enumerate(samples):
        expected = textbook_beam(steps, width)
        logs = np.array(list(expected.values())) - np.log(steps.max(axis=1)).sum()
        np.testing.assert_allclose(scores[sample], logs, rtol=1e-4, atol=1e-4)
        for path, sequence in enumerate(expected):
            assert kept(labels[path][sample]) == joined(sequence)


def test_steps_beyond_the_length_are_ignored():
    steps = random_steps(0, steps=6)[None].astype("float32")
    for greedy in (True, False):
        function = jax.jit(lambda y, greedy=greedy: K.ctc_decode(y, np.array([4]), greedy, 10))
        (long, score), (short, same) = function(steps), function(steps[:, :4])
        np.testing.assert_array_equal(long[0][:, :4], short[0])
        np.testing.assert_allclose(score, same)


def test_top_paths_may_exceed_the_number_of_sequences():
    _, scores = decode([[[0.75, 0.25]]], [1], 5, 3)
    assert scores[0, 1] > -2 and scores[0, 2] < -1e29  # two sequences only: "a" and nothing


def test_invalid_top_paths_is_refused():
    for paths in (0, 4):
        with pytest.raises(ValueError, match=rf"top_paths must be in 1..3 \(beam_width\); got {paths}"):
            K.ctc_decode(K.placeholder((None, 5, 3)), K.placeholder((None,)), False, 3, paths)


def test_decoding_compiles_once():
    y, lengths = K.placeholder((None, None, 4)), K.placeholder((None,), dtype="int32")
    [labels], scores = K.ctc_decode(y, lengths, False, 5)
    assert labels.shape == (None, None) and scores.shape == (None, 1)
    function = K.function([y, lengths], [labels, scores])
    data = [random_steps(1)[None], [5]]
    function(data)
    before = compilations()
    function(data)
    assert compilations() == before
