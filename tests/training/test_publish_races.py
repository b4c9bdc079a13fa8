"""Two who publish, promote and sweep at once: what serves is whole, and has been let serve."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import redis
from redis.client import Pipeline

from models.artifacts.keys import Keys, shard_of
from models.errors import ArtifactTooNew
from tests.training.published import expected_keys, holds, keys_of, namespace_of, written
from training import publish, release_in_store
from training.errors import StoreError
from training.publish import ABANDONED_S, Releases
from training.release_in_store import InStore

pytestmark = pytest.mark.store


class Clock:
    """Time as the publishers see it."""

    def __init__(self) -> None:
        self.now_s = 1_700_000_000.0

    def time(self) -> float:
        return self.now_s


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(publish, "time", clock)
    return clock


@pytest.fixture
def releases(store_url: str, namespace: str) -> Iterator[Releases]:
    with namespace_of(store_url, namespace) as releases:
        yield releases


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(release_in_store, "BATCH", 500)


def published(releases: Releases, folder: Path, *versions: str) -> list[Path]:
    folders = [written(folder, version) for version in versions]
    for one in folders:
        releases.publish(one)
    return folders


@pytest.mark.usefixtures("small_batches")
def test_a_slow_publisher_who_goes_on_writing_is_not_taken_for_dead(
    releases: Releases, tmp_path: Path, clock: Clock
) -> None:
    published(releases, tmp_path, "r1")
    slow = written(tmp_path, "r2", n_customers=1600)

    def another_looks_after_a_while(_done: int) -> None:
        clock.now_s += 0.9 * ABANDONED_S
        releases.publish(tmp_path / "r1")

    releases.publish(slow, step=another_looks_after_a_while)

    assert releases.current() == "r2"
    assert holds(releases, slow)


@pytest.mark.usefixtures("small_batches")
@pytest.mark.parametrize("at", [500, 1100], ids=["in the middle", "at the end"])
def test_of_a_publisher_who_was_taken_for_dead_nothing_serves_and_nothing_stays(
    releases: Releases, tmp_path: Path, clock: Clock, at: int
) -> None:
    (old,) = published(releases, tmp_path, "r1")
    slow = written(tmp_path, "r2", n_customers=1100)

    def asleep(done: int) -> None:
        if done == at:
            clock.now_s += 1.1 * ABANDONED_S
            releases.publish(old)

    with pytest.raises(StoreError, match=r"is gone again|holds 0 bytes of models"):
        releases.publish(slow, step=asleep)

    assert releases.current() == "r1"
    assert keys_of(releases.store, releases.keys.namespace) == expected_keys(releases.keys, [old])


def test_a_publisher_who_lost_the_stamp_after_the_count_does_not_let_it_serve(
    releases: Releases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    published(releases, tmp_path, "r1")
    count = Releases._expect_whole

    def counted_and_swept(self: Releases, *told: object) -> None:
        count(self, *told)  # type: ignore[arg-type]  # passed on as they came
        self._drop("r2")

    monkeypatch.setattr(Releases, "_expect_whole", counted_and_swept)

    with pytest.raises(StoreError, match="written of r2 is gone again"):
        releases.publish(written(tmp_path, "r2"))

    assert releases.current() == "r1"


@pytest.mark.parametrize("what", ["models", "records", "histories", "profiles", "coupons"])
def test_a_release_of_which_the_store_lost_something_never_serves(
    releases: Releases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    (old,) = published(releases, tmp_path, "r1")
    keys, shard = releases.keys, shard_of("c-0")
    lost = {
        "models": keys.chunk("r2", 0),
        "records": keys.records("r2", shard),
        "histories": keys.histories("r2", shard),
        "profiles": keys.profiles("r2", shard),
        "coupons": keys.coupons("r2", shard),
    }
    write_coupons = InStore.write_coupons

    def write_and_lose(self: InStore, *told: object, **renewed: object) -> int:
        n = write_coupons(self, *told, **renewed)  # type: ignore[arg-type]  # as they came
        releases.store.delete(lost[what])
        return n

    monkeypatch.setattr(InStore, "write_coupons", write_and_lose)

    with pytest.raises(StoreError, match=r"the store holds .* of r2, where .* were written"):
        releases.publish(written(tmp_path, "r2", coupons={"c-0": ["MAY"]}))

    assert releases.current() == "r1"
    assert keys_of(releases.store, keys.namespace) == expected_keys(keys, [old])


def test_a_chunk_written_after_a_sweep_is_dropped_with_the_rest(
    releases: Releases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(release_in_store, "CHUNK_BYTES", 500)
    (old,) = published(releases, tmp_path, "r1")

    def lost(_done: int) -> None:
        releases.store.delete(releases.keys.chunk("r2", 0), releases.keys.chunk("r2", 1))

    with pytest.raises(StoreError, match="bytes of models"):
        releases.publish(written(tmp_path, "r2"), step=lost)

    assert keys_of(releases.store, releases.keys.namespace) == expected_keys(
        releases.keys, [old], chunk_bytes=500
    )


def test_a_release_that_was_promoted_before_its_turn_is_not_pruned(
    releases: Releases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders = published(releases, tmp_path, "r1", "r2", "r3")
    drop = Releases._drop

    def too_late(self: Releases, version: str) -> None:
        if version == "r1":
            self.promote(version)
        drop(self, version)

    monkeypatch.setattr(Releases, "_drop", too_late)

    releases.publish(written(tmp_path, "r4"))

    assert releases.current() == "r1"
    assert holds(releases, folders[0])


class Overtaken(redis.Redis):
    """A client before whose every transaction somebody else promotes r1."""

    others: Releases

    def pipeline(self, transaction: bool = True, shard_hint: str | None = None) -> Pipeline:
        pipeline = super().pipeline(transaction, shard_hint)
        begin = pipeline.multi

        def multi() -> None:
            if self.others.current() != "r1":
                self.others.promote("r1")
            begin()

        pipeline.multi = multi  # type: ignore[method-assign]
        return pipeline


def test_a_release_that_is_promoted_while_it_is_pruned_is_not_dropped(
    store_url: str, releases: Releases, tmp_path: Path
) -> None:
    folders = published(releases, tmp_path, "r1", "r2", "r3")

    with Overtaken.from_url(store_url) as client:
        client.others = releases
        Releases(client, releases.keys).publish(written(tmp_path, "r4"))

    assert releases.current() == "r1"
    assert holds(releases, folders[0])


def too_new(releases: Releases, version: str) -> None:
    manifest = replace(releases.manifests()[version], format=99)
    releases.store.hset(releases.keys.releases, version, manifest.to_json())


def test_what_a_newer_cartera_published_stops_nobody(releases: Releases, tmp_path: Path) -> None:
    published(releases, tmp_path, "r1", "r2", "r3")
    too_new(releases, "r3")

    assert releases.rollback() == "r2"
    releases.promote("r3")
    releases.promote("r1")
    published(releases, tmp_path, "r4", "r5", "r6")

    assert list(releases.manifests()) == ["r4", "r5", "r6"]
    assert not keys_of(releases.store, f"{releases.keys.namespace}:release:r3")


def test_a_manifest_that_cannot_be_read_is_an_error_only_for_who_asks_for_it(
    releases: Releases, tmp_path: Path
) -> None:
    published(releases, tmp_path, "r1", "r2")
    too_new(releases, "r1")

    manifests = releases.manifests()

    assert list(manifests) == ["r1", "r2"]
    assert manifests["r2"].version == "r2"
    assert manifests.get("r3") is None
    with pytest.raises(ArtifactTooNew, match="release format 99"):
        manifests["r1"]


class Died(BaseException):
    pass


def test_what_never_served_is_neither_listed_nor_rolled_back_to(
    releases: Releases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders = published(releases, tmp_path, "r1")

    def die(*_told: object) -> str:
        raise Died

    with monkeypatch.context() as patched:
        patched.setattr(Releases, "_swap", die)
        with pytest.raises(Died):
            releases.publish(written(tmp_path, "r2"))
    folders += published(releases, tmp_path, "r3", "r4")

    assert list(releases.manifests()) == ["r1", "r3", "r4"]
    assert all(holds(releases, folder) for folder in folders)
    assert releases.rollback() == "r3"
    assert releases.rollback() == "r1"


def test_a_release_whose_keys_are_gone_cannot_be_promoted_by_somebody_who_saw_it(
    store_url: str, namespace: str, tmp_path: Path
) -> None:
    with namespace_of(store_url, namespace) as releases:
        published(releases, tmp_path, "r1", "r2", "r3", "r4")

        with pytest.raises(StoreError, match="r1 is not published; expected one of: r2, r3, r4"):
            Releases(releases.store, Keys(namespace))._promote("r1", before="r4")

        assert releases.current() == "r4"
