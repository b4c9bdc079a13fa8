"""What a long run shows, in a terminal and in a log."""

import io
from time import perf_counter, sleep

from rich.console import Console

from training.progress import Shown


def test_a_log_gets_a_line_when_a_stop_begins_and_one_when_it_ends() -> None:
    log = io.StringIO()
    shown = Shown(Console(file=log))

    with shown.stop("fit") as stop:
        stop.say("EASE")
        stop.done(1, 2)

    assert log.getvalue().splitlines()[0] == "… fit"
    assert log.getvalue().splitlines()[1].startswith("✓ fit, ")


def test_a_terminal_gets_a_bar_with_what_is_being_done() -> None:
    terminal = io.StringIO()
    shown = Shown(Console(file=terminal, force_terminal=True, width=120))

    with shown.stop("publish") as stop:
        stop.say("chunks")
        stop.done(1500, 3000)

    assert "publish" in terminal.getvalue()


def test_what_stops_took_is_remembered_in_order() -> None:
    shown = Shown(Console(file=io.StringIO()))

    with shown.stop("read"):
        pass
    with shown.stop("fit"):
        pass

    assert [took.name for took in shown.took] == ["read", "fit"]
    assert all(took.seconds >= 0 and took.peak_mib > 1 for took in shown.took)


def test_a_stop_within_a_stop_is_counted_once() -> None:
    shown = Shown(Console(file=io.StringIO()))

    began = perf_counter()
    with shown.stop("judge"), shown.stop("fit"):
        sleep(0.05)
    everything = perf_counter() - began

    fit, judge = shown.took
    assert fit.seconds >= 0.05
    assert 0 <= judge.seconds < 0.05
    assert fit.seconds + judge.seconds <= everything


def test_a_terminal_shows_a_stop_within_a_stop() -> None:
    terminal = io.StringIO()
    shown = Shown(Console(file=terminal, force_terminal=True, width=120))

    with shown.stop("judge"), shown.stop("fit"):
        pass

    assert "judge" in terminal.getvalue()
    assert "fit" in terminal.getvalue()
