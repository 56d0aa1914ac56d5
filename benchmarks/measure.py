"""Times one workload of one peer, in a process of its own, and prints one line of JSON.

    python benchmarks/measure.py PEER WORKLOAD [SIZE=VALUE ...] [--seconds S] [--first-step]

PEER is a name of `environments.PEERS`; S is how long training is timed after the first epoch; with
--first-step nothing is done after one step. The Python that runs this must have the peer installed;
`python benchmarks` looks after that. It may be as old as 3.6.
"""

import argparse
import importlib
import json
import os
import resource
import statistics
import sys
import time

MODULES = {"ours": "keras1", "original": "keras1", "torch": "pytorch", "torch-compiled": "pytorch"}


def measure(peer, workload, seconds, first_step, changed):
    """Figures as a dict; times in seconds."""
    import workloads

    if first_step:
        changed["batches"] = 1
    started = float(os.environ.get("BENCHMARK_STARTED", time.time()))
    sizes = workloads.sizes_of(workload, **changed)
    module = importlib.import_module("peers." + MODULES.get(peer, "keras3"))
    imported = time.time() - started
    trainer = module.trainer(peer, workload, sizes)
    figures = {"peer": peer, "workload": workload, "sizes": sizes, "parameters": int(trainer.parameters)}
    figures["import"] = imported
    if first_step:
        trainer.epoch()
        figures["first_epoch"] = time.time() - started
        return figures
    figures.update(time_training(trainer, sizes["batches"], seconds, started))
    figures["predict_one_row"] = time_predict(trainer, min(seconds, 2.0))
    figures["peak_bytes"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return figures


def time_training(trainer, batches, seconds, started):
    """The first epoch, from the start of the process; then one step, from epochs for `seconds`."""
    trainer.epoch()
    first_epoch = time.time() - started
    trainer.epoch()  # the first one may have left something to compile or to adjust
    steps = []
    stop = time.time() + seconds
    while time.time() < stop or len(steps) < 2:
        before = time.perf_counter()
        trainer.epoch()
        steps.append((time.perf_counter() - before) / batches)
    return {"first_epoch": first_epoch, "step": statistics.median(steps), "epochs": len(steps)}


def time_predict(trainer, seconds):
    """The median time of a prediction for one row."""
    trainer.predict(1)
    times = []
    stop = time.time() + seconds
    while time.time() < stop or len(times) < 3:
        before = time.perf_counter()
        trainer.predict(1)
        times.append(time.perf_counter() - before)
    return statistics.median(times)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("peer")
    parser.add_argument("workload")
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--first-step", action="store_true")
    parser.add_argument("sizes", nargs="*", metavar="SIZE=VALUE")
    arguments = parser.parse_args()
    changed = dict(item.split("=") for item in arguments.sizes)
    result = measure(arguments.peer, arguments.workload, arguments.seconds, arguments.first_step, changed)
    sys.stdout.write("\n" + json.dumps(result) + "\n")


if __name__ == "__main__":
    main()
