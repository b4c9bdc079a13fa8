"""Events that come while a worker works, and when each customer's record was renewed.

Events come over HTTP as customers act, independently of one another (Poisson), each of another
customer, so that every renewed record can be told from the one before. Time counts from the 202
until the record stands in the store, looked at every few milliseconds.
"""

import http.client
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from benchmarks.fabricated_names import item_id
from benchmarks.served import CARTERA, KEPT
from benchmarks.servers import ask
from models.artifacts.keys import N_SHARDS, Keys
from training.processes import spawn, wait_for

LOOK_EVERY_S = 0.003
KINDS = ("view_item", "add_to_cart", "purchase")


@dataclass(slots=True)
class Heard:
    """When each customer's event was accepted, and when their record was there; one writer each."""

    accepted: dict[str, float] = field(default_factory=dict)
    renewed: dict[str, float] = field(default_factory=dict)
    refused: int = 0

    @property
    def waits_ms(self) -> NDArray[np.float64]:
        """From the 202 to the renewed record, of those that were renewed."""
        return np.array([at - self.accepted[who] for who, at in self.renewed.items()]) * 1000


@contextmanager
def worker(url: str, *, namespace: str) -> Iterator["subprocess.Popen[bytes]"]:
    """Run ``cartera worker`` until the block ends."""
    told = {
        "CARTERA_REDIS_URL": url,
        "CARTERA_NAMESPACE": namespace,
        "CARTERA_DATA_DIR": str(KEPT / namespace),
        "OPENBLAS_NUM_THREADS": "1",
    }
    with (KEPT / "logs" / f"{namespace}-worker.log").open("wb") as log:
        process = spawn(
            [*CARTERA, "worker"], death_signal=signal.SIGTERM, env=os.environ | told, output=log
        )
        try:
            yield process
        finally:
            process.terminate()
            process.wait(20)


def warm_up(port: int, client: Any, keys: Keys, *, who: str) -> None:  # noqa: ANN401  # redis-py's answers have no useful type
    """Wait until the worker has every shard, and a record renewed for customer ``who``.

    Raises:
        RuntimeError: It had not within a minute.
    """
    leases = [keys.lease(shard) for shard in range(N_SHARDS)]
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


def played(
    port: int,
    client: Any,  # noqa: ANN401  # likewise
    keys: Keys,
    *,
    times: Sequence[float],
    customers: Sequence[str],
    n_items: int,
    rng: np.random.Generator,
    enough: Callable[[], bool] = lambda: False,
) -> Heard:
    """Send an event of each customer while somebody looks; wait for the last record.

    Args:
        port: Of the server.
        client: Of the store.
        keys: Of the shop.
        times: When each is sent, in seconds from now.
        customers: As many, or the events end with them.
        n_items: Items that events may name.
        rng: Chooses them.
        enough: Whether to send no more.
    """
    heard, ended = Heard(), threading.Event()
    looking = threading.Thread(target=_look, args=(client, keys, heard, ended))
    looking.start()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    began = time.perf_counter()
    for n, (at, who) in enumerate(zip(times, customers, strict=False)):
        if enough():
            break
        time.sleep(max(0.0, began + at - time.perf_counter()))
        connection.request(
            "POST",
            "/events",
            _event(who, n, item_id(int(rng.integers(n_items)))),
            {"Content-Type": "application/json"},
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


def _event(who: str, n: int, item: str) -> bytes:
    kind = KINDS[n % len(KINDS)]
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
