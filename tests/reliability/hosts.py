"""Training in several processes, one of which fails (F1). Run as a program, this file is such a process."""

import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import time

import numpy as np
from spread import processes

import keras
from keras.callbacks import Callback, TrainingCheckpoint
from keras.layers import BatchNormalization, Dense, Dropout, Input
from keras.models import Model
from reliability.row import Figure, Row

SAMPLES, BATCH, EPOCHS = 40, 8, 3
HEARTBEAT = 4.0  # seconds, in most runs
#: Time allowed to notice a failure, report it and end, in seconds above the heartbeat.
SLACK = 10.0

#: fault: what the other processes report about the failed one.
FAULTS = {
    "kill": "was lost: its connection is closed",
    "stop": "has given no sign of life for",
    "raise": "ended with KeyError: 'lost key'",
    "fewer rows": "samples must be the same in all processes",
    "fewer epochs": "nb_epoch must be the same in all processes",
    "fewer steps": "is out of step",
}


class Fault(Callback):
    """Fails after a number of batches."""

    def __init__(self, fault, batches):
        super().__init__()
        self.fault = fault
        self.left = batches

    def on_batch_end(self, batch, logs=None):
        self.left -= 1
        if self.left:
            return
        if self.fault in ("kill", "stop"):
            os.kill(os.getpid(), {"kill": signal.SIGKILL, "stop": signal.SIGSTOP}[self.fault])
        elif self.fault == "raise":
            raise KeyError("lost key")
        elif self.fault == "fewer steps":
            self.model.stop_training = True


def network():
    """Returns a small model with dropout, running statistics and a penalty."""
    x = Input(shape=(6,))
    y = Dropout(0.3)(Dense(8, activation="relu", W_regularizer="l2")(x))
    model = Model(x, Dense(1)(BatchNormalization()(y)))
    model.compile("adam", "mse", metrics=["mae"])
    return model


def one_process(task):
    """Trains with the others, and prints a digest of the weights and the history.

    Args:
        task: dict with file (of the checkpoint), resume, fault (or None) and batches (before the fault).
    """
    keras.distributed.initialize(heartbeat=task["heartbeat"])
    np.random.seed(0)
    model = network()
    fault = task["fault"]
    rows = SAMPLES - BATCH * (fault == "fewer rows")
    x = np.random.uniform(-1, 1, (rows, 6)).astype("float32")
    history = model.fit(
        x,
        x.sum(axis=1, keepdims=True),
        batch_size=BATCH,
        nb_epoch=EPOCHS - (fault == "fewer epochs"),
        verbose=0,
        validation_data=(x, x[:, :1]),
        callbacks=[TrainingCheckpoint(task["file"], batches=1), Fault(fault, task["batches"])],
        resume_from=task["file"] if task["resume"] else None,
    )
    weights = b"".join(array.tobytes() for array in model.get_weights())
    print(json.dumps([hashlib.sha256(weights).hexdigest(), history.history]))


def started(count, task, bad=None):
    """Starts the processes, of which `bad` has the fault of the task; see `spread.processes`."""

    def arguments(number):
        return [__file__, json.dumps({**task, "fault": task["fault"] if number == bad else None})]

    return processes(count, arguments, PYTHONWARNINGS="ignore")  # a checkpoint at each batch is slow


def results_of(count, task):
    """Returns the set of outputs of the processes: a single one if all have the same result."""
    with started(count, task) as running:
        outputs = [process.communicate(timeout=300) for process in running]
    if any(process.returncode for process in running):
        return {said for _, said in outputs}
    return {printed.splitlines()[-1] for printed, _ in outputs}


