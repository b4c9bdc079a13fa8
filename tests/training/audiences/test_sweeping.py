"""What is of no use any more is taken back, wholly, and nothing else is."""

from pathlib import Path

import pytest
import redis

from models.artifacts.keys import Keys
from tests import shop
from tests.training.audiences.asking import (
    Built,
    Store,
    ask,
    build,
    chunk_keys,
    delete,
    expected_chunks,
    is_tidy,
    marked,
    members,
)
from tests.training.audiences.crowd import EVENING, WINE, WINE_BUYERS, crowd
from training.audiences import standing
from training.audiences.permit import Permit
from training.audiences.run import run
from training.audiences.standing import Unwanted
from training.embedded import EmbeddedStore
from training.publish import Releases


def test_a_second_build_replaces_the_first_at_once(
    store: Store, keys: Keys, store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(standing, "KEPT_MS", 0)
    audience_id = ask(store, keys, type="group", group="high")
    for version, n in (("r1", 600), ("r2", 300)):
        shop.publish(store_url, keys.namespace, crowd(version, n=n))
        build(store_url, keys, audience_id)
    after = members(store, keys, audience_id)

    build(store_url, keys, None)

    assert after == [id_ for id_ in EVENING if id_ < "c-300"][::-1]
    assert marked(store, keys) == {2: {*after}}
    assert is_tidy(store, keys)


def test_members_of_the_build_before_can_be_read_for_an_hour(
    store: Store, published: Keys, store_url: str, built: Built
) -> None:
    audience_id = built(type="group", group="high")
    before = expected_chunks(store, published)

    build(store_url, published, audience_id)
    build(store_url, published, None)

    assert chunk_keys(store, published) == before | expected_chunks(store, published)


def test_a_deleted_audience_leaves_nothing(
    store: Store, published: Keys, store_url: str, built: Built
) -> None:
    wine, high = built(type="rule", rule=WINE_BUYERS), built(type="group", group="high")
    delete(store, published, high)

    build(store_url, published, None)

    assert is_tidy(store, published)
    assert chunk_keys(store, published) == expected_chunks(store, published)
    assert [{*of} for of in marked(store, published).values()] == [{*WINE}]
    assert members(store, published, wine) == WINE[::-1]


def test_an_audience_that_is_deleted_while_it_is_built_leaves_nothing(
    store: Store, published: Keys, store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    audience_id = ask(store, published, type="group", group="high")

    def deleted_in_between(one: standing.Standing, build: int, n: int, packed: bytes) -> None:
        written(one, build, n, packed)
        delete(store, published, audience_id)

    written = standing.Standing.chunk
    monkeypatch.setattr(standing.Standing, "chunk", deleted_in_between)

    with pytest.raises(Unwanted):
        build(store_url, published, audience_id)

    assert chunk_keys(store, published) != set()
    build(store_url, published, None)
    assert is_tidy(store, published)


def test_deleting_an_audience_gives_room_to_a_store_that_is_full(tmp_path: Path) -> None:
    keys = Keys("full")
    with EmbeddedStore(tmp_path) as embedded, redis.Redis.from_url(embedded.url) as client:
        store: Store = client
        shop.publish(embedded.url, "full", crowd())
        wine, high = (ask(store, keys, type="rule", rule=WINE_BUYERS) for _ in range(2))
        for audience_id in (wine, high):
            build(embedded.url, keys, audience_id)
        delete(store, keys, high)
        store.config_set("maxmemory", "1mb")
        with pytest.raises(redis.OutOfMemoryError):
            store.set("full:x", "y")

        permit = Permit(store, keys, lease_ms=60_000)
        assert permit.take()
        run(
            releases=Releases(store, keys),
            store=store,
            word=permit.word,
            audience_id=None,
            rng_seed=7,
        )

        assert is_tidy(store, keys)
        assert [*marked(store, keys).values()] == [{*WINE}]
