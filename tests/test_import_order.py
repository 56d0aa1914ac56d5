"""A module of keras imports only from its own level or a lower one, at the top of its file."""

import ast
import graphlib
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src"

# A name covers itself and all that is inside it; the longest name that fits a module counts.
LEVELS = [
    "keras._other_keras keras._spelling keras._star_imports keras._base",
    "keras._host",
    "keras._files",
    "keras._kernels",
    "keras._graph",
    "keras.backend keras.distributed",
    """keras.activations keras.initializations keras.initializers keras.regularizers keras.constraints
    keras.objectives keras.metrics keras.optimizers keras.callbacks""",
    # The engine: what a layer is made of, layers, models, training.
    """keras.engine.files.building keras.engine.files.places keras.engine.files.registry
    keras.engine.files.functions keras.engine.files.entries keras.engine.files.captured
    keras.engine.files.weight_names keras.engine.files.keras_2_weights keras.engine.precision
    keras.engine.node keras.engine.graph_map keras.engine.summary keras.engine.connections
    keras.engine.input_spec keras.engine.input_checks keras.engine.op_config keras.engine.graph_config
    keras.engine.weight_order keras.engine.weight_paths keras.engine.calls keras.engine.copying
    keras.engine.layer_list keras.engine.image_order keras.engine.beyond""",
    "keras.engine.weights",
    "keras.engine.layer",
    """keras.engine.input_layer keras.engine.merge keras.engine.graph_checks keras.engine.inner_layers
    keras.engine.compile_checks keras.engine.subclassed""",
    "keras.engine.files.weights keras.engine.files.loading keras.engine.files.saving",
    "keras.engine.container",
    "keras.engine.fitting",
    "keras.engine.compiled",
    "keras.engine.model",
    "keras.engine keras.engine.files keras.engine.topology keras.engine.training",
    "keras.layers",
    "keras.models",
    "keras._later keras.legacy",
    "keras._tools keras.export",
    "keras._inspect",
    "keras.convert",
    "keras._upgrade",
    "keras._display keras.plots",
    "keras.training",
    "keras.preprocessing keras.datasets keras.applications keras.wrappers",
    "keras.utils",
    "keras",
    "keras.compat",
    "keras._cli",
    "keras.__main__",
]
LEVEL_OF = {name: level for level, names in enumerate(LEVELS) for name in names.split()}
# Third parties that only some users have or need: imported by the function that uses them.
ON_USE = set(
    "h5py yaml PIL scipy matplotlib pydot tensorboardX sklearn IPython librosa pyarrow "
    "optax onnx onnxruntime rich safetensors".split()
)
# (module, imported module) pairs that may stand inside a function all the same; say why.
ALLOWED = {
    ("keras._files.atomic", "fcntl"),  # Windows has none
    ("keras._files.hdf5_format.opening", "keras._files.hdf5_reader"),  # import keras is faster without it
}

MODULES = {
    ".".join(path.relative_to(SOURCE).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted((SOURCE / "keras").rglob("*.py"))
}


def level(module):
    """Returns the level of `module`; the name `keras` covers only the package itself."""
    parts = module.split(".")
    prefixes = [".".join(parts[:n]) for n in range(len(parts), 0, -1)]
    found = next(name for name in prefixes if name in LEVEL_OF)
    # What is inside these must be listed by its own name.
    exact_only = {
        "keras",
        "keras.engine",
        "keras.engine.files",
    }
    assert found == module or found not in exact_only, (
        f"{module} has no level: add it to LEVELS in {Path(__file__).name}."
    )
    return LEVEL_OF[found]


def imports(module, path, tree):
    """Yields (line, imported module, whether at the top of the file) for each import that runs."""
    package = module.split(".") if path.name == "__init__.py" else module.split(".")[:-1]
    typing_only = {
        id(node)
        for block in ast.walk(tree)
        if isinstance(block, ast.If) and ast.unparse(block.test).endswith("TYPE_CHECKING")
        for node in ast.walk(block)
    }
    for node in ast.walk(tree):
        if id(node) in typing_only:
            continue
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            origin = ".".join([*above, *([node.module] if node.module else [])])
            # `from a import b` imports a.b if that is a module, and otherwise a.
            inside = [f"{origin}.{alias.name}" for alias in node.names]
            names = [name if name in MODULES else origin for name in inside]
        else:
            continue
        yield from ((node.lineno, name, node in tree.body) for name in dict.fromkeys(names))


def problems(module, path, tree):
    """Returns one line for each import of `module` that is out of order."""
    found = []
    for line, target, at_top in imports(module, path, tree):
        where = f"{path}:{line}: {module} imports {target}"
        on_use = target.split(".")[0] in ON_USE
        if target in MODULES and level(target) > level(module):
            found.append(
                f"{where}, level {level(target)} from level {level(module)}: move the shared part "
                "down, or let the upper module pass it in."
            )
        if at_top and on_use:
            found.append(f"{where} at the top of the file: move it into the function that uses it.")
        if not at_top and not on_use and (module, target) not in ALLOWED:
            found.append(f"{where} inside a block: move it to the top of the file.")
    return found


@pytest.mark.parametrize("module", MODULES)
def test_imports_point_down(module):
    path = MODULES[module]
    found = problems(module, path.relative_to(SOURCE.parent), ast.parse(path.read_text("utf-8")))
    assert not found, "\n" + "\n".join(found)


def test_there_are_no_circular_imports():
    graph = {
        module: {
            target
            for _, target, _ in imports(module, path, ast.parse(path.read_text("utf-8")))
            if target in MODULES
        }
        for module, path in MODULES.items()
    }
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        pytest.fail("These modules import each other: " + " <- ".join(error.args[1]))


@pytest.mark.parametrize(
    "text, said",
    [
        ("from ..models import Sequential", "keras.models, level 18 from level 9"),
        ("import h5py", "h5py at the top of the file"),
        ("def f():\n    from .. import backend", "keras.backend inside a block"),
        ("def f():\n    import h5py", None),
        ("from .. import backend as K\nimport numpy", None),
    ],
)
def test_the_walk_finds_every_kind_of_import(text, said, monkeypatch):
    monkeypatch.setitem(MODULES, "keras.models", None)
    monkeypatch.setitem(MODULES, "keras.backend", None)
    found = problems("keras.engine.layer", Path("layer.py"), ast.parse(text))
    assert [said in line for line in found] == [True] * (said is not None)
