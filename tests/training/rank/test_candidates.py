"""The first stage: whatever a customer may well buy is among a few hundred items."""

from collections.abc import Iterator

import numpy as np
import polars as pl
import pytest

from models.arrays import Rows
from models.shaping import blend
from tests.training.fitted import fitted
from tests.training.rank.calendars import Promoted, calendar_of
from tests.training.rank.ranked import counted, features_at, planted_window
from tests.training.tiny import basket, bought, items_of, lines
from training.fit.blend import DEFAULT, START, Window
from training.fit.shop import Shop
from training.rank import candidates, features
from training.rank.candidates import N_BLEND, N_NEW, N_NEW_OF_ONE, N_OWN

CUT = 142.0


@pytest.fixture(scope="module")
def large() -> Shop:
    """Three customers among 600 items; ann bought 250 of them, a new one a day."""
    everything = " ".join(f"p-{n:03d}" for n in range(600))
    told = [line for n in range(250) for line in basket("ann", f"p-{n:03d}", n)]
    told += [*basket("bob", everything, 10), *basket("cid", "p-001", 249)]
    return fitted(lines(*told), until=250)


def candidates_of(shop: Shop) -> dict[str, Rows]:
    table = lines(*(bought(None, id_, 0) for id_ in shop.purchases.item_ids))
    known = features.fit(shop, items_of(table), None)
    return dict(_by_customer(shop, candidates.blocks(shop, DEFAULT, known)))


def _by_customer(shop: Shop, blocks: Iterator[candidates.Candidates]) -> Iterator[tuple[str, Rows]]:
    for block in blocks:
        for customer, span in block.pairs.spans():
            yield shop.purchases.customer_ids[customer], block.pairs.item[span]


def test_everybody_has_candidates_each_once_and_in_row_order() -> None:
    found = candidates_of(planted_window(CUT).shop)

    assert list(found) == planted_window(CUT).shop.purchases.customer_ids
    for rows in found.values():
        assert (np.diff(rows) > 0).all()


def test_in_a_small_shop_every_item_is_a_candidate() -> None:
    for rows in candidates_of(planted_window(CUT).shop).values():
        assert rows.size == 120


def test_in_a_large_shop_candidates_are_few_and_hold_what_was_bought(large: Shop) -> None:
    found = candidates_of(large)

    most = N_OWN + N_BLEND + 2 * N_NEW + 4 * N_NEW_OF_ONE
    assert max(rows.size for rows in found.values()) <= most
    ann, cid = (large.purchases.bought_by(row) for row in (0, 2))
    assert np.isin(found["ann"], ann).sum() >= N_OWN
    assert np.isin(found["ann"], ann, invert=True).sum() >= N_NEW
    assert np.isin(cid, found["cid"]).all()


def test_of_what_was_bought_the_likeliest_are_kept(large: Shop) -> None:
    found = candidates_of(large)

    latest = {large.purchases.item_ids.index(f"p-{n:03d}") for n in range(150, 250)}
    assert latest <= set(found["ann"].tolist())


def test_whoever_bought_everything_is_offered_it_again(large: Shop) -> None:
    found = candidates_of(large)

    assert N_BLEND <= found["bob"].size <= N_OWN + N_BLEND


def test_only_those_asked_for_have_candidates() -> None:
    window = planted_window(CUT)
    only = np.zeros(window.shop.purchases.n_customers, np.bool_)
    only[[3, 99]] = True

    blocks = list(candidates.blocks(window.shop, DEFAULT, features_at(CUT), only=only))

    (block,) = blocks
    assert block.pairs.customers.tolist() == [3, 99]
    assert block.repeat.size == sum(window.shop.purchases.bought_by(row).size for row in (3, 99))


def test_customers_beyond_a_block_are_as_those_within(monkeypatch: pytest.MonkeyPatch) -> None:
    shop = planted_window(CUT).shop
    whole = candidates_of(shop)
    monkeypatch.setattr("training.fit.shop.BLOCK", 37)

    parts = candidates_of(shop)

    assert {id_: rows.tolist() for id_, rows in parts.items()} == {
        id_: rows.tolist() for id_, rows in whole.items()
    }


def test_what_the_first_stage_says_is_the_blend() -> None:
    window = planted_window(CUT)
    said = next(window.shop.blocks(slow_days=DEFAULT.slow_days))

    block = next(candidates.blocks(window.shop, DEFAULT, features_at(CUT)))

    for place, (customer, span) in enumerate(block.pairs.spans()):
        _, opinions = said.whole(place)
        scores = blend.repeat(opinions, START) + blend.taste(opinions, START)
        scores += blend.popular(opinions, START)
        items = block.pairs.item[span]
        assert customer == said.customers[place]
        assert block.opinions["blend"][span] == pytest.approx(scores[items], rel=1e-5, abs=1e-6)
        assert block.opinions["slow"][span].tolist() == opinions.slow[items].tolist()
        assert block.opinions["loyalty"][span].tolist() == opinions.loyalty[items].tolist()


@pytest.fixture
def one_of_each(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each opinion puts up one item only."""
    for name in ("N_OWN", "N_BLEND", "N_NEW", "N_NEW_OF_ONE"):
        monkeypatch.setattr(candidates, name, 1)


@pytest.mark.usefixtures("one_of_each")
def test_what_the_coming_weeks_promote_is_a_candidate() -> None:
    window = planted_window(CUT)
    third = third_best_of_the_new(window)
    promoted = counted(window, calendar_of(Promoted(third, CUT, CUT + 28)))

    row = window.shop.purchases.item_ids.index(third)
    assert row not in first_customers(window.shop, features_at(CUT))
    assert row in first_customers(window.shop, promoted)


def third_best_of_the_new(window: Window) -> str:
    """Of what the first customer never bought; it scores above a quarter of the best."""
    _, opinions = next(window.shop.blocks(slow_days=DEFAULT.slow_days)).whole(0)
    scores = blend.taste(opinions, START) + blend.popular(opinions, START)
    new = np.setdiff1d(np.argsort(-scores), window.shop.purchases.bought_by(0), assume_unique=True)
    order = new[np.argsort(-scores[new])]
    assert scores[order[2]] > scores[order[0]] / 4
    return window.shop.purchases.item_ids[int(order[2])]


def first_customers(shop: Shop, known: features.Features) -> list[int]:
    block = next(candidates.blocks(shop, DEFAULT, known))
    return [int(row) for row in block.pairs.item[block.pairs.spans()[0][1]]]


@pytest.mark.usefixtures("one_of_each")
def test_what_sells_where_the_customer_shops_is_a_candidate() -> None:
    """Ann shops in the harbour, where fish sells and nothing else does; the town buys all else."""
    town = [
        bought(f"c-{n}", item, 10 + on, order=f"{n}-{on}", store="town")
        for n in range(30)
        for on, item in enumerate(f"p-{n:02d}" for n in range(20))
    ]
    harbour = [
        bought(who, what, 12, store="harbour") for who, what in (("bob", "fish"), ("ann", "rope"))
    ]
    purchases = lines(*town, *harbour)
    silent = purchases.with_columns(store_id=pl.lit(None, pl.String))
    shop = fitted(purchases, until=50)

    found, without = candidates_of(shop), candidates_of(fitted(silent, until=50))

    fish = shop.purchases.item_ids.index("fish")
    assert fish in found["ann"]
    assert fish not in without["ann"]
