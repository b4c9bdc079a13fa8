"""Cartera as it is served: a real store with a fabricated release, and ``cartera serve`` on it."""

import re
import sys
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

import redis

from benchmarks.fabricated import Fabricated
from benchmarks.fabricated_names import customer_id
from benchmarks.mix import Asked, fault
from benchmarks.servers import OTHER_CORE, Running, ask, free_port, pinned, running
from models.artifacts.keys import Keys
from training.embedded import EmbeddedStore
from training.processes import wait_for
from training.publish import Releases

KEPT = Path(__file__).parents[1] / "var" / "bench"
"""Fabricated releases, logs and pictures of profiles; may be removed at any time."""
SETTLE_LIMIT_S = 300.0
CARTERA = [sys.executable, "-c", "from training.cli import main; main()"]


@contextmanager
def store(*, cores: Collection[int] | None = (OTHER_CORE,)) -> Iterator[str]:
    """Run an empty store on ``cores`` until the block ends; yield its address."""
    KEPT.mkdir(parents=True, exist_ok=True)
    folder = Path(mkdtemp(prefix="store-", dir=KEPT))
    embedded = EmbeddedStore(folder)
    try:
        with pinned(cores):
            embedded.start()
        yield embedded.url
    finally:
        embedded.stop()
        rmtree(folder, ignore_errors=True)


def published(url: str, made: Fabricated, *, namespace: str) -> None:
    """Publish a release into ``namespace`` and let it serve."""
    with redis.Redis.from_url(url) as client:
        Releases(client, Keys(namespace)).publish(made.folder)


def used_mib(url: str) -> float:
    """Return what the store holds in memory, all in."""
    with redis.Redis.from_url(url) as client:
        return float(client.info("memory")["used_memory"]) / 1024**2


def settled(url: str) -> None:
    """Wait until the store has ended what it does in the background after many writes.

    Raises:
        RuntimeError: It had not after five minutes.
    """
    with redis.Redis.from_url(url) as client:

        def idle() -> bool:
            told = client.info("persistence")
            return not told["aof_rewrite_in_progress"] and not told["aof_rewrite_scheduled"]

        if not wait_for(idle, limit_s=SETTLE_LIMIT_S):
            raise RuntimeError("the store was still rewriting its file after five minutes")


@contextmanager
def cartera(
    name: str,
    url: str,
    *,
    namespace: str,
    workers: int = 1,
    cores: Collection[int] | None = (0,),
    answers: Callable[[int], bool] | None = None,
) -> Iterator[Running]:
    """Serve a namespace until the block ends, from an empty cache directory.

    It is there once ``answers`` says so of its port; by default once a fabricated customer has a
    list.
    """
    KEPT.mkdir(parents=True, exist_ok=True)
    data_dir = Path(mkdtemp(prefix="serve-", dir=KEPT))
    port = free_port()
    told = {
        "CARTERA_REDIS_URL": url,
        "CARTERA_NAMESPACE": namespace,
        "CARTERA_DATA_DIR": str(data_dir),
        "CARTERA_LOG_FORMAT": "json",
    }
    try:
        with running(
            name,
            [*CARTERA, "serve", "--port", str(port), "--workers", str(workers)],
            port=port,
            answers=answers or knows_the_first_customer,
            folder=KEPT / "logs",
            cores=cores,
            environment=told,
        ) as server:
            yield server
    finally:
        rmtree(data_dir, ignore_errors=True)


def levels(server: Running) -> Counter[int]:
    """Return how many lists a server has answered on each level since its start."""
    _, text = ask(server.port, "/metrics")
    found: Counter[int] = Counter()
    for level, n in re.findall(rb'^cartera_level_total\{level="(\d)"\} (\S+)$', text, re.MULTILINE):
        found[int(level)] = int(float(n))
    return found


def knows_the_first_customer(port: int) -> bool:
    """Whether a fabricated customer is answered from their record."""
    asked = Asked(kind="plain", customer=customer_id(0))
    return fault(asked, *ask(port, asked.path)) is None
