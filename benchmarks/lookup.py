"""How much longer a bidder's lookup takes than one read of the store: ``make bench-lookup``.

Asked is for a customer who has consented and is in five audiences, under one name and under twenty,
with a TC string that must be read. Beside it stands what a route cannot do without: an ASGI
function that reads one field through redis-py and sends bytes that were prepared, no more of them
than ours; and the same behind FastAPI, as most would write it.

Every server has its own turn in each round, in an order drawn anew, at the same moderate rate with
Poisson arrivals; latency counts from when a request should have left (``open_loop``). Servers on
one core, generator and store on the other. The goal is a ratio of two figures of one round, so that
a busy minute of the machine hits both; the median of the rounds counts.
"""

import argparse
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from statistics import median

import numpy as np
from rich.console import Console
from rich.table import Table

from app.lookup import DEADLINE_S
from benchmarks import open_loop
from benchmarks.ceilings import BYTES_VARIABLE, HASH_VARIABLE, STORE_VARIABLE
from benchmarks.fabricated import Fabricated
from benchmarks.lookup_customers import N_KNOWN, bodies, consenting
from benchmarks.mix import OK
from benchmarks.results import Goal, Run
from benchmarks.rounds import awake, wake
from benchmarks.served import KEPT, cartera, published, settled, store
from benchmarks.servers import OTHER_CORE, Running, ask, free_port, pinned, running, uvicorn
from models.artifacts.keys import Keys

NAMESPACE = "lookup"
PATH = "/segments/lookup"
SEED = 7
RATE = 400.0
"""Requests a second, well below what any of them can answer."""
OURS, MANY = "Cartera, 1 id", "Cartera, 20 ids"
BARE, ROUTED = "bare ASGI, one read", "FastAPI, one read"
GOAL = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One server in one round."""

    p50_ms: float
    p99_ms: float
    late_p99_ms: float
    """How late the generator was itself."""
    n_asked: int
    n_failed: int
    """Requests that were not answered with 200: past its deadline a lookup is 204. Each counts as
    the deadline above."""


Turns = Mapping[str, Sequence[Turn]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A server, and what it is sent."""

    server: Running
    requests: Sequence[bytes]

    def turn(self, *, seconds: float, rng: np.random.Generator) -> Turn:
        """Load it for some seconds."""
        times = open_loop.schedule(RATE, seconds, arrivals="poisson", rng=rng)
        with awake(self.server), pinned((OTHER_CORE,)):
            seen = open_loop.run(self.server.port, self.requests, times)
        latency_ms = waited_ms(seen)
        return Turn(
            p50_ms=float(np.percentile(latency_ms, 50)),
            p99_ms=float(np.percentile(latency_ms, 99)),
            late_p99_ms=float(np.percentile(seen.late_ms, 99)),
            n_asked=times.size,
            n_failed=seen.n_errors,
        )


def waited_ms(seen: open_loop.Seen) -> open_loop.Times:
    """Return how long each request waited; who was not told, until the deadline at least."""
    cut = np.full(seen.n_errors, 1000 * DEADLINE_S)
    return np.concatenate([seen.latency_ms, cut])


