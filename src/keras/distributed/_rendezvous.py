"""How processes find each other: all connect to process 0, which tells them to begin when all are there."""

import select
import socket
import time
from typing import Any, TypeAlias

from ._messages import receive, send

#: The two connections of a process.
HEARTBEATS, STEPS = "heartbeats", "steps"

_Address: TypeAlias = tuple[str, int]
#: (process, `HEARTBEATS` or `STEPS`) -> socket.
Links: TypeAlias = dict[tuple[int, str], socket.socket]


def host_and_port(address: Any) -> _Address:
    host, colon, port = str(address).rpartition(":")
    if not (colon and host and port.isdigit() and int(port) < 2**16):
        raise ValueError(f"initialize: coordinator_address must be 'host:port'; got {address!r}.")
    return host.strip("[]"), int(port)


def gather(address: _Address, _: int, count: int, deadline: float) -> tuple[Links, int]:
    """In process 0: waits for two connections from each other process, then tells all to begin.

    Returns:
        (links, a port that is free here, for JAX's own service).
    """
    family = socket.getaddrinfo(*address, type=socket.SOCK_STREAM)[0][0]
    with socket.create_server(address, family=family, backlog=2 * count) as server:
        links = _introduced(server, count, deadline)
    with socket.create_server(("", 0)) as server:
        port = server.getsockname()[1]
    for link in links.values():
        send(link, f"begin {port}")
    return links, port


def _introduced(server: socket.socket, count: int, deadline: float) -> Links:
    """Returns the connections of all other processes. A connection that says nothing holds up nobody."""
    missing = {(peer, kind) for peer in range(1, count) for kind in (HEARTBEATS, STEPS)}
    links: Links = {}
    silent: set[socket.socket] = set()
    while missing:
        left = max(0.01, deadline - time.monotonic())
        ready: list[socket.socket] = select.select([server, *silent], [], [], left)[0]
        if not ready or time.monotonic() > deadline:
            absent = sorted({peer for peer, _ in missing})
            raise TimeoutError(f"initialize: of the {count} processes, these did not come in time: {absent}.")
        for link in silent.intersection(ready):
            silent.remove(link)
            peer = _introduction(link, count, missing)
            if peer:
                missing.remove(peer)
                links[peer] = link
        if server in ready:
            silent.add(server.accept()[0])
    for link in silent:
        link.close()
    return links


def _introduction(link: socket.socket, count: int, missing: set[tuple[int, str]]) -> tuple[int, str] | None:
    """Returns (process, kind of link) of the peer that connected, or None if it is refused."""
    link.settimeout(1)  # it has begun to speak
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


def join(address: _Address, number: int, count: int, deadline: float) -> tuple[Links, int]:
    """In any other process: connects to process 0 twice, and waits until all have connected.

    Returns:
        As `gather`; the port is that of process 0.
    """
    links: Links = {}
    port = 0
    for kind in (HEARTBEATS, STEPS):
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
        word, _, number_said = said.partition(" ")
        if word != "begin" or not number_said.isdigit():
            raise ValueError(f"initialize: {said}.")
        port = int(number_said)
        link.settimeout(None)
    return links, port


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
