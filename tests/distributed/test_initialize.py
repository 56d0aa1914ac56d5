"""`keras.distributed.initialize`: its arguments, and processes that are missing."""

import socket
import threading
import time

import pytest

import keras
from keras.distributed import _rendezvous


def said_by(function):
    try:
        function()
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return "nothing"


def test_one_process_forms_no_group():
    assert (keras.distributed.process_id(), keras.distributed.process_count()) == (0, 1)
    keras.distributed.initialize("localhost:1", num_processes=1, process_id=0)
    assert keras.distributed.process_count() == 1


@pytest.mark.parametrize(
    "arguments, said",
    [
        ((None, 2, 0), "initialize needs coordinator_address: pass it, or set .* KERAS_COORDINATOR_ADDRESS"),
        (("nowhere", 2, 0), "coordinator_address must be 'host:port'; got 'nowhere'"),
        (("localhost:1", 0, 0), "num_processes must be an int of 1 or more; got 0"),
        (("localhost:1", 2, "one"), "process_id must be an int of 0 or more; got 'one'"),
        (("localhost:1", 2, 2), r"process_id must be in 0 \.\. 1 for 2 processes; got 2"),
        (("localhost:1", 2, 0, 0), "heartbeat must be a number of seconds above 0; got 0"),
    ],
)
def test_invalid_arguments_are_refused(arguments, said):
    with pytest.raises(ValueError, match=said):
        keras.distributed.initialize(*arguments)


def free_address():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return f"127.0.0.1:{server.getsockname()[1]}"


def test_missing_processes_raise_timeout_error():
    with pytest.raises(TimeoutError, match=r"of the 3 processes, these did not come in time: \[1, 2\]"):
        keras.distributed.initialize(free_address(), 3, 0, initialization_timeout=0.1)
    with pytest.raises(TimeoutError, match="process 0 does not answer at 127.0.0.1:"):
        keras.distributed.initialize(free_address(), 2, 1, initialization_timeout=0.1)


def test_processes_must_agree_on_num_processes():
    address = free_address()
    first = threading.Thread(
        target=lambda: said_by(lambda: keras.distributed.initialize(address, 3, 0, initialization_timeout=2))
    )
    first.start()
    with pytest.raises(ValueError, match="process 0 has num_processes=3, process 1 has 2"):
        keras.distributed.initialize(address, 2, 1, initialization_timeout=10)
    first.join()


def test_a_connection_that_says_nothing_holds_up_nobody():
    host, port = "127.0.0.1", int(free_address().rpartition(":")[2])
    deadline = time.monotonic() + 5
    found = {}
    names = [(_rendezvous.gather, 0), (_rendezvous.join, 1)]

    def meet(function, number):
        found[number] = function((host, port), number, 2, deadline)

    first, second = (threading.Thread(target=meet, args=each) for each in names)
    first.start()
    with _rendezvous._connect((host, port), deadline) as silent:
        second.start()
        first.join()
        second.join()
        assert silent.recv(1) == b""  # closed, once all were there
    assert {number: sorted(links) for number, (links, _) in found.items()} == {
        0: [(1, "heartbeats"), (1, "steps")],
        1: [(0, "heartbeats"), (0, "steps")],
    }
    for links, _ in found.values():
        for link in links.values():
            link.close()
