"""Nobody writes an audience but who has the permit, and nobody one that is not wanted."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from models.artifacts.audience import Built, Stands
from models.artifacts.keys import Keys
from tests.training.audiences.asking import Store, ask, delete, found
from training.audiences.permit import Permit
from training.audiences.standing import KEPT_MS, Overtaken, Standing, Unwanted, now_ms
from training.audiences.waiting import read

BUILDING = Stands(status="building", at_ms=1, step="reading customers", release="r1", tries=1)
READY = Stands(status="ready", at_ms=1, release="r1")
BUILT = Built(build=1, release="r1", members=2, chunks=1, at_ms=1)
WRITES: dict[str, Callable[[Standing], object]] = {
    "begin": lambda standing: standing.begin(BUILDING),
    "tell": lambda standing: standing.tell(BUILDING),
    "chunk": lambda standing: standing.chunk(1, 0, b"members"),
    "finish": lambda standing: standing.finish(BUILT, READY, before=None),
}
every_write = pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)


@pytest.fixture
def standing(store: Store, keys: Keys) -> Standing:
    permit = Permit(store, keys, lease_ms=60_000)
    assert permit.take()
    audience_id = ask(store, keys, type="group", group="high")
    return Standing(store=store, keys=keys, audience_id=audience_id, word=permit.word)


def everything(store: Store, keys: Keys) -> dict[bytes, bytes]:
    return {key: store.dump(key) for key in store.scan_iter(f"{keys.namespace}:*", count=1000)}


@every_write
def test_who_was_overtaken_writes_nothing(
    store: Store, keys: Keys, standing: Standing, write: Callable[[Standing], object]
) -> None:
    store.set(keys.audience_building, "another")
    before = everything(store, keys)

    with pytest.raises(Overtaken):
        write(standing)

    assert everything(store, keys) == before


@every_write
def test_what_was_deleted_does_not_come_back(
    store: Store, keys: Keys, standing: Standing, write: Callable[[Standing], object]
) -> None:
    delete(store, keys, standing.audience_id)
    before = everything(store, keys)

    with pytest.raises(Unwanted):
        write(standing)

    assert everything(store, keys) == before


def test_every_build_has_a_number_of_its_own_and_is_noted(
    store: Store, keys: Keys, standing: Standing
) -> None:
    builds = [standing.begin(BUILDING), standing.begin(BUILDING)]

    there = read(store, keys)
    assert builds == [1, 2]
    assert {build: of.audience_id for build, of in there.written.items()} == dict.fromkeys(
        builds, standing.audience_id
    )
    assert there.youngest == 2


def test_with_each_chunk_it_is_noted_how_many_there_are(
    store: Store, keys: Keys, standing: Standing
) -> None:
    build = standing.begin(BUILDING)

    for n in range(3):
        standing.chunk(build, n, b"members")

    assert read(store, keys).written[build].chunks == 3
    assert store.get(keys.audience_members(standing.audience_id, build, 2)) == b"members"


def test_the_build_before_is_kept_an_hour(store: Store, keys: Keys, standing: Standing) -> None:
    standing.begin(BUILDING)
    standing.finish(BUILT, READY, before=None)
    build = standing.begin(BUILDING)
    began_ms = now_ms()

    standing.finish(replace(BUILT, build=build), READY, before=BUILT)

    there = read(store, keys)
    until_ms = there.written[1].kept_until_ms
    assert there.named == {build}
    assert there.written[1].chunks == BUILT.chunks
    assert began_ms + KEPT_MS <= until_ms <= now_ms() + KEPT_MS
    audience = found(store, keys, standing.audience_id)
    assert audience is not None
    assert audience.stands.status == "ready"


def test_one_at_a_time_has_the_permit(store: Store, keys: Keys) -> None:
    one, other = (Permit(store, keys, lease_ms=60_000) for _ in range(2))

    assert one.take()
    assert not other.take()
    assert one.renew()
    assert not other.renew()
    other.let_go()
    assert one.renew()
    one.let_go()
    assert other.take()
    assert not one.renew()


def test_a_permit_ends_by_itself(store: Store, keys: Keys) -> None:
    permit = Permit(store, keys, lease_ms=60_000)

    permit.take()

    assert 0 < store.pttl(keys.audience_building) <= 60_000
