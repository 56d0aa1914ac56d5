"""Small messages in a group of two processes, both played by this one."""

import socket
import threading

import numpy as np
import pytest

from keras.distributed._group import Group
from keras.distributed._watch import Watch


class Ended(Exception):
    """What `Watch.end` raises here, where it would end the process."""


class Listening(Watch):
    def end(self, process, why):
        raise Ended(f"process {process} {why}")


@pytest.fixture
def pair():
    """Two members of a group, both in this process, without a watch thread."""
    one, other = socket.socketpair()
    with one, other:
        yield [
            Group(0, 2, {1: one}, Listening(0, 2, {}, 0.1), patience=0.5),
            Group(1, 2, {0: other}, Listening(1, 2, {}, 2), patience=0.5),
        ]


def both(pair, call):
    """Returns what a function of a group and its number returns, or says when it raises, in both."""
    results = [None, None]

    def run(number):
        try:
            results[number] = call(pair[number], number)
        except Exception as error:
            results[number] = f"{type(error).__name__}: {error}"
            for link in pair[number]._links.values():
                link.shutdown(socket.SHUT_RDWR)

    thread = threading.Thread(target=run, args=[1])
    thread.start()
    run(0)
    thread.join()
    return results


def test_meet_returns_the_least_number(pair):
    assert both(pair, lambda group, number: group.meet("here", 7 - 10 * number)) == [-3, -3]


def test_agree_names_what_differs(pair):
    said = "ValueError: fit: samples must be the same in all processes: process 1 has 2, process 0 has 1."
    facts = {"nb_epoch": np.int64(3)}
    assert both(pair, lambda group, _: group.agree("fit", facts)) == [None, None]
    assert both(pair, lambda group, number: group.agree("fit", {**facts, "samples": number + 1}))[0] == said


def test_a_fact_of_one_process_only_differs(pair):
    said = both(pair, lambda group, number: group.agree("fit", {"y": 1} if number else {}))
    assert (
        said[0]
        == "ValueError: fit: y must be the same in all processes: process 1 has 1, process 0 has None."
    )


def test_generator_becomes_that_of_process_0(pair):
    before = np.random.get_state()
    try:
        np.random.seed(5)
        wanted = np.random.RandomState(5).normal(size=3)
        states = both(pair, lambda group, _: [group.share_generator(), np.random.get_state()][1])
        np.random.set_state(states[1])
        np.testing.assert_array_equal(np.random.normal(size=3), wanted)
    finally:
        np.random.set_state(before)


def test_a_process_at_another_place_is_out_of_step(pair):
    said = both(pair, lambda group, number: group.meet(f"step {number}"))[0]
    assert said == "Ended: process 1 is out of step: it is at step 1, process 0 is at step 0"


def test_a_process_that_does_not_come_is_stuck(pair):
    with pytest.raises(Ended, match="process 1 is stuck: it does not come to step 3, where others wait"):
        pair[0].meet("step 3")


def test_rubbish_is_named(pair):
    pair[1]._links[0].sendall(b"GET / HTTP/1.1\r\n\r\n")
    with pytest.raises(Ended, match="process 1 sent something else than a message"):
        pair[0].meet("step 3")


def test_a_closed_connection_is_a_lost_process(pair):
    pair[1]._links[0].close()
    with pytest.raises(Ended, match="process 1 was lost: its connection is closed"):
        pair[0].meet("step 3")
