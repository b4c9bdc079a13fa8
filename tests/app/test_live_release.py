"""A new release takes over, and what served last serves again after a start without a store."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import redis

from app.settings import ServerSettings
from models.artifacts import bundle
from models.artifacts.keys import Keys
from tests import shop
from tests.app.conftest import Serve, serving, started
from tests.app.holders import Holders, bearer
from training.embedded import EmbeddedStore
from training.processes import wait_for


def test_a_new_release_takes_over_within_two_seconds(
    serve: Serve, store_url: str, namespace: str
) -> None:
    shop.publish(store_url, namespace, shop.tiny("r1"))
    client = serve()

    shop.publish(store_url, namespace, shop.tiny("r2", turned=True))

    assert wait_for(lambda: serving(client) == "r2", limit_s=2)
    answer = client.get("/recommend?customer_id=ana&limit=2").json()
    assert [item["title"] for item in answer["items"]] == ["butter r2", "milk r2"]


def test_a_server_that_starts_before_the_first_release_takes_it_when_it_comes(
    serve: Serve, store_url: str, namespace: str
) -> None:
    client = serve()
    assert client.get("/readyz").status_code == 503

    shop.publish(store_url, namespace, shop.tiny())

    assert wait_for(lambda: client.get("/readyz").status_code == 200, limit_s=5)


def test_rolling_back_serves_the_release_before(
    serve: Serve, store_url: str, namespace: str
) -> None:
    shop.publish(store_url, namespace, shop.tiny("r1"))
    shop.publish(store_url, namespace, shop.tiny("r2"))
    client = serve()

    with redis.Redis.from_url(store_url) as store:
        store.set(Keys(namespace).current, "r1")

    assert wait_for(lambda: serving(client) == "r1", limit_s=5)


def test_a_server_without_a_store_serves_what_served_last(
    serve: Serve, settings: ServerSettings, namespace: str, tmp_path: Path
) -> None:
    with EmbeddedStore(tmp_path / "own") as store:
        shop.publish(store.url, namespace, shop.tiny("r1"))
        secret = bearer(Holders(store.url, namespace).secret())
        with started(settings.model_copy(update={"redis_url": store.url})) as client:
            assert serving(client, secret) == "r1"

    client = serve(redis_url=store.url)

    answer = client.get("/recommend?customer_id=ana", headers=secret).json()
    assert (answer["release"], answer["level"], answer["degraded"]) == ("r1", 3, True)


def test_without_a_store_a_damaged_copy_gives_way_to_the_one_before(
    serve: Serve, settings: ServerSettings, namespace: str, tmp_path: Path
) -> None:
    with EmbeddedStore(tmp_path / "own") as store:
        shop.publish(store.url, namespace, shop.tiny("r1"))
        secret = bearer(Holders(store.url, namespace).secret())
        with started(settings.model_copy(update={"redis_url": store.url})) as client:
            shop.publish(store.url, namespace, shop.tiny("r2"))
            assert wait_for(lambda: serving(client, secret) == "r2", limit_s=5)
    folder = tmp_path / "cache" / namespace
    (folder / "r2.bin").write_bytes(b"")
    (folder / "r3.json").write_bytes(b"nonsense")

    assert serving(serve(redis_url=store.url), secret) == "r1"


def test_a_damaged_copy_on_disk_is_fetched_again(
    serve: Serve, settings: ServerSettings, store_url: str, namespace: str, tmp_path: Path
) -> None:
    shop.publish(store_url, namespace, shop.tiny("r1"))
    with started(settings) as client:
        assert serving(client) == "r1"
    copy = tmp_path / "cache" / namespace / "r1.bin"
    good = copy.read_bytes()
    copy.write_bytes(bytes(len(good)))

    assert serving(serve()) == "r1"
    assert copy.read_bytes() == good


def test_the_last_three_releases_are_kept_on_disk_and_nothing_else(
    serve: Serve, store_url: str, namespace: str, tmp_path: Path
) -> None:
    shop.publish(store_url, namespace, shop.tiny("r1"))
    client = serve()
    for version in ("r2", "r3", "r4"):
        shop.publish(store_url, namespace, shop.tiny(version))
        assert wait_for(lambda version=version: serving(client) == version, limit_s=5)  # type: ignore[misc]

    folder = tmp_path / "cache" / namespace
    expected = {f"{version}.{kind}" for version in ("r2", "r3", "r4") for kind in ("bin", "json")}
    assert wait_for(lambda: {path.name for path in folder.iterdir()} == expected, limit_s=5)


def test_releases_are_listed_newest_first_with_what_they_learned(
    serve: Serve, store_url: str, namespace: str
) -> None:
    first = shop.tiny("r1")
    earlier = replace(first.loaded.manifest, created_at="2017-12-01T00:00:00Z")
    shop.publish(
        store_url, namespace, replace(first, loaded=replace(first.loaded, manifest=earlier))
    )
    shop.publish(store_url, namespace, shop.tiny("r2"))

    answer = serve().get("/releases").json()

    assert (answer["current"], answer["serving"], answer["store"]) == ("r2", "r2", "ok")
    assert [one["version"] for one in answer["releases"]] == ["r2", "r1"]
    assert answer["releases"][0]["metrics"] == {"ndcg@10": 0.5}
    assert answer["releases"][0]["counts"] == {"customers": 2, "items": 8}


def test_a_bundle_packs_and_unpacks_to_the_same_arrays() -> None:
    made = shop.tiny()

    unpacked = bundle.unpack(memoryview(made.bundle))

    for name, array in made.loaded.arrays().items():
        assert np.array_equal(unpacked[name], array, equal_nan=array.dtype.kind == "f"), name
