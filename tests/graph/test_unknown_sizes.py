"""Random graphs over tensors of unknown sizes: values equal NumPy's, and each known size is right."""

import hypothesis
import hypothesis.strategies as st
import numpy as np

from keras import backend as K

#: Name -> (step over tensors, the same over arrays). The second operand is `other`.
STEPS = {
    "scale": (lambda x, other: x * 2 + 1, lambda x, other: x * 2 + 1),
    "add": (lambda x, other: x + other, lambda x, other: x + other),
    "row": (lambda x, other: x + other[:1], lambda x, other: x + other[:1]),
    "mean": (lambda x, other: x - K.mean(x, axis=0), lambda x, other: x - x.mean(0)),
    "sum": (
        lambda x, other: x * K.sum(other, axis=1, keepdims=True),
        lambda x, other: x * other.sum(1, keepdims=True),
    ),
    "dot": (lambda x, other: K.dot(x, K.transpose(other)), lambda x, other: x @ other.T),
    "gram": (lambda x, other: K.dot(K.dot(x, K.transpose(x)), other), lambda x, other: x @ x.T @ other),
    "rows": (lambda x, other: K.concatenate([x, other], axis=0), lambda x, other: np.vstack([x, other])),
    "columns": (lambda x, other: K.concatenate([other, x], axis=1), lambda x, other: np.hstack([other, x])),
    "flat": (lambda x, other: K.reshape(x, (1, -1)), lambda x, other: x.reshape(1, -1)),
    "split": (
        lambda x, other: K.reshape(x, (K.shape(x)[1], K.shape(x)[0])),
        lambda x, other: x.reshape(x.shape[::-1]),
    ),
    "repeat": (lambda x, other: K.repeat_elements(x, 2, 0), lambda x, other: x.repeat(2, 0)),
    "part": (lambda x, other: x[: K.shape(x)[0] // 2 + 1], lambda x, other: x[: len(x) // 2 + 1]),
}


def applied(steps, place, values):
    """The results of steps, each of the value before it and of one of the inputs."""
    value = values[0]
    for name, other in steps:
        value = STEPS[name][place](value, values[other])
    return value


def as_shape(sizes, hidden):
    return tuple(None if hide else size for size, hide in zip(sizes, hidden, strict=True))


@hypothesis.settings(max_examples=40, deadline=None, derandomize=True)
@hypothesis.given(
    st.lists(st.tuples(st.sampled_from(sorted(STEPS)), st.integers(0, 2)), min_size=1, max_size=4),
    st.lists(st.tuples(st.booleans(), st.booleans()), min_size=3, max_size=3),
    st.lists(st.tuples(st.integers(1, 4), st.integers(1, 4)), min_size=3, max_size=3),
    st.lists(st.integers(2, 5), min_size=2, max_size=2),
)
def test_random_graphs(steps, hidden, shapes, others):
    random = np.random.RandomState(0)
    cases = [shapes]
    for size in others:  # the unknown sizes of the first case replaced by others, the known ones kept
        new = [
            tuple(size + a - 1 if hide else a for a, hide in zip(shape, hides, strict=True))
            for shape, hides in zip(shapes, hidden, strict=True)
        ]
        cases.append(new)
    inputs = [K.placeholder(as_shape(*pair)) for pair in zip(shapes, hidden, strict=True)]
    program = tensor = None
    for case in cases:
        arrays = [random.uniform(-0.5, 0.5, shape).astype("float32") for shape in case]
        try:
            expected = applied(steps, 1, arrays)
        except ValueError:
            continue  # these sizes do not fit
        if program is None:
            tensor = applied(steps, 0, inputs)  # what NumPy can do must not be refused
            program = K.function(inputs, [tensor])
        (value,) = program(arrays)
        np.testing.assert_allclose(value, expected, rtol=1e-3, atol=1e-4)
        said = K.int_shape(tensor)
        assert len(said) == value.ndim
        assert all(a in (None, b) for a, b in zip(said, value.shape, strict=True)), (said, value.shape)
