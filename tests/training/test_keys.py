"""Keys where servers look for them."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import redis

from models.artifacts.keys import Keys
from models.credentials.issue import Issued, issue
from models.errors import CredentialError
from training import keys as kept
from training.errors import StoreError

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
pytestmark = pytest.mark.store


@pytest.fixture
def store(store_url: str) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(store_url) as client:
        yield client


@pytest.fixture
def keys(namespace: str) -> Keys:
    return Keys(namespace)


def secret(name: str = "shop", *, after_s: int = 0) -> Issued:
    return issue("secret", name=name, scopes=("recommend",), now=NOW + timedelta(seconds=after_s))


def test_keys_are_shown_in_the_order_of_their_making(store: redis.Redis, keys: Keys) -> None:
    assert not kept.exist(store, keys)
    later, first = secret("b", after_s=5), secret("a")

    for issued in (later, first):
        kept.put(store, keys, issued)

    assert kept.everyone(store, keys) == [first.key, later.key]
    assert kept.exist(store, keys)


def test_a_name_has_two_live_secret_keys_at_most(store: redis.Redis, keys: Keys) -> None:
    first, second, third = (secret() for _ in range(3))
    kept.put(store, keys, first)
    kept.put(store, keys, second)
    kept.put(store, keys, secret("another"))
    kept.put(store, keys, issue("signing", name="shop", now=NOW))

    with pytest.raises(CredentialError, match="2 live") as refused:
        kept.put(store, keys, third)
    kept.revoke(store, keys, first.key.id, now=NOW)
    kept.put(store, keys, third)

    assert first.key.id in str(refused.value)
    assert "cartera keys revoke" in str(refused.value)
    live = {key.id for key in kept.everyone(store, keys) if key.is_live and key.name == "shop"}
    assert live >= {second.key.id, third.key.id}


def test_two_live_keys_stay_two_though_many_are_made_at_once(
    store: redis.Redis, keys: Keys
) -> None:
    def put(issued: Issued) -> bool:
        try:
            kept.put(store, keys, issued)
        except CredentialError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(put, [secret() for _ in range(16)]))

    assert sum(made) == 2
    assert len(kept.everyone(store, keys)) == 2


def test_a_revoked_key_stays_and_keeps_the_time_of_its_first_end(
    store: redis.Redis, keys: Keys
) -> None:
    issued = secret()
    kept.put(store, keys, issued)

    first = kept.revoke(store, keys, issued.key.id, now=NOW)
    again = kept.revoke(store, keys, issued.key.id, now=NOW + timedelta(days=1))

    assert first.revoked_at == "2026-11-22T12:00:00+00:00"
    assert again == first
    assert kept.everyone(store, keys) == [first]


def test_a_key_that_does_not_exist_is_not_revoked(store: redis.Redis, keys: Keys) -> None:
    with pytest.raises(CredentialError, match="cartera keys list"):
        kept.revoke(store, keys, "aaaaaaaa", now=NOW)

    assert not kept.exist(store, keys)


def test_a_store_that_refuses_is_told_in_words(store: redis.Redis, keys: Keys) -> None:
    store.set(keys.credentials, "of another type")

    with pytest.raises(StoreError, match="WRONGTYPE"):
        kept.put(store, keys, secret())
