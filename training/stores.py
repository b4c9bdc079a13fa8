"""The store that a command works with: the one that was named, or the embedded one."""

from collections.abc import Iterator
from contextlib import contextmanager

import redis

from models.artifacts.keys import Keys
from training import embedded
from training.publish import Releases
from training.settings import TrainerSettings
from training.store_url import checked_store_url


@contextmanager
def open_releases(settings: TrainerSettings) -> Iterator[Releases]:
    """Give the releases of the store, for the time of the block.

    Raises:
        StoreError: The address cannot be used, or the embedded store cannot be started.
    """
    if settings.redis_url is not None:
        yield _at(checked_store_url(settings.redis_url), settings)
        return
    with embedded.attach(settings.data_dir) as url:
        yield _at(url, settings)


def _at(url: str, settings: TrainerSettings) -> Releases:
    return Releases(redis.Redis.from_url(url), Keys(settings.namespace))
