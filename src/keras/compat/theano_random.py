"""Stand-in for `theano.sandbox.rng_mrg` and `theano.tensor.shared_randomstreams`, over K."""

import sys
from typing import Any

import numpy as np

from .. import backend as K
from ._missing import missing
from ._values import sizes


class RandomStreams:
    """Tensors that are drawn at each run.

    Args:
        seed: int, which determines the draws; from `numpy.random` if None.
        use_cuda: no effect.
    """

    def __init__(self, seed: int | None = None, use_cuda: Any = None) -> None:
        self._seeds = np.random.RandomState(np.random.randint(10**6) if seed is None else seed)

    def _seed(self) -> int:
        return int(self._seeds.randint(10**7))

    def uniform(self, size: Any, low: float = 0.0, high: float = 1.0, dtype: Any = None, **flags: Any) -> Any:
        """Numbers from [low, high)."""
        return K.random_uniform(sizes(size), low, high, dtype, self._seed())

    def normal(self, size: Any, avg: float = 0.0, std: float = 1.0, dtype: Any = None, **flags: Any) -> Any:
        """Numbers from a normal distribution."""
        return K.random_normal(sizes(size), avg, std, dtype, self._seed())

    def binomial(self, size: Any, n: int = 1, p: float = 0.5, dtype: Any = "int64", **flags: Any) -> Any:
        """Ones with probability p, zeros otherwise."""
        if n != 1:
            raise ValueError(f"RandomStreams.binomial: n must be 1; got {n!r}.")
        return K.random_binomial(sizes(size), p, dtype, self._seed())


MRG_RandomStreams = RandomStreams
rng_mrg = sys.modules[__name__]


def __getattr__(name: str) -> Any:
    raise missing("theano.sandbox.rng_mrg", name, globals(), {})
