"""Runs the programs under the original and records the numbers they return, in ../golden/programs.json.

Needs the original (Keras 1.2.2 on TensorFlow 1.2, Python 3.6, SciPy, Pillow), not this project:

    KERAS_BACKEND=tensorflow python record.py            # all programs
    KERAS_BACKEND=tensorflow python record.py NAME...    # some; the others' records stay

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

HERE = os.path.dirname(os.path.abspath(__file__))
GOLDEN = os.path.join(HERE, "..", "golden", "programs.json")
NOT_PROGRAMS = ("record", "test_programs")


def names():
    found = [os.path.basename(path)[:-3] for path in glob.glob(os.path.join(HERE, "*.py"))]
    return sorted(name for name in found if name not in NOT_PROGRAMS)


def without_graphviz():
    """Old pydot and graphviz cannot be had together with the rest: a `plot` that only makes the file."""
    module = types.ModuleType("keras.utils.visualize_util")
    module.plot = lambda model, to_file="model.png", **kwargs: open(to_file, "wb").close()
    sys.modules[module.__name__] = module


def main(chosen):
    from keras import backend as K

    without_graphviz()
    recorded, failed = {}, []
    if os.path.exists(GOLDEN):
        with open(GOLDEN) as file:
            recorded = json.load(file)
    recorded = {name: facts for name, facts in recorded.items() if name in names()}
    for name in chosen or names():
        K.clear_session()
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
