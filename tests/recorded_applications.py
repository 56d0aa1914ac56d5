"""Reads the recorded answers about keras.applications, and the functions that recorded them."""

import importlib.util
import json
import lzma
from pathlib import Path

import numpy as np

GOLDEN = Path(__file__).parent / "golden"
_spec = importlib.util.spec_from_file_location("record_applications", GOLDEN / "record_applications.py")
assert _spec is not None and _spec.loader is not None
#: The module that recorded the answers of Keras 1.2.2; its functions query this project in the same way.
ask = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(ask)

with lzma.open(GOLDEN / "applications.json.xz", "rt") as _file:
    RECORDED = json.load(_file)
ARRAYS = np.load(GOLDEN / "applications.npz")
