"""Workers that may be killed, and callers that tell them what happened and remember the answers."""

import http.client
import random
import signal
import socket
import subprocess
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import orjson

from tests.app.serving import Live, start_worker
from training.processes import wait_for

N_CUSTOMERS = 200


@dataclass(slots=True)
class Crew:
    """Workers on one socket."""

    live: Live
    listening: socket.socket
    settings: dict[str, object]
    metrics: Path
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start_one(self) -> None:
        """Let one more work."""
        self.workers.append(
            start_worker(self.listening, self.live.log, metrics=self.metrics, **self.settings)
        )

    def kill_one(self) -> None:
        """Kill the oldest as ``kill -9`` does, and start another in its place."""
        worker = self.workers.pop(0)
        worker.kill()
        worker.wait()
        self.start_one()


@contextmanager
def crew(store_url: str, *, namespace: str, data_dir: Path, n_workers: int) -> Iterator[Crew]:
    """Let workers serve until the block ends."""
    metrics = data_dir / "metrics"
    metrics.mkdir(parents=True)
    settings = {"redis_url": store_url, "namespace": namespace, "data_dir": data_dir}
    with socket.create_server(("127.0.0.1", 0), backlog=256) as listening:
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        live = Live(listening.getsockname()[1], data_dir / "server.log")
        made = Crew(live, listening, settings, metrics)
        try:
            for _ in range(n_workers):
                made.start_one()
            started = wait_for(
                lambda: (
                    len([*metrics.glob("counter_*.db")]) == n_workers and live.answers("/livez")
                ),
                limit_s=30,
            )
            assert started, live.log.read_text()
            yield made
        finally:
            for worker in made.workers:
                worker.terminate()
            for worker in made.workers:
                assert worker.wait(10) in {0, -signal.SIGTERM}, live.log.read_text()


@dataclass(slots=True)
class Ledger:
    """Callers that send events and note which were taken; a context manager.

    What was refused or got no answer is sent again, as it was, until it is taken.
    """

    live: Live
    n_callers: int = 4
    n_together: int = 5
    taken: list[str] = field(default_factory=list)
    """Ids of events that were answered for with 202."""
    statuses: set[int] = field(default_factory=set)
    _stop: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def __enter__(self) -> "Ledger":
        self._threads = [
            threading.Thread(target=self._call, args=(n,)) for n in range(self.n_callers)
        ]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _call(self, seed: int) -> None:
        rng = random.Random(seed)
        connection = http.client.HTTPConnection("127.0.0.1", self.live.port, timeout=5)
        while not self._stop.is_set():
            events = [_event(rng) for _ in range(self.n_together)]
            body = orjson.dumps({"events": events})
            while not self._stop.wait(0.002):
                try:
                    connection.request(
                        "POST", "/events", body, {"Content-Type": "application/json"}
                    )
                    response = connection.getresponse()
                    response.read()
                except (OSError, http.client.HTTPException):
                    connection.close()
                    continue
                self.statuses.add(response.status)
                if response.status == http.HTTPStatus.ACCEPTED:
                    self.taken += [str(event["event_id"]) for event in events]
                    break
        connection.close()


def _event(rng: random.Random) -> dict[str, object]:
    customer_id = f"c-{rng.randrange(N_CUSTOMERS)}"
    said: dict[str, object] = {"event": "view_item", "items": [{"item_id": "milk"}]}
    if rng.random() < 0.2:
        order = {"transaction_id": uuid.uuid4().hex, "value": 1.0, "currency": "EUR"}
        said |= {"event": "purchase"} | order
    return said | {"event_id": uuid.uuid4().hex, "customer_id": customer_id}
