"""Servers that take turns, round after round, so that a busy minute of the machine hits them alike.

While one is loaded the others are stopped (SIGSTOP): some poll when they are idle.
"""

import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

import numpy as np
import psutil
from rich.console import Console
from rich.table import Table

from benchmarks.closed_loop import Round, round_of
from benchmarks.mix import Asked
from benchmarks.servers import Running

WARM_UP_S = 1
STRIDE = 10_007
"""Each round begins so many requests further on, or all would send what the first one warmed up."""
Rounds = Mapping[str, Sequence[Round]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """A server, what it is sent, and how its answers are checked."""

    server: Running
    requests: Path
    fault: Callable[[Asked], str | None] = lambda _asked: None
    """Asks once and returns what is wrong with the answer."""

    def faults(self, sample: Sequence[Asked]) -> list[str]:
        """Ask each of ``sample``; return what was wrong."""
        with awake(self.server):
            return [problem for asked in sample if (problem := self.fault(asked)) is not None]


@contextmanager
def awake(server: Running) -> Iterator[None]:
    """Let a stopped server run until the block ends."""
    _signal(server, signal.SIGCONT)
    try:
        yield
    finally:
        _signal(server, signal.SIGSTOP)


def wake(servers: Sequence[Running]) -> None:
    """Let stopped servers run again, that they may be ended."""
    for server in servers:
        _signal(server, signal.SIGCONT)


def interleaved(
    variants: Mapping[str, Variant],
    *,
    n_rounds: int,
    seconds: int,
    rng: np.random.Generator,
    out: Console,
) -> dict[str, list[Round]]:
    """Return ``n_rounds`` rounds of every variant, in an order drawn anew for each round.

    A variant that breaks down is named and left out.
    """
    rounds: dict[str, list[Round]] = {name: [] for name in variants}
    for n in range(n_rounds + 1):
        for name in rng.permutation(list(rounds)).tolist():
            variant = variants[name]
            try:
                with awake(variant.server):
                    done = round_of(
                        variant.server,
                        variant.requests,
                        seconds=seconds if n else WARM_UP_S,
                        begin=n * STRIDE,
                    )
            except (RuntimeError, psutil.NoSuchProcess) as problem:
                out.print(f"{name} broke down: {problem}")
                del rounds[name]
                continue
            if n:  # the first round warms up
                rounds[name].append(done)
        out.print(f"round {n} of {n_rounds} done")
    return rounds


def middle(rounds: Sequence[Round], figure: str) -> float:
    """Return the median of one figure."""
    return float(median(getattr(round_, figure) for round_ in rounds))


def figures(rounds: Rounds) -> dict[str, float]:
    """Return medians, least and greatest, by name."""
    found: dict[str, float] = {}
    for name, done in rounds.items():
        per_s = [round_.per_s for round_ in done]
        found |= {
            f"{name}: requests/s": middle(done, "per_s"),
            f"{name}: requests/s, least round": min(per_s),
            f"{name}: requests/s, greatest round": max(per_s),
            f"{name}: CPU us a request": middle(done, "cpu_us"),
            f"{name}: p50 ms": middle(done, "p50_ms"),
            f"{name}: p99 ms": middle(done, "p99_ms"),
            f"{name}: failed": float(sum(round_.failed for round_ in done)),
        }
    return found


def raw(rounds: Rounds) -> dict[str, list[dict[str, float]]]:
    """Return every round."""
    return {name: [asdict(round_) for round_ in done] for name, done in rounds.items()}


def table(rounds: Rounds, *, ceiling: str, title: str) -> Table:
    """Return the rounds for a person, fastest first."""
    shown = Table(title=title, title_justify="left")
    shown.add_column("")
    for name in ("requests/s", "rounds", "÷ ceiling", "CPU µs", "p50 ms", "p99 ms", "bytes"):
        shown.add_column(name, justify="right")
    top = middle(rounds[ceiling], "per_s")
    for name, done in sorted(rounds.items(), key=lambda each: -middle(each[1], "per_s")):
        per_s = [round_.per_s for round_ in done]
        shown.add_row(
            name,
            f"{middle(done, 'per_s'):,.0f}",
            f"{min(per_s):,.0f}-{max(per_s):,.0f}",
            f"{middle(done, 'per_s') / top:.3f}",
            f"{middle(done, 'cpu_us'):,.0f}",
            f"{middle(done, 'p50_ms'):.1f}",
            f"{middle(done, 'p99_ms'):.1f}",
            f"{middle(done, 'answer_bytes'):,.0f}",
        )
    return shown


def _signal(server: Running, number: int) -> None:
    with suppress(psutil.NoSuchProcess):
        for process in server.crew():
            with suppress(psutil.NoSuchProcess):
                process.send_signal(number)
