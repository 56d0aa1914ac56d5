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
import time
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
) -> None:
    """Joins this process to the group. Call it once, before any model is compiled.

    From then on, `fit` trains in all processes together. If a process ends or hangs, each of the others
    prints one line that names it and exits with code 1, whatever it is doing.

    Args:
        coordinator_address: "host:port" on which process 0 listens; "[host]:port" for IPv6. If None, the
            environment variable KERAS_COORDINATOR_ADDRESS.
        num_processes: number of processes; if None, KERAS_NUM_PROCESSES. With 1 the call has no effect.
        process_id: number of this process in 0 .. num_processes - 1, different in each; if None,
            KERAS_PROCESS_ID.
        heartbeat: seconds without a sign of life after which a process counts as lost.
        initialization_timeout: seconds to wait for the others.

    Raises:
        RuntimeError: it was called before.
        TimeoutError: not all processes connected in time.
        ConnectionError: process 0 ended before all processes had connected.
        ValueError: an argument is missing or invalid, or differs from that of process 0.

    Example:
        >>> keras.distributed.initialize('10.0.0.1:4321', num_processes=2, process_id=0)  # doctest: +SKIP
    """
    global _group
    if _group is not None:
        raise RuntimeError("keras.distributed.initialize: this process is in a group already.")
    address = _argument("coordinator_address", coordinator_address)
    count = _as_int("num_processes", _argument("num_processes", num_processes), 1)
    number = _as_int("process_id", _argument("process_id", process_id), 0)
    if number >= count:
        raise ValueError(
            f"initialize: process_id must be in 0 .. {count - 1} for {count} processes; got {number}."
        )
    if not heartbeat > 0:
        raise ValueError(f"initialize: heartbeat must be a number of seconds above 0; got {heartbeat!r}.")
    if count == 1:
        return
    deadline = time.monotonic() + initialization_timeout
    connect = gather if number == 0 else join
    links = connect(host_and_port(address), number, count, deadline)
    peers = range(1, count) if number == 0 else [0]
    watch = Watch(number, count, {peer: links[peer, HEARTBEATS] for peer in peers}, heartbeat)
    _group = Group(number, count, {peer: links[peer, STEPS] for peer in peers}, watch)
    watch.start()
    atexit.register(watch.leave)


def use(layout: Layout | None = None) -> None:
    """Spreads all programs over the devices, from their next run on; weights move with them.

    Args:
        layout: `Layout`; None for data parallelism over all devices.

    Raises:
        ValueError: the layout does not fit the number of devices.
        TypeError: it is not a `Layout`.

    Example:
        >>> use(Layout(data=1))  # one device
    """
    layout = Layout() if layout is None else layout
    if not isinstance(layout, Layout):
        raise TypeError(f"use: wanted a keras.distributed.Layout; got {type(layout).__name__}.")
    if _group is not None:
        raise NotImplementedError("use: layouts work in one process only.")
    data, model = layout.grid(jax.device_count())
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


def _argument(name: str, value: Any) -> Any:
    value = os.environ.get(f"KERAS_{name.upper()}") if value is None else value
    if value is None:
        raise ValueError(f"initialize needs {name}: pass it, or set the variable KERAS_{name.upper()}.")
    return value


def _as_int(name: str, value: Any, least: int) -> int:
    try:
        number = int(str(value))
    except ValueError:
        number = least - 1
    if number < least:
        raise ValueError(f"initialize: {name} must be an int of {least} or more; got {value!r}.")
    return number
