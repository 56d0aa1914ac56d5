"""Looks at the installation: versions, conflicts, the engine and its devices, settings, caches.

Says what is wrong and how to mend it; the exit code is 1 if anything is.

examples:
  keras-classic doctor
"""

import argparse
import importlib.metadata as metadata
import json
import os
import platform
import sys
from pathlib import Path
from typing import Any

import jax

from ... import backend as K
from ..._base.paths import keras_home
from ..console import Console

NAME = "doctor"
HELP = "look for what is wrong with the installation"

_REQUIRED = ("jax", "jaxlib", "numpy", "h5py", "PyYAML", "six")
_OPTIONAL = (
    "Pillow scipy matplotlib pydot scikit-learn tensorboardX rich safetensors onnx onnxruntime"
).split()
#: Distributions that bring files named `keras/...` and so overwrite those of this package.
_CONFLICTS = ("keras", "keras-nightly")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of the command."""


def run(args: argparse.Namespace, console: Console) -> int:
    """Runs the command."""
    problems = [*_conflicts(), *_settings_problems()]
    found: dict[str, Any] = {
        "python": f"{platform.python_version()}, {sys.executable}",
        "keras-classic": _version("keras-classic") or "not installed (run from its sources)",
        "imported from": str(Path(__file__).parents[2]),
        **{name: _version(name) or "missing" for name in _REQUIRED},
        "optional": {name: _version(name) for name in _OPTIONAL},
        "backend": K.backend(),
        "floatx": K.floatx(),
        "image_dim_ordering": K.image_dim_ordering(),
        "devices": _devices(problems),
        "settings": _settings_file(),
        "caches": _caches(),
    }
    problems += [f"{name} is missing: pip install {name}" for name in _REQUIRED if found[name] == "missing"]
    console.result({**found, "problems": problems})
    optional = found.pop("optional")
    caches = found.pop("caches")
    console.facts(list(found.items()))
    console.line("optional: " + ", ".join(f"{k} {v}" if v else f"{k} (missing)" for k, v in optional.items()))
    for cache in caches:
        console.line(
            f"cache: {cache['path']}, {cache['files']:,} files, {cache['bytes']:,} bytes ({cache['what']})"
        )
    for problem in problems:
        console.line(f"problem: {problem}", style="bold red")
    console.line("something is wrong" if problems else "all is well", style="red" if problems else "green")
    return 1 if problems else 0


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _conflicts() -> list[str]:
    return [
        f"{name} {version} is installed beside keras-classic, and both own the folder keras: which files are "
        f"there depends on which was installed last. Keep one: pip uninstall {name} && pip install "
        "--force-reinstall --no-deps keras-classic. Use an environment of its own for the other."
        for name in _CONFLICTS
        if (version := _version(name)) is not None
    ]


def _devices(problems: list[str]) -> str:
    try:
        devices = jax.devices()
    except RuntimeError as error:
        problems.append(f"jax finds no device: {error}. Set JAX_PLATFORMS=cpu to use the processor.")
        return "none"
    return ", ".join(f"{device.platform}:{device.id} ({device.device_kind})" for device in devices)


def _settings_file() -> str:
    path = keras_home() / "keras.json"
    return str(path) if path.exists() else f"{path} (not there; the defaults apply)"


def _settings_problems() -> list[str]:
    path = keras_home() / "keras.json"
    if not path.exists():
        return []
    try:
        settings = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        return [f"{path} cannot be read ({error}): mend or delete it."]
    return [] if isinstance(settings, dict) else [f"{path} holds no object: mend or delete it."]


def _caches() -> list[dict[str, Any]]:
    home = Path(keras_home())
    compiled = os.environ.get("KERAS_COMPILE_CACHE", "")
    set_by_jax = getattr(jax.config, "jax_compilation_cache_dir", None)
    folders = {
        "data sets": home / "datasets",
        "weights of applications": home / "models",
        "compiled programs": Path(
            set_by_jax or (compiled if compiled not in ("", "0") else home / "compiled")
        ),
    }
    return [
        {"what": what, "path": str(path), **_size(path)} for what, path in folders.items() if path.is_dir()
    ]


def _size(folder: Path) -> dict[str, int]:
    sizes = []
    for path in folder.rglob("*"):
        try:
            sizes += [path.stat().st_size] if path.is_file() else []
        except OSError:
            continue  # deleted in the meantime
    return {"files": len(sizes), "bytes": sum(sizes)}
