"""Customers are marked as members of builds, and unmarked, by whoever builds just then."""

from models.artifacts.audience import memberships
from models.artifacts.keys import Keys, shard_of
from tests.training.audiences.asking import Store
from training.audiences.members import N_TOGETHER, Memberships, blocks


def marks_of(store: Store, keys: Keys, customer_id: str) -> dict[int, int]:
    return memberships(store.hget(keys.memberships(shard_of(customer_id)), customer_id))


def marker(store: Store, keys: Keys, *, named: set[int], youngest: int) -> Memberships:
    return Memberships(store=store, keys=keys, named=named, youngest=youngest)


def test_a_member_is_marked_with_how_well_they_fit(store: Store, keys: Keys) -> None:
    marker(store, keys, named=set(), youngest=1).mark(["ana", "ben"], [93, 0])

    assert marks_of(store, keys, "ana") == {1: 93}
    assert marks_of(store, keys, "ben") == {1: 0}


def test_what_counts_stays_and_what_counts_no_more_goes(store: Store, keys: Keys) -> None:
    for build in (1, 2):
        marker(store, keys, named={1, 2}, youngest=build).mark(["ana"], [50])

    marker(store, keys, named={2}, youngest=3).mark(["ana"], [70])

    assert marks_of(store, keys, "ana") == {2: 50, 3: 70}


def test_a_builder_that_was_overtaken_drops_nothing_of_a_younger_build(
    store: Store, keys: Keys
) -> None:
    marker(store, keys, named=set(), youngest=8).mark(["ana"], [80])

    marker(store, keys, named=set(), youngest=7).mark(["ana"], [70])

    assert marks_of(store, keys, "ana") == {7: 70, 8: 80}


def test_a_member_of_nothing_is_not_in_the_store(store: Store, keys: Keys) -> None:
    marker(store, keys, named=set(), youngest=1).mark(["ana"], [93])

    marker(store, keys, named=set(), youngest=1).mark(["ana"], None)

    assert not store.exists(keys.memberships(shard_of("ana")))


def test_marking_nobody_of_anything_new_leaves_strangers_out_of_the_store(
    store: Store, keys: Keys
) -> None:
    marker(store, keys, named=set(), youngest=1).mark(["ana"], None)

    assert not store.exists(keys.memberships(shard_of("ana")))


def test_blocks_hold_everybody_once_and_shards_together() -> None:
    ids = [f"c-{number}" for number in range(2 * N_TOGETHER + 1)]

    found = [places.tolist() for places in blocks(ids)]

    shards = [shard_of(ids[place]) for block in found for place in block]
    assert [len(block) for block in found] == [N_TOGETHER, N_TOGETHER, 1]
    assert sorted(place for block in found for place in block) == list(range(len(ids)))
    assert shards == sorted(shards)


def test_no_members_make_no_blocks() -> None:
    assert list(blocks([])) == []
