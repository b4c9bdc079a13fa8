"""What ``make bench-speed`` measures besides the peak: latency at a rate, workers, a cold start."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import psutil
import redis

from benchmarks.closed_loop import Round, round_of
from benchmarks.curves import drawn as drawn_curves
from benchmarks.load import Generator, Step
from benchmarks.mix import Asked
from benchmarks.results import FOLDER
from benchmarks.rounds import awake, middle
from benchmarks.served import cartera
from benchmarks.servers import OTHER_CORE, Running, pinned

SHARE_OF_PEAK = 0.7
SHARES = (0.1, 0.3, 0.5, 0.7, 0.8, 0.9)
N_CURVES = 3
"""Each point of a curve is the median of so many."""
N_COLD_STARTS = 3
WORKERS_CONNECTIONS = 64
"""More than with one worker, so that the kernel deals them out more evenly."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency:
    """Ours and the ceiling's at one rate, in turns."""

    rate: float
    steps: Mapping[str, Sequence[Step]]
    """The first is ours, the second the ceiling."""

    @property
    def ratio(self) -> float:
        """Our p99 by the ceiling's, each the median of rounds."""
        ours, ceiling = (self._p99(name) for name in self.steps)
        return ours / ceiling

    def figures(self) -> dict[str, float]:
        """Return what is reported, by name."""
        found = {"open loop: rate": self.rate}
        for name, steps in self.steps.items():
            found |= {
                f"{name}, open loop: p50 ms": median(step.p50_ms for step in steps),
                f"{name}, open loop: p99 ms": self._p99(name),
                f"{name}, open loop: p99 ms, least round": min(step.p99_ms for step in steps),
                f"{name}, open loop: p99 ms, greatest round": max(step.p99_ms for step in steps),
                f"{name}, open loop: generator late, p99 ms": median(
                    step.late_p99_ms for step in steps
                ),
                f"{name}, open loop: errors": float(sum(step.n_errors for step in steps)),
            }
        return found

    def histograms(self) -> dict[str, list[str]]:
        """Return every round's HDR histogram, as text."""
        return {name: [step.histogram for step in steps] for name, steps in self.steps.items()}

    def _p99(self, name: str) -> float:
        return median(step.p99_ms for step in self.steps[name])


def latency(
    servers: Mapping[str, Running],
    asked: Sequence[Asked],
    *,
    peak: float,
    n_rounds: int,
    seconds: float,
) -> Latency:
    """Load ours and the ceiling in turns at 70 % of our own peak.

    Args:
        servers: Ours, then the ceiling.
        asked: What is sent.
        peak: Requests a second.
        n_rounds: Of each.
        seconds: Of each round.
    """
    rate = SHARE_OF_PEAK * peak
    steps: dict[str, list[Step]] = {name: [] for name in servers}
    for _ in range(n_rounds):
        for n, (name, server) in enumerate(servers.items()):
            steps[name].append(_at(server, asked, rate, seconds=seconds, checked=n == 0))
    return Latency(rate=rate, steps=steps)


def curves(
    servers: Mapping[str, Running],
    asked: Sequence[Asked],
    *,
    peaks: Mapping[str, float],
    seconds: float,
) -> dict[str, list[tuple[float, float]]]:
    """Return p99 against rate: ours to its peak, the others at the same rates as far as they go."""
    ours = next(iter(servers))
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in servers}
    for rate in [share * peaks[ours] for share in SHARES]:
        able = [name for name in servers if rate <= max(SHARES) * peaks[name]]
        p99_ms: dict[str, list[float]] = {name: [] for name in able}
        for _ in range(N_CURVES):
            for name in able:
                step = _at(servers[name], asked, rate, seconds=seconds, checked=False)
                p99_ms[name].append(step.p99_ms)
        for name, each in p99_ms.items():
            found[name].append((rate, median(each)))
    return found


def drawn(curves: Mapping[str, Sequence[tuple[float, float]]], *, name: str) -> None:
    """Draw p99 against rate into ``results/NAME.svg``."""
    FOLDER.mkdir(exist_ok=True)
    picture = drawn_curves(
        curves,
        title="Latency against rate, open loop, one core",
        across="requests a second",
        up="p99, ms",
    )
    (FOLDER / f"{name}.svg").write_text(picture)


@dataclass(frozen=True, slots=True, kw_only=True)
class Workers:
    """One worker and two, nothing pinned."""

    rounds: Mapping[str, Sequence[Round]]
    private_mib: float
    """The most that one of two workers has for itself."""
    resident_mib: float
    """Both workers and their supervisor, what they share counted once."""

    @property
    def ratio(self) -> float:
        """Throughput of two by that of one."""
        one, two = (middle(done, "per_s") for done in self.rounds.values())
        return two / one

    def figures(self) -> dict[str, float]:
        """Return what is reported, by name."""
        throughput = {f"{n}: requests/s": middle(done, "per_s") for n, done in self.rounds.items()}
        return throughput | {"two workers: resident MiB, shared once": self.resident_mib}


def workers(url: str, *, namespace: str, requests: Path, n_rounds: int, seconds: int) -> Workers:
    """Load one worker and two in turns, generator and store on the same cores."""
    rounds: dict[str, list[Round]] = {}
    with ExitStack() as stack:
        stack.enter_context(_store_anywhere(url))
        servers = {
            name: stack.enter_context(
                cartera(name, url, namespace=namespace, workers=n, cores=None)
            )
            for name, n in (("one worker", 1), ("two workers", 2))
        }
        for _ in range(n_rounds):
            for name, server in servers.items():
                done = round_of(
                    server, requests, seconds=seconds, cores=None, connections=WORKERS_CONNECTIONS
                )
                rounds.setdefault(name, []).append(done)
        two = servers["two workers"]
        return Workers(
            rounds=rounds, private_mib=two.private_mib(), resident_mib=two.resident_mib()
        )


def cold_starts(url: str, *, namespace: str) -> list[float]:
    """Return seconds from a process's start to its first personal answer, its cache empty."""
    found = []
    for n in range(N_COLD_STARTS):
        with cartera(f"cold start {n}", url, namespace=namespace, cores=None) as server:
            found.append(server.started_s)
    return found


def _at(
    server: Running, asked: Sequence[Asked], rate: float, *, seconds: float, checked: bool
) -> Step:
    generator = Generator(host="127.0.0.1", port=server.port, asked=asked, checked=checked)
    with awake(server), pinned((OTHER_CORE,)):
        return generator.at(rate, seconds=seconds)


@contextmanager
def _store_anywhere(url: str) -> Iterator[None]:
    """Let the store run on every core until the block ends."""
    with redis.Redis.from_url(url) as client:
        process = psutil.Process(client.info("server")["process_id"])
    before = process.cpu_affinity()
    process.cpu_affinity(list(os.sched_getaffinity(0)))
    try:
        yield
    finally:
        process.cpu_affinity(before)
