"""Compares keras-classic with what else its users could pick, on this machine, in one run.

    python benchmarks                              everything; writes benchmarks/results/
    python benchmarks --quick mlp                  one workload, two short rounds, printed only
    python benchmarks --workloads mlp vqa --peers ours torch --rounds 3

Each peer gets a virtual environment of its own from its pinned requirements. In every round each peer
runs each workload in a fresh process, one after the other; ratios are those within a round.
"""

import argparse
import json
import shutil
import subprocess
import sys
from pathlib import Path

import environments
import report
import workloads

HERE = Path(__file__).resolve().parent


def main():
    parser = argparse.ArgumentParser(
        prog="python benchmarks", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    names = [peer.name for peer in environments.PEERS]
    parser.add_argument("--quick", metavar="WORKLOAD", choices=workloads.WORKLOADS)
    parser.add_argument(
        "--workloads", nargs="+", choices=workloads.WORKLOADS, default=list(workloads.WORKLOADS)
    )
    parser.add_argument("--peers", nargs="+", choices=names, default=names)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=4.0, help="how long each process trains")
    parser.add_argument("--limit", type=float, default=300.0, help="seconds after which a process is ended")
    parser.add_argument("--environments", type=Path, default=HERE.parent / "build" / "benchmarks")
    parser.add_argument("--results", type=Path, default=HERE / "results")
    parser.add_argument("--report", action="store_true", help="only write the report again")
    arguments = parser.parse_args()
    if arguments.quick:
        arguments.workloads, arguments.rounds, arguments.seconds = [arguments.quick], 2, 2.0
        arguments.results = arguments.environments / "quick"
        shutil.rmtree(arguments.results, ignore_errors=True)
    arguments.results.mkdir(parents=True, exist_ok=True)
    runs = arguments.results / "runs.jsonl"
    if not arguments.report:
        compare(arguments, runs)
    print(report.write(arguments.results, [json.loads(line) for line in runs.read_text().splitlines()]))


def compare(arguments, runs):
    """Runs all rounds; each figure is appended to `runs` as soon as it is there."""
    peers = [peer for peer in environments.PEERS if peer.name in arguments.peers]
    pythons = {peer: environments.python_of(peer, arguments.environments) for peer in peers}
    for peer in [peer for peer in peers if pythons[peer] is None]:
        print(f"left out: {peer.title}, which needs {peer.python}", flush=True)
    peers = [peer for peer in peers if pythons[peer]]
    ours = next(peer for peer in environments.PEERS if peer.name == "ours")
    caches = arguments.environments / "caches"
    shutil.rmtree(caches, ignore_errors=True)  # the first round starts cold, the later ones warm
    options = ["--seconds", str(arguments.seconds)]
    with runs.open("w") as file:
        python = environments.python_of(ours, arguments.environments)
        variables = environments.variables_of(ours, caches)
        floor = subprocess.check_output([python, HERE / "floor.py"], env=variables)
        head = {"machine": report.machine(), "floor": json.loads(floor), "versions": versions(pythons)}
        keep(file, {**head, "command": " ".join(["python benchmarks", *sys.argv[1:]])})
        for round_number in range(arguments.rounds):
            for workload in arguments.workloads:
                for peer in peers:
                    figures = environments.measured(
                        peer, arguments.environments, workload, options, caches / peer.name, arguments.limit
                    )
                    keep(file, {**figures, "round": round_number})


def versions(pythons):
    """{requirements: {distribution: version}} for the packages that matter."""
    wanted = {"jax", "jaxlib", "keras", "torch", "tensorflow", "tensorflow-cpu", "numpy"}
    found = {}
    for peer, python in pythons.items():
        if python is None or peer.requirements in found:
            continue
        listed = subprocess.check_output(
            [python, "-m", "pip", "list", "--format", "json", "--disable-pip-version-check"], text=True
        )
        found[peer.requirements] = {
            item["name"]: item["version"]
            for item in json.loads(listed.strip().split("\n")[0])
            if item["name"] in wanted
        }
    return found


def keep(file, record):
    file.write(json.dumps(record) + "\n")
    file.flush()
    if "step" in record:
        print(f"{record['workload']:14} {record['peer']:18} {1e3 * record['step']:9.2f} ms/step", flush=True)
    elif "failed" in record:
        print(f"{record['workload']:14} {record['peer']:18} failed: {record['failed']}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
