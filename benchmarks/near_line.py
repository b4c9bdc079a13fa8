"""From an accepted event to the renewed record: ``make bench-near_line``.

A server, its store and a worker on this machine, a fabricated release of 50,000 items. Events come
over HTTP as customers act, independently of one another (Poisson), each of another customer, so
that every renewed record can be told from the one before; they begin when the worker has loaded the
release and renewed a first record. Time counts from the 202 until the record stands in the store,
looked at every few milliseconds. A sample of the records is made again by hand, from the release
and the live state, and must be the same.
"""

import argparse
import http.client
import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import orjson
import psutil
import redis
from rich.console import Console
from rich.table import Table

from benchmarks.fabricated import Fabricated
from benchmarks.fabricated_names import customer_id, item_id
from benchmarks.open_loop import schedule
from benchmarks.results import Goal, Run
from benchmarks.served import CARTERA, KEPT, cartera, published, store
from benchmarks.servers import ask
from models.artifacts.customer_record import CustomerRecord, History
from models.artifacts.keys import N_SHARDS, Keys, shard_of
from models.artifacts.live_state import FIELDS, LiveState
from models.loaded import Loaded
from models.renewal import renewed
from training.processes import spawn, wait_for
from training.publish import Releases

N_ITEMS, N_CUSTOMERS = 50_000, 20_000
RATE, SECONDS, SEED = 200, 30, 7
NAMESPACE = "near-line"
LOOK_EVERY_S = 0.003
N_SAMPLE = 200
GOAL_MS = 1000
KINDS = ("view_item", "add_to_cart", "purchase")


@dataclass(slots=True)
class Heard:
    """When each customer's event was accepted, and when their record was there; one writer each."""

    accepted: dict[str, float] = field(default_factory=dict)
    renewed: dict[str, float] = field(default_factory=dict)
    refused: int = 0


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
            _worker(url) as worker,
        ):
            _warm_up(server.port, client, keys)
            before_s = _cpu_s(worker)
            heard = _played(server.port, client, keys, seconds=seconds, rng=rng)
            cpu_ms = (_cpu_s(worker) - before_s) * 1000 / len(heard.accepted)
            n_wrong = _n_wrong(client, keys, sorted(heard.renewed), rng)
    waits_ms = np.array([at - heard.accepted[who] for who, at in heard.renewed.items()]) * 1000
    p50, p99, longest = (max(0.0, float(ms)) for ms in np.percentile(waits_ms, (50, 99, 100)))
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


@contextmanager
def _worker(url: str) -> Iterator["subprocess.Popen[bytes]"]:
    told = {
        "CARTERA_REDIS_URL": url,
        "CARTERA_NAMESPACE": NAMESPACE,
        "CARTERA_DATA_DIR": str(KEPT / "near-line"),
        "OPENBLAS_NUM_THREADS": "1",
    }
    with (KEPT / "logs" / "near-line-worker.log").open("wb") as log:
        process = spawn(
            [*CARTERA, "worker"], death_signal=signal.SIGTERM, env=os.environ | told, output=log
        )
        try:
            yield process
        finally:
            process.terminate()
            process.wait(20)


def _warm_up(port: int, client: Any, keys: Keys) -> None:  # noqa: ANN401  # redis-py's answers have no useful type
    """Wait until the worker has every shard, and a record renewed for a customer of its own."""
    leases = [keys.lease(shard) for shard in range(N_SHARDS)]
    who = customer_id(N_CUSTOMERS - 1)
    event = orjson.dumps(
        {"event": "view_item", "customer_id": who, "items": [{"item_id": item_id(0)}]}
    )
    status, _ = ask(port, "/events", method="POST", body=event)
    live = keys.live_of_customer(who)
    if status != http.HTTPStatus.ACCEPTED or not wait_for(
        lambda: client.exists(*leases) == N_SHARDS and client.hexists(live, "r"), limit_s=60
    ):
        raise RuntimeError(
            f"no record was renewed within a minute (the event was answered {status}); "
            f"the logs are in {KEPT / 'logs'}"
        )


def _cpu_s(process: "subprocess.Popen[bytes]") -> float:
    times = psutil.Process(process.pid).cpu_times()
    return float(times.user + times.system)


def _played(
    port: int,
    client: Any,  # noqa: ANN401  # likewise
    keys: Keys,
    *,
    seconds: int,
    rng: np.random.Generator,
) -> Heard:
    """Send the events at their times while somebody looks; wait for the last record."""
    heard, ended = Heard(), threading.Event()
    looking = threading.Thread(target=_look, args=(client, keys, heard, ended))
    looking.start()
    times = schedule(RATE, seconds, arrivals="poisson", rng=rng)
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    began = time.perf_counter()
    for n, at in enumerate(times[:N_CUSTOMERS].tolist()):
        time.sleep(max(0.0, began + at - time.perf_counter()))
        who = customer_id(n)
        connection.request(
            "POST", "/events", _event(who, n, rng), {"Content-Type": "application/json"}
        )
        answer = connection.getresponse()
        answer.read()
        if answer.status == http.HTTPStatus.ACCEPTED:
            heard.accepted[who] = time.perf_counter()
        else:
            heard.refused += 1
    connection.close()
    wait_for(lambda: len(heard.renewed) == len(heard.accepted), limit_s=10)
    ended.set()
    looking.join()
    return heard


def _event(who: str, n: int, rng: np.random.Generator) -> bytes:
    kind = KINDS[n % len(KINDS)]
    item = item_id(int(rng.integers(N_ITEMS // 10)))
    event: dict[str, object] = {"event": kind, "customer_id": who, "items": [{"item_id": item}]}
    if kind == "purchase":
        event |= {"transaction_id": f"t-{n}"}
    return orjson.dumps({"events": [event]})


def _look(client: Any, keys: Keys, heard: Heard, ended: threading.Event) -> None:  # noqa: ANN401  # likewise
    """Note when each record is there."""
    while not ended.wait(LOOK_EVERY_S):
        missing = [who for who in list(heard.accepted) if who not in heard.renewed]
        pipeline = client.pipeline(transaction=False)
        for who in missing:
            pipeline.hexists(keys.live_of_customer(who), "r")
        found, now = pipeline.execute(), time.perf_counter()
        heard.renewed |= {who: now for who, there in zip(missing, found, strict=True) if there}


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
