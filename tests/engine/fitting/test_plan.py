"""The arguments of a training that are not data."""

import dataclasses

import numpy as np
import pytest

from keras.engine.fitting.feeds.arrays import ArrayFeed
from keras.engine.fitting.plan import FitPlan

FEED = ArrayFeed([np.zeros((10, 2)), np.zeros((10, 1)), np.ones(10)], batch_size=4)


@pytest.mark.parametrize("value", [-1, 1.5, True, "3", None])
def test_epochs_are_ints_of_0_or_more(value):
    with pytest.raises(ValueError, match="nb_epoch must be an int of 0 or more"):
        FitPlan(value)


def test_the_first_epoch_does_not_come_after_the_last():
    with pytest.raises(ValueError, match="initial_epoch 3 is after nb_epoch 2"):
        FitPlan(2, 3)


def test_a_plan_is_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(FitPlan(1), "nb_epoch", 2)  # noqa: B010 - an assignment that pyright accepts


def test_params_are_those_of_1_2_2():
    assert FitPlan(5, verbose=2).params(FEED, FEED, ["loss", "acc"]) == {
        "batch_size": 4,
        "nb_epoch": 5,
        "nb_sample": 10,
        "verbose": 2,
        "do_validation": True,
        "metrics": ["loss", "acc", "val_loss", "val_acc"],
        "resumed": False,
    }
