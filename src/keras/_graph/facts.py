"""What an op declares about itself: `OpFacts`, and the type `Op`."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeAlias

import numpy as np

#: A function of JAX arrays and settings, from which an op or a node is made.
Rule: TypeAlias = Callable[..., Any]


@dataclass(frozen=True)
class OpFacts:
    """The facts that an op declares where it is defined. Programs read them from the nodes of their graphs.

    Attributes:
        saved_as: the name of the op in model files, and of its nodes; None for a rule that is not an op.
        formerly: the name that keras-classic 0.1.0 wrote to files, if it differs.
        precision: the float type in which the op computes in mixed precision (see `precision`). "product":
            the narrow type. "wide": float32. None: the type of its arguments.
        channels_last: whether the op computes with channels last, whatever the order of the caller's axes.
            A program with such an op keeps them last from one kernel to the next (see `layout`).
        slow_in_loops: whether XLA's CPU back end runs the op more slowly inside a loop.
        of_shapes: whether the result depends on shapes only, so that it is known when a program is compiled.
        by_phase: whether the op returns its second argument if the first one, the learning phase, is not 0,
            else the third one. A program computes only the one that it returns.
    """

    saved_as: str | None = None
    formerly: str | None = None
    precision: Literal["product", "wide"] | None = None
    channels_last: bool = False
    slow_in_loops: bool = False
    of_shapes: bool = False
    by_phase: bool = False


#: The facts of leaves, of gradients, and of rules that are not ops.
NO_FACTS = OpFacts()


class Op(Protocol):
    """The type of ops: callables with these attributes.

    Attributes:
        rule: the function of arrays.
        facts: the `OpFacts`.
        inferred: cache of `infer`: arguments -> result.
        variants: dtype -> the op that computes in it; None for an op without the fact `precision`.
    """

    __name__: str
    rule: Rule
    facts: OpFacts
    inferred: dict[Hashable, Any]
    variants: "dict[np.dtype[Any], Op] | None"

    def __call__(self, *args: Any, **kwargs: Any) -> Any: ...
