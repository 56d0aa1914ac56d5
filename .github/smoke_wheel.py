"""Tries a built wheel, not the checkout, in new environments: one for each Python that is given.

python .github/smoke_wheel.py dist/keras_classic-0.2.0-py3-none-any.whl python3.11 python3.12 python3.13

In each it installs the wheel alone, without extras, and in an empty folder imports it, runs the first program
of README.md, saves and loads the model, and draws it.
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

README = Path(__file__).resolve().parents[1] / "README.md"
AFTERWARDS = """
from pathlib import Path

import keras
from keras.models import load_model
from keras.utils.visualize_util import plot

assert "site-packages" in keras.__file__, keras.__file__
assert (Path(keras.__file__).parent / "py.typed").exists()
model.save("model.h5")
loaded = load_model("model.h5")
assert all((a == b).all() for a, b in zip(model.get_weights(), loaded.get_weights(), strict=True))
assert (loaded.predict([x[:5], y[:5]]) == model.predict([x[:5], y[:5]])).all()
assert "<svg" in model._repr_html_()
plot(model, to_file="model.svg")
model.summary(expand=True)
"""


def first_program() -> str:
    """Returns the first block of Python in README.md."""
    return re.search(r"^```python\n(.*?)^```$", README.read_text("utf-8"), re.MULTILINE | re.DOTALL)[1]


def try_wheel(wheel: Path, python: str) -> None:
    """Installs a wheel into a new environment of a Python, and uses it; raises if something fails."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([python, "-m", "venv", f"{folder}/venv"], check=True)
        own = str(Path(folder, "venv", "Scripts" if os.name == "nt" else "bin", "python"))
        quiet = ["--quiet", "--disable-pip-version-check", "--no-input"]
        subprocess.run([own, "-m", "pip", "install", *quiet, wheel.resolve()], check=True)
        subprocess.run([own, "-m", "pip", "check"], check=True)
        empty = Path(folder, "empty")
        empty.mkdir()
        # Nothing of the checkout, and no settings of the user.
        settings = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "KERAS"))}
        settings |= {"HOME": folder, "USERPROFILE": folder}
        subprocess.run([own, "-c", first_program() + AFTERWARDS], cwd=empty, env=settings, check=True)
        version = subprocess.run([own, "--version"], capture_output=True, text=True).stdout.strip()
        print(f"{wheel.name} works on {version}", flush=True)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    for name in sys.argv[2:] or [sys.executable]:
        try_wheel(Path(sys.argv[1]), name)
