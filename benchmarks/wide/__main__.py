"""Compares keras-classic with its peers over the wide set of models, on this machine, in one run.

    python benchmarks/wide                               everything; writes benchmarks/results/wide/
    python benchmarks/wide --models unet video_3d --peers ours torch --rounds 2

In every round each peer trains each model in a fresh process, one after the other.
"""

import argparse
import json
import math
import statistics
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE)]

import environments  # noqa: E402
import report  # noqa: E402

FIGURES = {
    "step": "A training step",
    "predict_1": "Prediction of one row",
    "predict_16": "Prediction of 16 rows",
}


def main():
    peers = {peer.name: peer for peer in environments.PEERS if peer.name != "original"}
    parser = argparse.ArgumentParser(
        prog="python benchmarks/wide",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--models", nargs="+", metavar="NAME", help="as named in models.py")
    parser.add_argument("--peers", nargs="+", choices=peers, default=list(peers))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=2.0, help="how long each process trains")
    parser.add_argument("--limit", type=float, default=300.0, help="seconds after which a process is ended")
    parser.add_argument("--environments", type=Path, default=HERE.parents[1] / "build" / "benchmarks")
    parser.add_argument("--results", type=Path, default=HERE.parent / "results" / "wide")
    arguments = parser.parse_args()
    folder = arguments.environments / "wide"
    folder.mkdir(parents=True, exist_ok=True)
    python = environments.python_of(peers["ours"], arguments.environments)
    caches = arguments.environments / "caches"
    variables = environments.variables_of(peers["ours"], caches / "ours")
    subprocess.check_call([python, HERE / "models.py", folder], env=variables)
    names = arguments.models or [path.stem for path in sorted(folder.glob("*.npz"))]
    runs = []
    for _ in range(arguments.rounds):
        for name in names:
            for peer in arguments.peers:
                runs.append(measured(peers[peer], name, folder, caches, arguments))
                print(json.dumps(runs[-1]), flush=True)
    arguments.results.mkdir(parents=True, exist_ok=True)
    (arguments.results / "runs.jsonl").write_text("".join(json.dumps(run) + "\n" for run in runs))
    page = page_of(runs, names, arguments.peers)
    (arguments.results / "README.md").write_text(page)
    print(page)


def measured(peer, name, folder, caches, arguments):
    """What `measure.py` prints, or {"failed": why}."""
    cache = caches / peer.name
    cache.mkdir(parents=True, exist_ok=True)
    python = environments.python_of(peer, arguments.environments)
    command = [python, HERE / "measure.py", peer.name, name, folder, str(arguments.seconds)]
    variables = {**environments.variables_of(peer, cache), "BENCHMARK_STARTED": repr(time.time())}
    who = {"peer": peer.name, "model": name}
    try:
        done = subprocess.run(command, env=variables, capture_output=True, text=True, timeout=arguments.limit)
    except subprocess.TimeoutExpired:
        return {**who, "failed": f"not ready after {arguments.limit:.0f} s"}
    if done.returncode:
        return {**who, "failed": (done.stderr.strip().split("\n")[-1] or "no message")[:200]}
    return json.loads(done.stdout.strip().split("\n")[-1])


def page_of(runs, names, peers):
    """The results as Markdown: medians over the rounds, and ours beside the best of the others."""
    about = report.machine()
    head = (
        f"# The wide set\n\nMade by `python benchmarks/wide` on {about['day']}: {about['processor']}, "
        f"{about['cores']} cores, {about['system']}. Milliseconds, medians over the rounds. The ratio is "
        "ours to the best of the others. PyTorch computes without masks and without dropout of the states of "
        "recurrent layers."
    )
    parts = [head]
    for figure, title in FIGURES.items():
        rows, ratios = [["model", *peers, "ratio"]], []
        for name in names:
            values = {peer: median(runs, peer, name, figure) for peer in peers}
            others = [value for peer, value in values.items() if peer != "ours" and value]
            ratio = values["ours"] / min(others) if values.get("ours") and others else None
            ratios += [ratio] if ratio else []
            cells = [f"{1e3 * value:.2f}" if value else "" for value in values.values()]
            rows.append([name, *cells, f"{ratio:.2f}" if ratio else ""])
        mean = math.exp(statistics.mean(map(math.log, ratios))) if ratios else math.nan
        parts.append(f"## {title}\n\n{report.table(rows)}\n\nGeometric mean of the ratios: {mean:.2f}.")
    failed = sorted({f"- {run['model']}, {run['peer']}: {run['failed']}" for run in runs if "failed" in run})
    if failed:
        parts.append("## Not measured\n\n" + "\n".join(failed))
    return "\n\n".join(parts) + "\n"


def median(runs, peer, name, figure):
    values = [run[figure] for run in runs if (run["peer"], run["model"]) == (peer, name) and figure in run]
    return statistics.median(values) if values else None


if __name__ == "__main__":
    sys.exit(main())
