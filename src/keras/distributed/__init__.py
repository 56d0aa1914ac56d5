"""One program on many devices, of this process and of others.

`use(Layout(...))` spreads programs over the devices: each batch is divided into parts, and weights can be.
`initialize()` joins the devices of several processes, on one machine or on many. The same program gives the
same numbers, up to rounding, on any number of devices and processes; all processes run it, with the same
data. docs/distributed.md takes a reader from one device to many hosts.

XLA exchanges what programs compute. Besides, the processes send each other small messages over TCP, process 0
with each of the others: which program comes next, and signs of life. They never run what they receive. There
is no authentication: use a private network.
"""

import atexit
import os
import sys
import time
from types import TracebackType
from typing import Any

import jax

from .._graph import mesh, placement
from ._group import Group
from ._layout import Layout as Layout
from ._rendezvous import HEARTBEATS, STEPS, gather, host_and_port, join
from ._watch import Watch

_group: Group | None = None


def initialize(
    coordinator_address: str | None = None,
    num_processes: int | None = None,
    process_id: int | None = None,
    heartbeat: float = 30.0,
    initialization_timeout: float = 300.0,
    patience: float = 600.0,
) -> None:
    """Joins this process to the others, and spreads all programs over the devices of all of them.

    Call it once, before anything is computed. From then on all processes must run the same program: NumPy's
    generator has the same state in all of them, batches are divided over all devices, and what one process
    runs alone ends in an error that says so. If a process ends or hangs, each of the others prints one line
    that names it and exits with code 1, whatever it is doing.

    Without any argument and without the environment variables there is one process, with all its devices.

    Args:
        coordinator_address: "host:port" on which process 0 listens; "[host]:port" for IPv6. If None, the
            environment variable KERAS_COORDINATOR_ADDRESS.
        num_processes: number of processes; if None, KERAS_NUM_PROCESSES.
        process_id: number of this process in 0 .. num_processes - 1, different in each; if None,
            KERAS_PROCESS_ID.
        heartbeat: seconds without a sign of life after which a process counts as lost.
        initialization_timeout: seconds to wait for the others.
        patience: seconds that the others wait for a process that lives, but does not come to the program that
            they are about to run. Then it counts as stuck.

    Raises:
        RuntimeError: it was called before, or something has been computed before.
        TimeoutError: not all processes connected in time.
        ConnectionError: process 0 ended before all processes had connected.
        ValueError: an argument is missing or invalid, or differs from that of process 0.

    Example:
        >>> keras.distributed.initialize('10.0.0.1:4321', num_processes=2, process_id=0)  # doctest: +SKIP
    """
    if _group is not None:
        raise RuntimeError("keras.distributed.initialize: this process is in a group already.")
    given = {"coordinator_address": coordinator_address, "num_processes": num_processes}
    given = {name: _given(name, value) for name, value in {**given, "process_id": process_id}.items()}
    if any(value is not None for value in given.values()):
        address, count, number = _checked(given)
        for name, seconds in (("heartbeat", heartbeat), ("patience", patience)):
            if not seconds > 0:
                raise ValueError(f"initialize: {name} must be a number of seconds above 0; got {seconds!r}.")
        if count > 1:
            _join(address, number, count, heartbeat, time.monotonic() + initialization_timeout, patience)
    use()


def _join(address: Any, number: int, count: int, heartbeat: float, deadline: float, patience: float) -> None:
    global _group
    host, port = host_and_port(address)
    links, jax_port = (join if number else gather)((host, port), number, count, deadline)
    peers = [0] if number else range(1, count)
    watch = Watch(number, count, {peer: links[peer, HEARTBEATS] for peer in peers}, heartbeat)
    group = Group(number, count, {peer: links[peer, STEPS] for peer in peers}, watch, patience)
    watch.start()
    # JAX's service would keep SIGTERM from ending the process, and aborts processes with C++ traces if it
    # misses one: it waits longer than the watch.
    jax.config.update("jax_enable_preemption_service", False)
    where = f"[{host}]:{jax_port}" if ":" in host else f"{host}:{jax_port}"
    try:
        jax.distributed.initialize(
            where,
            count,
            number,
            initialization_timeout=max(1, int(deadline - time.monotonic())),
            heartbeat_timeout_seconds=100 + int(10 * heartbeat),
            shutdown_timeout_seconds=10,
        )
    except BaseException as error:
        watch.fail(f"could not join: {type(error).__name__}: {error}")
        raise
    _group = group
    group.share_generator()
    atexit.register(_leave, group)
    _report_errors(watch)


