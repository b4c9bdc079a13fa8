"""Identifiers and consent are written together; what customers decide themselves is left alone."""

from typing import Any

import orjson
import polars as pl
import pytest
import redis

from models.artifacts.identifiers import Identifiers
from models.artifacts.keys import Keys, shard_of
from models.customer.permission import targeting
from training.identifiers import Written, write

ADDRESS = Identifiers.of(emails=["a@shop.example"], phones=[])

pytestmark = pytest.mark.store


@pytest.fixture
def store(store_url: str) -> redis.Redis:
    return redis.Redis.from_url(store_url)


def put(
    store: redis.Redis, namespace: str, *, ads: bool | None, has_address: bool = True
) -> Written:
    emails = [b"".join(one) for one in ADDRESS.emails] if has_address else []
    table = pl.DataFrame(
        {"customer_id": ["ana"], "emails": [emails], "phones": [[]], "ads": [ads]},
        schema_overrides={"phones": pl.List(pl.Binary), "emails": pl.List(pl.Binary)},
    )
    return write(store, Keys(namespace), table, done=lambda _n, _of: None)


def consent(store: redis.Redis, namespace: str) -> dict[str, Any]:
    found: bytes | None = store.hget(Keys(namespace).live_of_customer("ana"), "k")  # type: ignore[assignment]
    return dict(orjson.loads(found)) if found else {}


def says(store: redis.Redis, namespace: str, **words: object) -> None:
    store.hset(Keys(namespace).live_of_customer("ana"), "k", orjson.dumps(words))


def test_hashes_and_consent_are_written(store: redis.Redis, namespace: str) -> None:
    keys = Keys(namespace)

    written = put(store, namespace, ads=True)

    assert written == Written(customers=1, emails=1, phones=0, consents=1, kept=0)
    assert store.hget(keys.identifiers(shard_of("ana")), "ana") == ADDRESS.pack()
    assert targeting(None, consent=consent(store, namespace)) is None
    assert store.ttl(keys.live_of_customer("ana")) == -1


def test_a_live_state_that_now_holds_a_decision_stays(store: redis.Redis, namespace: str) -> None:
    key = Keys(namespace).live_of_customer("ana")
    says(store, namespace, told={"at": 7, "analytics": True})
    store.expire(key, 1000)

    put(store, namespace, ads=False)

    assert store.ttl(key) == -1
    assert consent(store, namespace)["told"] == {"at": 7, "analytics": True}


@pytest.mark.parametrize("theirs", [True, False])
@pytest.mark.parametrize("the_files", [True, False])
def test_what_customers_decided_themselves_is_left_alone(
    store: redis.Redis, namespace: str, theirs: bool, the_files: bool
) -> None:
    says(store, namespace, decided={"ads": theirs, "personalization": None})

    written = put(store, namespace, ads=the_files)

    assert (written.consents, written.kept) == (0, 1)
    assert consent(store, namespace) == {"decided": {"ads": theirs, "personalization": None}}


def test_who_decided_other_things_alone_has_not_decided_on_ads(
    store: redis.Redis, namespace: str
) -> None:
    says(store, namespace, decided={"ads": None, "personalization": True})

    put(store, namespace, ads=True)

    assert consent(store, namespace)["decided"]["ads"] is True
    assert consent(store, namespace)["decided"]["personalization"] is True


def test_a_later_file_may_take_back_what_a_file_said(store: redis.Redis, namespace: str) -> None:
    put(store, namespace, ads=True)

    written = put(store, namespace, ads=False)

    assert (written.consents, written.kept) == (1, 0)
    assert targeting(None, consent=consent(store, namespace)) == "consent-refused"


def test_a_file_that_is_silent_changes_nothing(store: redis.Redis, namespace: str) -> None:
    put(store, namespace, ads=True)
    before = consent(store, namespace)

    put(store, namespace, ads=None, has_address=False)

    keys = Keys(namespace)
    assert consent(store, namespace) == before
    assert store.hget(keys.identifiers(shard_of("ana")), "ana") == ADDRESS.pack()
