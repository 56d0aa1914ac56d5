"""How the time of a step grows with the batch, the length of a sequence, and the depth.

    python benchmarks/scaling.py [--peers ours keras3-jax torch]

Batch sizes are the mlp's, lengths those of the tweets' shared LSTM, depths those of an mlp 64 wide, whose
process from start to first epoch is shown as well: that is where depth hurts.
"""

import argparse
import json
import subprocess
import time
from pathlib import Path

import environments
import report

HERE = Path(__file__).resolve().parent
SCALES = [
    ("batch size, mlp", "mlp", "batch", (1, 8, 32, 128, 1024), {"batches": 50}),
    ("sequence length, tweets", "tweets", "steps", (10, 100, 1000), {"batches": 2}),
    ("depth, mlp", "mlp", "depth", (10, 100, 1000), {"batches": 20}),
]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--peers", nargs="+", default=["ours", "keras3-jax", "torch"])
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--limit", type=float, default=300.0)
    parser.add_argument("--environments", type=Path, default=HERE.parent / "build" / "benchmarks")
    arguments = parser.parse_args()
    peers = [peer for peer in environments.PEERS if peer.name in arguments.peers]
    for title, workload, key, values, changed in SCALES:
        rows = [[title, *(f"{peer.title}: ms per step (s to first epoch)" for peer in peers)]]
        for value in values:
            cells = [cell(peer, workload, {**changed, key: value}, arguments) for peer in peers]
            rows.append([str(value), *cells])
        print(report.table(rows) + "\n", flush=True)


def cell(peer, workload, sizes, arguments):
    python = environments.python_of(peer, arguments.environments)
    cache = arguments.environments / "caches" / peer.name
    cache.mkdir(parents=True, exist_ok=True)
    command = [python, HERE / "measure.py", peer.name, workload, "--seconds", str(arguments.seconds)]
    command += [f"{key}={value}" for key, value in sizes.items()]
    variables = {**environments.variables_of(peer, cache), "BENCHMARK_STARTED": repr(time.time())}
    try:
        done = subprocess.run(
            command, env=variables, capture_output=True, text=True, timeout=arguments.limit, cwd=HERE
        )
    except subprocess.TimeoutExpired:
        return f"over {arguments.limit:.0f} s"
    if done.returncode:
        return "fails"
    found = json.loads(done.stdout.strip().split("\n")[-1])
    return f"{1e3 * found['step']:.2f} ({found['first_epoch']:.1f})"


if __name__ == "__main__":
    main()
