"""What a store holds of a release: who never bought is there too, and all of it comes back."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from models.artifacts.keys import N_SHARDS, shard_of
from models.errors import ArtifactCorrupt
from tests import known, shop
from tests.training.published import expected_keys, holds, keys_of, namespace_of, written
from training import release, release_in_store
from training.errors import StoreError
from training.publish import Releases

pytestmark = pytest.mark.store


@pytest.fixture
def releases(store_url: str, namespace: str) -> Iterator[Releases]:
    with namespace_of(store_url, namespace) as releases:
        yield releases


def test_who_never_bought_has_a_profile_and_nothing_else(
    releases: Releases, tmp_path: Path
) -> None:
    made = shop.tiny("r1")
    release.write(tmp_path / "r1", made.loaded, shop.every_customer(made))

    releases.publish(tmp_path / "r1")

    assert holds(releases, tmp_path / "r1")
    assert releases.profile("r1", "cleo") == made.profiles["cleo"]
    records, histories, _ = releases.keys.customers("r1", shard_of("cleo"))
    assert not releases.store.exists(records, histories)
    assert keys_of(releases.store, releases.keys.namespace) == expected_keys(
        releases.keys, [tmp_path / "r1"]
    )


def test_coupons_are_kept_of_those_who_redeemed_any_and_go_with_the_release(
    releases: Releases, tmp_path: Path
) -> None:
    folders = [
        written(tmp_path, f"r{n}", n_customers=8, coupons={"c-1": ["MAY", "wine"], "c-7": ["é"]})
        for n in range(4)
    ]

    for folder in folders:
        releases.publish(folder)

    packed = releases.store.hgetall(releases.keys.coupons("r3", shard_of("c-1")))
    assert packed == {b"c-1": b'["MAY","wine"]'}
    assert holds(releases, folders[-1])
    assert keys_of(releases.store, releases.keys.namespace) == expected_keys(
        releases.keys, folders[1:]
    )


def test_a_published_release_comes_back_out_of_the_store_alone(
    releases: Releases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(release_in_store, "CHUNK_BYTES", 1000)
    folder = written(tmp_path, "r1")
    releases.publish(folder)

    loaded = releases.loaded("r1")

    assert loaded.manifest == release.manifest_of(folder)
    assert loaded.customers == known.summary()
    assert loaded.catalogue.ids.id_of(0) == "milk"


def test_a_release_that_is_not_whole_in_the_store_does_not_come_back(
    releases: Releases, tmp_path: Path
) -> None:
    releases.publish(written(tmp_path, "r1"))
    chunk = releases.store.get(releases.keys.chunk("r1", 0))
    assert isinstance(chunk, bytes)

    releases.store.set(releases.keys.chunk("r1", 0), chunk[:-1] + b"?")
    with pytest.raises(ArtifactCorrupt, match=r"bundle\.bin fails its SHA-256"):
        releases.loaded("r1")
    releases.store.delete(releases.keys.chunk("r1", 0))
    with pytest.raises(ArtifactCorrupt, match="chunk 0 of the bundle is missing"):
        releases.loaded("r1")
    with pytest.raises(StoreError, match="r9 is not published; expected one of: r1"):
        releases.loaded("r9")


def test_the_profiles_of_every_shard_are_read_in_parts(
    releases: Releases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(release_in_store, "N_SCANNED", 10)
    releases.publish(written(tmp_path, "r1", n_customers=600))
    releases.store.hset(
        releases.keys.profiles("r1", 0), mapping={f"z-{n}": b"profile" for n in range(500)}
    )

    found = list(releases.profiles("r1"))

    assert len(found) == N_SHARDS
    assert {id_ for shard in found for id_ in shard} == {
        *(f"c-{n}".encode() for n in range(600)),
        *(f"z-{n}".encode() for n in range(500)),
    }
