"""Every module of keras that defines something has a test file or folder under its name.

The module `keras._graph.sparse` is tested by `tests/graph/test_sparse.py`: leading underscores are dropped.
Names are compared loosely. A file may add words to the name of its module (`test_container_losses.py` tests
`container`) or cover several modules that begin with its name (`test_image.py` tests `_image_files`).
"""

import ast
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src" / "keras"
TESTS = Path(__file__).parent

#: Modules that are tested elsewhere, and where. The name of a package covers all of its modules.
TESTED_IN = {
    # One table of recorded trainings over all optimizers.
    "optimizers": "optimizers/test_optimizers.py",
    # Each layer is a row of the catalog, and has recorded answers.
    "layers": "properties/test_every_layer.py recorded_answers/test_layers.py",
    "engine.merge": "properties/test_every_layer.py recorded_answers/test_layers.py",
    # Each function of K is a row of a table, and has recorded answers.
    "backend": "backend/test_k_functions.py recorded_answers/test_backend.py",
    # One table of spellings drives the package; it names the initializers of Keras 2 as well.
    "_spelling": "spelling/test_spelling.py",
    "initializers": "spelling/test_spelling.py",
    # What later versions added: recorded from Keras 2.3.1, and compared with other libraries.
    "_later": "spelling/test_records_2.py spelling/test_today.py spelling/test_programs_of_2018.py",
    "legacy": "spelling/test_surface_2.py",
    "utils.conv_utils": "spelling/test_surface_2.py",
    "utils.generic_utils": "spelling/test_surface_2.py",
    # Each application has recorded graphs, weights and predictions.
    "applications": "applications/test_graphs.py applications/test_weights.py applications/test_utils.py",
    # Each data set is read from a small file in the original format.
    "datasets": "datasets/test_datasets.py",
    # Each function of the stand-ins is a row of a table of recorded answers.
    "compat": "compat/test_stand_ins.py compat/test_install.py",
    # Groups of processes; failing processes are row F1 of the reliability table.
    "distributed": "distributed/test_initialize.py distributed/test_group.py distributed/test_processes.py "
    "reliability/hosts.py",
    # The record of the original's names has these, too.
    "_star_imports": "test_public_api.py",
    # What notebooks show is tested as shown.
    "_base.displayed": "display/test_everything.py",
    "_base.rooms": "display/test_everything.py",
    "engine.beyond": "training/test_pure.py",
    "_display": "display/test_everything.py",
    "plots": "plots/test_plots.py",
    # A diagram is tested as drawn.
    "_tools.drawing": "tools/test_pictures.py",
    "_tools.layered": "tools/test_pictures.py",
    "_tools.matplotlib_writer": "tools/test_pictures.py",
    "_tools.model_graph": "tools/test_pictures.py",
    "_tools.svg_writer": "tools/test_pictures.py",
    # The forms of a convolution share one comparison with XLA.
    "_kernels.apart": "kernels/test_sums.py",
    "_kernels.bilinear": "kernels/test_convolution.py kernels/test_depthwise.py",
    "_kernels.few_terms": "kernels/test_convolution.py",
    "_kernels.filter_gradient": "kernels/test_convolution.py",
    "_kernels.geometry": "kernels/test_convolution.py kernels/test_pooling.py",
    "_kernels.winograd": "kernels/test_convolution.py",
    # Visible only in the methods of models that take data in batches.
    "_base.sequence": "engine/fitting/feeds/test_iterables.py",
    "engine.fitting.calls": "engine/fitting/feeds/test_iterables.py",
    "engine.fitting.feeds.passes": "engine/fitting/feeds/test_iterables.py",
    # Visible only in functions, gradients, loops and policies.
    "_graph.evaluate": "graph/test_size.py graph/test_function.py",
    "_graph.facts": "graph/test_op.py",
    "_graph.placement": "graph/test_mesh.py",
    "_graph.precision": "engine/test_precision.py properties/test_mixed_precision.py",
    # Keys are folded from a run.
    "_graph.run": "graph/test_random.py",
    "_graph.show": "graph/test_verify_and_show.py",
    "_graph.subgraph": "graph/test_loops.py",
    "_graph.walk": "graph/test_size.py",
    "_host.platform": "kernels/test_sums.py",
    # The line that a warning names is checked where warnings are tested.
    "_base.callers": "test_bad_input.py engine/fitting/test_watch.py",
    # Damaged and foreign files are tested through the reader.
    "_files.digest": "files/hdf5_format/test_opening.py",
    # Its modules are one interface, tried on whole files of h5py, damaged ones and attacks.
    "_files.hdf5_reader": "files/hdf5_reader/test_against_h5py.py files/hdf5_reader/test_hostile_files.py "
    "properties/test_hdf5_mutations.py",
    "_files.hdf5_format.rules": "files/hdf5_format/test_reading.py files/hdf5_format/test_writing.py",
    "_files.hdf5_format.stored": "files/hdf5_format/test_both_readers.py",
    "_files.hdf5_format.h5py_reader": "files/hdf5_format/test_both_readers.py",
    # A graph is checked as written to an event file; modes and times are properties of the callbacks.
    "callbacks._graph_def": "callbacks/test_tensorboard.py",
    "callbacks._monitor": "callbacks/test_control.py",
    "callbacks._timing": "callbacks/test_list.py",
    # What is exported is tested by what the formats make of it.
    "export.program": "export/test_stablehlo.py",
    "preprocessing._directory_iterator": "preprocessing/test_image.py",
    "preprocessing._iterator": "preprocessing/test_image.py",
    "wrappers._estimator": "wrappers/test_scikit_learn.py",
    # Wrong models, data and arguments are one table over the whole engine.
    "engine.compiled": "test_bad_input.py recorded_answers/test_training.py",
    "engine.input_checks": "test_bad_input.py",
    "engine.input_spec": "test_bad_input.py",
    "engine.input_layer": "test_bad_input.py engine/test_model_fixed_batch.py",
    "engine.fitting.checks": "test_bad_input.py",
    "engine.fitting.standardize": "test_bad_input.py",
    "engine.fitting.values": "test_bad_input.py",
    "engine.fitting.sample_weights": "recorded_answers/test_training.py test_bad_input.py",
    "engine.fitting.losses": "engine/test_container_losses.py recorded_answers/test_training.py",
    # Files of any Keras, and the command line, are tried on whole files.
    "_inspect": "cli/test_commands.py",
    "convert": "convert/test_convert.py",
    "_cli": "cli/test_commands.py cli/test_upgrade.py",
    "_upgrade": "cli/test_upgrade.py",
    # Parts of layers and models.
    "engine.connections": "engine/test_layer.py",
    "engine.graph_checks": "engine/test_container.py test_bad_input.py",
    "engine.graph_config": "engine/test_container.py recorded_answers/test_files.py",
    "engine.graph_map": "engine/test_container.py",
    "engine.inner_layers": "engine/test_container_weights.py",
    "engine.node": "engine/test_layer.py",
    "engine.op_config": "engine/test_operation_steps.py",
    "engine.summary": "engine/test_container_weights.py",
    "engine.weights": "engine/test_container_weights.py",
    "models": "engine/test_model.py recorded_answers/test_models.py",
    # Files of models.
    "engine.files.functions": "files/test_config_text.py recorded_answers/test_files.py",
    "engine.files.loading": "recorded_answers/test_files.py test_bad_files.py",
    "engine.files.registry": "engine/files/test_building.py test_bad_files.py",
    "engine.files.saving": "recorded_answers/test_files.py test_bad_files.py",
    "engine.files.weights": "recorded_answers/test_files.py test_bad_files.py",
    # Kinds of data and of placement; new ones are registered by a test.
    "engine.fitting.rows": "engine/fitting/feeds/test_arrays.py",
    "engine.fitting.feeds.base": "engine/fitting/feeds/test_registering.py",
    "engine.fitting.feeds.generators": "engine/fitting/feeds/test_workers.py",
    # What differs between processes is named by processes.
    "engine.fitting.agreement": "distributed/test_processes.py",
}


