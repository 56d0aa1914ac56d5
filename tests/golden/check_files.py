"""Takes model files from this project to the original (Keras 1.2.2) and back; see docs/files.md.

    python check_files.py write FOLDER [FIRST LAST]  # this project: the layers and structures
    python check_files.py read FOLDER [SECOND]       # the original; writes them again to SECOND
    python check_files.py read SECOND                # this project: what the original wrote

A model NAME is written as `NAME.model.h5` (`model.save`), `NAME.weights.h5`, `NAME.json` and `NAME.yaml`;
`manifest.json` and `NAME.npz` say what to feed, what it predicts, and its losses and weights after training
from the file. Reading compares all of it, and prints what it found for each model.
"""

import json
import os
import sys

import numpy as np

from keras import backend as K
from keras import models

ORIGINAL = K.backend() == "tensorflow"
SAMPLES, BATCH, EPOCHS, TOGETHER = 8, 4, 2, 8
OUTPUT, TRAJECTORY = {"rtol": 2e-4, "atol": 2e-5}, {"rtol": 1e-3, "atol": 1e-4}
OPTIMIZERS = ("sgd", "rmsprop", "adagrad", "adadelta", "adam", "adamax", "nadam")

if ORIGINAL:
    from original import order_updates

    order_updates()


def one(values):
    return values[0] if len(values) == 1 else values


def several(values):
    return values if isinstance(values, list) else [values]


class Folder:
    """Files of models; `NAME.npz` and the entry in `manifest.json` say what is known of each."""

    def __init__(self, path, new):
        self.path = path
        self.entries = {}
        if new:
            os.makedirs(path, exist_ok=True)
        else:
            with open(self.file("manifest.json")) as file:
                self.entries = json.load(file)

    def file(self, name):
        return os.path.join(self.path, name)

    def add(self, name, model, x, y, entry):
        """Writes the compiled `model`, its answers, and how it trains on."""
        model.train_on_batch(one(x), one(y))  # so that the optimizer has something to remember
        model.save(self.file(name + ".model.h5"))
        model.save_weights(self.file(name + ".weights.h5"), overwrite=True)
        for form, text in (("json", model.to_json()), ("yaml", model.to_yaml())):
            with open(self.file(f"{name}.{form}"), "w") as file:
                file.write(text)
        known = dict(x=x, y=y, **answers(model, x, y, entry["random"]))
        arrays = {f"{kind}_{i}": value for kind, values in known.items() for i, value in enumerate(values)}
        np.savez_compressed(self.file(name + ".npz"), **arrays)
        self.entries[name] = dict(entry, **{kind: len(values) for kind, values in known.items()})
        with open(self.file("manifest.json"), "w") as file:
            json.dump(self.entries, file, indent=1, sort_keys=True)

    def get(self, name, kind):
        with np.load(self.file(name + ".npz")) as arrays:
            return [arrays[f"{kind}_{i}"] for i in range(self.entries[name][kind])]


def answers(model, x, y, random):
    """What the model says now, and, unless it draws random numbers, how it trains on."""
    found = {"predict": several(model.predict(one(x), batch_size=BATCH))}
    if not random:
        options = {"batch_size": BATCH, "nb_epoch": EPOCHS, "shuffle": False, "verbose": 0}
        found["loss"] = [np.array(model.fit(one(x), one(y), **options).history["loss"])]
        found["weight"] = model.get_weights()
    return found


def write(path, first=0, last=None):
    """The layers of the catalog, some to a model, and the models of `structures.py`; all, or a part."""
    sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
    import catalog
    import structures

    folder = Folder(path, new=True)
    rows = [row for row in catalog.LAYERS if not row.outside]  # what is outside is code
    random = [row for row in rows if row.phase and row.cls.__name__ != "BatchNormalization"]
    exact = [row for row in rows if row not in random]
    made = [(name, maker, False) for name, maker in sorted(structures.MAKERS.items())]
    for kind, several_rows in (("exact", exact), ("random", random)):
        for start in range(0, len(several_rows), TOGETHER):
            chosen = several_rows[start : start + TOGETHER]
            made.append((f"rows_{kind}_{start}", lambda chosen=chosen: of_rows(chosen), kind == "random"))
    for number, (name, make, random) in list(enumerate(made))[int(first) : last and int(last)]:
        np.random.seed(number)
        K.clear_session()
        K.set_image_dim_ordering("th")
        model = make()
        optimizer = OPTIMIZERS[number % len(OPTIMIZERS)]
        model.compile(optimizer, "mse")
        x = [draw(tensor, model) for tensor in model.inputs]
        y = [
            np.random.standard_normal((SAMPLES, *K.int_shape(t)[1:])).astype("float32") for t in model.outputs
        ]
        layers = [type(layer).__name__ for layer in model.layers if type(layer).__name__ != "InputLayer"]
        folder.add(name, model, x, y, {"random": random, "optimizer": optimizer, "layers": layers})
    print(len(rows), "rows of the catalog and", len(structures.MAKERS), "structures in", len(made), "models")


