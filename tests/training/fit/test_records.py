"""The base list of every customer: the best of the blend, and enough of it new."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.artifacts.customer_record import MAX_RECORD_BYTES, CustomerRecord, History, Reason
from models.ranking import best
from models.shaping import blend as mixing
from tests.training.fitted import LAST_DAY, fitted, of_discovery, of_habits
from tests.training.tiny import basket, lines
from training.fit import records as made_here
from training.fit.blend import DEFAULT, START, Choice
from training.fit.records import N_LIST, N_NEW, Scored, records
from training.fit.shop import Shop


@pytest.fixture(scope="module")
def habits() -> Shop:
    return fitted(of_habits(), until=LAST_DAY)


@pytest.fixture(scope="module")
def large() -> Shop:
    """Three customers among 400 items; ann bought 250 of them, a new one a day."""
    everything = " ".join(f"p-{n:03d}" for n in range(400))
    told = [line for n in range(250) for line in basket("ann", f"p-{n:03d}", n)]
    told += [*basket("bob", everything, 10), *basket("cid", "p-001", 249)]
    return fitted(lines(*told), until=250)


def made(shop: Shop, choice: Choice = DEFAULT) -> dict[str, tuple[CustomerRecord, History]]:
    return {id_: (record, history) for id_, record, history in records(shop, choice)}


def test_every_customer_has_a_record_in_row_order(habits: Shop) -> None:
    ids = [id_ for id_, _, _ in records(habits, DEFAULT)]

    assert ids == habits.purchases.customer_ids


def test_habits_come_first_and_are_told_as_such(habits: Shop) -> None:
    for record, history in made(habits).values():
        assert set(record.rows[:3].tolist()) == set(history.rows.tolist())
        assert record.reasons[:3].tolist() == [Reason.REPEAT] * 3
        assert Reason.REPEAT not in record.reasons[3:]


def test_a_list_is_the_head_of_the_blend(habits: Shop) -> None:
    (block,) = habits.blocks(slow_days=DEFAULT.slow_days)

    for place, (record, _) in enumerate(made(habits).values()):
        _, said = block.whole(place)
        scores = mixing.repeat(said, START) + mixing.taste(said, START)
        scores += mixing.popular(said, START)
        assert record.rows.tolist() == best(scores, N_LIST).tolist()
        assert record.scores.tolist() == scores[record.rows].tolist()


def test_lists_are_sorted_and_hold_no_item_twice(large: Shop) -> None:
    for record, _ in made(large).values():
        assert (np.diff(record.scores) <= 0).all()
        assert np.unique(record.rows).size == record.rows.size == N_LIST


def test_enough_of_every_list_is_new_where_there_is_so_much(large: Shop) -> None:
    lists = made(large)

    for id_, n_new in {"ann": N_NEW, "bob": 0, "cid": N_NEW}.items():
        record, history = lists[id_]
        assert np.isin(record.rows, history.rows, invert=True).sum() >= n_new
    assert np.isin(lists["ann"][0].rows, lists["ann"][1].rows).sum() == N_LIST - N_NEW


def test_new_items_are_there_by_taste_or_because_they_sell(large: Shop) -> None:
    record, history = made(large)["ann"]

    new = np.isin(record.rows, history.rows, invert=True)
    assert set(record.reasons[new].tolist()) <= {Reason.TASTE, Reason.POPULAR}
    assert set(record.reasons[~new].tolist()) == {Reason.REPEAT}


@pytest.mark.parametrize(
    ("weights", "reason"),
    [
        (replace(START, popularity=0.0), Reason.TASTE),
        (replace(START, ease=0.0, collaborative=0.0), Reason.POPULAR),
    ],
)
def test_the_stronger_part_is_the_reason(
    habits: Shop, weights: mixing.Weights, reason: Reason
) -> None:
    lists = made(habits, Choice(weights=weights, slow_days=240.0))

    for record, history in lists.values():
        new = np.isin(record.rows, history.rows, invert=True) & (record.scores > 0)
        assert (record.reasons[new] == reason).all()


def test_every_record_is_under_a_kilobyte_and_a_half(large: Shop) -> None:
    assert all(len(record.pack()) <= MAX_RECORD_BYTES for record, _ in made(large).values())


def test_a_record_carries_the_customers_vector(habits: Shop) -> None:
    vectors = habits.collaborative.customers.astype(np.float16)

    for row, (record, _) in enumerate(made(habits).values()):
        assert np.array_equal(record.vector, vectors[row])


def test_a_history_tells_what_was_bought_and_what_it_weighs(habits: Shop) -> None:
    (block,) = habits.blocks(slow_days=DEFAULT.slow_days)

    for place, (_, history) in enumerate(made(habits).values()):
        repeat = mixing.repeat(block.whole(place)[1], START)
        assert history.rows.tolist() == np.flatnonzero(repeat).tolist()
        assert history.repeat.tolist() == repeat[history.rows].tolist()
        assert (history.every_days == 7).all()
        assert (history.times >= 18).all()


def test_customers_beyond_a_block_are_as_those_within(
    habits: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = made(habits)
    monkeypatch.setattr("training.fit.shop.BLOCK", 7)

    for id_, (record, history) in made(habits).items():
        assert set(record.rows[:3].tolist()) == set(whole[id_][0].rows[:3].tolist())
        assert record.scores == pytest.approx(whole[id_][0].scores, rel=1e-4, abs=1e-5)
        assert history.pack() == whole[id_][1].pack()


def test_whoever_bought_only_what_is_too_rare_gets_what_sells() -> None:
    told = [line for n in range(10) for who in ("ann", "bob") for line in basket(who, "a b", n)]
    shop = fitted(lines(*told, *basket("cid", "rare", 5)), until=10, min_buyers=2)

    record, history = made(shop)["cid"]

    assert history.rows.size == 0
    assert [shop.purchases.item_ids[row] for row in record.rows] == ["a", "b"]
    assert set(record.reasons.tolist()) == {Reason.POPULAR}


def test_a_shop_where_taste_is_all_lists_the_customers_own_taste() -> None:
    shop = fitted(of_discovery(), until=LAST_DAY)
    weights = replace(START, slow=0.0, fast=0.0, popularity=0.0)

    for id_, (record, history) in made(shop, Choice(weights=weights, slow_days=240.0)).items():
        new = record.rows[np.isin(record.rows, history.rows, invert=True)][:5]
        tastes = [int(shop.purchases.item_ids[row][2:]) % 3 for row in new]
        assert tastes == [int(id_[2:]) % 3] * 5


@settings(deadline=None)
@given(
    pairs=st.lists(
        st.tuples(
            st.integers(0, 3),
            st.integers(0, 15),
            st.sampled_from([-3.0, -0.5, -0.0, 0.0, 0.25, 1.0]),
            st.booleans(),
        ),
        unique_by=lambda pair: pair[:2],
    )
)
def test_a_list_is_the_best_of_what_is_new_and_of_the_rest(
    pairs: list[tuple[int, int, float, bool]],
) -> None:
    place, item, scores, own = np.array(pairs, dtype=np.float64).reshape(-1, 4).T
    pairs.sort(key=lambda pair: (-pair[2], pair[1]))
    scored = Scored(
        customers=np.arange(4, dtype=np.int32),
        place=place.astype(np.int64),
        item=item.astype(np.int32),
        scores=scores.astype(np.float32),
        own=own.astype(np.bool_),
        by_taste=own.astype(np.bool_),
    )

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(made_here, "N_LIST", 5)
        patch.setattr(made_here, "N_NEW", 2)
        listed = scored.listed()

    for customer in range(4):
        ranked = [pair for pair in pairs if pair[0] == customer]
        new = [pair for pair in ranked if not pair[3]][:2]
        rest = [pair for pair in ranked if pair not in new][: 5 - len(new)]
        expected = [pair[1] for pair in ranked if pair in new or pair in rest]
        assert listed.item[listed.place == customer].tolist() == expected
