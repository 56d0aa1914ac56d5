"""Stand-ins for TensorFlow's sessions, graphs and devices, of which there are none here.

A `Session` computes tensors by `K.function`. Variables have their values from the start, and settings of
devices have no effect.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple, Self

import jax
import numpy as np

from .. import backend as K
from .._graph import Tensor, Variable


class Settings:
    """An object with any attributes, such as `ConfigProto()` and `GPUOptions()`, without effect."""

    def __init__(self, *args: Any, **values: Any) -> None:
        vars(self).update(values)

    def __getattr__(self, name: str) -> "Settings":
        if name.startswith("__"):
            raise AttributeError(name)
        return vars(self).setdefault(name, Settings())


class Graph:
    """There is one graph of all tensors, in all threads; `as_default()` and `finalize()` have no effect."""

    @contextmanager
    def as_default(self) -> Iterator[Self]:
        yield self

    def finalize(self) -> None:
        pass


class Session:
    """Computes tensors.

    Args:
        target, graph, config: no effect.
    """

    def __init__(self, target: str = "", graph: Any = None, config: Any = None) -> None:
        self.graph = _graph
        self._functions: dict[Any, Any] = {}

    def run(self, fetches: Any, feed_dict: Mapping[Tensor, Any] | None = None, *ignored: Any) -> Any:
        """Computes tensors, lists and dicts of them, or updates.

        Args:
            fetches: tensors, or updates as `tf.assign` returns them; None and initializers give None.
            feed_dict: placeholder -> value; the learning phase may be among them.
        Returns:
            The values as arrays, in the structure of `fetches`.
        """
        feed_dict = feed_dict or {}
        leaves, structure = jax.tree.flatten(fetches, is_leaf=_is_whole)
        fetched = tuple(leaf for leaf in leaves if isinstance(leaf, Tensor | Update))
        compute = self._function(tuple(feed_dict), fetched)
        values = iter(compute(list(feed_dict.values())) if fetched else [])
        results = [next(values) if isinstance(leaf, Tensor | Update) else _constant(leaf) for leaf in leaves]
        return jax.tree.unflatten(structure, results)

    def _function(self, inputs: tuple[Tensor, ...], fetched: tuple[Any, ...]) -> Any:
        if fetched and (inputs, fetched) not in self._functions:
            updates = [(item.variable, item.value) for item in fetched if isinstance(item, Update)]
            outputs = [item.value if isinstance(item, Update) else item for item in fetched]
            self._functions[inputs, fetched] = K.function(list(inputs), outputs, updates)
        return self._functions.get((inputs, fetched))

    def as_default(self) -> Self:
        """Has no effect; returns the session."""
        return self

    def close(self) -> None:
        """Forgets the compiled programs."""
        self._functions.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


InteractiveSession = Session


class Update(NamedTuple):
    """An update, for `Session.run` and for the updates of `K.function`."""

    variable: Variable
    value: Any


def _is_whole(fetch: Any) -> bool:
    if type(fetch) is tuple and len(fetch) == 2 and isinstance(fetch[0], Variable):
        raise ValueError(
            f"Session.run: {fetch!r} may be an update of K or two values: use tf.assign for updates, and a "
            "list for values."
        )
    return fetch is None or isinstance(fetch, Update)


def _constant(value: Any) -> Any:
    return None if value is None else np.asarray(value)


_graph = Graph()
_session = [Session()]


def get_default_graph() -> Graph:
    """Returns the graph."""
    return _graph


def get_session() -> Session:
    """Returns the session that computes: that of `set_session`, or one for all."""
    return _session[0]


def set_session(session: Session) -> None:
    """Sets the session that `get_session` returns."""
    _session[0] = session


def get_default_session() -> Session:
    """Returns what `get_session` returns."""
    return get_session()


def global_variables_initializer() -> None:
    """Returns None, which `Session.run` accepts: variables have their values from the start."""


initialize_all_variables = global_variables_initializer


def variables_initializer(variables: Any, name: str | None = None) -> None:
    """Returns None; see `global_variables_initializer`."""


@contextmanager
def device(name: Any) -> Iterator[None]:
    """Has no effect: JAX places the computation."""
    yield


@contextmanager
def name_scope(*args: Any, **kwargs: Any) -> Iterator[str]:
    """Has no effect."""
    yield str(args[0]) if args else ""


variable_scope = name_scope
