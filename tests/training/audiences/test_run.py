"""Whoever has no permit builds nothing, and a fault of our own does not come again and again."""

import os

import pytest
import redis
from structlog.testing import capture_logs

from models.artifacts.keys import Keys
from tests.training.audiences.asking import Store, ask, found
from training.audiences import run
from training.audiences.standing import Overtaken
from training.publish import Releases


def test_who_does_not_hold_the_permit_builds_nothing(
    store: Store, published: Keys, store_url: str
) -> None:
    audience_id = ask(store, published, type="group", group="high")
    store.set(published.audience_building, "another")

    with redis.Redis.from_url(store_url) as client, pytest.raises(Overtaken):
        run.run(
            releases=Releases(client, published),
            store=client,
            word="ours",
            audience_id=audience_id,
            rng_seed=7,
        )

    store.delete(published.audience_building)
    audience = found(store, published, audience_id)
    assert audience is not None
    assert audience.stands.status == "queued"


def test_a_fault_of_our_own_fails_the_audience_at_once_with_its_name_and_no_message(
    store: Store, published: Keys, store_url: str
) -> None:
    audience_id = ask(store, published, type="lookalike", seeds=["secret-customer"], size=10)
    store.hset(published.audience(audience_id), "seeds", b"[secret-customer")
    store.set(published.audience_building, "ours")

    with redis.Redis.from_url(store_url) as client, capture_logs() as lines:
        code = run.attempt(
            releases=Releases(client, published),
            store=client,
            word="ours",
            audience_id=audience_id,
            rng_seed=7,
        )

    audience = found(store, published, audience_id)
    assert audience is not None
    assert code == os.EX_OK
    assert (audience.stands.status, audience.stands.tries) == ("failed", 0)
    assert "fault of Cartera's own (JSONDecodeError)" in audience.stands.detail
    assert [line["event"] for line in lines] == ["a fault of Cartera's own", "audience failed"]
    assert "building.py" in lines[0]["traceback"]
    assert "secret" not in str(lines)
    store.delete(published.audience_building)
