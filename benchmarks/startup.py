"""How long until something happens: import, and the first finished training step, cold and warm.

    python benchmarks/startup.py [--rounds 3] [--workloads mlp vgg16] [--peers ours torch]

"Cold" is with nothing kept from an earlier process (compiled programs), "warm" the same command again.
"""

import argparse
import json
import shutil
import statistics
import subprocess
import time
from pathlib import Path

import environments
import report
import workloads

HERE = Path(__file__).resolve().parent
WORKLOADS = ["mlp", "headline", "tweets", "shared_vision", *workloads.LARGE]
PEERS = ["ours", "keras3-jax", "keras3-tensorflow", "keras3-torch", "torch"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--workloads", nargs="+", default=WORKLOADS)
    parser.add_argument("--peers", nargs="+", default=PEERS)
    parser.add_argument("--environments", type=Path, default=HERE.parent / "build" / "benchmarks")
    arguments = parser.parse_args()
    peers = [peer for peer in environments.PEERS if peer.name in arguments.peers]
    pythons = {peer: environments.python_of(peer, arguments.environments) for peer in peers}
    caches = arguments.environments / "startup"
    print(import_cost(pythons, caches, arguments.rounds), flush=True)
    rows = [["workload", "peer", "cold (s)", "warm (s)"]]
    for workload in arguments.workloads:
        times = {}
        for _ in range(arguments.rounds):
            for peer in peers:
                shutil.rmtree(caches, ignore_errors=True)
                for state in ("cold", "warm"):
                    seconds = first_step(peer, pythons[peer], workload, caches)
                    times.setdefault((peer.name, state), []).append(seconds)
        for peer in peers:
            cells = [report.cell([t for t in times[peer.name, s] if t]) for s in ("cold", "warm")]
            rows.append([workload, peer.title, *cells])
            print(*rows[-1], flush=True)
    print("\n" + report.table(rows))


def import_cost(pythons, caches, rounds):
    """What `import keras` costs over `import jax`, a line of text."""
    ours = next(peer for peer in environments.PEERS if peer.name == "ours")
    caches.mkdir(parents=True, exist_ok=True)
    variables = environments.variables_of(ours, caches)
    times = {"jax": [], "keras": []}
    for _ in range(3 * rounds):
        for name, found in times.items():
            before = time.perf_counter()
            subprocess.check_call([pythons[ours], "-c", f"import {name}"], env=variables)
            found.append(time.perf_counter() - before)
    extra = [b - a for a, b in zip(times["jax"], times["keras"], strict=True)]
    return (
        f"`import keras` takes {statistics.median(times['keras']):.2f} s, `import jax` alone "
        f"{statistics.median(times['jax']):.2f} s; the difference within a round: {report.cell(extra)} s"
    )


def first_step(peer, python, workload, caches):
    """Seconds from the start of a process to its first finished training step; None if it fails."""
    caches.mkdir(parents=True, exist_ok=True)
    command = [python, HERE / "measure.py", peer.name, workload, "--first-step"]
    variables = {**environments.variables_of(peer, caches), "BENCHMARK_STARTED": repr(time.time())}
    done = subprocess.run(command, env=variables, capture_output=True, text=True, cwd=HERE)
    if done.returncode:
        print(f"{peer.name} {workload} failed: {done.stderr.strip()[-200:]}", flush=True)
        return None
    return json.loads(done.stdout.strip().split("\n")[-1])["first_epoch"]


if __name__ == "__main__":
    main()
