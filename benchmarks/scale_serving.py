"""Serving as a shop grows: 50,000 to a million items, 2,000 to a million customers.

``make bench-scale`` has it as its serving part; ``make bench-scale_serving`` runs it alone. Every
size is a fabricated release in one real store, with a server of its own; they are loaded in turns.
Lists out of the customer's record should cost the same at any size; lists under a filter are scored
on the spot, and here a filter leaves twenty times as many items at a million as at 50,000. What a
customer costs in the store is the difference between the largest and the smallest number of them.
"""

import argparse
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.curves import drawn
from benchmarks.fabricated import Fabricated
from benchmarks.mix import Asked, Mix, Shop, below, fault, written
from benchmarks.results import FOLDER, Goal, Run
from benchmarks.rounds import Rounds, Variant, figures, interleaved, middle, wake
from benchmarks.served import KEPT, cartera, levels, published, settled, store, used_mib
from benchmarks.servers import ask

CATALOGUES = (50_000, 500_000, 1_000_000)
CUSTOMERS = (2_000, 100_000, 1_000_000)
RECORD, FILTERED = "from the record", "filtered"
MIXES = {RECORD: Mix(unknown=0, filtered=0), FILTERED: Mix(unknown=0, filtered=1)}
N_ROUNDS, ROUND_S = 5, 2
N_DRAWN, N_SAMPLE, SEED = 40_000, 100, 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """A shop's size, and what serving it took."""

    n_items: int
    n_customers: int
    publish_s: float
    start_s: float
    """From the server's start, without a copy of the release, to its first list."""
    store_mib: float
    """What the store holds more for this release and its customers."""
    server_mib: float
    """Of the server's processes after the load, the mapped release included."""
    n_faults: int
    below: float
    """Share of the customers, all known, who were answered under load as if they were unknown."""

    @property
    def name(self) -> str:
        """How tables call it."""
        return _name(self.n_items, self.n_customers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """Every size; the first and last item counts and customer counts are compared."""

    sizes: Sequence[Size]
    rounds: Rounds
    catalogues: Sequence[int]
    customers: Sequence[int]

    @property
    def usual(self) -> int:
        """How many customers every catalogue has."""
        return self.customers[len(self.customers) // 2]

    def cpu_us(self, n_items: int, n_customers: int, kind: str) -> float:
        """Return the CPU of one request."""
        return middle(self.rounds[f"{_name(n_items, n_customers)}, {kind}"], "cpu_us")

    def bytes_a_customer(self) -> float:
        """Return what the store needs for one customer more."""
        mib = {size.n_customers: size.store_mib for size in self.sizes if self._is_least(size)}
        few, many = self.customers[0], self.customers[-1]
        return (mib[many] - mib[few]) * 1024**2 / (many - few)

    def _is_least(self, size: Size) -> bool:
        return size.n_items == self.catalogues[0]

    def metrics(self) -> dict[str, float]:
        """Return every figure, by name."""
        metrics = figures(self.rounds)
        for size in self.sizes:
            metrics |= {
                f"{size.name}: publish s": size.publish_s,
                f"{size.name}: start to first list s": size.start_s,
                f"{size.name}: store MiB": size.store_mib,
                f"{size.name}: server MiB": size.server_mib,
                f"{size.name}: known customers answered as unknown, share": size.below,
            }
        return metrics

    def goals(self) -> dict[str, Goal]:
        """Return what was meant to be reached."""
        least, most = self.catalogues[0], self.catalogues[-1]
        few, many = self.customers[0], self.customers[-1]
        growth = {
            kind: self.cpu_us(most, self.usual, kind) / self.cpu_us(least, self.usual, kind)
            for kind in MIXES
        }
        by_customers = self.cpu_us(least, many, RECORD) / self.cpu_us(least, few, RECORD)
        items = f"{most:,} items ÷ {least:,}"
        return {
            f"CPU, {RECORD}, {items}": Goal.at_most(growth[RECORD], 1.3),
            f"CPU, {FILTERED}, {items}": Goal.at_most(growth[FILTERED], 4),
            f"CPU, {RECORD}, {many:,} customers ÷ {few:,}": Goal.at_most(by_customers, 1.1),
            "bytes of the store a customer": Goal.at_most(self.bytes_a_customer(), 2048),
            "served answers with a fault": Goal.at_most(
                sum(size.n_faults for size in self.sizes), 0
            ),
            "known customers answered as unknown, share": Goal.at_most(
                max(size.below for size in self.sizes), 0.001
            ),
        }

    def table(self) -> Table:
        """Return the sizes for a person."""
        shown = Table(title="Serving, wrk -c32, medians of rounds", title_justify="left")
        shown.add_column("", no_wrap=True)
        for name in ("CPU µs", "rounds", "filtered", "rounds"):
            shown.add_column(name, justify="right")
        for name in ("server MiB", "store MiB", "publish s", "start s"):
            shown.add_column(name, justify="right")
        for size in self.sizes:
            cells: list[str] = []
            for kind in MIXES:
                us = [done.cpu_us for done in self.rounds[f"{size.name}, {kind}"]]
                cells += [f"{np.median(us):,.0f}", f"{min(us):,.0f}-{max(us):,.0f}"]
            memory = f"{size.server_mib:,.0f}", f"{size.store_mib:,.0f}"
            times = f"{size.publish_s:.1f}", f"{size.start_s:.1f}"
            shown.add_row(size.name, *cells, *memory, *times)
        return shown

    def draw(self, path: Path) -> None:
        """Draw throughput against the catalogue."""
        curves = {
            kind: [
                (
                    n_items / 1000,
                    middle(self.rounds[f"{_name(n_items, self.usual)}, {kind}"], "per_s"),
                )
                for n_items in self.catalogues
            ]
            for kind in MIXES
        }
        path.parent.mkdir(exist_ok=True)
        path.write_text(
            drawn(
                curves,
                title=f"Throughput against catalogue, {self.usual:,} customers, one core",
                across="thousand items",
                up="requests a second",
            )
        )


def serving(
    *,
    console: Console,
    catalogues: Sequence[int] = CATALOGUES,
    customers: Sequence[int] = CUSTOMERS,
    n_rounds: int = N_ROUNDS,
    picture: Path = FOLDER / "scale_serving.svg",
) -> tuple[dict[str, float], dict[str, Goal]]:
    """Measure serving at every size, print a table and draw a picture.

    Args:
        console: Told the table.
        catalogues: Ascending numbers of items, each with the middle number of customers.
        customers: Ascending numbers of customers, each with the smallest catalogue.
        n_rounds: Of each size and kind of list.
        picture: Where throughput against the catalogue is drawn.

    Returns:
        Metrics and goals, by name.
    """
    usual = customers[len(customers) // 2]
    wanted = {(n_items, usual) for n_items in catalogues}
    wanted |= {(catalogues[0], n_customers) for n_customers in customers}
    sizes, rounds = _measured(sorted(wanted), n_rounds=n_rounds, console=console)
    served = Served(sizes=sizes, rounds=rounds, catalogues=catalogues, customers=customers)
    console.print(served.table())
    served.draw(picture)
    return served.metrics(), served.goals()


def _measured(
    wanted: Sequence[tuple[int, int]], *, n_rounds: int, console: Console
) -> tuple[list[Size], Rounds]:
    published_s, store_mib, variants = {}, {}, {}
    with ExitStack() as stack:
        url = stack.enter_context(store())
        for size in wanted:
            published_s[size], store_mib[size] = _put(url, *size)
            console.print(f"{_name(*size)}: published in {published_s[size]:.1f} s")
        servers = {
            size: stack.enter_context(cartera(_name(*size), url, namespace=_namespace(*size)))
            for size in wanted
        }
        stack.callback(lambda: wake(list(servers.values())))
        n_faults = {size: _n_faults(servers[size].port, size[1]) for size in wanted}
        for size in wanted:
            for kind in MIXES:
                requests = written(
                    _drawn(size[1], kind), KEPT / f"{size[1]}-{kind.replace(' ', '-')}.txt"
                )
                variants[f"{_name(*size)}, {kind}"] = Variant(
                    server=servers[size], requests=requests
                )
        rng = np.random.default_rng(SEED)
        rounds = interleaved(variants, n_rounds=n_rounds, seconds=ROUND_S, rng=rng, out=console)
        wake(list(servers.values()))
        sizes = [
            Size(
                n_items=size[0],
                n_customers=size[1],
                publish_s=published_s[size],
                start_s=server.started_s,
                store_mib=store_mib[size],
                server_mib=server.resident_mib(),
                n_faults=n_faults[size],
                below=below(levels(server), _drawn(size[1], RECORD)),
            )
            for size, server in servers.items()
        ]
    return sizes, rounds


def _put(url: str, n_items: int, n_customers: int) -> tuple[float, float]:
    """Publish; return the seconds, and how many MiB the store holds more."""
    made = Fabricated.of(n_items, n_customers, kept=KEPT)
    before = used_mib(url)
    began = perf_counter()
    published(url, made, namespace=_namespace(n_items, n_customers))
    took_s = perf_counter() - began
    settled(url)
    return took_s, used_mib(url) - before


def _drawn(n_customers: int, kind: str) -> list[Asked]:
    shop = Shop.told(str(n_customers))
    return MIXES[kind].drawn(shop, N_DRAWN, rng=np.random.default_rng(SEED))


def _n_faults(port: int, n_customers: int) -> int:
    asked = [one for kind in MIXES for one in _drawn(n_customers, kind)[:N_SAMPLE]]
    return sum(fault(one, *ask(port, one.path)) is not None for one in asked)


def _name(n_items: int, n_customers: int) -> str:
    return f"{n_items:,} items, {n_customers:,} customers"


def _namespace(n_items: int, n_customers: int) -> str:
    return f"size-{n_items}-{n_customers}"


def main() -> None:
    """Run it alone."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    run = Run.begin("scale_serving", "make bench-scale_serving")
    metrics, goals = serving(console=Console(width=120, highlight=False))
    run.end(metrics, goals)


if __name__ == "__main__":
    main()