def defines_something(path: Path) -> bool:
    definitions = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    return any(isinstance(node, definitions) for node in ast.parse(path.read_text(encoding="utf-8")).body)


def words(name: str) -> list[str]:
    return name.strip("_").split("_")


def begins(one: list[str], other: list[str]) -> bool:
    """Returns whether one list of words begins with the other, apart from a plural s."""
    shorter, longer = sorted((one, other), key=len)
    return [word.rstrip("s") for word in longer[: len(shorter)]] == [word.rstrip("s") for word in shorter]


def namesakes(module: str) -> list[Path]:
    """Returns the test files and folders under the name of a module, such as "_graph.sparse".

    A file under the name of a package covers its modules: `test_config_text.py` for `config_text.yaml_text`.
    """
    *packages, name = module.split(".")
    folder = TESTS.joinpath(*(package.strip("_") for package in packages))
    found = named(folder, name) + [path for path in [folder / name.strip("_")] if path.is_dir()]
    return found or (named(folder.parent, packages[-1]) if packages else [])


def named(folder: Path, name: str) -> list[Path]:
    return [file for file in folder.glob("test_*.py") if begins(words(file.stem[5:]), words(name))]


def entry(module: str) -> str | None:
    """Returns the name in `TESTED_IN` that covers a module: its own, or that of a package around it."""
    parts = module.split(".")
    names = [".".join(parts[:count]) for count in range(len(parts), 0, -1)]
    return next((name for name in names if name in TESTED_IN), None)


MODULES = {
    ".".join(path.relative_to(SOURCE).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted(SOURCE.rglob("*.py"))
    if path != SOURCE / "__init__.py"
}


@pytest.mark.parametrize("module", [name for name, path in MODULES.items() if defines_something(path)])
def test_module_has_a_namesake(module):
    own = f"test_{module.rpartition('.')[2].strip('_')}.py"
    assert namesakes(module) or entry(module), (
        f"keras.{module} has no tests under its name: add {own} to the folder of tests/ that mirrors its own "
        f"or, if other tests cover it, an entry to TESTED_IN in {Path(__file__).name}."
    )


@pytest.mark.parametrize("module", TESTED_IN)
def test_exception_names_existing_modules_and_tests(module):
    assert module in MODULES, f"there is no module keras.{module}: take it off TESTED_IN"
    missing = [path for path in TESTED_IN[module].split() if not (TESTS / path).exists()]
    assert not missing, f"TESTED_IN[{module!r}] names missing tests: {missing}"


@pytest.mark.parametrize(
    "module, found",
    [
        ("_graph.sparse", True),
        ("engine.container", True),  # test_container_losses.py
        ("preprocessing._image_files", True),  # test_image.py
        ("_graph.gradient", True),  # test_gradients.py
        ("_graph.nothing_like_it", False),
    ],
)
def test_names_are_compared_loosely(module, found):
    assert bool(namesakes(module)) == found
