"""How fast a full personal answer is, beside ceilings and peers: ``make bench-speed``.

One run starts a real store with a fabricated release of 50,000 items, our server, applications that
do nothing, and what a shop would otherwise run, and loads them in turns with the mix of
``benchmarks.mix``. Server on one core, generator and store on the other. CPU a request is read from
the server's processes and is steadier than throughput; every figure is the median of rounds. Then
the latency at 70 % of our own peak beside that of the bare ceiling at the same rate, two workers
against one, and a start from nothing. A sample of answers is checked, for an empty list is fast.
"""

import argparse
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from rich.console import Console

from benchmarks import serving_peers, speed_phases
from benchmarks.closed_loop import Round
from benchmarks.fabricated import Fabricated
from benchmarks.fabricated_live import happen
from benchmarks.mix import KINDS, Mix, Shop, below, written
from benchmarks.results import Goal, Run
from benchmarks.rounds import Variant, awake, figures, interleaved, middle, raw, table
from benchmarks.served import KEPT, levels, published, store
from benchmarks.servers import Running
from benchmarks.speed_phases import Latency, Workers
from benchmarks.speed_variants import BARE, EMPTY, OURS, REQUESTS, VALIDATED, n_faults, variants

N_ITEMS = 50_000
SEED = 7
NAMESPACE = "speed"
NAIVE, CACHED = "FastAPI def + implicit", "cache-aside, FastAPI def"
CURVES = {OURS: "Cartera", BARE: "bare ASGI", VALIDATED: "FastAPI, no work"}
"""What the picture shows, and how it calls it."""
CACHED_BYTES = "cache-aside, async, bytes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much is measured."""

    name: str
    command: str
    n_customers: int
    n_drawn: int
    n_rounds: int
    seconds: int
    peers: Sequence[str]

    @classmethod
    def full(cls) -> Self:
        """Some ten minutes."""
        return cls(
            name="speed",
            command="make bench-speed",
            n_customers=100_000,
            n_drawn=60_000,
            n_rounds=5,
            seconds=3,
            peers=list(serving_peers.PEERS),
        )

    @classmethod
    def quick(cls) -> Self:
        """Some two minutes, without the peers that need environments of their own."""
        return cls(
            name="speed_quick",
            command='make bench-speed ARGS="--quick"',
            n_customers=20_000,
            n_drawn=20_000,
            n_rounds=3,
            seconds=2,
            peers=[NAIVE, CACHED, CACHED_BYTES],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """All that one run found."""

    n_faults: int
    below: float
    """Share of known customers whom we answered, under load, from elsewhere than their record."""
    rounds: Mapping[str, Sequence[Round]]
    kinds: Mapping[str, Sequence[Round]]
    """Of our server, each kind of request alone."""
    latency: Latency
    curves: Mapping[str, Sequence[tuple[float, float]]]
    workers: Workers
    cold_s: Sequence[float]

    def cost(self) -> float:
        """Return our CPU a request by that of the empty FastAPI route."""
        return middle(self.rounds[OURS], "cpu_us") / middle(self.rounds[EMPTY], "cpu_us")

    def n_failed(self) -> float:
        """Return how many of our requests were not answered with 200."""
        return sum(round_.failed for round_ in self.rounds[OURS])

    def ahead_of(self, name: str) -> float:
        """Return our throughput by another's."""
        return middle(self.rounds[OURS], "per_s") / middle(self.rounds[name], "per_s")

    def metrics(self) -> dict[str, float]:
        """Return every figure, by name."""
        return (
            figures(self.rounds)
            | figures(self.kinds)
            | {f"throughput ÷ {name}": self.ahead_of(name) for name in self.rounds}
            | {"stretch, CPU ÷ empty route, .6 wanted": self.cost()}
            | self.latency.figures()
            | self.workers.figures()
            | {f"cold start {n}: s": seconds for n, seconds in enumerate(self.cold_s, start=1)}
        )

    def goals(self) -> dict[str, Goal]:
        """Return what was meant to be reached."""
        return {
            "CPU a request ÷ empty FastAPI route": Goal.at_most(self.cost(), 1.0),
            "throughput ÷ naive": Goal.at_least(self.ahead_of(NAIVE), 20),
            f"throughput ÷ {CACHED}": Goal.at_least(self.ahead_of(CACHED), 4),
            "p99 at 70 % of the peak ÷ bare ASGI": Goal.at_most(self.latency.ratio, 3),
            "two workers ÷ one": Goal.at_least(self.workers.ratio, 1.6),
            "cold start s": Goal.at_most(float(np.median(self.cold_s)), 3),
            "private MiB of a worker": Goal.at_most(self.workers.private_mib, 150),
            "answers with a fault": Goal.at_most(self.n_faults, 0),
            "requests that failed under load": Goal.at_most(self.n_failed(), 0),
            "known customers not answered from their record, share": Goal.at_most(
                self.below, 0.001
            ),
        }


def main() -> None:
    """Run the benchmark, print its tables and write its figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="two minutes instead of ten")
    size = Size.quick() if parser.parse_args().quick else Size.full()
    run = Run.begin(size.name, size.command)
    out = Console(width=120, highlight=False)
    found = _measured(size, out)
    speed_phases.drawn(
        {title: found.curves[name] for name, title in CURVES.items()}, name=size.name
    )
    told = {
        "rounds": raw(found.rounds) | raw(found.kinds),
        "workers": raw(found.workers.rounds),
        "p99 ms by rate": found.curves,
        "HDR histograms, us": found.latency.histograms(),
    }
    run.end(found.metrics(), found.goals(), raw=told)


def _alone(kind: str, shop: Shop, n: int) -> Path:
    """Write requests of one kind."""
    shares = {name: float(name == kind) for name in KINDS if name != "plain"}
    asked = Mix(**shares).drawn(shop, n, rng=np.random.default_rng(SEED))
    return written(asked, KEPT / f"requests-{kind}.txt")


def _measured(size: Size, out: Console) -> Measured:
    made = Fabricated.of(N_ITEMS, size.n_customers, kept=KEPT)
    shop = Shop.told(str(size.n_customers))
    asked = Mix().drawn(shop, size.n_drawn, rng=np.random.default_rng(SEED))
    times = {"n_rounds": size.n_rounds, "seconds": size.seconds}
    with store() as url:
        published(url, made, namespace=NAMESPACE)
        happen(url, made, namespace=NAMESPACE)
        with variants(made, url, asked, namespace=NAMESPACE, peers=size.peers, out=out) as found:
            wrong = n_faults(found, asked, out=out)
            before = _levels(found[OURS].server)
            rounds = interleaved(found, rng=np.random.default_rng(SEED), out=out, **times)
            title = f"{N_ITEMS:,} items, {size.n_customers:,} customers, wrk -c32, a core each"
            out.print(table(rounds, ceiling=BARE, title=title))
            missed = below(_levels(found[OURS].server) - before, asked)
            peaks = {name: middle(rounds[name], "per_s") for name in CURVES}
            servers = {name: found[name].server for name in peaks}
            latency = speed_phases.latency(
                {name: servers[name] for name in (OURS, BARE)}, asked, peak=peaks[OURS], **times
            )
            curves = speed_phases.curves(servers, asked, peaks=peaks, seconds=size.seconds / 2)
            kinds = interleaved(
                {
                    kind: Variant(server=servers[OURS], requests=_alone(kind, shop, size.n_drawn))
                    for kind in KINDS
                },
                n_rounds=size.n_rounds,
                seconds=1,
                rng=np.random.default_rng(SEED),
                out=out,
            )
            out.print(table(kinds, ceiling="plain", title="Cartera, each kind of request alone"))
        workers = speed_phases.workers(url, namespace=NAMESPACE, requests=REQUESTS, **times)
        cold_s = speed_phases.cold_starts(url, namespace=NAMESPACE)
    return Measured(
        n_faults=wrong,
        below=missed,
        rounds=rounds,
        kinds={f"Cartera, only {kind}": done for kind, done in kinds.items()},
        latency=latency,
        curves=curves,
        workers=workers,
        cold_s=cold_s,
    )


def _levels(server: Running) -> Counter[int]:
    with awake(server):
        return levels(server)


if __name__ == "__main__":
    main()
