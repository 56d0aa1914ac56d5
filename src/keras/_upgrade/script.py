"""A program of Keras 1 as one of Keras 3: expressions are replaced, all other text stays as it is."""

import ast
import inspect
from collections.abc import Iterator
from types import ModuleType
from typing import Any

from .._spelling.logs import other_name
from ..convert.keras_2_config import MERGED
from ..engine.container import Container
from ..engine.layer import Layer
from ..models import Model, Sequential
from .arguments import Translated, translated
from .names import OPS, find, hint, new_path
from .source import Source

#: Methods of models whose names Keras 3 has no longer.
_METHODS = {
    "fit_generator": "fit",
    "evaluate_generator": "evaluate",
    "predict_generator": "predict",
    "predict_proba": "predict",
}
_GONE_METHODS = {
    "predict_classes": "use predict(...).argmax(-1)",
    "to_yaml": "use to_json",
}
#: Where Keras 3 keeps what a layer's calls had, by the method of Keras 1.
_AT = {
    "get_output_at": "output_tensors[0]",
    "get_input_at": "input_tensors[0]",
    "get_output_shape_at": "output_tensors[0].shape",
    "get_input_shape_at": "input_tensors[0].shape",
}
_PRIVATE = "the calls of a layer are private in Keras 3"
#: Arguments that functions of K and of `keras.ops` share.
_OF_OPS = frozenset("x axis keepdims dtype".split())
#: The axis that K takes if none is given, where `keras.ops` takes another.
_NO_AXIS = {
    **dict.fromkeys(["argmax", "argmin", "concatenate", "expand_dims"], "axis=-1"),
    **dict.fromkeys(["cumprod", "cumsum"], "axis=0"),
}


