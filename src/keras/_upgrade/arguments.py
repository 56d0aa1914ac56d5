"""Arguments of Keras 1 in Keras 3: rows of the table of spellings, read from right to left."""

import ast
import functools
import inspect
from dataclasses import dataclass, field
from typing import Any

from .._spelling import table, values
from .._spelling.translate import Keyword, Translator, layer_translator
from ..convert.keras_2_config import DILATED
from ..engine.container import Container
from ..models import Sequential
from ..optimizers import Optimizer
from .names import find

#: Arguments of Keras 1 or 2 that Keras 3 does not take and that change no result.
_DROPPED = frozenset("consume_less input_length max_queue_size workers use_multiprocessing".split())
#: Those that Keras 3 does not take, and the value at which they have no effect.
_WITHOUT_EFFECT = {"mode": 0, "dropout": 0, "decay": 0, "schedule_decay": 0.004, "weights": None}
#: Renamed between Keras 2 and 3.
_LATER: dict[str, dict[str, str]] = {"LeakyReLU": {"alpha": "negative_slope"}}
#: What Keras 1 does without being asked.
_ALWAYS = {
    "GRU": {"reset_after": "False"},
    "Flatten": {"data_format": "'channels_last'"},  # the order in memory
    "Adagrad": {"initial_accumulator_value": "0.0"},
}
#: In Keras 3, `input_dim` is the shape of a vector, or an option of the layer.
_OF_VECTORS = ("Dense", "Embedding")
_SAMPLES = ("samples_per_epoch", "nb_val_samples", "val_samples")
_UNNAMED = 2  # arguments that may stay without names: the generations agree on their order
_SLOPE = "hard_sigmoid has the slope 1/6 in Keras 3, and 1/5 in Keras 1"


@dataclass
class Argument:
    """An argument of a call of Keras 3.

    Attributes:
        name: its name, or None for a positional one.
        parts: the nodes of its value in the program; several become a tuple.
        text: the value as code, if it is not in the program.
    """

    name: str | None
    parts: list[ast.expr] = field(default_factory=list)
    text: str | None = None


@dataclass
class Translated:
    """The arguments of one call.

    Attributes:
        arguments: in their order; None if they cannot be followed.
        notes: what has another meaning in Keras 3.
        lost: what has no counterpart.
    """

    arguments: list[Argument] | None = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)

    def add(self, name: str | None, *parts: ast.expr, text: str | None = None) -> None:
        """Adds an argument."""
        assert self.arguments is not None
        self.arguments.append(Argument(name, list(parts), text))


@functools.cache
def _rows() -> dict[int, table.Row]:
    return {id(find(path.removesuffix(".__init__"))): row for path, row in table.CALLS.items()}


def translator_of(called: Any) -> Translator | None:
    """Returns the translator of a class of layers, a function or a method; None if it has no row."""
    name = getattr(called, "__name__", "")
    if inspect.isclass(called) and (made := layer_translator(DILATED.get(name, name))):
        return made
    if inspect.isclass(called) and issubclass(called, Container) and not issubclass(called, Sequential):
        called = Container
    row = _rows().get(id(called))
    return Translator(row, name) if row else None


def translated(called: Any, call: ast.Call) -> Translated | None:
    """Translates the arguments of a call; returns None if they stay as they are.

    Args:
        called: what is called, as this package has it.
        call: the call in the program.
    """
    translator = translator_of(called)
    if translator is None:
        return None
    made, owner = Translated(), called.__name__
    given = _given(called, call, made)
    if given is None:
        return made
    _add_known(owner, translator, given, made)
    _add_others(called, owner, given, made)
    _add_defaults(called, translator, made)
    if inspect.isclass(called) and issubclass(called, Optimizer):
        _mend_optimizer(called, made)
    elif owner == "compile":
        _mend_losses(made)
    _leave_names_off(translator, call, made)
    return made


