"""What Keras 2.3.1 let users import can be imported here, or is listed with a reason in golden/not_in_2.txt.

golden/surface_2.json is the record of Keras 2.3.1. A line of not_in_2.txt is `module.name # reason`, or
`module.* # reason` for all that is left of a module.
"""

import importlib
import json

import pytest
from recorded import GOLDEN

from keras.utils import conv_utils, generic_utils

SURFACE = json.loads((GOLDEN / "surface_2.json").read_text("utf-8"))
ROWS = [
    line.partition(" # ")
    for line in (GOLDEN / "not_in_2.txt").read_text("utf-8").splitlines()
    if line.strip()
]
REASONS = {name.strip(): reason.strip() for name, _, reason in ROWS}


def missing(module):
    """Returns the recorded names of a module that cannot be imported from it."""
    try:
        found = importlib.import_module(module)
    except ModuleNotFoundError:
        return sorted(SURFACE[module])
    return sorted(name for name in SURFACE[module] if not hasattr(found, name))


@pytest.mark.parametrize("module", SURFACE)
def test_names_of_keras_2_exist_or_have_a_reason_why_not(module):
    names = missing(module)
    listed = {name.rpartition(".")[2] for name in REASONS if name.rpartition(".")[0] == module}
    assert "*" in listed or set(names) <= listed


def test_every_exception_has_a_reason():
    assert all(REASONS.values()) and all(name.rpartition(".")[0] in SURFACE for name in REASONS)


def test_helpers_of_sizes():
    assert conv_utils.normalize_tuple(2, 3, "strides") == (2, 2, 2)
    assert conv_utils.normalize_padding("SAME") == "same"
    assert conv_utils.deconv_length(4, 2, 3, "valid", None) == 9
    assert conv_utils.deconv_length(4, 2, 3, "same", 1) == 8
    with pytest.raises(ValueError, match="tuple of 2"):
        conv_utils.normalize_tuple((1, 2, 3), 2, "strides")


def test_helpers_of_functions():
    assert generic_utils.has_arg(lambda x, mask=None: x, "mask")
    assert not generic_utils.has_arg(lambda **kwargs: 0, "mask")
    assert generic_utils.has_arg(lambda **kwargs: 0, "mask", accept_all=True)
    assert generic_utils.unpack_singleton([3]) == 3 and generic_utils.is_all_none([None, None])
