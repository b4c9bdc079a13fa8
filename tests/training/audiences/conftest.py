"""A shop of six hundred customers in a real store."""

import uuid
from collections.abc import Iterator

import pytest
import redis

from models.artifacts.keys import N_SHARDS, Keys
from tests import shop
from tests.training.audiences.asking import Built, Store, ask, build
from tests.training.audiences.crowd import crowd


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    with redis.Redis.from_url(store_url) as client:
        yield client


@pytest.fixture
def keys(namespace: str) -> Keys:
    """Of a namespace in which nothing is."""
    return Keys(namespace)


@pytest.fixture(scope="session")
def crowded(store_url: str) -> Keys:
    """Of a namespace in which the crowd is; for ``published``."""
    keys = Keys(f"test-{uuid.uuid4().hex}")
    shop.publish(store_url, keys.namespace, crowd())
    return keys


@pytest.fixture
def published(store: Store, crowded: Keys) -> Iterator[Keys]:
    """Of a namespace in which the crowd is, and no audience yet; publish nothing else there."""
    yield crowded
    left = [*store.scan_iter(crowded.audience("*"), count=1000)]
    store.unlink(*left, *(crowded.memberships(shard) for shard in range(N_SHARDS)))


@pytest.fixture
def built(store: Store, store_url: str, published: Keys) -> Built:
    """Ask for an audience of the crowd and build it; its id."""

    def asked_and_built(**asked: object) -> str:
        audience_id = ask(store, published, **asked)  # type: ignore[arg-type]
        build(store_url, published, audience_id)
        return audience_id

    return asked_and_built
