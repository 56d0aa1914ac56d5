"""Attacks by configs: YAML that makes objects, byte code, names of functions, and sizes."""

import base64
import copy
import itertools
import json
import marshal
import os

import numpy as np

from attacks.corpus import Case
from keras._files import hdf5_format
from keras.utils.generic_utils import func_dump

INPUT = {"name": "x", "batch_input_shape": [None, 4], "input_dtype": "float32", "sparse": False}


def layer(name, class_name, sources=("x",), **config):
    """The entry of a layer in a model's config, called once on all its sources."""
    calls = [[[source, 0, 0] for source in sources]]
    return {
        "name": name,
        "class_name": class_name,
        "config": {"name": name, **config},
        "inbound_nodes": calls,
    }


def model(*layers):
    """A model from input x through layers to the last of them."""
    first = {"name": "x", "class_name": "InputLayer", "config": INPUT, "inbound_nodes": []}
    ends = {"input_layers": [["x", 0, 0]], "output_layers": [[layers[-1]["name"], 0, 0]]}
    return {"class_name": "Model", "config": {"name": "m", "layers": [first, *layers], **ends}}


SMALL = model(layer("dense", "Dense", output_dim=3))
SMALL_WEIGHTS = [("x", []), ("dense", [("W", np.ones((4, 3), "f4")), ("b", np.ones(3, "f4"))])]


def model_file(config, training_config=None, layers=SMALL_WEIGHTS):
    """A function that writes a model file with this config."""

    def write(path):
        with hdf5_format.open_for_writing(path) as file:
            hdf5_format.write_model_parts(file, config, layers, training_config)

    return write


def through_all_doors(name, family, config):
    yield Case(f"{name}.json", family, "json", json.dumps(config))
    yield Case(f"{name}.yaml", family, "yaml", json.dumps(config))  # JSON is YAML, too
    yield Case(f"{name}.config", family, "from_config", json.dumps(config))
    yield Case(f"{name}.model", family, "model", model_file(config))


def cases(outside):
    marker = os.path.join(outside, "marker")
    yield from _yaml(marker, outside)
    for name, config in _code(marker).items():
        yield from through_all_doors(name, "code", config)
    yield from _gadgets(marker, outside)
    yield from _sizes()


def _yaml(marker, outside):
    touch = f"touch {marker}"
    secret = os.path.join(outside, "secret")
    bomb = "a0: &a0 [" + "x, " * 99 + "x]\n"
    bomb += "".join(f"a{i}: &a{i} [" + ", ".join([f"*a{i - 1}"] * 10) + "]\n" for i in range(1, 9))
    texts = {
        "apply_system": f'!!python/object/apply:os.system ["{touch}"]',
        "new_popen": f'!!python/object/new:subprocess.Popen [["touch", "{marker}"]]',
        "name": "class_name: !!python/name:os.system\nconfig: {}",
        "module": "class_name: !!python/module:antigravity\nconfig: {}",
        "apply_eval": f"config: !!python/object/apply:builtins.eval [\"open('{marker}', 'w')\"]",
        "new_type": '!!python/object/new:type ["X", !!python/tuple [], {extend: !!python/name:exec }]',
        "with_state": '!!python/object/new:str {state: !!python/tuple ["x", {y: !!python/name:exec }]}',
        "list_items": "!!python/object/new:bytes {listitems: [!!python/object/apply:os.getcwd []]}",
        "object": "!!python/object:keras.callbacks.ModelCheckpoint {filepath: x}",
        "short_tag": f'%TAG ! tag:yaml.org,2002:python/object/apply:\n---\n!os.system ["{touch}"]',
        "verbatim_tag": f'!<tag:yaml.org,2002:python/object/apply:os.system> ["{touch}"]',
        "open": f'config: !!python/object/apply:io.open ["{secret}"]',
        "numpy_call": "!!python/object/apply:numpy.core.multiarray.scalar [!!python/name:os.system , 'x']",
        "alias_bomb": bomb,
        "cycle": "class_name: Model\nconfig: &a [*a]",
        "deep": "config: " + "[" * 100_000 + "]" * 100_000,
    }
    for name, text in texts.items():
        yield Case(f"{name}.yaml", "yaml", "yaml", text)


def _code(marker):
    """dict name -> config with code in it, wherever Keras 1 kept code."""
    code = compile(f"open({marker!r}, 'w').close()", "attack", "exec")
    payload = eval(f"lambda x: open({marker!r}, 'w').close() or x")
    ours = list(func_dump(payload))
    keras_1 = [marshal.dumps(payload.__code__).decode("latin-1"), None, None]
    keras_2 = [base64.b64encode(marshal.dumps(code)).decode(), None, None]
    function = {"function": ours, "function_type": "lambda"}
    shape = {"output_shape": ours, "output_shape_type": "lambda"}
    raw = {"function": None, "function_type": "raw"}
    two = ("x", "x")
    merge = {"mode": "sum", "mode_type": "raw"}
    inner = {"class_name": "Lambda", "config": {"name": "inner", **function}}
    return {
        "lambda": model(layer("a", "Lambda", **function)),
        "lambda_of_keras_1": model(layer("a", "Lambda", function=keras_1, function_type="lambda")),
        "lambda_of_keras_2": model(layer("a", "Lambda", function=keras_2, function_type="lambda")),
        "lambda_shape": model(layer("a", "Lambda", **shape, **raw)),
        "function_system": model(layer("a", "Lambda", function="os.system", function_type="function")),
        "function_eval": model(layer("a", "Lambda", function="eval", function_type="function")),
        "merge_mode": model(layer("a", "Merge", two, mode=ours, mode_type="lambda")),
        "merge_shape": model(layer("a", "Merge", two, **merge, **shape)),
        "merge_mask": model(layer("a", "Merge", two, **merge, output_mask=ours, output_mask_type="lambda")),
        "merge_exec": model(layer("a", "Merge", two, mode="exec", mode_type="function")),
        "in_a_wrapper": model(layer("a", "TimeDistributed", layer=inner)),
        "says_it_may": {
            "allow_code": True,
            "safe_mode": False,
            **model(layer("a", "Lambda", allow_code=True, **function)),
        },
    }


