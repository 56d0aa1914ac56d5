"""How long until something happens: import, and the first finished training step, cold and warm.

    python benchmarks/startup.py [--rounds 3] [--workloads mlp vgg16] [--peers ours torch]

"Cold" is with nothing kept from an earlier process (compiled programs), "warm" the same command again.
"""

import argparse
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
                    found = environments.measured(
                        peer, arguments.environments, workload, ["--first-step"], caches
                    )
                    if "failed" in found:
                        print(f"{peer.title}, {workload}: {found['failed']}", flush=True)
                    else:
                        times.setdefault((peer.name, state), []).append(found["first_epoch"])
        for peer in peers:
            cells = [report.cell(times.get((peer.name, state), [])) for state in ("cold", "warm")]
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


if __name__ == "__main__":
    main()
