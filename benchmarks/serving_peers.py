"""What others would have had the shop serve with: our side of ``make bench-speed``.

Every peer answers with implicit's ``model.recommend`` over the vectors of our own fabricated
release (``peers.naive``). The naive FastAPI application and the two with a cache need nothing that
we have not installed; the others get environments of their own, as the peers of ``make
bench-quality`` do. One that cannot be installed or started is a line in the report.
"""

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import redis

from benchmarks.fabricated import N_BOUGHT, Fabricated
from benchmarks.fabricated_names import customer_id
from benchmarks.mix import LIMIT, POPULAR, Asked, fault
from benchmarks.peers.asking import ONE_THREAD, environment
from benchmarks.peers.naive import SHOP_VARIABLE, Naive
from benchmarks.peers.serving_fastapi import REDIS_VARIABLE
from benchmarks.servers import Running, ask, free_port, running, uvicorn
from models.artifacts.customer_record import CustomerRecord, History
from training import release

BATCH = 16
QUIET = {"RAY_USAGE_STATS_ENABLED": "0", "BENTOML_DO_NOT_TRACK": "True"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """How a peer is started."""

    command: Callable[[Path, int], Sequence[str]]
    """Of its environment's ``bin`` folder and a port."""
    pins: str | None = None
    """The file of ``peers/`` that says what its environment holds; None is ours."""
    by_post: bool = False
    cached: bool = False


def _fastapi(name: str) -> Callable[[Path, int], Sequence[str]]:
    return lambda _, port: uvicorn(f"benchmarks.peers.serving_fastapi:{name}", port)


def _module(name: str, *arguments: str) -> Callable[[Path, int], Sequence[str]]:
    module = f"benchmarks.peers.{name}"
    return lambda place, port: [str(place / "python"), "-m", module, str(port), *arguments]


def _gunicorn(place: Path, port: int) -> Sequence[str]:
    # without a timeout, or it ends workers that were stopped while others had their turn
    options = "--workers 1 --worker-class gthread --threads 4 --keep-alive 30 --timeout 0"
    application = "benchmarks.peers.flask:create_app()"
    command = [str(place / "python"), "-m", "gunicorn", application]
    return [*command, "--bind", f"127.0.0.1:{port}", *options.split()]


def _bento(place: Path, port: int) -> Sequence[str]:
    service = "benchmarks.peers.bentoml:Recommend"
    command = [str(place / "python"), "-m", "bentoml", "serve", service]
    return [*command, "--host", "127.0.0.1", "--port", str(port)]


PEERS: Mapping[str, Peer] = {
    "FastAPI def + implicit": Peer(command=_fastapi("naive")),
    "cache-aside, FastAPI def": Peer(command=_fastapi("cached"), cached=True),
    "cache-aside, async, bytes": Peer(command=_fastapi("cached_bytes"), cached=True),
    "Flask + gunicorn": Peer(command=_gunicorn, pins="flask"),
    "LitServe": Peer(command=_module("litserve"), pins="litserve", by_post=True),
    f"LitServe, batches of {BATCH}": Peer(
        command=_module("litserve", str(BATCH)), pins="litserve", by_post=True
    ),
    "BentoML": Peer(command=_bento, pins="bentoml", by_post=True),
    "Ray Serve": Peer(command=_module("ray"), pins="ray"),
}


@contextmanager
def served(
    name: str, *, shop: Path, redis_url: str, environments: Path, logs: Path
) -> Iterator[Running]:
    """Run a peer until the block ends.

    Args:
        name: One of ``PEERS``.
        shop: What ``written`` returned.
        redis_url: The cache of those that have one.
        environments: Where environments are kept.
        logs: Where logs go.

    Raises:
        RuntimeError: It did not answer.
        OSError: Its environment could not be made; or ``subprocess.SubprocessError``.
    """
    peer, port = PEERS[name], free_port()
    place = Path(sys.executable).parent
    if peer.pins is not None:
        place = environment(peer.pins, environments).parent
    told = {SHOP_VARIABLE: str(shop), REDIS_VARIABLE: redis_url} | QUIET | ONE_THREAD
    with running(
        name,
        peer.command(place, port),
        port=port,
        answers=lambda port: (
            answered(name, port, Asked(kind="plain", customer=customer_id(0))) is None
        ),
        folder=logs,
        environment=told,
    ) as server:
        yield server


def answered(name: str, port: int, asked: Asked) -> str | None:
    """Ask a peer once; return what is wrong with its answer, or None."""
    if PEERS[name].by_post:
        return fault(asked, *ask(port, "/recommend", method="POST", body=asked.body))
    return fault(asked, *ask(port, asked.path))


def written(made: Fabricated, path: Path) -> Path:
    """Write what the peers know of a release: the same vectors, purchases and items."""
    loaded = release.load(made.folder)
    catalogue, rows = loaded.catalogue, range(made.n_items)
    vectors = np.empty((made.n_customers, loaded.collaborative.items.shape[1]), dtype=np.float32)
    bought = np.empty((made.n_customers, N_BOUGHT), dtype=np.int32)
    for row, (_, record, history, _) in enumerate(release.customers_of(made.folder)):
        vectors[row] = CustomerRecord.unpack(record).vector
        bought[row] = History.unpack(history).rows
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(
        path,
        items=np.ascontiguousarray(loaded.collaborative.items),
        customers=vectors,
        bought=bought,
        customer_ids=np.array([customer_id(row) for row in range(made.n_customers)]),
        item_ids=np.array([catalogue.ids.id_of(row) for row in rows]),
        titles=np.array([catalogue.titles[row] for row in rows]),
        names=np.array([catalogue.categories[int(code)] for code in catalogue.category]),
        prices=catalogue.price,
    )
    return path


def warm(redis_url: str, shop: Path, requests: Sequence[Asked]) -> None:
    """Put an answer to each request where the peers with a cache look for it.

    Which items it names does not matter to a cache, so they are not computed.
    """
    model = Naive(shop)
    with redis.Redis.from_url(redis_url) as client:
        pipeline = client.pipeline(transaction=False)
        for n, asked in enumerate(requests):
            key = f"recommend:{asked.customer}:{LIMIT}:{asked.category}"
            level = POPULAR if asked.kind == "unknown" else 0
            pipeline.set(key, json.dumps(model.any_list(n, LIMIT, asked.category, level=level)))
        pipeline.execute()
