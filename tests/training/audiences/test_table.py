"""All customers of a release come out of the store as they went in, or it is said what did not."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
import redis
from structlog.testing import capture_logs

from models.artifacts.keys import Keys, shard_of
from tests import known, shop
from tests.training.published import namespace_of
from training.audiences import table
from training.audiences.table import Table
from training.errors import ReleaseGone, StoreError
from training.publish import Releases

MADE = shop.tiny()
ROW = {item: row for row, item in enumerate(shop.ITEMS)}


@pytest.fixture
def releases(store_url: str, namespace: str) -> Iterator[Releases]:
    with namespace_of(store_url, namespace) as releases:
        shop.publish(store_url, namespace, MADE)
        yield releases


def read(releases: Releases) -> Table:
    return table.read(releases.store, releases.keys, MADE.loaded, progress=lambda _share: None)


def spoil(releases: Releases, customer_id: str, *, kind: int) -> None:
    """Flip a bit of a customer's record (0), history (1) or profile (2)."""
    key = releases.keys.customers("r1", shard_of(customer_id))[kind]
    packed = releases.store.hget(key, customer_id)
    assert isinstance(packed, bytes)
    altered = packed[:-1] + bytes([packed[-1] ^ 1])
    releases.store.hset(key, customer_id, altered)


def bought(read: Table, customer_id: str) -> dict[int, int]:
    row = read.ids.index(customer_id)
    part = slice(read.bought.begins[row], read.bought.begins[row + 1])
    return dict(zip(read.bought.rows[part].tolist(), read.bought.times[part].tolist(), strict=True))


def test_everybody_who_is_known_has_a_row_with_all_that_is_known(releases: Releases) -> None:
    made = read(releases)

    rows = {id_: row for row, id_ in enumerate(made.ids)}
    assert rows.keys() == {"ana", "ben", "cleo"}
    assert made.profiles[rows["ana"]].tobytes() == known.ana().tobytes()
    assert made.vectors.tolist() == [
        {"ana": [1.0, 0.0], "ben": [0.0, 1.0], "cleo": [0.0, 0.0]}[id_] for id_ in made.ids
    ]
    assert bought(made, "ana") == {ROW["butter"]: 6, ROW["milk"]: 1}
    assert bought(made, "ben") == {ROW["beer"]: 3}
    assert bought(made, "cleo") == {}
    assert sorted(made.bought.last_day.tolist()) == sorted(
        known.day(date) for date in ("2017-12-01", "2017-12-19", "2017-12-24")
    )


def test_whoever_redeemed_a_coupon_is_found_by_its_name(releases: Releases) -> None:
    for id_, names in {"ben": b'["Spring","Coupon 1"]', "cleo": b'["Spring"]'}.items():
        releases.store.hset(
            releases.keys.coupons("r1", shard_of(id_)),
            id_,
            names,
        )

    made = read(releases)

    found = {name: {made.ids[row] for row in rows} for name, rows in made.coupons.items()}
    assert found == {"Spring": {"ben", "cleo"}, "Coupon 1": {"ben"}}


def test_how_many_are_read_together_changes_nothing(
    releases: Releases, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_one_shard = [f"c-{n}" for n in range(2000) if shard_of(f"c-{n}") == 7]
    ana = known.profiles()["ana"]
    releases.store.hset(releases.keys.profiles("r1", 7), mapping=dict.fromkeys(in_one_shard, ana))
    together = read(releases)
    monkeypatch.setattr(table, "TOGETHER", 2)

    apart = read(releases)

    assert len(in_one_shard) > 2
    assert list(apart.ids) == list(together.ids)
    assert set(in_one_shard) < set(apart.ids)
    assert apart.profiles.tobytes() == together.profiles.tobytes()
    assert np.array_equal(apart.bought.begins, together.bought.begins)


def test_the_shares_that_are_told_rise_to_one(releases: Releases) -> None:
    told: list[float] = []

    table.read(releases.store, releases.keys, MADE.loaded, progress=told.append)

    assert told == sorted(told)
    assert told[-1] == 1.0


def test_bytes_that_cannot_be_used_count_as_none_and_are_logged(releases: Releases) -> None:
    spoil(releases, "ana", kind=0)
    spoil(releases, "ana", kind=1)
    spoil(releases, "ben", kind=2)

    with capture_logs() as logs:
        made = read(releases)

    assert sorted(made.ids) == ["ana", "cleo"]
    assert not made.vectors.any()
    assert bought(made, "ana") == {}
    assert [(line["event"], line["customers"]) for line in logs] == [
        ("customers' bytes refused", 3)
    ]
    assert "ana" not in str(logs)
    assert "ben" not in str(logs)


def test_a_release_that_knows_no_profiles_has_no_customers(store_url: str, namespace: str) -> None:
    with namespace_of(store_url, namespace) as releases:
        shop.publish(store_url, namespace, replace(MADE, profiles={}))

        made = read(releases)

    assert (len(made.ids), made.profiles.size, made.vectors.shape) == (0, 0, (0, 2))
    assert made.bought.begins.tolist() == [0]


def test_a_release_that_goes_meanwhile_is_no_release_without_customers(
    releases: Releases,
) -> None:
    def drop(_share: float) -> None:
        releases.store.hdel(releases.keys.releases, "r1")

    with pytest.raises(ReleaseGone, match="r1 was dropped"):
        table.read(releases.store, releases.keys, MADE.loaded, progress=drop)


def test_what_progress_raises_ends_the_reading(releases: Releases) -> None:
    told: list[float] = []

    def unwanted(share: float) -> None:
        told.append(share)
        raise InterruptedError

    with pytest.raises(InterruptedError):
        table.read(releases.store, releases.keys, MADE.loaded, progress=unwanted)

    assert len(told) == 1


def test_a_store_that_is_away_is_said_to_be() -> None:
    with (
        redis.Redis.from_url("redis://127.0.0.1:1") as nowhere,
        pytest.raises(StoreError, match="did not answer"),
    ):
        table.read(nowhere, Keys("x"), MADE.loaded, progress=lambda _share: None)