def of_rows(rows):
    """A model of the layers of some rows of the catalog, side by side."""
    from keras.layers import Input

    inputs, outputs = [], []
    for row in rows:
        mine = [Input(shape, dtype="int32" if row.ids else None) for shape in row.shapes]
        outputs.append(row.layer()(mine if row.several else mine[0]))
        inputs += mine
    return models.Model(inputs, outputs)


def draw(tensor, model):
    """Numbers for an input; ids below the smallest Embedding's size for an input of ints."""
    shape = (SAMPLES, *K.int_shape(tensor)[1:])
    if "int" in K.dtype(tensor):
        sizes = [layer.input_dim for layer in model.layers if type(layer).__name__ == "Embedding"]
        return np.random.randint(0, min(sizes), shape).astype("int32")
    return np.random.standard_normal(shape).astype("float32")


def read(path, second=None):
    """Loads all models of a folder and compares; with `second`, writes them again there."""
    folder = Folder(path, new=False)
    again = Folder(second, new=True) if second else None
    failed = 0
    for name, entry in sorted(folder.entries.items()):
        K.clear_session()
        K.set_image_dim_ordering("th")
        problems = differences(folder, name, entry)
        failed += bool(problems)
        for problem in problems or ["as saved"]:
            print(f"{name} ({entry['optimizer']}): {problem}", flush=True)
        if again:
            try:
                model = models.load_model(folder.file(name + ".model.h5"))
                again.add(name, model, folder.get(name, "x"), folder.get(name, "y"), entry)
            except Exception as error:
                print(f"{name}: not written again: {type(error).__name__}: {error}")
    print(len(folder.entries) - failed, "of", len(folder.entries), "models are as they were saved")


def differences(folder, name, entry):
    """List of what differs between the files of a model and what its writer said of it."""
    problems = []
    x, y = folder.get(name, "x"), folder.get(name, "y")

    def attempt(what, step):
        try:
            step()
        except Exception as error:
            lines = [line for line in str(error).split("\n") if line.strip()]
            problems.append(f"{what}: {type(error).__name__}: {' '.join(lines)[:300]}")

    def compare(model, kinds, random):
        for kind, values in answers(model, x, y, random).items():
            if kind in kinds:
                wanted = folder.get(name, kind)
                assert len(values) == len(wanted), f"{kind}: {len(values)} arrays, wanted {len(wanted)}"
                for i, (found, value) in enumerate(zip(values, wanted)):
                    tolerance = OUTPUT if kind == "predict" else TRAJECTORY
                    np.testing.assert_allclose(found, value, err_msg=f"{kind} {i}", **tolerance)

    def whole():
        compare(
            models.load_model(folder.file(name + ".model.h5")), ("predict", "loss", "weight"), entry["random"]
        )

    def parts(form, reader):
        with open(folder.file(f"{name}.{form}")) as file:
            model = reader(file.read())
        model.load_weights(folder.file(name + ".weights.h5"))
        compare(model, ("predict",), random=True)

    def by_name():
        with open(folder.file(name + ".json")) as file:
            model = models.model_from_json(file.read())
        model.load_weights(folder.file(name + ".model.h5"), by_name=True)
        compare(model, ("predict",), random=True)

    attempt("model file", whole)
    attempt("json and weights", lambda: parts("json", models.model_from_json))
    attempt("yaml and weights", lambda: parts("yaml", models.model_from_yaml))
    if not {"Sequential", "Model"} & set(entry["layers"]):
        # The original gives inner models new names when it reads a config, and looks at outer names only.
        attempt("weights by name", by_name)
    return problems


if __name__ == "__main__":
    {"write": write, "read": read}[sys.argv[1]](*sys.argv[2:])