class Script:
    """Rewrites one program.

    Args:
        code: the program.
        name: its name, for messages.

    Attributes:
        notes: (statement, text, whether it could not be translated), in the order of the program.
        needs_keras: whether the new code names `keras` itself.
        has_images: whether a layer depends on the image ordering.
        sets_ordering: whether the program sets the ordering.
    """

    def __init__(self, code: str, name: str) -> None:
        self.source = Source(code, name)
        self.notes: list[tuple[ast.stmt, str, bool]] = []
        self.needs_keras = self.has_images = self.sets_ordering = False
        self.paths: dict[str, str] = {}  # local name -> path inside keras
        self.starred: set[str] = set()
        self.kinds: dict[str, Any] = {}  # variable -> class of the layer or model that it holds
        self._here: ast.stmt = ast.Pass()
        self._read_imports()
        self._read_variables()
        self._long_names = any(
            isinstance(node, ast.Constant) and node.value == "accuracy" for node in ast.walk(self.source.tree)
        )

    def rewritten(self) -> str:
        """Returns the new code, without comments."""
        self.notes.clear()
        return self.source.text_of(self.source.tree, self._replacement)

    def imports(self) -> tuple[ast.stmt | None, ast.stmt | None]:
        """Returns the first import of keras at the top level, and the last of the imports that follow it."""
        first, last = None, None
        for node in self.source.tree.body:
            is_import = isinstance(node, ast.Import | ast.ImportFrom)
            if first is None and is_import and "keras" in ast.unparse(node):
                first = node
            if first is not None and not is_import:
                break
            last = node if first is not None else None
        return first, last

    # --- what names mean

    def _read_imports(self) -> None:
        for node in ast.walk(self.source.tree):
            if isinstance(node, ast.Import):
                for each in node.names:
                    if each.name.split(".")[0] == "keras":
                        path = each.name.partition(".")[2]
                        self.paths[each.asname or "keras"] = path if each.asname else ""
            elif isinstance(node, ast.ImportFrom) and _is_keras(node):
                for each in node.names:
                    self._read_name((node.module or "").partition(".")[2], each)

    def _read_name(self, module: str, each: ast.alias) -> None:
        if each.name != "*":
            self.paths[each.asname or each.name] = f"{module}.{each.name}".strip(".")
            return
        for name, value in vars(find(module) or object()).items():
            if not name.startswith("_") and str(getattr(value, "__module__", "")).startswith("keras"):
                self.paths.setdefault(name, f"{module}.{name}")
                self.starred.add(name)

    def _read_variables(self) -> None:
        for node in ast.walk(self.source.tree):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id in self.starred:
                self.paths.pop(node.id, None)
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
                made = self._object(node.value.func)
                if not inspect.isclass(made):
                    made = (
                        Model if getattr(made, "__name__", "") in ("load_model", "model_from_json") else None
                    )
                for target in node.targets:
                    if isinstance(target, ast.Name):
                        self.kinds[target.id] = made

    def _path(self, node: ast.AST) -> str | None:
        if isinstance(node, ast.Name):
            return self.paths.get(node.id)
        if isinstance(node, ast.Attribute):
            base = self._path(node.value)
            if base is not None and isinstance(find(base), ModuleType):
                return f"{base}.{node.attr}".lstrip(".")
        return None

    def _object(self, node: ast.AST) -> Any:
        path = self._path(node)
        return None if path is None else find(path)

    # --- what is written instead

    def _text(self, node: ast.AST) -> str:
        return self.source.text_of(node, self._replacement)

    def _note(self, text: str, lost: bool = False) -> None:
        if not any(here is self._here and known == text for here, known, _ in self.notes):
            self.notes.append((self._here, text, lost))

    def _replacement(self, node: ast.AST) -> str | None:
        """Returns the new code of a node, or None if only parts of it may change."""
        if isinstance(node, ast.stmt):
            self._here = node
        if isinstance(node, ast.Import | ast.ImportFrom):
            return self._import(node)
        if isinstance(node, ast.Call):
            return self._call(node)
        if isinstance(node, ast.Attribute | ast.Name):
            return self._name(node)
        if isinstance(node, ast.Compare):
            return self._comparison(node)
        if isinstance(node, ast.Subscript):
            return self._log(node)
        if isinstance(node, ast.FunctionDef) and node.name == "get_output_shape_for":
            return (
                None
                if node.decorator_list
                else self.source.renamed(node, "compute_output_shape", self._replacement)
            )
        return None

    def _import(self, node: ast.Import | ast.ImportFrom) -> str | None:
        if isinstance(node, ast.Import):
            if not any(each.name.startswith("keras") for each in node.names):
                return None
            lines = [self._import_line(each) for each in node.names]
        elif _is_keras(node):
            lines = list(self._from_lines((node.module or "").partition(".")[2], node.names))
        else:
            return None
        indent = self.source.indentation(node)
        return f"\n{indent}".join(dict.fromkeys(lines or ["import keras"]))

    def _import_line(self, each: ast.alias) -> str:
        top, _, path = each.name.partition(".")
        alias = f" as {each.asname}" if each.asname else ""
        if top != "keras":
            return f"import {each.name}{alias}"
        return (
            f"from keras import {path}{alias}"
            if path and alias and new_path(path) == path
            else "import keras"
        )

    def _from_lines(self, module: str, names: list[ast.alias]) -> Iterator[str]:
        groups: dict[str, list[str]] = {}
        for each in names:
            alias = f" as {each.asname}" if each.asname else ""
            path = f"{module}.{each.name}".strip(".")
            if each.name == "*":
                groups.setdefault(new_path(module), []).append("*")
                continue
            found = find(path)
            if found is None:
                self._note(f"{path} is unknown to Keras 1.2.2", lost=True)
                groups.setdefault(module, []).append(f"{each.name}{alias}")
                continue
            if path.endswith(".merge") or path == "merge":
                continue  # its calls name their layers in full
            new = new_path(path)
            if isinstance(found, ModuleType) and new != path:
                self.needs_keras = True  # its names are written in full
            elif not isinstance(found, ModuleType) and (text := hint(new)):
                self._note(f"{path}: {text}", lost=True)
            else:
                where, _, last = new.rpartition(".")
                groups.setdefault(where, []).append(f"{last}{alias}" if alias != f" as {last}" else last)
        for where, found_names in groups.items():
            yield f"from keras{'.' * bool(where)}{where} import {', '.join(dict.fromkeys(found_names))}"

    def _name(self, node: ast.Attribute | ast.Name) -> str | None:
        path = self._path(node)
        if path is None:
            return self._attribute(node) if isinstance(node, ast.Attribute) else None
        if isinstance(node.ctx, ast.Store) or find(path) is None or isinstance(find(path), ModuleType):
            return None
        return self._new_name(node, path)

    def _new_name(self, node: ast.AST, path: str) -> str | None:
        new = new_path(path)
        if text := hint(new):
            self._note(f"{path}: {text}", lost=True)
            return None
        last = new.rpartition(".")[2]
        if isinstance(node, ast.Name) and node.id not in self.starred:
            return last if path.endswith(f".{node.id}") else None
        if isinstance(node, ast.Name) and last == node.id:
            return None
        if isinstance(node, ast.Attribute) and new == path:
            return None
        self.needs_keras = True
        return f"keras.{new}"

    def _attribute(self, node: ast.Attribute) -> str | None:
        if node.attr == "get_output_shape_for":
            return f"{self._text(node.value)}.compute_output_shape"
        if node.attr in ("input_shape", "output_shape") and self._is_layer(node.value):
            return f"{self._text(node.value)}.{node.attr.partition('_')[0]}.shape"
        return None

    def _is_layer(self, node: ast.AST) -> bool:
        kind = self.kinds.get(node.id) if isinstance(node, ast.Name) else None
        return inspect.isclass(kind) and issubclass(kind, Layer) and not issubclass(kind, Container)

    def _comparison(self, node: ast.Compare) -> str | None:
        """Keras 3 has no truth value for `tensor == tensor`; Keras 1 asks so for the same tensor."""
        left, sign = node.left, node.ops[0]
        at = isinstance(left, ast.Call) and isinstance(left.func, ast.Attribute) and left.func.attr in _AT
        tensor = at and "shape" not in _AT[left.func.attr]  # pyright: ignore
        own = (
            isinstance(left, ast.Attribute)
            and left.attr in ("input", "output")
            and self._is_layer(left.value)
        )
        if len(node.ops) > 1 or not (tensor or own) or not isinstance(sign, ast.Eq | ast.NotEq):
            return None
        word = "is" if isinstance(sign, ast.Eq) else "is not"
        return f"{self._text(left)} {word} {self._text(node.comparators[0])}"

    def _log(self, node: ast.Subscript) -> str | None:
        key = node.slice.value if isinstance(node.slice, ast.Constant) else None
        is_log = isinstance(node.value, ast.Attribute) and node.value.attr == "history"
        if not is_log or not isinstance(key, str) or not key.endswith("acc") or not self._long_names:
            return None
        return f"{self._text(node.value)}[{other_name(key)!r}]"

    # --- calls

    def _call(self, node: ast.Call) -> str | None:
        called, name = self._object(node.func), getattr(node.func, "attr", "")
        if called is not None and self._path(node.func) is not None:
            return self._call_of_keras(node, called)
        if not isinstance(node.func, ast.Attribute):
            return None
        if name in _AT and node.args:
            self._note(_PRIVATE)
            return f"{self._text(node.func.value)}._inbound_nodes[{self._text(node.args[0])}].{_AT[name]}"
        return self._method(node, node.func)

    def _call_of_keras(self, node: ast.Call, called: Any) -> str | None:
        path = self._path(node.func) or ""
        name = path.rpartition(".")[2]
        if name == "merge" and not inspect.isclass(called):
            return self._merge(node, called)
        if name == "set_image_dim_ordering":
            self.sets_ordering = self.needs_keras = True
            order = {"'th'": "'channels_first'", "'tf'": "'channels_last'"}
            text = self._text(node.args[0]) if node.args else ""
            return f"keras.config.set_image_data_format({order.get(text, text)})"
        if inspect.isclass(called) and "dim_ordering" in inspect.signature(called).parameters:
            self.has_images = self.needs_keras = True
        if path.startswith("backend.") and name in _NO_AXIS and len(node.args) + len(node.keywords) == 1:
            return f"{self._text(node.func)}({self._text(node.args[0])}, {_NO_AXIS[name]})"
        if path.startswith("backend.") and name in OPS:
            others = sorted({str(each.arg) for each in node.keywords} - _OF_OPS)
            if others:
                self._note(
                    f"K.{name}: keras.ops.{OPS[name]} may have no argument {', '.join(others)}", lost=True
                )
        made = translated(called, node)
        return None if made is None else self._with(node, self._text(node.func), made)

    def _method(self, node: ast.Call, func: ast.Attribute) -> str | None:
        kind = self.kinds.get(func.value.id) if isinstance(func.value, ast.Name) else None
        is_model = inspect.isclass(kind) and issubclass(kind, Container)
        names = {each.arg for each in node.keywords}
        known = is_model or names & {"nb_epoch", "samples_per_epoch", "nb_val_samples", "val_samples"}
        if func.attr in _GONE_METHODS and known:
            self._note(f"{func.attr}: {_GONE_METHODS[func.attr]}", lost=True)
        called = getattr(kind if is_model else Sequential, func.attr, None)
        if not known or not inspect.isfunction(called):
            return None
        made = translated(called, node)
        new = f"{self._text(func.value)}.{_METHODS.get(func.attr, func.attr)}"
        if made is None:
            return None if func.attr not in _METHODS else self._renamed_call(node, new)
        return self._with(node, new, made)

    def _renamed_call(self, node: ast.Call, func: str) -> str:
        arguments = [self._text(each) for each in (*node.args, *node.keywords)]
        return f"{func}({', '.join(arguments)})"

    def _merge(self, node: ast.Call, called: Any) -> str | None:
        names = list(inspect.signature(called).parameters)
        given = dict(zip(names, node.args)) | {each.arg or "": each.value for each in node.keywords}
        mode = given.pop("mode", ast.Constant("sum"))
        class_name, row = MERGED.get(mode.value, ("", None)) if isinstance(mode, ast.Constant) else ("", None)  # type: ignore
        axes = {"concatenate": "concat_axis", "dot": "dot_axes"}.get(class_name.lower(), "")
        tensors, axis, label = (given.pop(key, None) for key in (names[0], axes, "name"))
        given = {key: value for key, value in given.items() if key not in ("concat_axis", "dot_axes")}
        if row is None or given or tensors is None:
            self._note(f"merge(mode={ast.unparse(mode)}): Keras 3 has no such layer", lost=True)
            return None
        self.needs_keras = True
        name = class_name.lower()
        if name == "dot":
            self._note("dot_axes counted the axis of samples in the same way; check the shape of the result")
        parts = [self._text(tensors)]
        parts += [f"{'axes' if name == 'dot' else 'axis'}={self._text(axis)}"] if axis else []
        parts += ["axes=-1"] if name == "dot" and not axis else []
        parts += [f"name={self._text(label)}"] if label else []
        return f"keras.layers.{name}({', '.join(parts)})"

    def _with(self, node: ast.Call, func: str, made: Translated) -> str | None:
        """Returns a call with new arguments, on as many lines as before."""
        for text in made.notes:
            self._note(text)
        for text in made.lost:
            self._note(text, lost=True)
        if made.arguments is None:
            return None
        pieces, line = [], node.func.end_lineno or 0
        for argument in made.arguments:
            values = [argument.text] if argument.text else [self._part(part) for part in argument.parts]
            if argument.text and "keras." in argument.text:
                self.needs_keras = True
            value = values[0] if len(values) == 1 else f"({', '.join(map(str, values))})"
            start = getattr(argument.parts[0], "lineno", line) if argument.parts else line
            pieces.append(
                (
                    f"\n{self.source.leading(start)}" if start > line else " " if pieces else "",
                    f"{argument.name}={value}" if argument.name else f"{value}",
                )
            )
            line = max(line, *(getattr(part, "end_lineno", line) for part in argument.parts), line)
        for comment in self.source.comments_in(node):
            self._note(comment)
        return f"{func}({','.join(before + text for before, text in pieces)})"

    def _part(self, node: ast.expr) -> str:
        return self._text(node) if hasattr(node, "lineno") else ast.unparse(node)


def _is_keras(node: ast.ImportFrom) -> bool:
    return not node.level and (node.module or "").split(".")[0] == "keras"
