"""A store with a namespace of its own, for tests of what is archived from it."""

from collections.abc import Iterator

import pytest
import redis

from models.artifacts.keys import Keys


@pytest.fixture
def store(store_url: str) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(store_url) as store:
        yield store


@pytest.fixture
def keys(namespace: str) -> Keys:
    return Keys(namespace)