def failure(count, bad, task):
    """Lets one process fail during training.

    Returns:
        (seconds until the last of the others ended, list of problems).
    """
    fault = task["fault"]
    with started(count, task, bad) as running:
        others = [process for number, process in enumerate(running) if number != bad]
        if fault in ("kill", "stop"):
            wait_for(running[bad], fault)
        begun = time.perf_counter()
        limit = task["heartbeat"] + SLACK if fault in ("kill", "stop") else 300
        said = []
        for process in others:
            try:
                said.append(process.communicate(timeout=max(0.1, begun + limit - time.perf_counter()))[1])
            except subprocess.TimeoutExpired:
                return limit, [f"{fault}: a process has not ended after {limit} s"]
        seconds = time.perf_counter() - begun
        running[bad].send_signal(signal.SIGCONT)  # the stopped one wakes up
        last_words = running[bad].communicate(timeout=300)[1]
    problems = [f"{fault}: exit code 0" for process in running if process.returncode == 0]
    if fault == "stop" and [f"process {bad} of {count}" in line for line in own_lines(last_words)] != [True]:
        problems.append(f"stop: the stopped process said {last_words!r}")
    for text in said:
        lines = text.splitlines()
        if fault == "kill" and bad == 0:
            lines = own_lines(text) or lines
        lines = lines or [text]
        at_start = fault in ("fewer rows", "fewer epochs")  # an exception there, with its traceback
        if FAULTS[fault] not in lines[-1] or f"process {bad}" not in lines[-1]:
            problems.append(f"{fault} of process {bad}: another said {lines[-1]!r}")
        elif not at_start and len(lines) > 1:
            problems.append(f"{fault} of process {bad}: {len(lines)} lines")
    return seconds, problems


def own_lines(text):
    """Returns what is said by the library: JAX aborts a process that loses process 0, with a trace of C++."""
    return [line for line in text.splitlines() if line.startswith("keras.distributed")]


def wait_for(process, fault):
    """Waits until a process has been killed or stopped."""
    flag = os.WEXITED if fault == "kill" else os.WSTOPPED
    limit = time.monotonic() + 300
    while os.waitid(os.P_PID, process.pid, flag | os.WNOWAIT | os.WNOHANG) is None:
        if time.monotonic() > limit:
            raise TimeoutError(f"the process did not come to the fault {fault!r}")
        time.sleep(0.01)


def one_of_several_fails(run):
    """Measures F1: every fault in every process. After a kill or a stop the training is resumed."""
    counts = (2,) if run.quick else (2, 4)
    generator = random.Random(0)
    ended = resumed = failures = restores = 0
    slowest = dict.fromkeys(("kill", "stop"), 0.0)
    problems = []
    for count in counts:
        whole = {"file": str(run.folder / "whole.h5"), "heartbeat": 30, "resume": False, "fault": None}
        wanted = results_of(count, {**whole, "batches": 0})
        if len(wanted) != 1 or not next(iter(wanted)).startswith("["):
            return Figure("no training without a fault", False, problems=tuple(wanted))
        for fault in FAULTS:
            for bad in range(count):
                if run.quick and bad != (fault != "kill"):
                    continue
                task = {
                    "file": str(run.folder / f"{count} {fault} {bad}.h5"),
                    "heartbeat": HEARTBEAT,
                    "resume": False,
                    "fault": fault,
                    "batches": generator.randint(2, 2 * SAMPLES // BATCH),
                }
                seconds, wrong = failure(count, bad, task)
                failures += 1
                ended += not wrong
                problems += wrong
                if fault in slowest:
                    slowest[fault] = max(slowest[fault], seconds)
                    again = results_of(count, {**task, "resume": True, "fault": None})
                    restores += 1
                    resumed += again == wanted
                    if again != wanted:
                        problems.append(f"{fault} of process {bad}: resumed, it gives {again}, not {wanted}")
    default = ""
    if not run.quick:
        task = {
            "file": str(run.folder / "30.h5"),
            "heartbeat": 30,
            "resume": False,
            "fault": "stop",
            "batches": 3,
        }
        seconds, wrong = failure(2, 1, task)
        problems += wrong
        default = f", {seconds:.1f} s with the default of 30 s"
    return Figure(
        f"{ended} of {failures} failures ({' and '.join(map(str, counts))} processes) named by all; ended at "
        f"most {slowest['kill']:.1f} s after a kill, {slowest['stop']:.1f} s after a stop (heartbeat "
        f"{HEARTBEAT:g} s){default}; {resumed} of {restores} checkpoints restore bit for bit",
        not problems,
        problems=tuple(problems),
    )


ROWS = [
    Row(
        "F1",
        "training in several processes: one is killed, stops, raises, has fewer rows, epochs or steps",
        "all end, not with 0, and with a line that names the process; the last checkpoint restores",
        "JAX: abort after 104 s, or 5 s; a host that stops was not tried",
        one_of_several_fails,
    )
]

if __name__ == "__main__":
    one_process(json.loads(sys.argv[1]))