def _leave(group: Group) -> None:
    """Waits for the others at the end of the program; after an error, leaves at once."""
    if not group.watch.over:
        group.meet("the end of the program")
        group.watch.leave()
        return
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(1)  # JAX would wait for the others


def _report_errors(watch: Watch) -> None:
    """Tells the others of the error that ends this process."""
    show = sys.excepthook

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        watch.report(kind, error)
        show(kind, error, trace)

    sys.excepthook = hook


def use(layout: Layout | None = None, rows: str = "all") -> None:
    """Spreads all programs over the devices, from their next run on; weights move with them.

    Args:
        layout: `Layout`; None for data parallelism over all devices. In several processes it is the same in
            all of them, and takes all devices.
        rows: what each of several processes passes to the methods of models and to `K.function`. "all": the
            same arrays, whole. "own": its part of each batch, in arrays, generators or loaders; the program
            computes on the parts of all processes, one after the other. The parts have the same size, and
            `predict` returns the outputs for the own rows. `batch_size` remains that of the whole model.

    Raises:
        ValueError: the layout does not fit the number of devices, or differs between processes.
        TypeError: it is not a `Layout`.

    Example:
        >>> use(Layout(data=1))  # one device
    """
    layout = Layout() if layout is None else layout
    if not isinstance(layout, Layout):
        raise TypeError(f"use: wanted a keras.distributed.Layout; got {type(layout).__name__}.")
    if rows not in ("all", "own"):
        raise ValueError(f"use: rows must be 'all' or 'own'; got {rows!r}.")
    data, model = layout.grid(jax.device_count(), all_of_them=_group is not None)
    if _group is not None:
        facts = {"the layout": repr(layout), "rows": rows, "the number of devices": jax.local_device_count()}
        _group.agree("use", facts)
        parts = _group.count if rows == "own" else 1
        if data % parts:
            raise ValueError(
                f"use: with rows='own' the {parts} processes must divide the data axis of the devices; its "
                f"size is {data}."
            )
        placement.use(mesh.OverMesh(data, model, layout.spec, _group.meet, parts))
    else:
        alone = data * model == 1
        placement.use(placement.OneDevice() if alone else mesh.OverMesh(data, model, layout.spec))


def process_id() -> int:
    """Returns the number of this process; 0 without `initialize`."""
    return _group.process_id if _group else 0


def process_count() -> int:
    """Returns how many processes train together; 1 without `initialize`."""
    return _group.count if _group else 1


def current_group() -> Group | None:
    """Returns the `Group` of this process, or None without `initialize`."""
    return _group


def _given(name: str, value: Any) -> Any:
    return os.environ.get(f"KERAS_{name.upper()}") if value is None else value


def _checked(given: dict[str, Any]) -> tuple[str, int, int]:
    """Returns address, number of processes and number of this process."""
    for name, value in given.items():
        if value is None:
            raise ValueError(f"initialize needs {name}: pass it, or set the variable KERAS_{name.upper()}.")
    count = _as_int("num_processes", given["num_processes"], 1)
    number = _as_int("process_id", given["process_id"], 0)
    if number >= count:
        raise ValueError(
            f"initialize: process_id must be in 0 .. {count - 1} for {count} processes; got {number}."
        )
    return given["coordinator_address"], count, number


def _as_int(name: str, value: Any, least: int) -> int:
    try:
        number = int(str(value))
    except ValueError:
        number = least - 1
    if number < least:
        raise ValueError(f"initialize: {name} must be an int of {least} or more; got {value!r}.")
    return number