def _given(called: Any, call: ast.Call, made: Translated) -> dict[str, ast.expr] | None:
    """Returns the arguments of a call by name; None, and a line in `lost`, if that cannot be told."""
    names = [name for name in inspect.signature(called).parameters if name != "self"]
    if any(isinstance(each, ast.Starred) for each in call.args) or len(call.args) > len(names):
        made.lost.append("arguments from a list: their names are not known")
    elif any(each.arg is None for each in call.keywords):
        made.lost.append("arguments from a dict: its keys may be names of Keras 1")
    else:
        return dict(zip(names, call.args)) | {each.arg or "": each.value for each in call.keywords}
    made.arguments = None
    return None


def _add_known(owner: str, translator: Translator, given: dict[str, ast.expr], made: Translated) -> None:
    """Takes the arguments that the row knows out of `given`, and adds them in the order of the program."""
    order = list(given)
    found: list[tuple[int, Keyword, list[ast.expr]]] = []
    made.lost += [f"{name} counts samples, Keras 3 counts batches" for name in _SAMPLES if name in given]
    for keyword in translator.known.values():
        if keyword.old and all(old in given for old in keyword.old):
            found.append((order.index(keyword.old[0]), keyword, [given.pop(old) for old in keyword.old]))
        elif keyword.new in given:  # written as in Keras 2
            found.append((order.index(keyword.new), keyword, [given.pop(keyword.new)]))
    for _, keyword, parts in sorted(found, key=lambda each: each[0]):
        if keyword.new in _WITHOUT_EFFECT and keyword.old != ("dropout_W",):
            given[keyword.new] = parts[0]
        elif keyword.new not in _DROPPED:
            _add(_LATER.get(owner, {}).get(keyword.new, keyword.new), parts, made)


def _add(name: str, parts: list[ast.expr], made: Translated) -> None:
    literal = parts[0] if len(parts) == 1 else None
    text = _value(name, literal.value, made) if isinstance(literal, ast.Constant) else None
    made.add(name, *([] if text else parts), text=text)


def _value(name: str, value: Any, made: Translated) -> str | None:
    """Returns a literal of Keras 1 as code of Keras 3; None if it stays."""
    if name == "unit_forget_bias":
        return {"one": "True", "zero": "False"}.get(value)
    if name.endswith("_initializer") and isinstance(value, str):
        return _initializer(value)
    if name == "optimizer" and isinstance(value, str):
        return _optimizer(value, made)
    if value == "hard_sigmoid":
        made.notes.append(_SLOPE)
    elif (name, value) == ("padding", "full"):
        made.lost.append("border_mode='full': Keras 3 has 'valid' and 'same'")
    elif name == "patience" and isinstance(value, int) and value:
        made.notes.append("Keras 1 stopped one epoch later than its patience")
        return str(value + 1)
    new = values.value_as_2x(name, value)
    return None if new == value else repr(new)


def _initializer(name: str) -> str | None:
    new = values.initializer_as_2x(name)
    if isinstance(new, str):
        return None if new == name else repr(new)
    class_name, config = new
    return (
        f"keras.initializers.{class_name}({', '.join(f'{key}={value!r}' for key, value in config.items())})"
    )


def _optimizer(name: str, made: Translated) -> str | None:
    """Returns the optimizer under a name with the defaults of Keras 1, where those of Keras 3 differ."""
    called = find(f"optimizers.{name}")
    if not inspect.isclass(called):
        return None
    if name.lower() in ("sgd", "rmsprop", "adam"):
        if name.lower() != "sgd":
            made.notes.append("epsilon is 1e-7 by default, and was 1e-8")
        return None
    inner = translated(called, ast.Call(ast.Name("f"), [], []))
    options = [f"{each.name}={each.text}" for each in (inner and inner.arguments) or []]
    return f"keras.optimizers.{called.__name__}({', '.join(options)})"


