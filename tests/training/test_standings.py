"""In which groups the serving release has its customers."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from models.artifacts.keys import shard_of
from models.errors import ArtifactCorrupt
from tests import shop
from tests.training.published import before_profiles, namespace_of, written
from training import release
from training.publish import Releases
from training.standings import standings

pytestmark = pytest.mark.store


@pytest.fixture
def releases(store_url: str, namespace: str) -> Iterator[Releases]:
    with namespace_of(store_url, namespace) as releases:
        yield releases


def test_every_customers_groups_are_read_those_of_who_never_bought_too(
    releases: Releases, tmp_path: Path
) -> None:
    made = shop.tiny("r1")
    release.write(tmp_path / "r1", made.loaded, shop.every_customer(made))
    releases.publish(tmp_path / "r1")

    found = standings(releases)

    assert found is not None
    assert_frame_equal(
        found.sort("customer_id"),
        pl.DataFrame(
            {
                "customer_id": ["ana", "ben", "cleo"],
                "tier": [3, 1, 0],
                "stage": [4, 2, 1],
                "segment": [1, 4, 0],
                "portfolio": [1, 0, 0],
                "satisfaction": [4, 0, 0],
            },
            schema_overrides=dict.fromkeys(
                ("tier", "stage", "segment", "portfolio", "satisfaction"), pl.UInt8
            ),
        ),
    )


def test_before_the_first_release_and_under_one_without_profiles_there_are_none(
    releases: Releases, tmp_path: Path
) -> None:
    assert standings(releases) is None

    releases.publish(before_profiles(written(tmp_path, "r1")))

    assert standings(releases) is None


def test_ids_of_any_alphabet_come_back(releases: Releases, tmp_path: Path) -> None:
    made, ids = shop.tiny("r1"), ["ñandú", "牛乳", "🍞" * 64]
    profile = made.profiles["ben"]
    release.write(tmp_path / "r1", made.loaded, ((id_, None, None, profile) for id_ in ids))
    releases.publish(tmp_path / "r1")

    found = standings(releases)

    assert found is not None
    assert sorted(found["customer_id"]) == sorted(ids)


def test_a_profile_that_is_none_of_ours_is_refused(releases: Releases, tmp_path: Path) -> None:
    releases.publish(written(tmp_path, "r1"))
    releases.store.hset(releases.keys.profiles("r1", shard_of("c-1")), "c-1", b"nonsense")

    with pytest.raises(ArtifactCorrupt, match="does not begin as ours do"):
        standings(releases)
