"""Attack files (A1), which must be refused at low cost, and good files (A2), which must load."""

import os
from pathlib import Path

from attacks.corpus import make_corpus

from reliability.forks import Forks
from reliability.row import Figure, Row

_ADDRESS_SPACE = 2048  # MiB, in addition to what the child has at the beginning
_BATCH = 70


def _warm_up(good):
    """Returns one good file for each door."""
    return list({entry["door"]: entry for entry in good}.values())


def _in_batches(forks, folder, attacks, good):
    """Loads all attacks in child processes; after one that ends its child, a new child continues."""
    problems, seconds, mebibytes = [], 0.0, 0.0
    progress = os.path.join(folder, "progress")
    while attacks:
        batch = attacks[:_BATCH]
        outcome = forks.run(
            "attacks.watch:load_attacks",
            *(str(folder), batch, _warm_up(good), progress),
            timeout=60 + 2 * len(batch),
            address_space=_ADDRESS_SPACE,
        )
        if outcome.result is not None:
            wrong, most = outcome.result
            problems += wrong
            seconds, mebibytes = max(seconds, most["seconds"]), max(mebibytes, most["mebibytes"])
            attacks = attacks[_BATCH:]
            continue
        if outcome.error:
            raise RuntimeError(outcome.error)
        last = Path(progress).read_text().splitlines()
        problems.append(f"{last[-1]}: ended the process by signal {outcome.signal}")
        attacks = attacks[len(last) :]
    return problems, seconds, mebibytes


def measure_attacks(run):
    attacks, good = make_corpus(run.folder)
    with Forks("attacks.watch", KERAS_COMPILE_CACHE="0") as forks:
        problems, seconds, mebibytes = _in_batches(forks, run.folder, attacks, good)
    named = {problem.split(": ")[1] for problem in problems}
    refused = f"{len(attacks) - len(named)} of {len(attacks)} refused, nothing touched"
    ours = f"{refused}; at most {seconds:.1f} s and {mebibytes:.0f} MiB each"
    return Figure(ours, not problems and len(attacks) >= 270, problems=tuple(problems))


def measure_good(run):
    _, good = make_corpus(run.folder)
    with Forks("attacks.watch") as forks:
        outcome = forks.run("attacks.watch:load_good", good, timeout=60 + len(good))
    problems = outcome.result if outcome.error is None else [outcome.error]
    ours = f"{len(good) - len(problems)} of {len(good)} load"
    return Figure(ours, not problems and len(good) >= 60, problems=tuple(problems))


ROWS = [
    Row(
        "A1",
        "attack files: YAML, byte code by four doors, names, HDF5 links, storage, chunks and structures, "
        "bombs, archives, paths, costs, states",
        "all refused with a documented error; no file outside touched, nothing imported or run; each in 5 s "
        "and one more per MB, 200 MiB and 20 times its size",
        "of 14: 11 refused, 2 took more than 7.5 GB, 1 hung",
        measure_attacks,
    ),
    Row("A2", "good files: of the original, of ours, of the layers, archives", "all load", "-", measure_good),
]
