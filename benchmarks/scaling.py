"""How the time of a step grows with the batch, the length of a sequence, and the depth.

    python benchmarks/scaling.py [--peers ours keras3-jax torch]

Batch sizes are the mlp's, lengths those of the tweets' shared LSTM, depths those of an mlp 64 wide, whose
process from start to first epoch is shown as well: that is where depth hurts.
"""

import argparse
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
    # Sizes first: argparse takes no more of them after an option.
    options = [*(f"{key}={value}" for key, value in sizes.items()), "--seconds", str(arguments.seconds)]
    cache = arguments.environments / "caches" / peer.name
    found = environments.measured(peer, arguments.environments, workload, options, cache, arguments.limit)
    if "failed" in found:
        return found["failed"]
    return f"{1e3 * found['step']:.2f} ({found['first_epoch']:.1f})"


if __name__ == "__main__":
    main()