def _add_others(called: Any, owner: str, given: dict[str, ast.expr], made: Translated) -> None:
    """Adds the arguments that no row has: those of all layers, and those that Keras 3 has not."""
    given = {name: value for name, value in given.items() if name not in ("consume_less",)}
    if "input_dim" in given and owner not in _OF_VECTORS:  # the size of a step
        length, size = given.pop("input_length", None), given.pop("input_dim")
        made.add("input_shape", length or ast.Constant(None), size)
    for name, value in given.items():
        text = ast.unparse(value)
        if name in _WITHOUT_EFFECT and not (name == "weights" and owner == "Embedding"):
            if name == "decay" and _literal(value) != 0:
                made.add(name, value)  # see _mend_optimizer
            elif _literal(value) != _WITHOUT_EFFECT[name]:
                made.lost.append(f"{name}={text}: {owner} of Keras 3 has no such argument")
        elif name == "batch_input_shape":
            made.add("input_shape", text=f"{text}[1:]")
            if not text.startswith("(None,"):
                made.lost.append(f"the number of samples in {text}: begin with Input(batch_shape=...)")
        elif name not in _DROPPED:
            made.add(name, value)


def _literal(value: ast.expr) -> Any:
    return value.value if isinstance(value, ast.Constant) else value


def _add_defaults(called: Any, translator: Translator, made: Translated) -> None:
    """Writes out the defaults that are others in Keras 3, as the table has them, and those of `_ALWAYS`."""
    assert made.arguments is not None
    present = {argument.name for argument in made.arguments}
    differ = {**translator.row.defaults, **translator.row.in_version_2}
    for keyword in translator.known.values():
        parameter = inspect.signature(called).parameters.get(keyword.old[0]) if keyword.old else None
        if parameter is None or parameter.name not in differ or keyword.new in present | {"patience"}:
            continue
        if parameter.default not in (None, inspect.Parameter.empty):
            text = _value(keyword.new, parameter.default, made) or repr(parameter.default)
            made.add(keyword.new, text=text)
    for name, text in _ALWAYS.get(translator.owner, {}).items():
        if name not in present:
            made.add(name, text=text)


def _mend_optimizer(called: Any, made: Translated) -> None:
    """Writes the rate out, with the decay as a schedule, and the clipping as Keras 1 clips."""
    by_name = {argument.name: argument for argument in made.arguments or []}
    rate = by_name.get("learning_rate") or by_name.get("lr")
    default = inspect.signature(called).parameters["lr"].default
    lr = rate.text or ast.unparse(rate.parts[0]) if rate else repr(default)
    decay = by_name.get("decay")
    if decay:
        lr = f"keras.optimizers.schedules.InverseTimeDecay({lr}, 1, {ast.unparse(decay.parts[0])})"
    if clip := by_name.get("clipnorm"):
        clip.name = "global_clipnorm"
    kept = [each for each in made.arguments or [] if each not in (rate, decay)]
    made.arguments = [Argument("learning_rate", text=lr), *kept]


def _mend_losses(made: Translated) -> None:
    """Repeats a loss for all outputs if `loss_weights` lists one for each; Keras 3 wants as many losses."""
    by_name = {argument.name: argument for argument in made.arguments or []}
    loss, weights = (by_name[key].parts if key in by_name else [] for key in ("loss", "loss_weights"))
    if loss and weights and isinstance(loss[0], ast.Constant) and isinstance(weights[0], ast.List):
        by_name["loss"].text = f"[{ast.unparse(loss[0])}] * {len(weights[0].elts)}"


def _leave_names_off(translator: Translator, call: ast.Call, made: Translated) -> None:
    """Leaves off the names of the first arguments that have none in the program, if their order is kept."""
    for place, argument in zip(list(translator.known)[:_UNNAMED], made.arguments or []):
        if argument.name != place or not set(argument.parts) & set(call.args):
            break
        argument.name = None
