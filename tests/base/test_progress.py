"""The progress bar.

Texts marked "1.2.2" were recorded from Keras 1.2.2 (Python 3.6) with a controlled clock.
"""

import io
import sys
import time
import types

import pytest

from keras._base.progress import Progbar


class Terminal(io.StringIO):
    def isatty(self):
        return True


Notebook = type("OutStream", (io.StringIO,), {"__module__": "ipykernel.iostream"})


@pytest.fixture
def clock(monkeypatch):
    class Clock:
        now = 1000.0

    monkeypatch.setattr(time, "monotonic", lambda: Clock.now)
    return Clock


@pytest.fixture
def output(monkeypatch):
    def use(stream):
        monkeypatch.setattr(sys, "stdout", stream)
        return stream

    return use


def test_bar_text_on_a_terminal_is_that_of_1_2_2(clock, output):  # 1.2.2
    out = output(Terminal())
    progbar = Progbar(1000)
    clock.now += 0.33
    progbar.update(32, [("loss", 0.5), ("acc", 0.5)])
    clock.now += 1
    progbar.update(1000, [("loss", 0.25), ("acc", 1e-5)])
    drawn = [line.rstrip() for line in out.getvalue().split("\r")]
    assert drawn[1] == "  32/1000 [..............................] - ETA: 9s - loss: 0.5000 - acc: 0.5000"
    assert drawn[2] == "1000/1000 [==============================] - 1s - loss: 0.2580 - acc: 0.0160"


@pytest.mark.parametrize(
    "current, bar",
    [
        (0, " 0/10 [..........]"),
        (1, " 1/10 [>.........]"),
        (5, " 5/10 [====>.....]"),
        (10, "10/10 [==========]"),
    ],
)
def test_bar_width_and_arrow_follow_progress(current, bar, output):  # 1.2.2
    out = output(Terminal())
    Progbar(10, width=10).update(current, force=True)
    assert out.getvalue().strip("\r\n").startswith(bar)


def test_values_are_averages_weighted_by_units(output):
    out = output(Terminal())
    progbar = Progbar(4)
    progbar.add(1, [("loss", 1.0)])
    progbar.add(3, [("loss", 5.0)])
    assert out.getvalue().rstrip().endswith(" - loss: 4.0000")


def test_small_values_are_printed_with_an_exponent(output):  # 1.2.2
    out = output(Terminal())
    Progbar(1).update(1, [("a", 0.001), ("b", -0.2), ("c", -1e-4)])
    assert out.getvalue().endswith(" - a: 1.0000e-03 - b: -0.2000 - c: -1.0000e-04\n")


def test_shorter_line_erases_the_longer_one_before(clock, output):
    out = output(Terminal())
    progbar = Progbar(100)
    clock.now += 100
    progbar.update(1)
    clock.now += 1
    progbar.update(99)
    first, second = out.getvalue().split("\r")[1:]
    assert len(first) == len(second) and second.endswith(" ")


@pytest.mark.parametrize("stream, redraws", [(Terminal, 11), (Notebook, 6)])
def test_redraws_per_second_are_limited(stream, redraws, clock, output):
    out = output(stream())
    progbar = Progbar(10_000)
    for step in range(1000):
        clock.now = 1000 + step / 999
        progbar.update(step + 1, [("loss", 1.0)])
    assert 0 < out.getvalue().count("\r") <= redraws


def test_longer_interval_is_respected(clock, output):
    out = output(Terminal())
    progbar = Progbar(100, interval=2)
    for step in range(5):
        clock.now += 1
        progbar.update(step)
    assert out.getvalue().count("\r") == 3


def test_end_is_drawn_exactly_once(clock, output):
    out = output(Terminal())
    progbar = Progbar(10)
    progbar.update(9)
    progbar.update(10)
    progbar.update(10)
    assert out.getvalue().count("10/10") == out.getvalue().count("\n") == 1


