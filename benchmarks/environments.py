"""The peers, a virtual environment for each from its pinned requirements, and their processes."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).resolve().parent
REQUIREMENTS = HERE / "requirements"


class Peer(NamedTuple):
    """Somebody who can train the workloads.

    Attributes:
        name: str, as `measure.py` takes it.
        title: str, for tables.
        requirements: name of the file with its pinned requirements.
        backend: str, the KERAS_BACKEND of its processes, or None.
        python: name of the Python it needs, or None for the one that runs the benchmark.
    """

    name: str
    title: str
    requirements: str
    backend: str | None = None
    python: str | None = None


PEERS = [
    Peer("ours", "keras-classic", "ours"),
    Peer("keras3-jax", "Keras 3, JAX", "keras3-jax", "jax"),
    Peer("keras3-tensorflow", "Keras 3, TensorFlow", "keras3-tensorflow", "tensorflow"),
    Peer("keras3-torch", "Keras 3, PyTorch", "keras3-torch", "torch"),
    Peer("torch", "PyTorch, eager", "torch"),
    Peer("torch-compiled", "PyTorch, compiled", "torch"),
    Peer("original", "Keras 1.2.2, TensorFlow 1.2", "original", "tensorflow", "python3.6"),
]


def python_of(peer, folder):
    """The Python of a peer's environment, which is made if it is not there yet.

    Args:
        folder: Path, where the environments are kept.
    Returns:
        Path, or None where the Python that the peer needs is not on this machine.
    """
    base = shutil.which(peer.python) if peer.python else sys.executable
    if base is None or subprocess.call([base, "--version"], stdout=subprocess.DEVNULL) != 0:
        return None
    requirements = REQUIREMENTS / f"{peer.requirements}.txt"
    home = folder / peer.requirements
    python = home / "bin" / "python"
    stamp = home / "requirements.sha256"
    wanted = hashlib.sha256(requirements.read_bytes()).hexdigest()
    if not stamp.exists() or stamp.read_text() != wanted:
        print(f"making the environment {home}", flush=True)
        shutil.rmtree(home, ignore_errors=True)
        subprocess.check_call([base, "-m", "venv", home])
        pip = [python, "-m", "pip", "--disable-pip-version-check", "--quiet", "install"]
        if peer.python:  # its own pip is too old for the package index, and Keras asks for no TensorFlow
            subprocess.check_call([*pip, "pip==21.3.1"])
            subprocess.check_call([*pip, "setuptools<59", "wheel"])
        subprocess.check_call([*pip, "-r", requirements], cwd=HERE.parent)
        stamp.write_text(wanted)
    return python


def variables_of(peer, cache):
    """The environment variables of a peer's processes: no settings of the user's, no GPU.

    Args:
        cache: folder for what the peer keeps between processes.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("KERAS_", "PYTHON"))}
    # Some machines pin an old kernel of OpenBLAS; a peer should run on the one that fits the processor.
    kept = {name: value for name, value in kept.items() if not name.startswith("OPENBLAS_")}
    own = {"HOME": str(cache), "KERAS_HOME": str(cache / ".keras"), "TF_CPP_MIN_LOG_LEVEL": "3"}
    own["TORCHINDUCTOR_CACHE_DIR"] = str(cache / "inductor")
    if peer.backend:
        own["KERAS_BACKEND"] = peer.backend
    return {**kept, **own, "CUDA_VISIBLE_DEVICES": ""}


def measured(peer, folder, workload, options, cache, limit=300.0):
    """What `measure.py` says of a workload, in a fresh process.

    Args:
        folder: Path, where the environments are kept.
        options: list of str, more arguments of `measure.py`.
        cache: Path of a folder for what the peer keeps between processes.
        limit: float, seconds after which the process is ended.
    Returns:
        dict; with the key "failed", a str, if there are no figures.
    """
    cache.mkdir(parents=True, exist_ok=True)
    command = [python_of(peer, folder), HERE / "measure.py", peer.name, workload, *options]
    variables = {**variables_of(peer, cache), "BENCHMARK_STARTED": repr(time.time())}
    name = {"peer": peer.name, "workload": workload}
    try:
        done = subprocess.run(command, env=variables, capture_output=True, text=True, timeout=limit, cwd=HERE)
    except subprocess.TimeoutExpired:
        return {**name, "failed": f"not ready after {limit:.0f} s"}
    if done.returncode:
        return {
            **name,
            "failed": (done.stderr.strip().split("\n")[-1] or f"exit status {done.returncode}")[:200],
        }
    return json.loads(done.stdout.strip().split("\n")[-1])
