"""A model as a pure function of its weights: for `jax.jit`, `grad`, `vmap` and other libraries of JAX."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

import jax
import jax.numpy as jnp
import numpy as np

from .. import backend as K
from .._base.trees import Path, tree_of
from .._graph import Function, Variable, needs_keys
from ..engine.precision import float32_outputs
from ..engine.weight_paths import free_path, weight_paths

#: Nested dicts of arrays by the names of layers and weights.
Tree: TypeAlias = dict[str, Any]


class PureModel(NamedTuple):
    """What `as_function` returns; it unpacks as `apply, params, state`.

    Attributes:
        apply: function (params, state, x, train=False, key=None) -> (y, new state).
        params: nested dicts with the weights to train.
        state: nested dicts with all other values: frozen weights, running statistics, states of layers.
    """

    apply: Callable[..., tuple[Any, Tree]]
    params: Tree
    state: Tree


def as_function(model: Any) -> PureModel:
    """Returns a model as a pure function, with its weights as trees of arrays.

    The trees are nested dicts by the names of layers and weights: `params["dense_1"]["dense_1_W"]`. A model
    inside the model is a level of its own, and a weight that is used twice is there once. `params` has the
    weights that are trainable now, `state` all other values. The arrays are copies: training the model does
    not change them, and training them does not change the model, see `set_params`.

    `apply(params, state, x, train=False, key=None)` returns (y, new state). `x` is an array, or a list or
    dict of them, y an array or a list. With `train=True`, dropout is on, BatchNormalization uses the
    statistics of the batch, and the new state has new running means; `key` is a key of `jax.random`, which
    is needed where the model draws random numbers. Stateful layers change their states in both phases.
    `train` must be a Python bool (under `jax.jit`: static).

    Args:
        model: a `Model` or `Sequential`; it need not be compiled.

    Returns:
        `PureModel` (apply, params, state).

    Example:
        >>> import jax
        >>> import numpy as np
        >>> from keras.layers import Dense, Input
        >>> from keras.models import Model
        >>> x = Input(shape=(3,))
        >>> apply, params, state = Model(input=x, output=Dense(2, name="out")(x)).as_function()
        >>> y, state = jax.jit(apply)(params, state, np.ones((4, 3)))
        >>> y.shape, params["out"]["out_b"].shape
        ((4, 2), (2,))
    """
    outputs = float32_outputs(model)
    programs = {
        phase: Function(model.inputs, outputs, updates, name=f"{model.name}.apply")
        for phase, updates in ((0, model.state_updates), (1, model.updates))
    }
    trees = _Trees(model, programs.values())
    draws = {phase: needs_keys([*outputs, *p.updates.values()], phase) for phase, p in programs.items()}

    def apply(params: Tree, state: Tree, x: Any, train: bool = False, key: Any = None) -> tuple[Any, Tree]:
        phase = int(bool(train))
        program, values = programs[phase], trees.values(params, state)
        if key is None and draws[phase]:
            raise ValueError(
                f"Model {model.name!r} draws random numbers, as in Dropout: pass key=jax.random.key(0), and "
                "another key for each call."
            )
        # Keys of random ops are folded from their seed and the number of the step; here from the key instead.
        step = np.uint32(0) if key is None else jax.random.bits(_typed(key), (), "uint32")
        given = [values[v] for v in program.updated], [values[v] for v in program.read]
        results, new = program.program(*given, _inputs(model, x), step, phase)
        values.update(zip(program.updated, new, strict=True))
        return results[0] if len(results) == 1 else results, trees.state_of(values)

    current = {v: jnp.array(v.value) for v in trees.all}
    return PureModel(apply, trees.params_of(current), trees.state_of(current))


def set_params(model: Any, params: Tree, state: Tree | None = None) -> None:
    """Sets the weights of a model, and what its layers keep beside them, to those in trees.

    Args:
        model: the model from which `as_function` made the trees, or an equal one.
        params: nested dicts, as `as_function` returns them.
        state: the same for the state; None to keep the model's own.

    Raises:
        ValueError: a name or a shape differs; nothing is set then.
    """
    programs = [Function(model.inputs, float32_outputs(model), model.updates)]
    trees = _Trees(model, programs)
    pairs = trees.checked(params, trees.params, "params", model)
    if state is not None:
        pairs += trees.checked(state, trees.state, "state", model)
    K.batch_set_value(pairs)


class _Trees:
    """Which variable of a model stands where in the trees.

    Attributes:
        params, state: dicts path -> variable.
        all: list of all variables.
    """

    def __init__(self, model: Any, programs: Any) -> None:
        trained = set(model.trainable_weights)
        paths = weight_paths(model)
        taken = set(paths.values())
        kept = {
            v: (layer.name, f"state_{i}") for layer in model.layers for i, v in enumerate(_kept_by(layer))
        }
        for program in programs:
            for variable in (*program.updated, *program.read):
                if variable not in paths:  # a state of a layer, or a variable of the user's
                    path = kept.get(variable, ("variables", str(variable.name)))
                    paths[variable] = free_path(path, taken)
        self.all = list(paths)
        self.params = {path: v for v, path in paths.items() if v in trained}
        self.state = {path: v for v, path in paths.items() if v not in trained}

    def params_of(self, values: Mapping[Variable, Any]) -> Tree:
        return tree_of({path: values[v] for path, v in self.params.items()})

    def state_of(self, values: Mapping[Variable, Any]) -> Tree:
        return tree_of({path: values[v] for path, v in self.state.items()})

    def values(self, params: Tree, state: Tree) -> dict[Variable, Any]:
        """Returns the values of all variables."""
        return {
            v: jnp.asarray(_at(tree, path, name))
            for tree, places, name in ((params, self.params, "params"), (state, self.state, "state"))
            for path, v in places.items()
        }

    def checked(self, tree: Tree, places: Mapping[Path, Variable], name: str, model: Any) -> list[Any]:
        """Returns pairs (variable, value) of a tree."""
        pairs = [(v, np.asarray(_at(tree, path, name))) for path, v in places.items()]
        for (v, value), path in zip(pairs, places, strict=True):
            if value.shape != v.shape:
                raise ValueError(
                    f"set_params of model {model.name!r}: {name}{_as_keys(path)} has shape {value.shape}; "
                    f"the weight has {v.shape}."
                )
        unknown = [path for path in _paths_in(tree) if path not in places]
        if unknown:
            raise ValueError(f"set_params: model {model.name!r} has no {name}{_as_keys(unknown[0])}.")
        return pairs


def _kept_by(layer: Any) -> list[Variable]:
    """Returns the variables that a layer keeps beside its weights, such as recurrent states."""
    states = getattr(layer, "states", None) or []
    updates = [pair[0] for pair in getattr(layer, "updates", None) or [] if isinstance(pair, tuple)]
    known = set(layer.weights)
    found = dict.fromkeys(v for v in (*states, *updates) if isinstance(v, Variable))
    return [v for v in found if v not in known]


def _at(tree: Any, path: Path, name: str) -> Any:
    for i, key in enumerate(path):
        if not isinstance(tree, Mapping) or key not in tree:
            has = f"; it has {', '.join(map(str, tree))}" if isinstance(tree, Mapping) else ""
            raise ValueError(f"{name} has no {name}{_as_keys(path[: i + 1])}{has}.")
        tree = tree[key]
    return tree


def _paths_in(tree: Any, above: Path = ()) -> list[Path]:
    if not isinstance(tree, Mapping):
        return [above]
    return [path for key, inner in tree.items() for path in _paths_in(inner, (*above, key))]


def _as_keys(path: Sequence[str]) -> str:
    return "".join(f"[{key!r}]" for key in path)


def _typed(key: Any) -> Any:
    """Returns a key of the old kind, an array of two integers, as a key."""
    is_typed = jnp.issubdtype(jnp.asarray(key).dtype, jax.dtypes.prng_key)
    return key if is_typed else jax.random.wrap_key_data(key)


def _inputs(model: Any, x: Any) -> list[Any]:
    """Returns the arrays for the inputs of a model, in its dtypes."""
    tensors, names = model.inputs, model.input_names
    if isinstance(x, Mapping):
        missing = [name for name in names if name not in x]
        if missing:
            raise ValueError(f"apply of model {model.name!r}: x has no {missing[0]!r}; wanted {names}.")
        x = [x[name] for name in names]
    arrays = list(x) if isinstance(x, list | tuple) else [x]
    if len(arrays) != len(tensors):
        raise ValueError(
            f"apply of model {model.name!r}: got {len(arrays)} arrays for {len(tensors)} inputs, {names}. "
            "Pass a list of arrays, or a dict."
        )
    found = []
    for tensor, name, array in zip(tensors, names, arrays, strict=True):
        array = jnp.asarray(array, tensor.dtype)
        fits = array.ndim == tensor.ndim and all(
            size is None or size == own for size, own in zip(tensor.shape, array.shape, strict=True)
        )
        if not fits:
            raise ValueError(
                f"apply of model {model.name!r}: input {name!r} has shape {tensor.shape}; got {array.shape}."
            )
        found.append(array)
    return found