def test_notebook_output_has_no_backspaces(output):
    out = output(Notebook())
    progbar = Progbar(2)
    progbar.add(1)
    progbar.add(1)
    assert "\b" not in out.getvalue() and out.getvalue().startswith("\r")


def test_log_file_has_one_line_without_control_characters(output):
    out = output(io.StringIO())
    progbar = Progbar(100)
    for _ in range(100):
        progbar.add(1, [("loss", 0.5)])
    assert out.getvalue() == ("100/100 [==============================] - 0s - loss: 0.5000\n")


def test_forced_update_writes_an_unfinished_epoch_to_a_log_file(output):
    out = output(io.StringIO())
    progbar = Progbar(100)
    progbar.update(50)
    progbar.update(60, force=True)
    assert out.getvalue().count("\n") == 1 and out.getvalue().startswith(" 60/100")


def test_verbose_2_prints_only_the_last_line(output):  # 1.2.2: a negative value has an exponent here
    out = output(Terminal())
    progbar = Progbar(2, verbose=2)
    progbar.add(1, [("loss", 0.5), ("gain", -3.0)])
    progbar.add(1, [("loss", 0.25), ("gain", -3.0)])
    assert out.getvalue() == "0s - loss: 0.3750 - gain: -3.0000e+00\n"


def test_verbose_0_prints_nothing(output):
    out = output(Terminal())
    Progbar(1, verbose=0).update(1, [("loss", 1.0)], force=True)
    assert out.getvalue() == ""


def test_missing_standard_output_is_not_an_error(output):  # pythonw has none
    output(None)
    Progbar(1).update(1)


def test_target_0_draws_a_full_bar(output):  # 1.2.2 took the logarithm of 0
    out = output(Terminal())
    Progbar(0).update(0, force=True)
    assert out.getvalue().startswith("\r0/0 [====")


def test_names_of_values_are_listed_in_order():  # 1.2.2
    bar = Progbar(10, verbose=0)
    assert bar.unique_values == []
    bar.update(3, [("b", 1.0), ("a", 2.0)])
    assert bar.unique_values == ["b", "a"]


def test_a_text_takes_the_place_of_the_bar_and_is_erased(output):
    out = output(Terminal())
    progbar = Progbar(2, width=2)
    progbar.show("compiling, 12 s and a little more than the bar has")
    progbar.update(2)
    _, text, bar = out.getvalue().split("\r")
    assert text.startswith("compiling, 12 s") and len(bar.rstrip("\n")) == len(text)


@pytest.mark.parametrize("verbose, stream", [(1, io.StringIO), (2, Terminal), (0, Terminal)])
def test_a_text_in_place_of_the_bar_is_not_shown(verbose, stream, output):
    out = output(stream())
    Progbar(2, verbose=verbose).show("compiling")
    assert out.getvalue() == ""


def test_delays_are_left_out_of_the_time_that_is_left(clock, output):
    out = output(Terminal())
    progbar = Progbar(100)
    clock.now += 50
    progbar.delay(40)
    progbar.update(50)
    assert "ETA: 10s" in out.getvalue()


def test_a_kernel_replaces_its_line_instead_of_adding_to_it(output, monkeypatch):
    states = []
    handle = types.SimpleNamespace(update=lambda data, raw: states.append(data["text/plain"]))

    def display(data, raw, display_id):
        states.append(data["text/plain"])
        return handle

    shell = types.SimpleNamespace(kernel=object())
    package = types.SimpleNamespace(get_ipython=lambda: shell)
    monkeypatch.setitem(sys.modules, "IPython", package)
    monkeypatch.setitem(sys.modules, "IPython.display", types.SimpleNamespace(display=display))
    out = output(Notebook())
    progbar = Progbar(2)
    progbar.update(1)
    progbar.update(2)
    assert out.getvalue() == "" and [state[:4] for state in states] == ["1/2 ", "2/2 "]
