"""From an accepted event to the renewed record: ``make bench-near_line``.

A server, its store and a worker on this machine, a fabricated release of 50,000 items, and events
as ``benchmarks.near_line_events`` sends them; they begin when the worker has loaded the release and
renewed a first record. A sample of the records is made again by hand, from the release and the live
state, and must be the same.
"""

import argparse
import time
from typing import Any

import numpy as np
import psutil
import redis
from rich.console import Console
from rich.table import Table

from benchmarks import near_line_events
from benchmarks.fabricated import Fabricated
from benchmarks.fabricated_names import customer_id
from benchmarks.open_loop import schedule
from benchmarks.results import Goal, Run
from benchmarks.served import KEPT, cartera, published, store
from benchmarks.servers import cpu_s
from models.artifacts.customer_record import CustomerRecord, History
from models.artifacts.keys import Keys, shard_of
from models.artifacts.live_state import FIELDS, LiveState
from models.loaded import Loaded
from models.renewal import renewed
from training.publish import Releases

N_ITEMS, N_CUSTOMERS = 50_000, 20_000
RATE, SECONDS, SEED = 200, 30, 7
NAMESPACE = "near-line"
N_SAMPLE = 200
GOAL_MS = 1000


def main() -> None:
    """Run the benchmark, print its table and write its figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=SECONDS, help="How long events come.")
    seconds = parser.parse_args().seconds
    run, rng = Run.begin("near_line", "make bench-near_line"), np.random.default_rng(SEED)
    made = Fabricated.of(N_ITEMS, N_CUSTOMERS, kept=KEPT)
    keys = Keys(NAMESPACE)
    with store(cores=None) as url, redis.Redis.from_url(url) as client:
        published(url, made, namespace=NAMESPACE)
        with (
            cartera("near-line", url, namespace=NAMESPACE, cores=None) as server,
            near_line_events.worker(url, namespace=NAMESPACE) as worker,
        ):
            near_line_events.warm_up(server.port, client, keys, who=customer_id(N_CUSTOMERS - 1))
            before_s = cpu_s(psutil.Process(worker.pid))
            heard = near_line_events.played(
                server.port,
                client,
                keys,
                times=schedule(RATE, seconds, arrivals="poisson", rng=rng).tolist(),
                customers=[customer_id(n) for n in range(N_CUSTOMERS)],
                n_items=N_ITEMS // 10,
                rng=rng,
            )
            cpu_ms = (cpu_s(psutil.Process(worker.pid)) - before_s) * 1000 / len(heard.accepted)
            n_wrong = _n_wrong(client, keys, sorted(heard.renewed), rng)
    p50, p99, longest = (max(0.0, float(ms)) for ms in np.percentile(heard.waits_ms, (50, 99, 100)))
    n_lost = len(heard.accepted) - len(heard.renewed)
    metrics = {
        "events a second": len(heard.accepted) / seconds,
        "202 to renewed record, p50 ms": p50,
        "202 to renewed record, p99 ms": p99,
        "202 to renewed record, longest ms": longest,
        "CPU of the worker, ms an event": cpu_ms,
    }
    Console().print(_table(metrics))
    run.end(
        metrics,
        {
            "202 to renewed record, p99 ms": Goal.at_most(p99, GOAL_MS),
            "events a second": Goal.at_least(len(heard.accepted) / seconds, 0.95 * RATE),
            "events not accepted": Goal.at_most(heard.refused, 0),
            "records not renewed": Goal.at_most(n_lost, 0),
            "records that differ from those made by hand": Goal.at_most(n_wrong, 0),
        },
    )


def _n_wrong(client: Any, keys: Keys, customers: list[str], rng: np.random.Generator) -> int:  # noqa: ANN401  # likewise
    """Make a sample of the records by hand; return how many are not as the worker's."""
    releases = Releases(client, keys)
    loaded = releases.loaded(releases.current() or "")
    sample = rng.choice(customers, min(N_SAMPLE, len(customers)), replace=False).tolist()
    return sum(not _is_right(client, keys, loaded, who) for who in sample)


def _is_right(client: Any, keys: Keys, loaded: Loaded, who: str) -> bool:  # noqa: ANN401  # likewise
    version, shard = loaded.version, shard_of(who)
    live = LiveState.unpack(client.hmget(keys.live_of_customer(who), FIELDS))
    expected = renewed(
        loaded,
        record=CustomerRecord.unpack(client.hget(keys.records(version, shard), who)),
        history=History.unpack(client.hget(keys.histories(version, shard), who)),
        live=live,
        now_ms=time.time_ns() // 1_000_000,
    )
    return expected is not None and live.renewed == (version, expected.pack())


def _table(metrics: dict[str, float]) -> Table:
    table = Table("", "", title=f"{RATE} events a second, {N_ITEMS:,} items")
    for name, value in metrics.items():
        table.add_row(name, f"{value:,.1f}")
    return table


if __name__ == "__main__":
    main()
