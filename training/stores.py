"""The store that a command works with: the one that was named, or the embedded one."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from models.artifacts.keys import Keys
from training import embedded
from training.publish import Releases
from training.settings import TrainerSettings
from training.store_url import checked_store_url

_CONNECT_S = 5.0
_ANSWER_S = 30.0
"""Dropping a release or writing a batch may keep a busy store waiting."""


@contextmanager
def open_releases(settings: TrainerSettings) -> Iterator[Releases]:
    """Give the releases of the store, for the time of the block.

    Raises:
        StoreError: The address cannot be used, or the embedded store cannot be started.
    """
    with open_store(settings.redis_url, settings.data_dir) as store:
        yield Releases(store, Keys(settings.namespace))


@contextmanager
def open_store(redis_url: str | None, data_dir: Path) -> Iterator[redis.Redis]:
    """Give the store at an address, or else the embedded one of a data directory.

    Raises:
        StoreError: The address cannot be used, or the embedded store cannot be started.
    """
    if redis_url is not None:
        yield _at(checked_store_url(redis_url))
        return
    with embedded.attach(data_dir) as url:
        yield _at(url)


def _at(url: str) -> redis.Redis:
    return redis.Redis.from_url(
        url,
        retry=Retry(NoBackoff(), 0),  # the store may have restarted empty: its publisher must know
        socket_connect_timeout=_CONNECT_S,
        socket_timeout=_ANSWER_S,
    )
