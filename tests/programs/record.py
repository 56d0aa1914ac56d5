"""Runs the programs under the original and records the numbers they return, in ../golden/programs.json.

Needs the original (Keras 1.2.2 on TensorFlow 1.2, Python 3.6, SciPy, Pillow), not this project:

    KERAS_BACKEND=tensorflow python record.py            # all programs
    KERAS_BACKEND=tensorflow python record.py NAME...    # some; the others' records stay

Under Keras 2.3.1 (on TensorFlow 1.15, Python 3.7) it runs those whose names begin with "keras_2", and records
them in ../golden/programs_2.json.

A program is a module here whose `main(folder)` runs it, asserts what must be true, and returns the
numbers that depend on no random draw of the engine: name -> number or list of numbers.
"""

import glob
import importlib
import json
import os
import shutil
import sys
import tempfile
import time
import traceback
import types

import keras

HERE = os.path.dirname(os.path.abspath(__file__))
IS_2 = keras.__version__.startswith("2.")
GOLDEN = os.path.join(HERE, "..", "golden", "programs_2.json" if IS_2 else "programs.json")


def names():
    found = [os.path.basename(path)[:-3] for path in glob.glob(os.path.join(HERE, "*.py"))]
    found = [name for name in found if name != "record" and not name.startswith("test_")]
    return sorted(name for name in found if name.startswith("keras_2") == IS_2)


def without_graphviz():
    """Old pydot and graphviz cannot be had together with the rest: a `plot` that only makes the file."""
    module = types.ModuleType("keras.utils.visualize_util")
    module.plot = lambda model, to_file="model.png", **kwargs: open(to_file, "wb").close()
    sys.modules[module.__name__] = module


def main(chosen):
    from keras import backend as K

    if not IS_2:
        without_graphviz()
    recorded, failed = {}, []
    if os.path.exists(GOLDEN):
        with open(GOLDEN) as file:
            recorded = json.load(file)
    recorded = {name: facts for name, facts in recorded.items() if name in names()}
    for name in chosen or names():
        K.clear_session()
        if not IS_2:
            K.set_image_dim_ordering("th")
        folder = tempfile.mkdtemp()
        started = time.time()
        try:
            recorded[name] = importlib.import_module(name).main(folder)
        except Exception:
            traceback.print_exc()
            failed.append(name)
        shutil.rmtree(folder)
        with open(GOLDEN, "w") as file:
            json.dump(recorded, file, indent=1, sort_keys=True)
            file.write("\n")
        print("%s: %.1f s" % (name, time.time() - started), file=sys.stderr)
    if failed:
        sys.exit("failed: " + ", ".join(failed))


if __name__ == "__main__":
    main(sys.argv[1:])