def _gadgets(marker, outside):
    """Names of functions and classes that are no layers, losses and so on."""
    secret = os.path.join(outside, "secret")
    dense = dict(output_dim=3)
    fetch = {"name": "get_file", "fname": "x", "origin": f"file://{secret}", "cache_subdir": outside}
    classes = [
        "os.system",
        "builtins.eval",
        "subprocess.Popen",
        "keras.utils.data_utils.get_file",
        "get_file",
        "load_model",
        "allowing_code",
        "Layer.__subclasses__",
        "__import__",
        "../Dense",
    ]
    configs = {f"class_{name.replace('/', '_')}": model(layer("a", name, **dense)) for name in classes}
    configs |= {
        "module": model({**layer("a", "function", **dense), "module": "os", "registered_name": "system"}),
        "activation_get_file": model(layer("a", "Activation", activation="get_file")),
        "activation_dunder": model(layer("a", "Activation", activation="__class__")),
        "activation_module": model(layer("a", "Activation", activation="K")),
        "init_load": model(layer("a", "Dense", init="func_load", **dense)),
        "regularizer_get_file": model(layer("a", "Dense", W_regularizer=fetch, **dense)),
        "constraint_open": model(
            layer("a", "Dense", W_constraint={"name": "open", "file": marker, "mode": "w"}, **dense)
        ),
        "weights_from_a_path": model(layer("a", "Dense", weights=secret, **dense)),
        "path_for_a_vocabulary": model(layer("a", "Embedding", input_dim=3, output_dim=3, vocabulary=secret)),
        "url": model(layer("a", "Embedding", input_dim=3, output_dim=3, vocabulary="http://127.0.0.1:9/")),
    }
    for name, config in configs.items():
        yield Case(f"{name}.json", "names", "json", json.dumps(config))
    settings = {
        "optimizer_config": {"class_name": "SGD", "config": {"lr": 0.1}},
        "loss": "mse",
        "metrics": [],
    }
    for name, change in {
        "loss": {"loss": "eval"},
        "metric": {"metrics": ["get_file"]},
        "optimizer": {"optimizer_config": {"class_name": "os.system", "config": {"command": "true"}}},
        "optimizer_argument": {"optimizer_config": {"class_name": "SGD", "config": {"path": secret}}},
    }.items():
        yield Case(f"training_{name}", "names", "model", model_file(SMALL, {**settings, **change}))


def _sizes():
    """Bombs: configs that ask for more memory or time than their size lets one think."""
    chain = [layer("a0", "Activation", activation="relu")]
    for i in range(1, 20_000):
        chain.append(layer(f"a{i}", "Activation", [f"a{i - 1}"], activation="relu"))
    calls = model(layer("m", "Activation", activation="relu"))
    for _ in range(15):
        inner = {**calls, "name": "m", "inbound_nodes": [[["x", 0, 0]], [["m", 1, 0]], [["m", 2, 0]]]}
        calls = copy.deepcopy(model(inner))
        calls["config"]["output_layers"] = [["m", 3, 0]]
    stateful = layer("a", "LSTM", output_dim=4, stateful=True)
    many_states = model(layer("r", "RepeatVector", n=2), {**stateful, "inbound_nodes": [[["r", 0, 0]]]})
    many_states["config"]["layers"][0]["config"] = {**INPUT, "batch_input_shape": [10**13, 4]}
    many_inputs = model(layer("a", "Merge", itertools.repeat("x", 300_000), mode="sum", mode_type="raw"))
    texts = {
        "units": json.dumps(model(layer("a", "Dense", output_dim=10**13))),
        "units_beyond_64_bits": json.dumps(model(layer("a", "Dense", output_dim=10**40))),
        "layers": json.dumps(model(*chain)),
        "layers_backwards": json.dumps(model(*chain[::-1])),
        "calls_of_models_in_models": json.dumps(calls),
        "inputs": json.dumps(many_inputs),
        "states": json.dumps(many_states),
        "nesting": '{"class_name": "Model", "config": ' + "[" * 10**6 + "]" * 10**6 + "}",
        "digits": '{"class_name": "Dense", "config": {"output_dim": ' + "9" * 10**6 + "}}",
    }
    for name, text in texts.items():
        yield Case(f"{name}.json", "bombs", "json", text)
    yield Case("units", "bombs", "model", model_file(model(layer("a", "Dense", output_dim=2 * 10**8))))
    words = layer("a", "Embedding", input_dim=10**9, output_dim=4, init="orthogonal")
    yield Case("words", "bombs", "model", model_file(model(words)))
    wide = [layer(f"w{i}", "Dense", output_dim=10_000) for i in range(100)]
    yield Case("wide_layers", "bombs", "model", model_file(model(*wide)))
