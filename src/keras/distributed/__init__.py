"""Trains one model in several processes, on one machine or on many: data parallelism.

Every process runs the same program, begins with `initialize`, and calls `model.fit` with its own rows. Each
step averages the gradients of all processes, so that all keep the same weights: those of a single process
whose batches hold the rows of all. docs/distributed.md has an example.

The loss of every process has the same weight, whatever its sample weights and masks. Batch normalization
uses the statistics of the process's own rows; its moving averages are averaged over all processes. Dropout
differs between processes.

The processes communicate over TCP, process 0 with each of the others. They exchange numbers and plain text,
and never run what they receive. There is no authentication: use a private network.
"""

import atexit
import os
import socket
import time
from typing import Any, TypeAlias

from ._group import Group
from ._messages import receive, send
from ._watch import Watch

_group: Group | None = None

_HEARTBEATS, _STEPS = "heartbeats", "steps"

_Address: TypeAlias = tuple[str, int]
#: (process, `_HEARTBEATS` or `_STEPS`) -> socket.
_Links: TypeAlias = dict[tuple[int, str], socket.socket]


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
    connect = _gather if number == 0 else _join
    links = connect(_host_and_port(address), number, count, deadline)
    peers = range(1, count) if number == 0 else [0]
    watch = Watch(number, count, {peer: links[peer, _HEARTBEATS] for peer in peers}, heartbeat)
    _group = Group(number, count, {peer: links[peer, _STEPS] for peer in peers}, watch)
    watch.start()
    atexit.register(watch.leave)


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


def _host_and_port(address: Any) -> _Address:
    host, colon, port = str(address).rpartition(":")
    if not (colon and host and port.isdigit() and int(port) < 2**16):
        raise ValueError(f"initialize: coordinator_address must be 'host:port'; got {address!r}.")
    return host.strip("[]"), int(port)


def _gather(address: _Address, _: int, count: int, deadline: float) -> _Links:
    """In process 0: waits for two connections from each other process, then tells all to begin."""
    family = socket.getaddrinfo(*address, type=socket.SOCK_STREAM)[0][0]
    missing = {(peer, kind) for peer in range(1, count) for kind in (_HEARTBEATS, _STEPS)}
    links: _Links = {}
    with socket.create_server(address, family=family, backlog=2 * count) as server:
        while missing:
            server.settimeout(max(0.01, deadline - time.monotonic()))
            try:
                link, _ = server.accept()
            except TimeoutError:
                absent = sorted({peer for peer, _ in missing})
                raise TimeoutError(
                    f"initialize: of the {count} processes, these did not come in time: {absent}."
                ) from None
            peer = _introduction(link, count, missing)
            if peer:
                missing.remove(peer)
                links[peer] = link
    for link in links.values():
        send(link, "begin")
    return links


def _introduction(link: socket.socket, count: int, missing: set[tuple[int, str]]) -> tuple[int, str] | None:
    """Returns (process, kind of link) of the peer that connected, or None if it is refused."""
    link.settimeout(10)
    link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        said = receive(link, largest=0)[0].split()
        problem = None
        if len(said) != 4 or said[0] != "keras" or not said[1].isdigit():
            problem = "process 0 does not understand this process; run the same version of keras in both"
        elif said[2] != str(count):
            problem = f"process 0 has num_processes={count}, process {said[1]} has {said[2]}"
        elif (int(said[1]), said[3]) not in missing:
            problem = f"process_id={said[1]} is taken by another process"
        if problem:
            send(link, problem)
            link.close()
            return None
    except (OSError, ValueError):  # a port scanner, or a process that has ended meanwhile
        link.close()
        return None
    link.settimeout(None)
    return int(said[1]), said[3]


def _join(address: _Address, number: int, count: int, deadline: float) -> _Links:
    """In any other process: connects to process 0 twice, and waits until all have connected."""
    links: _Links = {}
    for kind in (_HEARTBEATS, _STEPS):
        link = links[0, kind] = _connect(address, deadline)
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        send(link, f"keras {number} {count} {kind}")
    for link in links.values():
        link.settimeout(max(0.01, deadline - time.monotonic()))
        try:
            said = receive(link)[0]
        except TimeoutError:
            raise TimeoutError("initialize: process 0 is still waiting for other processes.") from None
        except OSError:
            raise ConnectionError("initialize: process 0 ended before all processes had connected.") from None
        if said != "begin":
            raise ValueError(f"initialize: {said}.")
        link.settimeout(None)
    return links


def _connect(address: _Address, deadline: float) -> socket.socket:
    while True:
        try:
            return socket.create_connection(address, timeout=max(0.01, deadline - time.monotonic()))
        except OSError as error:  # it may not listen yet
            if time.monotonic() > deadline:
                raise TimeoutError(
                    f"initialize: process 0 does not answer at {address[0]}:{address[1]}: {error}."
                ) from error
        time.sleep(0.1)
