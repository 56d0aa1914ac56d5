"""Files that must load: of the original, of ours, of every layer, and archives."""

import json
from pathlib import Path

from catalog import LAYERS

from attacks.archives import archive, member
from attacks.configs import layer, model
from attacks.corpus import Case
from keras.layers import Input
from keras.models import Model, model_from_json

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "files"
MODELS = ["sequential", "two_outputs", "nested_shared", "video"]


def cases():
    for name in MODELS:
        config = str(GOLDEN / f"{name}.json")
        text = Path(config).read_text()
        yield Case(f"{name}.json", "original", "json", text)
        yield Case(f"{name}.yaml", "original", "yaml", (GOLDEN / f"{name}.yaml").read_text())
        yield Case(f"{name}_model", "original", "model", (GOLDEN / f"{name}.model.h5").read_bytes())
        weights = (GOLDEN / f"{name}.weights.h5").read_bytes()
        yield Case(f"{name}_weights", "original", "weights", weights, config)
        yield from _saved_again(name, text, config)
    yield Case("odd_scalars.yaml", "original", "yaml", _odd_scalars())
    yield from _layers()
    chain = [layer(f"a{i}", "Activation", [f"a{i - 1}" if i else "x"], activation="relu") for i in range(300)]
    yield Case("chain.json", "ours", "json", json.dumps(model(*chain)))
    yield Case("chain_backwards.json", "ours", "json", json.dumps(model(*chain[:-1][::-1], chain[-1])))
    yield Case("repeated", "ours", "tar", archive(*(member(f"a/{i}/x") for i in range(100))))
    yield Case("dots", "ours", "tar", archive(member("./a/..b"), member("./a/b..")))
    yield Case("accents", "ours", "tar", archive(member("é/模型")))
    yield Case("long_name", "ours", "tar", archive(member("d" * 80 + "/" + "n" * 80)))


def _odd_scalars():
    """YAML with NumPy numbers and Python tuples, where a model has them."""
    return json.dumps(model(layer("a", "Dense", output_dim=3))).replace(
        "[null, 4]", "!!python/tuple [null, 4]"
    )


def _saved_again(name, text, config):
    built = model_from_json(text)
    yield Case(f"{name}_again.json", "ours", "json", built.to_json())
    yield Case(f"{name}_again.yaml", "ours", "yaml", built.to_yaml())
    yield Case(f"{name}_again_model", "ours", "model", built.save)
    yield Case(f"{name}_again_weights", "ours", "weights", built.save_weights, config)


def _layers():
    """A model of every second row of the catalog."""
    for i, row in enumerate(LAYERS[::2]):
        if row.outside:
            continue
        inputs = [Input(shape=shape, dtype="int32" if row.ids else "float32") for shape in row.shapes]
        output = row.layer()(inputs if row.several else inputs[0])
        yield Case(f"{i}_{row.cls.__name__}", "layers", "model", Model(inputs, output).save)
