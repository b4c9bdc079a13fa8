"""A server is reached from other machines only where callers have keys to show."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
import redis

from models.artifacts.keys import Keys
from models.credentials import copy
from models.credentials.issue import issue
from training import keys as kept
from training import reach
from training.embedded import EmbeddedStore
from training.errors import StoreError
from training.reach import ReachError

OTHERS = ["0.0.0.0", "::", "192.0.2.1", "shop.example", ""]


@pytest.mark.parametrize("host", OTHERS)
def test_a_host_that_others_can_reach_is_refused_while_there_are_no_keys(
    store_url: str, namespace: str, tmp_path: Path, host: str
) -> None:
    with pytest.raises(ReachError, match="cartera keys create"):
        reach.check(host, redis_url=store_url, data_dir=tmp_path, namespace=namespace)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.9.9.9", "::1"])
def test_this_machine_needs_no_keys_and_no_store(tmp_path: Path, host: str) -> None:
    reach.check(host, redis_url="redis://127.0.0.1:1/0", data_dir=tmp_path, namespace="shop")

    assert list(tmp_path.iterdir()) == []


def test_one_key_is_enough_even_a_revoked_one(
    store_url: str, namespace: str, tmp_path: Path
) -> None:
    now = datetime.now(UTC)
    issued = issue("signing", name="shop", now=now)
    with redis.Redis.from_url(store_url) as store:
        kept.put(store, Keys(namespace), issued)
        kept.revoke(store, Keys(namespace), issued.key.id, now=now)

    reach.check("0.0.0.0", redis_url=store_url, data_dir=tmp_path, namespace=namespace)


def test_the_keys_of_the_embedded_store_count(tmp_path: Path) -> None:
    with pytest.raises(ReachError):
        reach.check("0.0.0.0", redis_url=None, data_dir=tmp_path, namespace="shop")

    with EmbeddedStore(tmp_path) as store, redis.Redis.from_url(store.url) as client:
        kept.put(client, Keys("shop"), issue("signing", name="shop", now=datetime.now(UTC)))

    reach.check("0.0.0.0", redis_url=None, data_dir=tmp_path, namespace="shop")


def test_where_the_store_is_away_the_servers_copy_counts(tmp_path: Path) -> None:
    away = "redis://127.0.0.1:1/0"
    with pytest.raises(StoreError):
        reach.check("0.0.0.0", redis_url=away, data_dir=tmp_path, namespace="shop")
    place = copy.place(tmp_path, "shop")
    place.parent.mkdir()
    place.write_bytes(copy.pack({"aaaaaaaa": b"{}"}))

    reach.check("0.0.0.0", redis_url=away, data_dir=tmp_path, namespace="shop")


@pytest.mark.parametrize(
    ("trusted", "expected"),
    [
        (None, []),
        ("10.0.0.5", ["10.0.0.5/32"]),
        ("10.0.0.0/24,2001:db8::/64", ["10.0.0.0/24", "2001:db8::/64"]),
    ],
)
def test_proxies_are_addresses_and_networks(trusted: str | None, expected: list[str]) -> None:
    assert reach.proxies(trusted) == expected


@pytest.mark.parametrize("trusted", ["", "*", "proxy.example", "10.0.0.5,", "0.0.0.0/0", "::/0"])
def test_a_proxy_that_anybody_may_be_is_refused(trusted: str) -> None:
    with pytest.raises(ReachError, match="trusted proxy"):
        reach.proxies(trusted)
