"""Load at a rate that you choose, and the highest rate that a server keeps up with.

Examples:
    python -m benchmarks.load --rate 2000 --seconds 10
        two thousand requests a second to http://127.0.0.1:8000, arriving as customers do

    python -m benchmarks.load --knee --p99-ms 20
        the highest rate at which 99 of 100 answers come within 20 ms

    python -m benchmarks.load --customers ids.txt --categories categories.txt --rate 500
        the customers and categories of a shop of your own, one a line

    python -m benchmarks.load --rate 1000 --p99-ms 20 --errors 0.001 --out var/load.json
        ends with 1 where a bound is missed; for scripts

Latency is counted from when a request should have left (see ``open_loop``). One in a hundred
answers is checked: status, level, number of items, filter. "late" is the generator's own delay:
where its p99 is not small beside the latencies, the generator or its machine is the bottleneck.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import orjson
from hdrh.histogram import HdrHistogram
from rich.console import Console
from rich.table import Table

from benchmarks import open_loop
from benchmarks.mix import OK, Asked, Mix, Shop, fault, posted
from benchmarks.open_loop import Arrivals, Times
from benchmarks.results import machine

LONGEST_US = 60_000_000
KEPT_UP = 0.98
"""A server that answers a smaller share of the rate than this has not kept up with it."""
N_DOUBLINGS, N_HALVINGS = 9, 4
N_DRAWN = 50_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One rate for some seconds."""

    rate: float
    per_s: float
    p50_ms: float
    p90_ms: float
    p99_ms: float
    p999_ms: float
    max_ms: float
    late_p99_ms: float
    n_answers: int
    n_errors: int
    """Failed requests, and checked answers with a fault."""
    faults: Sequence[str]
    """What was wrong with answers, at most five."""
    histogram: str
    """Latencies in microseconds, as an HDR histogram's text."""

    @property
    def errors(self) -> float:
        """Share of requests that failed."""
        return self.n_errors / max(self.n_answers + self.n_errors, 1)

    def holds(self, *, p99_ms: float, errors: float) -> bool:
        """Whether the server kept up with the rate, within the bounds."""
        kept_up = self.per_s >= KEPT_UP * self.rate
        return kept_up and self.p99_ms <= p99_ms and self.errors <= errors


@dataclass(frozen=True, slots=True, kw_only=True)
class Generator:
    """What is sent, and where to."""

    host: str
    port: int
    asked: Sequence[Asked]
    post: float = 0.0
    """Share asked by POST."""
    checked: bool = True
    """Whether answers are lists, which those of a ceiling are not."""
    arrivals: Arrivals = "poisson"
    connections: int = open_loop.CONNECTIONS
    seed: int = 7

    def at(self, rate: float, *, seconds: float) -> Step:
        """Send for some seconds at ``rate`` requests a second.

        Raises:
            OSError: Nobody listens.
        """
        rng = np.random.default_rng(self.seed)
        times = open_loop.schedule(rate, seconds, arrivals=self.arrivals, rng=rng)
        requests = [raw(asked, posted=posted(n, self.post)) for n, asked in enumerate(self.asked)]
        seen = open_loop.run(
            self.port, requests, times, host=self.host, connections=self.connections
        )
        return self._step(rate, seen, n_intended=times.size)

    def _step(self, rate: float, seen: open_loop.Seen, *, n_intended: int) -> Step:
        faults = []
        if self.checked:
            for n, status, body in seen.kept:
                problem = fault(self.asked[n % len(self.asked)], status, body)
                if problem is not None and status == OK:
                    faults.append(problem)
        others = [
            f"status {status}, {n} times" for status, n in seen.statuses.items() if status != OK
        ]
        histogram = _histogram(seen.latency_ms)
        shares = (50, 90, 99, 99.9, 100)
        p50, p90, p99, p999, top = (
            histogram.get_value_at_percentile(share) / 1000 for share in shares
        )
        share_in_time = seen.latency_ms.size / n_intended
        return Step(
            rate=rate,
            per_s=rate * share_in_time * min(1.0, seen.intended_s / seen.seconds),
            p50_ms=p50,
            p90_ms=p90,
            p99_ms=p99,
            p999_ms=p999,
            max_ms=top,
            late_p99_ms=float(np.percentile(seen.late_ms, 99)) if seen.late_ms.size else 0.0,
            n_answers=seen.latency_ms.size,
            n_errors=seen.n_errors + len(faults),
            faults=[*others, *faults][:5],
            histogram=histogram.encode().decode(),
        )


