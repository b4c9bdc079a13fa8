"""How many events a second one server process takes: ``make bench-events``.

wrk posts events over 32 connections, each with an id of its own: one at a time, 50 of one customer
as a page or GA4 sends them, and 50 of as many customers as a backend's queue does. In turns with it
stands the ceiling: a redis-py client that only appends the very same bytes, ``XADD`` by ``XADD`` in
pipelines of as many entries as arrive in one body: without HTTP, JSON, rules, ids to remember, live
states and disk for what fails.

A client with one connection waits for each reply before it sends on, so beside 32 connections that
send single events stands a client with 32 of them, each with a pipeline of one under way: one alone
does half of that, and would flatter us. A pipeline of 50 waits but once in 50 entries; there one
connection is the ceiling, as a program that moves entries would be written. What 32 connections of
that do, and pipelines of 32, is measured and told, without a goal.

Both where the store forces its file out every second, and where it does before it answers.

The server and the client have one core, in turns; the store has the other, with wrk. Afterwards
every event that the server took must be in the store, once.
"""

import argparse
from statistics import median

from rich.console import Console
from rich.table import Table

from benchmarks.closed_loop import CONNECTIONS
from benchmarks.events_rounds import CEILINGS, FORCED, MANY, WAYS, Found, measured
from benchmarks.results import Goal, Run

BESIDE = {way: f"XADD × 1 {MANY}" if n == 1 else f"XADD × {n}" for way, (n, _) in WAYS.items()}
"""Way -> its ceiling."""
ASIDE = {
    "1 event": ("XADD × 1", f"XADD × {CONNECTIONS}"),
    "50 of one customer": (f"XADD × 50 {MANY}",),
    "50 of as many": (f"XADD × 50 {MANY}",),
}
"""Way -> what else is told beside it."""
GOAL = 0.6


def main() -> None:
    """Run the benchmark, print its tables and write its figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="half a minute instead of four")
    is_quick = parser.parse_args().quick
    name, told = ("events_quick", ' ARGS="--quick"') if is_quick else ("events", "")
    run = Run.begin(name, f"make bench-events{told}")
    out = Console(width=120, highlight=False)
    found = measured(n_rounds=2 if is_quick else 5, seconds=1 if is_quick else 3, out=out)
    for forced in FORCED:
        out.print(table(found, forced))
    raw = {"events/s": found.per_s, "CPU us an event": found.cpu_us, "p99 ms": found.p99_ms}
    run.end(metrics(found), goals(found), raw=raw)


def share(found: Found, forced: str, way: str, *, ceiling: str) -> float:
    """Return the events a second of one way by the entries a second of a ceiling."""
    return median(found.per_s[forced][way]) / median(found.per_s[forced][ceiling])


def metrics(found: Found) -> dict[str, float]:
    """Return every figure, by name."""
    figures = {f"events: {name}": float(n) for name, n in found.counts.items()}
    for forced in FORCED:
        for way, rounds in found.per_s[forced].items():
            figures |= {
                f"{forced}, {way}: events/s": median(rounds),
                f"{forced}, {way}: events/s, least round": min(rounds),
                f"{forced}, {way}: events/s, greatest round": max(rounds),
            }
        for way in WAYS:
            figures |= {
                f"{forced}, {way}: CPU us an event": median(found.cpu_us[forced][way]),
                f"{forced}, {way}: p99 ms": median(found.p99_ms[forced][way]),
            }
        for way, others in ASIDE.items():
            for other in others:
                figures[f"{forced}, {way} ÷ {other}"] = share(found, forced, way, ceiling=other)
    return figures


def goals(found: Found) -> dict[str, Goal]:
    """Return what was meant to be reached."""
    return {
        f"{forced}, {way} ÷ {ceiling}": Goal.at_least(
            share(found, forced, way, ceiling=ceiling), GOAL
        )
        for forced in FORCED
        for way, ceiling in BESIDE.items()
    } | {
        "requests that failed": Goal.at_most(found.counts["failed"], 0),
        "events taken and not stored": Goal.at_most(found.counts["missing"], 0),
        "events stored twice": Goal.at_most(found.counts["stored twice"], 0),
    }


def table(found: Found, forced: str) -> Table:
    """Return what was found with one kind of store, for a person."""
    shown = Table(title=f"events a second, appendfsync {forced}", title_justify="left")
    shown.add_column("")
    for name in ("events/s", "rounds", "÷ ceiling", "CPU µs", "p99 ms"):
        shown.add_column(name, justify="right")
    for way in (*WAYS, *CEILINGS):
        rounds = found.per_s[forced][way]
        row = [way, f"{median(rounds):,.0f}", f"{min(rounds):,.0f}-{max(rounds):,.0f}"]
        if way in WAYS:
            row += [
                f"{share(found, forced, way, ceiling=BESIDE[way]):.3f}",
                f"{median(found.cpu_us[forced][way]):,.0f}",
                f"{median(found.p99_ms[forced][way]):,.1f}",
            ]
        shown.add_row(*row)
    return shown


if __name__ == "__main__":
    main()
