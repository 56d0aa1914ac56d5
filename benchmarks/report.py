"""From the single figures to a Markdown page and a picture."""

import os
import platform
import statistics
import time
from pathlib import Path

import environments

#: Workload -> ours / best peer that was aimed at.
GOALS = {
    "mlp": 0.5,
    "headline": 0.6,
    "tweets": 0.6,
    "inception": 0.6,
    "shared_vision": 0.75,
    "vqa": 0.75,
    "video_qa": 0.75,
}


def machine():
    """A line about the machine, and the day."""
    lines = Path("/proc/cpuinfo").read_text().splitlines() if os.path.exists("/proc/cpuinfo") else []
    names = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    return {
        "processor": names[0] if names else platform.processor(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "day": time.strftime("%Y-%m-%d"),
    }


def write(folder, records):
    """Writes README.md and results.png; returns the page."""
    head, runs = records[0], records[1:]
    page = "\n\n".join(
        [
            "# Results",
            introduction(head, runs),
            "## A training step\n\nMilliseconds: median of the rounds, smallest and largest in brackets.\n\n"
            + steps_table(head, runs),
            "## Against the best peer\n\n" + ratios_table(runs),
            "## Start, prediction, memory\n\n" + other_table(runs),
        ]
    )
    (folder / "README.md").write_text(page + "\n")
    draw(folder / "results.png", runs)
    return page


def introduction(head, runs):
    about, floor = head["machine"], head["floor"]
    rounds = 1 + max((run["round"] for run in runs), default=-1)
    versions = "; ".join(
        f"{name}: " + ", ".join(f"{package} {version}" for package, version in packages.items())
        for name, packages in head["versions"].items()
    )
    return (
        f"Made by `{head['command']}` on {about['day']}: {about['processor']}, {about['cores']} cores, "
        f"{about['system']}, Python {about['python']}. Rounds: {rounds}; in each, every peer in turn in a "
        f"fresh process. The machine's matrix products: {floor['rate'] / 1e9:.0f} GFLOP/s; its copies: "
        f"{floor['copy'] / 1e9:.1f} GB/s. The floor is the larger of FLOPs and bytes over these rates, for "
        "convolutions as direct sums: with fewer multiplications a step can be below it.\n\n"
        f"Versions: {versions}."
    )


def steps_table(head, runs):
    workloads, peers = present(runs)
    rows = [["workload", *(title(peer) for peer in peers), "floor"]]
    for workload in workloads:
        cells = [cell(figures(runs, peer, workload, "step"), 1e3) for peer in peers]
        rows.append([workload, *cells, f"{1e3 * head['floor']['workloads'][workload]['seconds']:.2f}"])
    return table(rows)


def ratios_table(runs):
    rows = [["workload", "best peer", "ours / best peer", "smallest, largest", "goal"]]
    for workload in present(runs)[0]:
        best = best_peer(runs, workload)
        if best:
            ratios = paired(runs, workload, best, "step")
            middle = statistics.median(ratios)
            spread = f"{min(ratios):.2f}, {max(ratios):.2f}"
            goal = f"{GOALS[workload]} {'met' if middle <= GOALS[workload] else 'missed'}"
            rows.append([workload, title(best), f"{middle:.2f}", spread, goal])
    return table(rows)


def other_table(runs):
    rows = [
        [
            "workload",
            "peer",
            "first epoch, first round (s)",
            "later rounds (s)",
            "predict one row (ms)",
            "peak memory (MB)",
        ]
    ]
    workloads, peers = present(runs)
    for workload in workloads:
        for peer in peers:
            mine = [
                run for run in runs if (run["peer"], run["workload"]) == (peer, workload) and "step" in run
            ]
            if not mine:
                continue
            cold = [run["first_epoch"] for run in mine if run["round"] == 0]
            warm = [run["first_epoch"] for run in mine if run["round"] > 0]
            rows.append(
                [
                    workload,
                    title(peer),
                    cell(cold),
                    cell(warm),
                    cell([run["predict_one_row"] for run in mine], 1e3),
                    f"{statistics.median(run['peak_bytes'] for run in mine) / 1e6:.0f}",
                ]
            )
    return table(rows)


def present(runs):
    """(workloads, peers) that have figures, in the order of the runs."""
    known = [peer.name for peer in environments.PEERS]
    peers = sorted({run["peer"] for run in runs}, key=known.index)
    return list(dict.fromkeys(run["workload"] for run in runs)), peers


def figures(runs, peer, workload, key):
    return [run[key] for run in runs if (run["peer"], run["workload"]) == (peer, workload) and key in run]


def best_peer(runs, workload):
    """The fastest of the others, by the median of its rounds; None if there is none."""
    medians = {
        peer: statistics.median(found)
        for peer in present(runs)[1]
        if peer != "ours" and (found := figures(runs, peer, workload, "step"))
    }
    if not medians or not figures(runs, "ours", workload, "step"):
        return None
    return min(medians, key=medians.get)


def paired(runs, workload, peer, key):
    """Ours over a peer's, round by round."""
    by_round = {
        (run["peer"], run["round"]): run[key] for run in runs if run["workload"] == workload and key in run
    }
    rounds = sorted({number for _, number in by_round})
    return [
        by_round["ours", number] / by_round[peer, number]
        for number in rounds
        if ("ours", number) in by_round and (peer, number) in by_round
    ]


def title(name):
    return next(peer.title for peer in environments.PEERS if peer.name == name)


def cell(values, scale=1.0):
    if not values:
        return "-"
    middle, low, high = (scale * value for value in (statistics.median(values), min(values), max(values)))
    digits = 2 if middle < 10 else 1 if middle < 100 else 0
    if len(values) == 1:
        return f"{middle:.{digits}f}"
    return f"{middle:.{digits}f} ({low:.{digits}f}, {high:.{digits}f})"


def table(rows):
    head, *body = ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join([head, "|" + "---|" * len(rows[0]), *body])


def draw(path, runs):
    """A dot for each peer and workload: its time for a step as a multiple of ours."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    workloads, peers = present(runs)
    others = [peer for peer in peers if peer != "ours"]
    figure, axes = pyplot.subplots(figsize=(8, 0.6 * len(workloads) + 1.6), layout="constrained")
    colors = dict(zip(others, pyplot.get_cmap("tab10").colors, strict=False))
    for peer in others:
        points = [
            (1 / statistics.median(ratios), row)
            for row, workload in enumerate(workloads)
            if (ratios := paired(runs, workload, peer, "step"))
        ]
        if points:
            axes.scatter(*zip(*points, strict=True), s=55, color=colors[peer], label=title(peer), zorder=3)
    axes.axvline(1, color="black", linewidth=1)
    axes.set_xscale("log")
    ticks = [0.5, 1, 2, 5, 10, 20]
    axes.set_xticks(ticks, [f"{tick:g} x" for tick in ticks])
    axes.minorticks_off()
    axes.set_yticks(range(len(workloads)), [workload.replace("_", " ") for workload in workloads])
    axes.invert_yaxis()
    axes.grid(axis="x", alpha=0.3)
    axes.set_xlabel("time of a training step, as a multiple of keras-classic's (black line)")
    axes.legend(fontsize=8, loc="upper center", bbox_to_anchor=(0.5, -0.2), ncols=3, frameon=False)
    figure.savefig(path, dpi=150)
    pyplot.close(figure)
