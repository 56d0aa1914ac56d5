"""The feeds of a call of `fit`, `evaluate` or `predict`, from its arguments."""

import contextlib
import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from ..._spelling import Batches
from . import feeds
from .feeds.arrays import ArrayFeed
from .feeds.base import Data
from .feeds.passes import is_batches


def epoch_length(**given: Any) -> int | None:
    """Returns the length of an epoch: a `Batches` for steps, an int for samples, None if neither is given.

    Args:
        given: the two arguments of a method by their names, the number of steps and that of samples.
    Raises:
        ValueError: both are given, or one is no int of at least 1.
    """
    (steps_name, steps), (samples_name, samples) = given.items()
    if steps is not None and samples is not None:
        raise ValueError(f"Got {steps_name}={steps!r} and {samples_name}={samples!r}; wanted one of the two.")
    name, value = (samples_name, samples) if steps is None else (steps_name, steps)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 1:
        raise ValueError(f"{name} must be an int of 1 or more; got {value!r}.")
    return int(value) if steps is None else Batches(value)


def data_of_generator(generator: Any, samples: Any, shuffle: bool = False, **options: Any) -> Data:
    """Returns the data of a method such as `fit_generator`.

    Args:
        generator: an endless iterator of batches; or a `keras.utils.Sequence`, whose batches are read in
            their own order or, with `shuffle`, in a new one each epoch, as `fit` reads them.
        samples: the length of an epoch; None for all batches of a Sequence.
        shuffle: bool.
        options: other attributes of `Data`.
    """
    has_length = hasattr(generator, "__len__") and not hasattr(generator, "__next__")
    if has_length and is_batches(generator):
        return Data(generator, samples=samples, batch_size=32, shuffle=shuffle, **options)
    return Data(generator, samples=samples, **options)


def feed_of(model: Any, data: Data, purpose: str, epochs: int = 1) -> feeds.Feed:
    """Returns the feed for data of `fit`, `evaluate` or `predict`.

    Args:
        model: the `Model` that the batches are for.
        data: `Data`.
        purpose: "train", "test" or "predict".
        epochs: int, how often the data will be used.
    Raises:
        ValueError, TypeError: the data are wrong, or do not fit the other arguments.
    """
    feed = feeds.feed_of(model, data, purpose)
    if not isinstance(feed, feeds.IterableFeed):
        if data.samples is not None:
            unit = "batches" if isinstance(data.samples, Batches) else "samples"
            raise ValueError(
                f"Got {int(data.samples)} {unit} as the length of an epoch, with data in arrays; wanted an "
                f"iterable of batches. An epoch of arrays has all their {feed.samples} samples: leave it "
                "out, or pass fewer samples."
            )
        return feed
    if feed.has_one_pass and epochs > 1:
        raise ValueError(
            f"Got a {type(data.x).__name__}, an iterator, which has one pass only, for {epochs} epochs. If "
            "it has no end, pass steps_per_epoch or samples_per_epoch (for validation_data, "
            "validation_steps). Otherwise pass something that can be iterated again, such as an object with "
            "__iter__, or nb_epoch=1."
        )
    return feed


def validation_feed(model: Any, data: Data, epochs: int) -> feeds.Feed:
    """Returns the feed for the `validation_data` of `fit` or `fit_generator`.

    Args:
        model: the `Model` that the batches are for.
        data: `Data` with the argument as x.
        epochs: int, how often it will be used.
    Raises:
        ValueError, TypeError: the data are wrong; the message names the argument.
    """
    given = data.x
    is_sequence = isinstance(given, list | tuple)
    if isinstance(given, list) and len(model.inputs) == 1 and is_batches(given):
        pass
    elif is_sequence and len(given) in (2, 3):
        x, y, *weights = given
        data = dataclasses.replace(data, x=x, y=y, sample_weight=weights[0] if weights else None)
    elif is_sequence and not is_batches(given):
        raise _wrong_validation(f"{len(given)} item{'s' * (len(given) != 1)}")
    elif not is_sequence and not is_batches(given) and not _has_names(given):
        raise _wrong_validation(type(given).__name__)
    with _naming("validation_data"):
        return feed_of(model, data, "test", epochs)


def _wrong_validation(came: str) -> ValueError:
    return ValueError(
        f"validation_data must be (x, y) or (x, y, w) with w the sample weights; got {came}. It may also be "
        "an iterable of batches, or a dict or table with inputs and targets by their names."
    )


def _has_names(data: Any) -> bool:
    return isinstance(data, Mapping) or hasattr(type(data), "columns")


@contextlib.contextmanager
def _naming(argument: str) -> Iterator[None]:
    """Adds the name of an argument to errors about its data."""
    try:
        yield
    except (TypeError, ValueError) as error:
        raise type(error)(f"{argument}: {error}") from error


def weight_ranks(model: Any) -> list[int]:
    """Returns the numbers of axes of the sample weights that the programs of a model take."""
    return [len(tensor.shape) for tensor in getattr(model, "sample_weights", None) or []]


def split(feed: feeds.Feed, fraction: float) -> tuple[feeds.Feed, feeds.Feed]:
    """Returns two feeds for `validation_split`; see `ArrayFeed.split`.

    Raises:
        ValueError: the data are in batches, or one part would be empty.
    """
    if not isinstance(feed, ArrayFeed):
        raise ValueError(
            f"validation_split: {type(feed).__name__} data cannot be split; pass validation_data instead."
        )
    return feed.split(fraction)
