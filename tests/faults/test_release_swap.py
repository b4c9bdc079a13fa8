"""Releases come and go under load; no answer fails, none is mixed from two."""

from pathlib import Path

import pytest
import redis

from models.artifacts.keys import Keys
from tests import shop
from tests.app.serving import Load, live
from training.processes import wait_for

pytestmark = [pytest.mark.faults, pytest.mark.slow]

PATHS = [
    "/recommend?customer_id=ana&limit=4",
    "/recommend?customer_id=ben&limit=2",
    "/recommend?limit=4",
]
EXPECTED = {
    PATHS[0]: ["butter", "milk", "bread", "jam"],
    PATHS[1]: ["beer", "wine"],
    PATHS[2]: ["milk", "bread", "butter", "jam"],
}


def check_each_answer_is_of_one_release(load: Load, published: set[str]) -> None:
    """The releases number their items in opposite directions: a mixed answer would show."""
    assert load.failures == []
    for seen in load.seen:
        assert seen.status == 200, seen.body
        release = seen.body["release"]
        assert release in published
        titles = [item["title"] for item in seen.body["items"]]
        assert [title.removesuffix(f" {release}") for title in titles] in EXPECTED.values()


def test_promote_and_rollback_under_load_fail_no_request(
    store_url: str, namespace: str, tmp_path: Path
) -> None:
    shop.publish(store_url, namespace, shop.tiny("r1", turned=True))
    shop.publish(store_url, namespace, shop.tiny("r2"))
    served = {"r1": 0, "r2": 0}
    with (
        live(store_url, namespace=namespace, data_dir=tmp_path, workers=2) as server,
        redis.Redis.from_url(store_url) as store,
        Load(server, PATHS * 2) as load,
    ):
        for turn in range(6):
            version = f"r{turn % 2 + 1}"
            store.set(Keys(namespace).current, version)
            assert wait_for(
                lambda version=version: (
                    f'cartera_release{{release="{version}"}} 2.0'.encode()  # type: ignore[misc]
                    in server.get("/metrics")[1]
                ),
                limit_s=2,
            ), "all workers agree within 2 s"

    check_each_answer_is_of_one_release(load, set(served))
    assert {seen.body["release"] for seen in load.seen} == set(served)


def test_damaged_releases_under_load_are_refused_without_a_failed_request(
    store_url: str, namespace: str, tmp_path: Path
) -> None:
    shop.publish(store_url, namespace, shop.tiny("r1"))
    with (
        live(store_url, namespace=namespace, data_dir=tmp_path) as server,
        Load(server, PATHS) as load,
    ):
        for n, damage in enumerate((b"", b"CARTERA\0", bytes(500)), start=1):
            shop.publish(store_url, namespace, shop.tiny(f"bad-{n}"), content=damage)
            refused = f"cartera_releases_refused_total {n}.0".encode()
            assert wait_for(
                lambda refused=refused: refused in server.get("/metrics")[1],  # type: ignore[misc]
                limit_s=5,
            )
        shop.publish(store_url, namespace, shop.tiny("r2", turned=True))
        assert wait_for(lambda: server.answers("/releases", serving="r2"), limit_s=5)

    check_each_answer_is_of_one_release(load, {"r1", "r2"})
    assert server.log.read_bytes().count(b"release refused") == 3  # each once, though asked often