def main() -> None:
    """Run the benchmark, print its table and write its figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="half a minute instead of four")
    is_quick = parser.parse_args().quick
    name, told = ("lookup_quick", ' ARGS="--quick"') if is_quick else ("lookup", "")
    run = Run.begin(name, f"make bench-lookup{told}")
    out = Console(width=120, highlight=False)
    turns = measured(n_rounds=3 if is_quick else 11, seconds=2 if is_quick else 5, out=out)
    out.print(table(turns))
    run.end(metrics(turns), goals(turns), raw={"turns": _raw(turns)})


def measured(*, n_rounds: int, seconds: float, out: Console) -> Turns:
    """Load all in turns; the first round warms up and is left out."""
    rng = np.random.default_rng(SEED)
    with store() as url, servers(url) as asked:
        turns: dict[str, list[Turn]] = {name: [] for name in asked}
        for n in range(n_rounds + 1):
            for name in rng.permutation(list(asked)).tolist():
                turn = asked[name].turn(seconds=seconds, rng=rng)
                if n:
                    turns[name].append(turn)
            out.print(f"round {n} of {n_rounds} done")
    return turns


@contextmanager
def servers(url: str) -> Iterator[Mapping[str, Asked]]:
    """Start everybody until the block ends."""
    made = Fabricated.of(1_000, 1_000, kept=KEPT)
    published(url, made, namespace=NAMESPACE)
    consenting(url, NAMESPACE, version=made.folder.name)
    settled(url)
    rng = np.random.default_rng(SEED)
    one, many = (
        [_sent(body) for body in bodies(n_ids, n=2 * N_KNOWN // n_ids, rng=rng)]
        for n_ids in (1, 20)
    )
    with ExitStack() as stack:
        ours = stack.enter_context(cartera("lookup", url, namespace=NAMESPACE, answers=_tells))
        n_bytes = len(_told(ours.port)[1])
        ceilings = {
            name: stack.enter_context(_ceiling(name, app, url, n_bytes=n_bytes))
            for name, app in ((BARE, "one_read"), (ROUTED, "routed_read"))
        }
        everybody = [ours, *ceilings.values()]
        stack.callback(lambda: wake(everybody))
        yield {
            OURS: Asked(server=ours, requests=one),
            MANY: Asked(server=ours, requests=many),
            **{name: Asked(server=server, requests=one) for name, server in ceilings.items()},
        }


def ratios(turns: Turns, name: str, *, beside: str, figure: str) -> list[float]:
    """Return one server's figure by another's, of each round."""
    return [
        float(getattr(ours, figure) / getattr(other, figure))
        for ours, other in zip(turns[name], turns[beside], strict=True)
    ]


def metrics(turns: Turns) -> dict[str, float]:
    """Return every figure, by name."""
    found: dict[str, float] = {"rate": RATE}
    for name, each in turns.items():
        found |= {
            f"{name}: p50 ms": median(turn.p50_ms for turn in each),
            f"{name}: p99 ms": median(turn.p99_ms for turn in each),
            f"{name}: p99 ms, least round": min(turn.p99_ms for turn in each),
            f"{name}: p99 ms, greatest round": max(turn.p99_ms for turn in each),
            f"{name}: generator late, p99 ms": median(turn.late_p99_ms for turn in each),
            f"{name}: failed": float(sum(turn.n_failed for turn in each)),
        }
    for name in (OURS, MANY):
        for beside in (BARE, ROUTED):
            for figure in ("p50_ms", "p99_ms"):
                each_round = ratios(turns, name, beside=beside, figure=figure)
                what = f"{name} ÷ {beside}, {figure.removesuffix('_ms')}"
                found |= {
                    what: median(each_round),
                    f"{what}, least round": min(each_round),
                    f"{what}, greatest round": max(each_round),
                }
    return found


def goals(turns: Turns) -> dict[str, Goal]:
    """Return what was meant to be reached."""
    return {
        f"p99 ÷ {BARE}": Goal.at_most(
            median(ratios(turns, OURS, beside=BARE, figure="p99_ms")), GOAL
        ),
        **{
            f"{name}: not told, share": Goal.at_most(_not_told(turns[name]), 0.01)
            for name in (OURS, MANY)
        },
    }


def table(turns: Turns) -> Table:
    """Return what was found, for a person."""
    shown = Table(title=f"{RATE:g} requests a second, Poisson, a core each", title_justify="left")
    shown.add_column("")
    for head in ("p50 ms", "p99 ms", "rounds", f"p99 ÷ {BARE}", "rounds", "late", "failed"):
        shown.add_column(head, justify="right")
    for name, each in turns.items():
        p99 = [turn.p99_ms for turn in each]
        by_bare = ratios(turns, name, beside=BARE, figure="p99_ms")
        shown.add_row(
            name,
            f"{median(turn.p50_ms for turn in each):.2f}",
            f"{median(p99):.2f}",
            f"{min(p99):.2f}-{max(p99):.2f}",
            f"{median(by_bare):.2f}",
            f"{min(by_bare):.2f}-{max(by_bare):.2f}",
            f"{median(turn.late_p99_ms for turn in each):.2f}",
            f"{sum(turn.n_failed for turn in each)}",
        )
    return shown


def _not_told(turns: Sequence[Turn]) -> float:
    return sum(turn.n_failed for turn in turns) / sum(turn.n_asked for turn in turns)


def _ceiling(name: str, app: str, url: str, *, n_bytes: int) -> AbstractContextManager[Running]:
    port = free_port()
    return running(
        name,
        uvicorn(f"benchmarks.ceilings:{app}", port),
        port=port,
        answers=lambda port: _told(port)[0] == OK,
        folder=KEPT / "logs",
        environment={
            BYTES_VARIABLE: str(n_bytes),
            STORE_VARIABLE: url,
            HASH_VARIABLE: Keys(NAMESPACE).memberships(0),
        },
    )


def _told(port: int) -> tuple[int, bytes]:
    (body,) = bodies(1, n=1, rng=np.random.default_rng(SEED))
    return ask(port, PATH, method="POST", body=body)


def _tells(port: int) -> bool:
    """Whether a customer's groups and their five audiences are told."""
    status, body = _told(port)
    return status == OK and body.count(b'"aud_') == 5


def _sent(body: bytes) -> bytes:
    return (
        b"POST %b HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        b"Content-Length: %d\r\n\r\n%b" % (PATH.encode(), len(body), body)
    )


def _raw(turns: Turns) -> dict[str, list[dict[str, float]]]:
    return {
        name: [{f: getattr(turn, f) for f in Turn.__slots__} for turn in each]
        for name, each in turns.items()
    }


if __name__ == "__main__":
    main()
