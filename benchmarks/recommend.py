"""What a list costs, in this process and without network: ``make bench-recommend``.

CPU microseconds of ``models.recommend`` for a customer whose record was read: a base list of 200,
20 items asked for, the Complete Journey's catalogue. Live events are the 20 items the customer
bought last. Variants take turns, round after round; each figure is the median over rounds of a
round's mean, with the least and the greatest round beside it. NDCG@10 is of the same records, on
the validation window: a note, so that nobody buys speed with empty lists.
"""

import argparse
import time
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from benchmarks.journey import VALIDATION, Journey, manifest
from benchmarks.results import Goal, Run
from models.arrays import Rows
from models.artifacts.customer_record import CustomerRecord, History
from models.asked import NO_ROWS, Query
from models.loaded import Loaded
from models.recommend import recommend
from models.shaping.rules import parse
from training.fit import content
from training.fit.blend import DEFAULT
from training.fit.loaded import loaded
from training.fit.records import records
from training.judge import metrics

LIMIT = 20
N_EVENTS = 20
N_CUSTOMERS = 300
N_ROUNDS = 15
GOAL_US = 150.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """A customer, as the server has read them."""

    record: CustomerRecord
    history: History
    recent: Rows
    bought: Rows


def main() -> None:
    """Run the benchmark, print its table and write its figures."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    run = Run.begin("recommend", "make bench-recommend")
    release, askers = _askers()
    variants = _variants(release, askers)
    took = _timed(release, askers, variants)
    ndcg = {
        name: float(np.mean(_ndcg(release, askers, queries))) for name, queries in variants.items()
    }
    Console(width=100).print(_table(took, ndcg))
    median = {name: float(np.median(us)) for name, us in took.items()}
    run.end(
        {f"{name}: us": value for name, value in median.items()}
        | {f"{name}: us, least round": float(us.min()) for name, us in took.items()}
        | {f"{name}: us, greatest round": float(us.max()) for name, us in took.items()}
        | {f"{name}: NDCG@10": value for name, value in ndcg.items()},
        {
            f"{name}: us": Goal.at_most(median[name], GOAL_US)
            for name in ("plain", "20 live events")
        },
    )


def _askers() -> tuple[Loaded, list[Asker]]:
    journey = Journey.read()
    shop, held_out = journey.before(VALIDATION)
    labels = content.fit(shop, journey.items)
    release = loaded(shop, journey.items, manifest(), DEFAULT.weights, labels=labels)
    after = {id_: place for place, id_ in enumerate(held_out.customer_ids)}
    askers: list[Asker] = []
    for id_, record, history in records(shop, DEFAULT):
        place = after.get(id_)
        if place is None or len(askers) == N_CUSTOMERS:
            continue
        askers.append(
            Asker(
                record=CustomerRecord.unpack(record.pack()),
                history=History.unpack(history.pack()),
                recent=history.rows[np.argsort(history.last_day, kind="stable")[-N_EVENTS:]],
                bought=held_out.bought[place],
            )
        )
    return release, askers


def _variants(release: Loaded, askers: list[Asker]) -> Mapping[str, list[Query]]:
    """Return a query a customer, by name."""
    category = release.catalogue.categories[int(release.catalogue.category[0])]
    only = parse({"eq": ["category", category]})
    events = [asker.recent for asker in askers]
    none = [NO_ROWS] * len(askers)
    return {
        "plain": [Query(limit=LIMIT) for _ in none],
        "20 live events": [Query(limit=LIMIT, recent=recent) for recent in events],
        "new only": [Query(limit=LIMIT, novelty="new_only") for _ in none],
        "a share of new": [Query(limit=LIMIT, novelty=0.3) for _ in none],
        "diversity": [Query(limit=LIMIT, diversity=0.3) for _ in none],
        "a filter": [Query(limit=LIMIT, filter=only) for _ in none],
        "an item in view": [Query(limit=LIMIT, context=recent[:1]) for recent in events],
        "events, item in view, diversity": [
            Query(limit=LIMIT, recent=recent, context=recent[:1], diversity=0.3)
            for recent in events
        ],
    }


def _timed(
    release: Loaded, askers: list[Asker], variants: Mapping[str, list[Query]]
) -> dict[str, NDArray[np.float64]]:
    rounds: dict[str, list[float]] = {name: [] for name in variants}
    for n in range(N_ROUNDS + 1):
        for name, queries in variants.items():
            began = time.process_time_ns()
            for query, asker in zip(queries, askers, strict=True):
                history = asker.history if query.needs_history else None
                recommend(release, query, record=asker.record, history=history)
            us = (time.process_time_ns() - began) / 1000 / len(askers)
            if n:  # the first round warms up
                rounds[name].append(us)
    return {name: np.array(us) for name, us in rounds.items()}


def _ndcg(release: Loaded, askers: list[Asker], queries: list[Query]) -> metrics.Values:
    lists = [
        recommend(release, query, record=asker.record, history=asker.history).ranked.rows
        for query, asker in zip(queries, askers, strict=True)
    ]
    return metrics.ndcg(lists, [asker.bought for asker in askers])


def _table(took: Mapping[str, NDArray[np.float64]], ndcg: Mapping[str, float]) -> Table:
    table = Table(title=f"models.recommend, {LIMIT} items, list of 200", title_justify="left")
    table.add_column("")
    for name in ("CPU us", "rounds", "NDCG@10"):
        table.add_column(name, justify="right")
    for name, us in took.items():
        table.add_row(
            name, f"{np.median(us):.0f}", f"{us.min():.0f}-{us.max():.0f}", f"{ndcg[name]:.4f}"
        )
    return table


if __name__ == "__main__":
    main()