def knee(
    measure: Callable[[float], Step], *, start: float, p99_ms: float, errors: float = 0.001
) -> tuple[float, list[Step]]:
    """Find the highest rate that holds: double it until it does not, then halve the gap.

    Args:
        measure: Loads at a rate.
        start: The first rate.
        p99_ms: The bound.
        errors: Share of requests that may fail.

    Returns:
        The rate, 0 where not even ``start`` holds, and every step, at most fourteen.
    """
    steps: list[Step] = []

    def held(rate: float) -> bool:
        steps.append(measure(rate))
        return steps[-1].holds(p99_ms=p99_ms, errors=errors)

    low, high = 0.0, start
    while len(steps) <= N_DOUBLINGS and held(high):
        low, high = high, high * 2
    if low:
        for _ in range(N_HALVINGS):
            middle = (low + high) / 2
            low, high = (middle, high) if held(middle) else (low, middle)
    return low, steps


def raw(asked: Asked, *, posted: bool) -> bytes:
    """Return a request as it goes over the wire."""
    if not posted:
        return b"GET %b HTTP/1.1\r\nHost: localhost\r\n\r\n" % asked.path.encode()
    return (
        b"POST /recommend HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        b"Content-Length: %d\r\n\r\n%b" % (len(asked.body), asked.body)
    )


def table(steps: Sequence[Step], *, title: str) -> Table:
    """Return the steps for a person."""
    shown = Table(title=title, title_justify="left")
    for name in ("rate/s", "answered/s", "p50 ms", "p90", "p99", "p99.9", "max", "late p99"):
        shown.add_column(name, justify="right")
    shown.add_column("errors", justify="right")
    for step in steps:
        numbers = step.p50_ms, step.p90_ms, step.p99_ms, step.p999_ms, step.max_ms
        shown.add_row(
            f"{step.rate:,.0f}",
            f"{step.per_s:,.0f}",
            *(f"{ms:.2f}" for ms in (*numbers, step.late_p99_ms)),
            f"{step.errors:.2%}",
        )
    return shown


def _histogram(latency_ms: Times) -> Any:  # noqa: ANN401  # hdrh has no types
    histogram = HdrHistogram(1, LONGEST_US, 3)
    for us in np.minimum(latency_ms * 1000, LONGEST_US).astype(np.int64).tolist():
        histogram.record_value(max(us, 1))
    return histogram


def main() -> None:
    """Load a server, print what it did, and end with 1 where it missed a bound."""
    told = _arguments()
    place = urlsplit(told.url)
    rng = np.random.default_rng(told.seed)
    shop = Shop.told(told.customers, told.categories)
    generator = Generator(
        host=place.hostname or "127.0.0.1",
        port=place.port or 80,
        asked=Mix.told(told.mix).drawn(shop, N_DRAWN, rng=rng),
        post=told.post,
        arrivals=told.arrivals,
        connections=told.connections,
        seed=told.seed,
    )
    if told.knee:
        found, steps = knee(
            lambda rate: generator.at(rate, seconds=told.seconds),
            start=told.rate,
            p99_ms=told.p99_ms,
            errors=told.errors,
        )
        held = found > 0
    else:
        steps = [generator.at(told.rate, seconds=told.seconds)]
        found, held = 0.0, steps[0].holds(p99_ms=told.p99_ms, errors=told.errors)
    out = Console(width=110, highlight=False)
    out.print(table(steps, title=f"{told.url}, {told.arrivals} arrivals, {machine()}"))
    for problem in dict.fromkeys(problem for step in steps for problem in step.faults):
        out.print(f"an answer was wrong: {problem}")
    if told.knee:
        out.print(f"highest rate with p99 within {told.p99_ms:g} ms: {found:,.0f}/s")
    if told.out is not None:
        figures = {"machine": machine(), "knee": found, "steps": [asdict(step) for step in steps]}
        told.out.write_bytes(orjson.dumps(figures, option=orjson.OPT_INDENT_2))
    if not held:
        sys.exit(1)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.load",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("url", nargs="?", default="http://127.0.0.1:8000")
    parser.add_argument("--rate", type=float, default=500.0, help="requests a second")
    parser.add_argument("--seconds", type=float, default=5.0, help="for how long, each rate")
    parser.add_argument("--knee", action="store_true", help="raise the rate from --rate on")
    parser.add_argument("--p99-ms", type=float, default=50.0, help="the bound")
    parser.add_argument("--errors", type=float, default=0.001, help="share that may fail")
    parser.add_argument("--customers", default="100000", help="how many, or a file of ids")
    parser.add_argument("--categories", help="a file of categories, one a line")
    parser.add_argument("--mix", default="", help="as in unknown=0.05,filtered=0.05,skew=1")
    parser.add_argument("--post", type=float, default=0.0, help="share asked by POST")
    parser.add_argument("--arrivals", choices=("poisson", "constant"), default="poisson")
    parser.add_argument("--connections", type=int, default=open_loop.CONNECTIONS)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--out", type=Path, help="where to write the figures as JSON")
    return parser.parse_args()


if __name__ == "__main__":
    main()
