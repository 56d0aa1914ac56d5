"""Transpositions of channels cancel, and values do not change."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from keras._graph.layout import channels_stay_last


def first(x):
    """Moves the channels first, as a layer with "th" ordering returns them."""
    return jnp.moveaxis(x, -1, 1)


def last(x):
    return jnp.moveaxis(x, 1, -1)


def transpositions(function, *arrays):
    """Returns the number of transpositions of whole images in a program."""
    text = jax.jit(function).lower(*arrays).as_text()
    lines = [line for line in text.splitlines() if "stablehlo.transpose" in line]
    sizes = [[int(n) for n in line.split("tensor<")[1].split("x")[:-1]] for line in lines]
    return sum(len(size) == 4 and math.prod(size) >= X.size for size in sizes)


X = jnp.asarray(np.random.RandomState(0).randn(2, 4, 5, 3), "float32")
Y = jnp.asarray(np.random.RandomState(1).randn(2, 3, 4, 5), "float32")
BIAS = jnp.arange(3.0).reshape(1, 3, 1, 1)

# name -> (function of X with channels last and Y with channels first, transpositions of images that remain)
CASES = {
    "elementwise, with a bias": (lambda x, y: last(jnp.tanh(first(x) * 2 + BIAS)), 0),
    "relu, which is a function of its own": (lambda x, y: last(jax.nn.relu(first(x))), 0),
    "where": (lambda x, y: last(jnp.where(first(x) > 0, first(x), 0.5)), 0),
    "a sum over space": (lambda x, y: first(x).sum((2, 3)), 0),
    "a sum over the channels": (lambda x, y: first(x).sum(1), 0),
    "a sum over the samples": (lambda x, y: last(first(x) - first(x).mean(0, keepdims=True)), 0),
    "a concatenation": (lambda x, y: last(jnp.concatenate([first(x), first(x) + 1], axis=1)), 0),
    "sums of a concatenation": (lambda x, y: jnp.concatenate([first(x), y], axis=1).sum((2, 3)), 1),
    "a concatenation along a summed axis": (
        lambda x, y: jnp.concatenate([first(x), first(x)], axis=2).sum((2, 3)),
        0,
    ),
    "padding": (lambda x, y: last(jnp.pad(first(x), [(0, 0), (0, 1), (2, 0), (1, 3)])), 0),
    "a slice": (lambda x, y: last(first(x)[:, 1:, ::2, 1:4]), 0),
    "with a tensor that is not transposed": (lambda x, y: last(first(x) + y), 1),
    "a result in the order of the model": (lambda x, y: first(x) + 1, 1),
    "a reshape, which needs the order of the model": (lambda x, y: first(x).reshape(2, -1), 1),
    "a cumulative sum, which has no rule": (lambda x, y: last(jnp.cumsum(first(x), axis=2)), 2),
    "of lower rank": (lambda x, y: x[0, 0].T @ x[0, 0], 0),
    "twice": (lambda x, y: first(last(first(x))) + BIAS, 1),
}


@pytest.mark.parametrize("name", CASES)
def test_transpositions_cancel_without_changing_values(name):
    function, left = CASES[name]
    np.testing.assert_allclose(channels_stay_last(function)(X, Y), function(X, Y), rtol=1e-6)

    def slope(x, y):
        return jax.grad(lambda x: jnp.sum(function(x, y) ** 2))(x)

    np.testing.assert_allclose(channels_stay_last(slope)(X, Y), slope(X, Y), rtol=1e-5)
    assert transpositions(channels_stay_last(function), X, Y) == left


def test_arguments_and_results_may_be_trees():
    def function(tree):
        return {"sum": first(tree["x"]).sum(), "same": tree["x"], "number": 3}

    result = channels_stay_last(function)({"x": X})
    np.testing.assert_allclose(result["sum"], X.sum(), rtol=1e-6)
    np.testing.assert_array_equal(result["same"], X)
    assert result["number"] == 3


def test_a_sum_over_joined_parts_does_not_join_them():
    def mean(x):
        return jnp.concatenate([first(x), first(x) * 2], axis=1).mean((2, 3))

    text = jax.jit(channels_stay_last(mean)).lower(X).compile().as_text()
    assert "[2,4,5,6]" not in text and "[2,6]" in text
