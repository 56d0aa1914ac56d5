"""Nested dicts from paths."""

from keras._base.trees import tree_of


def test_values_stand_under_their_paths():
    assert tree_of({("a", "b", "c"): 1, ("a", "d"): 2, ("e",): 3}) == {"a": {"b": {"c": 1}, "d": 2}, "e": 3}
