"""A release goes into the store whole, ``current`` moves last, and nothing is left behind."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from redis.client import Pipeline

from models.artifacts.customer_record import CustomerRecord
from models.artifacts.keys import Keys, shard_of
from models.errors import ArtifactCorrupt
from tests.training.published import expected_keys, holds, keys_of, namespace_of, written
from training import release, release_in_store
from training.errors import StoreError
from training.publish import Releases

pytestmark = pytest.mark.store


@pytest.fixture
def releases(store_url: str, namespace: str) -> Iterator[Releases]:
    with namespace_of(store_url, namespace) as releases:
        yield releases


def published(releases: Releases, folder: Path, *versions: str) -> list[Path]:
    folders = [written(folder, version) for version in versions]
    for one in folders:
        releases.publish(one)
    return folders


def test_before_the_first_release_nothing_serves(releases: Releases) -> None:
    assert releases.current() is None
    assert releases.manifests() == {}


def test_a_published_release_serves_and_is_there_whole(releases: Releases, tmp_path: Path) -> None:
    (folder,) = published(releases, tmp_path, "r1")

    assert releases.current() == "r1"
    assert releases.manifests() == {"r1": release.manifest_of(folder)}
    assert holds(releases, folder)


def test_a_server_finds_a_customer_where_the_keys_say(releases: Releases, tmp_path: Path) -> None:
    published(releases, tmp_path, "r1")

    packed = releases.store.hget(releases.keys.records("r1", shard_of("c-1")), "c-1")

    assert CustomerRecord.unpack(packed).scores[0] == 2  # type: ignore[arg-type]  # not awaitable


def test_a_large_bundle_goes_in_chunks(
    releases: Releases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(release_in_store, "CHUNK_BYTES", 1000)

    (folder,) = published(releases, tmp_path, "r1")

    assert releases.store.strlen(releases.keys.chunk("r1", 0)) == 1000
    assert releases.store.exists(releases.keys.chunk("r1", 3))
    assert holds(releases, folder)


def test_progress_is_told_as_customers_are_written(
    releases: Releases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(release_in_store, "BATCH", 500)
    told: list[int] = []

    releases.publish(written(tmp_path, "r1", n_customers=1100), step=told.append)

    assert told == [500, 1000, 1100]
    assert holds(releases, tmp_path / "r1")


def test_the_current_release_and_two_before_it_stay_and_no_key_of_the_others(
    releases: Releases, tmp_path: Path
) -> None:
    folders = published(releases, tmp_path, "r1", "r2", "r3", "r4", "r5")

    assert list(releases.manifests()) == ["r3", "r4", "r5"]
    assert all(holds(releases, folder) for folder in folders[2:])
    assert keys_of(releases.store, releases.keys.namespace) == expected_keys(
        releases.keys, folders[2:]
    )


def test_a_dropped_release_leaves_no_chunk_behind(
    releases: Releases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(release_in_store, "CHUNK_BYTES", 500)

    folders = published(releases, tmp_path, "r1", "r2", "r3", "r4")

    assert keys_of(releases.store, releases.keys.namespace) == expected_keys(
        releases.keys, folders[1:], chunk_bytes=500
    )


def test_the_same_release_can_be_published_again(releases: Releases, tmp_path: Path) -> None:
    published(releases, tmp_path, "r1", "r2")

    releases.publish(tmp_path / "r2")

    assert releases.current() == "r2"
    assert list(releases.manifests()) == ["r1", "r2"]
    assert holds(releases, tmp_path / "r2")


def test_an_older_release_can_be_promoted_and_the_newer_ones_stay(
    releases: Releases, tmp_path: Path
) -> None:
    folders = published(releases, tmp_path, "r1", "r2", "r3")

    releases.promote("r1")

    assert releases.current() == "r1"
    assert all(holds(releases, folder) for folder in folders)


def test_what_is_not_published_cannot_be_promoted(releases: Releases, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="r9 is not published; expected one of: none yet"):
        releases.promote("r9")

    published(releases, tmp_path, "r1", "r2")

    with pytest.raises(StoreError, match="r9 is not published; expected one of: r1, r2"):
        releases.promote("r9")
    assert releases.current() == "r2"


def test_rolling_back_lets_the_release_before_serve(releases: Releases, tmp_path: Path) -> None:
    published(releases, tmp_path, "r1", "r2", "r3")

    assert releases.rollback() == "r2"
    assert releases.rollback() == "r1"
    assert releases.current() == "r1"


def test_what_served_before_a_rollback_outlives_the_next_release(
    releases: Releases, tmp_path: Path
) -> None:
    folders = published(releases, tmp_path, "r1", "r2", "r3")
    releases.rollback()
    releases.rollback()

    releases.publish(written(tmp_path, "r4"))

    assert holds(releases, folders[0])
    assert releases.rollback() == "r1"
    with pytest.raises(StoreError, match="no release served before r1"):
        releases.rollback()


def test_a_promotion_can_be_undone(releases: Releases, tmp_path: Path) -> None:
    published(releases, tmp_path, "r1", "r2", "r3")
    releases.promote("r1")

    assert releases.rollback() == "r3"


def test_where_nothing_is_older_there_is_no_way_back(releases: Releases, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no release served before the first"):
        releases.rollback()

    published(releases, tmp_path, "r1")

    with pytest.raises(StoreError, match="no release served before r1"):
        releases.rollback()
    assert releases.current() == "r1"


def test_whoever_is_overtaken_is_told_and_changes_nothing(
    releases: Releases, tmp_path: Path
) -> None:
    published(releases, tmp_path, "r1", "r2")
    releases.promote("r1")

    def meanwhile(_done: int) -> None:
        releases.promote("r2")

    with pytest.raises(StoreError, match="r2 began to serve meanwhile, where r1 was expected"):
        releases.publish(written(tmp_path, "r3"), step=meanwhile)

    assert releases.current() == "r2"
    assert list(releases.manifests()) == ["r1", "r2"]


def test_whoever_was_overtaken_leaves_nothing_and_can_publish_again(
    releases: Releases, tmp_path: Path
) -> None:
    folders = published(releases, tmp_path, "r1", "r2")
    late = written(tmp_path, "r3")

    with pytest.raises(StoreError, match=f"`cartera publish {late}` publishes it again"):
        releases.publish(late, before="r1")

    assert keys_of(releases.store, releases.keys.namespace) == expected_keys(releases.keys, folders)
    releases.publish(late, before="r2")
    assert releases.current() == "r3"
    assert holds(releases, late)


def test_a_first_release_is_overtaken_by_another_first_one(
    releases: Releases, tmp_path: Path
) -> None:
    published(releases, tmp_path, "r1")

    with pytest.raises(StoreError, match="r1 began to serve meanwhile, where none was expected"):
        releases.publish(written(tmp_path, "r2"), before="")

    assert releases.current() == "r1"


def test_a_damaged_release_is_refused_before_anything_is_written(
    releases: Releases, tmp_path: Path
) -> None:
    published(releases, tmp_path, "r1")
    before = keys_of(releases.store, releases.keys.namespace)
    folder = written(tmp_path, "r2")
    content = (folder / release.CUSTOMERS).read_bytes()
    (folder / release.CUSTOMERS).write_bytes(content[:-1] + b"?")

    with pytest.raises(ArtifactCorrupt, match=r"customers\.bin fails its SHA-256"):
        releases.publish(folder)

    assert releases.current() == "r1"
    assert keys_of(releases.store, releases.keys.namespace) == before


class Forgetful(redis.Redis):
    """A client whose store keeps other bundles than were written."""

    def set(self, name: str, value: bytes) -> object:  # type: ignore[override]
        return super().set(name, value[:-1] + b"?")


class ForgetfulOfCustomers(redis.Redis):
    """A client whose store keeps other records than were written."""

    def pipeline(self, transaction: bool = True, shard_hint: str | None = None) -> Pipeline:
        pipeline = super().pipeline(transaction, shard_hint)
        write = pipeline.hset

        def hset(name: str, mapping: dict[bytes, bytes]) -> object:
            return write(name, mapping={id_: packed + b"?" for id_, packed in mapping.items()})

        pipeline.hset = hset  # type: ignore[method-assign, assignment]
        return pipeline


@pytest.mark.parametrize(
    ("kind", "told"), [(Forgetful, "another bundle"), (ForgetfulOfCustomers, "other records")]
)
def test_what_comes_back_otherwise_than_it_was_written_never_serves(
    store_url: str, releases: Releases, tmp_path: Path, kind: type[redis.Redis], told: str
) -> None:
    folders = published(releases, tmp_path, "r1", "r2")

    with (
        kind.from_url(store_url) as bad,
        pytest.raises(StoreError, match=f"gave back {told} than w[a-z]+ written of r3"),
    ):
        Releases(bad, releases.keys).publish(written(tmp_path, "r3"))

    assert releases.current() == "r2"
    assert keys_of(releases.store, releases.keys.namespace) == expected_keys(releases.keys, folders)


def test_a_failure_to_publish_again_what_is_published_drops_nothing(
    store_url: str, releases: Releases, tmp_path: Path
) -> None:
    published(releases, tmp_path, "r1")

    with Forgetful.from_url(store_url) as bad, pytest.raises(StoreError):
        Releases(bad, releases.keys).publish(tmp_path / "r1")

    assert list(releases.manifests()) == ["r1"]
    assert releases.store.hlen(releases.keys.records("r1", shard_of("c-0"))) > 0


def test_a_store_that_is_away_is_told_in_words(namespace: str, tmp_path: Path) -> None:
    with redis.Redis.from_url(f"unix://{tmp_path}/nobody.sock") as nobody:
        nothing = Releases(nobody, Keys(namespace))

        with pytest.raises(StoreError, match=r"the store did not answer as expected .* try again"):
            nothing.current()
