"""Another distribution of `keras` is named at import, with what to do."""

import subprocess
import sys
from pathlib import Path

import pytest

from keras import _other_keras

SOURCE = Path(__file__).parents[1] / "src"


@pytest.mark.parametrize(
    "name", ["keras-3.15.1.dist-info", "Keras-1.2.2.dist-info", "keras_nightly-3.9.dist-info"]
)
def test_another_keras_in_the_same_folder_is_refused(name, tmp_path):
    (tmp_path / name).mkdir()
    with pytest.raises(ImportError, match="overwritten each other's files.*pip uninstall -y keras"):
        _other_keras.check(str(tmp_path / "keras"), [str(tmp_path)])


def test_another_keras_in_another_folder_is_warned_of(tmp_path):
    (tmp_path / "keras-2.15.0.dist-info").mkdir()
    with pytest.warns(UserWarning, match="keras 2.15.0 is also installed.*TensorFlow.*pip uninstall keras"):
        _other_keras.check(str(SOURCE / "keras"), [str(tmp_path), str(tmp_path), "no folder"])


@pytest.mark.parametrize(
    "name", ["keras_classic-0.2.0.dist-info", "tf_keras-2.21.0.dist-info", "keras_hub-0.2.dist-info", "keras"]
)
def test_packages_of_other_names_are_no_reason(name, tmp_path, recwarn):
    (tmp_path / name).mkdir()
    _other_keras.check(str(tmp_path / "keras"), [str(tmp_path)])
    assert not recwarn.list


def test_the_check_comes_before_all_other_imports(tmp_path):
    (tmp_path / "keras").symlink_to(SOURCE / "keras")
    (tmp_path / "keras-3.15.1.dist-info").mkdir()
    code = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
        "try:\n    import keras\nexcept ImportError as error:\n    print('jax' in sys.modules, error)"
    )
    run = [sys.executable, "-c", code]
    said = subprocess.run(run, capture_output=True, text=True, cwd=tmp_path).stdout
    assert said.startswith("False keras-classic and keras 3.15.1 are both installed")
